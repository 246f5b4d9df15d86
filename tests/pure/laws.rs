//! The laws, over arbitrary accounts: a plan converges, can be taken back, weakens nothing, is the same
//! for the same account, holds nothing needless, and never rests on what could not be read.

use std::collections::BTreeSet;

use harden::assess::{Judged, Rules, Verdict, judge};
use harden::change::{Document, Inverse, Operation, Risk};
use harden::controls::{Assess, Why};
use harden::model::{
    Action, Bucket, ControlId, GroupId, Logging, Observed, OwnBucket, PasswordPolicy, PrefixListId,
    Read, ReadScope, Region, Regional, Rotation, Rule, Settings, Snapshot, Source, Topic, Traffic,
    Transport,
};
use harden::plan::{Plan, Undoable, build, reverse};
use proptest::option;
use proptest::prelude::*;

use crate::generate::{port, risks, rules, snapshots};

fn plan(snapshot: &Snapshot, rules: &Rules, max_risk: Risk) -> Plan {
    build(snapshot.clone(), "test", rules, max_risk).unwrap()
}

fn simulated(snapshot: &Snapshot, plan: &Plan) -> Snapshot {
    let mut after = snapshot.clone();
    for change in &plan.changes {
        change.operation.simulate(&mut after).unwrap();
    }
    after
}

