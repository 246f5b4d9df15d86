//! Carries out an approved plan: for each change read the target again, write down the intent, call,
//! write down the outcome.

mod schedule;

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;

use crate::approval::Approval;
use crate::change::{Change, Document, Operation};
use crate::journal::{Event, Outcome};
use crate::plan::Plan;
use crate::run::ChangeResult;
use schedule::Schedule;

/// The account that is written to.
pub trait Live: Sync {
    /// What a call needs to know of its target.
    type Target: Send;
    /// What goes wrong.
    type Error: Failure + Send;

    /// Reads the target of an operation again.
    fn reread(
        &self,
        operation: &Operation,
    ) -> impl Future<Output = Result<(Document, Self::Target), Self::Error>> + Send;

    /// How long to wait before a call is tried again.
    fn pause(&self, tries: u32) -> Duration {
        Duration::from_secs(1 << tries.min(4))
    }

    /// Makes the one call that the operation is, once.
    fn execute(
        &self,
        operation: &Operation,
        target: &Self::Target,
        approval: &Approval,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send;
}

/// What the caller must know of an error.
pub trait Failure: std::fmt::Display {
    /// What the error says about the effect of the call.
    fn effect(&self) -> Effect;
}

/// What an error says about the effect of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It had none, and nothing about the target could change that.
    Refused,
    /// It had none: the target may not be what it was thought to be.
    Misfit,
    /// It had none: there were too many calls.
    Throttled,
    /// It may have had its effect.
    Doubtful,
}

/// Where a run writes down what it does. What it returns from is on the disk.
pub trait Ledger: Sync {
    /// Writes an entry.
    fn record(&self, event: Event) -> io::Result<()>;
}

