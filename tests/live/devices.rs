//! `mfa list`: whoever has a password or a device, with the kinds of the devices, in few calls.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::answers::count;
use crate::support::totp::{code, now_step};
use crate::world::World;

async fn user(world: &World, name: &str, password: bool) {
    let iam = world.account.iam("us-east-1");
    iam.create_user().user_name(name).send().await.unwrap();
    if password {
        let profile = iam.create_login_profile().user_name(name).password("Correct-Horse-9");
        profile.send().await.unwrap();
    }
}

/// Gives the user a virtual device, and says which.
async fn virtual_device(world: &World, user: &str) -> String {
    let iam = world.account.iam("us-east-1");
    let made = iam.create_virtual_mfa_device().virtual_mfa_device_name(user).send().await.unwrap();
    let device = made.virtual_mfa_device.unwrap();
    let seed = String::from_utf8(device.base32_string_seed.unwrap().into_inner()).unwrap();
    let now = now_step();
    iam.enable_mfa_device()
        .user_name(user)
        .serial_number(&device.serial_number)
        .authentication_code1(code(&seed, now - 1))
        .authentication_code2(code(&seed, now))
        .send()
        .await
        .unwrap();
    device.serial_number
}

/// One user of each sort, and the serial of the passkey.
async fn people(world: &World) -> String {
    for (name, password) in
        [("al", true), ("bo", true), ("ci", true), ("di", false), ("robot", false), ("key", true)]
    {
        user(world, name, password).await;
    }
    virtual_device(world, "bo").await;
    let passkey = format!("arn:aws:iam::{}:u2f/user/ci/blue-ABCDEF", world.account.id);
    world.account.settle(json!({
        "users": {
            "ci": { "devices": [passkey] },
            "di": { "devices": ["GAHT12345678"] },
        },
        "root": { "mfa_enabled": true, "virtual_mfa": true },
    }));
    virtual_device(world, "ci").await;
    passkey
}

fn calls(world: &World) -> BTreeMap<String, usize> {
    count(world.account.calls().into_iter().map(|call| call.operation))
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_what_is_told() {
    let world = World::new().await;
    let passkey = people(&world).await;
    let text = world.harden(["mfa", "list"]).expect(0).stdout;
    let table: Vec<&str> = text.lines().take_while(|line| !line.is_empty()).collect();
    let expected = [
        "USER  PASSWORD  MFA DEVICES",
        "al    yes       none",
        "bo    yes       virtual",
        "ci    yes       virtual, passkey",
        "di    no        hardware",
        "key   yes       none",
    ];
    assert_eq!(table, expected, "{text}");
    assert!(text.contains("2 of 4 users with a console password have no MFA device."), "{text}");

    let answer = world.json(["mfa", "list"]);
    assert_eq!(answer["format"], "harden.mfa/1");
    assert_eq!(answer["account"]["id"], json!(world.account.id));
    assert!(answer["credential_report"].is_string() && answer["taken_at"].is_string(), "{answer}");
    let users = answer["users"].as_array().unwrap();
    let names: Vec<&Value> = users.iter().map(|user| &user["user"]).collect();
    assert_eq!(json!(names), json!(["al", "bo", "ci", "di", "key"]));
    assert_eq!(users[0], json!({ "user": "al", "password": true, "devices": [] }));
    let devices = users[2]["devices"].as_array().unwrap();
    let found = devices.iter().find(|device| device["kind"] == "passkey").unwrap();
    assert_eq!(found["serial"], json!(passkey));
    assert!(found["enabled_at"].is_string(), "{found}");
    assert_eq!(
        (&users[3]["password"], &users[3]["devices"][0]["kind"]),
        (&json!(false), &json!("hardware"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_may_have_a_device_is_asked_about() {
    let world = World::new().await;
    people(&world).await;
    world.harden(["mfa", "list"]).expect(0);
    world.account.forget_calls();
    world.harden(["mfa", "list"]).expect(0);
    let expected = [
        ("GetCallerIdentity", 1),
        ("ListAccountAliases", 1),
        ("GenerateCredentialReport", 1),
        ("GetCredentialReport", 1),
        // A page for each of two users and root.
        ("ListVirtualMFADevices", 3),
        // One for `bo` and `di`, and two pages for `ci`: the others have none.
        ("ListMFADevices", 4),
    ];
    let expected: BTreeMap<String, usize> =
        expected.into_iter().map(|(name, times)| (name.to_owned(), times)).collect();
    assert_eq!(calls(&world), expected);
    assert_eq!(world.writes(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_virtual_device_shows_although_the_report_is_old() {
    let world = World::new().await;
    user(&world, "al", true).await;
    user(&world, "bo", true).await;
    virtual_device(&world, "bo").await;
    world.account.settle(json!({ "report": { "age_hours": 3 } }));
    virtual_device(&world, "al").await;
    let iam = world.account.iam("us-east-1");
    let serial = format!("arn:aws:iam::{}:mfa/bo", world.account.id);
    iam.deactivate_mfa_device().user_name("bo").serial_number(serial).send().await.unwrap();
    let text = world.harden(["mfa", "list"]).expect(0).stdout;
    assert!(text.contains("al    yes       virtual\n"), "{text}");
    assert!(text.contains("bo    yes       none\n"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_no_list() {
    for operation in ["GetCredentialReport", "ListVirtualMFADevices", "ListMFADevices"] {
        let world = World::new().await;
        people(&world).await;
        world.account.fault(json!({ "operation": operation, "kind": "deny" }));
        let answer = world.harden(["mfa", "list"]).expect(1);
        assert!(answer.stdout.is_empty(), "{}", answer.stdout);
        answer.says(&format!("not authorized to perform iam:{operation}")).says("--mfa");
    }
    let world = World::new().await;
    world
        .harden(["mfa", "list"])
        .expect(0)
        .says("No user has a console password or an MFA device.");
}
