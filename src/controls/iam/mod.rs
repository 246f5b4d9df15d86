//! Section 1: identity and access management.

mod credentials;
mod direct;
mod idle;
mod key_age;
mod live;
mod password;
mod people;
mod questions;
mod report;
mod root;
mod root_keys;
mod root_use;
#[cfg(test)]
mod truth;

use super::Control;

pub use credentials::{Suspect, suspects};
pub use root_keys::root_is_suspect;

/// The section, in the order of the benchmark.
pub(super) const CONTROLS: &[&Control] = &[
    &root_use::CONTROL,
    &people::CONSOLE_MFA,
    &idle::CONTROL,
    &key_age::CONTROL,
    &password::CONTROLS[0],
    &password::CONTROLS[1],
    &password::CONTROLS[2],
    &password::CONTROLS[3],
    &password::CONTROLS[4],
    &password::CONTROLS[5],
    &password::CONTROLS[6],
    &root_keys::CONTROL,
    &root::HARDWARE_MFA,
    &questions::SECURITY_QUESTIONS,
    &direct::CONTROL,
];
