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

    /// Why it is not known what groups are attached to.
    pub(super) fn gap(&self) -> Option<&Gap> {
        self.0.as_ref().err()
    }

    /// Whether it is known that the group is attached to nothing.
    pub(super) fn is_nowhere(&self, group: &GroupId) -> bool {
        self.0.as_ref().is_ok_and(|groups| !groups.contains_key(group))
    }

    /// What the group is attached to, the first few by name.
    pub(super) fn words(&self, group: &GroupId) -> String {
        self.tell(group, 4)
    }

    /// The same, and all by name.
    pub(super) fn all_words(&self, group: &GroupId) -> String {
        self.tell(group, usize::MAX)
    }

    fn tell(&self, group: &GroupId, most: usize) -> String {
        match &self.0 {
            Err(gap) => format!("what the group is attached to is unknown: {}", gap.reason),
            Ok(groups) => match groups.get(group) {
                None => "attached to no network interface".to_owned(),
                Some(names) => {
                    let number = count(names.len(), "network interface", "network interfaces");
                    format!("attached to {number}: {}", some(names, most))
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