/// The rules of an account without their ids: EC2 gives new ones to rules that are put back.
fn without_ids(mut snapshot: Snapshot) -> (Snapshot, BTreeSet<(Region, GroupId, String)>) {
    let mut rules = BTreeSet::new();
    for (region, regional) in &mut snapshot.regional {
        let Some(groups) = regional.rules.ok_mut() else { continue };
        for (group, known) in std::mem::take(groups) {
            for rule in known.into_values() {
                let text = serde_json::to_string(&rule).unwrap();
                rules.insert((region.clone(), group.clone(), text));
            }
        }
    }
    (snapshot, rules)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn converges(snapshot in snapshots(), rules in rules(), max_risk in risks()) {
        let first = plan(&snapshot, &rules, max_risk);
        let after = simulated(&snapshot, &first);
        // Finding by finding: what still fails has an entry of its own that says why.
        let excused: BTreeSet<(ControlId, Option<&str>, Option<&Region>)> = first
            .not_planned
            .iter()
            .map(|e| (e.control, e.resource.as_deref(), e.region.as_ref()))
            .collect();
        for Judged { control, report, open } in judge(&after, &rules) {
            for finding in &open {
                let place = (control.id, Some(finding.resource.as_str()), finding.region.as_ref());
                prop_assert!(excused.contains(&place), "{}: {:?}", control.id, finding);
            }
            if matches!(control.assess, Assess::Automatic { .. }) && open.is_empty() {
                let fine = [
                    Verdict::Pass, Verdict::Pending, Verdict::NotApplicable, Verdict::Manual,
                    Verdict::Waived,
                ];
                let unread = excused.contains(&(control.id, None, None));
                prop_assert!(unread || fine.contains(&report.verdict), "{}: {:?}", control.id, report);
            }
        }
        let second = plan(&after, &rules, max_risk);
        prop_assert!(second.changes.is_empty(), "again: {:#?}", second.changes);
        let score = first.score.unwrap();
        prop_assert_eq!(score.after, second.score.unwrap().before);
        prop_assert!(score.after.passed >= score.before.passed);
    }

    #[test]
    fn reverses(snapshot in snapshots(), rules in rules(), max_risk in risks()) {
        let plan = plan(&snapshot, &rules, max_risk);
        let mut back = simulated(&snapshot, &plan);
        for change in plan.changes.iter().rev() {
            let Inverse::Run(inverse) = &change.undo else { panic!("impossible: {change:?}") };
            prop_assert_eq!(&inverse.document(&back).unwrap(), &change.after);
            inverse.simulate(&mut back).unwrap();
            prop_assert_eq!(&inverse.document(&back).unwrap(), &change.before);
        }
        prop_assert_eq!(without_ids(back), without_ids(snapshot));
    }

    /// The same by way of `plan::reverse`, as `harden undo` does it: all of it, and with something that
    /// somebody else changed since.
    #[test]
    fn reverses_by_plan(
        snapshot in snapshots(),
        rules in rules(),
        moved in any::<prop::sample::Index>(),
        some_moved in any::<bool>(),
    ) {
        let first = plan(&snapshot, &rules, Risk::Destructive);
        let after = simulated(&snapshot, &first);
        let odd = (some_moved && !first.changes.is_empty()).then(|| moved.index(first.changes.len()));
        let made: Vec<Undoable<'_>> = first.changes.iter().enumerate().map(|(at, change)| Undoable {
            change,
            now: if odd == Some(at) {
                Ok(Document::KeyRotation(Rotation::On { period_days: 1 }))
            } else {
                Ok(change.operation.document(&after).unwrap())
            },
        }).collect();
        let back = reverse("r", first.head.clone(), 24, &made);
        prop_assert_eq!(harden::plan::read(&harden::plan::to_json(&back).unwrap()).unwrap(), back.clone());
        let mut state = after.clone();
        for change in &back.changes {
            prop_assert_eq!(&change.operation.document(&state).unwrap(), &change.before);
            change.operation.simulate(&mut state).unwrap();
            prop_assert_eq!(&change.operation.document(&state).unwrap(), &change.after);
        }
        match odd.map(|at| &first.changes[at]) {
            None => {
                prop_assert_eq!(back.changes.len(), first.changes.len());
                prop_assert!(!back.is_incomplete_undo());
                prop_assert_eq!(without_ids(state), without_ids(snapshot));
            }
            // What had to be made before the moved one stays, and everything else is taken back.
            Some(odd) => {
                prop_assert!(back.is_incomplete_undo());
                let stays = 1 + odd.requires.len();
                prop_assert_eq!(back.changes.len() + stays, first.changes.len());
            }
        }
    }

    #[test]
    fn passwords_and_keys_never_weaken(snapshot in snapshots(), rules in rules()) {
        let after = simulated(&snapshot, &plan(&snapshot, &rules, Risk::Destructive));
        let policy = |of: &Snapshot| of.iam.password_policy.ok().cloned().unwrap();
        match (policy(&snapshot), policy(&after)) {
            (Some(before), Some(after)) => prop_assert!(is_as_strict(&after, &before)),
            (None, Some(after)) => {
                prop_assert!(is_as_strict(&after, &PasswordPolicy::IN_PLACE_OF_NONE));
            }
            (None, None) => {}
            (Some(_), None) => prop_assert!(false, "the policy is gone"),
        }
        for (region, regional) in &snapshot.regional {
            for (id, key) in regional.keys.ok().unwrap() {
                let now = &after.regional[region].keys.ok().unwrap()[id];
                let on = |key: &harden::model::Key| {
                    let rotation = key.detail.ok().unwrap().rotation.ok().copied();
                    matches!(rotation, Some(Rotation::On { .. }))
                };
                prop_assert!(on(now) || !on(key));
                if on(key) { prop_assert_eq!(now, key); }
            }
        }
    }

    /// Whoever is registered stays, and nobody is registered but whom the baseline names.
    #[test]
    fn contacts_are_never_replaced(snapshot in snapshots(), rules in rules()) {
        let after = simulated(&snapshot, &plan(&snapshot, &rules, Risk::Destructive));
        match (snapshot.contact.ok().unwrap(), after.contact.ok().unwrap()) {
            (Some(before), after) => prop_assert_eq!(Some(before), after.as_ref()),
            (None, Some(after)) => prop_assert_eq!(Some(after), rules.settings.contact.as_ref()),
            (None, None) => {}
        }
    }

    /// Whatever was let in and is not now was let in from the world alone, to a closed port, or is named in
    /// the impact. Nothing is let in that was not.
    #[test]
    fn routes_are_lost_only_as_told_and_none_is_gained(
        snapshot in snapshots(),
        rules in rules(),
        ports in prop::collection::vec(port(), 8),
    ) {
        let plan = plan(&snapshot, &rules, Risk::Destructive);
        let after = simulated(&snapshot, &plan);
        for (region, regional) in &snapshot.regional {
            for group in groups(regional) {
                let told = plan.changes.iter().any(|change| {
                    change.resource == group.as_str()
                        && change.region.as_ref() == Some(region)
                        && change.impact.iter().any(|line| line.contains("the rest of the rule"))
                });
                for (traffic, source) in probes(&ports) {
                    let lets = |s: &Snapshot| letting_in(s, region, &group, &traffic, &source);
                    let (before, now) = (lets(&snapshot), lets(&after));
                    prop_assert!(now.is_empty() || !before.is_empty(), "gained {traffic} from {source}");
                    if !before.is_empty() && now.is_empty() {
                        let by_the_world = before.iter().all(|rule| rule.source.is_world(true));
                        prop_assert!(by_the_world, "lost {traffic} from {source}");
                        let only_all = before.iter().all(|rule| rule.traffic == Traffic::All);
                        let nameless = matches!(traffic, Traffic::Other { .. }) && only_all;
                        let odd_icmp = matches!(traffic, Traffic::Icmp { .. }) && only_all;
                        prop_assert!(is_closed(&traffic) || told || nameless || odd_icmp, "lost {traffic}");
                    }
                }
            }
        }
    }

    /// Rules that the plan does not name stay as they are, outbound ones always.
    #[test]
    fn other_rules_stay(snapshot in snapshots(), rules in rules()) {
        let plan = plan(&snapshot, &rules, Risk::Destructive);
        let after = simulated(&snapshot, &plan);
        for (region, regional) in &snapshot.regional {
            for (group, known) in regional.rules.ok().unwrap() {
                for (id, rule) in known {
                    let named = plan.changes.iter().any(|change| match &change.operation {
                        Operation::RevokeSecurityGroupIngress { region: r, group: g, rules } => {
                            r == region && g == group && rules.iter().any(|x| x.is_same_as(rule))
                        }
                        _ => false,
                    });
                    let now = after.regional[region].rules.ok().unwrap().get(group);
                    let now = now.and_then(|rules| rules.get(id));
                    prop_assert_eq!(now.is_none(), named);
                    prop_assert!(now.is_none_or(|now| now == rule));
                }
            }
        }
    }

    #[test]
    fn is_deterministic(snapshot in snapshots(), rules in rules(), max_risk in risks()) {
        let text = |plan: &Plan| harden::plan::to_json(plan).unwrap();
        let first = text(&plan(&snapshot, &rules, max_risk));
        let again: Snapshot =
            serde_json::from_str(&serde_json::to_string(&snapshot).unwrap()).unwrap();
        prop_assert_eq!(&first, &text(&plan(&again, &rules, max_risk)));
        prop_assert_eq!(harden::plan::read(&first).unwrap(), plan(&snapshot, &rules, max_risk));
    }

    #[test]
    fn is_minimal(snapshot in snapshots(), rules in rules(), max_risk in risks()) {
        let whole = plan(&snapshot, &rules, max_risk);
        let after = simulated(&snapshot, &whole);
        let required: BTreeSet<_> = whole.changes.iter().flat_map(|c| c.requires.clone()).collect();
        for change in whole.changes.iter().filter(|change| !required.contains(&change.id)) {
            let mut without = snapshot.clone();
            for other in whole.changes.iter().filter(|other| other.id != change.id) {
                other.operation.simulate(&mut without).unwrap();
            }
            let still_failing = judge(&without, &rules).iter().any(|judged| {
                change.controls.contains(&judged.control.id)
                    && judged.open.iter().any(|finding| finding.resource == change.resource)
            });
            prop_assert!(still_failing, "needless: {change:#?}");
        }
        // Each rule that is added lets in something that no other rule does.
        for change in &whole.changes {
            let Operation::AuthorizeSecurityGroupIngress { region, group, rules } = &change.operation
            else { continue };
            let held = &after.regional[region].rules.ok().unwrap()[group];
            for added in rules {
                let others = held.values().filter(|rule| !rule.egress && !added.is_same_as(rule));
                for other in others {
                    let covered = other.traffic.covers(&added.traffic)
                        && other.source.covers(&added.source);
                    prop_assert!(!covered, "needless: {added:?} beside {other:?}");
                }
            }
        }
        let policy_changes =
            whole.changes.iter().filter(|change| change.resource == "password-policy").count();
        prop_assert!(policy_changes <= 1);
    }

    #[test]
    fn is_within_the_risk(snapshot in snapshots(), rules in rules(), max_risk in risks()) {
        let plan = plan(&snapshot, &rules, max_risk);
        prop_assert!(plan.changes.iter().all(|change| change.risk <= max_risk));
        let everything = build(snapshot.clone(), "test", &rules, Risk::Destructive).unwrap();
        let held = plan.not_planned.iter().any(|entry| {
            entry.why == Why::HeldBack && entry.detail.contains("--max-risk")
        });
        prop_assert_eq!(held, everything.changes.len() > plan.changes.len());
    }

    /// A part that is denied, or failed, everywhere or in one region alone.
    #[test]
    fn is_honest(
        snapshot in snapshots(),
        rules in rules(),
        read in prop::sample::select(&Read::ALL[..]),
        failed in any::<bool>(),
        region in option::of(any::<prop::sample::Index>()),
    ) {
        let mut denied = snapshot;
        let regions: Vec<Region> = denied.regional.keys().cloned().collect();
        let only = region.filter(|_| !regions.is_empty()).map(|at| regions[at.index(regions.len())].clone());
        let spoiled = spoil(&mut denied, read, failed, only.as_ref());
        for judged in judge(&denied, &rules) {
            if judged.control.reads().contains(&read) && spoiled > 0 {
                let (verdict, reason) = (judged.report.verdict, judged.report.reason);
                prop_assert!(matches!(verdict, Verdict::Fail | Verdict::Unknown), "{verdict:?}");
                if verdict == Verdict::Unknown {
                    let reason = reason.unwrap();
                    let named = if failed { "it broke" } else { read.actions()[0].as_str() };
                    prop_assert!(reason.contains(named), "{}", reason);
                    let place = only.as_ref().filter(|_| is_regional(read));
                    prop_assert!(place.is_none_or(|region| reason.contains(region.as_str())), "{}", reason);
                }
            }
        }
        build(denied.clone(), "test", &rules, Risk::Destructive).unwrap();
    }

    /// One key that cannot be looked at: no pass, and it is named.
    #[test]
    fn one_denied_key_is_no_pass(snapshot in snapshots(), at in any::<prop::sample::Index>(), whole in any::<bool>()) {
        let mut denied = snapshot;
        let all: Vec<_> = denied.regional.iter().flat_map(|(region, regional)| {
            regional.keys.ok().unwrap().keys().map(|key| (region.clone(), key.clone()))
        }).collect();
        if all.is_empty() { return Ok(()); }
        let (region, id) = &all[at.index(all.len())];
        let key = denied.regional.get_mut(region).unwrap().keys.ok_mut().unwrap().get_mut(id).unwrap();
        let action = Action::new("kms:DescribeKey");
        match key.detail.ok_mut() {
            Some(detail) if !whole && detail.can_rotate() && detail.state == "Enabled" => {
                detail.rotation = Observed::Denied { action };
            }
            _ => key.detail = Observed::Denied { action },
        }
        let rules = Rules {
            controls: BTreeSet::from(["2.8".parse().unwrap()]),
            settings: Settings::default(),
            waivers: Vec::new(),
        };
        let judged = judge(&denied, &rules);
        let report = &judged[0].report;
        prop_assert!(matches!(report.verdict, Verdict::Fail | Verdict::Unknown));
        prop_assert!(report.reason.as_deref().unwrap().contains(id.as_str()));
    }

    #[test]
    fn unknown_regions_are_no_pass(snapshot in snapshots(), rules in rules()) {
        let mut denied = snapshot;
        denied.regions = Observed::Denied { action: Action::new("ec2:DescribeRegions") };
        for judged in judge(&denied, &rules) {
            let regional = judged.control.reads().iter()
                .any(|read| read.scope() == ReadScope::Regional);
            prop_assert!(!regional || judged.report.verdict != Verdict::Pass);
        }
    }
}

