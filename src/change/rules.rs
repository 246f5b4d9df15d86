//! Which rules of a group an operation is about.

use std::collections::BTreeMap;

use super::InboundRule;
use crate::model::{Rule, RuleId};

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
