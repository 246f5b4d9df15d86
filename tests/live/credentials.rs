//! 1.3 and 1.4: keys and passwords go one by one, by their last use of just now, never those of whoever runs
//! harden, and not many without being asked.

use std::process::Command;

use aws_sdk_iam::types::StatusType;
use rexpect::process::WaitStatus;
use rexpect::session::spawn_command;
use serde_json::{Value, json};

use crate::answers::{changes, errors, findings, left};
use crate::support::account::Account;
use crate::world::{World, run};

/// An access key, as it is made.
pub(crate) struct Key {
    id: String,
    secret: String,
}

/// A user with a key that was made and last used so many days ago; `None`: never.
pub(crate) async fn user(account: &Account, name: &str, made: u32, used: Option<u32>) -> Key {
    let iam = account.iam("us-east-1");
    iam.create_user().user_name(name).path("/staff/").send().await.unwrap();
    let made_key = iam.create_access_key().user_name(name).send().await.unwrap();
    let key = made_key.access_key.unwrap();
    age(account, name, made, used);
    Key { id: key.access_key_id, secret: key.secret_access_key }
}

fn age(account: &Account, name: &str, made: u32, used: Option<u32>) {
    let keys =
        [json!({ "rotated": made, "last_used": used, "service": "s3", "region": "eu-west-1" })];
    account.settle(json!({ "users": { name: { "created": 900, "keys": keys } } }));
}

/// A user who signs in, and last did so many days ago.
pub(crate) async fn sleeper(account: &Account, name: &str, used: u32) {
    let iam = account.iam("us-east-1");
    iam.create_user().user_name(name).send().await.unwrap();
    let profile = iam.create_login_profile().user_name(name).password("Correct-Horse-9");
    profile.send().await.unwrap();
    last_sign_in(account, name, used);
}

fn last_sign_in(account: &Account, name: &str, used: u32) {
    let times = json!({ "password_last_changed": 400, "password_last_used": used });
    account.settle(json!({ "users": { name: times } }));
}

async fn is_active(account: &Account, name: &str) -> bool {
    let iam = account.iam("us-east-1");
    let keys = iam.list_access_keys().user_name(name).send().await.unwrap();
    keys.access_key_metadata[0].status == Some(StatusType::Active)
}

async fn has_password(account: &Account, name: &str) -> bool {
    let iam = account.iam("us-east-1");
    iam.get_login_profile().user_name(name).send().await.is_ok()
}

/// The command, as a user with this key and not as the role of the other tests.
fn as_user(world: &World, key: &Key) -> Command {
    let mut command = world.command();
    command
        .env("AWS_ACCESS_KEY_ID", &key.id)
        .env("AWS_SECRET_ACCESS_KEY", &key.secret)
        .env_remove("AWS_SESSION_TOKEN");
    command
}

