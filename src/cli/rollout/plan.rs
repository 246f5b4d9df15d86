//! `harden rollout plan`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use tokio::time::Instant;

use super::center::{self, Center, HeldThere};
use super::enter::Door;
use super::folder_error;
use super::planning::{Came, plan_one, planned, reason};
use super::pool::side_by_side;
use super::snapshots;
use super::what::Held;
use super::who::{Asked, Crowd, check_entrance, entrance, find, shard};
use crate::cli::args::rollout::Plan as Args;
use crate::cli::context::{Context, now};
use crate::cli::entry::{End, Ended};
use crate::cli::session::block_on;
use crate::cli::stop::stopped;
use crate::controls::BENCHMARK;
use crate::error::{CommandError, Kind};
use crate::exit::Exit;
use crate::files::{RolloutFolder, RolloutLock};
use crate::model::{AccountId, Waiver};
use crate::plan::{Digest, Plan};
use crate::report::VERSION;
use crate::rollout::{
    Condensed, Entry, Gathering, Manifest, Pace, Planned, ROLLOUT_FORMAT, Review, Shard, Summary,
    Target, Turns, turns,
};
use crate::ui;
use crate::ui::rollout::Live;

pub(super) fn run(context: &Context, args: &Args) -> Ended {
    let held = Held::read(&args.what, args.max_risk.max_risk.map(Into::into))?;
    check_entrance(&args.who)?;
    let shard = shard(args.who.shard.as_deref())?;
    let out = args.out.as_ref().map(|out| folder_of(out, shard.as_ref()));
    if let Some(out) = &out {
        RolloutFolder::vacant(out).map_err(|e| folder_error(&e))?;
    }
    if let Some(snapshots) = &args.snapshots {
        return on_snapshots(context, args, &held, shard, snapshots);
    }
    let asked = Asked::of(&args.who)?;
    block_on(context, async {
        let crowd = find(context, &args.who, asked, &held.file).await?;
        let job = Job::begin(args, &held, shard, &crowd.targets)?;
        let accepted = side_by_side_plans(context, args, &held, &crowd, &job).await?;
        let refused = crowd.refused;
        let (organization, external_id) = (crowd.organization.map(|o| o.id), crowd.external_id);
        let caller = crowd.base.map(|base| (base.caller, base.account.partition));
        let exit =
            job.end(context, args, &held, Origin { organization, external_id, caller, accepted })?;
        Ok(if refused > 0 && exit != Exit::Failed { Exit::Partial } else { exit })
    })
}

/// Plans being made: where they are kept, and what they have in common.
struct Job<'a> {
    /// Where they are kept, if they are.
    folder: Option<(RolloutFolder, RolloutLock)>,
    /// All accounts, those of other shards too: waves are the same for all shards.
    all: &'a [Target],
    shard: Option<Shard>,
    /// In what the rollout file does not fit the accounts.
    notes: Vec<String>,
    made: Mutex<Made>,
}

#[derive(Default)]
struct Made {
    gathering: Gathering,
    entries: Vec<Entry>,
    notes: Vec<String>,
    not_new: usize,
    /// When the last account was read.
    read_at: Option<Timestamp>,
}

/// Where the accounts come from.
struct Origin {
    organization: Option<String>,
    external_id: Option<String>,
    caller: Option<(String, crate::model::Partition)>,
    accepted: BTreeMap<String, Vec<Waiver>>,
}

impl<'a> Job<'a> {
    /// Whatever is wrong with the input is told by now: from here on files are written.
    fn begin(
        args: &Args,
        held: &Held,
        shard: Option<Shard>,
        all: &'a [Target],
    ) -> Result<Self, End> {
        let notes = held.check(all)?;
        let folder = args.out.as_ref().map(|out| {
            RolloutFolder::create(&folder_of(out, shard.as_ref())).map_err(|e| folder_error(&e))
        });
        let folder = folder.transpose()?;
        Ok(Self { folder, all, shard, notes, made: Mutex::default() })
    }

