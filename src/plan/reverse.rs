//! The plan that takes a run back.

use std::collections::{BTreeMap, BTreeSet};

use super::build::{change_id, expiry, tidy};
use super::{Digest, Origin, PLAN_FORMAT, Plan};
use crate::change::{Change, ChangeId, Document, Inverse, Operation, Risk};
use crate::controls::{NotPlanned, Why};
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
pub fn reverse(run: &str, head: Head, valid_hours: u16, made: &[Undoable<'_>]) -> Plan {
    let mut changes: Vec<Change> = Vec::new();
    let mut not_planned = Vec::new();
    let mut blocked: BTreeSet<&ChangeId> = BTreeSet::new();
    // For each change of the run: the reversals that must come before its own.
    let mut before: BTreeMap<&ChangeId, BTreeSet<ChangeId>> = BTreeMap::new();
    for Undoable { change, now } in made.iter().rev() {
        match obstacle(change, now, blocked.contains(&change.id)) {
            Ok(operation) => {
                let requires = before.remove(&change.id).unwrap_or_default();
                let taken_back = back(change, operation, requires);
                for needed in &change.requires {
                    before.entry(needed).or_default().insert(taken_back.id.clone());
                }
                changes.push(taken_back);
            }
            Err((why, detail)) => {
                if why != Why::Already {
                    blocked.extend(&change.requires);
                }
                not_planned.extend(left(change, why, &detail));
            }
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

/// The inverse to run, or why there is none.
fn obstacle<'a>(
    change: &'a Change,
    now: &Result<Document, String>,
    blocked: bool,
) -> Result<&'a Operation, (Why, String)> {
    let now = now.as_ref().map_err(|reason| (Why::Unknown, reason.clone()))?;
    match Moved::judge(change, now) {
        Moved::TakenBack => Err((Why::Already, "as it was before the run".to_owned())),
        Moved::Elsewhere => Err((Why::Moved, "changed by somebody since the run".to_owned())),
        Moved::Holds if blocked => {
            Err((Why::Moved, "a change that built on it cannot be taken back".to_owned()))
        }
        Moved::Holds => match &change.undo {
            Inverse::Run(operation) => Ok(operation),
            Inverse::Impossible { impossible } => Err((Why::Unsupported, impossible.clone())),
        },
    }
}

fn back(change: &Change, operation: &Operation, requires: BTreeSet<ChangeId>) -> Change {
    Change {
        id: change_id(operation),
        controls: change.controls.clone(),
        region: change.region.clone(),
        resource: change.resource.clone(),
        title: change.title.clone(),
        operation: operation.clone(),
        risk: match operation {
            Operation::RevokeSecurityGroupIngress { .. } => Risk::Restrictive,
            Operation::UpdateAccountPasswordPolicy { .. }
            | Operation::DeleteAccountPasswordPolicy
            | Operation::PutAlternateContact { .. }
            | Operation::DeleteAlternateContact
            | Operation::EnableKeyRotation { .. }
            | Operation::DisableKeyRotation { .. }
            | Operation::AuthorizeSecurityGroupIngress { .. } => Risk::Additive,
        },
        before: change.after.clone(),
        after: change.before.clone(),
        // Not the operation of then: the rules that it names have other ids by now.
        undo: operation
            .effect_on(&change.after)
            .map_or_else(|| Inverse::Run(change.operation.clone()), |(_, undo)| undo),
        requires,
        impact: vec![told(operation).to_owned()],
        cost: None,
    }
}

/// What it means to take something back by this.
const fn told(operation: &Operation) -> &'static str {
    match operation {
        Operation::UpdateAccountPasswordPolicy { .. } => "the former policy counts again",
        Operation::DeleteAccountPasswordPolicy => {
            "AWS's own rule for accounts without a policy counts again"
        }
        Operation::PutAlternateContact { .. } => "AWS writes to the former contact again",
        Operation::DeleteAlternateContact => {
            "AWS writes about security to the address of root only"
        }
        Operation::EnableKeyRotation { .. } => "the key rotates again",
        Operation::DisableKeyRotation { .. } => "the key no longer rotates",
        Operation::AuthorizeSecurityGroupIngress { .. } => "lets in again whom the run shut out",
        Operation::RevokeSecurityGroupIngress { .. } => "shuts out whom the run let in",
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
