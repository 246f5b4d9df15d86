//! 4.3 in all regions, and as people leave it.

use std::time::{Duration, Instant};

use aws_sdk_ec2::types::{FlowLog, FlowLogsResourceType, LogDestinationType, TrafficType};
use serde_json::{Value, json};

use crate::answers::{
    control, count, errors, findings, left, notes, operations, outcomes, reason, same, verdicts,
};
use crate::faults::wait_for_write;
use crate::support::account::Account;
use crate::trip::Trip;
use crate::world::{Answer, REGIONS, World};

const HOME: &str = REGIONS[0];
const OTHER: &str = REGIONS[1];

/// The VPC that AWS makes in each region.
async fn vpc(account: &Account, region: &str) -> String {
    let all = account.ec2(region).describe_vpcs().send().await.unwrap();
    let [one] = all.vpcs() else { panic!("{all:?}") };
    one.vpc_id().unwrap().to_owned()
}

/// The regions in the order of plans, each with its VPC.
async fn vpcs(account: &Account) -> Vec<(&'static str, String)> {
    let mut regions = REGIONS;
    regions.sort_unstable();
    let mut all = Vec::new();
    for region in regions {
        all.push((region, vpc(account, region).await));
    }
    all
}

/// A flow log that delivers to a bucket of that name.
async fn to_bucket(
    account: &Account,
    region: &str,
    resource: &str,
    traffic: TrafficType,
) -> String {
    let name = format!("flow-{region}-{}", account.id);
    account.s3("us-east-1").create_bucket().bucket(&name).send().await.unwrap();
    let kind = if resource.starts_with("vpc-") {
        FlowLogsResourceType::Vpc
    } else {
        FlowLogsResourceType::Subnet
    };
    let call = account.ec2(region).create_flow_logs().resource_ids(resource).resource_type(kind);
    let call = call.traffic_type(traffic).log_destination_type(LogDestinationType::S3);
    let made = call.log_destination(format!("arn:aws:s3:::{name}")).send().await.unwrap();
    made.flow_log_ids()[0].clone()
}

/// A role that flow logs may take on, and that may do this in CloudWatch Logs.
pub(crate) async fn role(account: &Account, name: &str, action: &str) -> String {
    let iam = account.iam("us-east-1");
    let trust = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Service": "vpc-flow-logs.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }]});
    let call = iam.create_role().role_name(name).assume_role_policy_document(trust.to_string());
    let role = call.send().await.unwrap().role.unwrap();
    let may = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": action, "Resource": "*",
    }]});
    let call = iam.put_role_policy().role_name(name).policy_name("theirs");
    call.policy_document(may.to_string()).send().await.unwrap();
    role.arn
}

/// A flow log that delivers to a log group.
async fn to_group(
    account: &Account,
    (region, vpc): (&str, &str),
    group: &str,
    role: &str,
    traffic: TrafficType,
) -> String {
    let call = account.ec2(region).create_flow_logs().resource_ids(vpc).log_group_name(group);
    let call = call.resource_type(FlowLogsResourceType::Vpc).traffic_type(traffic);
    let made = call.deliver_logs_permission_arn(role).send().await.unwrap();
    made.flow_log_ids().first().unwrap_or_else(|| panic!("{made:?}")).clone()
}

async fn shown(account: &Account, region: &str) -> Vec<FlowLog> {
    account.ec2(region).describe_flow_logs().send().await.unwrap().flow_logs.unwrap_or_default()
}

