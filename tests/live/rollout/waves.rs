//! Twelve accounts by waves: one refuses, one may not be read in full, one fails, and harden is killed.

use serde_json::{Value, json};

use super::fleet::{Fleet, Mess, NEW, REGIONS, ROLE, SETTINGS, general, until};
use crate::answers::same;
use crate::world::World;

/// The accounts by their places; those of even places are in the unit `workloads`.
const CANARY: usize = 1;
const REFUSES: usize = 3;
const UNREAD: usize = 5;
const FAILS: usize = 4;
/// In the middle of these harden is killed.
const HELD: [usize; 2] = [0, 8];
const WORKLOADS: [usize; 6] = [0, 2, 4, 6, 8, 10];
const REST: [usize; 3] = [5, 7, 9];

async fn fleet() -> Fleet {
    let fleet = Fleet::new(11).await;
    let account = |place: usize| &fleet.members[place].account;
    account(REFUSES).settle(json!({ "refused_roles": [ROLE] }));
    account(UNREAD).fault(json!({
        "service": "kms", "operation": "ListKeys", "region": REGIONS[1], "kind": "deny",
    }));
    account(FAILS).fault(json!({
        "operation": "RevokeSecurityGroupIngress", "region": REGIONS[1], "kind": "deny",
    }));
    let file = format!(
        "baseline = \"./mine.toml\"\nstop_after_failures = 1\naccounts_at_once = 4\n\
         [[wave]]\nname = \"canary\"\naccounts = {}\n\
         [[wave]]\nname = \"workloads\"\nunits = [\"{}\"]\n",
        fleet.ids(&[CANARY]),
        fleet.units[0]
    );
    fleet.write("rollout.toml", &file);
    fleet
}

/// An account outside the organization, with the same mess, that was hardened alone.
async fn alone(kind: Mess) -> World {
    let world = World::new().await.by(SETTINGS);
    world.account.settle(json!({ "enabled_regions": REGIONS }));
    kind.make(&world.account).await;
    world.harden(["apply", "--yes"]).expect(0);
    world
}

/// The group of the plan page for these controls.
fn group<'a>(plan: &'a Value, controls: &Value, operation: &str) -> &'a Value {
    let groups = plan["groups"].as_array().unwrap();
    let is_it = |group: &&Value| group["controls"] == *controls && group["operation"] == operation;
    groups.iter().find(is_it).unwrap_or_else(|| panic!("no {controls} {operation}: {groups:#?}"))
}

fn planned(fleet: &Fleet) {
    let plan = fleet.ask(&["plan", "--file", "rollout.toml", "--organization", "--out", "json"]);
    assert_eq!(plan["accounts"].as_array().unwrap().len(), 12);
    assert_eq!(plan["organization"], fleet.organization);
    let number = |controls: Value, operation: &str| {
        let group = group(&plan, &controls, operation);
        (group["accounts"].as_array().unwrap().len(), group["changes"].as_u64().unwrap())
    };
    // The kinds come in turns: passwords at 0, 3, 6 and 9, ports at 1, 4, 7 and 10, keys at 2, 5 and 8. The
    // one at 3 refuses, and nothing is wrong with the one that manages them but what is with all.
    let policy = "update-account-password-policy";
    let weak = json!(["1.5", "1.7", "1.9", "1.10", "1.11"]);
    let none = json!(["1.5", "1.6", "1.7", "1.8", "1.9", "1.10", "1.11"]);
    assert_eq!(number(weak, policy), (3, 3));
    assert_eq!(number(none, policy), (8, 8));
    assert_eq!(number(json!(["4.1", "4.2"]), "revoke-security-group-ingress"), (4, 4));
    assert_eq!(number(json!(["2.8"]), "enable-key-rotation"), (3, 3));
    assert_eq!(number(json!(["4.4"]), "revoke-security-group-ingress"), (11, 22));
    assert_eq!(number(json!(["4.4"]), "revoke-security-group-egress"), (11, 22));
    let all = 11 * NEW + 4 + 3;
    let totals = &plan["totals"];
    assert_eq!(totals["by_risk"], json!({ "additive": 3, "restrictive": all - 3 }));
    assert_eq!(totals["accounts"], 11);
    assert_eq!(totals["accounts_with_changes"], 11);
    assert_eq!(totals["incomplete"], 1);
    let unread =
        plan["not_planned"].as_array().unwrap().iter().find(|left| left["why"] == "unknown");
    assert_eq!(unread.unwrap()["accounts"], json!([fleet.id(UNREAD)]));

    let page =
        fleet.rollout(&["plan", "--file", "rollout.toml", "--organization", "--out", "fleet"]);
    let page = page
        .expect(3)
        .says(&format!("rollout to 12 accounts of organization {}", fleet.organization));
    let page = page.says("waves canary (").says("), workloads (6), rest (4)");
    let page =
        page.says("Without a plan").says("1 account is without a plan, for the reasons above.");
    let page = page.says(&format!("{}: cannot take on role `{ROLE}`", fleet.id(REFUSES)));
    let page = page
        .says(&format!("{all} changes in 11 of 12 accounts: 3 additive, {} restrictive.", all - 3));
    let page =
        page.says("The picture is incomplete in 1 account: something could not be read there.");
    page.says("kms:ListKeys is denied: us-east-1");
    assert_eq!(fleet.writes(), [].into());
    assert_eq!(fleet.counts("fleet"), json!({ "waiting": 11, "not_planned": 1 }));
}

