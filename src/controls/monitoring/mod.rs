//! Section 3: monitoring.

mod alarm;
mod alarms;
mod allowed;
mod chain;
mod contact;
mod everyday;
mod fit;
mod memo;
mod missed;
mod names;
mod remedy;
mod subscribers;
#[cfg(test)]
mod tests_support;

pub use alarm::{Alarm, USD_PER_ALARM, USD_PER_FILTER, Variant};
pub use alarms::alarms;
pub use fit::{Fit, judge};

use super::Control;

/// The section, in the order of the benchmark.
pub(super) const CONTROLS: &[&Control] = &{
    let [a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14] = alarms::CONTROLS;
    [
        a1,
        a2,
        a3,
        a4,
        a5,
        a6,
        a7,
        a8,
        a9,
        a10,
        a11,
        a12,
        a13,
        a14,
        &contact::SECURITY_CONTACT,
        &subscribers::SUBSCRIBERS,
    ]
};
