//! 4.1 and 4.2: exactly the rules that open the port, and nothing else.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::SecurityGroupRule;

use crate::support::account::Account;
use crate::support::seed::{allow, default_vpc, group, range, tcp};
use crate::world::{REGIONS, World};

const REGION: &str = "eu-west-1";

async fn rules(account: &Account, group: &str) -> Vec<SecurityGroupRule> {
    let of_group = aws_sdk_ec2::types::Filter::builder().name("group-id").values(group).build();
    let ec2 = account.ec2(REGION);
    let pages =
        ec2.describe_security_group_rules().filters(of_group).into_paginator().items().send();
    let rules: Result<Vec<SecurityGroupRule>, _> = pages.collect().await;
    rules.unwrap().into_iter().filter(|rule| rule.is_egress == Some(false)).collect()
}

/// `tcp 22-22 10.0.0.0/8` for each inbound rule.
async fn inbound(account: &Account, group: &str) -> BTreeSet<String> {
    let text = |rule: &SecurityGroupRule| {
        let source = rule.cidr_ipv4().or(rule.cidr_ipv6()).unwrap_or("-");
        let ports = (rule.from_port.unwrap_or(-1), rule.to_port.unwrap_or(-1));
        format!("{} {}-{} {source}", rule.ip_protocol().unwrap(), ports.0, ports.1)
    };
    rules(account, group).await.iter().map(text).collect()
}

fn set<const N: usize>(texts: [&str; N]) -> BTreeSet<String> {
    texts.map(str::to_owned).into()
}

