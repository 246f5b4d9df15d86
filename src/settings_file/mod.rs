//! Files that people write: TOML read key by key, so that whatever is wrong with one is told with its
//! file, line and key.
//!
//! Knows no file in particular: `baseline` and `rollout` say which keys theirs have. Touches no disk
//! and no clock.

mod bound;
mod document;
mod name;
mod place;
mod problem;
mod text;

use std::collections::BTreeMap;

use crate::model::{ControlId, Level};

pub use bound::{Bound, Side};
pub(crate) use document::{Context, Entry, Field, World};
pub(crate) use name::Rule;
pub use place::{Misread, Place};
pub use problem::{Explained, Header, Problem};
pub(crate) use text::{listed, printable, quoted};

/// The controls of the benchmark with their levels.
pub type Catalogue = BTreeMap<ControlId, Level>;
