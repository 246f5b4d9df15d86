//! Planning one account of a rollout.

use super::center::Center;
use super::enter::Door;
use super::what::HeldTo;
use crate::assess::unused_waivers;
use crate::cli::context::{Context, plan_reads};
use crate::cli::leftovers::left_undone;
use crate::cli::session::{Asked, Online};
use crate::error::{CommandError, Kind};
use crate::model::{AccountId, Settings, Snapshot};
use crate::plan::{self, Leftover, Plan};
use crate::rollout::{TRACE_READS, Target, trace};

/// What came of planning an account.
#[derive(Debug)]
pub(super) enum Came {
    /// A plan, and waivers of the rollout file that accept nothing.
    Planned(Box<Plan>, Vec<String>),
    /// Harden has been there before.
    NotNew(String),
    /// Why there is none.
    Failed(String),
}

/// Plans one account. `only_new`: only if harden has made nothing there yet.
pub(super) async fn plan_one(
    context: &Context,
    (door, center): (&Door<'_>, Option<&Center>),
    target: &Target,
    held: HeldTo,
    only_new: bool,
) -> Came {
    let planned = async {
        // What this machine knows saves the way.
        if only_new && let Some(run) = known_run(context, &target.id) {
            return Ok(Came::NotNew(format!("run {run}")));
        }
        let online = door.enter(context, target).await?;
        if only_new
            && let Some(made) = made(context, &online, &held.selected.rules.settings).await?
        {
            return Ok(Came::NotNew(format!("`{made}`")));
        }
        let rules = &held.selected.rules;
        let online = online.inheriting(center.and_then(|center| center.of(&held.selected.name)));
        let asked =
            Asked { reads: plan_reads(rules), settings: &rules.settings, regions: &held.regions };
        let snapshot = online.observe(context, asked).await?;
        let left = left_undone(context, &target.id, rules);
        planned(snapshot, held, left)
    };
    planned.await.unwrap_or_else(|error: CommandError| Came::Failed(reason(&error)))
}

/// Plans on what was read.
pub(super) fn planned(
    snapshot: Snapshot,
    held: HeldTo,
    left: Vec<Leftover>,
) -> Result<Came, CommandError> {
    let HeldTo { selected, max_risk, own_waivers, .. } = held;
    let unused = unused_waivers(&snapshot, &selected.rules);
    let unused = unused.iter().filter(|waiver| own_waivers.contains(waiver)).map(|waiver| {
        format!(
            "account {}: the waiver of {} for {} accepts nothing that is found ({}, {})",
            snapshot.account.id, waiver.control, waiver.resource, waiver.reason, waiver.owner
        )
    });
    let unused = unused.collect();
    let plan = plan::resume(snapshot, &selected.name, &selected.rules, max_risk, left)
        .map_err(|e| CommandError::from_error(Kind::Local, &e))?;
    Ok(Came::Planned(Box::new(plan), unused))
}

/// The newest run of the account that this machine knows of.
fn known_run(context: &Context, account: &AccountId) -> Option<String> {
    context.state().ok()?.runs(account).ok()?.pop()
}

/// The name of something that harden has made in the account.
async fn made(
    context: &Context,
    online: &Online,
    settings: &Settings,
) -> Result<Option<String>, CommandError> {
    let regions = [online.clients.home().clone()];
    let asked = Asked { reads: TRACE_READS.into(), settings, regions: &regions };
    let snapshot = online.observe(context, asked).await?;
    trace(&snapshot).map_err(|gap| {
        CommandError::new(Kind::Service, "cannot tell whether the account is new")
            .because(gap.reason)
    })
}

/// An error in one sentence.
pub(super) fn reason(error: &CommandError) -> String {
    match &error.cause {
        Some(cause) => format!("{}: {cause}", error.what),
        None => error.what.clone(),
    }
}
