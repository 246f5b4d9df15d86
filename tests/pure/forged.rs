//! Plans that somebody made up, digest and all: what shows itself as a baseline's plan weakens nothing.

use harden::change::{Change, ChangeId, Document, Operation, Risk, TrailConfig};
use harden::controls;
use harden::model::{Own, PlanSettings, PolicyText, Region};
use harden::plan::{Digest, Origin, PLAN_FORMAT, Plan, PlanFileError, read, to_json};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::account::{everything, new};
use crate::operations::examples;

/// A change that is what it says, and a plan of it alone.
fn plan_of(changes: Vec<(Operation, Document)>) -> Plan {
    let snapshot = new();
    let changes = changes.into_iter().map(|(operation, before)| forged(operation, before));
    Plan {
        format: PLAN_FORMAT.to_owned(),
        head: harden::report::Head::of(&snapshot, "test"),
        digest: Digest::unset(),
        origin: Origin::Baseline(Box::new(everything())),
        expires_at: snapshot.taken_at,
        score: None,
        changes: changes.collect(),
        not_planned: Vec::new(),
    }
}

fn forged(operation: Operation, before: Document) -> Change {
    let (after, undo) = operation.effect_on(&before).unwrap();
    let target = operation.target();
    let mut id = vec![operation.name().to_owned()];
    id.extend(target.region().map(ToString::to_string));
    id.push(target.resource().to_owned());
    id.extend(said(&operation).map(|text| {
        let hash: Vec<String> =
            Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        hash.concat()[..8].to_owned()
    }));
    Change {
        id: ChangeId::new(id.join("/")),
        controls: controls::all().take(1).map(|control| control.id).collect(),
        region: target.region().cloned(),
        resource: target.resource().to_owned(),
        title: "forged".to_owned(),
        risk: Risk::Additive,
        before,
        after,
        undo,
        requires: [].into(),
        impact: Vec::new(),
        cost: None,
        operation,
    }
}

/// What ids tell besides the target.
fn said(operation: &Operation) -> Option<String> {
    match operation {
        Operation::UpdateAccessKey { key, .. } | Operation::DeleteRootAccessKey { key, .. } => {
            Some(key.to_string())
        }
        Operation::PutRolePolicy { name, .. } | Operation::DeleteRolePolicy { name, .. } => {
            Some(name.clone())
        }
        Operation::PutGroupPolicy { name, .. }
        | Operation::DeleteGroupPolicy { name, .. }
        | Operation::PutUserPolicy { name, .. }
        | Operation::DeleteUserPolicy { name, .. } => Some(name.clone()),
        Operation::AttachGroupPolicy { policy, .. }
        | Operation::DetachGroupPolicy { policy, .. }
        | Operation::AttachUserPolicy { policy, .. }
        | Operation::DetachUserPolicy { policy, .. } => Some(policy.clone()),
        Operation::AuthorizeSecurityGroupIngress { rules, .. }
        | Operation::RevokeSecurityGroupIngress { rules, .. }
        | Operation::AuthorizeSecurityGroupEgress { rules, .. }
        | Operation::RevokeSecurityGroupEgress { rules, .. } => {
            Some(serde_json::to_string(rules).unwrap())
        }
        Operation::Subscribe { protocol, endpoint, .. }
        | Operation::Unsubscribe { protocol, endpoint, .. } => {
            Some(format!("{protocol}:{endpoint}"))
        }
        Operation::PutMetricFilter { group, .. }
        | Operation::DeleteMetricFilter { group, .. }
        | Operation::AddUserToGroup { group, .. }
        | Operation::RemoveUserFromGroup { group, .. } => Some(group.clone()),
        _ => None,
    }
}

