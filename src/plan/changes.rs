//! Steps as changes: simulated, with what they require, and one for each policy.

use std::collections::BTreeSet;

use super::digest::sha256;
use crate::change::{Change, ChangeId, Cost, Misfit, Operation, Target};
use crate::controls::{Bundle, Step};
use crate::model::{ControlId, Snapshot};

/// The changes of a plan while it is made.
#[derive(Default)]
pub(super) struct Changes {
    pub(super) list: Vec<Change>,
    /// Those that later ones may need.
    needed: Vec<(Target, ChangeId)>,
}

impl Changes {
    /// Takes in a bundle, and carries it out on the simulated account.
    pub(super) fn carry_out(&mut self, bundle: Bundle, on: &mut Snapshot) -> Result<(), Misfit> {
        let Bundle { controls, title, steps } = bundle;
        let controls: BTreeSet<ControlId> = controls.into_iter().collect();
        let mut earlier: BTreeSet<ChangeId> = BTreeSet::new();
        for step in steps {
            let target = step.operation.target();
            let id = change_id(&step.operation);
            let first =
                self.needed.iter().find(|(known, _)| target.is_policy() && *known == target);
            if let Some((_, first)) = first.cloned() {
                for change in self.list.iter_mut().filter(|change| change.id == first) {
                    join(change, &step, &controls, on)?;
                }
                self.rename(&first, &id);
            } else {
                let mut change = made(&step, on)?;
                let needs = |earlier: &Target| change.operation.needs(earlier);
                let needed = self.needed.iter().filter(|(target, _)| needs(target));
                let needed: Vec<ChangeId> = needed.map(|(_, id)| id.clone()).collect();
                change.requires.clone_from(&earlier);
                change.requires.extend(needed);
                change.controls.clone_from(&controls);
                change.title.clone_from(&title);
                self.list.push(change);
                if target.can_be_needed() {
                    self.needed.push((target, id.clone()));
                }
            }
            earlier.insert(id);
        }
        Ok(())
    }

    /// A change that is put where there was only one that deletes has another name.
    fn rename(&mut self, was: &ChangeId, is: &ChangeId) {
        for change in self.list.iter_mut().filter(|_| was != is) {
            if change.id == *was {
                change.id.clone_from(is);
            }
            if change.requires.remove(was) {
                change.requires.insert(is.clone());
            }
        }
        for (_, id) in self.needed.iter_mut().filter(|(_, id)| id == was) {
            id.clone_from(is);
        }
    }
}

/// The change that is this step, carried out.
fn made(step: &Step, on: &mut Snapshot) -> Result<Change, Misfit> {
    let Step { operation, risk, impact, cost } = step.clone();
    let target = operation.target();
    let before = operation.document(on)?;
    let undo = operation.simulate(on)?;
    Ok(Change {
        id: change_id(&operation),
        controls: BTreeSet::new(),
        region: target.region().cloned(),
        resource: target.resource().to_owned(),
        title: String::new(),
        risk,
        before,
        after: operation.document(on)?,
        undo,
        requires: BTreeSet::new(),
        impact,
        cost,
        operation,
    })
}

/// Several fixes may have something to say in one policy: it is written once, in the place of the first.
fn join(
    first: &mut Change,
    step: &Step,
    controls: &BTreeSet<ControlId>,
    on: &mut Snapshot,
) -> Result<(), Misfit> {
    let second = made(step, on)?;
    let undo = second.operation.effect_on(&first.before).map(|(_, undo)| undo);
    first.undo = undo.unwrap_or(second.undo);
    first.operation = second.operation;
    first.after = second.after;
    first.controls.extend(controls);
    first.risk = first.risk.max(second.risk);
    first.impact.extend(second.impact);
    first.cost = match (first.cost.take(), second.cost) {
        (Some(one), Some(other)) => Some(Cost {
            usd_per_month: one.usd_per_month + other.usd_per_month,
            note: format!("{}; {}", one.note, other.note),
        }),
        (one, other) => one.or(other),
    };
    Ok(())
}

/// From operation and target; where one target can have several operations of a kind, from what they
/// say as well.
pub(super) fn change_id(operation: &Operation) -> ChangeId {
    let target = operation.target();
    let mut parts = vec![operation.name().to_owned()];
    parts.extend(target.region().map(ToString::to_string));
    parts.push(target.resource().to_owned());
    if let Some(said) = said(operation) {
        parts.push(sha256(said.as_bytes()).chars().take(8).collect());
    }
    ChangeId::new(parts.join("/"))
}

/// What tells an operation from others of its kind and target.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "what is not named here is told by its target alone"
)]
fn said(operation: &Operation) -> Option<String> {
    match operation {
        Operation::AuthorizeSecurityGroupIngress { rules, .. }
        | Operation::RevokeSecurityGroupIngress { rules, .. }
        | Operation::AuthorizeSecurityGroupEgress { rules, .. }
        | Operation::RevokeSecurityGroupEgress { rules, .. } => {
            Some(serde_json::to_string(rules).unwrap_or_default())
        }
        Operation::UpdateAccessKey { key, .. } | Operation::DeleteRootAccessKey { key, .. } => {
            Some(key.to_string())
        }
        Operation::PutRolePolicy { name, .. } | Operation::DeleteRolePolicy { name, .. } => {
            Some(name.clone())
        }
        Operation::PutGroupPolicy { name, .. }
        | Operation::DeleteGroupPolicy { name, .. }
        | Operation::PutUserPolicy { name, .. }
        | Operation::DeleteUserPolicy { name, .. } => Some(name.clone()),
        Operation::AttachGroupPolicy { policy, .. }
        | Operation::DetachGroupPolicy { policy, .. }
        | Operation::AttachUserPolicy { policy, .. }
        | Operation::DetachUserPolicy { policy, .. } => Some(policy.clone()),
        Operation::Subscribe { protocol, endpoint, .. }
        | Operation::Unsubscribe { protocol, endpoint, .. } => {
            Some(format!("{protocol}:{endpoint}"))
        }
        Operation::PutMetricFilter { group, .. }
        | Operation::DeleteMetricFilter { group, .. }
        | Operation::AddUserToGroup { group, .. }
        | Operation::RemoveUserFromGroup { group, .. } => Some(group.clone()),
        _ => None,
    }
}
