//! Baselines: which controls, which settings, which waivers.
//!
//! Reads the TOML of the built-in baselines and of the user's own, and names file, line and key of
//! whatever is wrong with it. Touches no disk, no clock and no catalogue: all are arguments.

mod builtin;
mod contact;
mod draft;
mod error;
mod flow_logs;
mod load;
mod logging;
mod monitoring;
mod name;
mod problem;
mod render;
mod schema;
mod select;
mod selector;
mod source;
mod waiver;

#[cfg(test)]
pub(crate) mod tests;

pub use builtin::{BUILTIN, Builtin, DEFAULT, builtin_names, builtin_text};
pub use error::BaselineError;
pub use load::{Baseline, ReadFile, load};
pub use problem::BaselineProblem;
pub use render::to_toml;
pub use select::SelectError;
pub use selector::{Selector, SelectorError, UnknownControl};
pub use source::{Source, UnknownBaseline};
pub(crate) use waiver::WaiverDraft;
pub use waiver::waiver_for;

pub use crate::settings_file::Catalogue;
