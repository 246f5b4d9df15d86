//! A plan.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Digest;
use crate::assess::{Rules, Score};
use crate::change::{Change, ChangeId, Risk};
use crate::controls::{NotPlanned, Why};
use crate::report::Head;

/// The format of plans that this version writes and applies.
pub const PLAN_FORMAT: &str = "harden.plan/1";

/// The ordered changes for one account, and what was not planned and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// [`PLAN_FORMAT`].
    pub format: String,
    /// Which account, when, by whom.
    #[serde(flatten)]
    pub head: Head,
    /// Over everything else in the plan.
    pub digest: Digest,
    /// Where it comes from.
    pub origin: Origin,
    /// After this it is refused.
    pub expires_at: Timestamp,
    /// The score as read and as simulated.
    pub score: Option<Scores>,
    /// In the order they are made.
    pub changes: Vec<Change>,
    /// With reasons.
    pub not_planned: Vec<NotPlanned>,
}

/// Where a plan comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// From judging the account by these rules.
    Baseline(Box<Rules>),
    /// From taking back this run.
    UndoOf(String),
}

/// The score before and after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scores {
    /// As read.
    pub before: Score,
    /// With the plan carried out.
    pub after: Score,
}

impl Plan {
    /// How many changes there are of each risk, those without any left out.
    pub fn by_risk(&self) -> BTreeMap<Risk, usize> {
        let mut counts = BTreeMap::new();
        for change in &self.changes {
            *counts.entry(change.risk).or_default() += 1;
        }
        counts
    }

    /// How many controls could not be judged in full.
    pub fn unread(&self) -> usize {
        let unread = self.not_planned.iter().filter(|entry| entry.why == Why::Unknown);
        unread.map(|entry| entry.control).collect::<BTreeSet<_>>().len()
    }

    /// What it costs in US dollars a month, an estimate from list prices.
    pub fn usd_per_month(&self) -> f64 {
        let costs = self.changes.iter().filter_map(|change| change.cost.as_ref());
        cents(costs.map(|cost| cost.usd_per_month).sum())
    }

    /// The plan with only the picked changes and all that these require.
    #[must_use]
    pub fn only(&self, picked: &BTreeSet<ChangeId>) -> Self {
        let mut keep = picked.clone();
        // Requirements stand before what requires them, so one pass backwards finds them all.
        for change in self.changes.iter().rev() {
            if keep.contains(&change.id) {
                keep.extend(change.requires.iter().cloned());
            }
        }
        let mut plan = self.clone();
        plan.changes.retain(|change| keep.contains(&change.id));
        plan.sealed()
    }

    /// Whether this is to take back a run, and part of that run will stay.
    pub fn is_incomplete_undo(&self) -> bool {
        let stays = |entry: &NotPlanned| entry.why != Why::Already;
        matches!(self.origin, Origin::UndoOf(_)) && self.not_planned.iter().any(stays)
    }

    /// The plan with the digest that belongs to it.
    #[must_use]
    pub fn sealed(mut self) -> Self {
        self.digest = Digest::of(&self);
        self
    }
}

/// To the cent: a sum of floats has digits that nobody wants, and that do not all survive being written down. The
/// sum of nothing is -0.
pub fn cents(usd: f64) -> f64 {
    (usd * 100.0).round() / 100.0 + 0.0
}
