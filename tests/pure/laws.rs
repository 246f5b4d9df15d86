//! The laws, over arbitrary accounts: a plan converges, can be taken back, weakens nothing, is the same
//! for the same account, holds nothing needless, and never rests on what could not be read.

use std::collections::{BTreeMap, BTreeSet};

use harden::assess::{Judged, Rules, Verdict, judge};
use harden::change::{Change, ChangeId, Document, Inverse, KeyName, Operation, Risk, Target};
use harden::controls::{self, Assess, Finding, Why};
use harden::model::{
    ASSUME_ROOT, Action, Bucket, CentralVerdict, ControlId, Delivery, Direction, GroupId,
    KeyStatus, LastStatus, Observed, Own, PasswordPolicy, PrefixListId, Read, ReadScope, Region,
    Regional, Rotation, Rule, Settings, Snapshot, Source, Traffic, Transport,
};
use harden::plan::{Bounds, MadeBy, Plan, Undoable, build, reverse};
use proptest::option;
use proptest::prelude::*;

use crate::account::simulated;
use crate::generate::{port, risks, rules, snapshots, taken_at};
use crate::spoil::{is_regional, spoil};
use crate::strict;

fn plan(snapshot: &Snapshot, rules: &Rules, max_risk: Risk) -> Plan {
    build(snapshot.clone(), "test", rules, max_risk).unwrap()
}

