//! The log of a rollout: a line for each account that began or ended.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::journal::Outcome;
use crate::model::AccountId;
use crate::plan::{Digest, Scores};
use crate::run::{RunOutcome, RunResult};

/// The format of logs that this version writes and reads.
pub const LOG_FORMAT: &str = "harden.rollout-log/1";

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogLine {
    /// When it was written.
    pub at: Timestamp,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// What the log tells of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// `rollout apply` or `rollout undo` began.
    Start {
        /// [`LOG_FORMAT`].
        format: String,
        /// The rollout it is about.
        rollout: Digest,
        /// Which of the two.
        work: Work,
    },
    /// A run began in an account: from here on something may have been changed.
    Begun {
        /// The account.
        account: AccountId,
        /// What for.
        work: Work,
        /// The run.
        run: String,
    },
    /// An account is done with, well or not.
    Ended {
        /// The account.
        account: AccountId,
        /// What for.
        work: Work,
        /// How.
        end: End,
    },
}

/// What is done with an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    /// Its plan is carried out.
    Apply,
    /// What was made is taken back.
    Undo,
}

/// How it ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct End {
    /// As a run ends; none where there was no run because something stood against it.
    pub outcome: Option<RunOutcome>,
    /// How many changes ended in which way.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub changes: BTreeMap<Outcome, usize>,
    /// The score before and after, both as read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<Scores>,
    /// What stood against it, or what went wrong first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl End {
    /// As the run tells.
    pub fn of(result: &RunResult) -> Self {
        let mut changes = BTreeMap::new();
        for change in &result.changes {
            *changes.entry(change.outcome).or_default() += 1;
        }
        let failed = result.changes.iter().find(|change| change.outcome == Outcome::Failed);
        let odd = failed.or_else(|| result.changes.iter().find(|change| !change.outcome.holds()));
        Self {
            outcome: Some(result.outcome),
            changes,
            score: result.score,
            reason: odd.and_then(|change| change.error.clone()),
        }
    }

    /// Where nothing was begun.
    pub fn refused(reason: impl Into<String>) -> Self {
        Self { outcome: None, changes: BTreeMap::new(), score: None, reason: Some(reason.into()) }
    }

    /// Whether anything may have been changed.
    pub(super) fn has_begun(&self) -> bool {
        !matches!(self.outcome, None | Some(RunOutcome::Declined))
    }

    /// Where something went wrong in the middle.
    pub fn broken_off(reason: impl Into<String>) -> Self {
        Self { outcome: Some(RunOutcome::Partial), ..Self::refused(reason) }
    }

    /// Where there was nothing to do.
    pub fn nothing_to_do() -> Self {
        let outcome = Some(RunOutcome::NothingToDo);
        Self { outcome, changes: BTreeMap::new(), score: None, reason: None }
    }

    /// One run after another: the worse end is that of both.
    #[must_use]
    pub fn and(mut self, later: Self) -> Self {
        for (outcome, number) in later.changes {
            *self.changes.entry(outcome).or_default() += number;
        }
        let outcome = match (self.outcome, later.outcome) {
            (Some(RunOutcome::NothingToDo | RunOutcome::Complete), later) => later,
            (earlier, _) => earlier,
        };
        Self {
            outcome,
            changes: self.changes,
            score: later.score.or(self.score),
            reason: self.reason.or(later.reason),
        }
    }

    /// How many changes hold.
    pub fn held(&self) -> usize {
        self.changes.iter().filter(|(outcome, _)| outcome.holds()).map(|(_, number)| number).sum()
    }
}
