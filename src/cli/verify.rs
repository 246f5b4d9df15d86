//! `harden verify`: does the account still stand as a run left it? Settles a run that was killed.

use super::args::Verify as Args;
use super::context::{Context, now, own_file};
use super::entry::Ended;
use super::session::{block_on, connect};
use super::undo::find;
use crate::apply::Ledger as _;
use crate::change::{Change, Document};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::files::State;
use crate::journal::{Event, Outcome};
use crate::plan::Moved;
use crate::run::{ChangeResult, RUN_FORMAT, Run, RunOutcome, RunResult, Verified, verify};
use crate::ui;

pub(super) fn run(context: &Context, args: &Args) -> Ended {
    let state = context.state()?;
    block_on(async {
        let online = connect(context).await?;
        let run = find(&state, &online.session.account.id, &args.run)?;
        let stands = online.reread_all(run.perhaps_made().collect()).await;
        if run.result.is_none() {
            settle(&state, &run, &stands)?;
            let text = format!("run {} was killed before its end, and is settled now", run.id);
            context.terminal.note(&text)?;
        }
        let run = find(&state, &online.session.account.id, &run.id)?;
        let made: Vec<&Change> = run.made().collect();
        let stands =
            stands.into_iter().filter(|(change, _)| made.iter().any(|m| m.id == change.id));
        let verified = verify(stands.collect());
        context.terminal.answer(&verified, |columns| ui::verified(&run, &verified, columns))?;
        let holds = verified.moved.is_empty() && verified.unknown.is_empty();
        Ok(if holds { Exit::Done } else { Exit::Failed })
    })
}

/// Writes down what became of the calls that a killed run left open.
fn settle(
    state: &State,
    run: &Run,
    stands: &[(&Change, Result<Document, String>)],
) -> Result<(), CommandError> {
    let account = &run.plan.head.account;
    let lock = state.lock(&account.id).map_err(|e| own_file(&e))?;
    let journal = state.reopen(&lock, &account.id, &run.id, now).map_err(|e| own_file(&e))?;
    let mut changes = Vec::new();
    for change in &run.plan.changes {
        let written = run.journal.outcome(&change.id);
        let stands = stands.iter().find(|(other, _)| other.id == change.id);
        let (outcome, error) = match (written, stands) {
            (Some((outcome, error)), _) => (outcome, error.map(str::to_owned)),
            (None, Some((_, now))) => {
                let (outcome, error) = became(change, now);
                let event = Event::Outcome {
                    change: change.id.clone(),
                    outcome,
                    error: error.clone(),
                    unsettled: false,
                };
                journal.record(event).map_err(|source| {
                    let path = std::path::PathBuf::from(&run.id);
                    own_file(&crate::files::FileError::Write { path, source })
                })?;
                (outcome, error)
            }
            (None, None) => (Outcome::Skipped, Some("the run was killed before".to_owned())),
        };
        changes.push(ChangeResult { id: change.id.clone(), outcome, error });
    }
    let result = RunResult {
        format: RUN_FORMAT.to_owned(),
        run: Some(run.id.clone()),
        account: account.clone(),
        outcome: RunOutcome::Interrupted,
        changes,
        verified: Verified::default(),
        score: None,
    };
    journal.finish(&result).map_err(|e| own_file(&e))
}

/// What became of a call of which only the intent was written.
fn became(change: &Change, now: &Result<Document, String>) -> (Outcome, Option<String>) {
    match now.as_ref().map(|now| Moved::judge(change, now)) {
        Ok(Moved::Holds) => (Outcome::Applied, None),
        Ok(Moved::TakenBack) => {
            (Outcome::Failed, Some("the run was killed before the call took effect".to_owned()))
        }
        Ok(Moved::Elsewhere) => {
            (Outcome::Stale, Some("the run was killed, and somebody changed it since".to_owned()))
        }
        // It may have been made: taking the run back must look at it again.
        Err(reason) => (Outcome::Applied, Some(format!("not read again: {reason}"))),
    }
}
