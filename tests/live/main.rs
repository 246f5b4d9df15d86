//! The real binary against the emulator, each test in an account of its own.

#[path = "../support/mod.rs"]
mod support;

mod bad_input;
mod end_to_end;
mod faults;
mod passwords;
mod ports;
mod prompts;
mod runs;
mod sessions;
mod world;
