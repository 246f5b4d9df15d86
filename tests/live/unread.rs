//! x
use serde_json::json;
use crate::answers::*;
use crate::support::alarms::{alarm, filter, heard};
use crate::support::logging::{HOME, good_trail, recorder};
use crate::world::{REGIONS, World};
const TRAIL_CHANGES: &str = "{ $.eventName = *Trail || $.eventName = *Logging }";

async fn good() -> World {
    let world = World::whole().await;
    let account = &world.account;
    good_trail(account, "main").await;
    for region in REGIONS {
        recorder(account, region, region == HOME).await;
    }
    filter(account, "main", "trails", TRAIL_CHANGES, "Trails").await;
    let topic = heard(account, HOME, "security", "security@acme.dev").await;
    alarm(account, "bell", "Trails", &topic).send().await.unwrap();
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn explore() {
    let good = good().await;
    let empty = World::whole_with("[monitoring]\nnotify = [\"email:security@acme.dev\"]\n").await;
    let cs = "2.1-2.7,3.5,3.16";
    for (service, operation, region) in [
        ("x", "x", "x"),
        ("cloudtrail", "DescribeTrails", "eu-west-1"),
        ("cloudtrail", "DescribeTrails", "ap-south-1"),
        ("cloudtrail", "GetTrailStatus", "eu-west-1"),
        ("cloudtrail", "GetEventSelectors", "eu-west-1"),
        ("config", "DescribeConfigurationRecorders", "ap-south-1"),
        ("config", "DescribeConfigurationRecorders", "eu-west-1"),
        ("config", "DescribeConfigurationRecorderStatus", "ap-south-1"),
        ("config", "DescribeDeliveryChannels", "ap-south-1"),
        ("logs", "DescribeMetricFilters", "eu-west-1"),
        ("logs", "DescribeLogGroups", "eu-west-1"),
        ("cloudwatch", "DescribeAlarms", "eu-west-1"),
        ("sns", "ListTopics", "us-east-1"),
        ("sns", "GetTopicAttributes", "eu-west-1"),
        ("sns", "ListSubscriptionsByTopic", "eu-west-1"),
        ("kms", "GetKeyPolicy", "us-east-1"),
        ("kms", "DescribeKey", "us-east-1"),
        ("kms", "DescribeKey", "eu-west-1"),
        ("kms", "ListKeys", "eu-west-1"),
        ("iam", "GetRole", "eu-west-1"),
        ("s3", "HeadBucket", "eu-west-1"),
        ("s3", "HeadBucket", "us-east-1"),
        ("s3", "GetBucketPolicy", "us-east-1"),
    ] {
        println!("\n#### {operation} {region}");
        for (what, world) in [("good", &good), ("empty", &empty)] {
            world.account.no_faults();
            world.account.fault(json!({"service": service, "operation": operation, "region": region, "kind": "deny"}));
            let assessed = world.json(["assess", "--control", cs]);
            for c in assessed["controls"].as_array().unwrap() {
                if c["verdict"] == "unknown" { println!("  {what} {} {} {}", c["id"], c["reason"], c["findings"]); }
                else if (what == "good") != (c["verdict"] == "pass") && c["id"] != "3.16" { println!("  {what} {} {} {}", c["id"], c["verdict"], c["findings"]); }
            }
            let plan = world.json(["plan", "--control", cs]);
            if what == "good" { println!("  {what} {:?}", changes(&plan)); }
            else { println!("  {what} {:?}", operations(&plan)); }
            for n in plan["not_planned"].as_array().unwrap() { println!("  {what} NP {} {} {} {} {}", n["control"], n["why"], n["resource"], n["region"], n["detail"]); }
        }
    }
}
