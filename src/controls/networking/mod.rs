//! Section 4: networking.

mod attached;
mod default_group;
mod flow_logs;
mod ports;
mod tagged;

use super::Control;
use crate::model::{GroupId, Regional};

/// The section, in the order of the benchmark.
pub(super) const CONTROLS: &[&Control] = &[
    &ports::CONTROLS[0],
    &ports::CONTROLS[1],
    &flow_logs::FLOW_LOGS,
    &default_group::DEFAULT_GROUP,
];

/// What people call a group, if it could be read.
fn name_of<'a>(regional: &'a Regional, group: &GroupId) -> Option<&'a str> {
    Some(regional.groups.ok()?.get(group)?.name.as_str())
}
