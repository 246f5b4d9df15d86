//! A new account: one apply makes 2.1 to 2.7, 3.1 to 3.14 and 4.3 pass, a second changes nothing, and an undo
//! takes back all but the key.

use std::collections::BTreeMap;

use aws_sdk_s3::primitives::ByteStream;
use serde_json::{Value, json};

use crate::answers::{ALARMS, control, count, left, operations, outcomes, reason, same, verdicts};
use crate::world::{REGIONS, World};

/// Somebody to tell, and somebody to write to.
const SETTINGS: &str = r#"
[monitoring]
notify = ["email:security@acme.dev"]
[contact]
name = "Security team"
title = "Incident response"
email = "security@acme.dev"
phone = "+49 30 1234567"
"#;

const LOGGING: [&str; 7] = ["2.1", "2.2", "2.3", "2.4", "2.5", "2.6", "2.7"];

/// What is made for the whole benchmark in an account with three regions.
const MADE: [(&str, &str, usize); 25] = [
    ("account:PutAlternateContact", "put-alternate-contact", 1),
    ("cloudtrail:CreateTrail", "create-trail", 1),
    ("cloudtrail:StartLogging", "start-logging", 1),
    ("cloudwatch:PutMetricAlarm", "put-metric-alarm", 14),
    ("config:PutConfigurationRecorder", "put-configuration-recorder", 3),
    ("config:PutDeliveryChannel", "put-delivery-channel", 3),
    ("config:StartConfigurationRecorder", "start-configuration-recorder", 3),
    ("ec2:CreateFlowLogs", "create-flow-logs", 3),
    // Each region has a default group, which lets itself in and everything out.
    ("ec2:RevokeSecurityGroupEgress", "revoke-security-group-egress", 3),
    ("ec2:RevokeSecurityGroupIngress", "revoke-security-group-ingress", 3),
    ("iam:CreateRole", "create-role", 2),
    ("iam:CreateServiceLinkedRole", "create-service-linked-role", 1),
    ("iam:PutRolePolicy", "put-role-policy", 2),
    ("iam:UpdateAccountPasswordPolicy", "update-account-password-policy", 1),
    ("kms:CreateAlias", "create-alias", 1),
    ("kms:CreateKey", "create-key", 1),
    ("kms:EnableKeyRotation", "enable-key-rotation", 1),
    ("logs:CreateLogGroup", "create-log-group", 4),
    ("logs:PutMetricFilter", "put-metric-filter", 14),
    ("logs:PutRetentionPolicy", "put-retention-policy", 4),
    ("s3:CreateBucket", "create-bucket", 3),
    ("s3:PutBucketLogging", "put-bucket-logging", 1),
    ("s3:PutBucketPolicy", "put-bucket-policy", 3),
    ("sns:CreateTopic", "create-topic", 1),
    ("sns:Subscribe", "subscribe", 1),
];

/// What an undo takes of all that.
const TAKEN_BACK: [(&str, usize); 24] = [
    ("account:DeleteAlternateContact", 1),
    ("cloudtrail:DeleteTrail", 1),
    ("cloudtrail:StopLogging", 1),
    ("cloudwatch:DeleteAlarms", 14),
    ("config:DeleteConfigurationRecorder", 3),
    ("config:DeleteDeliveryChannel", 3),
    ("config:StopConfigurationRecorder", 3),
    ("ec2:AuthorizeSecurityGroupEgress", 3),
    ("ec2:AuthorizeSecurityGroupIngress", 3),
    ("iam:DeleteAccountPasswordPolicy", 1),
    ("ec2:DeleteFlowLogs", 3),
    ("iam:DeleteRole", 2),
    ("iam:DeleteRolePolicy", 2),
    ("iam:DeleteServiceLinkedRole", 1),
    ("kms:DeleteAlias", 1),
    ("logs:DeleteLogGroup", 4),
    ("logs:DeleteMetricFilter", 14),
    ("logs:DeleteRetentionPolicy", 4),
    ("s3:DeleteBucket", 3),
    ("s3:DeleteBucketPolicy", 3),
    ("s3:PutBucketLogging", 1),
    ("sns:DeleteTopic", 1),
    ("kms:ScheduleKeyDeletion", 0),
    ("kms:DisableKey", 0),
];

