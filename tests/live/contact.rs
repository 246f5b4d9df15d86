//! 3.15: registered where nobody is, never replaced, taken back by deleting.

use aws_sdk_account::types::{AlternateContact, AlternateContactType};
use serde_json::json;

use crate::support::account::Account;
use crate::world::World;

const CONTACT: &str = r#"
[contact]
name = "Security team"
title = "Incident response"
email = "security@acme.dev"
phone = "+49 30 1234567"
"#;

async fn registered(account: &Account) -> Option<AlternateContact> {
    let get = account.contacts("us-east-1").get_alternate_contact();
    match get.alternate_contact_type(AlternateContactType::Security).send().await {
        Ok(answer) => answer.alternate_contact,
        Err(error) => {
            assert!(error.into_service_error().is_resource_not_found_exception());
            None
        }
    }
}

async fn register(account: &Account, kind: AlternateContactType, email: &str) {
    let put = account.contacts("us-east-1").put_alternate_contact().alternate_contact_type(kind);
    let put = put.name("Somebody").title("on call").email_address(email).phone_number("1");
    put.send().await.unwrap();
}

/// A world, and a baseline that names a contact.
async fn world() -> (World, String) {
    let world = World::new().await;
    let path = world.path("mine.toml");
    std::fs::write(&path, CONTACT).unwrap();
    let file = path.to_str().unwrap().to_owned();
    (world, file)
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_becomes_somebody_and_nobody_again() {
    let (world, file) = world().await;
    register(&world.account, AlternateContactType::Billing, "billing@acme.dev").await;
    let plan = world.harden(["plan", "--control", "3.15", "--baseline", &file]).expect(0);
    plan.says("3.15 security contact [additive] put-alternate-contact security-contact + name Security team + title Incident response")
        .says("AWS writes to security@acme.dev (Security team) about security and abuse");
    world.account.forget_calls();
    world.harden(["apply", "--control", "3.15", "--baseline", &file, "--yes"]).expect(0);
    assert_eq!(world.writes(), ["account:PutAlternateContact"]);
    let contact = registered(&world.account).await.unwrap();
    assert_eq!(contact.name(), Some("Security team"));
    assert_eq!(contact.title(), Some("Incident response"));
    assert_eq!(contact.email_address(), Some("security@acme.dev"));
    assert_eq!(contact.phone_number(), Some("+49 30 1234567"));

    world.harden(["verify", "last"]).expect(0);
    world.account.forget_calls();
    let again = world.harden(["apply", "--control", "3.15", "--baseline", &file, "--yes"]);
    again.expect(0).says("Nothing to change");
    assert_eq!(world.writes(), Vec::<String>::new());

    world.harden(["undo", "last", "--yes"]).expect(0);
    assert_eq!(world.writes(), ["account:DeleteAlternateContact"]);
    assert_eq!(registered(&world.account).await, None);
    // The undo is a run too.
    world.harden(["undo", &world.last_run(), "--yes"]).expect(0);
    assert_eq!(registered(&world.account).await, Some(contact));
    let billing = world.account.contacts("us-east-1").get_alternate_contact();
    let billing = billing.alternate_contact_type(AlternateContactType::Billing).send().await;
    assert!(billing.is_ok(), "the other contacts are not harden's business");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_setting_nobody_is_registered() {
    let world = World::new().await;
    let plan = world.json(["plan", "--control", "3.15"]);
    assert_eq!(plan["changes"], json!([]));
    let left = &plan["not_planned"][0];
    assert_eq!((&left["control"], &left["why"]), (&json!("3.15"), &json!("needs_setting")));
    assert!(left["detail"].as_str().unwrap().contains("`[contact]`"), "{left:#}");
    world.harden(["apply", "--control", "3.15", "--yes"]).expect(0).says("needs setting");
    assert_eq!(world.writes(), Vec::<String>::new());
    let assessed = world.json(["assess", "--control", "3.15"]);
    assert_eq!(assessed["controls"][0]["verdict"], "fail");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_registered_stays() {
    let (world, file) = world().await;
    register(&world.account, AlternateContactType::Security, "somebody@example.com").await;
    let before = registered(&world.account).await;
    let assessed = world.json(["assess", "--control", "3.15", "--baseline", &file]);
    let control = &assessed["controls"][0];
    assert_eq!(control["verdict"], "pass", "{control:#}");
    let notes = control["notes"].to_string();
    assert!(notes.contains("somebody@example.com is a placeholder"), "{notes}");
    assert!(notes.contains("the baseline names security@acme.dev"), "{notes}");
    world.account.forget_calls();
    world.harden(["apply", "--control", "3.15", "--baseline", &file, "--yes"]).expect(0);
    assert_eq!(world.writes(), Vec::<String>::new());
    assert_eq!(registered(&world.account).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_registered_since_the_plan_and_since_the_run_stays() {
    let (world, file) = world().await;
    let path = world.path("plan.json");
    let plan = path.to_str().unwrap();
    world.harden(["plan", "--control", "3.15", "--baseline", &file, "--out", plan]).expect(0);
    register(&world.account, AlternateContactType::Security, "new@acme.dev").await;
    world.account.forget_calls();
    world.harden(["apply", plan, "--yes"]).expect(1).says("stale");
    assert_eq!(world.writes(), Vec::<String>::new());

    let delete = world.account.contacts("us-east-1").delete_alternate_contact();
    delete.alternate_contact_type(AlternateContactType::Security).send().await.unwrap();
    world.harden(["apply", plan, "--yes"]).expect(0).says("Done: 1 applied.");
    register(&world.account, AlternateContactType::Security, "new@acme.dev").await;
    world.account.forget_calls();
    world.harden(["undo", "last", "--yes"]).says("changed by somebody since the run");
    assert_eq!(world.writes(), Vec::<String>::new());
    let contact = registered(&world.account).await.unwrap();
    assert_eq!(contact.email_address(), Some("new@acme.dev"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denied_read_is_unknown_and_nothing_is_planned() {
    let (world, file) = world().await;
    world.account.fault(json!({ "operation": "GetAlternateContact", "kind": "deny" }));
    let assessed = world.json(["assess", "--control", "3.15", "--baseline", &file]);
    let control = &assessed["controls"][0];
    assert_eq!(control["verdict"], "unknown", "{control:#}");
    assert_eq!(control["reason"], "account:GetAlternateContact is denied");
    world.harden(["apply", "--control", "3.15", "--baseline", &file, "--yes"]).expect(0);
    assert_eq!(world.writes(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_answers_throttling_and_a_denied_write() {
    let (world, file) = world().await;
    let apply = || world.json(["apply", "--control", "3.15", "--baseline", &file, "--yes"]);
    world.account.fault(json!({ "operation": "PutAlternateContact", "kind": "deny" }));
    let denied = apply();
    assert_eq!(denied["changes"][0]["outcome"], "failed", "{denied:#}");
    assert!(denied.to_string().contains("account:PutAlternateContact"), "{denied:#}");
    world.account.no_faults();

    let once = |operation: &str, kind: &str| {
        world.account.fault(json!({ "operation": operation, "kind": kind, "times": 1 }));
    };
    once("GetAlternateContact", "throttle");
    once("PutAlternateContact", "drop_after");
    let result = apply();
    assert_eq!(result["outcome"], "complete", "{result:#}");
    assert!(registered(&world.account).await.is_some());
    // Sent again, the second finds nobody: done all the same.
    once("DeleteAlternateContact", "drop_after");
    let result = world.json(["undo", "last", "--yes"]);
    assert_eq!(result["outcome"], "complete", "{result:#}");
    assert_eq!(registered(&world.account).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_policy_of_the_plan_is_about_this_account() {
    let (world, file) = world().await;
    let path = world.path("plan.json");
    let plan = path.to_str().unwrap();
    world.harden(["plan", "--control", "3.15", "--baseline", &file, "--out", plan]).expect(0);
    let policy: serde_json::Value =
        serde_json::from_str(&world.harden(["policy", "--plan", plan]).expect(0).stdout).unwrap();
    let id = &world.account.id;
    assert_eq!(
        policy["Statement"][0]["Resource"],
        json!([format!("arn:aws:account::{id}:account")])
    );
    assert_eq!(
        policy["Statement"][0]["Action"],
        json!([
            "account:DeleteAlternateContact",
            "account:GetAlternateContact",
            "account:PutAlternateContact"
        ])
    );
}