/// Refused as a baseline's, and fine as what takes a run back.
#[track_caller]
fn refused(operation: Operation, before: Document) {
    let name = operation.name();
    let plan = plan_of(vec![(operation, before)]);
    let undo = Plan { origin: Origin::UndoOf("run".to_owned()), ..plan.clone() };
    let again = read(&to_json(&undo.sealed()).unwrap());
    assert!(again.is_ok(), "{name}: {again:?}");
    let read = read(&to_json(&plan.sealed()).unwrap());
    assert!(matches!(read, Err(PlanFileError::Inconsistent { .. })), "{name}: {read:?}");
}

#[track_caller]
fn taken(changes: Vec<(Operation, Document)>) {
    let read = read(&to_json(&plan_of(changes).sealed()).unwrap());
    assert!(read.is_ok(), "{read:?}");
}

fn operation(value: Value) -> Operation {
    serde_json::from_value(value).unwrap()
}

fn document(value: Value) -> Document {
    serde_json::from_value(value).unwrap()
}

#[test]
fn what_only_an_undo_does_is_refused() {
    let mut seen = 0;
    for (operation, documents) in examples() {
        if operation.facts().only_undo {
            seen += 1;
            for before in documents {
                refused(operation.clone(), before);
            }
        }
    }
    assert!(seen > 10);
}

/// A key only goes, and neither a key nor a password goes under a milder name than it has.
#[test]
fn keys_and_passwords_only_go_and_are_called_what_they_are() {
    let key = |to: &str, since: Option<&str>| {
        operation(json!({"op": "update-access-key", "user": "al", "key": "AKIA", "to": to,
            "unused_since": since}))
    };
    let status = |status: &str| document(json!({"access_key": {"status": status}}));
    refused(key("active", None), status("inactive"));
    let since = Some("2026-01-02T03:04:05Z");
    let password = operation(json!({"op": "delete-login-profile", "user": "al",
        "unused_since": "2026-01-02T03:04:05Z"}));
    let of_root = |since: Option<&str>| {
        operation(json!({"op": "delete-root-access-key", "key": "AKIAROOT", "unused_since": since}))
    };
    let (additive, restrictive) = (Risk::Additive, Risk::Restrictive);
    let table = [
        (key("inactive", since), status("active"), vec![additive]),
        // Whoever does not look whether it is used may hit something.
        (key("inactive", None), status("active"), vec![additive, restrictive]),
        (password, document(json!({"password": {}})), vec![additive, restrictive]),
        (of_root(since), status("active"), vec![additive, restrictive]),
        (of_root(since), status("inactive"), vec![additive, restrictive]),
    ];
    for (operation, before, milder) in table {
        for risk in [Risk::Additive, Risk::Restrictive, Risk::Destructive] {
            let mut plan = plan_of(vec![(operation.clone(), before.clone())]);
            plan.changes[0].risk = risk;
            let read = read(&to_json(&plan.sealed()).unwrap());
            assert_eq!(read.is_err(), milder.contains(&risk), "{operation:?} {risk}");
        }
    }
}

/// What was used since the plan was made stays, whatever the plan says.
#[test]
fn nobody_is_said_to_rest_in_the_future() {
    for (since, fine) in [("2026-01-02T03:04:05Z", true), ("2099-01-01T00:00:00Z", false)] {
        let key = json!({"op": "update-access-key", "user": "al", "key": "AKIA", "to": "inactive",
            "unused_since": since});
        let password = json!({"op": "delete-login-profile", "user": "al", "unused_since": since});
        let root = json!({"op": "delete-root-access-key", "key": "AKIA", "unused_since": since});
        for (call, before) in [
            (root, json!({"access_key": {"status": "active"}})),
            (key, json!({"access_key": {"status": "active"}})),
            (password, json!({"password": {}})),
        ] {
            let mut plan = plan_of(vec![(operation(call), document(before))]);
            plan.changes[0].risk = Risk::Destructive;
            let read = read(&to_json(&plan.sealed()).unwrap());
            assert_eq!(read.is_ok(), fine, "{since}: {read:?}");
        }
    }
}

