//! Which rules of a group an operation is about.

use super::InboundRule;
use crate::model::{GroupId, Rule};

/// Those of the operation's rules that the group holds, as it holds them, sorted.
pub(super) fn held<'a>(
    rules: impl IntoIterator<Item = &'a Rule>,
    group: &GroupId,
    of: &[InboundRule],
) -> Vec<InboundRule> {
    let mut held: Vec<InboundRule> = rules
        .into_iter()
        .filter(|rule| rule.group == *group && of.iter().any(|wanted| wanted.is_same_as(rule)))
        .map(InboundRule::of)
        .collect();
    held.sort();
    held
}
