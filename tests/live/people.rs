//! 1.15: policies sit on groups and roles, not on users.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Child;

use serde_json::{Value, json};

use crate::answers::{control, left};
use crate::support::people::{ADMIN, DEPLOY, READ_ONLY, Rights, group, join, rights, user};
use crate::world::{Answer, World};

const DETAILS: &str = "GetAccountAuthorizationDetails";

/// Seven users, three of them with policies of their own, and a group.
async fn people() -> World {
    let world = World::new().await;
    let account = &world.account;
    group(account, "devs", "arn:aws:iam::aws:policy/PowerUserAccess").await;
    user(account, "alice", &[READ_ONLY], &[("deploy", DEPLOY)]).await;
    join(account, "alice", "devs").await;
    user(account, "bob", &[READ_ONLY], &[("deploy", DEPLOY)]).await;
    user(account, "carol", &[ADMIN], &[]).await;
    for name in ["dave", "erin", "frank", "grace"] {
        user(account, name, &[], &[]).await;
        join(account, name, "devs").await;
    }
    world
}

fn summaries(control: &Value) -> Vec<&str> {
    let findings = control["findings"].as_array().unwrap().iter();
    findings.map(|finding| finding["summary"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn users_with_policies_are_found_by_pages_of_one_call() {
    let world = people().await;
    let iam = world.account.iam("us-east-1");
    // A boundary gives nobody a right.
    let boundary = iam.put_user_permissions_boundary().user_name("grace");
    boundary.permissions_boundary(READ_ONLY).send().await.unwrap();
    world.account.forget_calls();
    let assessed = world.json(["assess", "--control", "1.15"]);
    let control = control(&assessed, "1.15");
    assert_eq!(control["verdict"], "fail");
    let expected = [
        "alice: managed policy ReadOnlyAccess and inline policy deploy",
        "bob: managed policy ReadOnlyAccess and inline policy deploy",
        "carol: managed policy AdministratorAccess",
    ];
    assert_eq!(summaries(control), expected);
    // Seven users and a group, three to a page.
    let calls = world.account.calls();
    let iam: Vec<&str> = calls
        .iter()
        .filter(|call| call.service == "iam" && call.operation != "ListAccountAliases")
        .map(|call| call.operation.as_str())
        .collect();
    assert_eq!(iam, [DETAILS; 3]);
    // Read whole, as it was written.
    let snapshot = world.reading();
    let text =
        &snapshot["iam"]["people"]["known"]["users"]["alice"]["policies"]["inline"]["deploy"];
    assert_eq!(text, DEPLOY);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_to_the_end_is_unknown_and_nothing_is_planned() {
    let world = people().await;
    let fault = |kind: &str| {
        let mut fault = json!({ "operation": DETAILS, "kind": kind });
        if kind == "delay" {
            // The first page comes.
            (fault["seconds"], fault["times"]) = (0.into(), 1.into());
        }
        world.account.fault(fault);
    };
    for faults in [&["deny"][..], &["delay", "deny"]] {
        for kind in faults {
            fault(kind);
        }
        let assessed = world.json(["assess", "--control", "1.15"]);
        let control = control(&assessed, "1.15");
        assert_eq!(control["verdict"], "unknown");
        assert_eq!(control["reason"], format!("iam:{DETAILS} is denied"));
        assert_eq!(summaries(control), [""; 0]);
        world.account.no_faults();
        for kind in faults {
            fault(kind);
        }
        let plan = world.json(["plan", "--control", "1.15"]);
        assert_eq!(plan["changes"], json!([]));
        assert_eq!(plan["not_planned"][0]["why"], "unknown", "{plan:#}");
        world.account.no_faults();
    }
}

/// What harden writes for 1.15, and what takes it back.
const WRITES: [&str; 12] = [
    "CreateGroup",
    "AttachGroupPolicy",
    "PutGroupPolicy",
    "AddUserToGroup",
    "DetachUserPolicy",
    "DeleteUserPolicy",
    "AttachUserPolicy",
    "PutUserPolicy",
    "RemoveUserFromGroup",
    "DetachGroupPolicy",
    "DeleteGroupPolicy",
    "DeleteGroup",
];

/// Reads what everybody may do again and again while harden runs: the same each time, and at least once
/// between any two writes.
async fn watched(world: &World, mut child: Child, always: &Rights) -> (Answer, Vec<String>) {
    world.account.forget_calls();
    while child.try_wait().unwrap().is_none() {
        assert_eq!(rights(&world.account).await.all, always.all);
    }
    assert_eq!(rights(&world.account).await.all, always.all);
    // Two whole readings, or one and two halves: one of them began after the write and ended before the
    // next.
    let calls = world.account.calls();
    let (mut writes, mut read) = (Vec::new(), 0);
    for call in calls.iter().filter(|call| call.service == "iam") {
        if call.is_write {
            assert!(writes.is_empty() || read >= 2 * PAGES, "{read} pages before {call:?}");
            (writes, read) = ([writes, vec![call.operation.clone()]].concat(), 0);
        } else if call.operation == DETAILS {
            read += 1;
        }
    }
    (child.wait_with_output().unwrap().into(), writes)
}

/// Seven users and up to three groups, three to a page.
const PAGES: usize = 4;

fn slow(world: &World) {
    for operation in WRITES {
        world.account.fault(json!({ "operation": operation, "kind": "delay", "seconds": 0.5 }));
    }
}

fn how_often(calls: &[String]) -> BTreeMap<&str, usize> {
    calls.iter().fold(BTreeMap::new(), |mut times, call| {
        *times.entry(call.as_str()).or_default() += 1;
        times
    })
}

fn none_directly(rights: &Rights) -> bool {
    rights.direct.values().all(BTreeSet::is_empty)
}

#[tokio::test(flavor = "multi_thread")]
async fn rights_move_to_groups_and_back_and_are_the_same_at_every_moment() {
    let world = people().await;
    let iam = world.account.iam("us-east-1");
    let boundary = iam.put_user_permissions_boundary().user_name("bob");
    boundary.permissions_boundary(READ_ONLY).send().await.unwrap();
    let (before, at_first) = (world.reading(), rights(&world.account).await);
    slow(&world);

    let child = world.start(["apply", "--control", "1.15", "--yes"]);
    let (answer, writes) = watched(&world, child, &at_first).await;
    answer
        .expect(0)
        .says("alice keeps the same rights through group harden-ReadOnlyAccess+deploy-");
    let expected = [
        ("AddUserToGroup", 3),
        ("AttachGroupPolicy", 2),
        ("CreateGroup", 2),
        ("DeleteUserPolicy", 2),
        ("DetachUserPolicy", 3),
        ("PutGroupPolicy", 1),
    ];
    assert_eq!(how_often(&writes), expected.into());
    let after = rights(&world.account).await;
    assert!(none_directly(&after), "{after:?}");
    // Two of one set, in one group; the group of others is as it was.
    let ours: Vec<&String> = after.named.iter().filter(|name| *name != "devs").collect();
    assert_eq!(ours.len(), 2);
    let of = |name: &str| after.groups[name].iter().map(String::as_str).collect::<Vec<_>>();
    assert_eq!(of("alice"), ["devs", ours[1].as_str()]);
    assert_eq!(of("bob"), [ours[1].as_str()]);
    assert_eq!(of("carol"), [ours[0].as_str()]);
    assert_eq!(of("grace"), ["devs"]);
    let bob = iam.get_user().user_name("bob").send().await.unwrap().user.unwrap();
    assert_eq!(bob.permissions_boundary.unwrap().permissions_boundary_arn.unwrap(), READ_ONLY);

    let assessed = world.json(["assess", "--control", "1.15"]);
    assert_eq!(control(&assessed, "1.15")["verdict"], "pass");
    world.account.forget_calls();
    let again = world.json(["apply", "--control", "1.15", "--yes"]);
    assert_eq!(again["outcome"], "nothing_to_do");
    assert_eq!(world.writes(), [""; 0]);

    let child = world.start(["undo", "last", "--yes"]);
    let (answer, writes) = watched(&world, child, &at_first).await;
    answer.expect(0).says("Done: 13 applied.");
    assert_eq!(writes.len(), 13);
    assert_eq!(rights(&world.account).await, at_first);
    assert_eq!(world.reading(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_runs_harden_is_left_alone() {
    let world = people().await;
    let bob = as_bob(&world).await;
    let at_first = rights(&world.account).await;
    let answer = bob(&["plan", "--control", "1.15"]).expect(0).says("user/bob");
    answer.says("1.15 self harden runs as bob, and leaves whoever runs it alone");
    let answer = bob(&["apply", "--control", "1.15", "--yes"]).expect(0);
    answer.says("somebody else has to run it, or to give ReadOnlyAccess and deploy to a group");
    let after = rights(&world.account).await;
    assert_eq!(after.all, at_first.all);
    let (own, others): (Vec<_>, Vec<_>) = after.direct.iter().partition(|(name, _)| *name == "bob");
    assert_eq!(
        (own[0].1, &after.groups["bob"]),
        (&at_first.direct["bob"], &at_first.groups["bob"])
    );
    assert!(others.iter().all(|(_, direct)| direct.is_empty()), "{others:?}");
    let assessed = world.json(["assess", "--control", "1.15"]);
    let summaries = summaries(control(&assessed, "1.15")).join("\n");
    assert_eq!(summaries, "bob: managed policy ReadOnlyAccess and inline policy deploy");
}

/// With the keys of bob, who is one of the users.
async fn as_bob(world: &World) -> impl Fn(&[&str]) -> Answer {
    let iam = world.account.iam("us-east-1");
    let key = iam.create_access_key().user_name("bob").send().await.unwrap().access_key.unwrap();
    move |arguments| {
        let mut command = world.command();
        command
            .env("AWS_ACCESS_KEY_ID", &key.access_key_id)
            .env("AWS_SECRET_ACCESS_KEY", &key.secret_access_key)
            .env_remove("AWS_SESSION_TOKEN");
        crate::world::run(command.args(arguments))
    }
}

/// The plan is somebody else's, and bob is in it.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_applies_a_plan_to_oneself() {
    let world = people().await;
    let bob = as_bob(&world).await;
    let at_first = rights(&world.account).await;
    let path = world.path("plan.json");
    let file = path.to_str().unwrap();
    world.harden(["plan", "--control", "1.15", "--out", file]).expect(0);
    let answer = bob(&["apply", file, "--yes"]).expect(3).says("1 failed, 2 skipped");
    answer.says("harden runs as bob, and leaves whoever runs it alone");
    let after = rights(&world.account).await;
    assert_eq!(after.all, at_first.all);
    let own = |rights: &Rights| (rights.direct["bob"].clone(), rights.groups["bob"].clone());
    assert_eq!(own(&after), own(&at_first));
    assert!(after.direct["alice"].is_empty() && after.direct["carol"].is_empty());
}

/// IAM takes longer to show the membership than harden waits before it looks.
#[tokio::test(flavor = "multi_thread")]
async fn what_iam_does_not_show_yet_is_waited_for() {
    let world = World::new().await;
    user(&world.account, "alice", &[READ_ONLY], &[]).await;
    world.account.settle(json!({ "propagation": { "membership": 18 } }));
    world.account.forget_calls();
    let result = world.json(["apply", "--control", "1.15", "--yes"]);
    assert_eq!(result["outcome"], "complete", "{result:#}");
    let calls = world.account.calls();
    let at = |operation: &str| calls.iter().position(|call| call.operation == operation).unwrap();
    let (joined, left) = (at("AddUserToGroup"), at("DetachUserPolicy"));
    let looks = calls[joined..left].iter().filter(|call| call.operation == "ListGroupsForUser");
    assert!(looks.count() >= 2, "{calls:?}");
    assert!(none_directly(&rights(&world.account).await));
}

/// A membership is refused: its user stays as it is, all others are done, and the next run does the rest.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_stops_only_its_own_user_and_is_done_by_the_next_run() {
    let world = people().await;
    let at_first = rights(&world.account).await;
    let denied = json!({ "operation": "AddUserToGroup", "kind": "deny", "times": 1 });
    world.account.fault(denied);
    world.harden(["apply", "--control", "1.15", "--yes"]).expect(3).says("1 failed, 2 skipped");
    let halfway = rights(&world.account).await;
    assert_eq!(halfway.all, at_first.all);
    assert_eq!(halfway.direct["alice"], at_first.direct["alice"]);
    assert!(halfway.direct["bob"].is_empty() && halfway.direct["carol"].is_empty());
    // And once more in the middle: one policy is off, the other is not.
    let denied = json!({ "operation": "DeleteUserPolicy", "kind": "deny", "times": 1 });
    world.account.fault(denied);
    world.harden(["apply", "--control", "1.15", "--yes"]).expect(3).says("2 applied, 1 failed");
    world.account.forget_calls();
    world.harden(["apply", "--control", "1.15", "--yes"]).expect(0).says("Done: 1 applied.");
    assert_eq!(world.writes(), ["iam:DeleteUserPolicy"]);
    let after = rights(&world.account).await;
    assert!(none_directly(&after));
    assert_eq!((after.all, after.named.len()), (at_first.all, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_answers_make_nothing_twice() {
    let world = World::new().await;
    user(&world.account, "alice", &[READ_ONLY], &[("deploy", DEPLOY)]).await;
    let before = world.reading();
    for arguments in [["apply", "--control=1.15", "--yes"], ["undo", "last", "--yes"]] {
        for operation in WRITES {
            world
                .account
                .fault(json!({ "operation": operation, "kind": "drop_after", "times": 1 }));
        }
        world.account.forget_calls();
        let result = world.json(arguments);
        assert_eq!(result["outcome"], "complete", "{result:#}");
        assert_eq!(world.writes().len(), 6, "{:?}", world.writes());
        world.account.no_faults();
    }
    assert_eq!(world.reading(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_in_as_many_groups_as_may_be_stays() {
    let world = World::new().await;
    user(&world.account, "alice", &[READ_ONLY], &[]).await;
    for number in 0..10 {
        let name = format!("group-{number}");
        group(&world.account, &name, READ_ONLY).await;
        join(&world.account, "alice", &name).await;
    }
    let plan = world.json(["plan", "--control", "1.15"]);
    assert_eq!(plan["changes"], json!([]));
    let told = "alice is in 10 groups and would be in 11, and IAM allows 10: take alice out of one";
    assert_eq!(left(&plan, "1.15"), [format!("unsupported alice: {told}")]);
}
