//! What a run writes down before and after every call, as values and lines of text.

use std::collections::BTreeMap;

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
#[expect(clippy::large_enum_variant, reason = "one at a time is written")]
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

/// A journal cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// A line in the middle is damaged.
    #[error("the journal is damaged at line {line}")]
    Damaged {
        /// Which line, from 1.
        line: usize,
    },
    /// Another version wrote it.
    #[error("this version does not know the format `{format}`")]
    Format {
        /// The format.
        format: String,
    },
}

/// A journal that was read back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Journal {
    began: Option<Timestamp>,
    changes: BTreeMap<ChangeId, Trace>,
}

/// What the entries say of one change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Trace {
    intended: bool,
    outcome: Option<(Outcome, Option<String>)>,
    unsettled: bool,
}

impl Journal {
    /// Reads the lines of a journal. A last line that breaks off is what a killed run leaves, and counts
    /// as not written.
    pub fn parse(text: &str) -> Result<Self, JournalError> {
        let mut journal = Self::default();
        for (number, line) in text.split_inclusive('\n').enumerate() {
            if !line.ends_with('\n') {
                break;
            }
            let damaged = |_| JournalError::Damaged { line: number + 1 };
            journal.note(serde_json::from_str(line).map_err(damaged)?)?;
        }
        Ok(journal)
    }

    fn note(&mut self, entry: Entry) -> Result<(), JournalError> {
        match entry.event {
            Event::Start { format, .. } if format != JOURNAL_FORMAT => {
                return Err(JournalError::Format { format });
            }
            Event::Start { .. } => self.began = Some(entry.at),
            Event::Intent { change, .. } => self.changes.entry(change).or_default().intended = true,
            Event::Outcome { change, outcome, error, unsettled } => {
                let trace = self.changes.entry(change).or_default();
                trace.outcome = Some((outcome, error));
                trace.unsettled = unsettled;
            }
            Event::End => {}
        }
        Ok(())
    }

    /// When the run began.
    pub fn began(&self) -> Option<Timestamp> {
        self.began
    }

    /// What became of a change, if that was written.
    pub fn outcome(&self, of: &ChangeId) -> Option<(Outcome, Option<&str>)> {
        let (outcome, error) = self.changes.get(of)?.outcome.as_ref()?;
        Some((*outcome, error.as_deref()))
    }

    /// Whether the call for the change was made.
    pub fn was_made(&self, of: &ChangeId) -> bool {
        self.outcome(of).is_some_and(|(outcome, _)| outcome == Outcome::Applied)
    }

    /// Whether a call for the change may have taken effect, and nothing tells: an intent without an
    /// outcome is what a killed run leaves, and an unsettled one what a lost answer leaves.
    pub fn is_in_doubt(&self, of: &ChangeId) -> bool {
        self.changes
            .get(of)
            .is_some_and(|trace| trace.unsettled || (trace.intended && trace.outcome.is_none()))
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
    fn what_nobody_knows_is_in_doubt() {
        let text = intent("a") + &outcome("a", Outcome::Failed) + &intent("b") + &intent("c");
        let text = text + &outcome("c", Outcome::Applied) + &intent("e?");
        let journal = Journal::parse(&(text + &outcome("e?", Outcome::Failed))).unwrap();
        let of = |tell: fn(&Journal, &ChangeId) -> bool| {
            ["a", "b", "c", "d", "e?"].map(|id| tell(&journal, &ChangeId::new(id)))
        };
        assert_eq!(of(Journal::was_made), [false, false, true, false, false]);
        assert_eq!(of(Journal::is_in_doubt), [false, true, false, false, true]);
    }

    #[test]
    fn another_format_is_refused() {
        let start = line(Event::Start {
            format: "harden.journal/2".to_owned(),
            run: "r".to_owned(),
            account: AccountId::new("111122223333"),
            plan: Digest::unset(),
        });
        assert!(matches!(Journal::parse(&start), Err(JournalError::Format { .. })));
    }

    #[test]
    fn a_last_line_that_breaks_off_was_not_written() {
        let whole = intent("a");
        for cut in 0..whole.len() {
            let text = line(Event::End) + whole.split_at(cut).0;
            assert!(!Journal::parse(&text).unwrap().is_in_doubt(&ChangeId::new("a")), "{cut}");
        }
    }

    #[test]
    fn a_damaged_line_in_the_middle_is_an_error() {
        let text = intent("a") + "{\"at\":\n" + &line(Event::End);
        assert!(matches!(Journal::parse(&text), Err(JournalError::Damaged { line: 2 })));
    }
}
