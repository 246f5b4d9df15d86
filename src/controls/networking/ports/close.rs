//! The remedy of 4.1 and 4.2: let in what shall stay, then revoke what opens the port.

use std::collections::{BTreeMap, BTreeSet};

use super::remainder::{Closed, loses_protocols, without};
use super::{PORTS, Port, Worlds, name_of};
use crate::change::{GroupRule, Operation, Risk};
use crate::controls::networking::attached::Attached;
use crate::controls::networking::tagged::by_tags;
use crate::controls::words::{count, list};
use crate::controls::{Bundle, Case, NotPlanned, Proposal, Scope, Step, Wanted, Why};
use crate::model::{
    AccountId, ControlId, GroupId, NetworkSettings, Region, Regional, Rule, RuleId, Source,
    Transport, WideRules,
};

/// What AWS lets a group hold by default, for each direction and address family.
const DEFAULT_RULE_QUOTA: usize = 60;

pub(super) fn propose(case: &Case<'_>, wanted: &Wanted<'_>, _: &Scope<'_>) -> Proposal {
    let mut groups: BTreeMap<(Region, GroupId), Vec<&'static Port>> = BTreeMap::new();
    for port in &PORTS {
        for finding in wanted.get(&port.id).into_iter().flatten() {
            let Some(region) = finding.region.clone() else { continue };
            let group = GroupId::new(finding.resource.clone());
            groups.entry((region, group)).or_default().push(port);
        }
    }
    let mut proposal = Proposal::default();
    let mut attached: BTreeMap<&Region, Attached<'_>> = BTreeMap::new();
    for ((region, group), ports) in &groups {
        let Some(regional) = case.snapshot.regional.get(region) else { continue };
        let attached = attached.entry(region).or_insert_with(|| Attached::new(regional));
        if let Some(closing) = Closing::new(case, region, group, regional, ports) {
            closing.plan(&attached.words(group), &mut proposal);
        }
    }
    proposal.sorted()
}

/// A rule and its id.
type Held<'a> = (&'a RuleId, &'a Rule);

/// The closing of some ports of one group.
struct Closing<'a> {
    account: &'a AccountId,
    settings: &'a NetworkSettings,
    region: &'a Region,
    group: &'a GroupId,
    regional: &'a Regional,
    ports: &'a [&'static Port],
    closed: Closed,
    /// Every rule of the group.
    rules: Vec<Held<'a>>,
    /// Those that open one of the ports.
    open: Vec<Held<'a>>,
}

