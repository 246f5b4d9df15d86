//! Section 4: networking.

mod default_group;
mod flow_logs;
mod ports;

use super::Control;

/// The section, in the order of the benchmark.
pub(super) const CONTROLS: &[&Control] = &[
    &ports::CONTROLS[0],
    &ports::CONTROLS[1],
    &flow_logs::FLOW_LOGS,
    &default_group::DEFAULT_GROUP,
];
