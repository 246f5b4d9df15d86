//! From a plan to the end of its run: show, confirm, apply, verify, answer.

use super::args::Consent;
use super::context::{Context, now, own_file};
use super::entry::{End, Ended};
use super::perform::{Performed, perform};
use super::session::Online;
use super::settle::settle_all;
use super::show::refused;
use super::stop::stopped;
use crate::approval::{Confirmed, Refusal, ask, by_flag};
use crate::error::{CommandError, Kind};
use crate::exit::Exit;
use crate::files::FileError;
use crate::plan::{Plan, Scores};
use crate::run::{RUN_FORMAT, RunOutcome, RunResult, Verified, run_id};
use crate::ui::{self, Person};

/// Carries out a plan once somebody agrees to it.
pub(super) async fn carry_out(
    context: &Context,
    online: &Online,
    plan: Plan,
    consent: &Consent,
) -> Ended {
    let session = &online.session;
    // Whoever made the plan may be somebody else.
    plan.spares(&session.own, |key| session.own_keys.has(key)).map_err(|e| refused(&e))?;
    // Who cannot see the plan cannot have agreed to it, not even beforehand.
    context.terminal.show(|columns| ui::plan(&plan, columns)).map_err(|error| {
        CommandError::new(Kind::Local, "cannot show the plan: nothing was changed")
            .because(error.to_string())
    })?;
    if plan.changes.is_empty() {
        settle_if_nobody_is_at_work(context, online).await?;
        return Ok(nothing(context, &plan, RunOutcome::NothingToDo));
    }
    if !consent.yes && !context.terminal.can_ask() {
        let what = "nobody can be asked: this is not a terminal";
        let error = CommandError::new(Kind::Declined, what).hint("pass `--yes` to go on unasked");
        context.terminal.error(&error)?;
        return Ok(nothing(context, &plan, RunOutcome::Declined));
    }
    let state = context.state()?;
    let lock = state.lock(&plan.head.account.id).map_err(|e| local(&e))?;
    settle_all(context, online, &state, &lock).await?;
    match confirm(context, online, plan.clone(), consent)? {
        Confirmed::Go(plan, approval) => {
            // The prompt may have waited for long.
            plan.fits(&online.session.account, now()).map_err(|e| refused(&e))?;
            if context.stop.is_asked() {
                return Err(stopped().into());
            }
            let run = run_id(now(), &plan);
            let journal = state.begin(&lock, &run, &plan, now).map_err(|e| local(&e))?;
            let performed = perform(context, online, &plan, &approval, &journal, run, &lock).await;
            Ok(told(context, &plan, performed))
        }
        Confirmed::Declined(refusal) => {
            declined(context, &plan, refusal)?;
            Ok(nothing(context, &plan, RunOutcome::Declined))
        }
    }
}

/// Says why nothing is done, where the person may not know.
fn declined(context: &Context, plan: &Plan, refusal: Refusal) -> Result<(), End> {
    match refusal {
        Refusal::NothingChosen => {}
        Refusal::WrongName => context.terminal.note("that is not the name of the account")?,
        Refusal::WrongNumber => {
            context.terminal.note("that is not the number of the keys and passwords that go")?;
        }
        Refusal::TooManyCredentials => {
            let going = plan.credential_changes();
            let what = format!("{}, more than allowed", ui::credentials_go(going));
            let error = CommandError::new(Kind::Declined, what)
                .because(format!("`credentials.max_changes` is {}", plan.credential_limit()))
                .hint(format!(
                    "pass `--max-credential-changes {going}` with `--yes`, or go by parts"
                ));
            context.terminal.error(&error)?;
        }
    }
    Ok(())
}

/// The state folder is where the way back is kept: without it nothing is changed.
fn local(error: &FileError) -> CommandError {
    let busy = matches!(error, FileError::Locked { .. });
    own_file(error).hint(if busy {
        "wait until it is done"
    } else {
        "nothing was changed; choose another folder with `--state-dir`"
    })
}

fn confirm(
    context: &Context,
    online: &Online,
    plan: Plan,
    consent: &Consent,
) -> Result<Confirmed, End> {
    if consent.yes {
        return Ok(by_flag(plan, consent.max_credential_changes));
    }
    let mut person =
        Person { colour: context.terminal.colours_talk(), columns: context.terminal.columns };
    let asked = context.stop.while_prompting(|| ask(plan, &online.session.account, &mut person));
    asked.map_err(|error| context.unanswered(error))
}

/// The answer where no run was begun.
fn nothing(context: &Context, plan: &Plan, outcome: RunOutcome) -> Exit {
    let incomplete = outcome == RunOutcome::NothingToDo && plan.is_incomplete_undo();
    let outcome = if incomplete { RunOutcome::Partial } else { outcome };
    let result = RunResult {
        format: RUN_FORMAT.to_owned(),
        run: None,
        account: plan.head.account.clone(),
        outcome,
        changes: Vec::new(),
        not_planned: plan.not_planned.clone(),
        verified: Verified::default(),
        score: plan.score.map(|scores| Scores { before: scores.before, after: scores.before }),
    };
    let declined = outcome == RunOutcome::Declined;
    // It ends as it ends, whether or not anybody reads the answer.
    let _ = context.terminal.answer(&result, |columns| {
        // Where there is nothing to do, the plan above has said so.
        let told = RunResult { score: None, ..result.clone() };
        if declined { ui::result(&told, plan, columns) } else { String::new() }
    });
    exit(&result)
}

/// Where nothing is to be done nothing is kept: killed runs are settled if there are any. A run that goes on
/// is none.
async fn settle_if_nobody_is_at_work(context: &Context, online: &Online) -> Result<(), End> {
    let account = &online.session.account.id;
    let Ok(state) = context.state() else { return Ok(()) };
    if state.unfinished(account).is_ok_and(|runs| runs.is_empty()) {
        return Ok(());
    }
    match state.lock(account) {
        Ok(lock) => Ok(settle_all(context, online, &state, &lock).await?),
        Err(_) => Ok(()),
    }
}

/// Gives the answer, and says what went wrong on this machine.
fn told(context: &Context, plan: &Plan, performed: Performed) -> Exit {
    let Performed { result, journal_error, finished } = performed;
    // The run is over, whether or not anybody wants to know.
    let _ = context
        .terminal
        .answer(&result, |columns| format!("\n{}", ui::result(&result, plan, columns)));
    if let Some(error) = journal_error {
        let what = CommandError::new(Kind::Local, "the journal of the run cannot be written");
        let error = what.because(error.to_string()).hint("no further change was begun");
        let _ = context.terminal.error(&error);
    } else if let Err(error) = finished {
        let hint = "make room, then settle the run with `harden verify last`";
        let _ = context.terminal.error(&own_file(&error).hint(hint));
        return Exit::Failed;
    }
    exit(&result)
}

fn exit(result: &RunResult) -> Exit {
    match result.outcome {
        RunOutcome::Complete | RunOutcome::NothingToDo => Exit::Done,
        RunOutcome::Interrupted => Exit::Interrupted,
        RunOutcome::Declined => Exit::Declined,
        RunOutcome::Partial if result.changes.iter().any(|change| change.outcome.holds()) => {
            Exit::Partial
        }
        RunOutcome::Partial => Exit::Failed,
    }
}
