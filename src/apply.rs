//! Carries out an approved plan: for each change read the target again, write down the intent, call,
//! write down the outcome.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;

use crate::approval::Approval;
use crate::change::{Change, ChangeId, Document, Operation};
use crate::journal::{Event, Outcome};
use crate::model::Region;
use crate::plan::Plan;
use crate::run::ChangeResult;

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

    /// Makes the one call that the operation is.
    fn execute(
        &self,
        operation: &Operation,
        target: &Self::Target,
        approval: &Approval,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send;
}

/// What the caller must know of an error.
pub trait Failure: std::fmt::Display {
    /// Whether it is certain that the call had no effect.
    fn had_no_effect(&self) -> bool;
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

/// Applies the plan. `stop` ends it after the calls in flight.
pub async fn apply<L: Live>(
    plan: &Plan,
    live: &L,
    approval: &Approval,
    ledger: &impl Ledger,
    stop: &AtomicBool,
    progress: &(impl Fn(Progress<'_>) + Sync),
) -> Applied {
    let worker = Worker { live, approval, ledger, journal_error: std::sync::Mutex::new(None) };
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

/// Which change has its turn: in the order of the plan, one at a time in each region (and of the
/// account-wide ones), and never before what it requires.
struct Schedule<'a> {
    plan: &'a Plan,
    waiting: Vec<&'a Change>,
    busy: BTreeSet<Option<&'a Region>>,
    settled: BTreeMap<&'a ChangeId, (Outcome, Option<String>)>,
}

impl<'a> Schedule<'a> {
    fn new(plan: &'a Plan) -> Self {
        let waiting = plan.changes.iter().collect();
        Self { plan, waiting, busy: BTreeSet::new(), settled: BTreeMap::new() }
    }

    fn is_done(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Takes out the changes whose turn it is, and settles those whose turn can never come.
    fn ready(&mut self, most: usize) -> Vec<&'a Change> {
        let mut ready = Vec::new();
        let mut still_waiting = Vec::new();
        let mut lanes = self.busy.clone();
        for change in std::mem::take(&mut self.waiting) {
            let outcomes: Vec<Option<Outcome>> =
                change.requires.iter().map(|id| self.settled.get(id).map(|s| s.0)).collect();
            let lane = change.region.as_ref();
            if outcomes.iter().flatten().any(|outcome| !outcome.holds()) {
                let why = "something it requires did not come about".to_owned();
                self.settled.insert(&change.id, (Outcome::Skipped, Some(why)));
            } else if outcomes.iter().all(Option::is_some)
                && ready.len() < most
                && lanes.insert(lane)
            {
                self.busy.insert(lane);
                ready.push(change);
            } else {
                // Later changes of this region keep their place behind it.
                lanes.insert(lane);
                still_waiting.push(change);
            }
        }
        self.waiting = still_waiting;
        ready
    }

    fn settle(&mut self, change: &'a Change, result: (Outcome, Option<String>)) {
        self.busy.remove(&change.region.as_ref());
        self.settled.insert(&change.id, result);
    }

    fn into_results(mut self, why_not: &str) -> Vec<ChangeResult> {
        self.plan
            .changes
            .iter()
            .map(|change| {
                let (outcome, error) = self
                    .settled
                    .remove(&change.id)
                    .unwrap_or_else(|| (Outcome::Skipped, Some(why_not.to_owned())));
                ChangeResult { id: change.id.clone(), outcome, error }
            })
            .collect()
    }
}

struct Worker<'a, L, J> {
    live: &'a L,
    approval: &'a Approval,
    ledger: &'a J,
    journal_error: std::sync::Mutex<Option<io::Error>>,
}

impl<L: Live, J: Ledger> Worker<'_, L, J> {
    /// Makes one change, and writes down how it ended.
    async fn make(&self, change: &Change) -> (Outcome, Option<String>) {
        let Ending { outcome, error, unsettled } = self.call(change).await;
        let (change, told) = (change.id.clone(), error.clone());
        self.record(Event::Outcome { change, outcome, error: told, unsettled });
        (outcome, error)
    }

    async fn call(&self, change: &Change) -> Ending {
        let operation = &change.operation;
        let target = match self.live.reread(operation).await {
            Err(error) => return Ending::new(Outcome::Failed, format!("not read again: {error}")),
            Ok((now, _)) if now == change.after => return Ending::good(Outcome::Already),
            Ok((now, _)) if now != change.before => {
                return Ending::new(Outcome::Stale, difference(change, &now));
            }
            Ok((_, target)) => target,
        };
        let undo = change.undo.clone();
        if !self.record(Event::Intent { change: change.id.clone(), undo }) {
            return Ending::new(Outcome::Skipped, "the journal cannot be written".to_owned());
        }
        match self.live.execute(operation, &target, self.approval).await {
            Ok(()) => Ending::good(Outcome::Applied),
            Err(error) if error.had_no_effect() => Ending::new(Outcome::Failed, error.to_string()),
            Err(error) => self.settle(change, &error).await,
        }
    }

    /// After an answer that leaves open whether the call took effect, the account decides. If it does not
    /// show the effect, that may still come: undo must look again.
    async fn settle(&self, change: &Change, error: &L::Error) -> Ending {
        let error = match self.live.reread(&change.operation).await {
            Ok((now, _)) if now == change.after => return Ending::good(Outcome::Applied),
            Ok(_) => error.to_string(),
            Err(again) => format!("{error}; whether it took effect is unknown: {again}"),
        };
        Ending { outcome: Outcome::Failed, error: Some(error), unsettled: true }
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

    fn error(&self) -> std::sync::MutexGuard<'_, Option<io::Error>> {
        self.journal_error.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn into_error(self) -> Option<io::Error> {
        self.journal_error.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
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
