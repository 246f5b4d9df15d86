//! Inbound rules.

use std::collections::BTreeMap;

use super::{Document, Operation};
use crate::change::inbound::held;
use crate::model::{GroupId, Region, Rule, RuleId, Snapshot};

/// The rules of a region, by group.
type Rules = BTreeMap<GroupId, BTreeMap<RuleId, Rule>>;

pub(super) fn get(
    operation: &Operation,
    on: &Snapshot,
    region: &Region,
    group: &GroupId,
) -> Result<Document, String> {
    let known = on.regional.get(region).and_then(|regional| regional.rules.ok());
    let known = known.ok_or_else(|| format!("rules in {region}"))?;
    let none = BTreeMap::new();
    Ok(operation.document_of_rules(known.get(group).unwrap_or(&none)))
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the caller has sorted the targets")]
pub(super) fn set(
    operation: &Operation,
    on: &mut Snapshot,
    region: &Region,
    group: &GroupId,
) -> Result<(), String> {
    let owner = on.account.id.clone();
    let regional = on.regional.get_mut(region);
    let groups: &mut Rules =
        regional.and_then(|r| r.rules.ok_mut()).ok_or_else(|| format!("rules in {region}"))?;
    match operation {
        Operation::AuthorizeSecurityGroupIngress { rules, .. } => {
            let known = groups.entry(group.clone()).or_default();
            for rule in rules {
                let id = RuleId::new(format!("planned:{}:{}", rule.traffic, rule.source));
                known.insert(id, rule.clone().owned_by(owner.clone()));
            }
        }
        Operation::RevokeSecurityGroupIngress { rules, .. } => {
            let known = groups.get_mut(group).ok_or_else(|| format!("rules of {group}"))?;
            if held(known, rules).len() != rules.len() {
                return Err(format!("a rule of {group}"));
            }
            known.retain(|_, rule| !rules.iter().any(|revoked| revoked.is_same_as(rule)));
            if known.is_empty() {
                groups.remove(group);
            }
        }
        _ => return Err(format!("no operation on {group}")),
    }
    Ok(())
}