    /// The accounts of this shard.
    fn own(&self) -> Vec<&'a Target> {
        let is_own =
            |target: &&Target| self.shard.as_ref().is_none_or(|shard| shard.has(&target.id));
        self.all.iter().filter(is_own).collect()
    }

    /// Keeps what came of an account, and says how it went.
    fn keep(&self, target: &Target, baseline: &str, came: Came) -> Result<String, CommandError> {
        let entry =
            |planned| Entry { target: target.clone(), baseline: baseline.to_owned(), planned };
        // On the disk first; what is not there is told of as not planned.
        let said = match &came {
            Came::Planned(plan, _) => {
                if let Some((folder, _)) = &self.folder {
                    folder.put_plan(plan).map_err(|e| folder_error(&e))?;
                }
                told(plan)
            }
            Came::NotNew(made) => format!("not new: {made} is there"),
            Came::Failed(reason) => format!("not planned: {reason}"),
        };
        // What takes long is done before others have to wait.
        let condensed = match &came {
            Came::Planned(plan, _) => Some((Condensed::of(plan), Summary::of(plan))),
            Came::NotNew(_) | Came::Failed(_) => None,
        };
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        match (came, condensed) {
            (Came::Planned(plan, unused), Some((condensed, summary))) => {
                made.read_at = made.read_at.max(Some(plan.head.taken_at));
                made.gathering.add(condensed);
                made.notes.extend(unused);
                made.entries.push(entry(Planned::Plan(summary)));
            }
            (Came::Failed(reason), _) => made.entries.push(entry(Planned::Not { reason })),
            (Came::NotNew(_) | Came::Planned(..), _) => made.not_new += 1,
        }
        Ok(said)
    }

    /// Writes down what the folder is about, and shows the page.
    fn end(self, context: &Context, args: &Args, held: &Held, origin: Origin) -> Ended {
        let Made { gathering, mut entries, mut notes, not_new, read_at } =
            self.made.into_inner().unwrap_or_else(PoisonError::into_inner);
        entries.sort_by(|a, b| a.id().cmp(b.id()));
        notes.sort();
        for note in notes {
            context.terminal.note(&note)?;
        }
        if not_new > 0 {
            let accounts = ui::text::count(not_new, "account is", "accounts are");
            context.terminal.note(&format!("{accounts} not new, and left out"))?;
        }
        let file = &held.file;
        let pace = Pace {
            stop_after_failures: file.stop_after_failures.into(),
            accounts_at_once: file.accounts_at_once.into(),
            calls_per_second: file.calls_per_second.into(),
        };
        let Turns { waves, empty } = turns(file, self.all, &entries, self.shard.is_some());
        let mut notes = self.notes;
        // A shard may have none of them.
        let empty = empty.into_iter().filter(|_| self.shard.is_none() && !entries.is_empty());
        notes.extend(empty.map(|name| {
            format!("wave {name} is empty: none of its accounts has anything to change")
        }));
        let (caller, partition) = origin.caller.unzip();
        let manifest = Manifest {
            format: ROLLOUT_FORMAT.to_owned(),
            harden: VERSION.to_owned(),
            benchmark: BENCHMARK.to_owned(),
            digest: Digest::unset(),
            made_at: read_at.unwrap_or_else(now),
            caller,
            partition,
            organization: origin.organization,
            shard: self.shard.map(|shard| shard.to_string()),
            pace,
            accepted: origin.accepted,
            external_id: origin.external_id,
            notes,
            waves,
            accounts: entries,
        }
        .sealed();
        if let Some((folder, _)) = &self.folder {
            folder.put_manifest(&manifest).map_err(|e| folder_error(&e))?;
        }
        let review = gathering.finish();
        answer(context, &manifest, &review)?;
        if let Some((folder, _)) = self.folder.filter(|_| review.totals.accounts_with_changes > 0) {
            let path = folder.path().display();
            let what = format!("saved in `{path}`; to carry it out:");
            context.terminal.suggest(&what, &format!("harden rollout apply {path}"))?;
            let changes = |entry: &&Entry| entry.summary().is_some_and(|plan| plan.changes() > 0);
            if let Some(one) = manifest.accounts.iter().find(changes) {
                let show = format!("harden show {path}/plans/{}.json", one.id());
                context.terminal.suggest("the plan of one account:", &show)?;
            }
        }
        Ok(exit(&manifest, &review, args.detailed_exitcode))
    }
}

/// A shard has a folder of its own in that of the rollout, such as `2-of-4`.
pub(super) fn folder_of(root: &Path, shard: Option<&Shard>) -> PathBuf {
    match shard {
        None => root.to_owned(),
        Some(shard) => root.join(format!("{}-of-{}", shard.number(), shard.of())),
    }
}

/// The page of a rollout, or all of it as JSON.
pub(super) fn answer(context: &Context, manifest: &Manifest, review: &Review) -> Result<(), End> {
    #[derive(Serialize)]
    struct Answer<'a> {
        #[serde(flatten)]
        manifest: &'a Manifest,
        #[serde(flatten)]
        review: &'a Review,
    }
    let answer = Answer { manifest, review };
    Ok(context
        .terminal
        .answer(&answer, |columns| ui::rollout::review(manifest, review, columns))?)
}