/// Whoever applies a plan of somebody else's is not its target.
#[test]
fn a_plan_spares_whoever_applies_it() {
    let since = "2026-01-02T03:04:05Z";
    let key = operation(json!({"op": "update-access-key", "user": "team/al", "key": "AKIA1",
        "to": "inactive", "unused_since": since}));
    let password =
        operation(json!({"op": "delete-login-profile", "user": "bo", "unused_since": since}));
    let plan = plan_of(vec![
        (key, document(json!({"access_key": {"status": "active"}}))),
        (password, document(json!({"password": {}}))),
    ]);
    let spares = |caller: &str, signing: &str| {
        plan.spares(&Own::of(&plan.head.account, &[caller]), |id| id.as_str() == signing)
    };
    let user = |name: &str| format!("arn:aws:iam::111122223333:user/{name}");
    for own in ["al", "AL", "other/path/al", "bo"] {
        let refusal = spares(&user(own), "").unwrap_err();
        assert!(matches!(refusal, PlanFileError::OwnCredentials { .. }), "{own}");
    }
    let role = "arn:aws:sts::111122223333:assumed-role/engineer/al";
    assert!(spares(role, "AKIA1").is_err());
    assert!(spares(role, "AKIA2").is_ok() && spares(&user("cy"), "").is_ok());
    assert_eq!((plan.credential_changes(), plan.credential_limit()), (2, 10));
}

#[test]
fn a_trail_keeps_all_that_it_has() {
    let trail = json!({
        "bucket": "logs", "prefix": "p", "multi_region": true, "global_events": true,
        "validation": true, "logs": {"group": "g", "role": "r"}, "key": "k",
    });
    let update = |field: &str, value: Value| {
        let mut to = trail.clone();
        to[field] = value;
        let call = json!({"op": "update-trail", "region": "eu-west-1", "name": "t", "to": to});
        (operation(call), document(json!({"trail": trail})))
    };
    for (field, value) in [
        ("validation", json!(false)),
        ("multi_region", json!(false)),
        ("global_events", json!(false)),
        ("bucket", json!("other")),
        ("prefix", json!(null)),
        ("logs", json!(null)),
        ("logs", json!({"group": "other", "role": "r"})),
        ("key", json!(null)),
        ("key", json!("other")),
    ] {
        let (call, before) = update(field, value);
        refused(call, before);
    }
    taken(vec![update("validation", json!(true))]);
    // What is missing may be added.
    let (call, _) = update("key", json!("k"));
    let bare: TrailConfig = serde_json::from_value(json!({
        "bucket": "logs", "prefix": "p", "multi_region": false, "global_events": false,
        "validation": false, "logs": null, "key": null,
    }))
    .unwrap();
    taken(vec![(call, Document::Trail(Some(bare)))]);
}

/// AWS takes an ARN for the id of a key or the name of a trail: one of somebody else's is not planned for.
#[test]
fn what_is_named_by_an_arn_is_of_the_account() {
    for (arn, fine) in [
        ("arn:aws:kms:eu-west-1:111122223333:key/1", true),
        ("arn:aws:kms:eu-west-1:444455556666:key/1", false),
        ("arn:aws-cn:kms:eu-west-1:111122223333:key/1", false),
        ("arn:aws:kms", false),
        ("1", true),
    ] {
        let rotate = json!({"op": "enable-key-rotation", "region": "eu-west-1", "key": arn,
            "period_days": 365});
        let plan = plan_of(vec![(operation(rotate), document(json!({"key_rotation": "off"})))]);
        for origin in [plan.origin.clone(), Origin::UndoOf("run".to_owned())] {
            let read = read(&to_json(&Plan { origin, ..plan.clone() }.sealed()).unwrap());
            assert_eq!(read.is_ok(), fine, "{arn}: {read:?}");
        }
    }
}

const DENY: &str =
    r#"{"Sid":"Tls","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}"#;
