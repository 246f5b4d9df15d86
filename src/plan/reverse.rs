//! The plan that takes a run back.

use std::collections::{BTreeMap, BTreeSet};

use super::build::{expiry, tidy};
use super::changes::change_id;
use super::{Digest, Origin, PLAN_FORMAT, Plan};
use crate::change::{Change, ChangeId, Cost, Document, Inverse, Operation, Risk, Target};
use crate::controls::{NotPlanned, Why};
use crate::model::{KeyStatus, Own};
use crate::report::Head;

/// A change that a run made, or may have made, and the state of its target now.
#[derive(Debug)]
pub struct Undoable<'a> {
    /// The change as planned.
    pub change: &'a Change,
    /// The target now, or why it could not be read.
    pub now: Result<Document, String>,
    /// What the change was for.
    pub made_by: MadeBy<'a>,
}

/// What a change was made for: this decides what it means to take it back.
#[derive(Clone, Copy, Debug)]
pub enum MadeBy<'a> {
    /// A plan by a baseline.
    Baseline,
    /// An undo of this change, where it can still be looked up: taking it back makes the change again.
    Undo(Option<&'a Change>),
}

impl<'a> MadeBy<'a> {
    /// An undo: of that one of these changes which it took back.
    pub fn undo_of(change: &Change, first: impl IntoIterator<Item = &'a Change>) -> Self {
        let target = change.operation.target();
        Self::Undo(first.into_iter().find(|first| {
            first.operation.target() == target
                && first.before == change.after
                && first.after == change.before
        }))
    }
}

/// How the target of a change stands now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moved {
    /// As the change left it.
    Holds,
    /// As it was before the change.
    TakenBack,
    /// Otherwise: somebody changed it since.
    Elsewhere,
}

impl Moved {
    /// Compares the target with the change.
    pub fn judge(change: &Change, now: &Document) -> Self {
        if *now == change.after {
            Self::Holds
        } else if *now == change.before {
            Self::TakenBack
        } else {
            Self::Elsewhere
        }
    }
}

/// Plans to take changes back, the last one first. What moved since is left alone, and so is
/// whatever had to be made before it.
pub fn reverse(
    run: &str,
    head: Head,
    valid_hours: u16,
    bounds: Bounds<'_>,
    made: &[Undoable<'_>],
) -> Plan {
    let mut changes: Vec<Change> = Vec::new();
    let mut not_planned = Vec::new();
    let blocked = blocked(made, bounds);
    // For each change of the run: the reversals that must come before its own.
    let mut before: BTreeMap<&ChangeId, BTreeSet<ChangeId>> = BTreeMap::new();
    let gone = gone(made, &blocked, bounds);
    for one in made.iter().rev() {
        let Undoable { change, now, .. } = one;
        let holds = now.as_ref().is_ok_and(|now| Moved::judge(change, now) == Moved::Holds);
        if holds && change.operation.goes_with().is_some_and(|with| gone.contains(&with)) {
            continue;
        }
        match obstacle(one, blocked.contains(&change.id), bounds) {
            Ok(operation) => {
                let requires = before.remove(&change.id).unwrap_or_default();
                let taken_back = back(one, operation, requires);
                for needed in &change.requires {
                    before.entry(needed).or_default().insert(taken_back.id.clone());
                }
                changes.push(taken_back);
            }
            Err((why, detail)) => not_planned.extend(left(change, why, &detail)),
        }
    }
    tidy(&mut not_planned);
    let expires_at = expiry(head.taken_at, valid_hours);
    Plan {
        format: PLAN_FORMAT.to_owned(),
        head,
        digest: Digest::unset(),
        origin: Origin::UndoOf(run.to_owned()),
        expires_at,
        score: None,
        changes,
        not_planned,
    }
    .sealed()
}

/// How far an undo goes, and who makes it.
#[derive(Clone, Copy, Debug)]
pub struct Bounds<'a> {
    /// The highest risk that it takes.
    pub max_risk: Risk,
    /// Whoever runs harden.
    pub own: &'a Own,
}

/// What has to stay for what stays: whatever was made for something that moved since.
fn blocked<'a>(made: &[Undoable<'a>], bounds: Bounds<'_>) -> BTreeSet<&'a ChangeId> {
    let mut blocked = BTreeSet::new();
    for one in made.iter().rev() {
        let change = one.change;
        let why = obstacle(one, blocked.contains(&change.id), bounds).err().map(|(why, _)| why);
        let keeps = |why| match why {
            Why::Already => false,
            // What stays needs nothing of what goes; what went, and does not come back, is missing for all
            // that rested on it.
            Why::Unsupported => change.after.is_absent(),
            Why::HeldBack
            | Why::NeedsSetting
            | Why::Manual
            | Why::Unknown
            | Why::Waived
            | Why::Caller
            | Why::Shared
            | Why::Moved => true,
        };
        if why.is_some_and(keeps) {
            blocked.extend(&change.requires);
        }
    }
    blocked
}