/// Something a spectator may want to show.
#[derive(Clone, Copy, Debug)]
pub enum Progress<'a> {
    /// It is the turn of this change.
    Started(&'a Change),
    /// This change is settled.
    Settled(&'a Change, Outcome),
}

/// What became of a plan.
#[derive(Debug)]
pub struct Applied {
    /// One for each change, in the order of the plan.
    pub changes: Vec<ChangeResult>,
    /// Whether it was stopped before its end.
    pub interrupted: bool,
    /// The journal could not be written any more, so nothing else was done.
    pub journal_error: Option<io::Error>,
}

/// How many changes are under way at once, each in a region of its own.
const AT_ONCE: usize = 8;

/// How often a call is tried that AWS throttles or does not answer.
const TRIES: u32 = 5;

/// Applies the plan. `stop` ends it after the calls in flight.
pub async fn apply<L: Live>(
    plan: &Plan,
    live: &L,
    approval: &Approval,
    ledger: &impl Ledger,
    stop: &AtomicBool,
    progress: &(impl Fn(Progress<'_>) + Sync),
) -> Applied {
    let worker = Worker { live, approval, ledger, stop, journal_error: Mutex::new(None) };
    let mut schedule = Schedule::new(plan);
    let mut running = FuturesUnordered::new();
    let mut interrupted = false;
    loop {
        let stopped = stop.load(Ordering::SeqCst);
        interrupted |= stopped && !schedule.is_done();
        if !stopped && !worker.is_broken() && approval.is_for(plan) {
            for change in schedule.ready(AT_ONCE.saturating_sub(running.len())) {
                progress(Progress::Started(change));
                let worker = &worker;
                running.push(async move { (change, worker.make(change).await) });
            }
        }
        let Some((change, result)) = running.next().await else { break };
        progress(Progress::Settled(change, result.0));
        schedule.settle(change, result);
    }
    drop(running);
    let journal_error = worker.into_error();
    let why = match (&journal_error, interrupted) {
        (Some(error), _) => format!("the journal cannot be written: {error}"),
        (None, true) => "the run was stopped".to_owned(),
        (None, false) => "something it requires did not come about".to_owned(),
    };
    Applied { changes: schedule.into_results(&why), interrupted, journal_error }
}

struct Worker<'a, L, J> {
    live: &'a L,
    approval: &'a Approval,
    ledger: &'a J,
    stop: &'a AtomicBool,
    journal_error: Mutex<Option<io::Error>>,
}

impl<L: Live, J: Ledger> Worker<'_, L, J> {
    /// Makes one change, and writes down how it ended.
    async fn make(&self, change: &Change) -> (Outcome, Option<String>) {
        let Ending { outcome, error, unsettled } = self.call(change).await;
        let (change, told) = (change.id.clone(), error.clone());
        self.record(Event::Outcome { change, outcome, error: told, unsettled });
        (outcome, error)
    }

    /// Calls until AWS has taken or refused it. Before each try the target is read again, so that a call
    /// never overwrites what somebody did in between, and is never made twice.
    async fn call(&self, change: &Change) -> Ending {
        let mut doubt: Option<String> = None;
        let mut intended = false;
        for tries in 0.. {
            let target = match self.look(change, doubt.as_deref()).await {
                Ok(target) => target,
                Err(ending) => return ending,
            };
            let over = tries == TRIES || (tries > 0 && self.stop.load(Ordering::SeqCst));
            if over {
                break;
            }
            if !intended && !self.intend(change) {
                return Ending::new(Outcome::Skipped, "the journal cannot be written".to_owned());
            }
            intended = true;
            let result = self.live.execute(&change.operation, &target, self.approval).await;
            let Err(error) = result else { return Ending::good(Outcome::Applied) };
            match error.effect() {
                Effect::Refused => return Ending::failed(&error, doubt.is_some()),
                Effect::Misfit => return self.look_after(change, &error, doubt).await,
                Effect::Doubtful => doubt = Some(error.to_string()),
                Effect::Throttled => {}
            }
            tokio::time::sleep(self.live.pause(tries)).await;
        }
        let said =
            doubt.as_deref().unwrap_or("AWS answered every time that there are too many calls");
        Ending::failed(&said, doubt.is_some())
    }

    /// Reads the target again. An `Ending` where there is nothing to call for.
    async fn look(&self, change: &Change, doubt: Option<&str>) -> Result<L::Target, Ending> {
        match (self.live.reread(&change.operation).await, doubt) {
            (Ok((now, _)), None) if now == change.after => Err(Ending::good(Outcome::Already)),
            // Whoever made it so: it may have been the call whose answer was lost.
            (Ok((now, _)), Some(_)) if now == change.after => Err(Ending::good(Outcome::Applied)),
            (Ok((now, target)), _) if now == change.before => Ok(target),
            (Ok((now, _)), None) => Err(Ending::new(Outcome::Stale, difference(change, &now))),
            (Ok((now, _)), Some(doubt)) => {
                let also = difference(change, &now);
                Err(Ending::failed(&format!("{doubt}; {also}"), true))
            }
            (Err(error), None) => {
                Err(Ending::new(Outcome::Failed, format!("not read again: {error}")))
            }
            (Err(error), Some(doubt)) => {
                let text = format!("{doubt}; whether it took effect is unknown: {error}");
                Err(Ending::failed(&text, true))
            }
        }
    }

    /// After AWS refused a call because of its target: somebody else may have done the same.
    async fn look_after(&self, change: &Change, error: &L::Error, doubt: Option<String>) -> Ending {
        match self.live.reread(&change.operation).await {
            Ok((now, _)) if now == change.after && doubt.is_some() => {
                Ending::good(Outcome::Applied)
            }
            Ok((now, _)) if now == change.after => Ending::good(Outcome::Already),
            Ok(_) | Err(_) => Ending::failed(error, doubt.is_some()),
        }
    }

    fn intend(&self, change: &Change) -> bool {
        self.record(Event::Intent { change: change.id.clone(), undo: change.undo.clone() })
    }

    /// Whether the entry is on the disk. After a failure nothing more is begun.
    fn record(&self, event: Event) -> bool {
        match self.ledger.record(event) {
            Ok(()) => true,
            Err(error) => {
                self.error().get_or_insert(error);
                false
            }
        }
    }

    fn is_broken(&self) -> bool {
        self.error().is_some()
    }

    fn error(&self) -> MutexGuard<'_, Option<io::Error>> {
        self.journal_error.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn into_error(self) -> Option<io::Error> {
        self.journal_error.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How the making of a change ended.
struct Ending {
    outcome: Outcome,
    error: Option<String>,
    unsettled: bool,
}

impl Ending {
    fn good(outcome: Outcome) -> Self {
        Self { outcome, error: None, unsettled: false }
    }

    fn new(outcome: Outcome, error: String) -> Self {
        Self { outcome, error: Some(error), unsettled: false }
    }

    fn failed(error: &impl std::fmt::Display, unsettled: bool) -> Self {
        Self { outcome: Outcome::Failed, error: Some(error.to_string()), unsettled }
    }
}

/// What is neither as planned from nor as planned to.
fn difference(change: &Change, now: &Document) -> String {
    let rows = |document: &Document| -> Vec<String> {
        document.rows().iter().map(|row| format!("{} {}", row.name, row.value)).collect()
    };
    let (before, now) = (rows(&change.before), rows(now));
    let was: Vec<&str> = before.iter().filter(|r| !now.contains(r)).map(String::as_str).collect();
    let is: Vec<&str> = now.iter().filter(|r| !before.contains(r)).map(String::as_str).collect();
    let or_nothing = |rows: Vec<&str>| {
        if rows.is_empty() { "nothing".to_owned() } else { format!("`{}`", rows.join(", ")) }
    };
    format!("changed since the plan: was {}, is now {}", or_nothing(was), or_nothing(is))
}
