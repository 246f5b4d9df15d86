//! 2.4: each trail delivers to CloudWatch Logs, and has done so within a day.

use jiff::{SignedDuration, Timestamp};

use super::elsewhere::Tally;
use super::remedy::TRAIL;
use super::seen::Seen;
use crate::controls::{Assess, Case, Check, Control, Inherits, Outcome, Remedy, Waiting};
use crate::model::{ControlId, Gap, Level, Read, Trail};

/// 2.4
pub(super) static CONTROL: Control = Control {
    id: ControlId::new(2, 4),
    level: Level::One,
    scored: true,
    title: "Trails deliver to CloudWatch Logs",
    why: "Events arrive there within minutes and can raise alarms: 3.1 to 3.14 rest on it.",
    assess: Assess::Automatic {
        reads: &[Read::Trails, Read::TrailStatus],
        context: &[],
        check: &Delivers,
    },
    remedy: Remedy::Automatic(&TRAIL),
};

/// After this long without a delivery something is broken.
const RECENT: SignedDuration = SignedDuration::from_hours(24);
/// So long a trail that was started again may take to its first delivery.
const STARTING: SignedDuration = SignedDuration::from_hours(1);

#[derive(Debug)]
struct Delivers;

/// How the deliveries of one trail are.
#[derive(Debug, PartialEq, Eq)]
enum State {
    Recent,
    /// Set up, and the first delivery is yet to come: that takes a quarter of an hour.
    Waits,
    Bad(String),
}

impl Check for Delivers {
    fn assess(&self, case: &Case<'_>) -> Outcome {
        let seen = Seen::of(case);
        if let Some(outcome) = seen.none_at_all() {
            return outcome;
        }
        let mut tally = Tally::new(CONTROL.id, seen.missing);
        for named in &seen.trails {
            // AWS shows the log group to the owner of the trail only.
            if tally.takes_answer(named) {
                continue;
            }
            match state(named.trail, case.snapshot.taken_at) {
                Ok(State::Recent) => {}
                Ok(State::Waits) => tally.pending.push(Waiting {
                    region: Some(named.trail.home.clone()),
                    resource: Some(named.name().to_owned()),
                    on: "waits for the first delivery to CloudWatch Logs".to_owned(),
                }),
                Ok(State::Bad(summary)) => tally.findings.push(named.finding(&summary)),
                Err(gap) => tally.missing.push(named.missing(gap)),
            }
        }
        tally.outcome()
    }

    fn inherits(&self) -> Option<Inherits> {
        Some(Inherits::Judged)
    }
}

fn state(trail: &Trail, now: Timestamp) -> Result<State, Gap> {
    if trail.log_group.is_none() {
        return Ok(State::Bad("does not deliver to CloudWatch Logs".to_owned()));
    }
    let status = trail.status.known()?;
    let last = &status.delivered_to_logs;
    Ok(match (&last.error, last.at) {
        (Some(error), _) => {
            State::Bad(format!("its last delivery to CloudWatch Logs failed: {error}"))
        }
        (None, Some(at)) if now.duration_since(at) <= RECENT => State::Recent,
        (None, Some(_)) if status.logging && is_starting(status.started, now) => State::Waits,
        (None, Some(at)) => State::Bad(format!("delivered to CloudWatch Logs last at {at}")),
        (None, None) if status.logging => State::Waits,
        (None, None) => {
            State::Bad("is stopped, and has never delivered to CloudWatch Logs".to_owned())
        }
    })
}

fn is_starting(started: Option<Timestamp>, now: Timestamp) -> bool {
    started.is_some_and(|at| now.duration_since(at) <= STARTING)
}

/// Whether a trail delivers, or is about to.
pub(super) fn delivers(trail: &Trail, now: Timestamp) -> bool {
    matches!(state(trail, now), Ok(State::Recent | State::Waits))
}

#[cfg(test)]
mod tests {
    use super::super::tests_support::{account, assess, denied, findings, trail};
    use super::*;
    use crate::model::{Delivery, Observed};

    fn now() -> Timestamp {
        "2026-11-25T12:00:00Z".parse().unwrap()
    }

    fn delivered(at: Option<&str>, error: Option<&str>, logging: bool) -> Trail {
        let mut trail = trail("main");
        let status = trail.status.ok_mut().unwrap();
        status.logging = logging;
        let at = at.map(|at| at.parse().unwrap());
        status.delivered_to_logs = Delivery { at, error: error.map(ToOwned::to_owned) };
        trail
    }

    #[test]
    fn deliveries_are_recent_pending_or_bad() {
        let state = |at, error, logging| state(&delivered(at, error, logging), now()).unwrap();
        assert_eq!(state(Some("2026-11-25T11:55:00Z"), None, true), State::Recent);
        assert_eq!(state(Some("2026-11-24T12:00:00Z"), None, true), State::Recent);
        assert_eq!(state(None, None, true), State::Waits);
        for (at, error, logging, words) in [
            (Some("2026-11-24T11:59:59Z"), None, true, "last at 2026-11-24T11:59:59Z"),
            (Some("2026-11-25T11:55:00Z"), Some("AccessDenied"), true, "failed: AccessDenied"),
            (None, Some("AccessDenied"), true, "failed: AccessDenied"),
            (None, None, false, "is stopped"),
        ] {
            let State::Bad(summary) = state(at, error, logging) else { panic!("{words}") };
            assert!(summary.contains(words), "{summary}");
        }
    }

    #[test]
    fn a_trail_that_was_just_started_has_an_hour() {
        let started = |at: &str, logging| {
            let mut trail = delivered(Some("2026-11-01T00:00:00Z"), None, logging);
            trail.status.ok_mut().unwrap().started = Some(at.parse().unwrap());
            state(&trail, now()).unwrap()
        };
        assert_eq!(started("2026-11-25T11:30:00Z", true), State::Waits);
        assert!(matches!(started("2026-11-25T10:30:00Z", true), State::Bad(_)));
        assert!(matches!(started("2026-11-25T11:30:00Z", false), State::Bad(_)));
    }

    #[test]
    fn the_first_delivery_is_waited_for() {
        let outcome = assess(&Delivers, &account(vec![delivered(None, None, true)]));
        let Outcome::Judged { findings, missing, pending, .. } = outcome else { panic!() };
        assert!(findings.is_empty() && missing.is_empty());
        assert_eq!(pending[0].resource.as_deref(), Some("main"));
    }

    #[test]
    fn each_trail_has_to_deliver() {
        assert_eq!(assess(&Delivers, &account(vec![trail("main")])), Outcome::PASS);
        let bare = Trail { log_group: None, status: Observed::Unread, ..trail("bare") };
        let outcome = assess(&Delivers, &account(vec![trail("main"), bare]));
        assert_eq!(findings(&outcome)[0].resource, "bare");
        assert_eq!(findings(&assess(&Delivers, &account(vec![]))).len(), 1);
    }

    #[test]
    fn a_hidden_status_is_unknown() {
        let dark = Trail { status: denied("cloudtrail:GetTrailStatus"), ..trail("main") };
        let Outcome::Judged { findings, missing, .. } = assess(&Delivers, &account(vec![dark]))
        else {
            panic!()
        };
        assert_eq!((findings.len(), missing[0].resource.as_deref()), (0, Some("main")));
    }
}
