//! Decides what to change: pure, deterministic, and the last place where anything is decided.

mod build;
mod changes;
mod credentials;
mod digest;
mod file;
mod resume;
mod reverse;
#[cfg(test)]
pub(crate) mod tests_support;
mod types;
mod weaken;

pub use build::{PlanError, build, resume};
pub use digest::Digest;
pub use file::{PlanFileError, read, to_json};
pub use resume::{Came, Leftover, left_by};
pub use reverse::{Bounds, MadeBy, Moved, Undoable, reverse};
pub use types::{Origin, PLAN_FORMAT, Plan, Scores, cents};
