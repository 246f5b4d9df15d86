//! An account in memory that can be told to misbehave.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use harden::apply::{Effect, Failure, Ledger, Live};
use harden::approval::{Approval, Confirmed, by_flag};
use harden::change::{Document, Operation};
use harden::journal::Event;
use harden::model::Snapshot;
use harden::plan::Plan;
use tokio::time::Instant;

/// What a call does instead of what it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Twist {
    /// Nothing special.
    None,
    /// Refused; certainly without effect.
    Denied,
    /// Too many calls.
    Throttled,
    /// Too many calls, and meanwhile somebody else makes the same change.
    Overtaken,
    /// Refused, for something that it rests on is not seen yet.
    Unseen,
    /// Refused, for another change of the same thing is under way.
    Busy,
    /// Somebody else makes the same change just before, and the call is refused for it.
    Beaten,
    /// The connection breaks before the call takes effect.
    DroppedBefore,
    /// The connection breaks after the call took effect.
    DroppedAfter,
    /// It works, and then somebody presses Ctrl-C.
    Stop,
}

#[derive(Debug)]
pub(crate) struct FakeError {
    effect: Effect,
}

impl fmt::Display for FakeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.effect)
    }
}

impl Failure for FakeError {
    fn effect(&self) -> Effect {
        self.effect
    }
}

/// The account.
pub(crate) struct Fake {
    pub(crate) state: Mutex<Snapshot>,
    pub(crate) twists: Mutex<VecDeque<Twist>>,
    pub(crate) writes: Mutex<Vec<Operation>>,
    /// How often anything was called, with effect or without.
    pub(crate) calls: AtomicUsize,
    /// How often a target is not seen when it is read.
    pub(crate) unread: AtomicUsize,
    pub(crate) stop: AtomicBool,
    /// Somebody presses Ctrl-C once this much time has gone by.
    stop_after: Option<Duration>,
    begun: Instant,
    /// What has gone by. Nobody waits for it.
    passed: Mutex<Duration>,
}

impl Fake {
    pub(crate) fn new(snapshot: &Snapshot, twists: impl IntoIterator<Item = Twist>) -> Self {
        Self {
            state: Mutex::new(snapshot.clone()),
            twists: Mutex::new(twists.into_iter().collect()),
            writes: Mutex::default(),
            calls: AtomicUsize::new(0),
            unread: AtomicUsize::new(0),
            stop: AtomicBool::new(false),
            stop_after: None,
            begun: Instant::now(),
            passed: Mutex::default(),
        }
    }

    pub(crate) fn stopped_after(self, time: Duration) -> Self {
        Self { stop_after: Some(time), ..self }
    }

    pub(crate) fn passed(&self) -> Duration {
        *self.passed.lock().unwrap()
    }
}

impl Live for Fake {
    type Target = ();
    type Error = FakeError;

    async fn reread(&self, operation: &Operation) -> Result<(Document, ()), FakeError> {
        let fewer = |left: usize| left.checked_sub(1);
        if self.unread.fetch_update(Ordering::SeqCst, Ordering::SeqCst, fewer).is_ok() {
            return Err(FakeError { effect: Effect::NotYet });
        }
        Ok((operation.document(&self.state.lock().unwrap()).unwrap(), ()))
    }

    async fn execute(&self, operation: &Operation, (): &(), _: &Approval) -> Result<(), FakeError> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        let twist = self.twists.lock().unwrap().pop_front().unwrap_or(Twist::None);
        let ours = [Twist::None, Twist::Stop, Twist::DroppedAfter].contains(&twist);
        if ours {
            self.writes.lock().unwrap().push(operation.clone());
        }
        if ours || [Twist::Overtaken, Twist::Beaten].contains(&twist) {
            operation.simulate(&mut self.state.lock().unwrap()).unwrap();
        }
        let effect = match twist {
            Twist::None => return Ok(()),
            Twist::Stop => {
                self.stop.store(true, Ordering::SeqCst);
                return Ok(());
            }
            Twist::Denied => Effect::Refused,
            Twist::Unseen => Effect::NotYet,
            Twist::Busy => Effect::Busy,
            Twist::Beaten => Effect::Misfit,
            Twist::Throttled | Twist::Overtaken => Effect::Throttled,
            Twist::DroppedBefore | Twist::DroppedAfter => Effect::Doubtful,
        };
        Err(FakeError { effect })
    }

    fn pause(&self, _: u32) -> Duration {
        Duration::ZERO
    }

    fn now(&self) -> Instant {
        self.begun + self.passed()
    }

    async fn sleep(&self, time: Duration) {
        *self.passed.lock().unwrap() += time;
        if self.stop_after.is_some_and(|after| self.passed() >= after) {
            self.stop.store(true, Ordering::SeqCst);
        }
    }
}

/// A journal in memory that runs full.
#[derive(Default)]
pub(crate) struct Paper {
    pub(crate) events: Mutex<Vec<Event>>,
    pub(crate) room: Option<usize>,
}

impl Ledger for Paper {
    fn record(&self, event: Event) -> io::Result<()> {
        let mut events = self.events.lock().unwrap();
        if self.room.is_some_and(|room| events.len() >= room) {
            return Err(io::Error::new(io::ErrorKind::StorageFull, "no space left on device"));
        }
        events.push(event);
        Ok(())
    }
}

pub(crate) fn approve(plan: Plan) -> (Plan, Approval) {
    match by_flag(plan, Some(usize::MAX)) {
        Confirmed::Go(plan, approval) => (*plan, approval),
        Confirmed::Declined(_) => panic!("declined"),
    }
}
