//! 4.4: default groups without users are emptied, both ways and in every region, and come back whole.

use aws_sdk_ec2::types::{
    Filter, IpPermission, ResourceType, SecurityGroupRule, Tag, TagSpecification,
};
use serde_json::{Value, json};

use crate::answers::{control, operations};
use crate::support::account::Account;
use crate::support::seed::{allow, attach, default_vpc, group, range, tcp};
use crate::world::{REGIONS, World};

const REGION: &str = "eu-west-1";
const OUT: &str = "revoke-security-group-egress";
const IN: &str = "revoke-security-group-ingress";

fn filter(name: &str, value: &str) -> Filter {
    Filter::builder().name(name).values(value).build()
}

/// The default group of a VPC.
async fn default_group(account: &Account, region: &str, vpc: &str) -> String {
    let groups = account.ec2(region).describe_security_groups();
    let groups = groups.filters(filter("group-name", "default")).filters(filter("vpc-id", vpc));
    let groups = groups.send().await.unwrap().security_groups.unwrap();
    groups[0].group_id().unwrap().to_owned()
}

/// That of the default VPC of a region.
async fn of_region(account: &Account, region: &str) -> String {
    let vpc = default_vpc(account, region).await;
    default_group(account, region, &vpc).await
}

async fn rules(account: &Account, region: &str, group: &str) -> Vec<SecurityGroupRule> {
    let ec2 = account.ec2(region);
    let rules = ec2.describe_security_group_rules().filters(filter("group-id", group));
    let rules: Result<Vec<SecurityGroupRule>, _> =
        rules.into_paginator().items().send().collect().await;
    rules.unwrap()
}

/// `out tcp 443-443 10.0.0.0/8 why team=web` for each rule, sorted.
async fn told(account: &Account, region: &str, group: &str) -> Vec<String> {
    let text = |rule: &SecurityGroupRule| {
        let way = if rule.is_egress() == Some(true) { "out" } else { "in" };
        let named = rule.referenced_group_info().and_then(|of| of.group_id());
        let end = rule.cidr_ipv4().or(rule.cidr_ipv6()).or(named).unwrap_or("-");
        let ports = (rule.from_port().unwrap_or(-1), rule.to_port().unwrap_or(-1));
        let tags = rule.tags().iter().map(|tag| (tag.key().unwrap(), tag.value().unwrap()));
        let mut tags: Vec<String> = tags.map(|(key, value)| format!("{key}={value}")).collect();
        tags.sort();
        let (protocol, words) = (rule.ip_protocol().unwrap(), rule.description().unwrap_or("-"));
        format!("{way} {protocol} {}-{} {end} {words} {}", ports.0, ports.1, tags.join(","))
    };
    let mut told: Vec<String> = rules(account, region, group).await.iter().map(text).collect();
    told.sort();
    told
}

/// Lets a group out, with words and tags.
async fn let_out(account: &Account, group: &str, permission: IpPermission, team: &str) {
    let tags = TagSpecification::builder()
        .resource_type(ResourceType::SecurityGroupRule)
        .tags(Tag::builder().key("team").value(team).build());
    let call = account.ec2(REGION).authorize_security_group_egress().group_id(group);
    call.ip_permissions(permission).tag_specifications(tags.build()).send().await.unwrap();
}

fn count(plan: &Value, operation: &str) -> usize {
    operations(plan).get(operation).copied().unwrap_or_default()
}

/// How often a call was made in a region.
fn calls(account: &Account, operation: &str, region: &str) -> usize {
    let calls = account.calls();
    calls.iter().filter(|call| call.operation == operation && call.region == region).count()
}

