//! 2.1 to 2.7: what is read of trails, buckets and AWS Config, how often, and what comes of it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::answers::control;
use crate::support::logging::{HOME, arn, bucket, create, good_trail, member, recorder, start};
use crate::world::{REGIONS, World};

const CONTROLS: &str = "2.1,2.2,2.3,2.4,2.5,2.6,2.7";

/// The verdicts of 2.1 to 2.7, in order.
fn verdicts(assessed: &Value) -> Vec<&str> {
    let verdict = |id| control(assessed, id)["verdict"].as_str().unwrap();
    CONTROLS.split(',').map(verdict).collect()
}

async fn everything(world: &World) {
    good_trail(&world.account, "main").await;
    for region in REGIONS {
        recorder(&world.account, region, region == HOME).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_with_everything_passes_and_each_thing_is_read_once() {
    let world = World::whole().await;
    everything(&world).await;
    world.account.forget_calls();
    let assessed = world.json(["assess", "--control", CONTROLS]);
    assert_eq!(verdicts(&assessed), ["pass"; 7], "{assessed:#}");
    let mut calls = BTreeMap::new();
    for call in world.account.calls() {
        *calls.entry(format!("{}:{}", call.service, call.operation)).or_insert(0) += 1;
    }
    let expected = [
        ("cloudtrail:DescribeTrails", 3),
        ("cloudtrail:GetEventSelectors", 1),
        ("cloudtrail:GetTrailStatus", 1),
        ("config:DescribeConfigurationRecorderStatus", 3),
        ("config:DescribeConfigurationRecorders", 3),
        ("config:DescribeDeliveryChannels", 3),
        ("ec2:DescribeRegions", 1),
        ("iam:ListAccountAliases", 1),
        ("kms:DescribeKey", 1),
        ("s3:GetBucketAcl", 1),
        ("s3:GetBucketLogging", 1),
        ("s3:GetBucketOwnershipControls", 1),
        ("s3:GetBucketPolicy", 1),
        ("s3:GetBucketPolicyStatus", 1),
        ("s3:GetPublicAccessBlock", 1),
        // Asked in the trail's own region, and then in the one that the answer names.
        ("s3:HeadBucket", 2),
        ("sts:GetCallerIdentity", 1),
    ];
    let expected = expected.map(|(call, times)| (call.to_owned(), times));
    assert_eq!(calls, BTreeMap::from(expected));
    let plan = world.json(["plan", "--control", CONTROLS]);
    assert_eq!((&plan["changes"], &plan["not_planned"]), (&json!([]), &json!([])));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_control_reads_only_what_it_needs() {
    let world = World::whole().await;
    everything(&world).await;
    world.account.forget_calls();
    world.json(["assess", "--control", "2.2"]);
    let calls = world.account.calls();
    let of = |service: &str| calls.iter().filter(|call| call.service == service).count();
    assert_eq!((of("cloudtrail"), of("s3"), of("config"), of("kms")), (3, 0, 0, 0), "{calls:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_account_fails() {
    let world = World::whole().await;
    world.account.forget_calls();
    let assessed = world.json(["assess", "--control", CONTROLS]);
    let expected = ["fail", "fail", "not_applicable", "fail", "fail", "fail", "fail"];
    assert_eq!(verdicts(&assessed), expected, "{assessed:#}");
    assert!(world.account.calls().iter().all(|call| call.service != "s3"));
    world.harden(["explain", "2.1"]).expect(0).says("cloudtrail:GetEventSelectors");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_trails_is_told() {
    let world = World::whole().await;
    let account = &world.account;
    let name = format!("logs-{}", account.id);
    let bucket = bucket(account, HOME, &name, &[(account, "single"), (account, "stopped")]).await;
    create(account, "single", &bucket).send().await.unwrap();
    start(account, "single").await;
    create(account, "stopped", &bucket).is_multi_region_trail(true).send().await.unwrap();
    let assessed = world.json(["assess", "--control", CONTROLS]);
    let expected = ["fail", "fail", "pass", "fail", "fail", "fail", "fail"];
    assert_eq!(verdicts(&assessed), expected, "{assessed:#}");
    let summary = control(&assessed, "2.1")["findings"][0]["summary"].as_str().unwrap();
    assert!(summary.contains("single in eu-west-1 records one region only"), "{summary}");
    assert!(summary.contains("stopped in eu-west-1 is stopped"), "{summary}");
    for id in ["2.2", "2.4", "2.7"] {
        assert_eq!(control(&assessed, id)["findings"].as_array().unwrap().len(), 2, "{id}");
    }
    // Both deliver to the same bucket.
    assert_eq!(control(&assessed, "2.6")["findings"].as_array().unwrap().len(), 1);
    account.s3(HOME).delete_bucket().bucket(&bucket).send().await.unwrap();
    let assessed = world.json(["assess", "--control", "2.3,2.6"]);
    for id in ["2.3", "2.6"] {
        let summary = control(&assessed, id)["findings"][0]["summary"].as_str().unwrap();
        assert!(summary.starts_with("does not exist"), "{summary}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_bucket_is_told_by_statement() {
    let world = World::whole().await;
    good_trail(&world.account, "main").await;
    let (s3, name) = (world.account.s3("us-east-1"), format!("main-{}", world.account.id));
    s3.delete_public_access_block().bucket(&name).send().await.unwrap();
    let policy = s3.get_bucket_policy().bucket(&name).send().await.unwrap().policy.unwrap();
    let mut policy: Value = serde_json::from_str(&policy).unwrap();
    policy["Statement"].as_array_mut().unwrap().push(json!({
        "Sid": "Website",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": format!("arn:aws:s3:::{name}/*"),
    }));
    s3.put_bucket_policy().bucket(&name).policy(policy.to_string()).send().await.unwrap();
    let assessed = world.json(["assess", "--control", "2.3"]);
    let finding = &control(&assessed, "2.3")["findings"][0];
    assert_eq!(finding["summary"], "its policy (statement Website) allows anyone");
    assert_eq!((&finding["resource"], &finding["region"]), (&json!(name), &json!("us-east-1")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_of_another_account_is_no_denied_read() {
    let world = World::whole().await;
    let archive = World::whole().await.account;
    let name = format!("archive-{}", archive.id);
    let bucket = bucket(&archive, "ap-south-1", &name, &[(&world.account, "main")]).await;
    create(&world.account, "main", &bucket).is_multi_region_trail(true).send().await.unwrap();
    start(&world.account, "main").await;
    let assessed = world.json(["assess", "--control", CONTROLS]);
    assert_eq!(control(&assessed, "2.1")["verdict"], "pass");
    for id in ["2.3", "2.6"] {
        let control = control(&assessed, id);
        assert_eq!(control["verdict"], "unknown");
        let reason = format!("kept by another account: {name} in ap-south-1");
        assert_eq!(control["reason"], reason);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trail_of_the_organization_is_seen_by_its_members() {
    let management = World::whole().await.account;
    let member = member(&management).await;
    let name = format!("organization-{}", management.id);
    let bucket = bucket(&management, HOME, &name, &[(&management, "all")]).await;
    create(&management, "all", &bucket)
        .is_organization_trail(true)
        .is_multi_region_trail(true)
        .enable_log_file_validation(true)
        .send()
        .await
        .unwrap();
    start(&management, "all").await;

    let mut world = World::whole().await;
    world.account = member;
    world.account.settle(json!({ "enabled_regions": REGIONS }));
    let assessed = world.json(["assess", "--control", CONTROLS]);
    let expected = ["pass", "pass", "unknown", "fail", "fail", "unknown", "fail"];
    assert_eq!(verdicts(&assessed), expected, "{assessed:#}");
    let finding = &control(&assessed, "2.7")["findings"][0];
    assert_eq!(finding["resource"], arn(&management, "all"));
    let whose = format!("(only account {} can change it)", management.id);
    assert!(finding["summary"].as_str().unwrap().ends_with(&whose), "{finding}");
    let reason = control(&assessed, "2.3")["reason"].as_str().unwrap();
    assert!(reason.contains(&format!("for the trail of account {}", management.id)), "{reason}");
    let asked = world.account.calls();
    assert!(asked.iter().all(|call| call.operation != "GetEventSelectors"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_denied_is_unknown_and_the_rest_stands() {
    let world = World::whole().await;
    everything(&world).await;
    let deny = |service: &str, region: &str, operation: &str| {
        world.account.fault(json!({
            "kind": "deny", "service": service, "region": region, "operation": operation,
        }));
    };
    deny("config", "ap-south-1", "DescribeDeliveryChannels");
    deny("s3", "us-east-1", "GetBucketLogging");
    deny("kms", "us-east-1", "DescribeKey");
    let assessed = world.json(["assess", "--control", CONTROLS]);
    let expected = ["pass", "pass", "pass", "pass", "unknown", "unknown", "unknown"];
    assert_eq!(verdicts(&assessed), expected, "{assessed:#}");
    let reason = |id| control(&assessed, id)["reason"].as_str().unwrap();
    assert_eq!(reason("2.5"), "config:DescribeDeliveryChannels is denied: default in ap-south-1");
    assert!(reason("2.6").starts_with("s3:GetBucketLogging is denied: main-"));
    assert_eq!(reason("2.7"), "kms:DescribeKey is denied: main in eu-west-1");
}

#[tokio::test(flavor = "multi_thread")]
async fn first_deliveries_are_waited_for() {
    let world = World::whole().await;
    world.account.settle(json!({ "delivery_seconds": null }));
    everything(&world).await;
    let assessed = world.json(["assess", "--control", CONTROLS]);
    let expected = ["pass", "pass", "pass", "pending", "pending", "pass", "pass"];
    assert_eq!(verdicts(&assessed), expected, "{assessed:#}");
    let reason = &control(&assessed, "2.4")["reason"];
    let waits = "waits for the first delivery to CloudWatch Logs: main in eu-west-1";
    assert_eq!(reason, waits);
    // There is nothing that a plan could do about it.
    let plan = world.json(["plan", "--control", CONTROLS]);
    assert_eq!((&plan["changes"], &plan["not_planned"]), (&json!([]), &json!([])));
}
