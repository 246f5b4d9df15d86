//! 3.16: who hears of what topics publish, by `sns.allowed`, and who is shown the door.

use serde_json::Value;

use crate::answers::{control, findings, left, notes, reason};
use crate::support::alarms::{heard, subscribe, topic};
use crate::trip::Trip;
use crate::world::World;

/// Topics in two regions with six subscribers, one of whom has not confirmed and one of whom is a queue.
async fn subscribed(settings: &str) -> World {
    let world = World::whole_with(settings).await;
    let account = &world.account;
    let orders = heard(account, "eu-west-1", "orders", "shop@acme.dev").await;
    let queue = format!("arn:aws:sqs:eu-west-1:{}:orders", account.id);
    let subscribe_queue = account.sns("eu-west-1").subscribe().topic_arn(&orders);
    subscribe_queue.protocol("sqs").endpoint(queue).send().await.unwrap();
    subscribe(account, &orders, "late@stranger.example").await;
    let alerts = heard(account, "us-east-1", "alerts", "ops@acme.dev").await;
    for address in ["former@contractor.example", "another@contractor.example"] {
        subscribe(account, &alerts, address).await;
        account.confirm("us-east-1", address);
    }
    topic(account, "ap-south-1", "quiet").await;
    world
}

const OURS: &str = r#"
[sns]
allowed = ["email:*@acme.dev", "sqs:arn:*:sqs:eu-west-1:*:orders"]
"#;

const ALL: &str = r#"
[sns]
allowed = ["email:*", "sqs:arn:*"]
"#;

/// The endpoints that a topic tells, or would once they confirm.
async fn told(world: &World, region: &str, name: &str) -> Vec<String> {
    let arn = format!("arn:aws:sns:{region}:{}:{name}", world.account.id);
    let sns = world.account.sns(region);
    let mut pages = sns.list_subscriptions_by_topic().topic_arn(arn).into_paginator().send();
    let mut told = Vec::new();
    while let Some(page) = pages.next().await {
        let all = page.unwrap().subscriptions.unwrap_or_default().into_iter();
        told.extend(all.map(|one| one.endpoint.unwrap()));
    }
    told.sort();
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_setting_a_person_judges_the_list() {
    let world = subscribed("").await;
    let assessed = world.json(["assess", "--control", "3.16"]);
    assert_eq!(control(&assessed, "3.16")["verdict"], "manual", "{assessed:#}");
    assert!(
        reason(&assessed, "3.16")
            .starts_with("3 topics with 6 subscribers, 1 of them not yet confirmed")
    );
    let listed = notes(&assessed, "3.16");
    for words in [
        "email:late@stranger.example (pending)",
        "email:shop@acme.dev",
        "sqs:arn:aws:sqs:eu-west-1:",
        "email:former@contractor.example",
        "alerts in us-east-1 tells ",
        "quiet in ap-south-1 tells nobody",
    ] {
        assert!(listed.contains(words), "no `{words}` in {listed}");
    }
    let trip = Trip::with(&world, &["--control", "3.16", "--max-risk=destructive"], &[]);
    assert!(left(&trip.plan, "3.16")[0].starts_with("manual "), "{:#}", trip.plan);
    // It is listed once in each region, and each topic once, however many pages that takes.
    world.account.forget_calls();
    world.json(["assess", "--control", "3.16"]);
    let calls = world.account.calls();
    let of = |name: &str| calls.iter().filter(|call| call.operation == name).count();
    assert_eq!((of("ListTopics"), of("ListSubscriptionsByTopic")), (3, 2 + 2 + 1), "{calls:#?}");
    assert_eq!(of("GetTopicAttributes"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_allowed_passes() {
    let world = subscribed(ALL).await;
    let trip = Trip::with(&world, &["--control", "3.16", "--max-risk=destructive"], &[]);
    assert_eq!(control(&trip.assessed, "3.16")["verdict"], "pass", "{:#}", trip.assessed);
    assert_eq!(trip.plan["not_planned"], Value::Array(Vec::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_not_is_held_back_and_goes_only_when_asked_for() {
    let world = subscribed(OURS).await;
    let assessed = world.json(["assess", "--control", "3.16"]);
    assert_eq!(control(&assessed, "3.16")["verdict"], "fail", "{assessed:#}");
    assert_eq!(
        findings(&assessed, "3.16"),
        [
            "eu-west-1 orders: `sns.allowed` does not cover email:late@stranger.example (pending)",
            "us-east-1 alerts: `sns.allowed` does not cover email:another@contractor.example",
            "us-east-1 alerts: `sns.allowed` does not cover email:former@contractor.example",
        ]
    );
    let careful = Trip::there(&world, "3.16", &[]);
    let entries = left(&careful.plan, "3.16");
    let of = |why: &str| entries.iter().filter(|entry| entry.starts_with(why)).count();
    assert_eq!((of("held_back "), of("unsupported ")), (2, 1), "{entries:#?}");

    let flags = ["--control", "3.16", "--max-risk=destructive"];
    let trip = Trip::with(&world, &flags, &["unsubscribe alerts", "unsubscribe alerts"]);
    let entries = left(&trip.plan, "3.16");
    assert_eq!(entries.len(), 1, "{entries:#?}");
    let words =
        "unsupported orders: email:late@stranger.example has not confirmed: AWS cannot unsubscribe";
    assert!(entries[0].starts_with(words), "{entries:#?}");
    assert_eq!(told(&world, "us-east-1", "alerts").await, ["ops@acme.dev"]);
    assert_eq!(told(&world, "eu-west-1", "orders").await.len(), 3);
    // The one that waits is all that is still found.
    assert_eq!(findings(&trip.assessed, "3.16").len(), 1, "{:#}", trip.assessed);

    // They are asked again, and hear nothing until they agree.
    world.harden(["undo", "last", "--yes"]).expect(0).says("Done: 2 applied.");
    let all = ["another@contractor.example", "former@contractor.example", "ops@acme.dev"];
    assert_eq!(told(&world, "us-east-1", "alerts").await, all);
    let assessed = world.json(["assess", "--control", "3.16"]);
    assert!(findings(&assessed, "3.16")[0].ends_with("(pending)"), "{assessed:#}");
}

/// Whom alarms tell by the baseline is allowed without being named twice.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_notified_is_allowed() {
    let settings = "[monitoring]\nnotify = [\"email:ops@acme.dev\"]\n[sns]\nallowed = []\n";
    let world = World::whole_with(settings).await;
    heard(&world.account, "eu-west-1", "alerts", "ops@acme.dev").await;
    let assessed = world.json(["assess", "--control", "3.16"]);
    assert_eq!(control(&assessed, "3.16")["verdict"], "pass", "{assessed:#}");
    heard(&world.account, "eu-west-1", "orders", "shop@acme.dev").await;
    let assessed = world.json(["assess", "--control", "3.16"]);
    assert_eq!(findings(&assessed, "3.16").len(), 1, "{assessed:#}");
}