/// Written down here once more, so that a mistake in the product does not excuse itself.
fn is_as_strict(new: &PasswordPolicy, old: &PasswordPolicy) -> bool {
    let age = |policy: &PasswordPolicy| policy.max_age_days.unwrap_or(u16::MAX);
    new.minimum_length >= old.minimum_length
        && new.require_uppercase >= old.require_uppercase
        && new.require_lowercase >= old.require_lowercase
        && new.require_symbols >= old.require_symbols
        && new.require_numbers >= old.require_numbers
        && new.reuse_prevention >= old.reuse_prevention
        && age(new) <= age(old)
        && new.hard_expiry == old.hard_expiry
        && new.allow_users_to_change == old.allow_users_to_change
}

fn groups(regional: &Regional) -> Vec<GroupId> {
    regional.rules.ok().unwrap().keys().cloned().collect()
}

/// The inbound rules of a group that let in this traffic from all of this source.
fn letting_in(
    snapshot: &Snapshot,
    region: &Region,
    group: &GroupId,
    traffic: &Traffic,
    source: &Source,
) -> Vec<Rule> {
    let rules = snapshot.regional[region].rules.ok().unwrap().get(group);
    let lets =
        |rule: &&Rule| !rule.egress && rule.traffic.covers(traffic) && rule.source.covers(source);
    rules.into_iter().flat_map(|rules| rules.values().filter(lets)).cloned().collect()
}