impl<'a> Closing<'a> {
    fn new(
        case: &Case<'a>,
        region: &'a Region,
        group: &'a GroupId,
        regional: &'a Regional,
        ports: &'a [&'static Port],
    ) -> Option<Self> {
        let none = BTreeMap::new();
        let settings = &case.settings.network;
        let worlds = Worlds::new(settings, regional.prefix_lists.ok().unwrap_or(&none));
        let rules: Vec<Held<'_>> = regional.rules.ok()?.get(group)?.iter().collect();
        let opens = |(_, rule): &Held<'_>| ports.iter().any(|p| p.is_opened_by(rule, &worlds));
        Some(Self {
            account: &case.snapshot.account.id,
            settings,
            region,
            group,
            regional,
            ports,
            closed: ports
                .iter()
                .flat_map(|port| port.transports.iter().map(|t| (*t, port.number)))
                .collect(),
            open: rules.iter().copied().filter(opens).collect(),
            rules,
        })
    }

    fn plan(&self, attached: &str, proposal: &mut Proposal) {
        let mut revoked = Vec::new();
        for (id, rule) in self.open.iter().copied() {
            match self.obstacle(rule) {
                None => revoked.push((id, rule)),
                Some((why, detail)) => {
                    proposal.not_planned.extend(self.controls_of(rule).map(|control| NotPlanned {
                        control,
                        resource: Some(self.group.as_str().to_owned()),
                        region: Some(self.region.clone()),
                        why,
                        detail: format!("{}: {detail}", self.title()),
                    }));
                }
            }
        }
        if revoked.is_empty() {
            return;
        }
        let mut steps = self.authorize(&revoked);
        steps.extend(self.revoke(&revoked, attached));
        let controls: BTreeSet<ControlId> =
            revoked.iter().flat_map(|(_, rule)| self.controls_of(rule)).collect();
        proposal.bundles.push(Bundle {
            controls: controls.into_iter().collect(),
            title: self.title(),
            steps,
        });
    }

    fn title(&self) -> String {
        match name_of(self.regional, self.group) {
            Some(name) => format!("security group {name}"),
            None => "security group".to_owned(),
        }
    }

    /// The controls that the rule makes fail.
    fn controls_of(&self, rule: &'a Rule) -> impl Iterator<Item = ControlId> {
        self.ports
            .iter()
            .filter(|port| !port.reached_by(&rule.traffic).is_empty())
            .map(|port| port.id)
    }

    /// Why a rule has to stay.
    fn obstacle(&self, rule: &Rule) -> Option<(Why, String)> {
        if rule.owner != *self.account {
            let detail = format!("the group belongs to account {}", rule.owner);
            return Some((Why::Shared, detail));
        }
        if let Source::PrefixList(list) = &rule.source {
            let detail = format!(
                "the open range is an entry of prefix list {list}, which other rules may use too: take \
                 it out of the list, or the list out of the rule"
            );
            return Some((Why::Manual, detail));
        }
        let wide = !without(&rule.traffic, &rule.source, &self.closed).is_empty();
        (wide && self.settings.wide_rules == WideRules::Hold).then(|| {
            let detail = format!(
                "{} from {} opens more than the port, and `network.wide_rules` is \"hold\"",
                rule.traffic, rule.source
            );
            (Why::HeldBack, detail)
        })
    }

    /// What must be let in before the rules go: one step for each set of tags, which one call shares.
    fn authorize(&self, revoked: &[Held<'_>]) -> Vec<Step> {
        let added = self.additions(revoked);
        let total = |v6: bool| {
            let family = |source: &Source| matches!(source, Source::Cidr(c) if c.is_ipv6() == v6);
            self.rules.iter().filter(|(_, rule)| !rule.egress && family(&rule.source)).count()
                + added.iter().filter(|rule| family(&rule.source)).count()
        };
        let most = total(false).max(total(true));
        let mut impact = Vec::new();
        if !added.is_empty() && most > DEFAULT_RULE_QUOTA {
            impact.push(format!(
                "the group holds {most} inbound rules for a moment; AWS's default quota is \
                 {DEFAULT_RULE_QUOTA}"
            ));
        }
        by_tags(added)
            .into_iter()
            .map(|rules| Step {
                operation: Operation::AuthorizeSecurityGroupIngress {
                    region: self.region.clone(),
                    group: self.group.clone(),
                    rules,
                },
                risk: Risk::Additive,
                impact: impact.clone(),
                cost: None,
            })
            .collect()
    }

    /// Trusted ranges and remainders that no remaining rule, and no other addition, lets in already.
    fn additions(&self, revoked: &[Held<'_>]) -> Vec<GroupRule> {
        let gone: BTreeSet<&RuleId> = revoked.iter().map(|(id, _)| *id).collect();
        let stays = self.rules.iter().filter(|(id, rule)| !rule.egress && !gone.contains(id));
        let mut allowed: Vec<GroupRule> = stays.map(|(_, rule)| GroupRule::of(rule)).collect();
        let mut wanted: Vec<GroupRule> = revoked
            .iter()
            .flat_map(|(_, rule)| self.trusted(rule).into_iter().chain(self.rest(rule)))
            .collect();
        // The widest first, so that a narrower one after it is seen to be covered.
        wanted.sort_by_key(|rule| std::cmp::Reverse(breadth(rule)));
        let mut added = Vec::new();
        for rule in wanted {
            let covered = allowed.iter().any(|other| {
                other.traffic.covers(&rule.traffic) && other.source.covers(&rule.source)
            });
            if !covered {
                allowed.push(rule.clone());
                added.push(rule);
            }
        }
        added.sort();
        added
    }

    /// The trusted ranges that the rule lets in: closing it must not open anything.
    fn trusted(&self, rule: &Rule) -> Vec<GroupRule> {
        let within: Vec<Source> = self.trusted_within(&rule.source).collect();
        let mut trusted = Vec::new();
        for port in self.ports {
            for transport in port.reached_by(&rule.traffic) {
                trusted.extend(within.iter().map(|range| GroupRule {
                    id: None,
                    traffic: transport.ports(port.number, port.number),
                    source: range.clone(),
                    description: Some(format!("{} from a trusted range (harden)", port.service)),
                    tags: BTreeMap::new(),
                }));
            }
        }
        trusted
    }

    fn trusted_within(&self, source: &Source) -> impl Iterator<Item = Source> {
        let ranges = self.settings.trusted_cidrs.iter().map(|cidr| Source::Cidr(*cidr));
        ranges.filter(move |range| source.covers(range))
    }

    fn rest(&self, rule: &Rule) -> Vec<GroupRule> {
        if self.settings.wide_rules != WideRules::Split {
            return Vec::new();
        }
        without(&rule.traffic, &rule.source, &self.closed)
            .into_iter()
            .map(|traffic| GroupRule { traffic, ..GroupRule::of(rule) })
            .collect()
    }

    /// One step for each set of tags, so that putting the rules back is one call too.
    fn revoke(&self, revoked: &[Held<'_>], attached: &str) -> Vec<Step> {
        let named =
            |(id, rule): &Held<'_>| GroupRule { id: Some((*id).clone()), ..GroupRule::of(rule) };
        by_tags(revoked.iter().map(named).collect())
            .into_iter()
            .map(|rules| {
                let all_protocols = rules.iter().any(|rule| loses_protocols(&rule.traffic));
                Step {
                    risk: if all_protocols { Risk::Destructive } else { Risk::Restrictive },
                    impact: self.impact(&rules, attached),
                    operation: Operation::RevokeSecurityGroupIngress {
                        region: self.region.clone(),
                        group: self.group.clone(),
                        rules,
                    },
                    cost: None,
                }
            })
            .collect()
    }

    fn impact(&self, rules: &[GroupRule], attached: &str) -> Vec<String> {
        let services: Vec<String> = self
            .ports
            .iter()
            .filter(|port| rules.iter().any(|rule| !port.reached_by(&rule.traffic).is_empty()))
            .map(|port| format!("{} ({})", port.service, port.number))
            .collect();
        let trusted: BTreeSet<Source> =
            rules.iter().flat_map(|rule| self.trusted_within(&rule.source)).collect();
        let instead = match trusted.len() {
            0 => String::new(),
            n => format!(" but for {}", count(n, "trusted range", "trusted ranges")),
        };
        let verb = if services.len() == 1 { "is" } else { "are" };
        let mut impact = vec![
            format!("{} {verb} closed to the world{instead}", list(&services)),
            attached.to_owned(),
        ];
        if self.settings.wide_rules == WideRules::Revoke {
            let lost: Vec<String> = rules
                .iter()
                .flat_map(|rule| without(&rule.traffic, &rule.source, &self.closed))
                .map(|traffic| traffic.to_string())
                .collect();
            if !lost.is_empty() {
                impact.push(format!("the rest of the rule goes too: {}", list(&lost)));
            }
        }
        if rules.iter().any(|rule| loses_protocols(&rule.traffic)) {
            impact.push(
                "protocols other than TCP, UDP and ICMP are shut out too: EC2 can only allow them all \
                 at once"
                    .to_owned(),
            );
        }
        impact
    }
}

/// Grows with what a rule lets in: no rule is covered by one of less breadth.
fn breadth(rule: &GroupRule) -> (u32, u32) {
    let ports = |transport| {
        rule.traffic
            .ports(transport)
            .map_or(0, |(from, to)| u32::from(to).saturating_sub(from.into()) + 1)
    };
    let addresses = match &rule.source {
        Source::Cidr(cidr) => 128 - u32::from(cidr.prefix_len()),
        Source::PrefixList(_) | Source::Group(_) | Source::Other(_) => 0,
    };
    (ports(Transport::Tcp) + ports(Transport::Udp), addresses)
}
