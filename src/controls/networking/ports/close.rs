//! The remedy of 4.1 and 4.2: let in what shall stay, then revoke what opens the port.

use std::collections::{BTreeMap, BTreeSet};

use super::remainder::{Closed, loses_protocols, without};
use super::{PORTS, Port, Worlds, name_of};
use crate::change::{InboundRule, Operation, Risk};
use crate::controls::words::{count, list, some};
use crate::controls::{Bundle, Case, NotPlanned, Proposal, Step, Wanted, Why};
use crate::model::{
    AccountId, ControlId, GroupId, NetworkSettings, Region, Regional, Rule, Source, Transport,
    WideRules,
};

/// What AWS lets a group hold by default, for each direction and address family.
const DEFAULT_RULE_QUOTA: usize = 60;

pub(super) fn propose(case: &Case<'_>, wanted: &Wanted<'_>) -> Proposal {
    let mut groups: BTreeMap<(Region, GroupId), Vec<&'static Port>> = BTreeMap::new();
    for port in &PORTS {
        for finding in wanted.get(&port.id).into_iter().flatten() {
            let Some(region) = finding.region.clone() else { continue };
            let group = GroupId::new(finding.resource.clone());
            groups.entry((region, group)).or_default().push(port);
        }
    }
    let mut proposal = Proposal::default();
    for ((region, group), ports) in &groups {
        if let Some(regional) = case.snapshot.regional.get(region)
            && let Some(closing) = Closing::new(case, region, group, regional, ports)
        {
            closing.plan(&mut proposal);
        }
    }
    proposal
}

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
    rules: Vec<&'a Rule>,
    /// Those that open one of the ports.
    open: Vec<&'a Rule>,
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
        let rules: Vec<&Rule> = regional.rules.ok()?.get(group)?.values().collect();
        let opens = |rule: &&Rule| ports.iter().any(|port| port.is_opened_by(rule, &worlds));
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

    fn plan(&self, proposal: &mut Proposal) {
        let mut revoked = Vec::new();
        for rule in &self.open {
            match self.obstacle(rule) {
                None => revoked.push(*rule),
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
        steps.extend(self.revoke(&revoked));
        let controls: BTreeSet<ControlId> =
            revoked.iter().flat_map(|rule| self.controls_of(rule)).collect();
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
    fn authorize(&self, revoked: &[&Rule]) -> Vec<Step> {
        let added = self.additions(revoked);
        let total = |v6: bool| {
            let family = |source: &Source| matches!(source, Source::Cidr(c) if c.is_ipv6() == v6);
            self.rules.iter().filter(|rule| !rule.egress && family(&rule.source)).count()
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
    fn additions(&self, revoked: &[&Rule]) -> Vec<InboundRule> {
        let stays =
            |rule: &&&Rule| !rule.egress && !revoked.iter().any(|r| std::ptr::eq(*r, **rule));
        let mut allowed: Vec<InboundRule> =
            self.rules.iter().filter(stays).map(|rule| InboundRule::of(rule)).collect();
        let mut wanted: Vec<InboundRule> = revoked
            .iter()
            .flat_map(|rule| self.trusted(rule).into_iter().chain(self.rest(rule)))
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

    fn trusted(&self, rule: &'a Rule) -> Vec<InboundRule> {
        let mut trusted = Vec::new();
        for port in self.ports {
            for transport in port.reached_by(&rule.traffic) {
                trusted.extend(self.settings.trusted_cidrs.iter().map(|cidr| InboundRule {
                    traffic: transport.ports(port.number, port.number),
                    source: Source::Cidr(*cidr),
                    description: Some(format!("{} from a trusted range (harden)", port.service)),
                    tags: BTreeMap::new(),
                }));
            }
        }
        trusted
    }

    fn rest(&self, rule: &Rule) -> Vec<InboundRule> {
        if self.settings.wide_rules != WideRules::Split {
            return Vec::new();
        }
        without(&rule.traffic, &rule.source, &self.closed)
            .into_iter()
            .map(|traffic| InboundRule { traffic, ..InboundRule::of(rule) })
            .collect()
    }

    /// One step for each set of tags, so that putting the rules back is one call too.
    fn revoke(&self, revoked: &[&Rule]) -> Vec<Step> {
        by_tags(revoked.iter().map(|rule| InboundRule::of(rule)).collect())
            .into_iter()
            .map(|rules| {
                let all_protocols = rules.iter().any(|rule| loses_protocols(&rule.traffic));
                Step {
                    risk: if all_protocols { Risk::Destructive } else { Risk::Restrictive },
                    impact: self.impact(&rules),
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

    fn impact(&self, rules: &[InboundRule]) -> Vec<String> {
        let services: Vec<String> = self
            .ports
            .iter()
            .filter(|port| rules.iter().any(|rule| !port.reached_by(&rule.traffic).is_empty()))
            .map(|port| format!("{} ({})", port.service, port.number))
            .collect();
        let instead = match self.settings.trusted_cidrs.len() {
            0 => "; `network.trusted_cidrs` names nobody to let in instead".to_owned(),
            n => format!(" but for {}", count(n, "trusted range", "trusted ranges")),
        };
        let closed = if services.len() == 1 { "is closed" } else { "are closed" };
        let mut impact =
            vec![format!("{} from the world {closed}{instead}", list(&services)), self.attached()];
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

    fn attached(&self) -> String {
        let interfaces = match self.regional.interfaces.known() {
            Ok(interfaces) => interfaces,
            Err(gap) => return format!("what the group is attached to is unknown: {}", gap.reason),
        };
        let attached: Vec<String> = interfaces
            .iter()
            .filter(|(_, interface)| interface.groups.contains(self.group))
            .map(|(id, interface)| match (&interface.instance, interface.description.as_str()) {
                (Some(instance), _) => format!("{id} ({instance})"),
                (None, "") => id.to_string(),
                (None, description) => format!("{id} ({description})"),
            })
            .collect();
        if attached.is_empty() {
            return "attached to no network interface".to_owned();
        }
        let number = count(attached.len(), "network interface", "network interfaces");
        format!("attached to {number}: {}", some(&attached, 4))
    }
}

/// Grows with what a rule lets in: no rule is covered by one of less breadth.
fn breadth(rule: &InboundRule) -> (u32, u32) {
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

/// The rules in groups of equal tags.
fn by_tags(rules: Vec<InboundRule>) -> Vec<Vec<InboundRule>> {
    let mut groups: BTreeMap<BTreeMap<String, String>, Vec<InboundRule>> = BTreeMap::new();
    for rule in rules {
        groups.entry(rule.tags.clone()).or_default().push(rule);
    }
    groups.into_values().collect()
}