/// What is planned where there is nothing yet.
fn everything(vpcs: &[(&str, String)]) -> Vec<String> {
    let role = ["create-role harden-flow-logs", "put-role-policy harden-flow-logs"];
    let groups = vpcs.iter().flat_map(|_| {
        ["create-log-group harden/flow-logs", "put-retention-policy harden/flow-logs"]
    });
    let logs = vpcs.iter().map(|(_, vpc)| format!("create-flow-logs {vpc}"));
    role.into_iter().chain(groups).map(ToOwned::to_owned).chain(logs).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_vpc_of_each_region_gets_one_and_an_undo_takes_them_back() {
    let world = World::whole().await;
    let vpcs = vpcs(&world.account).await;
    let assessed = world.json(["assess", "--control", "4.3"]);
    let told = |(region, vpc): &(&str, String)| format!("{region} {vpc}: has no flow log");
    assert_eq!(findings(&assessed, "4.3"), vpcs.iter().map(told).collect::<Vec<_>>());
    let expected = everything(&vpcs);
    let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    let trip = Trip::there(&world, "4.3", &expected);
    assert_eq!(verdicts(&trip.assessed, &["4.3"]), ["pass"], "{:#}", trip.assessed);
    for (region, vpc) in &vpcs {
        let logs = shown(&world.account, region).await;
        let [log] = &logs[..] else { panic!("{logs:?}") };
        assert_eq!(log.resource_id(), Some(vpc.as_str()));
        assert_eq!(log.traffic_type(), Some(&TrafficType::Reject));
        assert_eq!(log.deliver_logs_status(), Some("SUCCESS"));
        assert_eq!(log.max_aggregation_interval(), Some(600));
        let group =
            format!("arn:aws:logs:{region}:{}:log-group:harden/flow-logs", world.account.id);
        assert_eq!(log.log_destination(), Some(group.as_str()));
        assert!(log.tags().iter().any(|tag| tag.key() == Some("harden:baseline")));
    }
    trip.back();
    for (region, _) in &vpcs {
        assert_eq!(shown(&world.account, region).await, []);
    }
}

/// Where there are no VPCs, nothing is looked for and nothing is made.
#[tokio::test(flavor = "multi_thread")]
async fn a_region_without_a_vpc_asks_for_nothing() {
    let world = World::whole().await;
    let account = &world.account;
    for region in [HOME, OTHER] {
        let vpc = vpc(account, region).await;
        let ec2 = account.ec2(region);
        let subnets = ec2.describe_subnets().into_paginator().items().send();
        for subnet in subnets.try_collect().await.unwrap() {
            ec2.delete_subnet().subnet_id(subnet.subnet_id.unwrap()).send().await.unwrap();
        }
        ec2.delete_vpc().vpc_id(vpc).send().await.unwrap();
    }
    account.forget_calls();
    let plan = world.json(["plan", "--control", "4.3"]);
    let calls = count(account.calls().into_iter().map(|call| call.operation));
    let expected = [
        ("DescribeFlowLogs", 3),
        ("DescribeLogGroups", 1),
        ("DescribeRegions", 1),
        ("DescribeVpcs", 3),
        ("GetCallerIdentity", 1),
        ("GetRole", 1),
        ("ListAccountAliases", 1),
    ];
    assert_eq!(calls, expected.map(|(call, times)| (call.to_owned(), times)).into());
    assert_eq!(operations(&plan)["create-flow-logs"], 1, "{plan:#}");
    assert_eq!(operations(&plan)["create-log-group"], 1, "{plan:#}");
    let narrow = ["assess", "--control", "4.3", "--regions", "eu-west-1,us-east-1"];
    let assessed = world.json(narrow);
    assert_eq!(verdicts(&assessed, &["4.3"]), ["not_applicable"]);
    assert_eq!(
        reason(&assessed, "4.3"),
        "the account has no VPC of its own in the regions that were read"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn shared_vpcs_are_left_to_their_owner() {
    let world = World::whole().await;
    let vpcs = vpcs(&world.account).await;
    let shared = |vpcs: &[(&str, String)]| {
        let owners = vpcs.iter().map(|(_, vpc)| (vpc.clone(), json!("444455556666")));
        world.account.settle(json!({ "shared_vpcs": owners.collect::<serde_json::Map<_, _>>() }));
    };
    shared(&vpcs[..1]);
    let expected = everything(&vpcs[1..]);
    let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    let trip = Trip::there(&world, "4.3", &expected);
    assert_eq!(verdicts(&trip.assessed, &["4.3"]), ["pass"], "{:#}", trip.assessed);
    let (region, vpc) = &vpcs[0];
    let told = format!("{vpc} in {region} belongs to another account");
    assert!(notes(&trip.assessed, "4.3").starts_with(&told), "{:#}", trip.assessed);
    shared(&vpcs);
    let assessed = world.json(["assess", "--control", "4.3"]);
    assert_eq!(verdicts(&assessed, &["4.3"]), ["not_applicable"]);
}

/// What records already is good enough, however it does; what does not is left as it is, and another is made.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_there_is_never_changed() {
    let world = World::whole().await;
    let account = &world.account;
    let vpcs = vpcs(account).await;
    let [(first, one), (second, two), (third, three)] = &vpcs[..] else { panic!() };
    let blind = role(account, "blind", "s3:ListAllMyBuckets").await;
    let broken = to_group(account, (first, one), "theirs", &blind, TrafficType::All).await;
    let good = to_bucket(account, second, two, TrafficType::Accept).await;
    let subnets = account.ec2(third).describe_subnets().send().await.unwrap();
    let part = subnets.subnets()[0].subnet_id().unwrap();
    to_bucket(account, third, part, TrafficType::All).await;

    let assessed = world.json(["assess", "--control", "4.3"]);
    let expected = [
        format!("{first} {one}: its flow log {broken} delivers nothing: Access error"),
        format!("{third} {three}: has no flow log"),
    ];
    assert_eq!(findings(&assessed, "4.3"), expected);
    let told = format!("{two} in {second} has a flow log of accepted traffic alone");
    assert!(notes(&assessed, "4.3").starts_with(&told), "{assessed:#}");

    let expected = everything(&[vpcs[0].clone(), vpcs[2].clone()]);
    let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    let trip = Trip::there(&world, "4.3", &expected);
    assert_eq!(verdicts(&trip.assessed, &["4.3"]), ["pass"], "{:#}", trip.assessed);
    let ids = async |region: &str| -> Vec<String> {
        let logs = shown(account, region).await;
        logs.iter().map(|log| log.flow_log_id().unwrap().to_owned()).collect()
    };
    assert!(ids(first).await.contains(&broken));
    assert_eq!(ids(second).await, [good]);
    trip.back();
    assert_eq!(ids(first).await, [broken]);
}

/// One that is broken and delivers to the same group is in the way, and a person has to look.
#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_in_the_way_is_told_of() {
    let world = World::whole().await;
    let account = &world.account;
    let vpc = vpc(account, HOME).await;
    let blind = role(account, "blind", "s3:ListAllMyBuckets").await;
    let there = (HOME, vpc.as_str());
    let id = to_group(account, there, "harden/flow-logs", &blind, TrafficType::All).await;
    let plan = world.json(["plan", "--control", "4.3", "--regions", HOME]);
    assert_eq!(plan["changes"], json!([]), "{plan:#}");
    let told = format!("manual {vpc}: its flow log {id} delivers nothing: Access error.");
    assert!(left(&plan, "4.3")[0].starts_with(&told), "{plan:#}");
}

/// EC2 answers with success, and says in the answer what it did not do.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_unsuccessful_inside_a_success_has_failed_and_the_others_stand() {
    let world = World::whole().await;
    let account = &world.account;
    let path = world.path("plan.json");
    let file = path.to_str().unwrap();
    world.harden(["plan", "--control", "4.3", "--out", file]).expect(0);
    // Meanwhile somebody makes one that records something else and delivers to the same.
    let vpc = vpc(account, HOME).await;
    let theirs = role(account, "theirs", "logs:*").await;
    let there = (HOME, vpc.as_str());
    to_group(account, there, "harden/flow-logs", &theirs, TrafficType::Accept).await;
    account.forget_calls();
    let result = world.json(["apply", file, "--yes"]);
    assert_eq!(result["outcome"], "partial", "{result:#}");
    assert_eq!(outcomes(&result), [("applied", 10), ("failed", 1)].into(), "{result:#}");
    let told = "FlowLogAlreadyExists: Error. There is an existing Flow Log with the same configuration \
                and log destination.";
    assert_eq!(errors(&result), told);
    let creates = account.calls().into_iter().filter(|call| call.operation == "CreateFlowLogs");
    assert!(
        creates.map(|call| call.succeeded).eq([true; 3]),
        "each of them is answered with success"
    );
    let failed =
        result["changes"].as_array().unwrap().iter().find(|one| one["outcome"] == "failed");
    let failed = failed.unwrap()["id"].as_str().unwrap();
    assert_eq!(failed, format!("create-flow-logs/{HOME}/{vpc}"));
    for region in REGIONS {
        assert_eq!(shown(account, region).await.len(), 1, "{region}");
    }
    world.harden(["undo", "last", "--yes"]).expect(0);
    for (region, remain) in REGIONS.into_iter().zip([1, 0, 0]) {
        assert_eq!(shown(account, region).await.len(), remain, "{region}");
    }
}

