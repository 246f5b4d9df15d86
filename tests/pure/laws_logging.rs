//! The laws of trails, buckets, keys, log groups and recorders: none is weakened, no policy loses what others
//! wrote, and nothing is made that may be there where nobody could look.

use std::collections::BTreeSet;

use harden::change::{Operation, Risk, Target};
use harden::model::{
    Bucket, BucketName, LogGroup, OwnBucket, PolicyText, PublicAccessBlock, Read, Records,
    Snapshot, is_open,
};
use harden::plan::{Plan, build};
use proptest::option;
use proptest::prelude::*;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::account::simulated;
use crate::generate::{rules, snapshots};
use crate::spoil::spoil;

/// The statements of a policy as they were written.
fn written(policy: &PolicyText) -> Vec<String> {
    #[derive(serde::Deserialize)]
    struct Document<'a> {
        #[serde(rename = "Statement", borrow)]
        statement: &'a RawValue,
    }
    let Ok(Document { statement }) = serde_json::from_str(policy.as_str()) else {
        return Vec::new();
    };
    let list: Vec<&RawValue> =
        serde_json::from_str(statement.get()).unwrap_or_else(|_| vec![statement]);
    list.into_iter().map(|one| one.get().to_owned()).collect()
}

fn parsed(statement: &str) -> Value {
    serde_json::from_str(statement).unwrap()
}

fn is_ours(statement: &Value) -> bool {
    statement.get("Sid").and_then(Value::as_str).is_some_and(|sid| sid.starts_with("Harden"))
}

/// Whether what others wrote is there to the byte, but for what lets in anyone where that may go, and all
/// that is new is of ours and lets in nobody but services and the account.
fn keeps(
    before: Option<&PolicyText>,
    after: Option<&PolicyText>,
    may_close: bool,
) -> Result<(), String> {
    let statements = |of: Option<&PolicyText>| of.map(written).unwrap_or_default();
    let (before, after) = (statements(before), statements(after));
    for lost in before.iter().filter(|one| !after.contains(one)) {
        if !(may_close && is_open(&parsed(lost))) {
            return Err(format!("lost {lost}"));
        }
    }
    for new in after.iter().filter(|one| !before.contains(one)) {
        let new = parsed(new);
        if !is_ours(&new) || is_open(&new) {
            return Err(format!("new {new}"));
        }
    }
    Ok(())
}

fn own<'a>(snapshot: &'a Snapshot, name: &BucketName) -> Option<&'a OwnBucket> {
    match snapshot.logging.bucket(name) {
        Ok(Bucket::Ours(own)) => Some(own),
        _ => None,
    }
}

/// Whether the plan says that it closes the bucket.
fn closes(plan: &Plan, name: &BucketName) -> bool {
    plan.changes.iter().any(|change| {
        change.resource == name.as_str()
            && change.controls.iter().any(|control| control.to_string() == "2.3")
            && change.risk == Risk::Restrictive
    })
}

