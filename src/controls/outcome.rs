//! What a check finds.

use crate::model::{AccountId, Gap, Region};

/// The result of judging one control.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The account was looked at.
    Judged {
        /// What makes it fail.
        findings: Vec<Finding>,
        /// What could not be read. With any of these, nothing passes.
        missing: Vec<Missing>,
        /// What is done and has yet to show. With any of these, nothing passes either.
        pending: Vec<Waiting>,
        /// What a person should know, whatever the verdict.
        notes: Vec<String>,
    },
    /// It passes, and not by what the account has itself.
    Inherited {
        /// Who has it.
        from: AccountId,
        /// What a person should know.
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
        /// What there is to see.
        notes: Vec<String>,
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

impl Finding {
    /// One about the account as a whole.
    pub fn of_account(resource: &str, summary: impl Into<String>) -> Self {
        Self { region: None, resource: resource.to_owned(), summary: summary.into() }
    }
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

/// Something that is set up as it should be, and waits for a person or a delivery.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Waiting {
    /// Where, unless account-wide.
    pub region: Option<Region>,
    /// The resource, if it is here.
    pub resource: Option<String>,
    /// What for.
    pub on: String,
}

impl Outcome {
    /// Nothing to complain of.
    pub const PASS: Self = Self::Judged {
        findings: Vec::new(),
        missing: Vec::new(),
        pending: Vec::new(),
        notes: Vec::new(),
    };

    /// A person has to look, and there is nothing to show.
    pub fn manual(reason: impl Into<String>) -> Self {
        Self::Manual { reason: reason.into(), notes: Vec::new() }
    }

    /// The same, and from whom it is where it passes.
    #[must_use]
    pub fn inherited(self, from: Option<AccountId>) -> Self {
        match (self, from) {
            (Self::Judged { findings, missing, pending, notes }, Some(from))
                if findings.is_empty() && missing.is_empty() && pending.is_empty() =>
            {
                Self::Inherited { from, notes }
            }
            (outcome, _) => outcome,
        }
    }

    /// One finding about the account as a whole.
    pub fn fail(resource: &str, summary: impl Into<String>) -> Self {
        Self::Judged {
            findings: vec![Finding::of_account(resource, summary)],
            missing: Vec::new(),
            pending: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Something account-wide could not be read.
    pub fn unknown(gap: Gap) -> Self {
        Self::Judged {
            findings: Vec::new(),
            missing: vec![Missing { region: None, resource: None, gap }],
            pending: Vec::new(),
            notes: Vec::new(),
        }
    }
}
