//! A run: its plan, its journal, and how it ended.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::change::{Change, ChangeId, Document};
use crate::controls::NotPlanned;
use crate::journal::{Journal, Outcome};
use crate::model::Account;
use crate::plan::{Moved, Plan, Scores};

/// The format of results that this version writes and reads.
pub const RUN_FORMAT: &str = "harden.run/1";

/// Everything kept of one run.
#[derive(Clone, Debug)]
pub struct Run {
    /// Its name: the time it began, and some of its plan's digest.
    pub id: String,
    /// The plan it carried out.
    pub plan: Plan,
    /// What it wrote down.
    pub journal: Journal,
    /// How it ended; a killed run has none.
    pub result: Option<RunResult>,
}

impl Run {
    /// The changes that were made.
    pub fn made(&self) -> impl Iterator<Item = &Change> {
        self.plan.changes.iter().filter(|change| self.journal.was_made(&change.id))
    }

    /// The changes that were made, and those of which nobody knows.
    pub fn perhaps_made(&self) -> impl Iterator<Item = &Change> {
        self.plan.changes.iter().filter(|change| {
            self.journal.was_made(&change.id) || self.journal.is_in_doubt(&change.id)
        })
    }
}

/// Names a run.
pub fn run_id(at: Timestamp, plan: &Plan) -> String {
    let digest: String = plan.digest.as_str().chars().take(6).collect();
    // To the millisecond, so that the names of runs sort as the runs did.
    format!("{}-{digest}", at.strftime("%Y%m%d-%H%M%S-%3f"))
}

/// How a run ended: the answer of `harden apply` and `harden undo`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunResult {
    /// [`RUN_FORMAT`].
    pub format: String,
    /// The run; nothing was written down where nothing was done.
    pub run: Option<String>,
    /// The account.
    pub account: Account,
    /// How it ended.
    pub outcome: RunOutcome,
    /// What became of each change.
    pub changes: Vec<ChangeResult>,
    /// What the plan left as it is, with reasons.
    #[serde(default)]
    pub not_planned: Vec<NotPlanned>,
    /// Whether the account, read again, stands as planned.
    pub verified: Verified,
    /// The score before and after, both as read.
    pub score: Option<Scores>,
}

/// The text is no result of a run that this version can read.
#[derive(Debug, thiserror::Error)]
pub enum ResultError {
    /// It is not JSON, or lacks something.
    #[error("it is not the result of a run: {0}")]
    Malformed(#[from] serde_json::Error),
    /// Another version wrote it.
    #[error("this version does not know the format `{0}`")]
    Format(String),
}

impl RunResult {
    /// Reads a result back.
    pub fn parse(text: &str) -> Result<Self, ResultError> {
        let result: Self = serde_json::from_str(text)?;
        if result.format == RUN_FORMAT {
            Ok(result)
        } else {
            Err(ResultError::Format(result.format))
        }
    }
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunOutcome {
    /// Every change holds.
    Complete,
    /// Some change does not, or could not be seen to.
    Partial,
    /// Nobody agreed.
    Declined,
    /// Somebody stopped it.
    Interrupted,
    /// There was nothing to change.
    NothingToDo,
}

impl RunOutcome {
    /// The words for it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Partial => "partial",
            Self::Declined => "declined",
            Self::Interrupted => "stopped",
            Self::NothingToDo => "nothing to do",
        }
    }
}

/// What became of one change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeResult {
    /// The change.
    pub id: ChangeId,
    /// What became of it.
    pub outcome: Outcome,
    /// Why, where it did not go as planned.
    pub error: Option<String>,
}

/// What a fresh reading says about the changes of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verified {
    /// As the run left them.
    pub holds: Vec<ChangeId>,
    /// Changed since.
    pub moved: Vec<ChangeId>,
    /// Could not be read again.
    pub unknown: Vec<ChangeId>,
}

/// Compares the targets of changes, as read again, with what the changes were to make of them.
pub fn verify(read_again: Vec<(&Change, Result<Document, String>)>) -> Verified {
    let mut verified = Verified::default();
    for (change, now) in read_again {
        let list = match now.map(|now| Moved::judge(change, &now)) {
            Ok(Moved::Holds) => &mut verified.holds,
            Ok(Moved::TakenBack | Moved::Elsewhere) => &mut verified.moved,
            Err(_) => &mut verified.unknown,
        };
        list.push(change.id.clone());
    }
    verified
}

/// How a run with these results, and seen so afterwards, ended.
pub fn outcome_of(
    plan: &Plan,
    changes: &[ChangeResult],
    verified: &Verified,
    interrupted: bool,
) -> RunOutcome {
    let held = changes.iter().all(|change| change.outcome.holds());
    let seen = verified.moved.is_empty() && verified.unknown.is_empty();
    if interrupted {
        RunOutcome::Interrupted
    } else if changes.is_empty() && !plan.is_incomplete_undo() {
        RunOutcome::NothingToDo
    } else if held && seen && !plan.is_incomplete_undo() {
        RunOutcome::Complete
    } else {
        RunOutcome::Partial
    }
}
