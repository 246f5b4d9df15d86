//! The laws, over arbitrary accounts: a plan converges, can be taken back, weakens nothing, is the same
//! for the same account, holds nothing needless, and never rests on what could not be read.

use std::collections::BTreeSet;

use harden::assess::{Judged, Rules, Verdict, judge};
use harden::change::{Inverse, Operation, Risk};
use harden::controls::{Assess, Why};
use harden::model::{
    Action, Bucket, ControlId, GroupId, Logging, Observed, OwnBucket, PasswordPolicy, Read, Region,
    Regional, Rule, Snapshot, Source, Transport,
};
use harden::plan::{Plan, build};
use proptest::prelude::*;

use crate::generate::{port, risks, rules, snapshots};

fn plan(snapshot: &Snapshot, rules: &Rules, max_risk: Risk) -> Plan {
    build(snapshot, "test", rules, max_risk).unwrap()
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
        let excused: BTreeSet<ControlId> = first.not_planned.iter().map(|e| e.control).collect();
        for Judged { control, report, .. } in judge(&after, &rules) {
            if matches!(control.assess, Assess::Automatic { .. }) && !excused.contains(&control.id) {
                let fine = [Verdict::Pass, Verdict::Pending, Verdict::NotApplicable, Verdict::Manual];
                prop_assert!(fine.contains(&report.verdict), "{}: {:?}", control.id, report);
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
                    matches!(rotation, Some(harden::model::Rotation::On { .. }))
                };
                prop_assert!(on(now) || !on(key));
                if on(key) { prop_assert_eq!(now, key); }
            }
        }
    }

    /// Whatever was let in and is not now: the closed port itself, or named in the impact. Whatever is
    /// let in and was not: a trusted range on a closed port.
    #[test]
    fn routes_are_lost_and_gained_only_as_told(
        snapshot in snapshots(),
        rules in rules(),
        ports in prop::collection::vec(port(), 8),
    ) {
        let plan = plan(&snapshot, &rules, Risk::Destructive);
        let after = simulated(&snapshot, &plan);
        for (region, regional) in &snapshot.regional {
            for group in groups(regional) {
                for transport in [Transport::Tcp, Transport::Udp] {
                    for source in ["0.0.0.0/0", "::/0", "10.0.0.0/8", "203.0.113.7/32"] {
                        for number in ports.iter().copied().chain([22, 3389]) {
                            let source = Source::Cidr(source.parse().unwrap());
                            let lets = |s: &Snapshot| lets_in(s, region, &group, transport, number, &source);
                            let closed = is_closed_port(transport, number);
                            let told = plan.changes.iter().any(|change| {
                                change.resource == group.as_str()
                                    && change.region.as_ref() == Some(region)
                                    && change.impact.iter().any(|line| line.contains("the rest of the rule"))
                            });
                            match (lets(&snapshot), lets(&after)) {
                                (true, false) => prop_assert!(closed || told, "lost {number}"),
                                (false, true) => prop_assert!(closed, "gained {number}"),
                                _ => {}
                            }
                        }
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
        let policy_changes =
            whole.changes.iter().filter(|change| change.resource == "password-policy").count();
        prop_assert!(policy_changes <= 1);
    }

    #[test]
    fn is_within_the_risk(snapshot in snapshots(), rules in rules(), max_risk in risks()) {
        let plan = plan(&snapshot, &rules, max_risk);
        prop_assert!(plan.changes.iter().all(|change| change.risk <= max_risk));
        let everything = build(&snapshot, "test", &rules, Risk::Destructive).unwrap();
        let held = plan.not_planned.iter().any(|entry| {
            entry.why == Why::HeldBack && entry.detail.contains("--max-risk")
        });
        prop_assert_eq!(held, everything.changes.len() > plan.changes.len());
    }

    #[test]
    fn is_honest(snapshot in snapshots(), rules in rules(), read in prop::sample::select(&Read::ALL[..])) {
        let mut denied = snapshot;
        let nowhere = deny(&mut denied, read) == 0;
        for judged in judge(&denied, &rules) {
            if judged.control.reads().contains(&read) && !nowhere {
                let verdict = judged.report.verdict;
                prop_assert!(verdict != Verdict::Pass && verdict != Verdict::Waived);
                if verdict == Verdict::Unknown {
                    let reason = judged.report.reason.unwrap();
                    prop_assert!(reason.contains(read.actions()[0].as_str()), "{}", reason);
                }
            }
        }
        build(&denied, "test", &rules, Risk::Destructive).unwrap();
    }

    #[test]
    fn unknown_regions_are_no_pass(snapshot in snapshots(), rules in rules()) {
        let mut denied = snapshot;
        denied.regions = Observed::Denied { action: Action::new("ec2:DescribeRegions") };
        for judged in judge(&denied, &rules) {
            let regional = judged.control.reads().iter()
                .any(|read| read.scope() == harden::model::ReadScope::Regional);
            prop_assert!(!regional || judged.report.verdict != Verdict::Pass);
        }
    }
}

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

fn lets_in(
    snapshot: &Snapshot,
    region: &Region,
    group: &GroupId,
    transport: Transport,
    port: u16,
    source: &Source,
) -> bool {
    let rules = snapshot.regional[region].rules.ok().unwrap().get(group);
    rules.is_some_and(|rules| {
        rules.values().any(|rule: &Rule| {
            !rule.egress && rule.traffic.reaches(transport, port) && rule.source.covers(source)
        })
    })
}

fn is_closed_port(transport: Transport, port: u16) -> bool {
    port == 3389 || (port == 22 && transport == Transport::Tcp)
}

/// Denies a read wherever it was made, and says in how many places that was.
fn deny(snapshot: &mut Snapshot, read: Read) -> usize {
    fn deny<T>(part: &mut Observed<T>, read: Read) -> usize {
        *part = Observed::Denied { action: read.actions()[0].clone() };
        1
    }
    let (iam, logging) = (&mut snapshot.iam, &mut snapshot.logging);
    let regions = snapshot.regional.values_mut();
    match read {
        Read::PasswordPolicy => deny(&mut iam.password_policy, read),
        Read::AccountSummary => deny(&mut iam.summary, read),
        Read::VirtualMfaDevices => deny(&mut iam.virtual_mfa_devices, read),
        Read::CredentialReport => deny(&mut iam.credential_report, read),
        Read::Keys => regions.map(|one| deny(&mut one.keys, read)).sum(),
        Read::Rules => regions.map(|one| deny(&mut one.rules, read)).sum(),
        Read::PrefixLists => regions.map(|one| deny(&mut one.prefix_lists, read)).sum(),
        Read::Groups => regions.map(|one| deny(&mut one.groups, read)).sum(),
        Read::Interfaces => regions.map(|one| deny(&mut one.interfaces, read)).sum(),
        Read::Aliases => 0,
        Read::Trails => regions.map(|one| deny(&mut one.trails, read)).sum(),
        Read::TrailStatus => {
            logging.trails.values_mut().map(|one| deny(&mut one.status, read)).sum()
        }
        Read::TrailSelectors => {
            logging.trails.values_mut().map(|one| deny(&mut one.events, read)).sum()
        }
        Read::TrailKeys => logging.keys.values_mut().map(|one| deny(one, read)).sum(),
        Read::Buckets => logging.buckets.values_mut().map(|one| deny(one, read)).sum(),
        Read::BucketAcl => own(logging).map(|one| deny(&mut one.acl, read)).sum(),
        Read::BucketPolicy => own(logging).map(|one| deny(&mut one.policy, read)).sum(),
        Read::BucketPolicyStatus => {
            own(logging).map(|one| deny(&mut one.policy_is_public, read)).sum()
        }
        Read::BucketPublicAccess => {
            own(logging).map(|one| deny(&mut one.public_access, read)).sum()
        }
        Read::BucketOwnership => own(logging).map(|one| deny(&mut one.ownership, read)).sum(),
        Read::BucketLogging => own(logging).map(|one| deny(&mut one.logging, read)).sum(),
        Read::Recorders => regions.map(|one| deny(&mut one.recorders, read)).sum(),
        Read::RecorderStatus => regions
            .filter_map(|one| one.recorders.ok_mut())
            .flat_map(|recorders| recorders.values_mut())
            .map(|recorder| deny(&mut recorder.status, read))
            .sum(),
        Read::DeliveryChannels => regions.map(|one| deny(&mut one.channels, read)).sum(),
    }
}

fn own(logging: &mut Logging) -> impl Iterator<Item = &mut OwnBucket> {
    logging.buckets.values_mut().filter_map(|bucket| match bucket.ok_mut() {
        Some(Bucket::Ours(own)) => Some(own.as_mut()),
        _ => None,
    })
}
