//! What cannot be read is unknown, by the permission that is missing: the rest stands, and nothing is made
//! because it could not be seen.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::answers::{control, left, operations, reason};
use crate::support::alarms::{alarm, filter, heard};
use crate::support::logging::{HOME, good_trail, recorder};
use crate::world::{REGIONS, World};

const CONTROLS: &str = "2.1-2.7,3.5";

/// An account in which all of these controls pass.
async fn good() -> World {
    let world = World::whole().await;
    let account = &world.account;
    good_trail(account, "main").await;
    for region in REGIONS {
        recorder(account, region, region == HOME).await;
    }
    let pattern = "{ $.eventName = *Trail || $.eventName = *Logging }";
    filter(account, "main", "trails", pattern, "Trails").await;
    let topic = heard(account, HOME, "security", "security@acme.dev").await;
    alarm(account, "bell", "Trails", &topic).send().await.unwrap();
    world
}

fn deny(world: &World, operation: &str, region: &str) {
    let fault = json!({ "operation": operation, "region": region, "kind": "deny" });
    world.account.fault(fault);
}

/// The controls that do not pass, each with its reason; all of them have to be unknown.
fn unknown(assessed: &Value) -> Vec<(&str, &str)> {
    let controls = assessed["controls"].as_array().unwrap().iter();
    let dark = controls.filter(|control| control["verdict"] != "pass");
    let dark = dark.map(|control| {
        assert_eq!(control["verdict"], "unknown", "{control:#}");
        (control["id"].as_str().unwrap(), control["reason"].as_str().unwrap())
    });
    dark.collect()
}

/// The call that is denied, where, which controls rest on it, and the rest of the reason.
const DENIED: [(&str, &str, &[&str], &str); 17] = [
    (
        "cloudtrail:DescribeTrails",
        "eu-west-1",
        &["2.1", "2.2", "2.3", "2.4", "2.6", "2.7", "3.5"],
        "eu-west-1",
    ),
    (
        "cloudtrail:DescribeTrails",
        "ap-south-1",
        &["2.1", "2.2", "2.3", "2.4", "2.6", "2.7", "3.5"],
        "ap-south-1",
    ),
    ("cloudtrail:GetTrailStatus", "eu-west-1", &["2.1", "2.4", "3.5"], "main in eu-west-1"),
    ("cloudtrail:GetEventSelectors", "eu-west-1", &["2.1", "3.5"], "main in eu-west-1"),
    ("config:DescribeConfigurationRecorders", "ap-south-1", &["2.5"], "ap-south-1"),
    ("config:DescribeConfigurationRecorders", "eu-west-1", &["2.5"], "eu-west-1"),
    ("config:DescribeConfigurationRecorderStatus", "us-east-1", &["2.5"], "default in us-east-1"),
    ("config:DescribeDeliveryChannels", "ap-south-1", &["2.5"], "default in ap-south-1"),
    ("logs:DescribeLogGroups", "eu-west-1", &["3.5"], "main in eu-west-1"),
    ("logs:DescribeMetricFilters", "eu-west-1", &["3.5"], "main in eu-west-1"),
    ("cloudwatch:DescribeAlarms", "eu-west-1", &["3.5"], "eu-west-1"),
    ("sns:GetTopicAttributes", "eu-west-1", &["3.5"], "security in eu-west-1"),
    ("sns:ListSubscriptionsByTopic", "eu-west-1", &["3.5"], "security in eu-west-1"),
    ("kms:DescribeKey", "us-east-1", &["2.7"], "main in eu-west-1"),
    ("s3:GetBucketAcl", "us-east-1", &["2.3"], "main-ACCOUNT in us-east-1"),
    ("s3:GetBucketLogging", "us-east-1", &["2.6"], "main-ACCOUNT in us-east-1"),
    // AWS's name for the permission that HeadBucket takes.
    ("s3:ListBucket", "us-east-1", &["2.3", "2.6"], "main-ACCOUNT in eu-west-1"),
];

#[tokio::test(flavor = "multi_thread")]
async fn what_is_denied_is_unknown_the_rest_stands_and_nothing_is_planned() {
    let world = good().await;
    assert_eq!(unknown(&world.json(["assess", "--control", CONTROLS])), []);
    for (action, region, controls, on) in DENIED {
        let (_, operation) = action.split_once(':').unwrap();
        world.account.no_faults();
        deny(&world, if action == "s3:ListBucket" { "HeadBucket" } else { operation }, region);
        let assessed = world.json(["assess", "--control", CONTROLS]);
        let on = on.replace("ACCOUNT", &world.account.id);
        let told = format!("{action} is denied: {on}");
        let expected: Vec<(&str, &str)> = controls.iter().map(|id| (*id, told.as_str())).collect();
        assert_eq!(unknown(&assessed), expected, "{operation} in {region}");
        let plan = world.json(["plan", "--control", CONTROLS]);
        assert_eq!(plan["changes"], json!([]), "{operation} in {region}");
        for id in controls {
            assert_eq!(left(&plan, id), [format!("unknown -: {told}")], "{operation} in {region}");
        }
    }
}

