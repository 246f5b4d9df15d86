//! The policies that `harden policy` prints allow every call that harden makes.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::credentials::{sleeper, user};
use crate::support::account::Call;
use crate::support::alarms::{alarm, filter, heard};
use crate::support::logging::{HOME, good_trail, recorder};
use crate::support::people::{self, DEPLOY, READ_ONLY};
use crate::support::seed;
use crate::world::World;

const SETTINGS: &str = r#"
[monitoring]
notify = ["email:security@acme.dev"]
[contact]
name = "Security team"
title = "Incident response"
email = "security@acme.dev"
phone = "+49 30 1234567"
"#;

/// The permission that a call takes, where its name is another than that of the call.
const RENAMED: [(&str, &str); 6] = [
    ("s3:HeadBucket", "s3:ListBucket"),
    ("s3:GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock"),
    ("s3:PutPublicAccessBlock", "s3:PutBucketPublicAccessBlock"),
    ("s3:DeletePublicAccessBlock", "s3:PutBucketPublicAccessBlock"),
    // Everybody may ask who they are, and need not know what the account is called.
    ("sts:GetCallerIdentity", ""),
    ("iam:ListAccountAliases", ""),
];

fn permissions(calls: &[Call]) -> BTreeSet<String> {
    let of = |call: &Call| {
        let name = format!("{}:{}", call.service, call.operation);
        let renamed = RENAMED.iter().find(|(from, _)| *from == name);
        renamed.map_or(name, |(_, to)| (*to).to_owned())
    };
    calls.iter().map(of).filter(|permission| !permission.is_empty()).collect()
}

/// The actions that a policy allows.
fn allowed(world: &World, flags: &[&str]) -> BTreeSet<String> {
    let answer = crate::world::run(world.command().arg("policy").args(flags)).expect(0);
    let policy: Value = serde_json::from_str(&answer.stdout).unwrap();
    let statements = policy["Statement"].as_array().unwrap().iter();
    let actions = statements.flat_map(|statement| {
        assert_eq!(statement["Effect"], "Allow");
        is_about_its_own(statement);
        statement["Action"].as_array().unwrap()
    });
    actions.map(|action| action.as_str().unwrap().to_owned()).collect()
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

#[tokio::test(flavor = "multi_thread")]
async fn what_is_printed_for_a_plan_allows_all_that_its_apply_and_its_undo_call() {
    let world = World::whole_with(SETTINGS).await;
    user(&world.account, "idle", 300, Some(200)).await;
    sleeper(&world.account, "rests", 300).await;
    people::user(&world.account, "alice", &[READ_ONLY], &[("deploy", DEPLOY)]).await;
    let path = world.path("plan.json");
    let file = path.to_str().unwrap();
    let read = allowed(&world, &["--read"]);
    let nothing = Vec::<String>::new();

    world.account.forget_calls();
    world.harden(["plan", "--max-risk", "destructive", "--out", file]).expect(0);
    let calls = world.account.calls();
    assert_eq!(missing(&permissions(&calls), &read), nothing, "of a plan");

    let of_plan = allowed(&world, &["--plan", file]);
    world.account.forget_calls();
    world.harden(["apply", file, "--yes"]).expect(0);
    let calls = world.account.calls();
    // Last, all is read again.
    let last = calls.iter().rposition(|call| call.is_write).unwrap();
    let (changing, looking) = calls.split_at(last + 1);
    assert_eq!(missing(&permissions(changing), &of_plan), nothing, "of the changes");
    assert_eq!(missing(&permissions(looking), &(&read | &of_plan)), nothing, "of what follows");
    // What is asked for beside the call: to hand on roles, to tag what is made.
    for beside in [
        "ec2:CreateTags",
        "iam:PassRole",
        "iam:TagRole",
        "s3:TagResource",
        "logs:TagResource",
        "kms:TagResource",
        "sns:TagResource",
        "cloudtrail:AddTags",
        "cloudwatch:TagResource",
    ] {
        assert!(of_plan.contains(beside), "{beside}");
    }

    world.account.forget_calls();
    world.harden(["undo", "last", "--yes"]).expect(3);
    let calls = world.account.calls();
    assert_eq!(missing(&permissions(&calls), &of_plan), nothing, "of the undo");
    let write = allowed(&world, &["--write"]);
    assert_eq!(missing(&of_plan, &(&read | &write)), nothing, "of all plans");
}

/// An account in which there is much to read.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_printed_for_reading_allows_every_read() {
    let world = World::whole_with(SETTINGS).await;
    let account = &world.account;
    seed::mess(account, &[HOME]).await;
    good_trail(account, "main").await;
    recorder(account, HOME, true).await;
    filter(account, "main", "f", "{ $.a = 1 }", "F").await;
    let topic = heard(account, HOME, "security", "a@acme.dev").await;
    alarm(account, "bell", "F", &topic).send().await.unwrap();
    let snapshot = world.path("account.json");
    world.account.forget_calls();
    world.harden(["assess"]).expect(0);
    world.harden(["plan"]).expect(0);
    world.harden(["snapshot", "--out", snapshot.to_str().unwrap()]).expect(0);
    let asked = permissions(&world.account.calls());
    assert!(asked.len() > 35, "{asked:?}");
    assert_eq!(missing(&asked, &allowed(&world, &["--read"])), Vec::<String>::new());
}
