//! 4.4: default security groups let nothing through.

mod empty;
mod used;

use std::collections::BTreeMap;

use crate::controls::regions::part_of_each;
use crate::controls::words::{count, list};
use crate::controls::{Assess, Case, Check, Control, Finding, Fix, Outcome, Remedy};
use crate::model::{
    ControlId, DefaultGroup, Direction, GroupId, Level, Read, Region, Rule, RuleId,
};

const ID: ControlId = ControlId::new(4, 4);

/// 4.4
pub(super) const DEFAULT_GROUP: Control = Control {
    id: ID,
    level: Level::Two,
    scored: true,
    title: "Default security groups let nothing through",
    why: "What is started without naming a group lands in the default one: without rules there, \
          nothing is exposed by oversight.",
    assess: Assess::Automatic {
        reads: &[Read::DefaultGroups, Read::Rules],
        context: &[],
        check: &NoRules,
    },
    remedy: Remedy::Automatic(&EMPTY),
};

static EMPTY: Fix = Fix {
    name: "default-groups",
    // Before single ports are closed: what is emptied has none to close.
    turn: 80,
    reads: &[Read::Interfaces],
    changes: "Per default security group: ec2:RevokeSecurityGroupIngress and \
              ec2:RevokeSecurityGroupEgress for all its rules, by rule id.",
    breaks: "What the group is attached to can neither be reached nor reach anything by it, and what is \
             started later without naming a group cannot either. Where it is attached to a network \
             interface, or a rule of another group names it, the change is destructive, and held back \
             unless `--max-risk destructive` lets it in: move what uses it to groups of its own first. Who \
             names it without an interface, as launch templates do, or from another account, is not seen.",
    undo: "All rules of both directions are put back with descriptions and tags (under new rule ids).",
    propose: empty::propose,
};

#[derive(Debug)]
struct NoRules;

impl Check for NoRules {
    fn assess(&self, case: &Case<'_>) -> Outcome {
        let account = &case.snapshot.account.id;
        let (mut missing, mut findings, mut notes) = (Vec::new(), Vec::new(), Vec::new());
        let default_groups =
            part_of_each(case.snapshot, &mut missing, |regional| &regional.default_groups);
        let rules: BTreeMap<_, _> =
            part_of_each(case.snapshot, &mut missing, |regional| &regional.rules)
                .into_iter()
                .collect();
        missing.sort();
        missing.dedup();
        let mut some_are_ours = false;
        for (region, groups) in default_groups {
            for (id, group) in groups {
                if group.owner != *account {
                    notes.push(format!(
                        "the default group {id} of a shared VPC in {region} belongs to account {}",
                        group.owner
                    ));
                    continue;
                }
                some_are_ours = true;
                let held = rules.get(region).and_then(|groups| groups.get(id));
                findings.extend(held.and_then(|held| finding(region, id, group, held)));
            }
        }
        if !some_are_ours && missing.is_empty() {
            let reason = "no VPC of this account has a default security group".to_owned();
            return Outcome::NotApplicable { reason };
        }
        Outcome::Judged { findings, missing, pending: Vec::new(), notes }
    }
}

/// `None` where it has no rule.
fn finding(
    region: &Region,
    id: &GroupId,
    group: &DefaultGroup,
    rules: &BTreeMap<RuleId, Rule>,
) -> Option<Finding> {
    let number = |way| rules.values().filter(|rule| rule.direction() == way).count();
    let parts = [
        (number(Direction::Inbound), "inbound rule", "inbound rules"),
        (number(Direction::Outbound), "outbound rule", "outbound rules"),
    ];
    let held = parts.into_iter().filter(|(number, ..)| *number > 0);
    let held: Vec<String> = held.map(|(number, one, many)| count(number, one, many)).collect();
    (!held.is_empty()).then(|| Finding {
        region: Some(region.clone()),
        resource: id.as_str().to_owned(),
        summary: format!("{} has {}", title(group), list(&held)),
    })
}

/// What people call it.
fn title(group: &DefaultGroup) -> String {
    match &group.vpc {
        Some(vpc) => format!("default group of {vpc}"),
        None => "default group".to_owned(),
    }
}

#[cfg(test)]
mod tests;
