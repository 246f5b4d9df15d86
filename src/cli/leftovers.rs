//! What earlier runs of this machine have left undone.

use super::context::Context;
use crate::assess::Rules;
use crate::change::ChangeId;
use crate::files::State;
use crate::model::AccountId;
use crate::plan::{Came, Leftover, left_by};
use crate::run::{Run, RunOutcome};

/// Those of the account's runs that did not come to a good end, the last one first. What cannot be read
/// is for `harden show` and `harden undo` to complain of.
pub(super) fn left_undone(context: &Context, account: &AccountId, rules: &Rules) -> Vec<Leftover> {
    let Ok(state) = context.state() else { return Vec::new() };
    let names = state.runs(account).unwrap_or_default();
    let unfinished = names.iter().rev().filter(|name| !is_complete(&state, account, name));
    let runs = unfinished.filter_map(|name| state.run(account, name).ok());
    runs.flat_map(|run| left_by(&run.id, &run.plan, |id| came(&run, id), rules)).collect()
}

/// Whether a run came to a good end: looked up in its result alone, for there may be many runs.
fn is_complete(state: &State, account: &AccountId, name: &str) -> bool {
    let outcome = state.result(account, name).ok().flatten().map(|result| result.outcome);
    matches!(outcome, Some(RunOutcome::Complete | RunOutcome::NothingToDo | RunOutcome::Declined))
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
