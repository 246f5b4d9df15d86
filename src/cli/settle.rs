//! Settling a run that was killed: writing down what became of the calls it left open.

use super::context::{Context, now, own_file};
use super::session::Online;
use crate::apply::Ledger as _;
use crate::change::{Change, Document};
use crate::error::{CommandError, Kind};
use crate::files::{FileError, Lock, State};
use crate::journal::{Event, Outcome};
use crate::plan::Moved;
use crate::run::{ChangeResult, RUN_FORMAT, Run, RunOutcome, RunResult, Verified};

/// Settles the run if it was killed, and gives it as it then is.
pub(super) async fn settled(
    context: &Context,
    online: &Online,
    state: &State,
    run: Run,
) -> Result<Run, CommandError> {
    if run.result.is_some() {
        return Ok(run);
    }
    let account = &online.session.account.id;
    // While a run goes on it holds the lock; once we hold it, the run is over, and may have ended well.
    let lock = state.lock(account).map_err(|e| own_file(&e))?;
    let run = state.run(account, &run.id).map_err(|e| own_file(&e))?;
    if run.result.is_some() {
        return Ok(run);
    }
    if settle(context, online, state, &lock, &run).await? {
        let text = format!("run {} was killed before its end, and is settled now", run.id);
        context.terminal.note(&text).map_err(|e| lost(&e))?;
    }
    state.run(account, &run.id).map_err(|e| own_file(&e))
}

/// Settles all runs of the account that were killed, and tells of them. Whoever begins another run does so
/// first: what that one makes would be taken for theirs.
pub(super) async fn settle_all(
    context: &Context,
    online: &Online,
    state: &State,
    lock: &Lock,
) -> Result<(), CommandError> {
    let account = &online.session.account.id;
    for id in state.unfinished(account).map_err(|e| own_file(&e))? {
        let told = match state.run(account, &id) {
            Ok(run) if settle(context, online, state, lock, &run).await? => {
                let text = format!(
                    "run {id} was killed before its end, and is settled now. This one goes on from where \
                     the account stands. What that one did:"
                );
                context.terminal.suggest(&text, &format!("harden show {id}"))
            }
            Ok(_) => Ok(()),
            Err(error) => {
                context.terminal.note(&format!("run {id} was killed, and cannot be read: {error}"))
            }
        };
        told.map_err(|e| lost(&e))?;
    }
    Ok(())
}

/// Looks up what became of a killed run, and writes it down; `false` where that cannot be written, on which
/// nothing else hangs.
async fn settle(
    context: &Context,
    online: &Online,
    state: &State,
    lock: &Lock,
    run: &Run,
) -> Result<bool, CommandError> {
    let in_doubt = run.plan.changes.iter().filter(|change| run.journal.is_in_doubt(&change.id));
    let stands = online.reread_all(context, in_doubt.collect()).await?;
    if let Err(error) = write_down(state, lock, run, &stands) {
        let text = format!("run {} was killed, and cannot be settled: {error}", run.id);
        context.terminal.note(&text).map_err(|e| lost(&e))?;
        return Ok(false);
    }
    Ok(true)
}

fn lost(error: &std::io::Error) -> CommandError {
    CommandError::new(Kind::Local, "cannot write the answer").because(error.to_string())
}

/// Writes down how each change ended, and that the run is over.
fn write_down(
    state: &State,
    lock: &Lock,
    run: &Run,
    stands: &[(&Change, Result<Document, String>)],
) -> Result<(), FileError> {
    let journal = state.reopen(lock, &run.plan.head.account.id, &run.id, now)?;
    let mut changes = Vec::new();
    for change in &run.plan.changes {
        let ending = ending(run, change, stands);
        if run.journal.outcome(&change.id).is_none() && run.journal.is_in_doubt(&change.id) {
            journal.record(ending.event()).map_err(|source| {
                let path = std::path::PathBuf::from(&run.id);
                FileError::Write { path, source }
            })?;
        }
        changes.push(ending.result);
    }
    journal.finish(&RunResult {
        format: RUN_FORMAT.to_owned(),
        run: Some(run.id.clone()),
        account: run.plan.head.account.clone(),
        outcome: RunOutcome::Interrupted,
        changes,
        not_planned: run.plan.not_planned.clone(),
        verified: Verified::default(),
        score: None,
    })
}

/// How a change of a killed run ended.
struct Ending {
    result: ChangeResult,
    unsettled: bool,
}

impl Ending {
    fn event(&self) -> Event {
        Event::Outcome {
            change: self.result.id.clone(),
            outcome: self.result.outcome,
            error: self.result.error.clone(),
            unsettled: self.unsettled,
        }
    }
}

fn ending(run: &Run, change: &Change, stands: &[(&Change, Result<Document, String>)]) -> Ending {
    let (outcome, error, unsettled) = match run.journal.outcome(&change.id) {
        Some((outcome, error)) => (outcome, error.map(str::to_owned), false),
        None => match stands.iter().find(|(other, _)| other.id == change.id) {
            Some((_, now)) => became(change, now),
            None => (Outcome::Skipped, Some("the run was killed before".to_owned()), false),
        },
    };
    Ending { result: ChangeResult { id: change.id.clone(), outcome, error }, unsettled }
}

/// What became of a call of which only the intent was written.
fn became(change: &Change, now: &Result<Document, String>) -> (Outcome, Option<String>, bool) {
    let told = |text: &str| Some(text.to_owned());
    match now.as_ref().map(|now| Moved::judge(change, now)) {
        Ok(Moved::Holds) => (Outcome::Applied, None, false),
        Ok(Moved::TakenBack) => {
            (Outcome::Failed, told("the run was killed before the call took effect"), false)
        }
        Ok(Moved::Elsewhere) => {
            (Outcome::Stale, told("the run was killed, and somebody changed it since"), false)
        }
        // It may have been made: whoever takes the run back must look again.
        Err(reason) => (Outcome::Failed, Some(format!("not read again: {reason}")), true),
    }
}
