//! Inbound rules as operations name them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::{AccountId, Rule, RuleId, Source, Traffic};

/// An inbound rule. EC2 gives a new id to a rule that is put back, so what a rule is does not hang on it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InboundRule {
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

impl InboundRule {
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
    pub fn owned_by(self, owner: AccountId) -> Rule {
        let Self { traffic, source, description, tags, id: _ } = self;
        Rule { owner, egress: false, traffic, source, description, tags }
    }

    /// Whether the operation is about this rule: the same, or what somebody has made of it since.
    pub fn is_about(&self, id: &RuleId, rule: &Rule) -> bool {
        !rule.egress && (self.id.as_ref() == Some(id) || self.is_same_as(rule))
    }

    /// Whether EC2 would call the two the same rule: it knows no two with the same traffic and source.
    pub fn is_same_as(&self, rule: &Rule) -> bool {
        !rule.egress && self.traffic == rule.traffic && self.source == rule.source
    }
}

/// Those of the operation's rules that the group holds, as it holds them, sorted and without ids.
pub(super) fn held(group: &BTreeMap<RuleId, Rule>, of: &[InboundRule]) -> Vec<InboundRule> {
    let mut held: Vec<InboundRule> = group
        .iter()
        .filter(|(id, rule)| of.iter().any(|wanted| wanted.is_about(id, rule)))
        .map(|(_, rule)| InboundRule::of(rule))
        .collect();
    held.sort();
    held
}