/// An account as far as harden sets it up, and its rules without their ids: EC2 gives new ones to rules
/// that are put back. What AWS tells of deliveries and thinks of policies is not harden's to put back, and
/// the keys that were made stay.
fn set_up(mut snapshot: Snapshot) -> (Snapshot, BTreeSet<(Region, GroupId, String)>) {
    for status in snapshot.logging.trails.values_mut().filter_map(|one| one.status.ok_mut()) {
        status.started = None;
        status.delivered_to_logs = Delivery::default();
    }
    for bucket in snapshot.logging.buckets.values_mut().filter_map(Observed::ok_mut) {
        if let Bucket::Ours(own) = bucket {
            own.policy_is_public = Observed::Unread;
            own.acl.ok_mut().into_iter().for_each(|grants| grants.sort());
        }
    }
    // A password or a key of root that is gone cannot be given back.
    snapshot.iam.root_keys = Observed::Unread;
    if let Some(summary) = snapshot.iam.summary.ok_mut() {
        summary.root_access_key_present = false;
    }
    for user in snapshot.iam.credentials.values_mut() {
        user.password = Observed::Unread;
    }
    snapshot.logging.keys.retain(|arn, _| !arn.as_str().contains("key/planned:"));
    let mut rules = BTreeSet::new();
    for (region, regional) in &mut snapshot.regional {
        let recorders = regional.recorders.ok_mut().into_iter().flatten();
        for status in recorders.filter_map(|(_, recorder)| recorder.status.ok_mut()) {
            (status.last, status.error) = (LastStatus::Other, None);
        }
        if let Some(keys) = regional.keys.ok_mut() {
            keys.retain(|id, _| !id.as_str().starts_with("planned:"));
        }
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

/// How two accounts differ in what harden sets up, line by line.
pub(crate) fn difference(one: Snapshot, other: Snapshot) -> String {
    let (one, other) = (set_up(one), set_up(other));
    if one == other {
        return String::new();
    }
    let text = |of: &(Snapshot, _)| serde_json::to_string_pretty(&of.0).unwrap();
    let (text, other_text) = (text(&one), text(&other));
    let pairs = text.lines().zip(other_text.lines()).filter(|(one, other)| one != other);
    let first: Vec<String> = pairs.take(3).map(|(a, b)| format!("{a} / {b}")).collect();
    format!("{first:#?} {:?} {:?}", one.1, other.1)
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
                let unread = first
                    .not_planned
                    .iter()
                    .any(|e| e.control == control.id && e.resource.is_none() && e.why == Why::Unknown);
                prop_assert!(unread || fine.contains(&report.verdict), "{}: {:?}", control.id, report);
            }
        }
        let second = plan(&after, &rules, max_risk);
        prop_assert!(second.changes.is_empty(), "again: {:#?}", second.changes);
        let score = first.score.unwrap();
        prop_assert_eq!(score.after, second.score.unwrap().before);
        // A new trail may not be given all that the others have, and 2.4 waits for its first delivery.
        let new = first.changes.iter().any(|c| matches!(c.operation, Operation::CreateTrail { .. }));
        prop_assert!(new || score.after.passed >= score.before.passed);
    }

    #[test]
    fn reverses(snapshot in snapshots(), rules in rules(), max_risk in risks()) {
        let plan = plan(&snapshot, &rules, max_risk);
        let mut back = simulated(&snapshot, &plan);
        for change in plan.changes.iter().rev() {
            let Inverse::Run(inverse) = &change.undo else {
                prop_assert!(stays(change), "impossible: {change:?}");
                continue;
            };
            prop_assert_eq!(&inverse.document(&back).unwrap(), &change.after);
            inverse.simulate(&mut back).unwrap();
            prop_assert_eq!(&inverse.document(&back).unwrap(), &change.before);
        }
        prop_assert_eq!(difference(back, snapshot), "");
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
            made_by: MadeBy::Baseline,
        }).collect();
        let own = Own::of(&first.head.account, &[&first.head.caller]);
        let bounds = Bounds { max_risk: Risk::Destructive, own: &own };
        let back = reverse("r", first.head.clone(), 24, bounds, &made);
        prop_assert_eq!(harden::plan::read(&harden::plan::to_json(&back).unwrap()).unwrap(), back.clone());
        let mut state = after.clone();
        for change in &back.changes {
            prop_assert_eq!(&change.operation.document(&state).unwrap(), &change.before);
            change.operation.simulate(&mut state).unwrap();
            prop_assert_eq!(&change.operation.document(&state).unwrap(), &change.after);
        }
        let odd = odd.map(|at| &first.changes[at]);
        // What had to be made before the moved one stays, and everything else is taken back, by itself or
        // with what it belongs to.
        let kept: BTreeSet<&ChangeId> = match odd {
            Some(odd) => needed(&first, odd),
            None => BTreeSet::new(),
        };
        let taken: BTreeSet<Target> =
            back.changes.iter().map(|change| change.operation.target()).collect();
        for change in &first.changes {
            let with = change.operation.goes_with();
            let own = change.operation.target();
            let goes = taken.contains(&own) || with.is_some_and(|with| taken.contains(&with));
            // Several changes may be about the rules of one group.
            let several = matches!(own, Target::Inbound(..) | Target::Outbound(..));
            let remains = kept.contains(&change.id) || stays(change);
            prop_assert!(several || goes != remains, "{}: {goes}", change.id);
        }
        let some_stay = !kept.is_empty() || first.changes.iter().any(stays);
        prop_assert_eq!(back.is_incomplete_undo(), some_stay);
        if odd.is_none() {
            prop_assert_eq!(difference(state, snapshot), "");
        }
    }

    /// AWS takes each call of the plan, in its order and with what it requires.
    #[test]
    fn is_taken_by_aws(snapshot in snapshots(), rules in rules(), max_risk in risks()) {
        let plan = plan(&snapshot, &rules, max_risk);
        let walked = strict::walk(&snapshot, &plan);
        prop_assert!(walked.is_ok(), "{}: {:#?}", walked.unwrap_err(), plan.changes);
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

    /// Nothing of whoever runs harden goes, no key comes back, and what goes was at fault by its own state,
    /// which is written down here once more.
    #[test]
    fn credentials_go_one_way_and_never_those_of_the_caller(
        snapshot in snapshots(),
        rules in rules(),
        max_risk in risks(),
    ) {
        let plan = plan(&snapshot, &rules, max_risk);
        let after = simulated(&snapshot, &plan);
        let limits = &rules.settings.credentials;
        for (user, before) in &snapshot.iam.credentials {
            let now = &after.iam.credentials[user];
            let own = user == "engineer";
            prop_assert!(!own || now == before);
            for (id, key) in before.keys.ok().into_iter().flatten() {
                let is = &now.keys.ok().unwrap()[id];
                if is == key { continue; }
                prop_assert!(key.status == KeyStatus::Active && is.status == KeyStatus::Inactive);
                prop_assert!(!key.signs);
                let last = key.last_used.ok().unwrap().as_ref().map(|last| last.at);
                let days = |of| taken_at().duration_since(of).as_hours() / 24;
                let unused = days(last.unwrap_or(key.made)) >= i64::from(limits.max_unused_days);
                let old = days(key.made) > i64::from(limits.max_key_age_days)
                    || (days(key.made) >= 7 && last.is_none_or(|last| last < key.made));
                let asked = |number| rules.controls.contains(&ControlId::new(1, number));
                prop_assert!((unused && asked(3)) || (old && asked(4)), "{user} {id}");
            }
            if now.password != before.password {
                let Some(password) = before.password.ok().unwrap() else { panic!("{user}") };
                let last = password.last_used.unwrap_or(password.made);
                let days = taken_at().duration_since(last).as_hours() / 24;
                prop_assert!(days >= i64::from(limits.max_unused_days), "{user}");
                prop_assert_eq!(now.password.ok().unwrap(), &None);
                prop_assert_eq!(max_risk, Risk::Destructive);
            }
        }
        prop_assert!(plan.spares(&Own::of(&snapshot.account, &[&snapshot.caller]), |_| false).is_ok());
        let own = plan.not_planned.iter().filter(|entry| entry.resource.as_deref() == Some("engineer"));
        for entry in own.filter(|entry| entry.control >= ControlId::new(1, 3)) {
            prop_assert!(matches!(entry.why, Why::Caller | Why::Waived), "{entry:?}");
        }
    }

    /// Keys of root go only where they were listed, under their name and with all that is known of their use, and
    /// 1.12 passes only where none is listed, whatever the report tells.
    #[test]
    fn keys_of_root_go_only_where_they_are_known(
        snapshot in snapshots(),
        rules in rules(),
        max_risk in risks(),
    ) {
        let id = ControlId::new(1, 12);
        let plan = plan(&snapshot, &rules, max_risk);
        let keys = snapshot.iam.root_keys.ok();
        for change in &plan.changes {
            let Operation::DeleteRootAccessKey { key, unused_since } = &change.operation else { continue };
            let key = &keys.unwrap()[key];
            let last = key.last_used.ok().unwrap().as_ref().map(|last| last.at);
            prop_assert!(!key.signs && *unused_since == last.unwrap_or(key.made));
            prop_assert_eq!(change.risk, Risk::Destructive);
            prop_assert!(max_risk == Risk::Destructive && rules.controls.contains(&id));
            let told = change.impact.join("; ");
            let use_of = if last.is_some() { "last used on " } else { "never used; " };
            prop_assert!(told.starts_with(use_of), "{told}");
        }
        let rules = Rules { controls: [id].into(), waivers: Vec::new(), ..rules };
        let verdict = |of: &Snapshot| judge(of, &rules)[0].report.verdict;
        let says_active = |of: &Snapshot| {
            let root = of.iam.credential_report.ok().and_then(|report| report.root.as_ref());
            root.is_some_and(|root| root.access_keys.iter().any(|key| key.active == Some(true)))
        };
        let passes = verdict(&snapshot) == Verdict::Pass;
        prop_assert!(!passes || keys.is_none_or(BTreeMap::is_empty));
        prop_assert!(!passes || !says_active(&snapshot) || keys.is_some());
        // Without the list it is as it has always been, however the list is missing.
        let mut without = snapshot.clone();
        without.iam.root_keys = Observed::Unread;
        let alone = verdict(&without);
        let action = ASSUME_ROOT;
        without.iam.root_keys = Observed::Failed { action, reason: "it broke".to_owned() };
        prop_assert_eq!(verdict(&without), alone);
        prop_assert!(keys.is_some() || verdict(&snapshot) == alone);
        let first = build(without, "test", &rules, Risk::Destructive).unwrap();
        prop_assert!(first.changes.is_empty());
    }

    /// Whoever reads for a plan looks at all users of whom something is found, and at no others.
    #[test]
    fn those_are_suspects_of_whom_something_is_found(snapshot in snapshots(), rules in rules()) {
        let mut told = snapshot;
        told.iam.credentials.clear();
        let rules = Rules {
            controls: [ControlId::new(1, 3), ControlId::new(1, 4)].into(),
            waivers: Vec::new(),
            ..rules
        };
        let judged = judge(&told, &rules);
        let found: BTreeSet<&str> =
            judged.iter().flat_map(|one| &one.open).map(|one| one.resource.as_str()).collect();
        let report = told.iam.credential_report.ok().unwrap();
        let suspects = controls::suspects(report, &rules.settings.credentials, told.taken_at);
        let named: BTreeSet<&str> = suspects.iter().map(|one| one.user.name()).collect();
        prop_assert_eq!(named, found);
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

    /// Whatever was let through and is not now was let in from the world alone, to a closed port, or is named
    /// in the impact. Nothing is let through that was not.
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
                let told = |words: &str| plan.changes.iter().any(|change| {
                    change.resource == group.as_str()
                        && change.region.as_ref() == Some(region)
                        && change.impact.iter().any(|line| line.contains(words))
                });
                let rest = told("the rest of the rule");
                for way in [Direction::Inbound, Direction::Outbound] {
                    let emptied = told(match way {
                        Direction::Inbound => "nothing is let in by the default group any more",
                        Direction::Outbound => "nothing is let out by the default group any more",
                    });
                    prop_assert!(!emptied || is_default(&snapshot, region, &group));
                    for (traffic, end) in probes(&ports) {
                        let lets = |s: &Snapshot| letting(s, region, &group, way, &traffic, &end);
                        let (before, now) = (lets(&snapshot), lets(&after));
                        prop_assert!(now.is_empty() || !before.is_empty(), "gained {traffic}, {end}");
                        if before.is_empty() || !now.is_empty() || emptied {
                            continue;
                        }
                        prop_assert_eq!(way, Direction::Inbound, "lost {} to {}", traffic, end);
                        let by_the_world = before.iter().all(|rule| rule.source.is_world(true));
                        prop_assert!(by_the_world, "lost {traffic} from {end}");
                        let only_all = before.iter().all(|rule| rule.traffic == Traffic::All);
                        let nameless = matches!(traffic, Traffic::Other { .. }) && only_all;
                        let odd_icmp = matches!(traffic, Traffic::Icmp { .. }) && only_all;
                        prop_assert!(is_closed(&traffic) || rest || nameless || odd_icmp, "lost {traffic}");
                    }
                }
            }
        }
    }

    /// Rules that the plan does not name stay as they are, and it names none twice. Outbound ones go from
    /// default groups alone. What it adds stays.
    #[test]
    fn other_rules_stay(snapshot in snapshots(), rules in rules(), max_risk in risks()) {
        let plan = plan(&snapshot, &rules, max_risk);
        let after = simulated(&snapshot, &plan);
        for (region, regional) in &snapshot.regional {
            for (group, known) in regional.rules.ok().unwrap() {
                for (id, rule) in known {
                    let named = plan.changes.iter().filter(|c| revokes(c, region, group, rule)).count();
                    prop_assert!(named <= 1, "{rule:?} goes {named} times");
                    let now = after.regional[region].rules.ok().unwrap().get(group);
                    let now = now.and_then(|rules| rules.get(id));
                    prop_assert_eq!(now.is_none(), named == 1);
                    prop_assert!(now.is_none_or(|now| now == rule));
                    prop_assert!(named == 0 || !rule.egress || is_default(&snapshot, region, group));
                }
            }
        }
        for change in &plan.changes {
            let Operation::AuthorizeSecurityGroupIngress { region, group, rules } = &change.operation
            else { continue };
            let held = after.regional[region].rules.ok().unwrap().get(group);
            for added in rules {
                let stays = held.is_some_and(|held| {
                    held.values().any(|rule| added.is_same_as(Direction::Inbound, rule))
                });
                prop_assert!(stays, "{added:?} is added in vain");
            }
        }
    }

    /// Without `--max-risk destructive`, default groups that something is attached to keep all outbound rules,
    /// and so do those that a remaining rule of another group names.
    #[test]
    fn default_groups_in_use_stay(snapshot in snapshots(), rules in rules()) {
        let plan = plan(&snapshot, &rules, Risk::Restrictive);
        let after = simulated(&snapshot, &plan);
        for change in &plan.changes {
            let Operation::RevokeSecurityGroupEgress { region, group, .. } = &change.operation
            else { continue };
            let interfaces = snapshot.regional[region].interfaces.ok().unwrap();
            let attached = interfaces.values().any(|interface| interface.groups.contains(group));
            prop_assert!(!attached, "{group} is attached");
            let left = after.regional[region].rules.ok().unwrap().values();
            let end = Source::Group(group.clone());
            let named = left.flat_map(BTreeMap::values).any(|rule| rule.source == end);
            prop_assert!(!named, "{group} is named");
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
            if is_by_contract(change, &whole) {
                continue;
            }
            let mut without = snapshot.clone();
            let others = whole.changes.iter().filter(|other| other.id != change.id);
            for other in others.filter(|other| !is_by_contract(other, &whole)) {
                other.operation.simulate(&mut without).unwrap();
            }
            // What is half made may have a name that is accepted.
            let strict = Rules { waivers: Vec::new(), ..rules.clone() };
            let still_failing = judge(&without, &strict).iter().any(|judged| {
                change.controls.contains(&judged.control.id)
                    && judged.open.iter().any(|finding| is_about(finding, change))
            });
            prop_assert!(still_failing, "needless: {change:#?}");
        }
        // Each rule that is added lets in something that no other rule does.
        for change in &whole.changes {
            let Operation::AuthorizeSecurityGroupIngress { region, group, rules } = &change.operation
            else { continue };
            let held = &after.regional[region].rules.ok().unwrap()[group];
            for added in rules {
                let others = held.values().filter(|rule| {
                    !rule.egress && !added.is_same_as(Direction::Inbound, rule)
                });
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

    /// What somebody accepted is not put right.
    #[test]
    fn accepted_things_stay(snapshot in snapshots(), rules in rules()) {
        let plan = plan(&snapshot, &rules, Risk::Destructive);
        for Judged { control, report, .. } in judge(&snapshot, &rules) {
            for finding in report.findings.iter().filter(|finding| finding.waived.is_some()) {
                let touched = plan.changes.iter().find(|change| {
                    change.controls.contains(&control.id)
                        && change.resource == finding.resource
                        && (finding.region.is_none() || change.region == finding.region)
                });
                prop_assert_eq!(touched, None);
            }
        }
    }

    #[test]
    fn is_within_the_risk(snapshot in snapshots(), rules in rules(), max_risk in risks()) {
        let plan = plan(&snapshot, &rules, max_risk);
        prop_assert!(plan.changes.iter().all(|change| change.risk <= max_risk));
        let everything = build(snapshot.clone(), "test", &rules, Risk::Destructive).unwrap();
        let held = plan.not_planned.iter().any(|entry| {
            entry.why == Why::HeldBack && entry.detail.contains("--max-risk")
        });
        // Not by their number: a trail may change either way, with a key or without.
        let calls = |plan: &Plan| -> Vec<Operation> {
            plan.changes.iter().map(|change| change.operation.clone()).collect()
        };
        prop_assert_eq!(held, calls(&everything) != calls(&plan));
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
        let spoiled = spoil(&mut denied, read, failed, only.as_ref(), None);
        for judged in judge(&denied, &rules) {
            if judged.control.reads().contains(&read) && spoiled > 0 {
                let (verdict, reason) = (judged.report.verdict, judged.report.reason);
                // All that is wrong may be accepted, whatever else there is to read.
                let accepted = verdict == Verdict::Waived && fails(&denied, &rules, judged.control.id);
                let honest = matches!(verdict, Verdict::Fail | Verdict::Unknown)
                    || accepted
                    || rests_elsewhere(judged.control.id, read, reason.as_deref());
                prop_assert!(honest, "{}: {verdict:?} {reason:?}", judged.control.id);
                // The first link of an alarm's chain that is not known is named, which may be another.
                let chain = (3, 1..=14);
                let id = judged.control.id;
                let first = id.section() == chain.0 && chain.1.contains(&id.number());
                if verdict == Verdict::Unknown && !first {
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

/// Whether a finding is about what changes: by its name, or of all of its kind. A region has one recorder
/// and one channel, whatever they are called.
fn is_about(finding: &Finding, change: &Change) -> bool {
    let named = finding.resource == change.resource || finding.resource == "trails";
    (named || change.controls.contains(&ControlId::new(2, 5)))
        && finding.region.as_ref().is_none_or(|region| change.region.as_ref() == Some(region))
}

/// Whether the verdict over an alarm is that of the account with the organization's trail: it rests on what is
/// seen of the trail, and on nothing of what could have raised the alarm here.
fn rests_elsewhere(control: ControlId, read: Read, reason: Option<&str>) -> bool {
    let of_trail = matches!(read, Read::Trails | Read::TrailStatus | Read::TrailSelectors);
    let says =
        |reason: &str| reason.starts_with("inherited from ") || reason.starts_with("waits in ");
    control.section() == 3 && !of_trail && reason.is_some_and(says)
}

/// Whether a control fails if nothing is accepted, here or there.
fn fails(snapshot: &Snapshot, rules: &Rules, control: ControlId) -> bool {
    let controls = BTreeSet::from([control]);
    let rules = Rules { controls, waivers: Vec::new(), ..rules.clone() };
    let mut snapshot = snapshot.clone();
    let verdicts = snapshot.central.iter_mut().flat_map(|central| central.trails.values_mut());
    for verdict in verdicts.flat_map(BTreeMap::values_mut) {
        if let CentralVerdict::Waived { reason, .. } = verdict {
            *verdict = CentralVerdict::Fail { reason: reason.clone() };
        }
    }
    judge(&snapshot, &rules).iter().all(|judged| judged.report.verdict == Verdict::Fail)
}

/// A change and all that it needs, near and far.
fn needed<'a>(plan: &'a Plan, change: &'a Change) -> BTreeSet<&'a ChangeId> {
    let mut needed = BTreeSet::from([&change.id]);
    for one in plan.changes.iter().rev() {
        if needed.contains(&one.id) {
            needed.extend(&one.requires);
        }
    }
    needed
}

/// Whether it cannot be taken back: the key that was made, and that it rotates, a password, and a key of root.
fn stays(change: &Change) -> bool {
    match &change.operation {
        Operation::CreateKey { .. }
        | Operation::DeleteLoginProfile { .. }
        | Operation::DeleteRootAccessKey { .. } => true,
        Operation::EnableKeyRotation { key, .. } => key.is_alias(),
        _ => false,
    }
}

/// Whether the design asks for it whatever the verdict: the public access block where a bucket was public,
/// that a bucket is of use to those who deliver to it, that a log group of ours does not keep events for ever, and that a key of ours rotates and has a name.
fn is_by_contract(change: &Change, plan: &Plan) -> bool {
    let made = |target: Target| plan.changes.iter().any(|c| c.operation.target() == target);
    match &change.operation {
        // The alias, so that a key is known for what it is.
        Operation::PutPublicAccessBlock { .. }
        | Operation::CreateAlias { key: KeyName::Id(_), .. } => true,
        Operation::PutBucketPolicy { region, bucket, .. } => {
            made(Target::Bucket(region.clone(), bucket.clone()))
        }
        Operation::PutRetentionPolicy { region, group, .. } => {
            made(Target::LogGroup(region.clone(), group.clone()))
        }
        Operation::EnableKeyRotation { region, key, .. } => {
            made(Target::Alias(region.clone(), key.as_str().to_owned()))
        }
        _ => false,
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

/// The rules of a group that let this traffic through, from or to all of this other end.
fn letting(
    snapshot: &Snapshot,
    region: &Region,
    group: &GroupId,
    way: Direction,
    traffic: &Traffic,
    end: &Source,
) -> Vec<Rule> {
    let rules = snapshot.regional[region].rules.ok().unwrap().get(group);
    let lets = |rule: &&Rule| {
        rule.direction() == way && rule.traffic.covers(traffic) && rule.source.covers(end)
    };
    rules.into_iter().flat_map(|rules| rules.values().filter(lets)).cloned().collect()
}

/// Whether a change takes this rule away.
fn revokes(change: &Change, region: &Region, group: &GroupId, rule: &Rule) -> bool {
    match &change.operation {
        Operation::RevokeSecurityGroupIngress { region: r, group: g, rules } => {
            r == region
                && g == group
                && rules.iter().any(|gone| gone.is_same_as(Direction::Inbound, rule))
        }
        Operation::RevokeSecurityGroupEgress { region: r, group: g, rules } => {
            r == region
                && g == group
                && rules.iter().any(|gone| gone.is_same_as(Direction::Outbound, rule))
        }
        _ => false,
    }
}

/// Whether it is the default group of a VPC of the account.
fn is_default(snapshot: &Snapshot, region: &Region, group: &GroupId) -> bool {
    let groups = snapshot.regional[region].default_groups.ok().unwrap();
    groups.get(group).is_some_and(|group| group.owner == snapshot.account.id)
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
