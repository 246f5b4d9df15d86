//! What the chains of an alarm come to.

use super::link::{Break, End};
use super::source::Sources;
use super::walk::{Walked, walk};
use crate::controls::logging::TRAILS;
use crate::controls::monitoring::Alarm;
use crate::controls::{Case, Check, Finding, Missing, Outcome, Waiting};

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
}

/// One whole chain is enough. What may be one is better than what is none.
fn judged(walked: Walked, mut missing: Vec<Missing>, all_known: bool) -> Outcome {
    let Walked { ends, mut doubts } = walked;
    let of = |findings: Vec<Finding>, missing, pending: Vec<Waiting>, notes| Outcome::Judged {
        findings,
        missing,
        pending,
        notes,
    };
    let whole = ends.iter().filter_map(|end| match end {
        End::Whole { notes } => Some(notes),
        End::Waits(_) | End::Dark(_) | End::Broken(_) => None,
    });
    if let Some(notes) = whole.min_by_key(|notes| notes.len()) {
        return of(Vec::new(), missing, Vec::new(), notes.clone());
    }
    doubts.truncate(MOST_DOUBTS);
    if let Some(waits) = ends.iter().find_map(|end| match end {
        End::Waits(waits) => Some(waits.clone()),
        End::Whole { .. } | End::Dark(_) | End::Broken(_) => None,
    }) {
        return of(Vec::new(), missing, vec![waits], doubts);
    }
    let mut dark: Vec<Missing> = Vec::new();
    let mut furthest: Option<Break> = None;
    for end in ends {
        match end {
            End::Dark(gaps) => dark.extend(gaps),
            End::Broken(one) if furthest.as_ref().is_none_or(|other| one.is_nearer(other)) => {
                furthest = Some(one);
            }
            End::Broken(_) | End::Whole { .. } | End::Waits(_) => {}
        }
    }
    let mut findings = Vec::new();
    if dark.is_empty() && all_known {
        let none = || Finding::of_account(TRAILS, "there is no trail");
        findings.push(furthest.map_or_else(none, |broken| broken.finding));
    }
    dark.sort();
    dark.dedup();
    missing.extend(dark);
    of(findings, missing, Vec::new(), doubts)
}

impl Break {
    /// Whether less is missing than with the other.
    fn is_nearer(&self, other: &Self) -> bool {
        (self.link, self.weight) > (other.link, other.weight)
    }
}
