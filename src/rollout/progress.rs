//! How far a rollout has come: what its log tells of each account.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{End, Entry, Event, LOG_FORMAT, LogLine, Manifest, Wave, Work};
use crate::model::AccountId;
use crate::run::RunOutcome;

/// How an account stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It has no plan: it could not be entered or read.
    NotPlanned,
    /// Nothing has happened yet.
    Waiting,
    /// As planned, or nothing was to be done.
    Done,
    /// Some of its changes did not come about.
    Partial,
    /// None did.
    Failed,
    /// Somebody is at work in it now.
    AtWork,
    /// It was stopped or killed in the middle.
    BrokenOff,
    /// Taken back.
    Undone,
    /// Taken back in part.
    PartlyUndone,
}

impl Standing {
    /// The words for it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::NotPlanned => "not planned",
            Self::Waiting => "waiting",
            Self::Done => "done",
            Self::Partial => "partly done",
            Self::Failed => "failed",
            Self::AtWork => "at work",
            Self::BrokenOff => "broken off",
            Self::Undone => "undone",
            Self::PartlyUndone => "partly undone",
        }
    }

    /// Whether `rollout apply` has work to do there.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Waiting | Self::Partial | Self::Failed | Self::BrokenOff)
    }

    /// Whether the account counts as one that failed.
    pub const fn has_failed(self) -> bool {
        matches!(self, Self::Partial | Self::Failed | Self::BrokenOff)
    }
}

/// What the log tells, account by account.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Progress {
    accounts: BTreeMap<AccountId, Trace>,
    goes_on: bool,
}

/// What the log tells of one account.
#[derive(Clone, Debug, Default, PartialEq)]
struct Trace {
    /// Its runs of `apply`, in their order, that were not taken back. Each is kept on the machine that made it.
    runs: Vec<String>,
    /// What was begun last and has not ended.
    open: Option<Work>,
    last: Option<(Work, End)>,
}

impl Trace {
    /// Takes in how something ended, unless it could not even begin: that has changed nothing.
    fn ended(&mut self, work: Work, end: End, was_begun: bool) {
        let end = match (&self.last, end.has_begun()) {
            // Begun, and what became of it could not be written down.
            (_, false) if was_begun => End { outcome: Some(RunOutcome::Partial), ..end },
            (Some((Work::Apply, last)), false) if work == Work::Apply && last.held() > 0 => {
                End { reason: end.reason, ..last.clone() }
            }
            (_, false) if work == Work::Undo => return,
            _ => end,
        };
        self.last = Some((work, end));
    }
}

/// A log cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// A line in the middle is damaged.
    #[error("line {line} is none of a log")]
    Damaged {
        /// Which line, from 1.
        line: usize,
    },
    /// It is of another rollout.
    #[error("it tells of another rollout")]
    OtherRollout,
    /// It was written by a newer harden.
    #[error("it has the format `{format}`, which this version does not know")]
    UnknownFormat {
        /// Its format.
        format: String,
    },
}

impl Progress {
    /// The lines of a log that was read well before, without a last one that is broken off.
    pub fn lines(text: &str) -> impl Iterator<Item = LogLine> {
        text.lines().filter_map(|line| serde_json::from_str(line).ok())
    }

    /// Reads a log. A last line that was not finished is what a killed harden leaves.
    pub fn parse(text: &str, manifest: &Manifest) -> Result<Self, LogError> {
        let mut progress = Self::default();
        let lines: Vec<&str> = text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            let is_cut = at + 1 == lines.len() && !text.ends_with('\n');
            match serde_json::from_str::<LogLine>(line) {
                Ok(LogLine { event: Event::Start { format, .. }, .. }) if format != LOG_FORMAT => {
                    let format = format.chars().take(40).collect();
                    return Err(LogError::UnknownFormat { format });
                }
                Ok(LogLine { event: Event::Start { rollout, .. }, .. })
                    if rollout != manifest.digest =>
                {
                    return Err(LogError::OtherRollout);
                }
                // The first line says whose log it is.
                Ok(LogLine { event: Event::Begun { .. } | Event::Ended { .. }, .. }) if at == 0 => {
                    return Err(LogError::Damaged { line: 1 });
                }
                Ok(entry) => progress.note(entry.event),
                Err(_) if is_cut => {}
                Err(_) => return Err(LogError::Damaged { line: at + 1 }),
            }
        }
        Ok(progress)
    }

    /// Takes in what happened.
    pub fn note(&mut self, event: Event) {
        match event {
            Event::Start { .. } => {}
            Event::Begun { account, work, run } => {
                let trace = self.accounts.entry(account).or_default();
                trace.open = Some(work);
                if work == Work::Apply {
                    trace.runs.push(run);
                }
            }
            Event::Ended { account, work, end } => {
                let trace = self.accounts.entry(account).or_default();
                let was_begun = trace.open.take() == Some(work);
                if work == Work::Undo && end.outcome == Some(RunOutcome::Complete) {
                    trace.runs.clear();
                }
                trace.ended(work, end, was_begun);
            }
        }
    }

    /// The same, while somebody is at work in the folder.
    #[must_use]
    pub fn going_on(self) -> Self {
        Self { goes_on: true, ..self }
    }

    /// How an account stands.
    pub fn standing(&self, entry: &Entry) -> Standing {
        let Some(summary) = entry.summary() else { return Standing::NotPlanned };
        let Some(trace) = self.accounts.get(entry.id()) else {
            // Nothing is to be done there.
            return if summary.changes() == 0 { Standing::Done } else { Standing::Waiting };
        };
        match trace.open {
            None => {}
            Some(_) if self.goes_on => return Standing::AtWork,
            Some(Work::Apply) => return Standing::BrokenOff,
            Some(Work::Undo) => return Standing::PartlyUndone,
        }
        match &trace.last {
            None => Standing::Waiting,
            Some((Work::Apply, end)) => applied(end),
            Some((Work::Undo, end)) => undone(end),
        }
    }

    /// How it ended last in an account, unless something has begun there since: of that nothing is known.
    pub fn last(&self, account: &AccountId) -> Option<&End> {
        let trace = self.accounts.get(account)?;
        trace.last.as_ref().filter(|_| trace.open.is_none()).map(|(_, end)| end)
    }

    /// The runs of an account that may be taken back, the last one first.
    pub fn runs(&self, account: &AccountId) -> impl Iterator<Item = &String> {
        self.accounts.get(account).into_iter().flat_map(|trace| trace.runs.iter().rev())
    }

    /// How many accounts of a wave have failed.
    pub fn failed_of(&self, wave: &Wave, manifest: &Manifest) -> usize {
        let entries = wave.accounts.iter().filter_map(|account| manifest.entry(account));
        entries.filter(|entry| self.standing(entry).has_failed()).count()
    }
}

fn applied(end: &End) -> Standing {
    match end.outcome {
        Some(RunOutcome::Complete | RunOutcome::NothingToDo) => Standing::Done,
        Some(RunOutcome::Interrupted) => Standing::BrokenOff,
        Some(RunOutcome::Partial) if end.held() > 0 => Standing::Partial,
        Some(RunOutcome::Partial | RunOutcome::Declined) | None => Standing::Failed,
    }
}

fn undone(end: &End) -> Standing {
    match end.outcome {
        Some(RunOutcome::Complete | RunOutcome::NothingToDo) => Standing::Undone,
        Some(_) | None => Standing::PartlyUndone,
    }
}

#[cfg(test)]
mod tests;
