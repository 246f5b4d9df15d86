//! How long AWS is given to see everywhere what was just made.

use std::time::Duration;

use tokio::time::Instant;

use super::Effect;

/// After this long AWS means what it says.
pub(super) const PATIENCE: Duration = Duration::from_mins(2);

/// The pauses grow up to this.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// What a change waits for AWS, in all.
#[derive(Debug)]
pub(super) struct Patience {
    /// When something that it requires was made last, in this run.
    made: Option<Instant>,
    /// When AWS first refused it for a reason that may pass.
    since: Option<Instant>,
    pauses: u32,
}

/// Whether to try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wait {
    /// After this pause.
    For(Duration),
    /// No: nothing that it requires is so fresh that it could explain the refusal.
    Never,
    /// Not any more.
    Over,
}

impl Patience {
    pub(super) const fn new(made: Option<Instant>) -> Self {
        Self { made, since: None, pauses: 0 }
    }

    /// What to do about a refusal with this effect.
    pub(super) fn with(&mut self, effect: Effect, now: Instant) -> Wait {
        let since = self.since.unwrap_or(now);
        let may_pass = match effect {
            Effect::Busy => true,
            // What was fresh when the waiting began does not grow old by it.
            Effect::NotYet => self.made.is_some_and(|made| since.duration_since(made) < PATIENCE),
            Effect::Refused | Effect::Misfit | Effect::Throttled | Effect::Doubtful => false,
        };
        if !may_pass {
            return Wait::Never;
        }
        self.since = Some(since);
        let left = self.left(now);
        if left.is_zero() {
            return Wait::Over;
        }
        let pause = Duration::from_secs(1 << self.pauses.min(5)).min(LONGEST_PAUSE);
        self.pauses += 1;
        Wait::For(pause.min(left))
    }

    /// How long it goes on, once it has begun.
    pub(super) fn left(&self, now: Instant) -> Duration {
        let since = self.since.unwrap_or(now);
        (since + PATIENCE).saturating_duration_since(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn pauses_grow_and_end_with_the_patience() {
        let start = Instant::now();
        let mut patience = Patience::new(Some(start));
        let (mut now, mut pauses) = (start + SECOND, Vec::new());
        while let Wait::For(pause) = patience.with(Effect::NotYet, now) {
            pauses.push(pause.as_secs());
            now += pause;
        }
        assert_eq!(pauses, [1, 2, 4, 8, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 5]);
        assert_eq!(now, start + SECOND + PATIENCE);
        assert_eq!(patience.with(Effect::NotYet, now), Wait::Over);
    }

    #[test]
    fn only_what_is_fresh_is_waited_for() {
        let start = Instant::now();
        let first = |made, effect, now| Patience::new(made).with(effect, now);
        let just_before = start + PATIENCE - SECOND;
        assert_eq!(first(Some(start), Effect::NotYet, just_before), Wait::For(SECOND));
        assert_eq!(first(Some(start), Effect::NotYet, start + PATIENCE), Wait::Never);
        assert_eq!(first(None, Effect::NotYet, start), Wait::Never);
        assert_eq!(first(None, Effect::Busy, start), Wait::For(SECOND));
        assert_eq!(first(Some(start), Effect::Refused, start), Wait::Never);
    }

    #[test]
    fn waiting_outlasts_the_freshness() {
        let start = Instant::now();
        let mut patience = Patience::new(Some(start));
        let begun = start + PATIENCE - SECOND;
        assert_eq!(patience.with(Effect::NotYet, begun), Wait::For(SECOND));
        assert_eq!(patience.with(Effect::NotYet, begun + SECOND * 60), Wait::For(SECOND * 2));
        assert_eq!(patience.left(begun + SECOND * 60), SECOND * 60);
        assert_eq!(patience.with(Effect::Busy, begun + PATIENCE), Wait::Over);
    }
}
