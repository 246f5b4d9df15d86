//! Rules by their tags: EC2 gives all rules of one call the same.

use std::collections::BTreeMap;

use crate::change::GroupRule;

/// The rules in groups of equal tags.
pub(super) fn by_tags(rules: Vec<GroupRule>) -> Vec<Vec<GroupRule>> {
    let mut groups: BTreeMap<BTreeMap<String, String>, Vec<GroupRule>> = BTreeMap::new();
    for rule in rules {
        groups.entry(rule.tags.clone()).or_default().push(rule);
    }
    groups.into_values().collect()
}
