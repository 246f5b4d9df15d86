//! Which change has its turn.

use std::collections::{BTreeMap, BTreeSet};

use tokio::time::Instant;

use crate::change::{Change, ChangeId};
use crate::journal::Outcome;
use crate::model::Region;
use crate::plan::Plan;
use crate::run::ChangeResult;

/// Which change has its turn: in the order of the plan, one at a time in each region (and of the
/// account-wide ones), and never before what it requires.
pub(super) struct Schedule<'a> {
    plan: &'a Plan,
    waiting: Vec<&'a Change>,
    busy: BTreeSet<Option<&'a Region>>,
    settled: BTreeMap<&'a ChangeId, (Outcome, Option<String>)>,
    made: BTreeMap<&'a ChangeId, Instant>,
}

impl<'a> Schedule<'a> {
    pub(super) fn new(plan: &'a Plan) -> Self {
        let waiting = plan.changes.iter().collect();
        let (settled, made) = (BTreeMap::new(), BTreeMap::new());
        Self { plan, waiting, busy: BTreeSet::new(), settled, made }
    }

    pub(super) fn is_done(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Takes out the changes whose turn it is, and settles those whose turn can never come.
    pub(super) fn ready(&mut self, most: usize) -> Vec<&'a Change> {
        let mut ready = Vec::new();
        let mut still_waiting = Vec::new();
        let mut lanes = self.busy.clone();
        for change in std::mem::take(&mut self.waiting) {
            let outcomes: Vec<Option<Outcome>> =
                change.requires.iter().map(|id| self.settled.get(id).map(|s| s.0)).collect();
            let lane = change.region.as_ref();
            if outcomes.iter().flatten().any(|outcome| !outcome.holds()) {
                let why = "something it requires did not come about".to_owned();
                self.settled.insert(&change.id, (Outcome::Skipped, Some(why)));
            } else if outcomes.iter().all(Option::is_some)
                && ready.len() < most
                && lanes.insert(lane)
            {
                self.busy.insert(lane);
                ready.push(change);
            } else {
                // Later changes of this region keep their place behind it.
                lanes.insert(lane);
                still_waiting.push(change);
            }
        }
        self.waiting = still_waiting;
        ready
    }

    /// When the last of what the change requires was made, as far as this run has made it.
    pub(super) fn last_made_for(&self, change: &Change) -> Option<Instant> {
        change.requires.iter().filter_map(|id| self.made.get(id)).max().copied()
    }

    /// Takes down how a change ended, and that it did just now.
    pub(super) fn settle(
        &mut self,
        change: &'a Change,
        result: (Outcome, Option<String>),
        now: Instant,
    ) {
        self.busy.remove(&change.region.as_ref());
        if result.0 == Outcome::Applied {
            self.made.insert(&change.id, now);
        }
        self.settled.insert(&change.id, result);
    }

    pub(super) fn into_results(mut self, why_not: &str) -> Vec<ChangeResult> {
        self.plan
            .changes
            .iter()
            .map(|change| {
                let (outcome, error) = self
                    .settled
                    .remove(&change.id)
                    .unwrap_or_else(|| (Outcome::Skipped, Some(why_not.to_owned())));
                ChangeResult { id: change.id.clone(), outcome, error }
            })
            .collect()
    }
}