fn calls(world: &World, operation: &str) -> usize {
    world.account.calls().iter().filter(|call| call.operation == operation).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_turns_off_every_old_key_but_its_own() {
    let world = World::new().await;
    let account = &world.account;
    let own = user(account, "operator", 120, Some(1)).await;
    user(account, "rests", 120, Some(35)).await;
    user(account, "forgotten", 400, None).await;
    user(account, "busy", 120, Some(0)).await;
    user(account, "young", 20, Some(0)).await;
    let who = format!("arn:aws:iam::{}:user/staff/operator", account.id);

    let told = run(as_user(&world, &own).args(["plan", "--control", "1.4"])).expect(0);
    let told = told.says(&who).says("operator: access key 1 made 120 days ago");
    let told = told.says("harden runs as operator and changes nothing of its own");
    told.says("last used on").says("for s3 in eu-west-1; made on");

    account.forget_calls();
    let answer = run(as_user(&world, &own).args(["apply", "--control", "1.4", "--yes"])).expect(0);
    answer
        .says("self operator: ")
        .says("of busy: destructive")
        .says("it is in use")
        .says("Done: 2 applied.");
    assert_eq!(world.writes(), ["iam:UpdateAccessKey", "iam:UpdateAccessKey"]);
    for (name, active) in [
        ("operator", true),
        ("rests", false),
        ("forgotten", false),
        ("busy", true),
        ("young", true),
    ] {
        assert_eq!(is_active(account, name).await, active, "{name}");
    }

    account.forget_calls();
    let flags = ["apply", "--control", "1.4", "--max-risk", "destructive", "--yes"];
    run(as_user(&world, &own).args(flags)).expect(0).says("[destructive]").says("Done: 1 applied.");
    assert!(!is_active(account, "busy").await && is_active(account, "operator").await);
    assert_eq!(world.writes(), ["iam:UpdateAccessKey"]);
    // What is left is the operator's own, and nothing is done about it however often it is asked for.
    account.forget_calls();
    run(as_user(&world, &own).args(flags)).expect(0).says("Nothing to change.");
    assert_eq!(world.writes(), Vec::<String>::new());
    run(as_user(&world, &own).args(["undo", "last", "--yes"])).expect(0);
    assert!(is_active(account, "busy").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_go_and_come_back_and_nobody_is_read_in_vain() {
    let world = World::new().await;
    let account = &world.account;
    user(account, "idle", 300, Some(91)).await;
    user(account, "never", 300, None).await;
    user(account, "daily", 60, Some(0)).await;
    let before = world.reading();
    account.forget_calls();
    let plan = world.json(["plan", "--control", "1.3,1.4"]);
    assert_eq!(changes(&plan), ["update-access-key idle", "update-access-key never"]);
    assert_eq!(plan["changes"][0]["controls"], json!(["1.3", "1.4"]));
    let last = plan["changes"][0]["impact"][0].as_str().unwrap();
    assert!(
        last.starts_with("last used on 20") && last.contains("91 days ago, for s3 in eu-west-1")
    );
    // Two users with findings.
    assert_eq!((calls(&world, "ListAccessKeys"), calls(&world, "GetAccessKeyLastUsed")), (2, 2));
    assert_eq!((calls(&world, "GetUser"), calls(&world, "GetLoginProfile")), (0, 0));

    let result = world.json(["apply", "--control", "1.3,1.4", "--yes"]);
    assert_eq!(result["outcome"], "complete", "{result:#}");
    assert_eq!(result["verified"]["holds"].as_array().unwrap().len(), 2);
    let score = &result["score"];
    // AWS still serves the report of before, and the keys are judged as they are.
    let passed = |at: &str| score[at]["passed"].as_u64().unwrap();
    assert_eq!(passed("after"), passed("before") + 2, "{result:#}");
    account.forget_calls();
    let again = world.json(["apply", "--control", "1.3,1.4", "--yes"]);
    assert_eq!(again["outcome"], "nothing_to_do");
    assert_eq!(world.writes(), Vec::<String>::new());

    let undone = world.json(["undo", "last", "--yes"]);
    assert_eq!(undone["outcome"], "complete", "{undone:#}");
    assert!(is_active(account, "idle").await && is_active(account, "never").await);
    assert_eq!(world.reading(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_goes_only_when_asked_for_and_for_good() {
    let world = World::new().await;
    sleeper(&world.account, "bob", 100).await;
    sleeper(&world.account, "alice", 3).await;
    let plan = world.json(["plan", "--control", "1.3"]);
    assert_eq!(plan["changes"], json!([]));
    let entries = left(&plan, "1.3");
    assert_eq!(entries.len(), 1, "{entries:?}");
    assert!(entries[0].starts_with("held_back bob: password of bob: destructive"), "{entries:?}");
    assert!(entries[0].contains("cannot be given back"), "{entries:?}");

    let destructive = ["--control", "1.3", "--max-risk", "destructive"];
    let page = run(world.command().arg("plan").args(destructive)).expect(0);
    page.says("undo impossible: the password cannot be given back");
    world.account.forget_calls();
    let result = world.ask(&[&["apply", "--yes"], destructive.as_slice()].concat());
    assert_eq!(result["outcome"], "complete", "{result:#}");
    assert_eq!(world.writes(), ["iam:DeleteLoginProfile"]);
    assert!(!has_password(&world.account, "bob").await);
    assert!(has_password(&world.account, "alice").await);
    let undo = world.harden(["undo", "last", "--yes"]).expect(1);
    undo.says("the password cannot be given back: an administrator can only set a new one");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_used_since_the_plan_is_left_alone() {
    let world = World::new().await;
    user(&world.account, "yearly", 500, Some(364)).await;
    user(&world.account, "forgotten", 500, Some(400)).await;
    sleeper(&world.account, "bob", 100).await;
    sleeper(&world.account, "carol", 100).await;
    let path = world.path("plan.json");
    let file = path.to_str().unwrap();
    let flags = ["--control", "1.3,1.4", "--max-risk", "destructive", "--out", file];
    run(world.command().arg("plan").args(flags)).expect(0);
    age(&world.account, "yearly", 500, Some(0));
    last_sign_in(&world.account, "bob", 0);
    let iam = world.account.iam("us-east-1");
    iam.delete_login_profile().user_name("carol").send().await.unwrap();
    let profile = iam.create_login_profile().user_name("carol").password("Another-Horse-9");
    profile.send().await.unwrap();

    world.account.forget_calls();
    let result = world.json(["apply", file, "--yes"]);
    assert_eq!(result["outcome"], "partial", "{result:#}");
    let ends: Vec<&Value> =
        result["changes"].as_array().unwrap().iter().map(|one| &one["outcome"]).collect();
    assert_eq!(ends, ["stale", "stale", "applied", "stale"], "{result:#}");
    let told = errors(&result);
    assert_eq!(told.matches("is now `used again 20").count(), 2, "{told}");
    assert_eq!(told.matches("set again 20").count(), 1, "{told}");
    assert!(told.contains(" for s3 in eu-west-1`"), "{told}");
    assert_eq!(world.writes(), ["iam:UpdateAccessKey"]);
    assert!(is_active(&world.account, "yearly").await);
    assert!(
        has_password(&world.account, "bob").await && has_password(&world.account, "carol").await
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_of_somebody_else_does_not_touch_whoever_applies_it() {
    let world = World::new().await;
    let own = user(&world.account, "operator", 400, Some(200)).await;
    user(&world.account, "forgotten", 400, Some(200)).await;
    let path = world.path("plan.json");
    let file = path.to_str().unwrap();
    world.harden(["plan", "--control", "1.3", "--out", file]).expect(0).says("2 changes");
    world.account.forget_calls();
    let answer = run(as_user(&world, &own).args(["apply", file, "--yes"])).expect(1);
    answer.says("the plan changes credentials of whoever runs harden now").says("make a new plan");
    assert_eq!(world.writes(), Vec::<String>::new());
    assert!(world.runs().is_empty());
    // It is good for those who made it, but for the key that was used just now.
    let answer = world.harden(["apply", file, "--yes"]).expect(3);
    answer.says("1 applied, 1 stale").says("is now `used again 20");
    assert!(is_active(&world.account, "operator").await);
}

/// A person takes on a role with an access key: the person is left alone, and the role too.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_stands_behind_a_role_is_left_alone() {
    let world = World::new().await;
    let account = &world.account;
    sleeper(account, "operator", 300).await;
    let iam = account.iam("us-east-1");
    let made = iam.create_access_key().user_name("operator").send().await.unwrap();
    let made = made.access_key.unwrap();
    let second = iam.create_access_key().user_name("operator").send().await.unwrap();
    let second = second.access_key.unwrap();
    let key = json!({ "rotated": 400, "last_used": 300, "service": "s3", "region": "eu-west-1" });
    let ages =
        json!({ "password_last_changed": 400, "password_last_used": 300, "keys": [key, key] });
    account.settle(json!({ "users": { "operator": ages } }));
    let policy = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    iam.attach_user_policy().user_name("operator").policy_arn(policy).send().await.unwrap();
    let files = format!(
        "[profile admin]\nrole_arn = arn:aws:iam::{}:role/admin\nsource_profile = keys\n[profile keys]\n\
         aws_access_key_id = {}\naws_secret_access_key = {}\n",
        account.id, made.access_key_id, made.secret_access_key
    );
    std::fs::write(world.path("aws-config"), files).unwrap();
    let command = || {
        let mut command = world.command();
        for name in ["ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN"] {
            command.env_remove(format!("AWS_{name}"));
        }
        command.args(["--profile", "admin"]);
        command
    };
    account.forget_calls();
    run(command().args(["plan", "--control", "4.1"])).expect(0);
    assert_eq!(calls(&world, "GetAccessKeyLastUsed"), 1, "whose key it is");
    let controls = ["--control", "1.3,1.4,1.15", "--max-risk", "destructive"];
    let told = run(command().arg("plan").args(controls)).expect(0);
    let told = told.says("assumed-role/admin/").says("harden runs as operator");
    told.says("Nothing to change.").says("give ReadOnlyAccess to a group");

    // Somebody else's plan does not touch them either.
    let path = world.path("plan.json");
    let file = path.to_str().unwrap();
    world
        .harden(["plan", "--control", "1.3", "--max-risk", "destructive", "--out", file])
        .expect(0);
    let answer = run(command().args(["apply", file, "--yes"])).expect(1);
    answer.says("the plan changes credentials of whoever runs harden now");
    assert_eq!(world.writes(), Vec::<String>::new());
    assert!(has_password(account, "operator").await);
    assert_ne!(made.access_key_id, second.access_key_id);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_undo_leaves_alone_whoever_runs_it() {
    let world = World::new().await;
    let own = user(&world.account, "operator", 400, Some(200)).await;
    let iam = world.account.iam("us-east-1");
    let second = iam.create_access_key().user_name("operator").send().await.unwrap();
    let second = second.access_key.unwrap();
    let second = Key { id: second.access_key_id, secret: second.secret_access_key };
    age(&world.account, "operator", 400, Some(200));
    world.harden(["apply", "--control", "1.3", "--yes"]).expect(0).says("Done: 1 applied.");
    world.account.forget_calls();
    let undo = run(as_user(&world, &second).args(["undo", "last", "--yes"])).expect(1);
    undo.says("operator: it is about whoever runs harden")
        .says("somebody else has to take it back");
    assert_eq!(world.writes(), Vec::<String>::new());
    assert_ne!(own.id, second.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_not_be_read_is_not_planned() {
    let world = World::new().await;
    user(&world.account, "idle", 300, Some(200)).await;
    sleeper(&world.account, "bob", 100).await;
    for (operation, who) in
        [("ListAccessKeys", "idle"), ("GetAccessKeyLastUsed", "idle"), ("GetUser", "bob")]
    {
        world.account.fault(json!({ "service": "iam", "operation": operation, "kind": "deny" }));
        let plan = world.json(["plan", "--control", "1.3", "--max-risk", "destructive"]);
        assert_eq!(changes(&plan).len(), 1, "{operation}: {plan:#}");
        let entries = left(&plan, "1.3");
        assert_eq!(entries.len(), 1, "{entries:?}");
        assert!(entries[0].starts_with(&format!("unknown {who}: ")), "{entries:?}");
        assert!(entries[0].ends_with(&format!("iam:{operation} is denied")), "{entries:?}");
        world.account.no_faults();
    }
    // Judging takes nothing but the report.
    world.account.forget_calls();
    let assessed = world.json(["assess", "--control", "1.3"]);
    assert_eq!(findings(&assessed, "1.3").len(), 2);
    assert_eq!(calls(&world, "ListAccessKeys") + calls(&world, "GetUser"), 0);
}

const LIMITED: &str = "
[credentials]
max_changes = 2
";

async fn three_idle() -> World {
    let world = World::whole_with(LIMITED).await;
    for name in ["one", "two", "three"] {
        user(&world.account, name, 300, Some(200)).await;
    }
    world.account.forget_calls();
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn many_do_not_go_unasked() {
    let world = three_idle().await;
    let more = "3 credentials go, more than `credentials.max_changes` (2)";
    world.harden(["plan", "--control", "1.3"]).expect(0).says(more);
    let unasked = ["apply", "--control", "1.3", "--yes"];
    let answer = run(world.command().args(unasked)).expect(4);
    answer.says("3 credentials go, more than allowed").says("pass `--max-credential-changes 3`");
    let few = run(world.command().args(unasked).args(["--max-credential-changes", "2"])).expect(4);
    few.says("Declined: nothing was changed.");
    let alone = ["apply", "--control", "1.3", "--max-credential-changes", "3"];
    run(world.command().args(alone)).expect(64).says("--yes");
    assert_eq!(world.writes(), Vec::<String>::new());
    assert!(world.runs().is_empty());
    let enough =
        run(world.command().args(unasked).args(["--max-credential-changes", "3"])).expect(0);
    enough.says("Done: 3 applied.");
    // Giving back is not taking away.
    world.harden(["undo", "last", "--yes"]).expect(0).says("Done: 3 applied.");
}

const UP: &str = "\u{1b}[A";

/// Answers on a terminal: all, then this number; then the account's id, if it is asked for.
fn answers_with(world: &World, number: &str, ends: &str) -> i32 {
    let mut command = world.command();
    command.args(["apply", "--control", "1.3", "--color", "never"]).env("TERM", "xterm");
    let mut session = spawn_command(command, Some(30_000)).unwrap();
    session.exp_string("Which changes shall be made?").unwrap();
    session.send(&format!("{}\r", UP.repeat(3))).unwrap();
    session.flush().unwrap();
    session.exp_string("3 credentials go").unwrap();
    session.send(&format!("{number}\r")).unwrap();
    session.flush().unwrap();
    if number == "3" {
        session.exp_string("Type the account id").unwrap();
        session.send(&format!("{}\r", world.account.id)).unwrap();
        session.flush().unwrap();
    }
    session.exp_string(ends).unwrap();
    session.exp_eof().unwrap();
    let status = session.process().wait().unwrap();
    let WaitStatus::Exited(_, code) = status else { panic!("{status:?}") };
    code
}

#[tokio::test(flavor = "multi_thread")]
async fn their_number_is_typed() {
    let world = three_idle().await;
    let wrong = "that is not the number of the keys and passwords that go";
    assert_eq!(answers_with(&world, "4", wrong), 4);
    assert_eq!(answers_with(&world, "", wrong), 4);
    assert_eq!(world.writes(), Vec::<String>::new());
    assert_eq!(answers_with(&world, "3", "Done: 3 applied."), 0);
    assert_eq!(world.writes().len(), 3);
}
