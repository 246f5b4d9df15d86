//! An account in memory that can be told to misbehave.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use harden::apply::{Effect, Failure, Ledger, Live};
use harden::approval::{Approval, Confirmed, by_flag};
use harden::change::{Document, Operation};
use harden::journal::Event;
use harden::model::Snapshot;
use harden::plan::Plan;

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
    pub(crate) stop: AtomicBool,
}

impl Fake {
    pub(crate) fn new(snapshot: &Snapshot, twists: impl IntoIterator<Item = Twist>) -> Self {
        Self {
            state: Mutex::new(snapshot.clone()),
            twists: Mutex::new(twists.into_iter().collect()),
            writes: Mutex::default(),
            stop: AtomicBool::new(false),
        }
    }
}

impl Live for Fake {
    type Target = ();
    type Error = FakeError;

    async fn reread(&self, operation: &Operation) -> Result<(Document, ()), FakeError> {
        Ok((operation.document(&self.state.lock().unwrap()).unwrap(), ()))
    }

    async fn execute(&self, operation: &Operation, (): &(), _: &Approval) -> Result<(), FakeError> {
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
            Twist::Beaten => Effect::Misfit,
            Twist::Throttled | Twist::Overtaken => Effect::Throttled,
            Twist::DroppedBefore | Twist::DroppedAfter => Effect::Doubtful,
        };
        Err(FakeError { effect })
    }

    fn pause(&self, _: u32) -> Duration {
        Duration::ZERO
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
    match by_flag(plan) {
        Confirmed::Go(plan, approval) => (*plan, approval),
        Confirmed::Declined(_) => panic!("declined"),
    }
}
