//! AWS does not see at once what was just made: it is waited for. What is meant as it stands is not.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::answers::{count, errors, outcomes, same, verdicts};
use crate::faults::{signal, wait_for_write};
use crate::support::logging::{HOME, bucket, create, start};
use crate::world::{Answer, World};

const LOGGING: &str = "2.1-2.7";

/// The writes that took effect, each kind as often as it did.
fn took_effect(world: &World) -> std::collections::BTreeMap<String, usize> {
    let calls = world.account.calls().into_iter();
    count(calls.filter(|call| call.is_write && call.succeeded).map(|call| call.operation))
}

fn attempts(world: &World, operation: &str) -> usize {
    world.account.calls().iter().filter(|call| call.operation == operation).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_aws_does_not_see_yet_is_waited_for_and_made_once() {
    let world = World::whole().await;
    let slow = json!({ "role": 3, "bucket_policy": 3, "key_policy": 3 });
    world.account.settle(json!({ "propagation": slow }));
    let before = world.reading();
    world.account.forget_calls();
    let result = world.json(["apply", "--control", LOGGING, "--yes"]);
    assert_eq!(result["outcome"], "complete", "{result:#}");
    let planned = result["changes"].as_array().unwrap().len();
    assert_eq!(outcomes(&result), [("applied", planned)].into());
    let made = took_effect(&world);
    assert_eq!(made.values().sum::<usize>(), planned, "{made:#?}");
    for (operation, times) in [
        ("CreateTrail", 1),
        ("CreateBucket", 3),
        ("CreateKey", 1),
        ("CreateRole", 1),
        ("CreateServiceLinkedRole", 1),
        ("PutConfigurationRecorder", 3),
        ("PutDeliveryChannel", 3),
    ] {
        assert_eq!(made.get(operation), Some(&times), "{operation}: {made:#?}");
    }
    // It was refused, and tried again.
    assert!(attempts(&world, "CreateTrail") > 1);
    let assessed = world.json(["assess", "--control", LOGGING]);
    let all = ["2.1", "2.2", "2.3", "2.4", "2.5", "2.6", "2.7"];
    assert_eq!(verdicts(&assessed, &all), ["pass"; 7], "{assessed:#}");
    world.harden(["undo", "last", "--yes"]).expect(3);
    let after = world.reading();
    assert_eq!(after["logging"]["buckets"], before["logging"]["buckets"]);
    assert_eq!(after["logging"]["trails"], before["logging"]["trails"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denied_call_is_not_waited_for() {
    let world = World::whole().await;
    world.account.fault(json!({ "operation": "CreateTrail", "kind": "deny" }));
    let begun = Instant::now();
    let result = world.json(["apply", "--control", "2.1", "--yes"]);
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    assert_eq!(result["outcome"], "partial", "{result:#}");
    assert_eq!(attempts(&world, "CreateTrail"), 1);
    assert!(errors(&result).contains("cloudtrail:CreateTrail"), "{result:#}");
    assert_eq!(outcomes(&result), [("applied", 2), ("failed", 1), ("skipped", 1)].into());
}

/// A stranger deletes the bucket just before the trail is made.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_gone_is_not_waited_for() {
    let world = World::whole().await;
    world.account.fault(json!({ "operation": "CreateTrail", "kind": "delay", "seconds": 2 }));
    world.account.forget_calls();
    let child = world.start(["apply", "--control", "2.1", "--yes"]);
    wait_for_write(&world, "cloudtrail:CreateTrail");
    let name = format!("harden-trail-{}-{HOME}", world.account.id);
    world.account.s3(HOME).delete_bucket().bucket(name).send().await.unwrap();
    let begun = Instant::now();
    let answer: Answer = child.wait_with_output().unwrap().into();
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    answer.expect(3).says("S3BucketDoesNotExistException");
    assert_eq!(attempts(&world, "CreateTrail"), 1);
}

/// Nothing was made that could explain the refusal: somebody took the statements away since the plan.
#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_a_stranger_removed_is_not_waited_for() {
    let world = World::whole().await;
    let account = &world.account;
    let name = format!("logs-{}", account.id);
    let bucket = bucket(account, HOME, &name, &[(account, "main")]).await;
    create(account, "main", &bucket).send().await.unwrap();
    start(account, "main").await;
    let path = world.path("plan.json");
    let file = path.to_str().unwrap();
    world.harden(["plan", "--control", "2.1", "--out", file]).expect(0);
    account.s3(HOME).delete_bucket_policy().bucket(&bucket).send().await.unwrap();
    account.forget_calls();
    let begun = Instant::now();
    let result = world.json(["apply", file, "--yes"]);
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    assert_eq!(outcomes(&result), [("failed", 1)].into(), "{result:#}");
    assert_eq!(attempts(&world, "UpdateTrail"), 1);
    assert!(errors(&result).contains("InsufficientS3BucketPolicyException"), "{result:#}");
}

/// Whoever does not want to wait is gone soon, and what was made can be taken back.
#[tokio::test(flavor = "multi_thread")]
async fn a_person_need_not_wait() {
    let world = World::whole().await;
    world.account.settle(json!({ "propagation": { "bucket_policy": 600 } }));
    let before = world.reading();
    world.account.forget_calls();
    let child = world.start(["apply", "--control", "2.1", "--yes"]);
    wait_for_write(&world, "cloudtrail:CreateTrail");
    let begun = Instant::now();
    signal(child.id(), "INT");
    let answer: Answer = child.wait_with_output().unwrap().into();
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    answer.expect(130).says("InsufficientS3BucketPolicyException").says("the run was stopped");
    world.harden(["undo", "last", "--yes"]).expect(0);
    same(&world.reading(), &before);
}
