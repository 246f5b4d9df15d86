//! The laws of what a member has by the organization's trail: it rests on what is seen, hides nothing of the
//! member's own, and makes nothing there that the organization has.

use std::collections::{BTreeMap, BTreeSet};

use harden::assess::{ControlReport, FindingReport, Rules, Verdict, judge};
use harden::change::{Change, Operation};
use harden::controls::{self, Inherits};
use harden::model::{
    Central, CentralVerdict, ControlId, ManagementEvents, Snapshot, Trail, TrailArn,
};
use harden::plan::build;
use proptest::prelude::*;

use crate::generate::{risks, rules, snapshots};

/// The organization's trails of the central account that the account sees, if one of them records everything.
/// Written down here once more, so that a mistake in the product does not excuse itself.
fn answering(snapshot: &Snapshot) -> Option<(&Central, BTreeMap<&TrailArn, &Trail>)> {
    let central = snapshot.central.as_ref()?;
    let seen: BTreeSet<&TrailArn> =
        snapshot.regional.values().flat_map(|one| one.trails.ok().unwrap()).collect();
    let theirs = |arn: &TrailArn, trail: &Trail| {
        trail.organization
            && trail.owner == central.account
            && trail.owner != snapshot.account.id
            && central.trails.contains_key(arn)
            && seen.contains(arn)
    };
    let trails: BTreeMap<&TrailArn, &Trail> =
        snapshot.logging.trails.iter().filter(|(arn, trail)| theirs(arn, trail)).collect();
    let records = |trail: &Trail| {
        let events = |events: &ManagementEvents| events.read && events.write;
        trail.multi_region
            && trail.global_events
            && trail.status.ok().is_some_and(|status| status.logging)
            && trail.events.ok().is_some_and(events)
    };
    trails.values().any(|trail| records(trail)).then_some((central, trails))
}

fn inherits(control: ControlId) -> Option<Inherits> {
    controls::get(control).unwrap().inherits()
}

fn alone(snapshot: &Snapshot) -> Snapshot {
    Snapshot { central: None, ..snapshot.clone() }
}

fn reports(snapshot: &Snapshot, rules: &Rules) -> BTreeMap<ControlId, ControlReport> {
    judge(snapshot, rules).into_iter().map(|one| (one.control.id, one.report)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_inherited_but_by_a_trail_that_is_seen(snapshot in snapshots(), rules in rules()) {
        let (with, without) = (reports(&snapshot, &rules), reports(&alone(&snapshot), &rules));
        let answering = answering(&snapshot);
        for (id, report) in &with {
            if report == &without[id] {
                continue;
            }
            let inherits = inherits(*id);
            prop_assert!(inherits.is_some() && answering.is_some(), "{report:?}");
            let (central, trails) = answering.as_ref().unwrap();
            let from = format!("inherited from {}", central.account);
            if report.reason.as_ref() == Some(&from) {
                prop_assert_eq!(report.verdict, Verdict::Pass);
                let passes = |arn: &TrailArn| central.trails[arn].get(id) == Some(&CentralVerdict::Pass);
                match inherits.unwrap() {
                    Inherits::Seen => prop_assert_eq!(without[id].verdict, Verdict::Pass),
                    Inherits::Judged if without[id].verdict != Verdict::Pass => {
                        prop_assert!(trails.keys().any(|arn| passes(arn)));
                    }
                    Inherits::Judged => {}
                }
            } else {
                prop_assert!(report.verdict != Verdict::Pass, "{report:?}");
            }
        }
    }

    /// What is wrong with its own trails stays wrong, and what could not be read of them unknown.
    #[test]
    fn nothing_of_its_own_is_hidden(snapshot in snapshots(), rules in rules()) {
        let rules = Rules { waivers: Vec::new(), ..rules };
        let (with, without) = (reports(&snapshot, &rules), reports(&alone(&snapshot), &rules));
        for (id, report) in with.iter().filter(|(id, _)| id.section() == 2) {
            let theirs = |one: &FindingReport| {
                snapshot.logging.trails.iter().any(|(arn, trail)| {
                    arn.as_str() == one.resource && trail.owner != snapshot.account.id
                })
            };
            for own in without[id].findings.iter().filter(|one| !theirs(one)) {
                prop_assert!(report.findings.contains(own), "{id}: {own:?}");
            }
        }
    }

    /// Where the organization's trail raises the alarms, or is to, none is made.
    #[test]
    fn what_the_organization_has_is_not_made(
        snapshot in snapshots(),
        rules in rules(),
        max_risk in risks(),
    ) {
        let with = reports(&snapshot, &rules);
        let plan = build(snapshot.clone(), "test", &rules, max_risk).unwrap();
        let inherited: BTreeSet<ControlId> = with
            .values()
            .filter(|report| report.reason.as_ref().is_some_and(|it| it.starts_with("inherited")))
            .map(|report| report.id)
            .collect();
        for change in &plan.changes {
            let served = change.controls.iter().any(|control| inherited.contains(control));
            prop_assert!(!served, "{change:?}");
        }
        let makes = |change: &Change| matches!(change.operation, Operation::CreateTrail { .. });
        prop_assert!(answering(&snapshot).is_none() || !plan.changes.iter().any(makes));
    }
}
