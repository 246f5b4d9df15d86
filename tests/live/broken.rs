//! Writes that are denied, and connections that break: told, never done twice, and the rest goes on.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::answers::{call_of, changes, count, errors, operations};
use crate::support::logging::{HOME, good_trail};
use crate::support::spoiled;
use crate::world::{REGIONS, World};

const SETTINGS: &str = "[monitoring]\nnotify = [\"email:security@acme.dev\"]\n";

/// The writes that took effect, each as often as it did.
fn took_effect(world: &World) -> BTreeMap<String, usize> {
    let calls = world.account.calls().into_iter();
    count(calls.filter(|call| call.is_write && call.succeeded).map(|call| call.operation))
}

/// What a plan calls.
fn calls_of(plan: &Value) -> BTreeMap<String, usize> {
    operations(plan).into_iter().map(|(name, times)| (call_of(name), times)).collect()
}

fn ids(plan: &Value, is: impl Fn(&Value) -> bool) -> BTreeSet<String> {
    let changes = plan["changes"].as_array().unwrap().iter().filter(|change| is(change));
    changes.map(|change| change["id"].as_str().unwrap().to_owned()).collect()
}

/// What has to be the outcome of each change if calls of one kind are denied.
fn expected(plan: &Value, operation: &str) -> BTreeMap<String, &'static str> {
    let mut failed = ids(plan, |change| change["operation"]["op"] == operation);
    let mut skipped = BTreeSet::new();
    loop {
        let without: BTreeSet<String> = failed.union(&skipped).cloned().collect();
        let needs = |change: &Value| {
            let required = change["requires"].as_array().unwrap();
            required.iter().any(|id| without.contains(id.as_str().unwrap()))
        };
        let more = ids(plan, needs);
        if more.is_subset(&skipped) {
            break;
        }
        skipped.extend(more);
    }
    // One of the kind may need another.
    failed.retain(|id| !skipped.contains(id));
    let all = ids(plan, |_| true).into_iter();
    all.map(|id| {
        let outcome = if failed.contains(&id) {
            "failed"
        } else if skipped.contains(&id) {
            "skipped"
        } else {
            "applied"
        };
        (id, outcome)
    })
    .collect()
}

