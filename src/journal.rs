//! What a run writes down before and after every call, as values and lines of text.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::change::{ChangeId, Inverse};
use crate::model::AccountId;
use crate::plan::Digest;

/// The format of journals that this version writes and reads.
pub const JOURNAL_FORMAT: &str = "harden.journal/1";

/// One line of a journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When it was written.
    pub at: Timestamp,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// What a journal tells of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The run began.
    Start {
        /// [`JOURNAL_FORMAT`].
        format: String,
        /// The run.
        run: String,
        /// The account.
        account: AccountId,
        /// The plan it carries out.
        plan: Digest,
    },
    /// A call is about to be made.
    Intent {
        /// The change it is for.
        change: ChangeId,
        /// The way back.
        undo: Inverse,
    },
    /// A change is settled.
    Outcome {
        /// The change.
        change: ChangeId,
        /// What became of it.
        outcome: Outcome,
        /// Why, where it did not go as planned.
        error: Option<String>,
        /// Whether a failed call may have taken effect all the same: its answer was lost.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        unsettled: bool,
    },
    /// The run ended in an orderly way.
    End,
}

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The call was made and took effect.
    Applied,
    /// The account was so already; no call was made.
    Already,
    /// The call, or the read before it, failed.
    Failed,
    /// It was not its turn: something it requires did not come about, or the run was stopped.
    Skipped,
    /// Somebody changed the target since the plan; no call was made.
    Stale,
}

impl Outcome {
    /// Whether the target now is as planned.
    pub const fn holds(self) -> bool {
        matches!(self, Self::Applied | Self::Already)
    }

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Already => "already",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
            Self::Stale => "stale",
        }
    }
}

/// A line in the middle of a journal is damaged.
#[derive(Debug, thiserror::Error)]
#[error("the journal is damaged at line {line}")]
pub struct JournalError {
    /// Which line, from 1.
    pub line: usize,
}

/// A journal that was read back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Journal {
    /// Its entries, in order.
    pub entries: Vec<Entry>,
}

impl Journal {
    /// Reads the lines of a journal. A last line that breaks off is what a killed run leaves, and counts
    /// as not written.
    pub fn parse(text: &str) -> Result<Self, JournalError> {
        let mut entries = Vec::new();
        for (number, line) in text.split_inclusive('\n').enumerate() {
            if !line.ends_with('\n') {
                break;
            }
            let entry =
                serde_json::from_str(line).map_err(|_| JournalError { line: number + 1 })?;
            entries.push(entry);
        }
        Ok(Self { entries })
    }

    /// What became of a change, if that was written.
    pub fn outcome(&self, of: &ChangeId) -> Option<(Outcome, Option<&str>)> {
        self.entries.iter().rev().find_map(|entry| {
            let Event::Outcome { change, outcome, error, .. } = &entry.event else { return None };
            (change == of).then_some((*outcome, error.as_deref()))
        })
    }

    /// Whether a call for the change was made, or may have been: an intent without an outcome is what a
    /// killed run leaves, and an unsettled one what a lost answer leaves.
    pub fn may_have_been_made(&self, of: &ChangeId) -> bool {
        let applied = self.outcome(of).is_some_and(|(outcome, _)| outcome == Outcome::Applied);
        applied || self.is_open(of) || self.is_unsettled(of)
    }

    /// Whether a call for the change was made and nobody could find out whether it took effect.
    pub fn is_unsettled(&self, of: &ChangeId) -> bool {
        self.entries.iter().any(|entry| {
            matches!(&entry.event, Event::Outcome { change, unsettled: true, .. } if change == of)
        })
    }

    /// Whether a call for the change was about to be made and nothing tells how it ended.
    pub fn is_open(&self, change: &ChangeId) -> bool {
        self.outcome(change).is_none() && self.intended(change)
    }

    /// Whether the run came to an orderly end.
    pub fn is_closed(&self) -> bool {
        self.entries.iter().any(|entry| entry.event == Event::End)
    }

    fn intended(&self, of: &ChangeId) -> bool {
        self.entries
            .iter()
            .any(|entry| matches!(&entry.event, Event::Intent { change, .. } if change == of))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(event: Event) -> String {
        let entry = Entry { at: Timestamp::UNIX_EPOCH, event };
        serde_json::to_string(&entry).unwrap() + "\n"
    }

    fn intent(id: &str) -> String {
        let undo = Inverse::Impossible { impossible: "a test".to_owned() };
        line(Event::Intent { change: ChangeId::new(id), undo })
    }

    fn outcome(id: &str, outcome: Outcome) -> String {
        line(Event::Outcome {
            change: ChangeId::new(id),
            outcome,
            error: None,
            unsettled: id.ends_with('?'),
        })
    }

    #[test]
    fn an_intent_without_outcome_may_have_been_made() {
        let text = intent("a") + &outcome("a", Outcome::Failed) + &intent("b") + &intent("c");
        let text = text + &outcome("c", Outcome::Applied);
        let text = text + &intent("e?") + &outcome("e?", Outcome::Failed);
        let journal = Journal::parse(&text).unwrap();
        assert!(journal.may_have_been_made(&ChangeId::new("e?")));
        let made = ["a", "b", "c", "d"].map(|id| journal.may_have_been_made(&ChangeId::new(id)));
        assert_eq!(made, [false, true, true, false]);
        assert!(journal.is_open(&ChangeId::new("b")) && !journal.is_closed());
    }

    #[test]
    fn a_last_line_that_breaks_off_was_not_written() {
        let whole = intent("a");
        for cut in 0..whole.len() {
            let text = line(Event::End) + whole.split_at(cut).0;
            assert_eq!(Journal::parse(&text).unwrap().entries.len(), 1, "{cut}");
        }
    }

    #[test]
    fn a_damaged_line_in_the_middle_is_an_error() {
        let text = intent("a") + "{\"at\":\n" + &line(Event::End);
        assert_eq!(Journal::parse(&text).unwrap_err().line, 2);
    }
}