/// Calls that are denied, the region, and how often a plan makes each change all the same elsewhere.
type Unseen = (&'static [&'static str], &'static str, &'static [(&'static str, usize)]);

/// What a plan does no more when a call is denied, and how often it does it all the same in other regions.
const UNSEEN: [Unseen; 11] = [
    (&["DescribeTrails"], "eu-west-1", &[("create-trail", 0), ("create-key", 0)]),
    (&["DescribeTrails"], "ap-south-1", &[("create-trail", 0), ("create-log-group", 0)]),
    (
        &["DescribeConfigurationRecorders"],
        "ap-south-1",
        &[("put-configuration-recorder", 2), ("put-delivery-channel", 2)],
    ),
    (
        &["DescribeDeliveryChannels"],
        "us-east-1",
        &[("put-configuration-recorder", 2), ("put-delivery-channel", 2)],
    ),
    (
        &["DescribeLogGroups"],
        "eu-west-1",
        &[("create-log-group", 0), ("put-metric-filter", 0), ("create-topic", 0)],
    ),
    (
        &["DescribeAlarms"],
        "eu-west-1",
        &[("put-metric-alarm", 0), ("put-metric-filter", 0), ("create-topic", 0)],
    ),
    (&["GetRole"], "eu-west-1", &[("create-role", 0), ("create-service-linked-role", 0)]),
    (&["HeadBucket"], "eu-west-1", &[("create-bucket", 0), ("create-trail", 0)]),
    (&["DescribeKey"], "eu-west-1", &[("create-key", 0), ("create-alias", 0)]),
    // Such a key may have been left behind.
    (&["ListKeys"], "eu-west-1", &[("create-key", 0), ("create-alias", 0)]),
    // One of them is enough to know that there is no such topic.
    (
        &["GetTopicAttributes", "ListSubscriptionsByTopic"],
        "eu-west-1",
        &[("create-topic", 0), ("subscribe", 0), ("put-metric-alarm", 0)],
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_made_because_it_could_not_be_seen() {
    let world = World::whole_with("[monitoring]\nnotify = [\"email:security@acme.dev\"]\n").await;
    let plan = world.json(["plan", "--control", CONTROLS]);
    let whole: BTreeSet<String> = operations(&plan).into_keys().map(ToOwned::to_owned).collect();
    for (denied, region, expected) in UNSEEN {
        world.account.no_faults();
        for operation in denied {
            deny(&world, operation, region);
        }
        let plan = world.json(["plan", "--control", CONTROLS]);
        let planned = operations(&plan);
        for (operation, times) in expected {
            assert!(whole.contains(*operation), "{operation} is in no plan");
            let there = planned.get(operation).copied().unwrap_or(0);
            assert_eq!(there, *times, "{operation} without {denied:?} in {region}: {plan:#}");
        }
        let entries = plan["not_planned"].as_array().unwrap().iter();
        let is_named = |entry: &Value| {
            let detail = entry["detail"].as_str().unwrap().replace("ListBucket", "HeadBucket");
            entry["why"] == "unknown" && denied.iter().any(|name| detail.contains(name))
        };
        assert!(entries.clone().any(is_named), "{denied:?}: {:#}", plan["not_planned"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_bucket_no_role_is_made() {
    let world = World::whole().await;
    deny(&world, "HeadBucket", "eu-west-1");
    let plan = world.json(["plan", "--control", "2.5"]);
    assert_eq!(plan["changes"], json!([]), "{plan:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn throttled_and_failing_calls_are_made_again_and_then_unknown() {
    let world = good().await;
    let fault = |operation: &str, region: &str, kind: &str, times: Option<u8>| {
        world.account.fault(json!({
            "operation": operation, "region": region, "kind": kind, "times": times,
        }));
    };
    for (action, region, ..) in DENIED {
        let (_, operation) = action.split_once(':').unwrap();
        let operation = operation.replace("ListBucket", "HeadBucket");
        fault(&operation, region, "throttle", Some(1));
        fault(&operation, region, "error500", Some(1));
    }
    assert_eq!(unknown(&world.json(["assess", "--control", CONTROLS])), []);

    world.account.no_faults();
    fault("DescribeConfigurationRecorders", "ap-south-1", "error500", None);
    fault("DescribeAlarms", "eu-west-1", "throttle", None);
    fault("GetTrailStatus", "us-east-1", "error500", None);
    let assessed = world.json(["assess", "--control", CONTROLS]);
    let dark = unknown(&assessed);
    assert_eq!(dark.iter().map(|(id, _)| *id).collect::<Vec<_>>(), ["2.5", "3.5"]);
    let told = "config:DescribeConfigurationRecorders failed: InternalFailure: ";
    assert!(dark[0].1.starts_with(told) && dark[0].1.ends_with(": ap-south-1"), "{dark:?}");
    let told = "cloudwatch:DescribeAlarms failed: Throttling: Rate exceeded: eu-west-1";
    assert_eq!(dark[1].1, told);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_policy_of_a_key_decides_only_where_a_topic_encrypts_with_it() {
    let world = good().await;
    let account = &world.account;
    let kms = account.kms(HOME);
    let key = kms.create_key().send().await.unwrap().key_metadata.unwrap().arn.unwrap();
    deny(&world, "GetKeyPolicy", HOME);
    let assess = || world.json(["assess", "--control", "3.5"]);
    assert_eq!(control(&assess(), "3.5")["verdict"], "pass");
    let topic = format!("arn:aws:sns:{HOME}:{}:security", account.id);
    let encrypt = account.sns(HOME).set_topic_attributes().topic_arn(topic);
    encrypt.attribute_name("KmsMasterKeyId").attribute_value(&key).send().await.unwrap();
    let assessed = assess();
    assert_eq!(control(&assessed, "3.5")["verdict"], "unknown", "{assessed:#}");
    assert_eq!(reason(&assessed, "3.5"), "kms:GetKeyPolicy is denied: security in eu-west-1");
    assert_eq!(world.json(["plan", "--control", "3.5"])["changes"], json!([]));
    account.no_faults();
    let assessed = assess();
    assert_eq!(control(&assessed, "3.5")["verdict"], "fail", "{assessed:#}");
}
