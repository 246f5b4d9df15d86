//! What a run has left half done is planned again, but not against anybody's will.

use harden::assess::{Rules, judge};
use harden::change::{Change, Risk};
use harden::model::{Bucket, Observed, RETENTION_DAYS, Snapshot, Waiver};
use harden::plan::{Came, Origin, Plan, build, left_by, resume};

use jiff::SignedDuration;

use crate::account::{
    OTHER, add_trail, at, bucket, everything, names, new, only, own_bucket, simulated,
};

const RETENTION: &str = "put-retention-policy";

/// A new account, the plan for it, and the account as a run left it that ended right after making the log
/// group of the trail.
struct Half {
    plan: Plan,
    account: Snapshot,
    at: usize,
}

fn half() -> Half {
    let before = new();
    let plan = build(before.clone(), "test", &everything(), Risk::Restrictive).unwrap();
    let place = |change: &Change| {
        change.operation.name() == "create-log-group" && change.resource == "harden/cloudtrail"
    };
    let at = plan.changes.iter().position(place).unwrap() + 1;
    let mut account = before;
    for change in &plan.changes[..at] {
        change.operation.simulate(&mut account).unwrap();
    }
    Half { plan, account, at }
}

impl Half {
    fn came(&self, place: usize) -> Came {
        if place < self.at { Came::Through } else { Came::Not }
    }

    /// The next plan.
    fn next(&self, rules: &Rules, max_risk: Risk) -> Plan {
        let place = |id: &_| self.plan.changes.iter().position(|change| change.id == *id).unwrap();
        let left = left_by("early", &self.plan, |id| self.came(place(id)), rules);
        resume(self.account.clone(), "test", rules, max_risk, left).unwrap()
    }
}

/// The retention of the trail's log group, if a plan sets it.
fn retention(plan: &Plan) -> Option<&Change> {
    plan.changes.iter().find(|change| {
        change.operation.name() == RETENTION && change.resource == "harden/cloudtrail"
    })
}

#[test]
fn the_retention_of_a_log_group_comes_late() {
    let half = half();
    assert_eq!(half.plan.changes[half.at].operation.name(), RETENTION);
    let alone = build(half.account.clone(), "test", &everything(), Risk::Restrictive).unwrap();
    assert!(retention(&alone).is_none(), "no finding tells of it");
    let next = half.next(&everything(), Risk::Restrictive);
    let late = retention(&next).unwrap();
    assert_eq!(late.risk, Risk::Additive);
    assert_eq!(late.impact, ["an earlier run began this and did not get so far: early"]);
    assert_eq!(simulated(&half.account, &next), simulated(&new(), &half.plan));
    // Nothing else is planned twice.
    assert_eq!(next.changes.len(), half.plan.changes.len() - half.at);
    let once = names(&half.plan).into_iter().filter(|name| *name == RETENTION).count();
    assert_eq!(names(&next).into_iter().filter(|name| *name == RETENTION).count(), once);
}

/// Something else may be wrong with the bucket, for which nothing can be done.
#[test]
fn the_policy_of_a_bucket_that_is_found_fault_with_comes_late() {
    let mut before = new();
    add_trail(&mut before, "mine", |_| {});
    before.logging.buckets.insert(bucket("logs"), Observed::Known(Bucket::Absent));
    let target = bucket("harden-access-logs-111122223333-eu-west-1");
    before.logging.buckets.insert(target, Observed::Known(own_bucket(OTHER)));
    let rules = only(&["2.6"]);
    let plan = build(before.clone(), "test", &rules, Risk::Restrictive).unwrap();
    assert_eq!(names(&plan), ["create-bucket", "put-bucket-policy"]);
    let mut half = before;
    plan.changes[0].operation.simulate(&mut half).unwrap();
    let came = |id: &_| if plan.changes[0].id == *id { Came::Through } else { Came::Not };
    let left = left_by("early", &plan, came, &rules);
    let next = resume(half, "test", &rules, Risk::Restrictive, left).unwrap();
    assert_eq!(names(&next), ["put-bucket-policy"]);
}

