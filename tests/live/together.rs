//! Two people at once, on two machines: each with a state folder of their own, and so without a lock between
//! them.

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::answers::outcomes;
use crate::support::seed;
use crate::world::{Answer, REGIONS, World};

const SETTINGS: &str = r#"
[monitoring]
notify = ["email:security@acme.dev"]
[contact]
name = "Security team"
title = "Incident response"
email = "security@acme.dev"
phone = "+49 30 1234567"
"#;

/// AWS makes a key whenever it is asked to, and no call of it knows one that is about to be made.
const WITHOUT_A_KEY: &str = "2.7";

fn start(world: &World, machine: &str, file: &str) -> Child {
    let mut command = world.command();
    command.env("HARDEN_STATE_DIR", world.path(machine));
    command.args(["apply", file, "--yes", "--output", "json"]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn wait_for_writes(world: &World, count: usize) {
    let deadline = Instant::now() + Duration::from_mins(1);
    while world.writes().len() < count {
        assert!(Instant::now() < deadline, "{:?}", world.writes());
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn end(child: Child) -> Value {
    let answer: Answer = child.wait_with_output().unwrap().into();
    serde_json::from_str(&answer.stdout).unwrap_or_else(|e| panic!("{e}: {answer:?}"))
}

/// How many there are of what a run makes, and none is made twice.
async fn made(world: &World) -> BTreeMap<&'static str, usize> {
    let account = &world.account;
    let mut made = BTreeMap::new();
    let mut add = |what, count| *made.entry(what).or_default() += count;
    for region in REGIONS {
        let logs = account.ec2(region).describe_flow_logs().send().await.unwrap();
        add("flow logs", logs.flow_logs().len());
        let trails = account.cloudtrail(region).describe_trails().include_shadow_trails(false);
        add("trails", trails.send().await.unwrap().trail_list().len());
        let topics: Vec<_> = account
            .sns(region)
            .list_topics()
            .into_paginator()
            .items()
            .send()
            .try_collect()
            .await
            .unwrap();
        add("topics", topics.len());
        let subscriptions = account.sns(region).list_subscriptions().send().await.unwrap();
        add("subscriptions", subscriptions.subscriptions().len());
        let recorders = account.config(region).describe_configuration_recorders();
        add("recorders", recorders.send().await.unwrap().configuration_recorders().len());
        let alarms: Vec<_> = account
            .cloudwatch(region)
            .describe_alarms()
            .into_paginator()
            .send()
            .try_collect()
            .await
            .unwrap();
        add("alarms", alarms.iter().map(|page| page.metric_alarms().len()).sum());
        let groups = account.ec2(region).describe_security_group_rules().into_paginator().items();
        let rules: Vec<_> = groups.send().try_collect().await.unwrap();
        let distinct: BTreeSet<String> = rules
            .iter()
            .map(|rule| {
                let whom = (rule.cidr_ipv4(), rule.cidr_ipv6(), rule.prefix_list_id());
                let what = (rule.ip_protocol(), rule.from_port(), rule.to_port(), rule.is_egress());
                format!(
                    "{:?} {what:?} {whom:?} {:?}",
                    rule.group_id(),
                    rule.referenced_group_info()
                )
            })
            .collect();
        add("rules that are there twice", rules.len() - distinct.len());
    }
    made
}

#[tokio::test(flavor = "multi_thread")]
async fn two_machines_end_where_one_would_have() {
    // From together to one after the other.
    for head_start in [0, 12] {
        let world = World::whole_with(SETTINGS).await;
        seed::mess(&world.account, &REGIONS[..1]).await;
        let path = world.path("plan.json");
        let file = path.to_str().unwrap();
        world.harden(["plan", "--skip", WITHOUT_A_KEY, "--out", file]).expect(0);
        world.account.forget_calls();
        let first = start(&world, "one", file);
        wait_for_writes(&world, head_start);
        let second = start(&world, "two", file);
        let (first, second) = (end(first), end(second));
        let mut seen = BTreeSet::new();
        for result in [&first, &second] {
            seen.extend(outcomes(result).keys().map(|outcome| (*outcome).to_owned()));
        }
        seen.remove("skipped");
        let known: BTreeSet<String> = ["already", "applied", "stale"].map(str::to_owned).into();
        assert!(seen.is_subset(&known), "after {head_start}: {first:#}\n{second:#}");
        let again = world.json(["plan", "--skip", WITHOUT_A_KEY]);
        assert_eq!(again["changes"], json!([]), "after {head_start}: {:#}", again["changes"]);
        let once = [
            ("alarms", 14),
            ("flow logs", REGIONS.len()),
            ("recorders", REGIONS.len()),
            ("rules that are there twice", 0),
            ("subscriptions", 1),
            ("topics", 1),
            ("trails", 1),
        ];
        assert_eq!(made(&world).await, once.into(), "after {head_start}");
    }
}