/// Killed in the second wave, when two accounts are in the middle, three are done and one has failed.
fn killed(fleet: &Fleet) {
    let last = json!({
        "operation": "RevokeSecurityGroupEgress", "region": REGIONS[1], "kind": "delay", "seconds": 3600,
    });
    for place in HELD {
        fleet.members[place].account.fault(last.clone());
    }
    let mut child = fleet.begin(&["apply", "fleet", "--yes"]);
    until("two accounts are in the middle, and the others of the wave have ended", || {
        let is_held = |place: &usize| {
            let mut calls = fleet.members[*place].account.calls().into_iter();
            calls.any(|call| {
                call.operation == "RevokeSecurityGroupEgress" && call.region == REGIONS[1]
            })
        };
        fleet.log("fleet", "ended").len() == 5 && HELD.iter().all(is_held)
    });
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(
        fleet.counts("fleet"),
        json!({ "done": 4, "partial": 1, "broken_off": 2, "waiting": 4, "not_planned": 1 })
    );
    let failed = fleet.standing("fleet", fleet.id(FAILS));
    let changes = Mess::at(FAILS).changes();
    // What a group lets out waits for what it lets in.
    let ended = json!({ "applied": changes - 2, "failed": 1, "skipped": 1 });
    assert_eq!(failed["changes"], ended);
    assert_eq!((&failed["wave"], &failed["planned"]), (&json!("workloads"), &json!(changes)));
    assert_eq!(failed["runs"].as_array().unwrap().len(), 1);
    let reason = failed["reason"].as_str().unwrap();
    assert!(reason.contains("ec2:RevokeSecurityGroupIngress"), "{reason}");
    let refused = fleet.standing("fleet", fleet.id(REFUSES));
    assert_eq!((&refused["wave"], &refused["planned"]), (&Value::Null, &Value::Null));
    let text = fleet.rollout(&["status", "fleet"]).expect(0);
    let text =
        text.says("12 accounts: 1 not planned, 4 waiting, 4 done, 1 partly done, 2 broken off.");
    let row = |text: &str, place: usize| {
        let id = fleet.id(place);
        let mut rows = text.lines().filter(|line| line.split_whitespace().any(|word| word == id));
        rows.next().unwrap_or_else(|| panic!("no {id} in:\n{text}")).to_owned()
    };
    for (place, words) in [
        (CANARY, "done"),
        (HELD[0], "broken off"),
        (FAILS, "partly done  4 of 6"),
        (REST[0], "waiting"),
        (REFUSES, "not planned"),
    ] {
        assert!(row(&text.stdout, place).contains(words), "{words}:\n{}", text.stdout);
    }
    text.says(&format!("{}: cannot take on role `{ROLE}`", fleet.id(REFUSES)));
}