async fn new_group(world: &World, name: &str) -> String {
    let vpc = default_vpc(&world.account, REGION).await;
    group(&world.account, REGION, &vpc, name).await
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_ranges_in_one_permission_only_the_open_one_goes() {
    let world = World::new().await;
    let id = new_group(&world, "bastion").await;
    let both =
        tcp(22, 22).ip_ranges(range("0.0.0.0/0", "any")).ip_ranges(range("10.0.0.0/8", "in"));
    allow(&world.account, REGION, &id, both.build(), &[("team", "web")]).await;
    world.harden(["apply", "--control", "4", "--yes"]).expect(0);
    assert_eq!(inbound(&world.account, &id).await, set(["tcp 22-22 10.0.0.0/8"]));
    world.harden(["undo", "last", "--yes"]).expect(0);
    let back = rules(&world.account, &id).await;
    let open = back.iter().find(|rule| rule.cidr_ipv4() == Some("0.0.0.0/0")).unwrap();
    assert_eq!(open.description(), Some("any"));
    assert_eq!(open.tags()[0].value(), Some("web"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wide_rule_is_split() {
    let world = World::new().await;
    let id = new_group(&world, "app").await;
    allow(
        &world.account,
        REGION,
        &id,
        tcp(0, 1024).ip_ranges(range("0.0.0.0/0", "low")).build(),
        &[],
    )
    .await;
    world.harden(["apply", "--control", "4", "--yes"]).expect(0);
    assert_eq!(
        inbound(&world.account, &id).await,
        set(["tcp 0-21 0.0.0.0/0", "tcp 23-1024 0.0.0.0/0"])
    );
    let split = rules(&world.account, &id).await;
    assert!(split.iter().all(|rule| rule.description() == Some("low")));
    world.harden(["undo", "last", "--yes"]).expect(0);
    assert_eq!(inbound(&world.account, &id).await, set(["tcp 0-1024 0.0.0.0/0"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wide_rule_is_revoked_or_held_as_the_baseline_says() {
    let world = World::new().await;
    let id = new_group(&world, "app").await;
    allow(&world.account, REGION, &id, tcp(0, 1024).ip_ranges(range("0.0.0.0/0", "")).build(), &[])
        .await;
    let baseline = |rule: &str| {
        let path = world.path(&format!("{rule}.toml"));
        let text = format!(
            "extends = \"level-2\"\n[network]\nwide_rules = \"{rule}\"\ntrusted_cidrs = [\"203.0.113.0/24\"]\n"
        );
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let hold = world.harden(["apply", "--control", "4", "--yes", "--baseline", &baseline("hold")]);
    hold.expect(0).says("held back").says("`network.wide_rules` is \"hold\"");
    assert_eq!(inbound(&world.account, &id).await, set(["tcp 0-1024 0.0.0.0/0"]));
    let revoke =
        world.harden(["apply", "--control", "4", "--yes", "--baseline", &baseline("revoke")]);
    revoke.expect(0).says("the rest of the rule goes too: tcp 0-21 and tcp 23-1024");
    assert_eq!(inbound(&world.account, &id).await, set(["tcp 22-22 203.0.113.0/24"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_looks_like_the_port_is_no_finding() {
    let world = World::new().await;
    let id = new_group(&world, "harmless").await;
    for (protocol, from, to) in [("icmp", 8, 22), ("udp", 22, 22), ("47", -1, -1), ("17", 22, 23)] {
        let permission = aws_sdk_ec2::types::IpPermission::builder()
            .ip_protocol(protocol)
            .from_port(from)
            .to_port(to)
            .ip_ranges(range("0.0.0.0/0", ""));
        allow(&world.account, REGION, &id, permission.build(), &[]).await;
    }
    let answer = world.json(["assess", "--control", "4.1"]);
    assert_eq!(answer["controls"][0]["verdict"], "pass", "{answer:#}");
    let wide = new_group(&world, "wide").await;
    allow(
        &world.account,
        REGION,
        &wide,
        tcp(0, 65535).ip_ranges(range("0.0.0.0/0", "")).build(),
        &[],
    )
    .await;
    let all = new_group(&world, "all").await;
    let everything = aws_sdk_ec2::types::IpPermission::builder()
        .ip_protocol("-1")
        .ip_ranges(range("0.0.0.0/0", ""));
    allow(&world.account, REGION, &all, everything.build(), &[]).await;
    let answer = world.json(["assess", "--control", "4.1"]);
    let found: BTreeSet<&str> = answer["controls"][0]["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["resource"].as_str().unwrap())
        .collect();
    assert_eq!(found, BTreeSet::from([wide.as_str(), all.as_str()]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_region_is_read_with_one_series_of_pages() {
    let world = World::new().await;
    for region in REGIONS {
        let vpc = default_vpc(&world.account, region).await;
        for number in 0..10 {
            let id = group(&world.account, region, &vpc, &format!("group-{number}")).await;
            let rule =
                tcp(443, 443).ip_ranges(range("0.0.0.0/0", "")).ip_ranges(range("10.0.0.0/8", ""));
            allow(&world.account, region, &id, rule.build(), &[]).await;
        }
    }
    let count = |operation: &str, region: &str| {
        let calls = world.account.calls();
        calls.iter().filter(|c| c.operation == operation && c.region == region).count()
    };
    // How many pages the emulator makes of it: what one series of calls takes, counted by making it.
    world.account.forget_calls();
    let ec2 = world.account.ec2(REGION);
    let pages = ec2.describe_security_group_rules().into_paginator().items().send();
    let all: Result<Vec<SecurityGroupRule>, _> = pages.collect().await;
    assert!(all.unwrap().len() >= 30);
    let expected = count("DescribeSecurityGroupRules", REGION);
    assert!(expected > 1);
    world.account.forget_calls();
    world.harden(["assess", "--control", "4.1,4.2"]).expect(0);
    for region in REGIONS {
        assert_eq!(count("DescribeSecurityGroupRules", region), expected, "{region}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_somebody_removed_meanwhile_is_already_gone() {
    let world = World::new().await;
    let (one, other) = (new_group(&world, "one").await, new_group(&world, "other").await);
    for id in [&one, &other] {
        let rule = tcp(22, 22).ip_ranges(range("0.0.0.0/0", "any"));
        allow(&world.account, REGION, id, rule.build(), &[]).await;
    }
    let path = world.path("plan.json");
    let file = path.to_str().unwrap();
    world.harden(["plan", "--control", "4", "--out", file]).expect(0);
    let gone = rules(&world.account, &one).await;
    let ec2 = world.account.ec2(REGION);
    let revoke = ec2.revoke_security_group_ingress().group_id(&one);
    revoke.security_group_rule_ids(gone[0].security_group_rule_id().unwrap()).send().await.unwrap();
    world.account.forget_calls();
    world.harden(["apply", file, "--yes"]).expect(0).says("Done: 1 applied, 1 was so already.");
    assert_eq!(world.writes(), ["ec2:RevokeSecurityGroupIngress"]);
}

/// The same range and ports, but a new description: somebody cares about the rule.
#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_somebody_changed_meanwhile_is_stale() {
    let world = World::new().await;
    let id = new_group(&world, "bastion").await;
    allow(
        &world.account,
        REGION,
        &id,
        tcp(22, 22).ip_ranges(range("0.0.0.0/0", "any")).build(),
        &[],
    )
    .await;
    let path = world.path("plan.json");
    let file = path.to_str().unwrap();
    world.harden(["plan", "--control", "4", "--out", file]).expect(0);
    let described = tcp(22, 22).ip_ranges(range("0.0.0.0/0", "incident 7, leave open"));
    let ec2 = world.account.ec2(REGION);
    let update = ec2.update_security_group_rule_descriptions_ingress().group_id(&id);
    update.ip_permissions(described.build()).send().await.unwrap();
    world.account.forget_calls();
    world.harden(["apply", file, "--yes"]).expect(1).says("stale").says("incident 7");
    assert_eq!(world.writes(), Vec::<String>::new());
}

/// Somebody widens the very rule that is to go: it is not gone, and not as planned either.
#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_somebody_widened_meanwhile_is_stale() {
    let world = World::new().await;
    let id = new_group(&world, "bastion").await;
    let rule = tcp(22, 22).ip_ranges(range("0.0.0.0/0", "any"));
    allow(&world.account, REGION, &id, rule.build(), &[]).await;
    let path = world.path("plan.json");
    let file = path.to_str().unwrap();
    world.harden(["plan", "--control", "4", "--out", file]).expect(0);
    let held = rules(&world.account, &id).await;
    let wider = aws_sdk_ec2::types::SecurityGroupRuleRequest::builder()
        .ip_protocol("tcp")
        .from_port(0)
        .to_port(65535)
        .cidr_ipv4("0.0.0.0/0")
        .build();
    let update = aws_sdk_ec2::types::SecurityGroupRuleUpdate::builder()
        .security_group_rule_id(held[0].security_group_rule_id().unwrap())
        .security_group_rule(wider)
        .build();
    let ec2 = world.account.ec2(REGION);
    ec2.modify_security_group_rules()
        .group_id(&id)
        .security_group_rules(update)
        .send()
        .await
        .unwrap();
    world.account.forget_calls();
    world.harden(["apply", file, "--yes"]).expect(1).says("stale").says("all tcp ports");
    assert_eq!(world.writes(), Vec::<String>::new());
}

/// As far as XML can carry them; the transcripts have the rest.
#[tokio::test(flavor = "multi_thread")]
async fn names_with_control_characters_are_shown_and_not_obeyed() {
    let world = World::new().await;
    let vpc = default_vpc(&world.account, REGION).await;
    let id = group(&world.account, REGION, &vpc, "evil\u{9b}31m\u{202e}name").await;
    let rule = tcp(22, 22).ip_ranges(range("0.0.0.0/0", "x\u{85}<script>&amp;"));
    allow(&world.account, REGION, &id, rule.build(), &[]).await;
    for verb in ["plan", "assess"] {
        let answer = world.harden([verb, "--control", "4", "--color", "never"]).expect(0);
        let harmful = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!answer.all().contains(harmful), "{:?}", answer.all());
        answer.says("evil\\u{9b}31m\\u{202e}name");
    }
    let result = world.json(["apply", "--control", "4", "--yes"]);
    assert_eq!(result["outcome"], "complete", "{result:#}");
    world.harden(["undo", "last", "--yes"]).expect(0);
    let back = rules(&world.account, &id).await;
    assert_eq!(back[0].description(), Some("x\u{85}<script>&amp;"));
}
