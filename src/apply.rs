//! Carries out an approved plan: for each change read the target again, write down the intent, call,
//! write down the outcome.

mod patience;
mod schedule;
mod worker;

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use tokio::time::Instant;

use crate::approval::Approval;
use crate::change::{Change, Document, Operation};
use crate::journal::{Event, Outcome};
use crate::plan::Plan;
use crate::run::ChangeResult;
use schedule::Schedule;
use worker::Worker;

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

    /// How long to wait before a call is tried again that was throttled or not answered.
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

    /// What a clock shows that never goes back.
    fn now(&self) -> Instant {
        Instant::now()
    }

    /// Lets this much time go by on that clock.
    fn sleep(&self, time: Duration) -> impl Future<Output = ()> + Send {
        tokio::time::sleep(time)
    }
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
    /// It had none: something that it rests on is not there, or is not seen everywhere yet.
    NotYet,
    /// It had none: another change of the same thing is still under way.
    Busy,
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
    /// AWS does not take this change yet, and has this long to see what was just made.
    Waiting(&'a Change, Duration),
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
    let worker = Worker::new(live, approval, ledger, stop, progress);
    let mut schedule = Schedule::new(plan);
    let mut running = FuturesUnordered::new();
    let mut interrupted = false;
    loop {
        let stopped = stop.load(Ordering::SeqCst);
        interrupted |= stopped && !schedule.is_done();
        if !stopped && !worker.is_broken() && approval.is_for(plan) {
            for change in schedule.ready(AT_ONCE.saturating_sub(running.len())) {
                progress(Progress::Started(change));
                let (worker, made) = (&worker, schedule.last_made_for(change));
                running.push(async move { (change, worker.make(change, made).await) });
            }
        }
        let Some((change, result)) = running.next().await else { break };
        progress(Progress::Settled(change, result.0));
        schedule.settle(change, result, live.now());
    }
    drop(running);
    interrupted |= worker.is_cut_short();
    let journal_error = worker.into_error();
    let why = match (&journal_error, interrupted) {
        (Some(error), _) => format!("the journal cannot be written: {error}"),
        (None, true) => "the run was stopped".to_owned(),
        (None, false) => "something it requires did not come about".to_owned(),
    };
    Applied { changes: schedule.into_results(&why), interrupted, journal_error }
}