/// The answer to the call is lost, or AWS does not know the role yet.
#[tokio::test(flavor = "multi_thread")]
async fn each_is_made_once_come_what_may() {
    let world = World::whole().await;
    let account = &world.account;
    let before = world.reading();
    account.settle(json!({ "propagation": { "role": 3 } }));
    for kind in ["drop_after", "drop_before", "throttle", "error500"] {
        let fault = json!({
            "operation": "CreateFlowLogs", "region": HOME, "kind": kind, "times": 1,
        });
        account.fault(fault);
    }
    account.forget_calls();
    let result = world.json(["apply", "--control", "4.3", "--yes"]);
    assert_eq!(result["outcome"], "complete", "{result:#}");
    assert_eq!(outcomes(&result), [("applied", 11)].into(), "{result:#}");
    for region in REGIONS {
        assert_eq!(shown(account, region).await.len(), 1, "{region}");
    }
    // The role was refused, and tried again.
    let calls = account.calls().into_iter().filter(|call| call.operation == "CreateFlowLogs");
    let refused = calls.filter(|call| !call.succeeded && call.region == OTHER).count();
    assert!(refused > 0, "{:?}", account.calls());

    for kind in ["drop_after", "drop_before", "error500"] {
        let fault = json!({
            "operation": "DeleteFlowLogs", "region": HOME, "kind": kind, "times": 1,
        });
        account.fault(fault);
    }
    let undone = world.json(["undo", "last", "--yes"]);
    assert_eq!(undone["outcome"], "complete", "{undone:#}");
    same(&world.reading(), &before);
}

