//! 1.15: policies sit on groups and roles, not on users.

use serde_json::{Value, json};

use crate::answers::control;
use crate::support::people::{ADMIN, DEPLOY, READ_ONLY, group, join, user};
use crate::world::World;

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
