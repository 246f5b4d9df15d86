//! Accounts that are named one by one, and the role that they are entered by.

use serde_json::json;

use super::fleet::{Fleet, Mess, REGIONS};
use crate::support::account::Account;
use crate::world::emulator;

const ROLE: &str = "Hardener";

#[tokio::test(flavor = "multi_thread")]
async fn accounts_by_their_ids_need_no_organization() {
    let fleet = Fleet::new(2).await;
    let stranger = Account::open(emulator(), "999988887777").await;
    stranger.settle(json!({ "refused_roles": ["*"], "enabled_regions": REGIONS }));
    fleet.write("ours.txt", &format!("# two of ours\n{}\n{}\n", fleet.id(1), fleet.id(0)));
    fleet.forget_calls();
    let accounts = ["--accounts", &stranger.id, "--accounts", "ours.txt"];
    let plan = [&["plan", "--role", ROLE, "--out", "fleet"], &accounts[..]].concat();
    let plan = fleet.rollout(&plan).expect(3).says("rollout to 3 accounts baseline ./mine.toml");
    plan.says(&format!("cannot take on role `{ROLE}` in account {}", stranger.id));
    fleet.rollout(&["apply", "fleet", "--yes"]).expect(3);
    assert_eq!(fleet.counts("fleet"), json!({ "done": 2, "not_planned": 1 }));
    let mut calls = fleet.manager.account.calls().into_iter();
    assert!(!calls.any(|call| call.service == "organizations"));
    assert_eq!(fleet.manager.writes(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_external_id_is_told_as_it_was_planned() {
    let fleet = Fleet::new(1).await;
    let account = &fleet.members[0].account;
    account.settle(json!({ "roles": { ROLE: { "external_id": "harden-7f3a" } } }));
    fleet.write("rollout.toml", &format!("role = \"{ROLE}\"\nexternal_id = \"harden-7f3a\"\n"));
    let plan = ["plan", "--accounts", &account.id, "--role", ROLE, "--out"];
    fleet.forget_calls();
    let without = fleet.rollout(&[&plan[..], &["without"]].concat()).expect(1);
    without.says("1 account is without a plan");
    let wrong = ["wrong", "--external-id", "harden-0000"];
    fleet.rollout(&[&plan[..], &wrong].concat()).expect(1);
    let by_flag = ["flag", "--external-id", "harden-7f3a"];
    fleet.rollout(&[&plan[..], &by_flag].concat()).expect(0);
    let by_file = ["plan", "--file", "rollout.toml", "--accounts", &account.id, "--out", "file"];
    fleet.rollout(&by_file).expect(0);
    assert_eq!(fleet.writes(), [].into());
    for folder in ["flag", "file"] {
        fleet.rollout(&["apply", folder, "--yes"]).expect(0).says("1 account: 1 done.");
    }
    assert_eq!(fleet.writes(), [(account.id.as_str(), Mess::at(0).changes())].into());
    fleet.rollout(&["undo", "flag", "--yes"]).expect(0).says("1 account: 1 undone.");
}