fn alarms() -> Vec<String> {
    ALARMS.map(|number| format!("3.{number}")).collect()
}

/// The verdicts of 3.1 to 3.14, each once.
fn verdict_of_alarms(assessed: &Value) -> Vec<&str> {
    let ids = alarms();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let mut all = verdicts(assessed, &ids);
    all.dedup();
    all
}

/// Applies everything, and asserts that it is done in as few calls as it takes.
fn apply(world: &World) -> Value {
    world.account.forget_calls();
    let result = world.json(["apply", "--yes"]);
    assert_eq!(result["outcome"], "complete", "{result:#}");
    let expected = MADE.map(|(call, _, times)| (call.to_owned(), times));
    assert_eq!(count(world.writes().into_iter()), BTreeMap::from(expected));
    assert_eq!(outcomes(&result), [("applied", 75)].into());
    assert_eq!(result["verified"]["holds"].as_array().unwrap().len(), 75);
    result
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_reads_nothing_twice() {
    let world = World::whole_with(SETTINGS).await;
    world.account.forget_calls();
    let plan = world.json(["plan"]);
    let expected = MADE.map(|(_, operation, times)| (operation, times));
    assert_eq!(operations(&plan), BTreeMap::from(expected));
    let calls = world.account.calls().into_iter();
    let calls = count(calls.map(|call| format!("{}:{}", call.service, call.operation)));
    let expected = [
        ("account:GetAlternateContact", 1),
        // In the one region that will have a log group.
        ("cloudwatch:DescribeAlarms", 1),
        ("cloudtrail:DescribeTrails", 3),
        ("config:DescribeConfigurationRecorderStatus", 3),
        ("config:DescribeConfigurationRecorders", 3),
        ("config:DescribeDeliveryChannels", 3),
        ("ec2:DescribeFlowLogs", 3),
        // Whether anything is attached to the default groups.
        ("ec2:DescribeNetworkInterfaces", 3),
        ("ec2:DescribeRegions", 1),
        ("ec2:DescribeSecurityGroupRules", 3),
        ("ec2:DescribeSecurityGroups", 3),
        ("ec2:DescribeVpcs", 3),
        // The first is answered that it is not done yet.
        ("iam:GenerateCredentialReport", 2),
        ("iam:GetAccountAuthorizationDetails", 1),
        ("iam:GetAccountPasswordPolicy", 1),
        ("iam:GetAccountSummary", 1),
        ("iam:GetCredentialReport", 1),
        // That of the trail, that of AWS Config, and that of flow logs.
        ("iam:GetRole", 3),
        ("iam:ListAccountAliases", 1),
        ("iam:ListVirtualMFADevices", 1),
        // By its alias.
        ("kms:DescribeKey", 1),
        ("kms:ListKeys", 3),
        // For the trail, and for flow logs in each region.
        ("logs:DescribeLogGroups", 4),
        // For the trail, for its access log, for AWS Config.
        ("s3:HeadBucket", 3),
        ("sns:GetTopicAttributes", 1),
        ("sns:ListSubscriptionsByTopic", 1),
        ("sns:ListTopics", 3),
        ("sts:GetCallerIdentity", 1),
    ];
    assert_eq!(calls, expected.map(|(call, times)| (call.to_owned(), times)).into());
    world.harden(["plan", "--detailed-exitcode"]).expect(2);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_apply_makes_it_pass_and_a_second_writes_nothing() {
    let world = World::whole_with(SETTINGS).await;
    let assessed = world.json(["assess"]);
    let expected = ["fail", "fail", "not_applicable", "fail", "fail", "fail", "fail"];
    assert_eq!(verdicts(&assessed, &LOGGING), expected, "{assessed:#}");
    assert_eq!(verdict_of_alarms(&assessed), ["fail"]);
    assert_eq!(control(&assessed, "4.3")["verdict"], "fail");

    apply(&world);
    world.harden(["verify", "last"]).expect(0).says("75 of 75 changes stand");
    let assessed = world.json(["assess"]);
    assert_eq!(verdicts(&assessed, &LOGGING), ["pass"; 7], "{assessed:#}");
    assert_eq!(verdict_of_alarms(&assessed), ["pending"]);
    for id in alarms() {
        let waits = "waits until security@acme.dev confirms: harden-alarms in eu-west-1";
        assert_eq!(reason(&assessed, &id), waits);
    }
    assert_eq!(verdicts(&assessed, &["3.15", "4.3"]), ["pass"; 2]);
    nothing_to_do(&world);

    world.account.confirm("eu-west-1", "security@acme.dev");
    let assessed = world.json(["assess"]);
    assert_eq!(verdict_of_alarms(&assessed), ["pass"], "{assessed:#}");
    nothing_to_do(&world);
    read_again_in_few_calls(&world);
}

fn nothing_to_do(world: &World) {
    world.harden(["plan", "--detailed-exitcode"]).expect(0).says("Nothing to change");
    world.account.forget_calls();
    let again = world.json(["apply", "--yes"]);
    assert_eq!(again["outcome"], "nothing_to_do", "{again:#}");
    assert_eq!(world.writes(), Vec::<String>::new());
}

/// What is there is read once too; long lists take a call for each page.
fn read_again_in_few_calls(world: &World) {
    world.account.forget_calls();
    world.harden(["assess", "--control", "2.1-2.7,3.1-3.14"]).expect(0);
    let calls = world.account.calls().into_iter();
    let calls = count(calls.map(|call| format!("{}:{}", call.service, call.operation)));
    let expected = [
        ("cloudwatch:DescribeAlarms", 3),
        ("cloudtrail:DescribeTrails", 3),
        ("cloudtrail:GetEventSelectors", 1),
        ("cloudtrail:GetTrailStatus", 1),
        ("config:DescribeConfigurationRecorderStatus", 3),
        ("config:DescribeConfigurationRecorders", 3),
        ("config:DescribeDeliveryChannels", 3),
        ("ec2:DescribeRegions", 1),
        ("iam:ListAccountAliases", 1),
        ("kms:DescribeKey", 1),
        // A topic may encrypt with the same key.
        ("kms:GetKeyPolicy", 1),
        ("logs:DescribeLogGroups", 1),
        ("logs:DescribeMetricFilters", 4),
        ("s3:GetBucketAcl", 1),
        ("s3:GetBucketLogging", 1),
        ("s3:GetBucketOwnershipControls", 1),
        ("s3:GetBucketPolicy", 1),
        ("s3:GetBucketPolicyStatus", 1),
        ("s3:GetPublicAccessBlock", 1),
        ("s3:HeadBucket", 1),
        ("sns:GetTopicAttributes", 1),
        ("sns:ListSubscriptionsByTopic", 1),
        ("sts:GetCallerIdentity", 1),
    ];
    assert_eq!(calls, expected.map(|(call, times)| (call.to_owned(), times)).into());
}

/// The keys of a region, and what is read of keys that trails may use, taken out of a reading.
fn without_keys(mut reading: Value) -> Value {
    reading["logging"]["keys"] = Value::Null;
    for regional in reading["regional"].as_object_mut().unwrap().values_mut() {
        regional["keys"] = Value::Null;
    }
    reading
}

#[tokio::test(flavor = "multi_thread")]
async fn an_undo_takes_back_all_but_the_key_which_the_next_apply_adopts() {
    let world = World::whole_with(SETTINGS).await;
    let before = world.reading();
    apply(&world);
    world.account.forget_calls();
    let undone = world.json(["undo", "last", "--yes"]);
    assert_eq!(undone["outcome"], "partial", "{undone:#}");
    assert_eq!(outcomes(&undone), [("applied", 72)].into(), "{undone:#}");
    let writes = count(world.writes().into_iter());
    for (call, times) in TAKEN_BACK {
        assert_eq!(writes.get(call).copied().unwrap_or(0), times, "{call}: {writes:#?}");
    }
    assert_eq!(writes.values().sum::<usize>(), 72);
    let stays = left(&undone, "2.7");
    assert_eq!(stays.len(), 2, "{stays:#?}");
    assert!(stays[0].contains("which harden never does: it stays, at 1 USD a month"), "{stays:#?}");
    assert!(stays[1].contains("the key stays, and keeps rotating"), "{stays:#?}");

    let after = world.reading();
    assert_eq!(without_keys(after.clone()), without_keys(before));
    let keys = |reading: &Value| {
        let keys = reading["regional"]["eu-west-1"]["keys"]["known"].as_object().unwrap();
        keys.keys().cloned().collect::<Vec<String>>()
    };
    let key = keys(&after);
    assert_eq!(key.len(), 1);

    world.account.forget_calls();
    apply_part(&world);
    assert!(world.writes().contains(&"kms:CreateAlias".to_owned()), "{:?}", world.writes());
    assert!(!world.writes().contains(&"kms:CreateKey".to_owned()), "{:?}", world.writes());
    assert_eq!(keys(&world.reading()), key);
    let assessed = world.json(["assess", "--control", PART]);
    assert_eq!(verdicts(&assessed, &LOGGING), ["pass"; 7], "{assessed:#}");
    // This time there is nothing that has to stay.
    let undone = world.json(["undo", "last", "--yes"]);
    assert_eq!(undone["outcome"], "complete", "{undone:#}");
    assert_eq!(world.reading(), after);
}

/// One alarm stands for all: what they rest on is the same.
const PART: &str = "2.1-2.7,3.4";

/// Applies all that alarms rest on, and one of them.
fn apply_part(world: &World) {
    let result = world.json(["apply", "--control", PART, "--yes"]);
    assert_eq!(result["outcome"], "complete", "{result:#}");
}

/// Takes a run back after which a log file has come to the bucket of the trail.
async fn undone_with_a_log(world: &World) -> String {
    apply_part(world);
    let bucket = format!("harden-trail-{}-eu-west-1", world.account.id);
    let s3 = world.account.s3("eu-west-1");
    let log = s3.put_object().bucket(&bucket).key("AWSLogs/1.json.gz");
    log.body(ByteStream::from_static(b"{}")).send().await.unwrap();
    let undone = world.harden(["undo", "last", "--yes"]).expect(3);
    undone
        .says("1 failed; 2 stay, for the reasons above.")
        .says("BucketNotEmpty: it holds objects, and harden deletes none");
    bucket
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_logs_have_come_to_stays() {
    let world = World::whole_with(SETTINGS).await;
    let bucket = undone_with_a_log(&world).await;
    let s3 = world.account.s3("eu-west-1");
    let block = s3.get_public_access_block().bucket(&bucket).send().await;
    assert!(block.is_ok(), "it is there, and as closed as before");
    let logging = s3.get_bucket_logging().bucket(&bucket).send().await.unwrap();
    assert_eq!(logging.logging_enabled, None, "nor does it log into a bucket that is gone");
    assert!(s3.get_bucket_policy().bucket(&bucket).send().await.is_err(), "it had none");
    // All else is gone.
    let reading = world.reading();
    assert_eq!(reading["logging"]["trails"], json!({}));
    let buckets = reading["logging"]["buckets"].as_object().unwrap().iter();
    let there = buckets.filter(|(_, bucket)| bucket["known"] != "absent");
    assert_eq!(there.map(|(name, _)| name).collect::<Vec<_>>(), [&bucket]);
}

#[tokio::test(flavor = "multi_thread")]
async fn first_deliveries_are_pending() {
    let world = World::whole_with(SETTINGS).await;
    world.account.settle(json!({ "delivery_seconds": null }));
    apply_part(&world);
    let assessed = world.json(["assess", "--control", PART]);
    let expected = ["pass", "pass", "pass", "pending", "pending", "pass", "pass"];
    assert_eq!(verdicts(&assessed, &LOGGING), expected, "{assessed:#}");
    let waits = "waits for the first delivery to CloudWatch Logs: harden in eu-west-1";
    assert_eq!(reason(&assessed, "2.4"), waits);
    assert_eq!(verdicts(&assessed, &["3.4"]), ["pending"]);
    world.harden(["plan", "--control", PART, "--detailed-exitcode"]).expect(0);
}

/// Taken back, and then the taking back is taken back.
fn put_again(world: &World, controls: &str) {
    let before = world.reading();
    let result = world.json(["apply", "--control", controls, "--yes"]);
    assert_eq!(result["outcome"], "complete", "{result:#}");
    let done = world.reading();
    let undone = world.json(["undo", "last", "--yes"]);
    assert_eq!(undone["outcome"], "complete", "{undone:#}");
    same(&world.reading(), &before);
    let again = world.json(["undo", &world.last_run(), "--yes"]);
    assert_eq!(again["outcome"], "complete", "{again:#}");
    same(&world.reading(), &done);
}

#[tokio::test(flavor = "multi_thread")]
async fn recorders_that_were_taken_back_are_put_again_by_another_undo() {
    put_again(&World::whole().await, "2.5");
}

#[tokio::test(flavor = "multi_thread")]
async fn flow_logs_that_were_taken_back_are_put_again_by_another_undo() {
    put_again(&World::whole().await, "4.3");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trail_that_was_taken_back_is_put_again_by_another_undo() {
    put_again(&World::whole().await, "2.1,2.2,2.6");
}

/// All that has a place is where the session is, and global types are recorded there.
async fn from(region: &'static str) {
    let mut world = World::whole_with(SETTINGS).await;
    world.region = region;
    let before = world.reading();
    apply_part(&world);
    world.account.confirm(region, "security@acme.dev");
    let assessed = world.json(["assess", "--control", PART]);
    assert_eq!(verdicts(&assessed, &LOGGING), ["pass"; 7], "{assessed:#}");
    assert_eq!(verdicts(&assessed, &["3.4"]), ["pass"], "{assessed:#}");
    let reading = world.reading();
    let trails = reading["logging"]["trails"].as_object().unwrap();
    assert_eq!(trails.values().next().unwrap()["home"], region);
    for bucket in reading["logging"]["buckets"].as_object().unwrap().values() {
        assert_eq!(bucket["known"]["ours"]["region"], region, "{bucket:#}");
    }
    for one in REGIONS {
        let recorder = &reading["regional"][one]["recorders"]["known"]["default"];
        assert_eq!(recorder["global_types"], one == region, "{one}: {recorder:#}");
    }
    world.harden(["plan", "--control", PART, "--detailed-exitcode"]).expect(0);
    world.harden(["undo", "last", "--yes"]).expect(3);
    assert_eq!(without_keys(world.reading()), without_keys(before));
}

#[tokio::test(flavor = "multi_thread")]
async fn from_us_east_1() {
    from("us-east-1").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn from_ap_south_1() {
    from("ap-south-1").await;
}

/// What a baseline calls things is looked for by a snapshot too: the plan on it is the one of the account.
#[tokio::test(flavor = "multi_thread")]
async fn a_saved_snapshot_knows_the_names_of_the_baseline() {
    let settings = r#"
[trail]
name = "acme"
bucket = "acme-trail-{account}"
access_log_bucket = "acme-access-{account}-{region}"
log_group = "acme/trail"
role = "acme-trail"
key_alias = "alias/acme-trail"
[config]
bucket = "acme-config-{account}"
[monitoring]
topic = "acme-alarms"
namespace = "Acme"
notify = ["email:security@acme.dev"]
"#;
    let world = World::whole_with(settings).await;
    let path = world.path("account.json");
    let file = path.to_str().unwrap();
    world.harden(["snapshot", "--out", file]).expect(0);
    let live = world.json(["plan"]);
    let saved = world.json(["plan", "--snapshot", file]);
    assert_eq!(saved["changes"], live["changes"]);
    assert_eq!(saved["not_planned"], live["not_planned"]);
    let named = operations(&live).get("put-metric-alarm").copied();
    assert_eq!(named, Some(14));
    assert!(!live["changes"].to_string().contains("harden-trail"), "{:#}", live["changes"]);

    apply_part(&world);
    world.harden(["plan", "--control", PART, "--detailed-exitcode"]).expect(0);
    world.harden(["undo", "last", "--yes"]).expect(3);
}