fn exit(manifest: &Manifest, review: &Review, detailed: bool) -> Exit {
    let planned = review.totals.accounts;
    if planned < manifest.accounts.len() {
        return if planned == 0 { Exit::Failed } else { Exit::Partial };
    }
    let differs = review.totals.accounts_with_changes > 0 || review.totals.incomplete > 0;
    if detailed && differs { Exit::Differs } else { Exit::Done }
}

fn told(plan: &Plan) -> String {
    match plan.changes.len() {
        0 => "nothing to change".to_owned(),
        number => ui::text::count(number, "change", "changes"),
    }
}

async fn side_by_side_plans(
    context: &Context,
    args: &Args,
    held: &Held,
    crowd: &Crowd,
    job: &Job<'_>,
) -> Result<BTreeMap<String, Vec<Waiver>>, End> {
    let door = Door {
        base: crowd.base.as_ref(),
        external_id: crowd.external_id.as_deref(),
        calls_per_second: held.file.calls_per_second.into(),
        patience: args.new.then(|| Instant::now() + Duration::from_mins(args.wait.into())),
        management: crowd.management(),
    };
    let center = center(context, &door, held, crowd).await?;
    let center = center.as_ref();
    let own = job.own();
    let live = Live::new(context.terminal.is_watched(), context.terminal.quiet, own.len());
    live.say("planning");
    let at_once = held.file.accounts_at_once.into();
    // What cannot be kept need not be read.
    let is_broken = AtomicBool::new(false);
    let goes_on = || !context.stop.is_asked() && !is_broken.load(Ordering::SeqCst);
    let kept = side_by_side(goes_on, own, at_once, async |target: &Target| {
        let working = live.begin(&target.id, target.name.as_deref());
        let to = held.of(target)?;
        let baseline = to.selected.name.clone();
        let context = context.of_many(working.line());
        let came = plan_one(&context, (&door, center), target, to, args.new).await;
        if context.stop.is_asked() {
            return Ok(());
        }
        let kept = job.keep(target, &baseline, came);
        is_broken.fetch_or(kept.is_err(), Ordering::SeqCst);
        working.end(&kept?);
        Ok(())
    })
    .await;
    live.clear();
    if context.stop.is_asked() {
        return Err(stopped().into());
    }
    let kept: Result<Vec<()>, CommandError> = kept.into_iter().collect();
    kept?;
    Ok(center.map(Center::accepted).unwrap_or_default())
}

/// What the accounts may inherit, if they are of an organization.
pub(super) async fn center(
    context: &Context,
    door: &Door<'_>,
    held: &Held,
    crowd: &Crowd,
) -> Result<Option<Center>, CommandError> {
    if crowd.organization.is_none() {
        return Ok(None);
    }
    let waivers = |account: &AccountId| held.file.waivers_of(account);
    let there = HeldThere { baselines: held.rules(), waivers: &waivers };
    center::find(context, door, &crowd.role, there).await
}

fn on_snapshots(
    context: &Context,
    args: &Args,
    held: &Held,
    shard: Option<Shard>,
    folder: &Path,
) -> Ended {
    // What the plans are carried out with.
    let (role, external_id) = entrance(&args.who, &held.file);
    let list = snapshots::list(folder, &role)?;
    let all: Vec<Target> = list.iter().map(|saved| saved.target.clone()).collect();
    let job = Job::begin(args, held, shard, &all)?;
    let mut list = list;
    list.retain(|saved| job.shard.as_ref().is_none_or(|shard| shard.has(&saved.target.id)));
    let kept = snapshots::each(&list, |saved, snapshot| {
        let to = held.of(&saved.target)?;
        let baseline = to.selected.name.clone();
        // A plan from a file is made from that file alone.
        let came = planned(snapshot, to, Vec::new());
        let came = came.unwrap_or_else(|error| Came::Failed(reason(&error)));
        job.keep(&saved.target, &baseline, came).map(drop)
    });
    let kept: Result<Vec<()>, CommandError> = kept.into_iter().collect();
    kept.map_err(|error| CommandError { kind: Kind::User, ..error })?;
    let (organization, caller, accepted) = (None, None, BTreeMap::new());
    let origin = Origin { organization, external_id, caller, accepted };
    job.end(context, args, held, origin)
}