const OURS: &str = r#"{"Sid":"HardenTrailAcl","Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"s3:GetBucketAcl","Resource":"*","Condition":{"StringEquals":{"aws:SourceArn":"arn:aws:cloudtrail:eu-west-1:111122223333:trail/harden"}}}"#;
const OPEN: &str =
    r#"{"Sid":"HardenOpen","Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}"#;
const FOREIGN: &str = r#"{"Sid":"HardenForeign","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444455556666:root"},"Action":"s3:*","Resource":"*"}"#;

fn policy(statements: &[&str]) -> PolicyText {
    let statements = statements.join(",");
    PolicyText::new(format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#))
}

fn put(after: PolicyText) -> Operation {
    let region = Region::new("eu-west-1");
    Operation::PutBucketPolicy {
        region,
        bucket: harden::model::BucketName::new("b"),
        policy: after,
    }
}

#[test]
fn a_policy_loses_nothing_and_opens_to_nobody() {
    let before = |statements: &[&str]| Document::Policy(Some(policy(statements)));
    // A statement that denies, one of ours.
    refused(put(policy(&[OURS])), before(&[DENY, OURS]));
    refused(put(policy(&[DENY])), before(&[DENY, OURS]));
    for new in [
        OPEN,
        FOREIGN,
        // Not by a name of ours.
        &OURS.replace("HardenTrailAcl", "Other"),
        // Anyone but some, a service that is none of those that deliver, anything but something.
        r#"{"Sid":"HardenA","Effect":"Allow","NotPrincipal":{"AWS":"x"},"Action":"s3:*"}"#,
        &OURS.replace("cloudtrail", "ec2"),
        &OURS.replace("\"Action\"", "\"NotAction\""),
        &FOREIGN.replace("HardenForeign", "HardenKeyOwner"),
        // In the place of ours.
        &FOREIGN.replace("HardenForeign", "HardenTrailAcl"),
    ] {
        refused(put(policy(&[DENY, OURS, new])), before(&[DENY, OURS]));
    }
    refused(put(PolicyText::new("rubbish")), before(&[DENY]));
    let region = Region::new("eu-west-1");
    let bucket = harden::model::BucketName::new("b");
    refused(Operation::DeleteBucketPolicy { region, bucket }, before(&[DENY]));

    taken(vec![(put(policy(&[DENY, OURS])), before(&[DENY]))]);
    taken(vec![(put(policy(&[OURS])), Document::Policy(None))]);
    taken(vec![(put(policy(&[DENY, OURS])), before(&[DENY, OPEN]))]);
}

#[test]
fn a_role_and_a_key_are_for_services_of_aws() {
    let assume = |principal: &str| {
        format!(
            r#"{{"Sid":"HardenTrail","Effect":"Allow","Principal":{principal},"Action":"sts:AssumeRole"}}"#
        )
    };
    let make = |principal: &str| Operation::CreateRole {
        role: "r".to_owned(),
        trust: policy(&[&assume(principal)]),
        tags: [].into(),
    };
    refused(make(r#"{"AWS":"arn:aws:iam::444455556666:root"}"#), Document::Policy(None));
    refused(make(r#""*""#), Document::Policy(None));
    taken(vec![(make(r#"{"Service":"cloudtrail.amazonaws.com"}"#), Document::Policy(None))]);

    let may = |action: &str| Operation::PutRolePolicy {
        role: "r".to_owned(),
        name: "p".to_owned(),
        policy: policy(&[&format!(
            r#"{{"Sid":"HardenTrailLogs","Effect":"Allow","Action":["{action}"],"Resource":"*"}}"#
        )]),
    };
    refused(may("*"), Document::Policy(None));
    refused(may("iam:CreateUser"), Document::Policy(None));
    taken(vec![(may("logs:PutLogEvents"), Document::Policy(None))]);

    let owner = |who: &str| {
        format!(
            r#"{{"Sid":"HardenKeyOwner","Effect":"Allow","Principal":{{"AWS":"{who}"}},"Action":"kms:*","Resource":"*"}}"#
        )
    };
    let key = |who: &str| Operation::CreateKey {
        region: Region::new("eu-west-1"),
        description: "text".to_owned(),
        policy: policy(&[&owner(who)]),
        tags: [].into(),
    };
    refused(key("*"), Document::Policy(None));
    refused(key("arn:aws:iam::444455556666:user/x"), Document::Policy(None));
    taken(vec![(key("arn:aws:iam::111122223333:root"), Document::Policy(None))]);
    let lose = Operation::PutKeyPolicy {
        region: Region::new("eu-west-1"),
        key: harden::model::KeyId::new("k"),
        policy: policy(&[OURS]),
    };
    refused(lose, Document::Policy(Some(policy(&[&owner("arn:aws:iam::111122223333:root")]))));
}

#[test]
fn a_bucket_stays_closed_and_logged() {
    let grant = |to: Value| json!({"to": to, "permission": "READ"});
    let owner = grant(json!({"account": "owner"}));
    let anyone = grant(json!({"group": "http://acs.example/groups/global/AllUsers"}));
    let at = |mut value: Value| {
        value["region"] = json!("eu-west-1");
        value["bucket"] = json!("b");
        operation(value)
    };
    let acl = |grants: &[&Value]| at(json!({"op": "put-bucket-acl", "grants": grants}));
    refused(acl(&[&owner, &anyone]), document(json!({"acl": [owner]})));
    taken(vec![(acl(&[&owner]), document(json!({"acl": [owner, anyone]})))]);

    let block = |fields: [bool; 4]| {
        let [block_acls, ignore_acls, block_policy, restrict] = fields;
        json!({
            "block_acls": block_acls, "ignore_acls": ignore_acls, "block_policy": block_policy,
            "restrict": restrict,
        })
    };
    for laxer in 0..4 {
        let mut fields = [true; 4];
        fields[laxer] = false;
        let put = at(json!({"op": "put-public-access-block", "block": block(fields)}));
        refused(put, document(json!({"public_access": block([true; 4])})));
    }
    let log = |to: Value| at(json!({"op": "put-bucket-logging", "to": to}));
    let was = json!({"bucket": "target", "prefix": "p"});
    refused(log(json!(null)), document(json!({"access_log": was})));
    refused(log(json!({"bucket": "other", "prefix": "p"})), document(json!({"access_log": was})));
    taken(vec![(log(was), document(json!({"access_log": null})))]);
}

#[test]
fn a_recorder_records_no_less() {
    let recorder = json!({
        "role": "r", "records": "everything", "global_types": true,
        "mode": {"frequency": "DAILY", "overrides": []},
    });
    let put = |field: &str, value: Value| {
        let mut to = recorder.clone();
        to[field] = value;
        operation(json!({
            "op": "put-configuration-recorder", "region": "eu-west-1", "name": "default", "to": to,
        }))
    };
    for (field, value) in [
        ("records", json!({"only": ["AWS::EC2::Volume"]})),
        ("records", json!({"all-but": ["AWS::EC2::Volume"]})),
        ("global_types", json!(false)),
        ("role", json!("other")),
        ("mode", json!(null)),
    ] {
        refused(put(field, value), document(json!({"recorder": recorder})));
    }
    let channel = json!({
        "bucket": "b", "prefix": "p", "topic": "t", "key": "k", "frequency": "One_Hour",
    });
    for field in ["bucket", "prefix", "topic", "key", "frequency"] {
        for value in [json!("other"), json!(null)] {
            let mut to = channel.clone();
            to[field] = value;
            let put = operation(json!({
                "op": "put-delivery-channel", "region": "eu-west-1", "name": "default", "to": to,
            }));
            refused(put, document(json!({"channel": channel})));
        }
    }
}

#[test]
fn a_log_group_keeps_events_no_shorter_unless_the_plan_has_made_it() {
    let keep = |days: u16| Operation::PutRetentionPolicy {
        region: Region::new("eu-west-1"),
        group: "g".to_owned(),
        days,
        made_since: None,
    };
    // What an earlier run did not come to, while no event can be as old: the plan was read at noon.
    let late = |since: &str| {
        let mut operation = keep(30);
        if let Operation::PutRetentionPolicy { made_since, .. } = &mut operation {
            *made_since = Some(since.parse().unwrap());
        }
        operation
    };
    taken(vec![(late("2026-11-20T00:00:00Z"), Document::Retention(None))]);
    refused(late("2026-10-20T00:00:00Z"), Document::Retention(None));
    refused(late("2026-11-20T00:00:00Z"), Document::Retention(Some(365)));
    refused(keep(30), Document::Retention(None));
    refused(keep(30), Document::Retention(Some(365)));
    taken(vec![(keep(365), Document::Retention(Some(30)))]);
    let make = Operation::CreateLogGroup {
        region: Region::new("eu-west-1"),
        group: "g".to_owned(),
        tags: [].into(),
    };
    taken(vec![(make.clone(), Document::Presence(false)), (keep(30), Document::Retention(None))]);
    // What is made has no retention: one that has another was there.
    let changes =
        vec![(make, Document::Presence(false)), (keep(30), Document::Retention(Some(365)))];
    let shorter = plan_of(changes);
    assert!(read(&to_json(&shorter.sealed()).unwrap()).is_err());
}

/// A file can say that the plan makes a log group that is there, or that the log group and the plan are as old
/// as it likes. What AWS says of the log group just before the call decides, by the clock of the machine.
#[test]
fn an_old_log_group_keeps_its_events_whatever_a_plan_says_of_it() {
    let now: Timestamp = "2026-11-25T12:00:00Z".parse().unwrap();
    let ago = |days: i64| now - SignedDuration::from_hours(24 * days);
    let keep = |made_since: Option<Timestamp>| Operation::PutRetentionPolicy {
        region: Region::new("eu-west-1"),
        group: "g".to_owned(),
        days: 30,
        made_since,
    };
    let make = Operation::CreateLogGroup {
        region: Region::new("eu-west-1"),
        group: "g".to_owned(),
        tags: [].into(),
    };
    let none = || Document::Retention(None);
    let most = SignedDuration::from_hours(PlanSettings::MOST_VALID_HOURS.into());
    let as_if_made = vec![(make, Document::Presence(false)), (keep(None), none())];
    // It was made 60 days ago; the plan says that it is 29 days old, and itself as old as a plan may be.
    let as_if_young = vec![(keep(Some(ago(59))), none())];
    for (changes, taken_at) in [(as_if_made, now), (as_if_young, now - most)] {
        let mut plan = plan_of(changes);
        plan.head.taken_at = taken_at;
        plan.expires_at = taken_at + most;
        let plan = read(&to_json(&plan.sealed()).unwrap()).unwrap();
        assert!(plan.fits(&plan.head.account, now).is_ok());
        let put = plan.changes.last().unwrap();
        let goes = |made| put.operation.may_delete_events(&put.before, made, now);
        assert!(goes(Some(ago(58))) && goes(Some(ago(30))) && goes(None));
        assert!(!goes(Some(ago(29))));
    }
    // A plan that says more of itself is not applied at all.
    let mut plan = plan_of(vec![(keep(Some(ago(400))), none())]);
    plan.head.taken_at = ago(371);
    plan.expires_at = now + most;
    let plan = read(&to_json(&plan.sealed()).unwrap()).unwrap();
    let fits = plan.fits(&plan.head.account, now);
    assert!(matches!(fits, Err(PlanFileError::GoodForTooLong { .. })), "{fits:?}");
}

#[test]
fn flow_logs_deliver_to_what_is_of_the_account() {
    let ours = |kind: &str| format!("arn:aws:{kind}");
    let create = |destination: &str, role: &str| {
        operation(json!({
            "op": "create-flow-logs", "region": "eu-west-1", "vpc": "vpc-1",
            "to": {"traffic": "reject", "destination": destination, "role": role},
        }))
    };
    let group = ours("logs:eu-west-1:111122223333:log-group:g");
    let role = ours("iam::111122223333:role/r");
    let none = || document(json!({"flow_log": null}));
    taken(vec![(create(&group, &role), none())]);
    let foreign = |arn: &str| arn.replace("111122223333", "444455556666");
    refused(create(&foreign(&group), &role), none());
    refused(create(&group, &foreign(&role)), none());
    refused(create("arn:aws:s3:::b", &role), none());
}

#[test]
fn rights_go_only_to_groups_of_ours_and_from_nobody() {
    let own = json!({"own_policy": {"name": "p", "policy": DEPLOY}});
    let group = |op: &str, group: &str| {
        let mut call = json!({"op": op, "group": group});
        match op {
            "create-group" => {}
            "attach-group-policy" => call["policy"] = "arn:p".into(),
            "add-user-to-group" => call["user"] = "al".into(),
            _ => (call["name"], call["policy"]) = ("p".into(), DEPLOY.into()),
        }
        operation(call)
    };
    let attached = || document(json!({"attached": null}));
    let member = || document(json!({"member": null}));
    let nothing = || document(json!({"own_policy": null}));
    // Into a group of others, and over a policy that is there.
    refused(group("attach-group-policy", "admins"), attached());
    refused(group("put-group-policy", "admins"), nothing());
    refused(group("add-user-to-group", "admins"), member());
    refused(group("put-group-policy", "harden-x"), document(own.clone()));
    taken(vec![
        (group("attach-group-policy", "harden-x"), attached()),
        (group("put-group-policy", "harden-x"), nothing()),
        (group("add-user-to-group", "harden-x"), member()),
    ]);
    let detach = |group: &str| {
        let call =
            json!({"op": "detach-user-policy", "user": "al", "policy": "arn:p", "group": group});
        (operation(call), document(json!({"attached": "arn:p"})))
    };
    let delete = |group: &str| {
        let call = json!({"op": "delete-user-policy", "user": "al", "name": "p", "group": group});
        (operation(call), document(own.clone()))
    };
    // What is in a group that was there is looked at just before the call.
    taken(vec![detach("harden-x"), delete("harden-x")]);
    for (call, before) in [detach("admins"), delete("admins")] {
        refused(call, before);
    }
    // A group that the plan makes has what the plan gives it, and the user is in it by the plan.
    let create = || (group("create-group", "harden-x"), document(json!({"presence": false})));
    let attach = || (group("attach-group-policy", "harden-x"), attached());
    let put = || (group("put-group-policy", "harden-x"), nothing());
    let other = || {
        let call =
            json!({"op": "put-group-policy", "group": "harden-x", "name": "p", "policy": OTHER});
        (operation(call), nothing())
    };
    let join = || (group("add-user-to-group", "harden-x"), member());
    for (changes, requires, fine) in [
        (vec![create(), attach(), join(), detach("harden-x")], true, true),
        (vec![create(), attach(), join(), detach("harden-x")], false, false),
        (vec![create(), attach(), detach("harden-x")], true, false),
        (vec![create(), join(), detach("harden-x")], true, false),
        (vec![create(), put(), join(), delete("harden-x")], true, true),
        (vec![create(), put(), join(), delete("harden-x")], false, false),
        (vec![create(), other(), join(), delete("harden-x")], true, false),
    ] {
        let mut plan = plan_of(changes);
        let ids: Vec<ChangeId> = plan.changes.iter().map(|change| change.id.clone()).collect();
        let last = plan.changes.last_mut().unwrap();
        if requires {
            last.requires = ids[..ids.len() - 1].iter().cloned().collect();
        }
        let read = read(&to_json(&plan.sealed()).unwrap());
        assert_eq!(read.is_ok(), fine, "{ids:?} {requires}: {read:?}");
    }
}

const DEPLOY: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#;
const OTHER: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}]}"#;
