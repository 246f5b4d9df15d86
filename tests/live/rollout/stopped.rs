//! Failures that stop a rollout, and people who do.

use std::path::Path;

use harden::plan;
use harden::rollout::{Manifest, Planned, Summary};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::fleet::{Fleet, Mess, NEW, ROLE, until};
use crate::faults::signal;
use crate::world::{Answer, World};

impl Fleet {
    /// Plans with the first accounts as the first wave.
    fn planned(&self, first: &[usize], settings: &str) {
        let waves = format!("[[wave]]\nname = \"first\"\naccounts = {}\n", self.ids(first));
        self.write("rollout.toml", &format!("{settings}\n{waves}"));
        self.plan("fleet", &["--file", "rollout.toml"]).expect(0);
        self.forget_calls();
    }

    /// Whether the account has been asked to do this.
    fn was_asked(&self, place: usize, operation: &str) -> bool {
        let mut calls = self.members[place].account.calls().into_iter();
        calls.any(|call| call.operation == operation)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_wave_begins_after_one_that_failed() {
    let fleet = Fleet::new(2).await;
    fleet.planned(&[0], "");
    // It cannot even be entered.
    fleet.members[0].account.settle(json!({ "refused_roles": [ROLE] }));
    let answer = fleet.rollout(&["apply", "fleet", "--yes"]).expect(1);
    let answer = answer.says("1 account of wave first failed: no further wave is begun");
    let answer = answer.says(&format!("failed: cannot take on role `{ROLE}`"));
    answer.says("3 accounts: 2 waiting, 1 failed.");
    assert_eq!(fleet.writes(), [].into());
    assert_eq!(fleet.standing("fleet", fleet.id(0))["runs"], json!([]));
    assert!(!fleet.was_asked(1, "GetCallerIdentity"));
    // It can be entered, and one thing cannot be done.
    fleet.members[0].account.settle(json!({ "refused_roles": [] }));
    let denied = json!({ "operation": "UpdateAccountPasswordPolicy", "kind": "deny" });
    fleet.members[0].account.fault(denied);
    let answer = fleet.rollout(&["apply", "fleet", "--yes"]).expect(3);
    answer.says("1 account of wave first failed: no further wave is begun");
    assert_eq!(fleet.writes(), [(fleet.id(0), NEW)].into());
    assert_eq!(fleet.counts("fleet"), json!({ "partial": 1, "waiting": 2 }));
    let stands = fleet.standing("fleet", fleet.id(0));
    assert_eq!(stands["changes"], json!({ "applied": NEW - 1, "failed": 1 }));
    assert!(!fleet.was_asked(1, "GetCallerIdentity"));
    // Whoever wants one of the others done all the same names it.
    fleet.rollout(&["apply", "fleet", "--yes", "--account", fleet.id(1)]).expect(0);
    assert_eq!(fleet.counts("fleet"), json!({ "done": 1, "partial": 1, "waiting": 1 }));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rollout_file_says_how_many_failures_are_too_many() {
    let fleet = Fleet::new(3).await;
    fleet.planned(&[0, 1], "stop_after_failures = 2");
    fleet.members[0].account.settle(json!({ "refused_roles": [ROLE] }));
    fleet.rollout(&["apply", "fleet", "--yes"]).expect(3).says("wave rest: 2 accounts");
    assert_eq!(fleet.counts("fleet"), json!({ "done": 3, "failed": 1 }));
    fleet.members[0].account.settle(json!({ "refused_roles": [] }));
    fleet.rollout(&["apply", "fleet", "--yes"]).expect(0);
    assert_eq!(fleet.counts("fleet"), json!({ "done": 4 }));
}

/// Shortens how long the plan of an account is good for.
fn expires(fleet: &Fleet, place: usize, seconds: i64) {
    let folder = fleet.manager.path("fleet");
    let file = folder.join(format!("plans/{}.json", fleet.id(place)));
    let read = |path: &Path| std::fs::read_to_string(path).unwrap();
    let mut plan = plan::read(&read(&file)).unwrap();
    plan.expires_at = Timestamp::now() + SignedDuration::from_secs(seconds);
    let plan = plan.sealed();
    std::fs::write(&file, plan::to_json(&plan).unwrap()).unwrap();
    let file = folder.join("rollout.json");
    let mut manifest = Manifest::read(&read(&file)).unwrap();
    let mut entries = manifest.accounts.iter_mut();
    let entry = entries.find(|entry| entry.id().as_str() == fleet.id(place)).unwrap();
    entry.planned = Planned::Plan(Summary::of(&plan));
    std::fs::write(&file, manifest.sealed().to_json().unwrap()).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_whose_plan_expires_meanwhile_waits_for_another() {
    let fleet = Fleet::new(2).await;
    fleet.planned(&[0], "");
    expires(&fleet, 1, 15);
    fleet.members[0].account.fault(json!({
        "operation": "UpdateAccountPasswordPolicy", "kind": "delay", "seconds": 20, "times": 1,
    }));
    let answer = fleet.rollout(&["apply", "fleet", "--yes"]).expect(3);
    let answer = answer.says(": not begun: its plan has expired");
    answer.says("plans have expired meanwhile").says("3 accounts: 1 waiting, 2 done.");
    assert!(fleet.members[1].writes().is_empty());
    assert!(!fleet.was_asked(1, "GetCallerIdentity"));
    assert_eq!(fleet.standing("fleet", fleet.id(1))["reason"], Value::Null);
    // From here on it is found before anything is asked.
    let again = fleet.rollout(&["apply", "fleet", "--yes"]).expect(1);
    again.says("1 plan has expired: nothing was changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_lets_the_calls_in_flight_finish() {
    let fleet = Fleet::new(3).await;
    let first: Vec<Value> = fleet.members.iter().map(World::reading).collect();
    fleet.planned(&[0, 1, 2], "accounts_at_once = 2");
    let slow = json!({ "operation": "UpdateAccountPasswordPolicy", "kind": "delay", "seconds": 5 });
    fleet.members.iter().for_each(|member| member.account.fault(slow.clone()));
    let child = fleet.begin(&["apply", "fleet", "--yes"]);
    until("two accounts are in the middle", || {
        [0, 1].iter().all(|place| fleet.was_asked(*place, "UpdateAccountPasswordPolicy"))
    });
    signal(child.id(), "INT");
    let answer: Answer = child.wait_with_output().unwrap().into();
    answer.expect(130).says("stopped; what was begun has come to its end");
    assert_eq!(fleet.log("fleet", "begun").len(), 2);
    assert_eq!(fleet.log("fleet", "ended").len(), 2);
    assert_eq!(fleet.counts("fleet"), json!({ "broken_off": 2, "waiting": 2 }));
    assert!(!fleet.was_asked(2, "GetCallerIdentity"));
    let done = fleet.writes();
    assert_eq!(done.keys().copied().collect::<Vec<_>>(), [fleet.id(0), fleet.id(1)]);

    fleet.members.iter().for_each(|member| member.account.no_faults());
    fleet.rollout(&["apply", "fleet", "--yes"]).expect(0).says("4 accounts: 4 done.");
    // Nothing was done twice.
    let expected: Vec<usize> = (0..3).map(|place| Mess::at(place).changes()).collect();
    let writes = fleet.writes();
    assert_eq!([0, 1, 2].map(|place| writes[fleet.id(place)]), expected[..]);
    // Two runs of two of them.
    fleet.rollout(&["undo", "fleet", "--yes"]).expect(0);
    let now: Vec<Value> = fleet.members.iter().map(World::reading).collect();
    assert_eq!(now, first);
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_while_planning_leaves_a_folder_to_plan_in() {
    let fleet = Fleet::new(2).await;
    let slow = json!({ "operation": "ListKeys", "kind": "delay", "seconds": 3600 });
    fleet.members[1].account.fault(slow);
    fleet.forget_calls();
    let child = fleet.begin(&["plan", "--organization", "--out", "fleet"]);
    let plan = fleet.manager.path("fleet/plans").join(format!("{}.json", fleet.id(0)));
    until("one of them is planned, and one in the middle", || {
        plan.exists() && fleet.was_asked(1, "ListKeys")
    });
    signal(child.id(), "INT");
    let answer: Answer = child.wait_with_output().unwrap().into();
    answer.expect(130).says("stopped: nothing was changed");
    fleet
        .rollout(&["apply", "fleet", "--yes"])
        .expect(64)
        .says("`harden rollout plan --out DIR` makes one");
    fleet.members[1].account.no_faults();
    fleet.plan("fleet", &[]).expect(0);
    assert_eq!(fleet.counts("fleet"), json!({ "waiting": 3 }));
    assert_eq!(fleet.writes(), [].into());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_undo_that_fails_or_is_killed_is_gone_on_with() {
    let fleet = Fleet::new(2).await;
    let first: Vec<Value> = fleet.members.iter().map(World::reading).collect();
    fleet.planned(&[0, 1], "");
    fleet.rollout(&["apply", "fleet", "--yes", "--until", "first"]).expect(0);
    // One may not take back a part, and one is killed.
    let operation = "AuthorizeSecurityGroupEgress";
    fleet.members[0].account.fault(json!({ "operation": operation, "kind": "deny" }));
    let held = json!({ "operation": operation, "kind": "delay", "seconds": 3600 });
    fleet.members[1].account.fault(held);
    fleet.forget_calls();
    let mut child = fleet.begin(&["undo", "fleet", "--yes"]);
    until("one has failed, and one is in the middle", || {
        let ended = fleet.log("fleet", "ended");
        ended.iter().any(|line| line["work"] == "undo") && fleet.was_asked(1, operation)
    });
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(fleet.counts("fleet"), json!({ "partly_undone": 2, "waiting": 1 }));
    // What was to be taken back is not made again.
    fleet.forget_calls();
    fleet
        .rollout(&["apply", "fleet", "--yes", "--until", "first"])
        .expect(3)
        .says("nothing is left to do");
    assert_eq!(fleet.writes(), [].into());

    fleet.members[1].account.no_faults();
    let again = fleet.rollout(&["undo", "fleet", "--yes"]).expect(3);
    again.says("3 accounts: 1 waiting, 1 undone, 1 partly undone.");
    fleet.members[0].account.no_faults();
    fleet.rollout(&["undo", "fleet", "--yes"]).expect(0);
    assert_eq!(fleet.counts("fleet"), json!({ "undone": 2, "waiting": 1 }));
    let now: Vec<Value> = fleet.members.iter().map(World::reading).collect();
    assert_eq!(now, first);
}