/// Traffic of every kind from everywhere.
fn probes(ports: &[u16]) -> Vec<(Traffic, Source)> {
    let mut traffic = vec![
        Traffic::Other { number: "47".to_owned() },
        Traffic::Icmp { v6: false, kind: 8, code: 0 },
        Traffic::Icmp { v6: true, kind: 8, code: 0 },
    ];
    for port in ports.iter().copied().chain([22, 3389]) {
        traffic.extend([Transport::Tcp, Transport::Udp].map(|t| t.ports(port, port)));
    }
    let sources: Vec<Source> =
        ["0.0.0.0/0", "::/0", "10.0.0.0/8", "203.0.113.7/32", "2001:db8::/32"]
            .into_iter()
            .map(|text| Source::Cidr(text.parse().unwrap()))
            .chain([
                Source::Group(GroupId::new("sg-0")),
                Source::PrefixList(PrefixListId::new("pl-open")),
                Source::PrefixList(PrefixListId::new("pl-shut")),
            ])
            .collect();
    let from = |t: &Traffic| sources.iter().map(|s| (t.clone(), s.clone())).collect::<Vec<_>>();
    traffic.iter().flat_map(from).collect()
}

fn is_closed(traffic: &Traffic) -> bool {
    traffic.reaches(Transport::Tcp, 22)
        || traffic.reaches(Transport::Tcp, 3389)
        || traffic.reaches(Transport::Udp, 3389)
}

