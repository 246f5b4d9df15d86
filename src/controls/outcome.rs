//! What a check finds.

use crate::model::{Gap, Region};

/// The result of judging one control.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The account was looked at.
    Judged {
        /// What makes it fail.
        findings: Vec<Finding>,
        /// What could not be read. With any of these, nothing passes.
        missing: Vec<Missing>,
        /// What a person should know, whatever the verdict.
        notes: Vec<String>,
    },
    /// The control asks for nothing here.
    NotApplicable {
        /// Why.
        reason: String,
    },
    /// A person has to look.
    Manual {
        /// At what.
        reason: String,
    },
}

/// One resource in one region that makes a control fail.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Where, unless account-wide.
    pub region: Option<Region>,
    /// The resource.
    pub resource: String,
    /// What is wrong with it.
    pub summary: String,
}

/// Something the verdict needs and that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Missing {
    /// Where, unless account-wide.
    pub region: Option<Region>,
    /// One resource, if the others could be read.
    pub resource: Option<String>,
    /// Why not.
    pub gap: Gap,
}

impl Outcome {
    /// Nothing to complain of.
    pub const PASS: Self =
        Self::Judged { findings: Vec::new(), missing: Vec::new(), notes: Vec::new() };

    /// One finding about the account as a whole.
    pub fn fail(resource: &str, summary: impl Into<String>) -> Self {
        Self::Judged {
            findings: vec![Finding {
                region: None,
                resource: resource.to_owned(),
                summary: summary.into(),
            }],
            missing: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Something account-wide could not be read.
    pub fn unknown(gap: Gap) -> Self {
        Self::Judged {
            findings: Vec::new(),
            missing: vec![Missing { region: None, resource: None, gap }],
            notes: Vec::new(),
        }
    }
}
