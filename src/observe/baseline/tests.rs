use jiff::Timestamp;

use super::*;
use crate::aws::fake::{Fake, fake};
use crate::model::{KeyId, PolicyText, Settings, Snapshot};
use crate::observe::observe;

const TRAIL_KEY: &str = "arn:aws:kms:us-west-2:111122223333:key/1";
const ALIAS_KEY: &str = "arn:aws:kms:us-west-2:111122223333:key/2";
const LEFT_KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/3";

/// A trail of eu-west-1 with key `1` and its bucket `logs` in us-west-2, where AWS Config delivers to
/// `history` and the alias names `2`. In eu-west-1 an undo has left `3`.
fn account(request: &str) -> (u16, String) {
    let (_, body) = request.split_once("\r\n\r\n").unwrap();
    let asked = |action: &str| request.contains(&format!(".{action}\r\n"));
    let far = request.contains("/us-west-2/");
    let key = |arn: &str, description: &str| {
        let (_, id) = arn.split_once('/').unwrap();
        let names = format!(r#""KeyId":"{id}","Arn":"{arn}","Description":"{description}""#);
        let what = r#""KeySpec":"SYMMETRIC_DEFAULT","Origin":"AWS_KMS""#;
        let rest = format!(r#"{what},"KeyManager":"CUSTOMER","KeyState":"Enabled""#);
        format!(r#"{{"KeyMetadata":{{{names},{rest}}}}}"#)
    };
    let json = if request.starts_with("HEAD /logs/") {
        let status = if far { 200 } else { 301 };
        return (status, "x-amz-bucket-region: us-west-2\r\n\r\n".to_owned());
    } else if request.starts_with("HEAD /history/") {
        return (200, "x-amz-bucket-region: us-west-2\r\n\r\n".to_owned());
    } else if request.starts_with("HEAD") {
        return (404, String::new());
    } else if request.contains("?policy") {
        let error = "<Error><Code>NoSuchBucketPolicy</Code></Error>";
        return (404, error.to_owned());
    } else if asked("DescribeTrails") {
        let trail = format!(
            r#"{{"TrailARN":"arn:aws:cloudtrail:eu-west-1:111122223333:trail/main","Name":"main",
                    "HomeRegion":"eu-west-1","S3BucketName":"logs","KmsKeyId":"{TRAIL_KEY}"}}"#
        );
        format!(r#"{{"trailList":[{trail}]}}"#)
    } else if asked("DescribeDeliveryChannels") {
        let channel = r#"{"name":"default","s3BucketName":"history"}"#;
        format!(r#"{{"DeliveryChannels":[{}]}}"#, if far { channel } else { "" })
    } else if asked("ListKeys") {
        format!(r#"{{"Keys":[{}]}}"#, if far { "" } else { r#"{"KeyId":"3"}"# })
    } else if asked("GetKeyRotationStatus") {
        r#"{"KeyRotationEnabled":true}"#.to_owned()
    } else if asked("GetKeyPolicy") {
        let id = if body.contains("key/1") { "of 1" } else { "of another" };
        format!(r#"{{"Policy":"{id}"}}"#)
    } else if asked("DescribeKey") && body.contains("key/1") {
        key(TRAIL_KEY, "")
    } else if asked("DescribeKey") && body.contains("alias/") && far {
        key(ALIAS_KEY, "")
    } else if asked("DescribeKey") && body.contains(r#""3""#) {
        key(LEFT_KEY, TRAIL_KEY_DESCRIPTION)
    } else if asked("DescribeKey") {
        return (400, r#"{"__type":"NotFoundException"}"#.to_owned());
    } else {
        return (403, r#"{"__type":"AccessDeniedException"}"#.to_owned());
    };
    (200, json)
}

async fn read(fake: &Fake, reads: &[Read]) -> Snapshot {
    let request = Request {
        reads: reads.iter().copied().collect(),
        regions: Some(["eu-west-1", "us-west-2"].map(Region::new).into()),
        settings: Settings::default(),
        version: "0.1.0".to_owned(),
        taken_at: Timestamp::UNIX_EPOCH,
    };
    observe(&fake.session, &fake.clients, &request, &|_| ()).await.unwrap()
}

fn names(snapshot: &Snapshot) -> Vec<&str> {
    snapshot.logging.buckets.keys().map(BucketName::as_str).collect()
}

#[tokio::test]
async fn every_bucket_that_a_plan_may_use_is_read_once() {
    let fake = fake(account);
    let reads = [
        Read::Trails,
        Read::Buckets,
        Read::BucketPolicy,
        Read::DeliveryChannels,
        Read::BaselineBuckets,
    ];
    let snapshot = read(&fake, &reads).await;
    let expected = [
        "harden-access-logs-111122223333-eu-west-1",
        "harden-access-logs-111122223333-us-west-2",
        "harden-config-111122223333-eu-west-1",
        "harden-trail-111122223333-eu-west-1",
        "history",
        "logs",
    ];
    assert_eq!(names(&snapshot), expected);
    let logging = &snapshot.logging;
    for planned in &expected[..4] {
        let bucket = logging.bucket(&BucketName::new(*planned)).unwrap();
        assert_eq!(*bucket, Bucket::Absent);
    }
    for ours in &expected[4..] {
        let Ok(Bucket::Ours(own)) = logging.bucket(&BucketName::new(*ours)) else { panic!() };
        assert_eq!(own.region, Region::new("us-west-2"));
        assert_eq!(own.policy, Observed::Known(None));
        assert_eq!(own.acl, Observed::Unread);
    }
    // One is looked for in a wrong region first.
    assert_eq!(fake.requests("HEAD /").len(), expected.len() + 1);
    assert_eq!(fake.requests("?policy").len(), 2);
    assert!(snapshot.regional.values().all(|regional| regional.aliases.is_empty()));
}

#[tokio::test]
async fn buckets_are_read_without_trails_too() {
    let fake = fake(account);
    let snapshot = read(&fake, &[Read::DeliveryChannels, Read::BaselineBuckets]).await;
    assert_eq!(names(&snapshot).len(), 4);
    assert_eq!(fake.requests("DescribeTrails").len(), 0);
    let snapshot = read(&fake, &[Read::Trails, Read::DeliveryChannels]).await;
    assert_eq!(names(&snapshot), ["logs"]);
    assert_eq!(snapshot.logging.buckets[&BucketName::new("logs")], Observed::Unread);
}

#[tokio::test]
async fn keys_are_read_where_buckets_are_with_their_policies() {
    let fake = fake(account);
    let reads = [
        Read::Trails,
        Read::TrailKeys,
        Read::Buckets,
        Read::Keys,
        Read::BaselineKeys,
        Read::KeyPolicies,
    ];
    let snapshot = read(&fake, &reads).await;
    let alias = |region: &str| {
        let aliases = &snapshot.regional[&Region::new(region)].aliases;
        aliases["alias/harden-cloudtrail"].clone()
    };
    assert_eq!(alias("us-west-2"), Observed::Known(Some(KeyId::new("2"))));
    assert_eq!(alias("eu-west-1"), Observed::Known(None));
    let policies = [TRAIL_KEY, ALIAS_KEY, LEFT_KEY].map(|arn| {
        let key = snapshot.logging.key(&KeyArn::new(arn)).unwrap().unwrap();
        assert!(key.customer_managed);
        key.policy.ok().unwrap().as_str()
    });
    assert_eq!(policies, ["of 1", "of another", "of another"]);
    assert_eq!(snapshot.logging.keys.len(), 3);
    assert_eq!(fake.requests("TrentService.GetKeyPolicy").len(), 3);
    // Two aliases, the key of the trail, the one key that is listed.
    assert_eq!(fake.requests("TrentService.DescribeKey").len(), 4);
}

#[tokio::test]
async fn what_is_denied_is_denied_of_each_thing() {
    let closed = fake(|request| {
        if request.contains("TrentService") {
            (400, r#"{"__type":"AccessDeniedException","message":"no"}"#.to_owned())
        } else {
            (403, String::new())
        }
    });
    let reads = [Read::BaselineBuckets, Read::BaselineKeys, Read::Keys];
    let snapshot = read(&closed, &reads).await;
    assert_eq!(names(&snapshot).len(), 3);
    assert!(snapshot.logging.buckets.values().all(Observed::is_gap));
    let home = &snapshot.regional[&Region::new("eu-west-1")];
    assert!(home.aliases.values().all(Observed::is_gap));
    assert_eq!(home.aliases.len(), 1);
}

#[tokio::test]
async fn policies_are_read_as_values() {
    let fake = fake(account);
    let snapshot = read(&fake, &[Read::Trails, Read::TrailKeys, Read::KeyPolicies]).await;
    let key = snapshot.logging.key(&KeyArn::new(TRAIL_KEY)).unwrap().unwrap();
    assert_eq!(key.policy, Observed::Known(PolicyText::new("of 1")));
    let snapshot = read(&fake, &[Read::Trails, Read::TrailKeys, Read::BaselineKeys]).await;
    let key = snapshot.logging.key(&KeyArn::new(TRAIL_KEY)).unwrap().unwrap();
    assert_eq!(key.policy, Observed::Unread);
}
