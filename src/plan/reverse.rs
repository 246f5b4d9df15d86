//! The plan that takes a run back.

use std::collections::{BTreeMap, BTreeSet};

use super::build::{expiry, tidy};
use super::changes::change_id;
use super::credentials::is_about;
use super::{Digest, Origin, PLAN_FORMAT, Plan};
use crate::change::{Change, ChangeId, Document, Inverse, Operation, Risk, Target};
use crate::controls::{NotPlanned, Why};
use crate::model::KeyStatus;
use crate::report::Head;

/// A change that a run made, or may have made, and the state of its target now.
#[derive(Debug)]
pub struct Undoable<'a> {
    /// The change as planned.
    pub change: &'a Change,
    /// The target now, or why it could not be read.
    pub now: Result<Document, String>,
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
    max_risk: Risk,
    made: &[Undoable<'_>],
) -> Plan {
    let mut changes: Vec<Change> = Vec::new();
    let mut not_planned = Vec::new();
    let bounds = Bounds { max_risk, caller: &head.caller };
    let blocked = blocked(made, bounds);
    // For each change of the run: the reversals that must come before its own.
    let mut before: BTreeMap<&ChangeId, BTreeSet<ChangeId>> = BTreeMap::new();
    let gone = gone(made, &blocked, bounds);
    for Undoable { change, now } in made.iter().rev() {
        let holds = now.as_ref().is_ok_and(|now| Moved::judge(change, now) == Moved::Holds);
        if holds && change.operation.goes_with().is_some_and(|with| gone.contains(&with)) {
            continue;
        }
        match obstacle(change, now, blocked.contains(&change.id), bounds) {
            Ok(operation) => {
                let requires = before.remove(&change.id).unwrap_or_default();
                let taken_back = back(change, operation, requires);
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
#[derive(Clone, Copy)]
struct Bounds<'a> {
    max_risk: Risk,
    caller: &'a str,
}

/// What has to stay for what stays: whatever was made for something that moved since.
fn blocked<'a>(made: &[Undoable<'a>], bounds: Bounds<'_>) -> BTreeSet<&'a ChangeId> {
    let mut blocked = BTreeSet::new();
    for Undoable { change, now } in made.iter().rev() {
        let why =
            obstacle(change, now, blocked.contains(&change.id), bounds).err().map(|(why, _)| why);
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
        .filter(|Undoable { change, now }| {
            change.before.is_absent()
                && obstacle(change, now, blocked.contains(&change.id), bounds).is_ok()
        })
        .map(|one| one.change.operation.target())
        .collect()
}

/// The inverse to run, or why there is none.
fn obstacle<'a>(
    change: &'a Change,
    now: &Result<Document, String>,
    blocked: bool,
    bounds: Bounds<'_>,
) -> Result<&'a Operation, (Why, String)> {
    let now = now.as_ref().map_err(|reason| (Why::Unknown, reason.clone()))?;
    match Moved::judge(change, now) {
        Moved::TakenBack => Err((Why::Already, "as it was before the run".to_owned())),
        Moved::Elsewhere => Err((Why::Moved, "changed by somebody since the run".to_owned())),
        Moved::Holds if blocked => {
            Err((Why::Moved, "a change that built on it cannot be taken back".to_owned()))
        }
        Moved::Holds => match &change.undo {
            Inverse::Run(operation) if is_about(operation, bounds.caller) => {
                let detail = "harden runs as this user and changes nothing of its own: somebody else has to \
                              take it back";
                Err((Why::Caller, detail.to_owned()))
            }
            Inverse::Run(operation) if told(operation).0 > bounds.max_risk => {
                let (risk, told) = told(operation);
                Err((Why::HeldBack, format!("{risk}, `--max-risk {risk}` lets it in; {told}")))
            }
            Inverse::Run(operation) => Ok(operation),
            Inverse::Impossible { impossible } => Err((Why::Unsupported, impossible.clone())),
        },
    }
}

/// What taking something back can do, and what it means.
fn told(operation: &Operation) -> (Risk, &'static str) {
    // An undo gave it back, and it goes again.
    if let Operation::UpdateAccessKey { to: KeyStatus::Inactive, unused_since, .. } = operation {
        let risk = if unused_since.is_some() { Risk::Restrictive } else { Risk::Destructive };
        return (risk, "the key is turned off again: whatever signs with it fails at once");
    }
    let facts = operation.facts();
    (facts.undo_risk, facts.told)
}

fn back(change: &Change, operation: &Operation, requires: BTreeSet<ChangeId>) -> Change {
    Change {
        id: change_id(operation),
        controls: change.controls.clone(),
        region: change.region.clone(),
        resource: change.resource.clone(),
        title: change.title.clone(),
        operation: operation.clone(),
        risk: told(operation).0,
        before: change.after.clone(),
        after: change.before.clone(),
        // Not the operation of then: the rules that it names have other ids by now.
        undo: operation
            .effect_on(&change.after)
            .map_or_else(|| Inverse::Run(change.operation.clone()), |(_, undo)| undo),
        requires,
        impact: vec![told(operation).1.to_owned()],
        cost: None,
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