fn is_as_closed(new: PublicAccessBlock, old: PublicAccessBlock) -> bool {
    new.block_acls >= old.block_acls
        && new.ignore_acls >= old.ignore_acls
        && new.block_policy >= old.block_policy
        && new.restrict >= old.restrict
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn trails_never_record_less(snapshot in snapshots(), rules in rules()) {
        let after = simulated(&snapshot, &plan(&snapshot, &rules));
        for (arn, old) in &snapshot.logging.trails {
            let new = &after.logging.trails[arn];
            prop_assert!(new.multi_region >= old.multi_region);
            prop_assert!(new.global_events >= old.global_events);
            prop_assert!(new.validation >= old.validation);
            prop_assert!(new.status.ok().unwrap().logging >= old.status.ok().unwrap().logging);
            prop_assert!(old.log_group.is_none() || new.log_group == old.log_group);
            prop_assert!(old.log_group.is_none() || new.role == old.role);
            prop_assert!(old.key.is_none() || new.key == old.key);
            prop_assert_eq!((&new.bucket, &new.prefix, &new.home), (&old.bucket, &old.prefix, &old.home));
            prop_assert_eq!(&new.events, &old.events);
            if new.owner != snapshot.account.id {
                prop_assert_eq!(new, old);
            }
        }
        // One trail at most is made, and never beside one that could be adopted.
        let new = after.logging.trails.len() - snapshot.logging.trails.len();
        let adoptable = snapshot.logging.trails.values().any(|trail| {
            trail.owner == snapshot.account.id
                && trail.events.ok().is_some_and(|events| events.read && events.write)
        });
        prop_assert!(new <= usize::from(!adoptable));
    }

    #[test]
    fn buckets_never_open(snapshot in snapshots(), rules in rules()) {
        let plan = plan(&snapshot, &rules);
        let after = simulated(&snapshot, &plan);
        for name in snapshot.logging.buckets.keys() {
            let Some(old) = own(&snapshot, name) else {
                // What is somebody else's stays somebody else's.
                let foreign = matches!(snapshot.logging.bucket(name), Ok(Bucket::Foreign { .. }));
                prop_assert!(!foreign || after.logging.bucket(name) == snapshot.logging.bucket(name));
                continue;
            };
            let new = own(&after, name).unwrap();
            let policy = |of: &OwnBucket| of.policy.ok().cloned().unwrap();
            let kept = keeps(policy(old).as_ref(), policy(new).as_ref(), closes(&plan, name));
            prop_assert!(kept.is_ok(), "{name}: {kept:?}");
            let block = |of: &OwnBucket| of.public_access.ok().unwrap().unwrap_or_default();
            prop_assert!(is_as_closed(block(new), block(old)));
            let (grants, were) = (new.acl.ok().unwrap(), old.acl.ok().unwrap());
            prop_assert!(grants.iter().all(|grant| were.contains(grant)));
            let private = were.iter().filter(|grant| grant.to.public().is_none());
            prop_assert!(private.into_iter().all(|grant| grants.contains(grant)));
            let logging = |of: &OwnBucket| of.logging.ok().cloned().unwrap();
            prop_assert!(logging(old).is_none() || logging(new) == logging(old));
            prop_assert!(logging(new).is_none_or(|to| to.bucket != *name) || logging(old).is_some());
            prop_assert_eq!((&new.region, &new.ownership), (&old.region, &old.ownership));
        }
    }

    #[test]
    fn keys_roles_and_log_groups_keep_what_they_have(snapshot in snapshots(), rules in rules()) {
        let after = simulated(&snapshot, &plan(&snapshot, &rules));
        for (arn, old) in &snapshot.logging.keys {
            let Some(old) = old.ok().unwrap() else { continue };
            let new = after.logging.keys[arn].ok().unwrap().as_ref().unwrap();
            let kept = keeps(old.policy.ok(), new.policy.ok(), false);
            prop_assert!(kept.is_ok(), "{arn}: {kept:?}");
        }
        for (name, old) in &snapshot.iam.roles {
            let Some(old) = old.ok().unwrap() else { continue };
            let new = after.iam.roles[name].ok().unwrap().as_ref().unwrap();
            prop_assert_eq!(new.trust.as_str(), old.trust.as_str());
            for (policy, old) in &old.inline {
                let kept = keeps(Some(old), new.inline.get(policy), false);
                prop_assert!(kept.is_ok(), "{name}: {kept:?}");
            }
        }
        for (region, regional) in &snapshot.regional {
            let now = &after.regional[region];
            for (name, old) in &regional.log_groups {
                let Some(old) = old.ok().unwrap() else { continue };
                let now = now.log_groups[name].ok().unwrap().as_ref().unwrap();
                let kept = |group: &LogGroup| (group.class.clone(), group.retention_days);
                prop_assert_eq!(kept(now), kept(old));
                let (now, old) = (now.filters.ok().unwrap(), old.filters.ok().unwrap());
                prop_assert!(old.iter().all(|(name, filter)| now.get(name) == Some(filter)));
            }
            for (name, old) in &regional.aliases {
                if old.ok().unwrap().is_some() {
                    prop_assert_eq!(&now.aliases[name], old);
                }
            }
        }
    }

    #[test]
    fn recorders_never_record_less(snapshot in snapshots(), rules in rules()) {
        let after = simulated(&snapshot, &plan(&snapshot, &rules));
        let mut global = 0;
        for (region, regional) in &snapshot.regional {
            let now = &after.regional[region];
            for (name, old) in regional.recorders.ok().unwrap() {
                let new = &now.recorders.ok().unwrap()[name];
                prop_assert!(new.records == old.records || new.records == Records::Everything);
                prop_assert!(!matches!(old.records, Records::AllBut(_)) || new.records == old.records);
                prop_assert!(new.global_types >= old.global_types);
                prop_assert_eq!(&new.mode, &old.mode);
                prop_assert!(old.role.is_none() || new.role == old.role);
                prop_assert!(new.status.ok().unwrap().recording >= old.status.ok().unwrap().recording);
            }
            for (name, old) in regional.channels.ok().unwrap() {
                let new = &now.channels.ok().unwrap()[name];
                prop_assert!(old.bucket.is_none() || new.bucket == old.bucket);
                prop_assert!(old.prefix.is_none() || new.prefix == old.prefix);
                prop_assert_eq!((&new.topic, &new.key), (&old.topic, &old.key));
            }
            prop_assert!(now.recorders.ok().unwrap().len() <= 1);
            prop_assert!(now.channels.ok().unwrap().len() <= 1);
            let records = |of: &harden::model::Regional| {
                of.recorders.ok().unwrap().values().any(|one| one.global_types)
            };
            global += usize::from(records(now) && !records(regional));
        }
        // What has no region is recorded in one more at most.
        prop_assert!(global <= 1);
    }

    /// With a part of the account out of sight, the plan still fits the account as it is: what it takes for
    /// absent is absent. And it makes no trail and no key that it would not make if it saw everything.
    #[test]
    fn what_hides_is_not_made(
        snapshot in snapshots(),
        rules in rules(),
        read in prop::sample::select(&Read::ALL[..]),
        failed in any::<bool>(),
        region in option::of(any::<prop::sample::Index>()),
        thing in option::of(0_usize..4),
    ) {
        let regions: Vec<_> = snapshot.regional.keys().cloned().collect();
        let only = region.filter(|_| !regions.is_empty()).map(|at| at.get(&regions).clone());
        let mut hidden = snapshot.clone();
        if spoil(&mut hidden, read, failed, only.as_ref(), thing) == 0 {
            return Ok(());
        }
        let blind = plan(&hidden, &rules);
        let mut state = snapshot.clone();
        for change in &blind.changes {
            let now = change.operation.document(&state);
            prop_assert!(now.is_ok(), "{}: {}", change.id, now.unwrap_err());
            prop_assert_eq!(now.unwrap(), change.before.clone(), "{}", change.id);
            change.operation.simulate(&mut state).unwrap();
        }
        let seeing = plan(&snapshot, &rules);
        for target in made_once(&blind) {
            prop_assert!(made_once(&seeing).contains(&target), "{target:?}");
        }
    }
}

fn plan(snapshot: &Snapshot, rules: &harden::assess::Rules) -> Plan {
    build(snapshot.clone(), "test", rules, Risk::Destructive).unwrap()
}

/// What there is to be only one of.
fn made_once(plan: &Plan) -> BTreeSet<Target> {
    let once = plan.changes.iter().filter(|change| {
        matches!(change.operation, Operation::CreateTrail { .. } | Operation::CreateKey { .. })
    });
    once.map(|change| change.operation.target()).collect()
}