/// Denies each of the calls in an account of its own, where the rest is done; with the permission, the next
/// apply does what is left.
async fn each_denied<F: Future<Output = World>>(
    world: impl Fn() -> F,
    controls: &str,
    denied: &[&str],
) {
    for operation in denied {
        let world = world().await;
        let path = world.path("plan.json");
        let file = path.to_str().unwrap();
        world.account.fault(json!({ "operation": call_of(operation), "kind": "deny" }));
        world.account.forget_calls();
        let plan = world.json(["plan", "--control", controls, "--out", file]);
        let expected = expected(&plan, operation);
        assert!(expected.values().any(|outcome| *outcome == "failed"), "{operation}: {plan:#}");
        let result = world.json(["apply", file, "--yes"]);
        let outcomes = result["changes"].as_array().unwrap().iter();
        let outcomes: BTreeMap<String, &str> = outcomes
            .map(|change| {
                let id = change["id"].as_str().unwrap().to_owned();
                (id, change["outcome"].as_str().unwrap())
            })
            .collect();
        assert_eq!(outcomes, expected, "{operation}: {result:#}");
        assert_eq!(result["outcome"], "partial", "{operation}");
        assert!(errors(&result).contains("not authorized"), "{operation}: {result:#}");

        world.account.no_faults();
        let rest = world.json(["apply", "--control", controls, "--yes"]);
        assert_eq!(rest["outcome"], "complete", "{operation}: {rest:#}");
        assert_eq!(took_effect(&world), calls_of(&plan), "{operation}");
        let again = world.json(["plan", "--control", controls]);
        assert_eq!(again["changes"], json!([]), "{operation}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_call_for_a_trail_is_denied_once() {
    let denied = ["create-bucket", "put-bucket-policy", "create-trail", "start-logging"];
    each_denied(World::whole, "2.1,2.2", &denied).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_call_for_what_a_trail_delivers_to_is_denied_once() {
    let denied = [
        "create-log-group",
        "put-retention-policy",
        "create-role",
        "put-role-policy",
        "create-key",
        "create-alias",
        "enable-key-rotation",
        "put-bucket-logging",
    ];
    each_denied(World::whole, "2.1,2.4,2.6-2.8", &denied).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_call_for_aws_config_is_denied_once() {
    let denied = [
        "create-service-linked-role",
        "put-configuration-recorder",
        "put-delivery-channel",
        "start-configuration-recorder",
    ];
    each_denied(World::whole, "2.5", &denied).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_call_for_a_flow_log_is_denied_once() {
    let denied = ["create-role", "put-role-policy", "create-log-group", "create-flow-logs"];
    each_denied(World::whole, "4.3", &denied).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_call_for_an_alarm_is_denied_once() {
    let world = async || {
        let world = World::whole_with(SETTINGS).await;
        good_trail(&world.account, "main").await;
        world
    };
    let denied = ["create-topic", "subscribe", "put-metric-filter", "put-metric-alarm"];
    each_denied(world, "3.5", &denied).await;
}

/// Breaks the first connections for every kind of write.
fn break_connections(world: &World, calls: BTreeSet<String>, (kind, times): (&str, u8)) {
    for call in calls {
        world.account.fault(json!({ "operation": call, "kind": kind, "times": times }));
    }
}

/// What was done over connections that broke before or after the effect.
struct Done {
    before: Value,
    plan: Value,
    broken: (&'static str, u8),
}

async fn there(world: &World, flags: &[&str], broken: (&'static str, u8)) -> Done {
    let ask = |verb: &[&str]| world.ask(&[verb, flags].concat());
    let before = world.reading();
    let plan = ask(&["plan"]);
    break_connections(world, calls_of(&plan).into_keys().collect(), broken);
    let result = ask(&["apply", "--yes"]);
    assert_eq!(result["outcome"], "complete", "{result:#}");
    world.account.no_faults();
    let again = ask(&["plan"]);
    assert_eq!(again["changes"], json!([]), "{:?}", changes(&again));
    once(world).await;
    Done { before, plan, broken }
}

/// Takes it back over such connections.
fn back(world: &World, done: &Done) {
    let undone = done.plan["changes"].as_array().unwrap().iter();
    let inverses = undone.filter_map(|change| change["undo"]["op"].as_str()).map(call_of);
    break_connections(world, inverses.collect(), done.broken);
    let undone = world.json(["undo", "last", "--yes"]);
    let outcomes = undone["changes"].as_array().unwrap().iter();
    assert!(outcomes.clone().all(|one| one["outcome"] == "applied"), "{undone:#}");
    world.account.no_faults();
}

/// All that can be taken back was.
fn is_as_before(world: &World, done: &Done) {
    let (before, after) = (&done.before, world.reading());
    for part in ["trails", "buckets"] {
        assert_eq!(after["logging"][part], before["logging"][part]);
    }
    for region in REGIONS {
        for part in ["recorders", "channels", "log_groups", "alarms", "topics", "topic_list"] {
            assert_eq!(after["regional"][region][part], before["regional"][region][part]);
        }
    }
    assert_eq!(after["iam"], before["iam"]);
}

/// Nothing is there twice.
async fn once(world: &World) {
    let account = &world.account;
    for region in REGIONS {
        let keys = account.kms(region).list_keys().send().await.unwrap().keys.unwrap();
        assert!(keys.len() <= 1, "{region}: {keys:?}");
        let trails = account.cloudtrail(region).describe_trails().include_shadow_trails(false);
        let trails = trails.send().await.unwrap().trail_list.unwrap();
        assert!(trails.len() <= 1, "{region}: {trails:?}");
        let topics = account.sns(region).list_topics().send().await.unwrap().topics.unwrap();
        assert!(topics.len() <= 1, "{region}: {topics:?}");
        let subscriptions = account.sns(region).list_subscriptions().send().await.unwrap();
        let subscriptions = subscriptions.subscriptions.unwrap_or_default();
        let told = count(subscriptions.iter().map(|one| one.endpoint()));
        assert!(told.values().all(|times| *times == 1), "{region}: {subscriptions:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_break_after_the_effect_double_nothing() {
    let world = World::whole_with(SETTINGS).await;
    let done = there(&world, &["--control", "2.1-2.7,3.5"], ("drop_after", 1)).await;
    back(&world, &done);
    is_as_before(&world, &done);
}

async fn half_done() -> World {
    let settings = format!("{SETTINGS}[sns]\nallowed = [\"email:*@acme.dev\"]\n");
    let world = World::whole_with(&settings).await;
    spoiled::half_done(&world.account).await;
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_break_while_what_is_there_is_changed() {
    let world = half_done().await;
    let flags = ["--control", "2.1-2.4,2.7,3.4,3.16", "--max-risk=destructive"];
    let plan = world.ask(&[&["plan"], flags.as_slice()].concat());
    let planned = operations(&plan);
    for operation in [
        "update-trail",
        "put-bucket-policy",
        "put-bucket-acl",
        "put-public-access-block",
        "put-key-policy",
        "set-topic-policy",
        "unsubscribe",
    ] {
        assert!(planned.contains_key(operation), "no {operation} in {planned:?}");
    }
    let done = there(&world, &flags, ("drop_after", 1)).await;
    // Whoever has not confirmed can neither be unsubscribed nor hear anything.
    world.account.confirm(HOME, "security@acme.dev");
    back(&world, &done);
    world.account.confirm("us-east-1", "former@contractor.example");
    is_as_before(&world, &done);
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_break_before_the_effect_lose_nothing() {
    let world = World::whole_with(SETTINGS).await;
    let done = there(&world, &["--control", "2.1,2.2"], ("drop_before", 1)).await;
    back(&world, &done);
    is_as_before(&world, &done);
}
