//! The command line: one file per verb. The only place that reads the environment and the clock.

mod apply;
mod args;
mod assess;
mod baseline;
mod carry_out;
mod catalogue;
mod context;
mod enroll;
mod entry;
mod leftovers;
mod mfa;
mod perform;
mod plan;
mod policy;
mod rollout;
mod runs;
mod session;
mod settle;
mod shell;
mod show;
mod snapshot;
mod stop;
mod undo;
mod verify;

pub use entry::run;
