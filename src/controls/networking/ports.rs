//! 4.1 and 4.2: SSH and RDP are not open to the world.

mod close;
mod remainder;

use super::name_of;
use crate::controls::regions::part_of_each;
use crate::controls::words::some;
use crate::controls::{Assess, Case, Check, Control, Finding, Fix, Missing, Outcome, Remedy};
use crate::model::{
    Cidr, ControlId, Gap, GroupId, Level, NetworkSettings, Observed, PrefixListId, Read, Region,
    Rule, RuleId, Source, Traffic, Transport,
};
use std::collections::{BTreeMap, BTreeSet};

/// A port that must not be open to the world.
#[derive(Debug)]
struct Port {
    id: ControlId,
    title: &'static str,
    why: &'static str,
    /// What people call the service behind it.
    service: &'static str,
    number: u16,
    transports: &'static [Transport],
}

static PORTS: [Port; 2] = [
    Port {
        id: ControlId::new(4, 1),
        title: "SSH (port 22) is not open to the world",
        why: "Everybody may try passwords and exploits against a shell that anybody can reach.",
        service: "SSH",
        number: 22,
        transports: &[Transport::Tcp],
    },
    Port {
        id: ControlId::new(4, 2),
        title: "RDP (port 3389) is not open to the world",
        why: "Everybody may try passwords and exploits against a desktop that anybody can reach.",
        service: "RDP",
        number: 3389,
        // RDP speaks UDP on the same port.
        transports: &[Transport::Tcp, Transport::Udp],
    },
];

/// 4.1 and 4.2
pub(in crate::controls) static CONTROLS: [Control; 2] = [control(&PORTS[0]), control(&PORTS[1])];

const fn control(port: &'static Port) -> Control {
    Control {
        id: port.id,
        level: Level::One,
        scored: true,
        title: port.title,
        why: port.why,
        assess: Assess::Automatic {
            reads: &[Read::Rules, Read::PrefixLists],
            context: &[Read::Groups, Read::Interfaces],
            check: port,
        },
        remedy: Remedy::Automatic(&CLOSE),
    }
}

static CLOSE: Fix = Fix {
    name: "open-ports",
    turn: 90,
    reads: &[],
    changes: "Per security group: ec2:AuthorizeSecurityGroupIngress for the trusted ranges and for \
              what else a wide rule let through, then ec2:RevokeSecurityGroupIngress for exactly the \
              rules that open the port to the world, by rule id.",
    breaks: "Whoever connects from outside the trusted ranges is shut out. Connections that are \
             already open may live on until they are idle. Of a rule for all protocols only TCP, UDP \
             and ICMP can be kept.",
    undo: "The revoked rules are put back with descriptions and tags (under new rule ids), the added \
           ones are revoked.",
    propose: close::propose,
};

impl Port {
    /// The parts of the traffic that are this port: one entry for each transport.
    fn reached_by(&self, traffic: &Traffic) -> Vec<Transport> {
        let reached = |transport: &Transport| traffic.reaches(*transport, self.number);
        self.transports.iter().copied().filter(reached).collect()
    }

    /// Whether the rule opens this port to the world.
    fn is_opened_by(&self, rule: &Rule, worlds: &Worlds<'_>) -> bool {
        !rule.egress && worlds.hold(&rule.source) && !self.reached_by(&rule.traffic).is_empty()
    }
}

/// What counts as the world in one region.
struct Worlds<'a> {
    ipv6: bool,
    lists: &'a BTreeMap<PrefixListId, Observed<BTreeSet<String>>>,
}

impl<'a> Worlds<'a> {
    fn new(
        settings: &NetworkSettings,
        lists: &'a BTreeMap<PrefixListId, Observed<BTreeSet<String>>>,
    ) -> Self {
        Self { ipv6: settings.ipv6, lists }
    }

    fn hold(&self, source: &Source) -> bool {
        source.is_world(self.ipv6) || self.list(source).is_some_and(|list| self.in_list(list))
    }

