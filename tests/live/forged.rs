//! Plans that somebody made up, digest and all, against an account.

use std::fs::{read, write};

use harden::plan::Digest;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::answers::{changes, errors, outcomes};
use crate::world::{REGIONS, World};

const HOME: &str = REGIONS[0];
const GROUP: &str = "harden/flow-logs";

/// The log group, made so many days ago, without a retention.
async fn log_group(world: &World, age: u32) {
    world.account.logs(HOME).create_log_group().log_group_name(GROUP).send().await.unwrap();
    grow(world, age);
}

fn grow(world: &World, age: u32) {
    let groups = json!({ GROUP: { "created": age } });
    world.account.settle(json!({ "region": HOME, "log_groups": groups }));
}

async fn retention(world: &World) -> Option<i32> {
    let groups = world.account.logs(HOME).describe_log_groups().send().await.unwrap();
    groups.log_groups()[0].retention_in_days()
}

/// Saves the plan anew, with a digest that fits.
fn save(path: &std::path::Path, mut plan: Value) {
    plan["digest"] = Digest::of_json(plan.clone()).as_str().into();
    write(path, plan.to_string()).unwrap();
}

/// What the plan says that it makes may be there, and older than the retention that it is to have.
#[tokio::test(flavor = "multi_thread")]
async fn a_log_group_that_a_plan_calls_new_keeps_its_events() {
    let world = World::whole_with("[flow_logs]\nretention_days = 30\n").await;
    let path = world.path("plan.json");
    let file = path.to_str().unwrap();
    world.harden(["plan", "--control", "4.3", "--regions", HOME, "--out", file]).expect(0);
    log_group(&world, 31).await;
    world.account.forget_calls();
    let result = world.json(["apply", file, "--yes"]);
    assert_eq!(result["outcome"], "partial", "{result:#}");
    let told =
        "this retention may delete events: the log group is not known to be younger than that";
    assert!(errors(&result).contains(told), "{result:#}");
    assert_eq!(outcomes(&result)["failed"], 1, "{result:#}");
    assert!(
        !world.writes().contains(&"logs:PutRetentionPolicy".to_owned()),
        "{:?}",
        world.writes()
    );
    assert_eq!(retention(&world).await, None);
    // Of a younger one no event goes.
    grow(&world, 29);
    world.account.forget_calls();
    world.harden(["apply", file, "--yes"]).expect(0);
    assert_eq!(retention(&world).await, Some(30));
    // One look before the call, none for the age: the others are of the change that makes the group.
    let calls = world.account.calls();
    let at = calls.iter().position(|call| call.operation == "PutRetentionPolicy").unwrap();
    let looks = calls[..at].iter().filter(|call| call.operation == "DescribeLogGroups").count();
    assert_eq!(looks, 2, "{calls:?}");

    // What is taken back is as it was, however old the log group is by then.
    world.harden(["undo", "last", "--max-risk", "restrictive", "--yes"]);
    assert_eq!(retention(&world).await, None);
    grow(&world, 400);
    let undo = world.last_run();
    world.harden(["undo", &undo, "--yes"]);
    assert_eq!(retention(&world).await, Some(30));
}

/// A plan can say that it is old itself, so that what it is about seems young.
#[tokio::test(flavor = "multi_thread")]
async fn a_log_group_that_a_plan_calls_young_keeps_its_events() {
    let world = World::whole_with("[flow_logs]\nretention_days = 30\n").await;
    let path = world.path("plan.json");
    let file = path.to_str().unwrap();
    world.harden(["plan", "--control", "4.3", "--regions", HOME, "--out", file]).expect(0);
    log_group(&world, 50).await;
    let mut plan: Value = serde_json::from_slice(&read(&path).unwrap()).unwrap();
    let made: Timestamp = plan["taken_at"].as_str().unwrap().parse().unwrap();
    let ago = |days: i64| (made - SignedDuration::from_hours(24 * days)).to_string();
    let planned = plan["changes"].as_array().unwrap().clone();
    let mut put = planned.into_iter().find(|one| one["operation"]["op"] == "put-retention-policy");
    let put = put.as_mut().unwrap();
    put["requires"] = json!([]);
    put["operation"]["made_since"] = ago(58).into();
    plan["changes"] = json!([put]);
    plan["taken_at"] = ago(29).into();
    plan["expires_at"] = ago(-1).into();
    save(&path, plan.clone());
    let result = world.json(["apply", file, "--yes"]);
    assert_eq!(outcomes(&result), [("failed", 1)].into(), "{result:#}");
    assert_eq!(changes(&plan).len(), 1);
    assert_eq!(retention(&world).await, None);
    // It is as good as that for a group that is young indeed.
    grow(&world, 3);
    world.harden(["apply", file, "--yes"]).expect(0);
    assert_eq!(retention(&world).await, Some(30));

    // Older still, or from tomorrow, it is no plan that harden would have made.
    plan["taken_at"] = ago(30).into();
    save(&path, plan.clone());
    let answer = world.harden(["apply", file, "--yes"]).expect(64);
    answer.says("the plan is good for longer than 720 h after it was made");
    plan["changes"][0]["operation"]["made_since"] = ago(0).into();
    plan["taken_at"] = ago(-1).into();
    plan["expires_at"] = ago(-2).into();
    save(&path, plan);
    let answer = world.harden(["apply", file, "--yes"]).expect(1);
    answer.says("which is yet to come").says("set the clock of this machine");
}
