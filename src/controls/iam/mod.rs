//! Section 1: identity and access management.

mod password;
mod people;
mod questions;
mod root;

use super::Control;

/// The section, in the order of the benchmark.
pub(super) const CONTROLS: &[&Control] = &[
    &people::ROOT_USE,
    &people::CONSOLE_MFA,
    &people::UNUSED_CREDENTIALS,
    &people::KEY_AGE,
    &password::CONTROLS[0],
    &password::CONTROLS[1],
    &password::CONTROLS[2],
    &password::CONTROLS[3],
    &password::CONTROLS[4],
    &password::CONTROLS[5],
    &password::CONTROLS[6],
    &root::NO_ACCESS_KEY,
    &root::HARDWARE_MFA,
    &questions::SECURITY_QUESTIONS,
    &people::DIRECT_POLICIES,
];
