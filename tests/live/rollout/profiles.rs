//! Accounts that a profile of the AWS configuration leads into, each its own.

use std::fmt::Write as _;

use serde_json::json;

use super::fleet::REGIONS;
use super::fleet::{Mess, NEW, SETTINGS};
use crate::world::{World, run};

async fn world(kind: Mess) -> World {
    let world = World::new().await.by(SETTINGS);
    world.account.settle(json!({ "enabled_regions": REGIONS }));
    kind.make(&world.account).await;
    world
}

/// Profiles of these names lead into these accounts.
fn configure(at: &World, profiles: &[(&str, &World)]) {
    let mut text = String::new();
    for (name, world) in profiles {
        let account = &world.account;
        write!(
            text,
            "[profile {name}]\nregion = eu-west-1\naws_access_key_id = {}\naws_secret_access_key = {}\n\
             aws_session_token = {}\n",
            account.key_id, account.secret, account.token
        )
        .unwrap();
    }
    std::fs::write(at.path("aws-config"), text).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_entered_by_their_profiles() {
    // The environment has credentials of a third account, which nobody asked for.
    let here = World::new().await.by(SETTINGS);
    let (one, two) = (world(Mess::Ports).await, world(Mess::Passwords).await);
    two.account.settle(json!({ "alias": "acme-two" }));
    configure(&here, &[("a", &one), ("b", &two)]);
    let first = [one.reading(), two.reading()];
    for world in [&here, &one, &two] {
        world.account.forget_calls();
    }
    let harden = |arguments: &[&str]| run(here.command().arg("rollout").args(arguments));
    let plan = harden(&["plan", "--profiles", "a,b", "--out", "fleet"]).expect(0);
    let plan = plan.says("rollout to 2 accounts baseline").says("waves canary (").says(", rest (");
    plan.says(&format!("{} acme-two: {NEW} changes", two.account.id));
    harden(&["apply", "fleet", "--yes"]).expect(0).says("2 accounts: 2 done.");
    assert_eq!(one.writes().len(), Mess::Ports.changes());
    assert_eq!(two.writes().len(), Mess::Passwords.changes());
    assert_eq!(here.account.calls(), []);
    harden(&["status", "fleet"]).expect(0).says("acme-two done");
    // A profile that leads elsewhere now leads nowhere.
    configure(&here, &[("a", &one), ("b", &one)]);
    let undone = harden(&["undo", "fleet", "--yes"]).expect(3);
    undone.says(&format!("came to account {} instead of {}", one.account.id, two.account.id));
    configure(&here, &[("a", &one), ("b", &two)]);
    harden(&["undo", "fleet", "--yes"]).expect(0).says("2 accounts: 2 undone.");
    assert_eq!([one.reading(), two.reading()], first);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_profiles_of_one_account_are_one_too_many() {
    let here = World::new().await;
    let one = World::new().await;
    configure(&here, &[("a", &one), ("b", &one)]);
    let mut command = here.command();
    command.args(["rollout", "plan", "--profiles", "a,b", "--out", "fleet"]);
    let answer = run(&mut command).expect(64);
    answer.says(&format!("the profiles `a` and `b` are both of account {}", one.account.id));
    assert!(!here.path("fleet").exists());
    let mut command = here.command();
    command.args(["rollout", "plan", "--profiles", "a", "--role", "Admin", "--out", "fleet"]);
    run(&mut command).expect(64).says("cannot be used with");
    assert_eq!(one.writes(), Vec::<String>::new());
}
