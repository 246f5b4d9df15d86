//! Section 3: monitoring.

mod alarms;
mod contact;
mod subscribers;

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
