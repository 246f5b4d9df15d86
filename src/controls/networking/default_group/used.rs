//! Whether anybody would miss the rules of a default group.

use std::collections::{BTreeMap, BTreeSet};

use crate::controls::networking::attached::Attached;
use crate::controls::networking::name_of;
use crate::controls::words::list;
use crate::model::{Gap, GroupId, Regional, Source};

/// Who uses the groups of a region that are to be emptied.
pub(super) struct Users<'a> {
    regional: &'a Regional,
    attached: Attached<'a>,
    /// The groups that have a rule naming another one, by that one.
    referring: BTreeMap<&'a GroupId, BTreeSet<&'a GroupId>>,
}

impl<'a> Users<'a> {
    pub(super) fn new(regional: &'a Regional) -> Self {
        let mut referring: BTreeMap<&GroupId, BTreeSet<&GroupId>> = BTreeMap::new();
        for (id, rules) in regional.rules.ok().into_iter().flatten() {
            for rule in rules.values() {
                match &rule.source {
                    Source::Group(other) if other != id => {
                        referring.entry(other).or_default().insert(id);
                    }
                    Source::Group(_)
                    | Source::Cidr(_)
                    | Source::PrefixList(_)
                    | Source::Other(_) => {}
                }
            }
        }
        Self { regional, attached: Attached::new(regional), referring }
    }

    /// Why it is not known who uses the groups. The rules are known where there is a group to empty.
    pub(super) fn gap(&self) -> Option<&Gap> {
        self.attached.gap()
    }

    /// Those of the groups that nothing is attached to, and that no rule names which stays when they are
    /// emptied together.
    pub(super) fn unused(&self, groups: &BTreeSet<&'a GroupId>) -> BTreeSet<&'a GroupId> {
        let mut unused: BTreeSet<&GroupId> =
            groups.iter().copied().filter(|id| self.attached.is_nowhere(id)).collect();
        loop {
            let named_by_none_else =
                |id: &&GroupId| self.referring.get(*id).is_none_or(|by| by.is_subset(&unused));
            let kept: BTreeSet<&GroupId> =
                unused.iter().copied().filter(named_by_none_else).collect();
            if kept.len() == unused.len() {
                return kept;
            }
            unused = kept;
        }
    }

    /// All that the group is attached to, and all groups that have rules naming it: whoever empties it must
    /// know each. Of what is unused, these rules go too.
    pub(super) fn words(&self, group: &GroupId, is_unused: bool) -> Vec<String> {
        let mut words = vec![self.attached.all_words(group)];
        if let Some(by) = self.referring.get(group) {
            let names: Vec<String> = by.iter().map(|id| self.name(id)).collect();
            let which = if is_unused { "only by rules that go too, of" } else { "by rules of" };
            words.push(format!("named {which} {}", list(&names)));
        }
        words
    }

    fn name(&self, group: &GroupId) -> String {
        match name_of(self.regional, group) {
            Some(name) => format!("{group} ({name})"),
            None => group.to_string(),
        }
    }
}
