//! What the chains of an alarm come to.

use super::link::{Break, End};
use super::source::Sources;
use super::walk::{Walked, walk};
use crate::controls::logging::TRAILS;
use crate::controls::monitoring::Alarm;
use crate::controls::{Case, Check, Finding, Inherits, Missing, Outcome, Waiting};
use crate::model::AccountId;

/// The most filters that are told of where none of them will do.
const MOST_DOUBTS: usize = 5;

impl Check for Alarm {
    fn assess(&self, case: &Case<'_>) -> Outcome {
        let mut sources = Sources::of(case, self);
        let missing = std::mem::take(&mut sources.missing);
        // Any region shows every trail that could do: the others can add none.
        let all_known = sources.anywhere || missing.is_empty();
        let walked = walk(case, self, sources);
        judged(walked, missing, all_known)
    }

    fn inherits(&self) -> Option<Inherits> {
        Some(Inherits::Judged)
    }
}

/// One whole chain is enough, be it another account's. What may be one is better than what is none.
fn judged(walked: Walked, mut missing: Vec<Missing>, all_known: bool) -> Outcome {
    let Walked { ends, mut doubts } = walked;
    let of = |findings: Vec<Finding>, missing, pending: Vec<Waiting>, notes| Outcome::Judged {
        findings,
        missing,
        pending,
        notes,
    };
    let mut reached = Reached::default();
    for end in ends {
        reached.add(end);
    }
    if let Some(notes) = reached.whole.into_iter().min_by_key(Vec::len) {
        return of(Vec::new(), missing, Vec::new(), notes);
    }
    if reached.inherited.is_some() {
        return of(Vec::new(), missing, Vec::new(), Vec::new()).inherited(reached.inherited);
    }
    doubts.truncate(MOST_DOUBTS);
    if let Some(waits) = reached.waits {
        return of(Vec::new(), missing, vec![waits], doubts);
    }
    let mut findings = Vec::new();
    if reached.dark.is_empty() && all_known {
        // Where the organization has a trail for it, the chain is to be mended there.
        let nearest = reached.theirs.or(reached.furthest.map(|broken| broken.finding));
        let none = || Finding::of_account(TRAILS, "there is no trail");
        findings.push(nearest.unwrap_or_else(none));
    }
    reached.dark.sort();
    reached.dark.dedup();
    missing.extend(reached.dark);
    of(findings, missing, Vec::new(), doubts)
}

/// The ends of all chains, by their kind.
#[derive(Debug, Default)]
struct Reached {
    /// With their notes.
    whole: Vec<Vec<String>>,
    inherited: Option<AccountId>,
    waits: Option<Waiting>,
    dark: Vec<Missing>,
    theirs: Option<Finding>,
    /// Of those that are broken, the one of which least is missing.
    furthest: Option<Break>,
}

impl Reached {
    fn add(&mut self, end: End) {
        match end {
            End::Whole { notes } => self.whole.push(notes),
            End::Inherited(from) => self.inherited = Some(from),
            End::Waits(waits) => self.waits = self.waits.take().or(Some(waits)),
            End::Dark(gaps) => self.dark.extend(gaps),
            End::Theirs(finding) => self.theirs = self.theirs.take().or(Some(finding)),
            End::Broken(one) => {
                if self.furthest.as_ref().is_none_or(|other| one.is_nearer(other)) {
                    self.furthest = Some(one);
                }
            }
        }
    }
}

impl Break {
    /// Whether less is missing than with the other.
    fn is_nearer(&self, other: &Self) -> bool {
        (self.link, self.weight) > (other.link, other.weight)
    }
}

#[cfg(test)]
mod tests;
