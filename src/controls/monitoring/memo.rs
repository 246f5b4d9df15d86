//! Judgements of filter patterns, kept while the program runs: a plan judges an account several times, and
//! each time all patterns for all alarms.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Alarm, Fit, judge};

/// The most patterns that are kept for an alarm.
const MOST: usize = 1_000;

type Judged = BTreeMap<(u8, bool), BTreeMap<String, Fit>>;

static JUDGED: Mutex<Judged> = Mutex::new(BTreeMap::new());

/// What [`judge`] says.
pub(super) fn judged(alarm: &Alarm, candidate: &str, literal: bool) -> Fit {
    let of = (alarm.number, literal);
    let kept = judgements().get(&of).and_then(|fits| fits.get(candidate)).cloned();
    kept.unwrap_or_else(|| {
        let fit = judge(alarm, candidate, literal);
        let mut all = judgements();
        let fits = all.entry(of).or_default();
        if fits.len() >= MOST {
            fits.clear();
        }
        fits.insert(candidate.to_owned(), fit.clone());
        fit
    })
}

/// Nobody leaves a judgement half made.
fn judgements() -> MutexGuard<'static, Judged> {
    JUDGED.lock().unwrap_or_else(PoisonError::into_inner)
}
