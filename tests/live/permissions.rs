//! The policies that `harden policy` prints allow every call that harden makes.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::answers::{errors, outcomes};
use crate::credentials::{sleeper, user};
use crate::support::alarms::{alarm, filter, heard};
use crate::support::logging::{HOME, good_trail, recorder};
use crate::support::people::{self, DEPLOY, READ_ONLY};
use crate::support::seed;
use crate::world::{World, run};

const SETTINGS: &str = r#"
[monitoring]
notify = ["email:security@acme.dev"]
[contact]
name = "Security team"
title = "Incident response"
email = "security@acme.dev"
phone = "+49 30 1234567"
"#;

/// The policies that are printed.
fn printed(world: &World, flags: &[&str]) -> Vec<Value> {
    let answer = run(world.command().arg("policy").args(flags)).expect(0);
    let documents = serde_json::Deserializer::from_str(&answer.stdout).into_iter();
    let documents: Vec<Value> = documents.collect::<Result<_, _>>().unwrap();
    for document in &documents {
        assert!(document.to_string().len() <= 6144, "too long for IAM");
    }
    documents
}

/// The actions that policies allow.
fn allowed(policies: &[Value]) -> BTreeSet<String> {
    let statements = policies.iter().flat_map(|policy| policy["Statement"].as_array().unwrap());
    let actions = statements.flat_map(|statement| {
        assert_eq!(statement["Effect"], "Allow");
        is_about_its_own(statement);
        statement["Action"].as_array().unwrap()
    });
    actions.map(|action| action.as_str().unwrap().to_owned()).collect()
}

/// From now on everybody in the account acts by these.
fn act_by(world: &World, policies: &[&[Value]]) {
    world.account.settle(json!({ "policies": policies.concat() }));
}

/// No service does anything to what another keeps, and roles are handed to none but those that are named.
fn is_about_its_own(statement: &Value) {
    let passes = statement["Action"].as_array().unwrap().contains(&"iam:PassRole".into());
    let to = &statement["Condition"]["StringEquals"]["iam:PassedToService"];
    assert_eq!(passes, to.is_array(), "{statement:#}");
    for resource in statement["Resource"].as_array().unwrap() {
        let service = resource.as_str().unwrap().split(':').nth(2);
        for action in statement["Action"].as_array().unwrap() {
            let of = action.as_str().unwrap().split(':').next();
            assert!(resource == "*" || of == service, "{action} on {resource}");
        }
    }
}

fn missing(needed: &BTreeSet<String>, allowed: &BTreeSet<String>) -> Vec<String> {
    needed.difference(allowed).cloned().collect()
}

/// The emulator judges every call as AWS does, by its resources, its tags and the roles that it hands on.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_printed_for_a_plan_allows_its_apply_and_its_undo_and_nothing_else() {
    let world = World::whole_with(SETTINGS).await;
    user(&world.account, "idle", 300, Some(200)).await;
    sleeper(&world.account, "rests", 300).await;
    people::user(&world.account, "alice", &[READ_ONLY], &[("deploy", DEPLOY)]).await;
    let path = world.path("plan.json");
    let file = path.to_str().unwrap();
    let read = printed(&world, &["--read"]);

    act_by(&world, &[&read]);
    world.harden(["plan", "--max-risk", "destructive", "--out", file]).expect(0);
    let of_plan = printed(&world, &["--plan", file]);
    act_by(&world, &[&read, &of_plan]);
    world.harden(["apply", file, "--yes"]).expect(0);
    let mut used = world.account.used_actions();
    act_by(&world, &[&of_plan]);
    // The key, and the password that is gone.
    let undone = world.json(["undo", "last", "--yes", "--max-risk", "destructive"]);
    let outcomes = outcomes(&undone);
    assert_eq!(outcomes.keys().copied().collect::<Vec<_>>(), ["applied"], "{:?}", errors(&undone));
    used.extend(world.account.used_actions());
    world.account.settle(json!({ "policies": null }));

    assert_eq!(missing(&allowed(&of_plan), &used), [""; 0], "printed, and needed by no call");
    let all = [printed(&world, &["--read"]), printed(&world, &["--write"])].concat();
    assert_eq!(missing(&allowed(&of_plan), &allowed(&all)), [""; 0], "of all plans");
}

/// An account in which there is much to read.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_printed_for_reading_allows_every_read_and_nothing_else() {
    let world = World::whole_with(SETTINGS).await;
    let account = &world.account;
    seed::mess(account, &[HOME]).await;
    good_trail(account, "main").await;
    recorder(account, HOME, true).await;
    filter(account, "main", "f", "{ $.a = 1 }", "F").await;
    let topic = heard(account, HOME, "security", "a@acme.dev").await;
    alarm(account, "bell", "F", &topic).send().await.unwrap();
    user(account, "idle", 300, Some(200)).await;
    sleeper(account, "rests", 300).await;
    // The role that flow logs would be given, with a policy of its own.
    crate::flow_logs::role(account, "harden-flow-logs", "logs:*").await;
    let snapshot = world.path("account.json");
    let unjudged = world.json(["assess"]);
    let read = printed(&world, &["--read"]);
    act_by(&world, &[&read]);
    let assessed = world.json(["assess"]);
    let judged = |answer: &Value| {
        let controls = answer["controls"].as_array().unwrap().iter();
        controls.map(|one| one["verdict"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(judged(&assessed), judged(&unjudged));
    world.harden(["plan"]).expect(0);
    world.harden(["snapshot", "--out", snapshot.to_str().unwrap()]).expect(0);
    let used = world.account.used_actions();
    assert_eq!(missing(&allowed(&read), &used), [""; 0], "printed, and needed by no call");
    assert!(used.len() > 40, "{used:?}");
    // Without one of them, what needs it is not known.
    act_by(&world, &[&without(&read, "kms:GetKeyRotationStatus")]);
    let assessed = world.json(["assess", "--control", "2.8"]);
    assert_eq!(assessed["controls"][0]["verdict"], "unknown");
}

fn without(policies: &[Value], action: &str) -> Vec<Value> {
    let mut policies = policies.to_vec();
    for policy in &mut policies {
        for statement in policy["Statement"].as_array_mut().unwrap() {
            statement["Action"].as_array_mut().unwrap().retain(|one| one != action);
        }
    }
    policies
}
