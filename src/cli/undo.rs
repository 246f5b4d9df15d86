//! `harden undo`.

use std::collections::BTreeSet;

use super::args::Undo as Args;
use super::carry_out::carry_out;
use super::context::{Context, now, own_file};
use super::entry::Ended;
use super::session::{Online, block_on, connect};
use super::settle::settled;
use crate::change::{Change, Risk};
use crate::controls::BENCHMARK;
use crate::error::{CommandError, Kind};
use crate::files::State;
use crate::model::{AccountId, PlanSettings};
use crate::plan::{Bounds, MadeBy, Origin, Plan, Undoable, reverse};
use crate::report::{Head, VERSION};
use crate::run::{Run, RunOutcome};

pub(super) fn run(context: &Context, args: &Args) -> Ended {
    let state = context.state()?;
    block_on(context, async {
        let online = connect(context).await?;
        let run = named(&state, &online.session.account.id, &args.run, last_to_undo)?;
        let run = settled(context, &online, &state, run).await?;
        let plan = taken_back(context, &online, &state, &run, args.max_risk.into()).await?;
        carry_out(context, &online, plan, &args.consent).await
    })
}

/// The plan that takes a run back, as the account stands now.
pub(super) async fn taken_back(
    context: &Context,
    online: &Online,
    state: &State,
    run: &Run,
    max_risk: Risk,
) -> Result<Plan, CommandError> {
    let now_stands = online.reread_all(context, run.perhaps_made().collect()).await?;
    let first = first(state, run);
    let made: Vec<Undoable<'_>> = now_stands
        .into_iter()
        .map(|(change, now)| Undoable { change, now, made_by: made_by(run, change, &first) })
        .collect();
    let valid = PlanSettings::default().valid_hours;
    let bounds = Bounds { max_risk, own: &online.session.own };
    Ok(reverse(&run.id, head(online, run), valid, bounds, &made))
}

/// The changes that the run took back, if it was an undo and they can still be read.
fn first(state: &State, run: &Run) -> Vec<Change> {
    match &run.plan.origin {
        Origin::Baseline(_) => Vec::new(),
        // It only tells what the changes mean: what cannot be read is told of with more care.
        Origin::UndoOf(first) => state
            .run(&run.plan.head.account.id, first)
            .map_or_else(|_| Vec::new(), |first| first.plan.changes),
    }
}

fn made_by<'a>(run: &Run, change: &Change, first: &'a [Change]) -> MadeBy<'a> {
    match run.plan.origin {
        Origin::Baseline(_) => MadeBy::Baseline,
        Origin::UndoOf(_) => MadeBy::undo_of(change, first),
    }
}

/// A run by name, or the last one that changed anything, or else the last one.
pub(super) fn find(state: &State, account: &AccountId, name: &str) -> Result<Run, CommandError> {
    named(state, account, name, last_changed)
}

type Last = fn(&State, &AccountId) -> Result<Option<String>, CommandError>;

/// A run by name, or the last one of some sort.
fn named(state: &State, account: &AccountId, name: &str, last: Last) -> Result<Run, CommandError> {
    let name = if name == "last" {
        last(state, account)?.ok_or_else(|| {
            CommandError::new(Kind::User, format!("there is no run of account {account} yet"))
                .hint("runs are kept on the machine that made them; see `--state-dir`")
        })?
    } else {
        name.to_owned()
    };
    state
        .run(account, &name)
        .map_err(|e| own_file(&e).hint("`harden runs` lists the runs of this account"))
}

fn last_changed(state: &State, account: &AccountId) -> Result<Option<String>, CommandError> {
    let names = state.runs(account).map_err(|e| own_file(&e))?;
    let changed = |name: &&String| {
        // One that cannot be read must not be passed over in silence.
        state.run(account, name).map_or(true, |run| run.perhaps_made().next().is_some())
    };
    Ok(names.iter().rev().find(changed).or(names.last()).cloned())
}

/// The last run that changed anything, is no undo itself and has not been taken back in full: each undo goes
/// one run further back.
fn last_to_undo(state: &State, account: &AccountId) -> Result<Option<String>, CommandError> {
    let names = state.runs(account).map_err(|e| own_file(&e))?;
    let mut undone = BTreeSet::new();
    for name in names.iter().rev() {
        let Ok(run) = state.run(account, name) else { return Ok(Some(name.clone())) };
        if run.perhaps_made().next().is_none() {
            continue;
        }
        let is_complete =
            run.result.as_ref().is_some_and(|result| result.outcome == RunOutcome::Complete);
        match run.plan.origin {
            Origin::UndoOf(first) if is_complete => {
                undone.insert(first);
            }
            Origin::Baseline(_) if !undone.contains(name) => return Ok(Some(name.clone())),
            Origin::UndoOf(_) | Origin::Baseline(_) => {}
        }
    }
    if names.is_empty() {
        return Ok(None);
    }
    let what = format!("no run of account {account} is left to take back");
    let hint = "`harden runs` lists them all; an undo is taken back by its name";
    Err(CommandError::new(Kind::User, what).hint(hint))
}

/// The head of the plan that takes the run back: whose it is now, and where the run was.
fn head(online: &Online, run: &Run) -> Head {
    Head {
        harden: VERSION.to_owned(),
        benchmark: BENCHMARK.to_owned(),
        account: online.session.account.clone(),
        caller: online.session.caller.clone(),
        taken_at: now(),
        regions: run.plan.head.regions.clone(),
        baseline: String::new(),
        credential_report: None,
    }
}