/// AWS Config delivers to the bucket of the trail, and its fix writes the policy by now.
#[test]
fn what_a_bucket_was_to_let_in_joins_what_others_plan_for_it() {
    let mut before = new();
    add_trail(&mut before, "mine", |_| {});
    before.logging.buckets.insert(bucket("logs"), Observed::Known(Bucket::Absent));
    let mut rules = only(&["2.3", "2.5"]);
    rules.settings.config.bucket = "logs".parse().unwrap();
    let plan = build(before.clone(), "test", &rules, Risk::Restrictive).unwrap();
    assert_eq!(names(&plan)[..2], ["create-bucket", "put-bucket-policy"]);
    let mut half = before.clone();
    plan.changes[0].operation.simulate(&mut half).unwrap();
    let came = |id: &_| if plan.changes[0].id == *id { Came::Through } else { Came::Not };
    let left = left_by("early", &plan, came, &rules);
    let next = resume(half.clone(), "test", &rules, Risk::Restrictive, left).unwrap();
    assert_eq!(names(&next).iter().filter(|name| **name == "put-bucket-policy").count(), 1);
    assert_eq!(simulated(&half, &next), simulated(&before, &plan));
}

#[test]
fn it_comes_only_where_nobody_has_thought_better_of_it() {
    let half = half();
    let comes = |rules: &Rules| retention(&half.next(rules, Risk::Restrictive)).is_some();
    assert!(comes(&everything()));
    let mut other = everything();
    other.settings.trail.retention_days = RETENTION_DAYS[5];
    assert!(!comes(&other), "other settings");
    let mut without = everything();
    without.controls.retain(|control| control.to_string() != "2.4");
    assert!(!comes(&without), "another selection");
    let found = judge(&half.account, &everything()).into_iter();
    let mut of_trails = found.filter(|one| one.control.id.to_string() == "2.4");
    let finding = of_trails.next().unwrap().open.remove(0);
    let mut waived = everything();
    waived.waivers.push(Waiver {
        control: "2.4".parse().unwrap(),
        resource: finding.resource,
        region: None,
        reason: "kept elsewhere".to_owned(),
        owner: "audit".to_owned(),
        expires: "2099-12-31".parse().unwrap(),
    });
    assert!(!comes(&waived), "waived");
}

#[test]
fn it_comes_only_where_the_group_is_as_it_was_left() {
    let mut half = half();
    let region = half.plan.changes[half.at].region.clone().unwrap();
    let groups = &mut at(&mut half.account, region.as_str()).log_groups;
    let group = groups.get_mut("harden/cloudtrail").unwrap().ok_mut().unwrap().as_mut().unwrap();
    group.retention_days = Some(731);
    assert!(retention(&half.next(&everything(), Risk::Restrictive)).is_none());
}

#[test]
fn it_comes_only_while_nothing_is_as_old() {
    let half = half();
    let comes = |days: i64| {
        let mut later = Half { account: half.account.clone(), ..half_of(&half) };
        later.account.taken_at += SignedDuration::from_hours(24 * days);
        retention(&later.next(&everything(), Risk::Restrictive)).is_some()
    };
    assert!(comes(300) && !comes(365));
}

/// The log group, or all of what the run began, may be gone by now: there is nothing to go on with.
#[test]
fn what_is_gone_is_not_gone_on_with() {
    let half = half();
    let gone = Half { account: new(), ..half_of(&half) };
    let mut rules = everything();
    // Nothing makes the log group again.
    rules.controls.retain(|control| control.to_string() != "2.4");
    rules.controls.insert("4.3".parse().unwrap());
    assert!(retention(&gone.next(&rules, Risk::Restrictive)).is_none());
}

fn half_of(half: &Half) -> Half {
    Half { plan: half.plan.clone(), account: half.account.clone(), at: half.at }
}

#[test]
fn an_undo_leaves_nothing() {
    let half = half();
    let undo = Plan { origin: Origin::UndoOf("early".to_owned()), ..half.plan.clone() };
    assert!(left_by("late", &undo, |_| Came::Perhaps, &everything()).is_empty());
    assert!(left_by("none", &half.plan, |_| Came::Not, &everything()).is_empty(), "not begun");
    assert!(left_by("all", &half.plan, |_| Came::Through, &everything()).is_empty(), "done");
}