    fn list(&self, source: &Source) -> Option<&'a Observed<BTreeSet<String>>> {
        match source {
            Source::PrefixList(id) => self.lists.get(id),
            Source::Cidr(_) | Source::Group(_) | Source::Other(_) => None,
        }
    }

    fn in_list(&self, list: &Observed<BTreeSet<String>>) -> bool {
        let world = |entry: &String| {
            entry.parse().is_ok_and(|cidr: Cidr| Source::Cidr(cidr).is_world(self.ipv6))
        };
        list.ok().is_some_and(|entries| entries.iter().any(world))
    }

    /// Why it cannot be told whether a source is the world.
    fn unclear(&self, source: &Source) -> Option<Gap> {
        let because = |reason: String| Some(Gap { action: None, reason });
        match source {
            Source::Cidr(_) | Source::Group(_) => None,
            Source::Other(text) => because(format!("the source `{text}` is not understood")),
            Source::PrefixList(id) => match self.lists.get(id).map(Observed::known) {
                None => because(format!("prefix list {id} was not read")),
                Some(Err(gap)) => Some(gap),
                Some(Ok(entries)) if entries.iter().any(|e| e.parse::<Cidr>().is_err()) => {
                    because(format!("an entry of prefix list {id} is not understood"))
                }
                Some(Ok(_)) => None,
            },
        }
    }
}

impl Check for Port {
    fn assess(&self, case: &Case<'_>) -> Outcome {
        let mut missing = Vec::new();
        let mut findings = Vec::new();
        let mut notes = Vec::new();
        // Without the prefix lists the rules still tell of findings, only never of a pass.
        let none = BTreeMap::new();
        for (region, groups) in
            part_of_each(case.snapshot, &mut missing, |regional| &regional.rules)
        {
            let Some(regional) = case.snapshot.regional.get(region) else { continue };
            let lists = regional.prefix_lists.known().unwrap_or_else(|gap| {
                missing.push(Missing { region: Some(region.clone()), resource: None, gap });
                &none
            });
            let worlds = Worlds::new(&case.settings.network, lists);
            for (group, rules) in groups {
                missing.extend(self.unclear_sources(region, group, rules, &worlds));
                let open: Vec<&Rule> =
                    rules.values().filter(|rule| self.is_opened_by(rule, &worlds)).collect();
                if open.is_empty() {
                    notes.extend(self.pieced_together(region, group, rules));
                } else {
                    let name = name_of(regional, group);
                    findings.push(finding(region, group, name, &open));
                }
            }
        }
        missing.sort();
        missing.dedup();
        Outcome::Judged { findings, missing, pending: Vec::new(), notes }
    }
}

impl Port {
    /// Sources that may be the world for all that is known: prefix lists that were not read, and what this
    /// version does not understand.
    fn unclear_sources(
        &self,
        region: &Region,
        group: &GroupId,
        rules: &BTreeMap<RuleId, Rule>,
        worlds: &Worlds<'_>,
    ) -> Vec<Missing> {
        rules
            .values()
            .filter(|rule| !rule.egress && !self.reached_by(&rule.traffic).is_empty())
            .filter_map(|rule| worlds.unclear(&rule.source))
            .map(|gap| Missing {
                region: Some(region.clone()),
                resource: Some(group.as_str().to_owned()),
                gap,
            })
            .collect()
    }

    /// Rules that only together open the port to every address: the benchmark lets them pass.
    fn pieced_together(
        &self,
        region: &Region,
        group: &GroupId,
        rules: &BTreeMap<RuleId, Rule>,
    ) -> Option<String> {
        let ranges: Vec<Cidr> = rules
            .values()
            .filter(|rule| !rule.egress && !self.reached_by(&rule.traffic).is_empty())
            .filter_map(|rule| match rule.source {
                Source::Cidr(cidr) if !cidr.is_world() => Some(cidr),
                Source::Cidr(_) | Source::PrefixList(_) | Source::Group(_) | Source::Other(_) => {
                    None
                }
            })
            .collect();
        // Without a very wide range there is nothing to piece together: do not even try.
        let wide = ranges.iter().any(|range| range.prefix_len() <= 2);
        (wide && Cidr::make_up_the_world(&ranges)).then(|| {
            let service = self.service;
            format!("rules of {group} in {region} together open {service} to every address")
        })
    }
}