/// The same command goes on, and stops before the next wave because one still fails.
fn gone_on(fleet: &Fleet) {
    for place in HELD {
        fleet.members[place].account.no_faults();
    }
    fleet.forget_calls();
    let answer = fleet.rollout(&["apply", "fleet", "--yes"]).expect(3);
    let answer = answer.says("1 account of wave workloads failed: no further wave is begun");
    let answer = answer.says("wave workloads: 3 accounts");
    let answer = answer.says("1 account is without a plan, for the reasons above.");
    answer.says("harden rollout apply fleet");
    // What was held is done now, and by nobody else: each has one change left. The one that fails is asked again.
    let expected = [HELD[0], FAILS, HELD[1]].map(|place| (fleet.id(place), 1));
    assert_eq!(fleet.writes(), expected.into());
    assert_eq!(
        fleet.counts("fleet"),
        json!({ "done": 6, "partial": 1, "waiting": 4, "not_planned": 1 })
    );
    // What became of the run that was killed is written down.
    let id = fleet.id(HELD[0]);
    let runs = fleet.standing("fleet", id)["runs"].clone();
    assert_eq!(runs.as_array().unwrap().len(), 2);
    let killed = fleet.manager.state().join(id).join(runs[1].as_str().unwrap());
    assert!(killed.join("result.json").exists());
}

/// Nothing stands against it any more, but for the one that refuses.
fn done(fleet: &Fleet) {
    fleet.members[FAILS].account.no_faults();
    fleet.forget_calls();
    let answer = fleet.rollout(&["apply", "fleet", "--yes"]).expect(3);
    answer.says("wave workloads: 1 account").says("wave rest: 4 accounts");
    let mut expected: Vec<(&str, usize)> =
        REST.iter().map(|place| (fleet.id(*place), Mess::at(*place).changes())).collect();
    expected.push((&fleet.manager.account.id, NEW));
    expected.push((fleet.id(FAILS), 2));
    assert_eq!(fleet.writes(), expected.into_iter().collect());
    assert_eq!(fleet.counts("fleet"), json!({ "done": 11, "not_planned": 1 }));
    fleet.rollout(&["status", "fleet"]).expect(0).says("12 accounts: 1 not planned, 11 done.");

    fleet.forget_calls();
    let again = fleet.rollout(&["apply", "fleet", "--yes"]).expect(3);
    again.says("nothing is left to do in these accounts");
    assert!(
        fleet.all().all(|world| world.account.calls().is_empty()),
        "a second time nobody is asked"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn twelve_accounts_end_as_if_each_had_been_alone() {
    let fleet = fleet().await;
    let first = fleet.members[HELD[0]].reading();
    fleet.forget_calls();
    planned(&fleet);
    killed(&fleet);
    gone_on(&fleet);
    done(&fleet);

    fleet.members[UNREAD].account.no_faults();
    for kind in Mess::ALL {
        let twin = general(&alone(kind).await);
        let places = [CANARY].into_iter().chain(WORKLOADS).chain(REST);
        for place in places.filter(|place| Mess::at(*place) == kind) {
            same(&general(&fleet.members[place]), &twin);
        }
    }

    // Two runs are taken back, and nothing of the others.
    let id = fleet.id(HELD[0]);
    fleet.forget_calls();
    fleet.rollout(&["undo", "fleet", "--account", id, "--yes"]).expect(0);
    assert_eq!(fleet.writes(), [(id, Mess::at(HELD[0]).changes())].into());
    same(&fleet.members[HELD[0]].reading(), &first);
    assert_eq!(fleet.counts("fleet"), json!({ "done": 10, "undone": 1, "not_planned": 1 }));
    // What was taken back stays so.
    fleet.forget_calls();
    fleet.rollout(&["apply", "fleet", "--yes"]).expect(3).says("nothing is left to do");
    assert_eq!(fleet.writes(), [].into());
    assert_eq!(fleet.standing("fleet", id)["standing"], "undone");
}
