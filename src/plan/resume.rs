//! What a run has left half done, and no finding tells of any more.
//!
//! A plan is made from findings. Once the first step of a bundle has put its finding right, a run that ended
//! there has left the others for good: a log group without its retention, a bucket without its public access
//! block. They are planned again from the plan of that run.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::Value;

use super::file::CLOCKS;
use super::{Origin, Plan};
use crate::assess::{Rules, judge_some};
use crate::change::{Change, ChangeId, Document, Operation, is_younger};
use crate::controls::{Bundle, Control, Step};
use crate::model::{ControlId, Snapshot};

/// What is said of a step, before the name of the run.
const NOT_REACHED: &str = "an earlier run began this and did not get so far: ";

/// A step that a run has not come to, though it had begun the bundle.
#[derive(Clone, Debug)]
pub struct Leftover {
    controls: Vec<ControlId>,
    /// What people call the resource.
    title: String,
    step: Step,
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
    let left = left.filter(|change| {
        let is_policy = change.operation.target().is_policy();
        // A policy that was there is for its fix to judge.
        change.operation.is_told_by_no_finding() && (!is_policy || change.before.is_absent())
    });
    left.filter(|change| made.contains(&bundle(change)) || change.requires.iter().any(is_begun))
        .map(|change| Leftover::of(run, plan.head.taken_at, change))
        .collect()
}

impl Leftover {
    /// `then` is when the account was read for the run.
    fn of(run: &str, then: Timestamp, change: &Change) -> Self {
        let Change { controls, title, mut operation, risk, mut impact, cost, before, .. } =
            change.clone();
        if let Operation::PutRetentionPolicy { made_since, .. } = &mut operation {
            // Not of another one that somebody made, and has used, under the same name.
            *made_since = made_since.or(then.checked_sub(CLOCKS).ok());
        }
        // Of several such runs, the first has left it, and has been told of.
        if !impact.iter().any(|line| line.starts_with(NOT_REACHED)) {
            impact.push(format!("{NOT_REACHED}{run}"));
        }
        let step = Step { operation, risk, impact, cost };
        Self { controls: controls.into_iter().collect(), title, step, before }
    }

    /// What is still to be done of it, on the account as it is, or as the rest of the plan leaves it.
    pub(super) fn due(self, rules: &Rules, planned: &[Change], on: &Snapshot) -> Option<Bundle> {
        let Self { controls, title, mut step, before } = self;
        let judged = judge_some(on, rules, |control: &Control| controls.contains(&control.id));
        // Waivers name findings, and not the steps that would put them right.
        let is_waived = rules.waivers.iter().any(|waiver| controls.contains(&waiver.control));
        // Somebody has to want it still.
        if judged.is_empty() || is_waived {
            return None;
        }
        let target = step.operation.target();
        let is_policy = target.is_policy();
        // What is found wrong, its own fix has to say something about. But a policy where there was none only lets in
        // what the bundle is for, whatever else is found.
        let mut open = judged.iter().flat_map(|one| &one.open);
        if !is_policy && open.any(|finding| finding.resource == target.resource()) {
            return None;
        }
        let other = planned.iter().find(|change| change.operation.target() == target);
        if let Some(other) = other.filter(|other| is_policy && other.before == before) {
            step.operation = joined(&other.operation, &step.operation)?;
        } else if other.is_some() || step.operation.document(on).ok()? != before {
            return None;
        }
        let fits = deletes_nothing(&step.operation, on.taken_at)
            // What it belongs to may be gone.
            && step.operation.simulate(&mut on.clone()).is_ok();
        fits.then(|| Bundle { controls, title, steps: vec![step] })
    }
}

/// The policy that is planned, and what another would have let in besides; none if that is nothing.
fn joined(planned: &Operation, late: &Operation) -> Option<Operation> {
    let (
        Operation::PutBucketPolicy { region, bucket, policy },
        Operation::PutBucketPolicy { policy: late, .. },
    ) = (planned, late)
    else {
        return None;
    };
    let held = policy.statements()?;
    let beyond = |late: Value| match held.iter().find(|one| one.get("Sid") == late.get("Sid")) {
        None => Some(late),
        Some(held) => union(held, &late).filter(|both| both != held),
    };
    let more: Vec<Value> = late.statements()?.into_iter().filter_map(beyond).collect();
    let policy = if more.is_empty() { None } else { policy.with(&more) }?;
    Some(Operation::PutBucketPolicy { region: region.clone(), bucket: bucket.clone(), policy })
}

/// Two statements of ours as one: they differ only in what they list, such as the trails that they let in.
fn union(one: &Value, other: &Value) -> Option<Value> {
    match (one, other) {
        _ if one == other => Some(one.clone()),
        (Value::Array(some), Value::Array(more)) => {
            let mut all: Vec<Value> = some.iter().chain(more).cloned().collect();
            all.sort_by_key(Value::to_string);
            all.dedup();
            Some(all.into())
        }
        (Value::Object(some), Value::Object(more)) if some.keys().eq(more.keys()) => {
            let pairs = some.iter().zip(more.values());
            let pairs = pairs.map(|((key, one), other)| Some((key.clone(), union(one, other)?)));
            pairs.collect::<Option<_>>().map(Value::Object)
        }
        _ => None,
    }
}

/// Whether a retention comes before any event is as old.
fn deletes_nothing(operation: &Operation, now: Timestamp) -> bool {
    let Operation::PutRetentionPolicy { days, made_since, .. } = operation else { return true };
    made_since.is_some_and(|since| is_younger(since, *days, now))
}