/// Makes a read fail wherever it was made, or in one region alone, and says in how many places that was.
fn spoil(snapshot: &mut Snapshot, read: Read, failed: bool, only: Option<&Region>) -> usize {
    type How = (Read, bool);
    fn lose<T>(part: &mut Observed<T>, (read, failed): How) -> usize {
        let action = read.actions()[0].clone();
        *part = if failed {
            Observed::Failed { action, reason: "it broke".to_owned() }
        } else {
            Observed::Denied { action }
        };
        1
    }
    let (iam, logging) = (&mut snapshot.iam, &mut snapshot.logging);
    let how = (read, failed);
    let everywhere = snapshot.regional.iter_mut();
    let regions = everywhere
        .filter(|(region, _)| only.is_none_or(|only| only == *region))
        .map(|(_, regional)| regional);
    match read {
        Read::SecurityContact => lose(&mut snapshot.contact, how),
        Read::PasswordPolicy => lose(&mut iam.password_policy, how),
        Read::AccountSummary => lose(&mut iam.summary, how),
        Read::VirtualMfaDevices => lose(&mut iam.virtual_mfa_devices, how),
        Read::CredentialReport => lose(&mut iam.credential_report, how),
        Read::Keys => regions.map(|one| lose(&mut one.keys, how)).sum(),
        Read::Rules => regions.map(|one| lose(&mut one.rules, how)).sum(),
        Read::PrefixLists => regions.map(|one| lose(&mut one.prefix_lists, how)).sum(),
        Read::Groups => regions.map(|one| lose(&mut one.groups, how)).sum(),
        Read::Interfaces => regions.map(|one| lose(&mut one.interfaces, how)).sum(),
        Read::Aliases => 0,
        Read::Trails => regions.map(|one| lose(&mut one.trails, how)).sum(),
        Read::TrailStatus => {
            logging.trails.values_mut().map(|one| lose(&mut one.status, how)).sum()
        }
        Read::TrailSelectors => {
            logging.trails.values_mut().map(|one| lose(&mut one.events, how)).sum()
        }
        Read::TrailKeys => logging.keys.values_mut().map(|one| lose(one, how)).sum(),
        Read::Buckets => logging.buckets.values_mut().map(|one| lose(one, how)).sum(),
        Read::BucketAcl => own(logging).map(|one| lose(&mut one.acl, how)).sum(),
        Read::BucketPolicy => own(logging).map(|one| lose(&mut one.policy, how)).sum(),
        Read::BucketPolicyStatus => {
            own(logging).map(|one| lose(&mut one.policy_is_public, how)).sum()
        }
        Read::BucketPublicAccess => own(logging).map(|one| lose(&mut one.public_access, how)).sum(),
        Read::BucketOwnership => own(logging).map(|one| lose(&mut one.ownership, how)).sum(),
        Read::BucketLogging => own(logging).map(|one| lose(&mut one.logging, how)).sum(),
        Read::Recorders => regions.map(|one| lose(&mut one.recorders, how)).sum(),
        Read::RecorderStatus => regions
            .filter_map(|one| one.recorders.ok_mut())
            .flat_map(|recorders| recorders.values_mut())
            .map(|recorder| lose(&mut recorder.status, how))
            .sum(),
        Read::DeliveryChannels => regions.map(|one| lose(&mut one.channels, how)).sum(),
        Read::Roles => iam.roles.values_mut().map(|one| lose(one, how)).sum(),
        // These are read as trails' buckets and keys are, and lost with them.
        Read::BaselineBuckets => 0,
        Read::BaselineKeys => {
            regions.flat_map(|one| one.aliases.values_mut()).map(|one| lose(one, how)).sum()
        }
        Read::KeyPolicies => logging
            .keys
            .values_mut()
            .filter_map(|key| key.ok_mut()?.as_mut())
            .map(|key| lose(&mut key.policy, how))
            .sum(),
        Read::LogGroups => {
            regions.flat_map(|one| one.log_groups.values_mut()).map(|one| lose(one, how)).sum()
        }
        Read::MetricFilters => regions
            .flat_map(|one| one.log_groups.values_mut())
            .filter_map(|group| group.ok_mut()?.as_mut())
            .map(|group| lose(&mut group.filters, how))
            .sum(),
        Read::Alarms => regions.map(|one| lose(&mut one.alarms, how)).sum(),
        Read::Topics => regions.map(|one| lose(&mut one.topic_list, how)).sum(),
        Read::TopicAttributes => {
            topics(regions).map(|topic| lose(&mut topic.attributes, how)).sum()
        }
        Read::Subscribers => topics(regions).map(|topic| lose(&mut topic.subscriptions, how)).sum(),
    }
}

fn topics<'a>(
    regions: impl Iterator<Item = &'a mut Regional>,
) -> impl Iterator<Item = &'a mut Topic> {
    regions.flat_map(|one| one.topics.values_mut()).filter_map(|topic| topic.ok_mut()?.as_mut())
}

/// Whether a part of every region holds what this reads.
fn is_regional(read: Read) -> bool {
    matches!(
        read,
        Read::Keys
            | Read::Rules
            | Read::PrefixLists
            | Read::Trails
            | Read::Recorders
            | Read::RecorderStatus
            | Read::DeliveryChannels
            | Read::Topics
    )
}

fn own(logging: &mut Logging) -> impl Iterator<Item = &mut OwnBucket> {
    logging.buckets.values_mut().filter_map(|bucket| match bucket.ok_mut() {
        Some(Bucket::Ours(own)) => Some(own.as_mut()),
        _ => None,
    })
}
