//! Makes one change: reads its target, calls, and calls again where that can help.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::patience::{PATIENCE, Patience, Wait};
use super::{Effect, Failure as _, Ledger, Live, Progress};
use crate::approval::Approval;
use crate::change::{Change, Document};
use crate::journal::{Event, Outcome};

/// How often a call is tried that AWS does not answer.
const TRIES: u32 = 5;

/// How often a call is tried that AWS throttles: two minutes in all.
const TRIES_IF_THROTTLED: u32 = 10;

const fn most_tries(in_doubt: bool) -> u32 {
    if in_doubt { TRIES } else { TRIES_IF_THROTTLED }
}

/// Whoever waits looks this often whether to end.
const TICK: Duration = Duration::from_millis(200);

pub(super) struct Worker<'a, L, J, P> {
    live: &'a L,
    approval: &'a Approval,
    ledger: &'a J,
    stop: &'a AtomicBool,
    progress: &'a P,
    journal_error: Mutex<Option<io::Error>>,
    cut_short: AtomicBool,
    /// When the run began.
    begun: Instant,
}

impl<'a, L: Live, J: Ledger, P: Fn(Progress<'_>) + Sync> Worker<'a, L, J, P> {
    pub(super) fn new(
        live: &'a L,
        approval: &'a Approval,
        ledger: &'a J,
        stop: &'a AtomicBool,
        progress: &'a P,
    ) -> Self {
        let (journal_error, cut_short) = (Mutex::new(None), AtomicBool::new(false));
        let begun = live.now();
        Self { live, approval, ledger, stop, progress, journal_error, cut_short, begun }
    }

    /// Makes one change, and writes down how it ended. `made` is when something that it requires was made
    /// last.
    pub(super) async fn make(
        &self,
        change: &Change,
        made: Option<Instant>,
    ) -> (Outcome, Option<String>) {
        let Ending { outcome, error, unsettled } = self.call(change, made).await;
        let (change, told) = (change.id.clone(), error.clone());
        self.record(Event::Outcome { change, outcome, error: told, unsettled });
        (outcome, error)
    }

    /// Calls until AWS has taken or refused it. Before each try the target is read again, so that a call
    /// never overwrites what somebody did in between, and is never made twice.
    async fn call(&self, change: &Change, made: Option<Instant>) -> Ending {
        let mut patience = Patience::new(made);
        if made.is_none() && !change.operation.settles_in().is_zero() {
            // What is so already is not waited for.
            if let Err(ending) = self.look(change, None, &mut patience).await {
                return ending;
            }
        }
        // What it rests on may have been made just before this run, by one that was killed.
        if self.settle(change, made.unwrap_or(self.begun)).await {
            return Ending::new(Outcome::Skipped, "the run was stopped".to_owned());
        }
        let mut doubt: Option<String> = None;
        let mut refusal: Option<String> = None;
        let mut tries = 0;
        loop {
            let target = match self.look(change, doubt.as_deref(), &mut patience).await {
                Ok(target) => target,
                Err(ending) => return ending,
            };
            match &refusal {
                None if !self.intend(change) => {
                    let why = "the journal cannot be written".to_owned();
                    return Ending::new(Outcome::Skipped, why);
                }
                Some(said) if tries >= most_tries(doubt.is_some()) => {
                    return Ending::failed(doubt.as_ref().unwrap_or(said), doubt.is_some());
                }
                Some(said) if self.gives_up() => {
                    let said = doubt.as_ref().unwrap_or(said);
                    return Ending::failed(
                        &format!("{said}; the run was stopped"),
                        doubt.is_some(),
                    );
                }
                // The first try is one of the calls in flight, which finish.
                None | Some(_) => {}
            }
            if doubt.is_some() && !change.operation.is_repeatable() {
                // It may only not be seen yet: whoever called again would make a second one.
                self.rest(self.live.pause(tries), &|_| {}).await;
                tries += 1;
                continue;
            }
            let result = self.live.execute(&change.operation, &target, self.approval).await;
            let Err(error) = result else { return Ending::good(Outcome::Applied) };
            match error.effect() {
                Effect::Refused => return Ending::failed(&error, doubt.is_some()),
                Effect::Misfit => return self.look_after(change, &error, doubt).await,
                effect @ (Effect::NotYet | Effect::Busy) => {
                    refusal = Some(error.to_string());
                    match patience.with(effect, self.live.now()) {
                        Wait::For(pause) => self.wait(change, pause, &patience).await,
                        Wait::Never => return self.look_after(change, &error, doubt).await,
                        Wait::Over => return Ending::failed(&too_long(&error), doubt.is_some()),
                    }
                }
                Effect::Doubtful => {
                    refusal = Some(error.to_string());
                    doubt.clone_from(&refusal);
                    self.rest(self.live.pause(tries), &|_| {}).await;
                    tries += 1;
                }
                Effect::Throttled => {
                    let said = "AWS answered every time that there are too many calls";
                    refusal = Some(said.to_owned());
                    self.rest(self.live.pause(tries), &|_| {}).await;
                    tries += 1;
                }
            }
        }
    }

    /// Reads the target again. An `Ending` where there is nothing to call for.
    async fn look(
        &self,
        change: &Change,
        doubt: Option<&str>,
        patience: &mut Patience,
    ) -> Result<L::Target, Ending> {
        match (self.reread(change, patience).await, doubt) {
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

    /// Reads the target, and waits for one that is not seen yet because what it belongs to was just made.
    async fn reread(
        &self,
        change: &Change,
        patience: &mut Patience,
    ) -> Result<(Document, L::Target), L::Error> {
        loop {
            let error = match self.live.reread(&change.operation).await {
                Ok(read) => return Ok(read),
                Err(error) => error,
            };
            match patience.with(error.effect(), self.live.now()) {
                Wait::For(pause) if !self.gives_up() => self.wait(change, pause, patience).await,
                Wait::For(_) | Wait::Never | Wait::Over => return Err(error),
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

    /// Gives AWS the time to go by what was just made. Whether somebody asked to end meanwhile.
    async fn settle(&self, change: &Change, made: Instant) -> bool {
        let end = made + change.operation.settles_in();
        let left = |now: Instant| end.saturating_duration_since(now);
        let pause = left(self.live.now());
        self.rest(pause, &|now| (self.progress)(Progress::Waiting(change, left(now)))).await;
        !pause.is_zero() && self.gives_up()
    }

    /// Waits until AWS may see what was just made.
    async fn wait(&self, change: &Change, pause: Duration, patience: &Patience) {
        let tell = |now| (self.progress)(Progress::Waiting(change, patience.left(now)));
        self.rest(pause, &tell).await;
    }

    /// Lets time go by, and tells of it, until somebody asks to end.
    async fn rest(&self, pause: Duration, tell: &(impl Fn(Instant) + Sync)) {
        let end = self.live.now() + pause;
        loop {
            let now = self.live.now();
            let left = end.saturating_duration_since(now);
            if left.is_zero() || self.is_stopped() {
                return;
            }
            tell(now);
            self.live.sleep(left.min(TICK)).await;
        }
    }

    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }

    /// Whether to give up a change that AWS has not taken yet, because somebody asked to end.
    fn gives_up(&self) -> bool {
        let stopped = self.is_stopped();
        self.cut_short.fetch_or(stopped, Ordering::SeqCst);
        stopped
    }

    /// Whether a change was given up.
    pub(super) fn is_cut_short(&self) -> bool {
        self.cut_short.load(Ordering::SeqCst)
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

    pub(super) fn is_broken(&self) -> bool {
        self.error().is_some()
    }

    fn error(&self) -> MutexGuard<'_, Option<io::Error>> {
        self.journal_error.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn into_error(self) -> Option<io::Error> {
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

/// What AWS said to the end.
fn too_long(error: &impl std::fmt::Display) -> String {
    format!("{error} (for {} s)", PATIENCE.as_secs())
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