fn finding(region: &Region, group: &GroupId, name: Option<&str>, open: &[&Rule]) -> Finding {
    let rules: Vec<String> =
        open.iter().map(|rule| format!("{} from {}", rule.traffic, rule.source)).collect();
    let rules = some(&rules, 3);
    Finding {
        region: Some(region.clone()),
        resource: group.as_str().to_owned(),
        summary: match name {
            Some(name) => format!("{name} lets in {rules}"),
            None => format!("lets in {rules}"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixture::{cidr, tcp, with_rules};
    use crate::model::{Action, Settings, Snapshot};

    fn assess(port: &Port, snapshot: &Snapshot, ipv6: bool) -> Outcome {
        let mut settings = Settings::default();
        settings.network.ipv6 = ipv6;
        port.assess(&Case { snapshot, settings: &settings })
    }

    fn is_open(port: &Port, traffic: Traffic, source: Source) -> bool {
        let outcome = assess(port, &with_rules(vec![(traffic, source)]), true);
        let Outcome::Judged { findings, missing, .. } = outcome else { panic!("{outcome:?}") };
        assert!(missing.is_empty());
        !findings.is_empty()
    }

    #[test]
    fn ssh_is_tcp_and_rdp_is_udp_too() {
        let [ssh, rdp] = &PORTS;
        let udp = |port| Traffic::Udp { from: port, to: port };
        let other = || Traffic::Other { number: "47".to_owned() };
        let icmp = || Traffic::Icmp { v6: false, kind: 8, code: 22 };
        let cases = [
            (ssh, tcp(22, 22), true),
            (ssh, tcp(0, 1024), true),
            (ssh, tcp(0, u16::MAX), true),
            (ssh, Traffic::All, true),
            (ssh, tcp(23, 80), false),
            (ssh, udp(22), false),
            (ssh, icmp(), false),
            (ssh, other(), false),
            (rdp, tcp(1024, 4098), true),
            (rdp, udp(3389), true),
            (rdp, Traffic::All, true),
            (rdp, tcp(22, 22), false),
        ];
        for (port, traffic, open) in cases {
            assert_eq!(is_open(port, traffic.clone(), cidr("0.0.0.0/0")), open, "{traffic}");
        }
    }

    #[test]
    fn only_the_world_is_the_world() {
        let [ssh, _] = &PORTS;
        for (source, open) in [
            (cidr("0.0.0.0/0"), true),
            (cidr("::/0"), true),
            (cidr("0.0.0.0/1"), false),
            (cidr("10.0.0.0/8"), false),
            (Source::Group(GroupId::new("sg-2")), false),
        ] {
            assert_eq!(is_open(ssh, tcp(22, 22), source.clone()), open, "{source}");
        }
        for source in [Source::PrefixList(PrefixListId::new("pl-1")), Source::Other("?".to_owned())]
        {
            let unclear = with_rules(vec![(tcp(22, 22), source)]);
            let Outcome::Judged { findings, missing, .. } = assess(ssh, &unclear, true) else {
                panic!()
            };
            assert_eq!((findings.len(), missing.len()), (0, 1), "unknown, and no pass");
        }
        let v6 = with_rules(vec![(tcp(22, 22), cidr("::/0"))]);
        assert_eq!(assess(ssh, &v6, false), Outcome::PASS);
    }

    #[test]
    fn two_halves_are_worth_a_note() {
        let halves =
            with_rules(vec![(tcp(22, 22), cidr("0.0.0.0/1")), (tcp(0, 80), cidr("128.0.0.0/1"))]);
        let Outcome::Judged { findings, notes, .. } = assess(&PORTS[0], &halves, true) else {
            panic!()
        };
        assert!(findings.is_empty());
        assert_eq!(notes, ["rules of sg-1 in eu-west-1 together open SSH to every address"]);
    }

    #[test]
    fn a_prefix_list_counts_for_what_is_in_it() {
        let list = PrefixListId::new("pl-1");
        let with_list = |entries: Observed<BTreeSet<String>>| {
            let mut snapshot = with_rules(vec![(tcp(22, 22), Source::PrefixList(list.clone()))]);
            let region = crate::model::fixture::region();
            snapshot.regional.get_mut(&region).unwrap().prefix_lists =
                Observed::Known(BTreeMap::from([(list.clone(), entries)]));
            assess(&PORTS[0], &snapshot, true)
        };
        let known = |entry: &str| Observed::Known(BTreeSet::from([entry.to_owned()]));
        assert_eq!(with_list(known("10.0.0.0/8")), Outcome::PASS);
        let Outcome::Judged { findings, .. } = with_list(known("0.0.0.0/0")) else { panic!() };
        assert_eq!(findings.len(), 1);
        let action = Action::new("ec2:GetManagedPrefixListEntries");
        let Outcome::Judged { findings, missing, .. } = with_list(Observed::Denied { action })
        else {
            panic!()
        };
        assert!(findings.is_empty());
        assert_eq!(missing[0].resource.as_deref(), Some("sg-1"));
    }
}
