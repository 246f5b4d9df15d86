//! A change: an operation with all that a person needs to agree to it.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Document, Operation};
use crate::model::{ControlId, Region};

/// The id of a change: the same need gives the same id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ChangeId(String);

impl ChangeId {
    /// Makes the id from its text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The id as plans and journals spell it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ChangeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// What a change can do to people and workloads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Risk {
    /// Nothing running notices.
    Additive,
    /// Takes away access, and can be put back.
    Restrictive,
    /// Cannot be put back, or is known to hit something in use.
    Destructive,
}

impl Risk {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Additive => "additive",
            Self::Restrictive => "restrictive",
            Self::Destructive => "destructive",
        }
    }
}

impl fmt::Display for Risk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// What a change costs, an estimate from list prices.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cost {
    /// US dollars a month, once it is in full effect.
    pub usd_per_month: f64,
    /// What drives it.
    pub note: String,
}

/// How a change is taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
#[expect(clippy::large_enum_variant, reason = "nearly all have the operation")]
pub enum Inverse {
    /// By this operation.
    Run(Operation),
    /// Not at all.
    Impossible {
        /// Why.
        impossible: String,
    },
}

/// One operation of a plan, with its reasons, its effect and its way back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// From operation and target.
    pub id: ChangeId,
    /// The controls it serves.
    pub controls: BTreeSet<ControlId>,
    /// Where, unless account-wide.
    pub region: Option<Region>,
    /// The resource, as findings name it.
    pub resource: String,
    /// What people call the resource.
    pub title: String,
    /// The call.
    pub operation: Operation,
    /// What it can do to people and workloads.
    pub risk: Risk,
    /// The target as observed: the precondition.
    pub before: Document,
    /// The target as simulated.
    pub after: Document,
    /// The way back.
    pub undo: Inverse,
    /// Changes that must have been made before.
    pub requires: BTreeSet<ChangeId>,
    /// What it means for people and workloads, line by line.
    pub impact: Vec<String>,
    /// What it costs, if anything.
    pub cost: Option<Cost>,
}
