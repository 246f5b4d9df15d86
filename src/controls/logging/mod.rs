//! Section 2: logging.

mod bucket;
mod config;
mod rotation;
mod trail;

use super::Control;

/// The section, in the order of the benchmark.
pub(super) const CONTROLS: &[&Control] = &[
    &trail::EVERY_REGION,
    &trail::VALIDATION,
    &bucket::NOT_PUBLIC,
    &trail::CLOUDWATCH_LOGS,
    &config::RECORDER,
    &bucket::ACCESS_LOGGING,
    &trail::ENCRYPTION,
    &rotation::CONTROL,
];
