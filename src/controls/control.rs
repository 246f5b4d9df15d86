//! What a control is.

use std::collections::BTreeSet;

use super::{Outcome, Proposal, Wanted};
use crate::change::{Risk, Tags};
use crate::model::{ControlId, Level, Read, Region, Settings, Snapshot, Waiver};

/// One recommendation of the benchmark.
#[derive(Clone, Copy, Debug)]
pub struct Control {
    /// Its number.
    pub id: ControlId,
    /// Its profile level.
    pub level: Level,
    /// Whether the benchmark counts it in the score.
    pub scored: bool,
    /// What it asks for, in our words.
    pub title: &'static str,
    /// Why it matters, in our words.
    pub why: &'static str,
    /// How it is judged.
    pub assess: Assess,
    /// How it is put right.
    pub remedy: Remedy,
}

/// How a control is judged.
#[derive(Clone, Copy, Debug)]
pub enum Assess {
    /// By reading the account.
    Automatic {
        /// What the verdict rests on: if one of these cannot be read, the control does not pass.
        reads: &'static [Read],
        /// What makes findings and impacts readable; may be missing.
        context: &'static [Read],
        /// The judgement.
        check: &'static dyn Check,
    },
    /// By a person: no API can tell.
    Manual {
        /// What the person should know.
        reason: &'static str,
    },
}

/// A judgement over a snapshot: no call, no clock, the same for the same input.
pub trait Check: Sync + std::fmt::Debug {
    /// Judges the case.
    fn assess(&self, case: &Case<'_>) -> Outcome;

    /// Whether, and how, a trail of an organization satisfies it in the other accounts.
    fn inherits(&self) -> Option<Inherits> {
        None
    }
}

/// How a trail that another account owns satisfies a control.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inherits {
    /// By what every account of the organization sees of the trail.
    Seen,
    /// By what the trail fills, which the account that owns it alone sees and has to be judged for.
    Judged,
}

impl Inherits {
    /// One sentence about it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Seen => {
                "In a member of an organization, a trail of the organization that records everything \
                 satisfies it."
            }
            Self::Judged => {
                "In a member of an organization, a trail of the organization that records everything \
                 satisfies it where it passes for that trail in the account that owns it."
            }
        }
    }
}

/// What a control is judged on.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// The account as read. Ages are counted from its time.
    pub snapshot: &'a Snapshot,
    /// What the baseline asks for.
    pub settings: &'a Settings,
}

/// How a control is put right.
#[derive(Clone, Copy, Debug)]
pub enum Remedy {
    /// By harden. Controls that are put right by the same write share one [`Fix`].
    Automatic(&'static Fix),
    /// By harden where it can, and else by a person with this instruction, which the fix gives.
    Partly(&'static Fix, &'static str),
    /// By a person, with this instruction.
    Manual(&'static str),
}

impl Remedy {
    /// One word for tables.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Automatic(_) => "automatic",
            Self::Partly(..) => "partly",
            Self::Manual(_) => "manual",
        }
    }

    /// What harden does, if it does anything.
    pub const fn fix(&self) -> Option<&'static Fix> {
        match self {
            Self::Automatic(fix) | Self::Partly(fix, _) => Some(fix),
            Self::Manual(_) => None,
        }
    }

    /// What a person does, if it may take one.
    pub const fn instruction(&self) -> Option<&'static str> {
        match self {
            Self::Automatic(_) => None,
            Self::Partly(_, instruction) | Self::Manual(instruction) => Some(instruction),
        }
    }
}

/// The one place that plans a kind of write, for all controls that need it.
#[derive(Debug)]
pub struct Fix {
    /// Tells fixes apart.
    pub name: &'static str,
    /// Its place among the others: each plans on what those before it make of the account. What adds
    /// comes first, what cuts off comes last.
    pub turn: u8,
    /// What it must know beyond what its controls are judged on; read for plans only.
    pub reads: &'static [Read],
    /// What it changes.
    pub changes: &'static str,
    /// What it can break.
    pub breaks: &'static str,
    /// How it is taken back.
    pub undo: &'static str,
    /// Plans the writes for the findings it is given, and for no others.
    pub propose: fn(&Case<'_>, &Wanted<'_>, &Scope<'_>) -> Proposal,
}

/// Within what a fix plans.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    /// The selected controls: what is newly made has to satisfy all of them.
    pub selected: &'a BTreeSet<ControlId>,
    /// What is riskier is held back.
    pub max_risk: Risk,
    /// The tags of what is newly made.
    pub tags: &'a Tags,
    /// What is accepted: it binds what is newly made too.
    pub waivers: &'a [Waiver],
}

impl Scope<'_> {
    /// Whether a control asks something of a thing that is newly made.
    pub(in crate::controls) fn asks(
        &self,
        control: ControlId,
        resource: &str,
        region: &Region,
    ) -> bool {
        let region = Some(region.as_str());
        self.selected.contains(&control)
            && !self.waivers.iter().any(|waiver| waiver.covers(control, resource, region))
    }
}

#[cfg(test)]
impl Scope<'static> {
    /// Everything that there is, for tests.
    pub(crate) fn whole() -> Self {
        static SELECTED: std::sync::LazyLock<BTreeSet<ControlId>> =
            std::sync::LazyLock::new(|| super::all().map(|control| control.id).collect());
        static TAGS: Tags = Tags::new();
        Self { selected: &SELECTED, max_risk: Risk::Destructive, tags: &TAGS, waivers: &[] }
    }
}

impl Control {
    /// The reads its verdict rests on.
    pub const fn reads(&self) -> &'static [Read] {
        match self.assess {
            Assess::Automatic { reads, .. } => reads,
            Assess::Manual { .. } => &[],
        }
    }

    /// Whether, and how, a trail of an organization satisfies it in the other accounts.
    pub fn inherits(&self) -> Option<Inherits> {
        match self.assess {
            Assess::Automatic { check, .. } => check.inherits(),
            Assess::Manual { .. } => None,
        }
    }

    /// The reads that make its words better.
    pub const fn context(&self) -> &'static [Read] {
        match self.assess {
            Assess::Automatic { context, .. } => context,
            Assess::Manual { .. } => &[],
        }
    }

    /// What its remedy must know beyond that.
    pub const fn remedy_reads(&self) -> &'static [Read] {
        match self.remedy.fix() {
            Some(fix) => fix.reads,
            None => &[],
        }
    }
}
