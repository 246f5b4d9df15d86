//! The remedy of 4.4: all rules go, both ways.

use std::collections::{BTreeMap, BTreeSet};

use super::used::Users;
use super::{ID, title};
use crate::change::{GroupRule, Operation, Risk};
use crate::controls::networking::tagged::by_tags;
use crate::controls::{Bundle, Case, NotPlanned, Proposal, Scope, Step, Wanted, Why};
use crate::model::{
    AccountId, DefaultGroup, Direction, GroupId, Region, Regional, Rule, RuleId, Source,
};

pub(super) fn propose(case: &Case<'_>, wanted: &Wanted<'_>, _: &Scope<'_>) -> Proposal {
    let mut named: BTreeMap<&Region, BTreeSet<&str>> = BTreeMap::new();
    for finding in wanted.get(&ID).into_iter().flatten() {
        let Some(region) = &finding.region else { continue };
        named.entry(region).or_default().insert(&finding.resource);
    }
    let mut proposal = Proposal::default();
    for (region, named) in named {
        let Some(regional) = case.snapshot.regional.get(region) else { continue };
        let groups = full(region, regional, &named);
        plan(&case.snapshot.account.id, &groups, &Users::new(regional), &mut proposal);
    }
    proposal.sorted()
}

/// A default group that has rules.
struct Full<'a> {
    region: &'a Region,
    id: &'a GroupId,
    group: &'a DefaultGroup,
    rules: &'a BTreeMap<RuleId, Rule>,
}

fn full<'a>(region: &'a Region, regional: &'a Regional, named: &BTreeSet<&str>) -> Vec<Full<'a>> {
    let (Some(groups), Some(rules)) = (regional.default_groups.ok(), regional.rules.ok()) else {
        return Vec::new();
    };
    let named = groups.iter().filter(|(id, _)| named.contains(id.as_str()));
    named
        .filter_map(|(id, group)| Some(Full { region, id, group, rules: rules.get(id)? }))
        .collect()
}

fn plan(account: &AccountId, groups: &[Full<'_>], users: &Users<'_>, proposal: &mut Proposal) {
    let (mut can_go, mut ids) = (Vec::new(), BTreeSet::new());
    for group in groups {
        let unread = || {
            let gap = users.gap()?;
            let detail = format!("what it is attached to could not be read: {}", gap.reason);
            Some((Why::Unknown, detail))
        };
        if let Some((why, detail)) = group.obstacle(account).or_else(unread) {
            proposal.not_planned.push(group.left(why, &detail));
        } else {
            can_go.push(group);
            ids.insert(group.id);
        }
    }
    let unused = users.unused(&ids);
    for group in can_go {
        let is_unused = unused.contains(group.id);
        let risk = if is_unused { Risk::Restrictive } else { Risk::Destructive };
        proposal.bundles.push(group.emptied(risk, &users.words(group.id, is_unused)));
    }
}

impl Full<'_> {
    /// Why it has to stay as it is.
    fn obstacle(&self, account: &AccountId) -> Option<(Why, String)> {
        if let Some(rule) = self.rules.values().find(|rule| rule.owner != *account) {
            return Some((Why::Shared, format!("the group belongs to account {}", rule.owner)));
        }
        let unknown = |rule: &Rule| match &rule.source {
            Source::Other(text) => Some(text.clone()),
            Source::Cidr(_) | Source::PrefixList(_) | Source::Group(_) => None,
        };
        let other_end = self.rules.values().find_map(unknown)?;
        let detail = format!(
            "this version does not understand `{other_end}`, and could not put the rule for it back"
        );
        Some((Why::Unsupported, detail))
    }

    fn left(&self, why: Why, detail: &str) -> NotPlanned {
        NotPlanned {
            control: ID,
            resource: Some(self.id.as_str().to_owned()),
            region: Some(self.region.clone()),
            why,
            detail: format!("{}: {detail}", title(self.group)),
        }
    }

    fn emptied(&self, risk: Risk, users: &[String]) -> Bundle {
        let steps = [Direction::Inbound, Direction::Outbound].into_iter().flat_map(|way| {
            by_tags(self.rules_of(way)).into_iter().map(move |rules| Step {
                risk,
                impact: impact(way, users),
                operation: self.revoke(way, rules),
                cost: None,
            })
        });
        Bundle { controls: vec![ID], title: title(self.group), steps: steps.collect() }
    }

    fn rules_of(&self, way: Direction) -> Vec<GroupRule> {
        let named = |(id, rule): (&RuleId, &Rule)| GroupRule {
            id: Some(id.clone()),
            ..GroupRule::of(rule)
        };
        self.rules.iter().filter(|(_, rule)| rule.direction() == way).map(named).collect()
    }

    fn revoke(&self, way: Direction, rules: Vec<GroupRule>) -> Operation {
        let (region, group) = (self.region.clone(), self.id.clone());
        match way {
            Direction::Inbound => Operation::RevokeSecurityGroupIngress { region, group, rules },
            Direction::Outbound => Operation::RevokeSecurityGroupEgress { region, group, rules },
        }
    }
}

fn impact(way: Direction, users: &[String]) -> Vec<String> {
    let lost = match way {
        Direction::Inbound => "nothing is let in by the default group any more",
        Direction::Outbound => "nothing is let out by the default group any more",
    };
    std::iter::once(lost.to_owned()).chain(users.iter().cloned()).collect()
}