/// What is not planned of 4.4: why, of what, and in which words.
fn left(plan: &Value) -> Vec<(&str, &str, &str)> {
    let entries = plan["not_planned"].as_array().unwrap().iter();
    entries
        .filter(|entry| entry["control"] == "4.4")
        .map(|entry| {
            let field = |name: &str| entry[name].as_str().unwrap_or_default();
            (field("why"), field("resource"), field("detail"))
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn unused_groups_are_emptied_both_ways_in_every_region_and_come_back_whole() {
    let world = World::whole().await;
    let account = &world.account;
    // One VPC more than those that AWS makes.
    let vpc = account.ec2(REGION).create_vpc().cidr_block("10.9.0.0/16").send().await.unwrap();
    let vpc = vpc.vpc.unwrap().vpc_id.unwrap();
    let mut groups = vec![(REGION, default_group(account, REGION, &vpc).await)];
    for region in REGIONS {
        groups.push((region, of_region(account, region).await));
    }
    let own = &groups[1].1;
    let both = tcp(443, 443).ip_ranges(range("10.0.0.0/8", "in")).ip_ranges(range("0.0.0.0/0", ""));
    let_out(account, own, both.build(), "web").await;
    allow(account, REGION, own, tcp(80, 80).ip_ranges(range("10.0.0.0/8", "a")).build(), &[]).await;
    let tags = [("team", "web"), ("since", "2019")];
    let icmp = IpPermission::builder().ip_protocol("icmp").from_port(8).to_port(-1);
    allow(account, REGION, own, icmp.ip_ranges(range("0.0.0.0/0", "ping")).build(), &tags).await;
    let before = told(account, REGION, own).await;
    assert_eq!(before.len(), 6, "{before:?}");
    let reading = world.reading();

    let assessed = world.json(["assess", "--control", "4.4"]);
    assert_eq!(control(&assessed, "4.4")["verdict"], "fail");
    assert_eq!(control(&assessed, "4.4")["findings"].as_array().unwrap().len(), 4);
    let plan = world.json(["plan", "--control", "4.4"]);
    // Rules of other tags go by a call of their own: only so can one call put them back.
    assert_eq!((count(&plan, IN), count(&plan, OUT)), (4 + 1, 4 + 1));
    assert_eq!(plan["not_planned"], json!([]));
    world.account.forget_calls();
    world.harden(["apply", "--control", "4.4", "--yes"]).expect(0).says("Done: 10 applied.");
    assert_eq!(world.writes().len(), 10);
    for (region, group) in &groups {
        assert_eq!(told(account, region, group).await, [""; 0], "{region}");
    }
    let assessed = world.json(["assess", "--control", "4.4"]);
    assert_eq!(control(&assessed, "4.4")["verdict"], "pass");
    world.harden(["plan", "--control", "4.4", "--detailed-exitcode"]).expect(0);
    world.harden(["verify", "last"]).expect(0).says("10 of 10 changes stand");

    world.harden(["undo", "last", "--yes"]).expect(0).says("Done: 10 applied.");
    assert_eq!(told(account, REGION, own).await, before);
    assert_eq!(world.reading(), reading);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_use_is_held_back_with_all_that_uses_it() {
    let world = World::whole().await;
    let account = &world.account;
    let vpc = default_vpc(account, REGION).await;
    let used = default_group(account, REGION, &vpc).await;
    let mut interfaces = Vec::new();
    for number in 1..=6 {
        interfaces.push(attach(account, REGION, &vpc, &used, &format!("job {number}")).await);
    }
    let app = group(account, REGION, &vpc, "app").await;
    let friend = aws_sdk_ec2::types::UserIdGroupPair::builder().group_id(&used).build();
    allow(account, REGION, &app, tcp(80, 80).user_id_group_pairs(friend).build(), &[]).await;
    let before = told(account, REGION, &used).await;

    let plan = world.json(["plan", "--control", "4.4"]);
    assert_eq!((count(&plan, IN), count(&plan, OUT)), (2, 2), "the other regions");
    let held = left(&plan);
    assert_eq!((held.len(), held[0].0, held[0].1), (1, "held_back", used.as_str()));
    for user in interfaces.iter().chain([&app]) {
        assert!(held[0].2.contains(user.as_str()), "{user} in {}", held[0].2);
    }
    world.harden(["apply", "--control", "4.4", "--yes"]).expect(0).says("Done: 4 applied.");
    assert_eq!(told(account, REGION, &used).await, before, "held back");

    let all = ["plan", "--control", "4.4", "--max-risk", "destructive"];
    let plan = world.json(all);
    let changes = plan["changes"].as_array().unwrap();
    assert_eq!(changes.len(), 2);
    for change in changes {
        assert_eq!(change["risk"], "destructive");
        let impact = change["impact"].to_string();
        assert!(interfaces.iter().all(|interface| impact.contains(interface)), "{impact}");
        assert!(impact.contains(&app), "{impact}");
    }
    world.harden(["apply", "--control", "4.4", "--max-risk", "destructive", "--yes"]).expect(0);
    assert_eq!(told(account, REGION, &used).await, [""; 0]);
    world.harden(["undo", "last", "--yes"]).expect(0);
    assert_eq!(told(account, REGION, &used).await, before);
}

/// 4.1 and 4.4 are about the same group: no rule is changed twice, whichever of them may change it.
#[tokio::test(flavor = "multi_thread")]
async fn an_open_port_of_a_default_group_is_closed_once() {
    let world = World::whole().await;
    let account = &world.account;
    let (unused, vpc) = (of_region(account, "us-east-1").await, default_vpc(account, REGION).await);
    let used = default_group(account, REGION, &vpc).await;
    attach(account, REGION, &vpc, &used, "bastion").await;
    for (region, group) in [(REGION, &used), ("us-east-1", &unused)] {
        let open = tcp(22, 80).ip_ranges(range("0.0.0.0/0", "anywhere"));
        allow(account, region, group, open.build(), &[]).await;
    }
    let before = (told(account, REGION, &used).await, told(account, "us-east-1", &unused).await);
    world.account.forget_calls();
    let result = world.json(["apply", "--control", "4.1,4.4", "--yes"]);
    assert_eq!(result["outcome"], "complete", "{result:#}");
    // Split where it is used; elsewhere all goes at once.
    let writes = |region: &str| {
        let calls = account.calls().into_iter();
        let writes = calls.filter(|call| call.is_write && call.region == region);
        writes.map(|call| call.operation).collect::<Vec<_>>()
    };
    let (add, shut) = ("AuthorizeSecurityGroupIngress", "RevokeSecurityGroupIngress");
    assert_eq!(writes(REGION), [add, shut]);
    assert_eq!(writes("us-east-1"), [shut, "RevokeSecurityGroupEgress"]);
    assert_eq!(told(account, "us-east-1", &unused).await, [""; 0]);
    let assessed = world.json(["assess", "--control", "4.1,4.4"]);
    assert_eq!(control(&assessed, "4.1")["verdict"], "pass");
    assert_eq!(control(&assessed, "4.4")["verdict"], "fail");
    world.harden(["undo", "last", "--yes"]).expect(0);
    let after = (told(account, REGION, &used).await, told(account, "us-east-1", &unused).await);
    assert_eq!(after, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_region_takes_one_series_of_each_call_and_interfaces_only_for_a_plan() {
    let world = World::whole().await;
    let account = &world.account;
    // How many pages the emulator makes of each: what one series takes, counted by making it.
    let series = async |region: &str| {
        world.account.forget_calls();
        let ec2 = account.ec2(region);
        let named = filter("group-name", "default");
        let groups = ec2.describe_security_groups().filters(named).into_paginator().items();
        groups.send().collect::<Result<Vec<_>, _>>().await.unwrap();
        let rules = ec2.describe_security_group_rules().into_paginator().items();
        rules.send().collect::<Result<Vec<_>, _>>().await.unwrap();
        let interfaces = ec2.describe_network_interfaces().into_paginator().items();
        interfaces.send().collect::<Result<Vec<_>, _>>().await.unwrap();
        READS.map(|call| calls(account, call, region))
    };
    let vpc = default_vpc(account, REGION).await;
    for number in 1..=12 {
        let other = group(account, REGION, &vpc, &format!("other-{number}")).await;
        attach(account, REGION, &vpc, &other, "something").await;
    }
    let mut expected = Vec::new();
    for region in REGIONS {
        expected.push(series(region).await);
    }
    assert!(expected[0][1] > 1 && expected[0][2] > 1, "{expected:?}");
    let made = |verb: &str| {
        account.forget_calls();
        world.harden([verb, "--control", "4.4"]).expect(0);
        REGIONS.map(|region| READS.map(|call| calls(account, call, region)))
    };
    let without = |wanted: &[usize; 3]| [wanted[0], wanted[1], 0];
    assert_eq!(made("assess").to_vec(), expected.iter().map(without).collect::<Vec<_>>());
    assert_eq!(made("plan").to_vec(), expected);
    // What is empty may be attached to whatever it likes.
    world.harden(["apply", "--control", "4.4", "--yes"]).expect(0);
    assert_eq!(made("plan").map(|calls| calls[2]), [0; 3]);
}

const READS: [&str; 3] =
    ["DescribeSecurityGroups", "DescribeSecurityGroupRules", "DescribeNetworkInterfaces"];

#[tokio::test(flavor = "multi_thread")]
async fn where_it_cannot_be_read_who_uses_it_nothing_is_planned() {
    let world = World::whole().await;
    for operation in READS {
        world.account.fault(json!({
            "service": "ec2", "operation": operation, "region": "us-east-1", "kind": "deny"
        }));
        let assessed = world.json(["assess", "--control", "4.4"]);
        let judged = control(&assessed, "4.4");
        assert_eq!(judged["verdict"], "fail", "of the other regions");
        let is_known = operation == "DescribeNetworkInterfaces";
        let found = judged["findings"].as_array().unwrap().len();
        assert_eq!(found, if is_known { 3 } else { 2 }, "{operation}");
        let plan = world.json(["plan", "--control", "4.4", "--max-risk", "destructive"]);
        assert_eq!((count(&plan, IN), count(&plan, OUT)), (2, 2), "{operation}");
        let entries = left(&plan);
        assert_eq!((entries.len(), entries[0].0), (1, "unknown"), "{operation}");
        assert!(entries[0].2.contains(&format!("ec2:{operation} is denied")), "{}", entries[0].2);
        world.account.no_faults();
    }
    // Of a region alone: not a pass.
    for operation in &READS[..2] {
        world.account.fault(json!({ "service": "ec2", "operation": operation, "kind": "deny" }));
        let assessed = world.json(["assess", "--control", "4.4", "--regions", "us-east-1"]);
        assert_eq!(control(&assessed, "4.4")["verdict"], "unknown", "{operation}");
        world.account.no_faults();
    }
}

/// Somebody writes on an outbound rule what it is for: they care about it.
#[tokio::test(flavor = "multi_thread")]
async fn an_outbound_rule_that_somebody_changed_meanwhile_is_stale() {
    let world = World::whole().await;
    let account = &world.account;
    let id = of_region(account, REGION).await;
    let path = world.path("plan.json");
    let file = path.to_str().unwrap();
    let only = ["plan", "--control", "4.4", "--regions", REGION, "--out", file];
    world.harden(only).expect(0);
    let described = IpPermission::builder()
        .ip_protocol("-1")
        .ip_ranges(range("0.0.0.0/0", "incident 7, leave open"));
    let update = account.ec2(REGION).update_security_group_rule_descriptions_egress();
    update.group_id(&id).ip_permissions(described.build()).send().await.unwrap();
    world.harden(["apply", file, "--yes"]).expect(3).says("stale").says("incident 7");
    let stays = told(account, REGION, &id).await;
    assert_eq!(stays.len(), 1, "{stays:?}");
    assert!(stays[0].starts_with("out -1"), "{stays:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outbound_rule_that_is_gone_already_is_no_failure() {
    let world = World::whole().await;
    let account = &world.account;
    let id = of_region(account, REGION).await;
    let path = world.path("plan.json");
    let file = path.to_str().unwrap();
    let only = ["plan", "--control", "4.4", "--regions", REGION, "--out", file];
    world.harden(only).expect(0);
    let held = rules(account, REGION, &id).await;
    let outward = held.iter().find(|rule| rule.is_egress() == Some(true)).unwrap();
    let revoke = account.ec2(REGION).revoke_security_group_egress().group_id(&id);
    let revoke = revoke.security_group_rule_ids(outward.security_group_rule_id().unwrap());
    revoke.send().await.unwrap();
    world.harden(["apply", file, "--yes"]).expect(0).says("Done: 1 applied, 1 was so already.");
    assert_eq!(told(account, REGION, &id).await, [""; 0]);
}

/// An answer that is lost: what was done is looked up, and not done again.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_settled_by_looking() {
    let world = World::whole().await;
    let account = &world.account;
    for operation in ["RevokeSecurityGroupEgress", "AuthorizeSecurityGroupEgress"] {
        account.fault(json!({
            "service": "ec2", "operation": operation, "kind": "drop_after", "times": 1
        }));
    }
    let before = told(account, REGION, &of_region(account, REGION).await).await;
    account.forget_calls();
    world.harden(["apply", "--control", "4.4", "--yes"]).expect(0).says("Done: 6 applied.");
    assert_eq!(world.writes().len(), 6);
    account.forget_calls();
    world.harden(["undo", "last", "--yes"]).expect(0).says("Done: 6 applied.");
    assert_eq!(world.writes().len(), 6);
    assert_eq!(told(account, REGION, &of_region(account, REGION).await).await, before);
}
