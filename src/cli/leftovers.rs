//! What earlier runs of this machine have left undone.

use super::context::Context;
use crate::assess::Rules;
use crate::change::ChangeId;
use crate::files::State;
use crate::model::AccountId;
use crate::plan::{Came, Leftover, Origin, left_by};
use crate::run::{Run, RunOutcome, RunResult};

/// Those of the account's runs that did not come to a good end, and that nobody has taken back, the last one
/// first. What cannot be read is for `harden show` and `harden undo` to complain of.
pub(super) fn left_undone(context: &Context, account: &AccountId, rules: &Rules) -> Vec<Leftover> {
    let Ok(state) = context.state() else { return Vec::new() };
    let names = state.runs(account).unwrap_or_default();
    let Some(oldest) = names.iter().position(|name| !is_complete(&state, account, name)) else {
        return Vec::new();
    };
    // A run that goes on has not left anything.
    if state.lock(account).is_err() {
        return Vec::new();
    }
    let later = names.iter().skip(oldest).rev();
    let runs: Vec<Run> = later.filter_map(|name| state.run(account, name).ok()).collect();
    // Whoever has taken something back since has thought better of what was left, too.
    let since = runs.iter().take_while(|run| matches!(run.plan.origin, Origin::Baseline(_)));
    let unfinished = since.filter(|run| !ended_well(run.result.as_ref()));
    unfinished.flat_map(|run| left_by(&run.id, &run.plan, |id| came(run, id), rules)).collect()
}

/// Whether a run came to a good end: looked up in its result alone, for there may be many runs.
fn is_complete(state: &State, account: &AccountId, name: &str) -> bool {
    ended_well(state.result(account, name).ok().flatten().as_ref())
}

fn ended_well(result: Option<&RunResult>) -> bool {
    result.is_some_and(|result| {
        use RunOutcome::{Complete, Declined, Interrupted, NothingToDo, Partial};
        match result.outcome {
            Complete | NothingToDo | Declined => true,
            Partial | Interrupted => false,
        }
    })
}

fn came(run: &Run, id: &ChangeId) -> Came {
    if run.journal.is_in_doubt(id) {
        return Came::Perhaps;
    }
    match run.journal.outcome(id) {
        Some((outcome, _)) if outcome.holds() => Came::Through,
        Some(_) | None => Came::Not,
    }
}
