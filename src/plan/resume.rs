//! What a run has left half done, and no finding tells of any more.
//!
//! A plan is made from findings. Once the first step of a bundle has put its finding right, a run that ended
//! there has left the others for good: a log group without its retention, a bucket without its public access
//! block. They are planned again from the plan of that run.

use std::collections::BTreeSet;

use super::{Origin, Plan};
use crate::assess::Rules;
use crate::baseline::waiver_for;
use crate::change::{Change, ChangeId, Document, Operation, Risk};
use crate::controls::{Bundle, Step};
use crate::model::{ControlId, Region, Snapshot, Waiver};

/// A step that a run has not come to, though it had begun the bundle.
#[derive(Clone, Debug)]
pub struct Leftover {
    /// The step alone.
    pub(super) bundle: Bundle,
    /// Of its target: what it was planned from.
    before: Document,
}

/// How far a run came with a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Came {
    /// It made it, or found it made.
    Through,
    /// It may have made it: nobody knows.
    Perhaps,
    /// It did not make it.
    Not,
}

/// What a run has left of the bundles that it had begun, if it went by the same settings.
pub fn left_by(
    run: &str,
    plan: &Plan,
    came: impl Fn(&ChangeId) -> Came,
    rules: &Rules,
) -> Vec<Leftover> {
    match &plan.origin {
        Origin::Baseline(then) if then.settings == rules.settings => {}
        // Somebody has thought better of it.
        Origin::Baseline(_) | Origin::UndoOf(_) => return Vec::new(),
    }
    let bundle = |change: &Change| {
        let Change { controls, title, region, .. } = change;
        (controls.clone(), title.clone(), region.clone())
    };
    let is_begun = |id: &ChangeId| came(id) != Came::Not;
    let made: BTreeSet<_> =
        plan.changes.iter().filter(|change| is_begun(&change.id)).map(bundle).collect();
    let left = plan.changes.iter().filter(|change| came(&change.id) != Came::Through);
    // What several bundles have to say in one policy is written with the first of them.
    left.filter(|change| made.contains(&bundle(change)) || change.requires.iter().any(is_begun))
        .map(|change| Leftover::of(run, change))
        .collect()
}

impl Leftover {
    fn of(run: &str, change: &Change) -> Self {
        let Change { controls, title, operation, mut risk, mut impact, cost, before, .. } =
            change.clone();
        if let Operation::PutRetentionPolicy { days, .. } = &operation {
            // The log group was new then; by now it may hold something.
            risk = risk.max(Risk::Restrictive);
            impact.push(format!("events that are older than {days} days are deleted"));
        }
        let told = format!("left undone by run {run}");
        // Of several such runs, the first has left it, and has been told of.
        let mut seen = BTreeSet::new();
        let is_told = impact.iter().any(|line| line.starts_with("left undone by run "));
        impact.extend((!is_told).then_some(told));
        impact.retain(|line| seen.insert(line.clone()));
        let step = Step { operation, risk, impact, cost };
        let bundle = Bundle { controls: controls.into_iter().collect(), title, steps: vec![step] };
        Self { bundle, before }
    }

    /// Whether it is still to be done, on the account as it is, or as the rest of the plan leaves it.
    pub(super) fn is_due(&self, rules: &Rules, planned: &[Change], on: &Snapshot) -> bool {
        self.bundle.steps.iter().all(|step| {
            let (target, operation) = (step.operation.target(), &step.operation);
            let region = target.region().map(Region::as_str);
            let waived = |control: &ControlId| {
                is_waived(&rules.waivers, *control, target.resource(), region)
            };
            self.bundle.controls.iter().any(|control| rules.controls.contains(control))
                && !self.bundle.controls.iter().all(waived)
                && !operation.principal().is_some_and(|who| on.is_own(who))
                && !planned.iter().any(|change| change.operation.target() == target)
                && operation.document(on).is_ok_and(|now| now == self.before)
        })
    }
}

fn is_waived(waivers: &[Waiver], control: ControlId, resource: &str, region: Option<&str>) -> bool {
    waiver_for(waivers, control, resource, region).is_some()
}
