//! What the groups of a region are attached to, in words.

use std::collections::BTreeMap;

use crate::controls::words::{count, some};
use crate::model::{Gap, GroupId, Interface, InterfaceId, Regional};

/// The network interfaces of a region, by group; or why they are not known.
pub(super) struct Attached<'a>(Result<BTreeMap<&'a GroupId, Vec<String>>, Gap>);

impl<'a> Attached<'a> {
    pub(super) fn new(regional: &'a Regional) -> Self {
        Self(regional.interfaces.known().map(|interfaces| {
            let mut groups: BTreeMap<&GroupId, Vec<String>> = BTreeMap::new();
            for (id, interface) in interfaces {
                for group in &interface.groups {
                    groups.entry(group).or_default().push(name(id, interface));
                }
            }
            groups
        }))
    }

    pub(super) fn words(&self, group: &GroupId) -> String {
        match &self.0 {
            Err(gap) => format!("what the group is attached to is unknown: {}", gap.reason),
            Ok(groups) => match groups.get(group) {
                None => "attached to no network interface".to_owned(),
                Some(names) => {
                    let number = count(names.len(), "network interface", "network interfaces");
                    format!("attached to {number}: {}", some(names, 4))
                }
            },
        }
    }
}

fn name(id: &InterfaceId, interface: &Interface) -> String {
    match (&interface.instance, interface.description.as_str()) {
        (Some(instance), _) => format!("{id} ({instance})"),
        (None, "") => id.to_string(),
        (None, description) => format!("{id} ({description})"),
    }
}
