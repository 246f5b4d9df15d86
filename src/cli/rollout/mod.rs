//! `harden rollout`: many accounts.

mod agreement;
mod apply;
mod assess;
mod center;
mod enter;
mod init;
mod merge;
mod plan;
mod planning;
mod pool;
mod scope;
mod snapshots;
mod status;
mod stopped;
mod undo;
mod what;
mod who;

use std::path::Path;

use self::agreement::plan_of;
use self::enter::base_session;
use super::args::rollout::{Rollout as Args, RolloutVerb as Verb};
use super::context::Context;
use super::entry::Ended;
use crate::aws::{self, Session};
use crate::error::{CommandError, Kind};
use crate::exit::Exit;
use crate::files::{FileError, RolloutFolder};
use crate::model::AccountId;
use crate::rollout::{Condensed, Entry, Gathering, Manifest, Way};

pub(super) fn run(context: &Context, args: &Args) -> Ended {
    match &args.verb {
        Verb::Init(args) => init::run(context, args),
        Verb::Assess(args) => assess::run(context, args),
        Verb::Plan(args) => plan::run(context, args),
        Verb::Apply(args) => apply::run(context, args),
        Verb::Status(args) => status::run(context, args),
        Verb::Undo(args) => undo::run(context, args),
        Verb::Merge(args) => merge::run(context, args),
    }
}

/// `harden show DIR`: the page of a rollout that was planned, without the network.
pub(super) fn show(context: &Context, path: &Path) -> Ended {
    let folder = RolloutFolder::open(path);
    let manifest = manifest(&folder)?;
    let mut gathering = Gathering::default();
    for entry in manifest.accounts.iter().filter(|entry| entry.summary().is_some()) {
        gathering.add(Condensed::of(&plan_of(&folder, entry)?));
    }
    plan::answer(context, &manifest, &gathering.finish())?;
    Ok(Exit::Done)
}

/// What the folder is about.
fn manifest(folder: &RolloutFolder) -> Result<Manifest, CommandError> {
    folder.manifest().map_err(|error| folder_error(&error))
}

/// An error about the folder of a rollout.
fn folder_error(error: &FileError) -> CommandError {
    let kind = match error {
        FileError::Busy { .. } | FileError::Locked { .. } => Kind::Local,
        FileError::Read { .. }
        | FileError::Write { .. }
        | FileError::Damaged { .. }
        | FileError::Shared { .. }
        | FileError::Linked { .. }
        | FileError::NoRun { .. }
        | FileError::NoRollout { .. } => Kind::User,
    };
    let hint = match error {
        FileError::Busy { .. } | FileError::Locked { .. } => "wait until it is done",
        FileError::NoRollout { .. } => {
            "`harden rollout plan --out DIR` makes one; those of shards are in folders of their own in it, and \
             `harden rollout merge` joins them"
        }
        FileError::Damaged { path, .. } if path.ends_with("log.jsonl") => {
            "put back a copy of it, and keep the folder: the runs are kept all the same, and `harden runs` and \
             `harden undo RUN` find them from within each account"
        }
        FileError::Write { .. } => "choose an empty folder, or one that is not there yet",
        FileError::Shared { .. } => "make it yours with `chmod -R go= DIR`",
        FileError::Read { .. }
        | FileError::Damaged { .. }
        | FileError::Linked { .. }
        | FileError::NoRun { .. } => "plan the rollout again with `harden rollout plan`",
    };
    CommandError::from_error(kind, error).hint(hint)
}

/// The session that roles are taken on with, if any is: of the organization that the rollout is about.
async fn base(context: &Context, manifest: &Manifest) -> Result<Base, CommandError> {
    let by_profile = |entry: &Entry| matches!(entry.target.way, Way::Profile(_));
    if manifest.accounts.iter().all(by_profile) {
        return Ok(Base::default());
    }
    let session = base_session(context, manifest.pace.calls_per_second).await?;
    let Some(planned) = &manifest.organization else {
        return Ok(Base { session: Some(session), management: None });
    };
    let asked = context.stop.unless_asked(aws::organization(&session)).await?;
    let found = asked.map_err(|error| CommandError::from_error(Kind::Service, &error))?;
    match found {
        Some(found) if found.id == *planned => {
            Ok(Base { session: Some(session), management: Some(found.management) })
        }
        other => {
            let theirs = other.map_or("none".to_owned(), |other| other.id);
            let what = format!(
                "the rollout is of organization {planned}, and these credentials are of {theirs}"
            );
            Err(CommandError::new(Kind::Stale, what)
                .hint("choose an account of the right organization with `--profile`"))
        }
    }
}

/// Whoever takes roles on.
#[derive(Debug, Default)]
struct Base {
    /// None where every account has a profile of its own.
    session: Option<Session>,
    /// The account that manages its organization, if the rollout is of one.
    management: Option<AccountId>,
}
