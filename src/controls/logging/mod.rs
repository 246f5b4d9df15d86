//! Section 2: logging.

mod access_log;
mod coverage;
mod elsewhere;
mod encryption;
mod log_group;
mod public;
mod recorder;
mod remedy;
mod rotation;
mod seen;
#[cfg(test)]
pub(in crate::controls) mod tests_support;
mod validation;

pub(super) use coverage::look;
pub(super) use elsewhere::Answer;
pub(super) use seen::{Named, Seen, TRAILS};

use super::Control;

/// The section, in the order of the benchmark.
pub(super) const CONTROLS: &[&Control] = &[
    &coverage::CONTROL,
    &validation::CONTROL,
    &public::CONTROL,
    &log_group::CONTROL,
    &recorder::CONTROL,
    &access_log::CONTROL,
    &encryption::CONTROL,
    &rotation::CONTROL,
];
