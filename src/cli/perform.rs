//! From an approved plan to the end of its run: apply, read again, write down.

use std::collections::BTreeSet;
use std::io;
use std::time::Duration;

use super::context::{Context, plan_reads};
use super::session::{Asked, Online};
use crate::apply::{Applied, Progress, apply};
use crate::approval::Approval;
use crate::assess::{Score, judge, score};
use crate::change::{Change, Document};
use crate::error::{CommandError, Kind};
use crate::files::{FileError, JournalFile, Lock};
use crate::journal::Outcome;
use crate::plan::{Origin, Plan, Scores};
use crate::run::{RUN_FORMAT, RunResult, Verified, outcome_of, verify};
use crate::ui::Bar;

/// A run that is over.
#[derive(Debug)]
pub(super) struct Performed {
    pub(super) result: RunResult,
    /// What kept an entry of the journal from being written.
    pub(super) journal_error: Option<io::Error>,
    /// Whether the result is on the disk.
    pub(super) finished: Result<(), FileError>,
}

/// Carries out a plan that somebody agreed to.
pub(super) async fn perform(
    context: &Context,
    online: &Online,
    plan: &Plan,
    approval: &Approval,
    journal: &JournalFile,
    run: String,
    _lock: &Lock,
) -> Performed {
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
    Performed { result, journal_error: applied.journal_error, finished }
}

/// Applies with a bar to watch; being asked to end lets the calls in flight finish.
async fn make_changes(
    context: &Context,
    online: &Online,
    plan: &Plan,
    approval: &Approval,
    journal: &JournalFile,
) -> Applied {
    let bar = Bar::steps(&context.watch(), plan.changes.len());
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
