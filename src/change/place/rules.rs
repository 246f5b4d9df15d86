//! Rules of security groups.

use std::collections::BTreeMap;

use super::{Document, Operation};
use crate::change::group_rule::{GroupRule, held};
use crate::model::{Direction, GroupId, Region, Rule, RuleId, Snapshot};

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
    let (direction, named) = operation.group_rules().unwrap_or((Direction::Inbound, &[]));
    match operation {
        Operation::AuthorizeSecurityGroupIngress { .. }
        | Operation::AuthorizeSecurityGroupEgress { .. } => {
            let known = groups.entry(group.clone()).or_default();
            for rule in named {
                known.insert(
                    planned(direction, rule),
                    rule.clone().owned_by(owner.clone(), direction),
                );
            }
        }
        Operation::RevokeSecurityGroupIngress { .. }
        | Operation::RevokeSecurityGroupEgress { .. } => {
            let known = groups.get_mut(group).ok_or_else(|| format!("rules of {group}"))?;
            if held(known, direction, named).len() != named.len() {
                return Err(format!("a rule of {group}"));
            }
            known.retain(|_, rule| !named.iter().any(|gone| gone.is_same_as(direction, rule)));
            if known.is_empty() {
                groups.remove(group);
            }
        }
        _ => return Err(format!("no operation on {group}")),
    }
    Ok(())
}

/// The id of a rule that EC2 has given none yet.
fn planned(direction: Direction, rule: &GroupRule) -> RuleId {
    let to = match direction {
        Direction::Inbound => "",
        Direction::Outbound => "to:",
    };
    RuleId::new(format!("planned:{to}{}:{}", rule.traffic, rule.source))
}
