//! Rules of security groups as operations name them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Operation;
use crate::model::{AccountId, Direction, Rule, RuleId, Source, Traffic};

/// A rule of a security group, of the direction that the operation has. EC2 gives a new id to a rule that is
/// put back, so what a rule is does not hang on it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupRule {
    /// The id, for rules to revoke: whoever changes the rule in place keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<RuleId>,
    /// What it lets through.
    pub traffic: Traffic,
    /// The other end.
    pub source: Source,
    /// What somebody wrote about it.
    pub description: Option<String>,
    /// The tags of the rule.
    pub tags: BTreeMap<String, String>,
}

impl GroupRule {
    /// Takes the rule out of a snapshot.
    pub fn of(rule: &Rule) -> Self {
        Self {
            id: None,
            traffic: rule.traffic.clone(),
            source: rule.source.clone(),
            description: rule.description.clone(),
            tags: rule.tags.clone(),
        }
    }

    /// The rule without its id.
    #[must_use]
    pub fn nameless(&self) -> Self {
        Self { id: None, ..self.clone() }
    }

    /// The rule as a group of this account holds it.
    pub fn owned_by(self, owner: AccountId, direction: Direction) -> Rule {
        let Self { traffic, source, description, tags, id: _ } = self;
        let egress = direction == Direction::Outbound;
        Rule { owner, egress, traffic, source, description, tags }
    }

    /// Whether the operation is about this rule: the same, or what somebody has made of it since.
    fn is_about(&self, direction: Direction, id: &RuleId, rule: &Rule) -> bool {
        let is_it = rule.direction() == direction && self.id.as_ref() == Some(id);
        is_it || self.is_same_as(direction, rule)
    }

    /// Whether EC2 would call the two the same rule: it knows no two of one direction with the same traffic
    /// and the same other end.
    pub fn is_same_as(&self, direction: Direction, rule: &Rule) -> bool {
        rule.direction() == direction && self.traffic == rule.traffic && self.source == rule.source
    }
}

impl Operation {
    /// The rules that it adds to a security group or takes away from it, and their direction.
    #[expect(clippy::wildcard_enum_match_arm, reason = "all others are not about such rules")]
    pub fn group_rules(&self) -> Option<(Direction, &[GroupRule])> {
        match self {
            Self::AuthorizeSecurityGroupIngress { rules, .. }
            | Self::RevokeSecurityGroupIngress { rules, .. } => Some((Direction::Inbound, rules)),
            Self::AuthorizeSecurityGroupEgress { rules, .. }
            | Self::RevokeSecurityGroupEgress { rules, .. } => Some((Direction::Outbound, rules)),
            _ => None,
        }
    }
}

/// Those of the operation's rules that the group holds, as it holds them, sorted and without ids.
pub(super) fn held(
    group: &BTreeMap<RuleId, Rule>,
    direction: Direction,
    of: &[GroupRule],
) -> Vec<GroupRule> {
    let mut held: Vec<GroupRule> = group
        .iter()
        .filter(|(id, rule)| of.iter().any(|wanted| wanted.is_about(direction, id, rule)))
        .map(|(_, rule)| GroupRule::of(rule))
        .collect();
    held.sort();
    held
}