/// Somebody deletes the VPC just before its flow log is made.
#[tokio::test(flavor = "multi_thread")]
async fn a_vpc_that_is_gone_fails_alone() {
    let world = World::whole().await;
    let account = &world.account;
    let fault = json!({
        "operation": "CreateFlowLogs", "region": HOME, "kind": "delay", "seconds": 3,
    });
    account.fault(fault);
    let made = account.ec2(HOME).create_vpc().cidr_block("10.9.0.0/16").send().await.unwrap();
    let own = made.vpc.unwrap().vpc_id.unwrap();
    account.forget_calls();
    let child = world.start(["apply", "--control", "4.3", "--regions", HOME, "--yes"]);
    wait_for_write(&world, "logs:PutRetentionPolicy");
    account.ec2(HOME).delete_vpc().vpc_id(&own).send().await.unwrap();
    let begun = Instant::now();
    let answer: Answer = child.wait_with_output().unwrap().into();
    // The role is new, and this is none of its faults: it is not waited for.
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    answer.expect(3).says(&own).says("5 applied").says("1 failed");
    assert_eq!(shown(account, HOME).await.len(), 1);
}

/// What cannot be read is unknown there, and nothing is made because of it.
/// The tests' session is of role `engineer`: what it may do is not changed, not even added to.
#[tokio::test(flavor = "multi_thread")]
async fn the_role_that_harden_runs_as_is_left_alone() {
    let settings = "[flow_logs]\nrole = \"engineer\"\n[trail]\nrole = \"engineer\"\n";
    let world = World::whole_with(settings).await;
    let iam = world.account.iam("us-east-1");
    let statement = |who: &str| {
        json!({
            "Effect": "Allow", "Principal": {"Service": format!("{who}.amazonaws.com")},
            "Action": "sts:AssumeRole",
        })
    };
    let statements = [statement("vpc-flow-logs"), statement("cloudtrail")];
    let trust = json!({"Version": "2012-10-17", "Statement": statements});
    let call = iam.create_role().role_name("engineer");
    call.assume_role_policy_document(trust.to_string()).send().await.unwrap();
    let plan = world.json(["plan", "--control", "2.1,2.4,4.3"]);
    assert!(!operations(&plan).keys().any(|name| name.contains("role")), "{plan:#}");
    for (control, setting) in [("2.4", "trail.role"), ("4.3", "flow_logs.role")] {
        let told = left(&plan, control);
        let words = format!(
            ": harden runs as role engineer, and leaves whoever runs it alone: name another in `{setting}`"
        );
        assert!(told[0].starts_with("self ") && told[0].contains(&words), "{told:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_denied_is_unknown_and_not_made() {
    let world = World::whole().await;
    let account = &world.account;
    let deny = |operation: &str| {
        account.no_faults();
        account.fault(json!({ "operation": operation, "region": OTHER, "kind": "deny" }));
    };
    let made = |plan: &Value| operations(plan).get("create-flow-logs").copied().unwrap_or(0);
    for operation in ["DescribeVpcs", "DescribeFlowLogs"] {
        deny(operation);
        let told = format!("ec2:{operation} is denied: {OTHER}");
        let assessed = world.json(["assess", "--control", "4.3", "--regions", OTHER]);
        assert_eq!(control(&assessed, "4.3")["verdict"], "unknown", "{assessed:#}");
        assert_eq!(reason(&assessed, "4.3"), told);
        let plan = world.json(["plan", "--control", "4.3"]);
        assert_eq!(made(&plan), 2, "{plan:#}");
        assert_eq!(left(&plan, "4.3"), [format!("unknown -: {told}")]);
    }
    deny("DescribeLogGroups");
    let plan = world.json(["plan", "--control", "4.3"]);
    assert_eq!((made(&plan), operations(&plan)["create-log-group"]), (2, 2), "{plan:#}");
    assert!(
        left(&plan, "4.3")[0].contains("log group harden/flow-logs in us-east-1 could not be read")
    );
    account.no_faults();
    account.fault(json!({ "operation": "GetRole", "kind": "deny" }));
    let plan = world.json(["plan", "--control", "4.3"]);
    assert_eq!(plan["changes"], json!([]), "{plan:#}");
    assert_eq!(left(&plan, "4.3").len(), 3, "{plan:#}");
}

/// What the baseline says of it is what is made.
#[tokio::test(flavor = "multi_thread")]
async fn settings_are_kept_to() {
    let settings = "[flow_logs]\ntraffic = \"all\"\nlog_group = \"/acme/flow\"\nretention_days = 30\n\
                    role = \"acme-flow\"\n";
    let world = World::whole_with(settings).await;
    let account = &world.account;
    let result = world.json(["apply", "--control", "4.3", "--regions", HOME, "--yes"]);
    assert_eq!(result["outcome"], "complete", "{result:#}");
    let logs = shown(account, HOME).await;
    let [log] = &logs[..] else { panic!("{logs:?}") };
    assert_eq!(log.traffic_type(), Some(&TrafficType::All));
    let role = format!("arn:aws:iam::{}:role/acme-flow", account.id);
    assert_eq!(log.deliver_logs_permission_arn(), Some(role.as_str()));
    let groups = account.logs(HOME).describe_log_groups().log_group_name_prefix("/acme/flow");
    let groups = groups.send().await.unwrap();
    assert_eq!(groups.log_groups()[0].retention_in_days(), Some(30));
}
