//! The real binary against the emulator, each test in an account of its own.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods,
    reason = "a test ends at the first surprise"
)]

#[path = "../support/answers.rs"]
mod answers;
#[path = "../support/mod.rs"]
mod support;
#[path = "../support/world.rs"]
mod world;

mod alarms;
mod bad_input;
mod broken;
mod contact;
mod credentials;
mod default_groups;
mod demo;
mod devices;
mod end_to_end;
mod enroll;
mod faults;
mod flow_logs;
mod forged;
mod hostile_files;
mod hostile_text;
mod logging;
mod new_account;
mod passwords;
mod patience;
mod people;
mod permissions;
mod ports;
mod prompts;
mod recorders;
mod rollout;
mod runs;
mod secrets;
mod sessions;
mod shared_files;
mod subscribers;
mod together;
mod trails;
mod trip;
mod unread;
