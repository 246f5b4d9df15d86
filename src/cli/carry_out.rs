//! From a plan to the end of its run: show, confirm, apply, verify, answer.

use std::collections::BTreeSet;
use std::time::Duration;

use super::args::Consent;
use super::context::{Context, now, own_file, plan_reads};
use super::entry::{End, Ended};
use super::session::{Asked, Online};
use super::settle::settle_all;
use super::show::refused;
use super::stop::stopped;
use crate::apply::{Applied, Progress, apply};
use crate::approval::{Approval, Confirmed, Refusal, ask, by_flag};
use crate::assess::{Score, judge, score};
use crate::change::{Change, Document};
use crate::error::{CommandError, Kind};
use crate::exit::Exit;
use crate::files::{FileError, JournalFile, Lock};
use crate::journal::Outcome;
use crate::plan::{Origin, Plan, Scores};
use crate::run::{RUN_FORMAT, RunOutcome, RunResult, Verified, outcome_of, run_id, verify};
use crate::ui::{self, Bar, Person};

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
            perform(context, online, &plan, &approval, &journal, run, &lock).await
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
    asked.map_err(|dialoguer::Error::IO(error)| {
        if error.kind() == std::io::ErrorKind::Interrupted {
            let _ = context.terminal.show_cursor();
            return stopped().into();
        }
        End::from(error)
    })
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

async fn perform(
    context: &Context,
    online: &Online,
    plan: &Plan,
    approval: &Approval,
    journal: &JournalFile,
    run: String,
    _lock: &Lock,
) -> Ended {
    let applied = make_changes(context, online, plan, approval, journal).await;
    let seen = if applied.interrupted {
        // Whoever stopped it wants to be gone.
        Seen::default()
    } else {
        read_again(context, online, plan, &applied).await
    };
    let Seen { verified, score: after, interrupted } = seen;
    let interrupted = interrupted || applied.interrupted;
    let before = plan.score.map(|scores| scores.before);
    let result = RunResult {
        format: RUN_FORMAT.to_owned(),
        run: Some(run),
        account: plan.head.account.clone(),
        outcome: outcome_of(plan, &applied.changes, &verified, interrupted),
        changes: applied.changes.clone(),
        not_planned: plan.not_planned.clone(),
        verified,
        score: before.zip(after).map(|(planned, after)| {
            // A saved plan may be old: where nothing was changed, nothing changed the score.
            let changed = applied.changes.iter().any(|change| change.outcome == Outcome::Applied);
            Scores { before: if changed { planned } else { after }, after }
        }),
    };
    let finished = journal.finish(&result);
    // The run is over, whether or not anybody wants to know.
    let _ = context
        .terminal
        .answer(&result, |columns| format!("\n{}", ui::result(&result, plan, columns)));
    if let Some(error) = applied.journal_error {
        let what = CommandError::new(Kind::Local, "the journal of the run cannot be written");
        let error = what.because(error.to_string()).hint("no further change was begun");
        let _ = context.terminal.error(&error);
    } else if let Err(error) = finished {
        let hint = "make room, then settle the run with `harden verify last`";
        let _ = context.terminal.error(&own_file(&error).hint(hint));
        return Ok(Exit::Failed);
    }
    Ok(exit(&result))
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

/// Applies with a bar to watch; being asked to end lets the calls in flight finish.
async fn make_changes(
    context: &Context,
    online: &Online,
    plan: &Plan,
    approval: &Approval,
    journal: &JournalFile,
) -> Applied {
    let bar = Bar::steps(context.terminal.is_watched(), plan.changes.len());
    let stop = &context.stop;
    let progress = |progress: Progress<'_>| match progress {
        Progress::Started(change) if !stop.is_asked() => bar.say(&change.title),
        Progress::Waiting(_, left) if !stop.is_asked() => bar.wait(left),
        Progress::Started(_) | Progress::Waiting(..) => {}
        Progress::Settled(..) => bar.step(),
    };
    let applying = apply(plan, &online.clients, approval, journal, stop.flag(), &progress);
    let mut applying = std::pin::pin!(applying);
    let applied = tokio::select! {
        applied = &mut applying => applied,
        () = stop.asked() => {
            bar.say("stopping: the calls in flight finish first");
            applying.await
        }
    };
    bar.clear();
    applied
}

/// What a fresh reading shows.
#[derive(Default)]
struct Seen {
    verified: Verified,
    score: Option<Score>,
    interrupted: bool,
}

/// Reads the account again: does what was changed hold, and what is the score now?
async fn read_again(context: &Context, online: &Online, plan: &Plan, applied: &Applied) -> Seen {
    let held: BTreeSet<_> = applied
        .changes
        .iter()
        .filter(|change| change.outcome.holds())
        .map(|change| &change.id)
        .collect();
    let changes: Vec<&Change> =
        plan.changes.iter().filter(|change| held.contains(&change.id)).collect();
    if changes.is_empty() {
        return Seen::default();
    }
    let seen = see(context, online, plan, changes.clone()).await;
    seen.unwrap_or_else(|error| {
        let unread = |change| (change, Err(error.what.clone()));
        Seen {
            verified: verify(changes.into_iter().map(unread).collect()),
            score: None,
            interrupted: error.kind == Kind::Interrupted,
        }
    })
}

async fn see(
    context: &Context,
    online: &Online,
    plan: &Plan,
    changes: Vec<&Change>,
) -> Result<Seen, CommandError> {
    let Origin::Baseline(rules) = &plan.origin else {
        let read = online.reread_all(context, changes).await?;
        let verified = verify(patiently(context, online, read).await?);
        return Ok(Seen { verified, ..Seen::default() });
    };
    // One reading serves both: the score, and whether each change holds.
    let asked =
        Asked { reads: plan_reads(rules), settings: &rules.settings, regions: &plan.head.regions };
    let snapshot = online.observe(context, asked).await?;
    let document = |change: &Change| change.operation.document(&snapshot);
    // What passes by now may not be read any more, such as the keys of a user who has no old ones.
    let (there, unread): (Vec<&Change>, Vec<&Change>) =
        changes.into_iter().partition(|change| document(change).is_ok());
    let mut read = online.reread_all(context, unread).await?;
    read.extend(there.into_iter().map(|change| {
        let now = document(change).map_err(|e| e.to_string());
        (change, now)
    }));
    let verified = verify(patiently(context, online, read).await?);
    Ok(Seen { verified, score: Some(score(&judge(&snapshot, rules))), interrupted: false })
}

/// AWS may show the state of before for a while: what does not hold yet is read again, a few times.
async fn patiently<'a>(
    context: &Context,
    online: &Online,
    mut read: Vec<Reread<'a>>,
) -> Result<Vec<Reread<'a>>, CommandError> {
    for pause in PAUSES {
        let holds = |(change, now): &Reread<'_>| now.as_ref().is_ok_and(|now| *now == change.after);
        let (held, odd): (Vec<_>, Vec<_>) = read.into_iter().partition(holds);
        read = held;
        if odd.is_empty() {
            break;
        }
        context.stop.unless_asked(tokio::time::sleep(pause)).await?;
        let odd = odd.into_iter().map(|(change, _)| change).collect();
        read.extend(online.reread_all(context, odd).await?);
    }
    Ok(read)
}

/// A change and its target, or why that could not be read.
type Reread<'a> = (&'a Change, Result<Document, String>);

/// IAM takes the longest: seconds.
const PAUSES: [Duration; 3] =
    [Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4)];