/// What the run made and the undo deletes: whatever was done to it since goes with it.
fn gone(
    made: &[Undoable<'_>],
    blocked: &BTreeSet<&ChangeId>,
    bounds: Bounds<'_>,
) -> BTreeSet<Target> {
    made.iter()
        .filter(|one| {
            one.change.before.is_absent()
                && obstacle(one, blocked.contains(&one.change.id), bounds).is_ok()
        })
        .map(|one| one.change.operation.target())
        .collect()
}

/// The inverse to run, or why there is none.
fn obstacle<'a>(
    one: &Undoable<'a>,
    blocked: bool,
    bounds: Bounds<'_>,
) -> Result<&'a Operation, (Why, String)> {
    let change = one.change;
    let now = one.now.as_ref().map_err(|reason| (Why::Unknown, reason.clone()))?;
    match Moved::judge(change, now) {
        Moved::TakenBack => Err((Why::Already, "as it was before the run".to_owned())),
        Moved::Elsewhere => Err((Why::Moved, "changed by somebody since the run".to_owned())),
        Moved::Holds if blocked => {
            Err((Why::Moved, "a change that built on it cannot be taken back".to_owned()))
        }
        Moved::Holds => match &change.undo {
            Inverse::Run(operation) if is_own(operation, bounds.own) => {
                let detail = "it is about whoever runs harden, of which harden changes nothing: somebody \
                              else has to take it back";
                Err((Why::Caller, detail.to_owned()))
            }
            Inverse::Run(operation) => {
                let Told { risk, impact, .. } = told(operation, one.made_by);
                if risk <= bounds.max_risk {
                    return Ok(operation);
                }
                let told = impact.join("; ");
                Err((Why::HeldBack, format!("{risk}, `--max-risk {risk}` lets it in; {told}")))
            }
            Inverse::Impossible { impossible } => Err((Why::Unsupported, impossible.clone())),
        },
    }
}

fn is_own(operation: &Operation, own: &Own) -> bool {
    operation.principal().is_some_and(|who| own.has(who))
}

/// What taking something back can do, what it means, and what it costs.
struct Told {
    risk: Risk,
    impact: Vec<String>,
    cost: Option<Cost>,
}

fn told(operation: &Operation, made_by: MadeBy<'_>) -> Told {
    match made_by {
        MadeBy::Baseline => {
            let facts = operation.facts();
            Told { risk: facts.undo_risk, impact: vec![facts.told.to_owned()], cost: None }
        }
        MadeBy::Undo(first) => again(operation, first),
    }
}

/// What an undo took back is made again. Whom it concerned was looked at when it was planned, and not since.
fn again(operation: &Operation, first: Option<&Change>) -> Told {
    let (risk, mut impact, cost) = match first {
        Some(first) => (first.risk, first.impact.clone(), first.cost.clone()),
        None => (Risk::Restrictive, vec!["what an undo took back is made again".to_owned()], None),
    };
    let mut risk = risk.max(operation.facts().undo_risk);
    if hangs_on_use(operation) {
        risk = Risk::Destructive;
        let told = if let Operation::PutRetentionPolicy { days, .. } = operation {
            format!("events that are older than {days} days by now are deleted")
        } else {
            "who uses it by now is not looked at here: `harden plan` does".to_owned()
        };
        impact.push(told);
    }
    Told { risk, impact, cost }
}

/// Whether what it takes away may have been taken into use since it was given back.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "of all others the use is not looked at either way"
)]
const fn hangs_on_use(operation: &Operation) -> bool {
    match operation {
        Operation::RevokeSecurityGroupIngress { .. }
        | Operation::RevokeSecurityGroupEgress { .. }
        | Operation::PutRetentionPolicy { .. } => true,
        Operation::UpdateAccessKey { to: KeyStatus::Inactive, unused_since, .. } => {
            // The write itself looks at it.
            unused_since.is_none()
        }
        _ => false,
    }
}

fn back(one: &Undoable<'_>, operation: &Operation, requires: BTreeSet<ChangeId>) -> Change {
    let change = one.change;
    let Told { risk, impact, cost } = told(operation, one.made_by);
    Change {
        id: change_id(operation),
        controls: change.controls.clone(),
        region: change.region.clone(),
        resource: change.resource.clone(),
        title: change.title.clone(),
        operation: operation.clone(),
        risk,
        before: change.after.clone(),
        after: change.before.clone(),
        // Not the operation of then: the rules that it names have other ids by now.
        undo: operation
            .effect_on(&change.after)
            .map_or_else(|| Inverse::Run(change.operation.clone()), |(_, undo)| undo),
        requires,
        impact,
        cost,
    }
}

fn left(change: &Change, why: Why, detail: &str) -> Vec<NotPlanned> {
    change
        .controls
        .iter()
        .map(|control| NotPlanned {
            control: *control,
            resource: Some(change.resource.clone()),
            region: change.region.clone(),
            why,
            detail: format!("{}: {detail}", change.title),
        })
        .collect()
}
