//! What a fix proposes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Finding;
use crate::change::{Cost, Operation, Risk, Target};
use crate::model::{ControlId, Region};

/// The findings a fix is asked to put right: failing, selected, not waived.
pub type Wanted<'a> = BTreeMap<ControlId, Vec<&'a Finding>>;

/// What a fix would do, and what it would not.
#[derive(Clone, Debug, Default)]
pub struct Proposal {
    /// In the order they are made.
    pub bundles: Vec<Bundle>,
    /// With reasons.
    pub not_planned: Vec<NotPlanned>,
}

impl Proposal {
    /// The same, by region and then by name: for bundles that need nothing of each other.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.bundles.sort_by_key(|bundle| {
            let target = bundle.steps.last().map(|step| step.operation.target());
            (
                target.as_ref().and_then(Target::region).map(ToString::to_string),
                bundle.title.clone(),
                target.map(|target| target.resource().to_owned()),
            )
        });
        self
    }
}

/// Steps that are planned together or not at all; each needs the one before.
#[derive(Clone, Debug)]
pub struct Bundle {
    /// The controls it serves.
    pub controls: Vec<ControlId>,
    /// What people call the target.
    pub title: String,
    /// In order.
    pub steps: Vec<Step>,
}

/// One operation of a bundle.
#[derive(Clone, Debug)]
pub struct Step {
    /// The call.
    pub operation: Operation,
    /// What it can do to people and workloads.
    pub risk: Risk,
    /// What it means for people and workloads, line by line.
    pub impact: Vec<String>,
    /// What it costs, if anything.
    pub cost: Option<Cost>,
}

/// A finding, or a control, that the plan leaves as it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotPlanned {
    /// The control.
    pub control: ControlId,
    /// The resource, if it is about one.
    pub resource: Option<String>,
    /// Where, unless account-wide.
    pub region: Option<Region>,
    /// The kind of reason.
    pub why: Why,
    /// The reason.
    pub detail: String,
}

/// Why something is not planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// A setting or `--max-risk` keeps it out.
    HeldBack,
    /// A setting must be given first.
    NeedsSetting,
    /// A person has to do it.
    Manual,
    /// It could not be read.
    Unknown,
    /// It is accepted.
    Waived,
    /// It belongs to whoever runs harden.
    #[serde(rename = "self")]
    Caller,
    /// It belongs to another account, or others use it too.
    Shared,
    /// AWS does not allow it.
    Unsupported,
    /// In an undo: somebody changed it since the run.
    Moved,
    /// In an undo: it is already as it was before the run.
    Already,
}

impl Why {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::HeldBack => "held back",
            Self::NeedsSetting => "needs setting",
            Self::Manual => "manual",
            Self::Unknown => "unknown",
            Self::Waived => "waived",
            Self::Caller => "self",
            Self::Shared => "shared",
            Self::Unsupported => "unsupported",
            Self::Moved => "moved",
            Self::Already => "already",
        }
    }
}
