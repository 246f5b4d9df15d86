//! `--new`: accounts in which harden has made nothing yet, and roles that are not there yet.

use serde_json::{Value, json};

use super::fleet::{Fleet, ROLE};
use crate::world::run;

/// Flow logs besides: of what was made for them another machine can tell that harden was there.
const WITH_FLOW_LOGS: &str = r#"
[controls]
skip = ["2.1-2.7", "3.1-3.14", "3.16", "4.4"]
"#;

fn accounts(fleet: &Fleet, folder: &str) -> Vec<String> {
    let status = fleet.ask(&["status", folder]);
    let accounts = status["accounts"].as_array().unwrap().iter();
    accounts.map(|account| account["account"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_is_new_is_touched() {
    let fleet = Fleet::new(2).await;
    fleet.manager.settings(WITH_FLOW_LOGS);
    let all = fleet.plan("all", &["--new"]).expect(0);
    all.says("rollout to 3 accounts");
    fleet.rollout(&["apply", "all", "--yes"]).expect(0).says("3 accounts: 3 done.");
    let none = fleet.plan("none", &["--new"]).expect(0);
    none.says("3 accounts are not new, and left out").says("Nothing to change.");
    assert_eq!(accounts(&fleet, "none"), [""; 0]);
    fleet.rollout(&["apply", "none", "--yes"]).expect(0).says("nothing is left to do");

    let id = fleet.open("newcomer").await;
    let newcomer = fleet.enter(&id, &fleet.units[0]).await;
    fleet.forget_calls();
    // On this machine what was done is known without a call.
    let here = fleet.plan("here", &["--new"]).expect(0);
    here.says("rollout to 1 account").says("3 accounts are not new, and left out");
    assert!(fleet.members.iter().all(|member| member.account.calls().is_empty()));
    assert_eq!(accounts(&fleet, "here"), [id.as_str()]);
    // On another one the accounts are looked at.
    let elsewhere = |arguments: &[&str]| {
        let mut command = fleet.command(arguments);
        command.env("HARDEN_STATE_DIR", fleet.manager.path("elsewhere"));
        run(&mut command)
    };
    let there = elsewhere(&["plan", "--organization", "--new", "--out", "there"]).expect(0);
    let there = there.says("rollout to 1 account").says("3 accounts are not new, and left out");
    there.says("not new: `harden-flow-logs` is there");
    assert_eq!(accounts(&fleet, "there"), [id.as_str()]);

    elsewhere(&["apply", "there", "--yes"]).expect(0).says("1 account: 1 done.");
    assert_eq!(fleet.writes(), [].into());
    assert!(newcomer.writes().contains(&"ec2:CreateFlowLogs".to_owned()));
    let done = elsewhere(&["plan", "--organization", "--new", "--out", "done"]).expect(0);
    done.says("4 accounts are not new, and left out");
}

/// As it is born: named, and all the same held to the baseline of its unit.
#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_that_is_named_is_of_its_unit() {
    let fleet = Fleet::new(2).await;
    std::fs::write(fleet.manager.path("passwords.toml"), "[controls]\nonly = [\"1.5-1.11\"]\n")
        .unwrap();
    let units = &fleet.units[0];
    fleet.write(
        "rollout.toml",
        &format!("[[baseline_for]]\nunits = [\"{units}\"]\nbaseline = \"passwords.toml\"\n"),
    );
    fleet.forget_calls();
    let plan = |id: &str, folder: &str, more: &[&str]| {
        let mut command = fleet.command(&["plan", "--organization", "--new", "--accounts", id]);
        let command = command.args(["--file", "rollout.toml", "--out", folder]).args(more);
        run(command.env_remove("HARDEN_BASELINE"))
    };
    let said = plan(fleet.id(0), "born", &[]).expect(0);
    said.says("rollout to 1 account of organization").says(&format!("{} team-", fleet.id(0)));
    let stands = fleet.standing("born", fleet.id(0));
    assert_eq!(stands["baseline"], "passwords.toml");
    assert_eq!(stands["planned"], 1);
    // Nobody is asked about that is not named.
    assert!(fleet.members[1].account.calls().is_empty());
    let listed = fleet.manager.account.calls();
    assert!(!listed.iter().any(|call| call.operation.starts_with("ListAccounts")), "{listed:?}");
    let other = plan(fleet.id(1), "other", &[]).expect(64);
    other.says(&format!("no baseline is named for {}", fleet.id(1)));
    // The same file by another name is the same file.
    let same = plan(fleet.id(0), "same", &["--baseline", "./passwords.toml"]).expect(0);
    same.says("rollout to 1 account");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_told_of_is_not_taken_for_new() {
    let fleet = Fleet::new(1).await;
    fleet.manager.settings(WITH_FLOW_LOGS);
    fleet.members[0].account.fault(json!({ "operation": "GetRole", "kind": "deny" }));
    fleet.forget_calls();
    let plan = fleet.plan("fleet", &["--new"]).expect(3);
    plan.says(&format!(
        "{}: cannot tell whether the account is new: iam:GetRole is denied",
        fleet.id(0)
    ));
    assert_eq!(fleet.counts("fleet"), json!({ "waiting": 1, "not_planned": 1 }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_is_not_there_yet_is_waited_for() {
    let fleet = Fleet::new(1).await;
    let ou = fleet.units[0].as_str();
    let account = &fleet.members[0].account;
    let calls = |operation: &str| {
        let calls = fleet.manager.account.calls().into_iter();
        calls.filter(|call| call.operation == operation).count()
    };
    account.settle(json!({ "roles": { ROLE: { "absent_attempts": 1 } } }));
    fleet.forget_calls();
    let told = fleet.plan("told", &["--ou", ou, "--new", "--wait", "0"]).expect(1);
    let told = told.says(&format!("{}: cannot take on role `{ROLE}`", account.id));
    told.says("Nothing to change.");
    assert_eq!(calls("AssumeRole"), 1);
    assert_eq!(fleet.counts("told"), json!({ "not_planned": 1 }));
    fleet.rollout(&["apply", "told", "--yes"]).expect(1).says("nothing is left to do");
    assert_eq!(fleet.writes(), [].into());

    account.settle(json!({ "roles": { ROLE: { "absent_attempts": 1 } } }));
    fleet.forget_calls();
    fleet.plan("waited", &["--ou", ou, "--new"]).expect(0).says("rollout to 1 account");
    assert_eq!(calls("AssumeRole"), 2);
    fleet.rollout(&["apply", "waited", "--yes"]).expect(0);
    let status = fleet.standing("waited", &account.id);
    assert_eq!(status["standing"], "done", "{status:#}");
    assert_ne!(status["reason"], Value::String(String::new()));
}
