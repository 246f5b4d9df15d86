//! The 43 recommendations, one definition each: it drives assessment, remedy, `list`, `explain`,
//! permissions and tests.
//!
//! Knows the snapshot and the operations, and nothing of AWS calls, files or the terminal.

mod control;
mod iam;
mod logging;
mod monitoring;
mod networking;
mod obstacle;
mod outcome;
mod permits;
mod proposal;
mod regions;
mod statements;
#[cfg(test)]
mod tests;
mod words;

pub use control::{Assess, Case, Check, Control, Fix, Inherits, Remedy, Scope};
pub use iam::{Suspect, root_is_suspect, suspects};
pub use monitoring::{Alarm, Fit, USD_PER_ALARM, USD_PER_FILTER, Variant, alarms, judge};
pub use outcome::{Finding, Missing, Outcome, Waiting};
pub use proposal::{Bundle, NotPlanned, Proposal, Step, Wanted, Why};

use crate::model::ControlId;

/// The edition all of this is about.
pub const BENCHMARK: &str = "cis-aws-1.0.0";

const SECTIONS: [&[&Control]; 4] =
    [iam::CONTROLS, logging::CONTROLS, monitoring::CONTROLS, networking::CONTROLS];

/// Every control, in the order of the benchmark.
pub fn all() -> impl Iterator<Item = &'static Control> {
    SECTIONS.into_iter().flatten().copied()
}

/// The control with this number, if the benchmark has one.
pub fn get(id: ControlId) -> Option<&'static Control> {
    all().find(|control| control.id == id)
}

/// The heading of a section of the benchmark.
pub const fn section_title(section: u8) -> &'static str {
    match section {
        1 => "Identity and Access Management",
        2 => "Logging",
        3 => "Monitoring",
        4 => "Networking",
        _ => "",
    }
}
