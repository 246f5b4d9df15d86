//! Verdicts of many accounts, and the rollout file to begin with.

use serde_json::json;

use super::fleet::{Fleet, ROLE};

#[tokio::test(flavor = "multi_thread")]
async fn which_controls_fail_in_how_many_accounts() {
    let fleet = Fleet::new(3).await;
    fleet.forget_calls();
    let all = ["assess", "--organization"];
    let page = fleet.rollout(&[&all[..], &["--detailed-exitcode"]].concat()).expect(2);
    let page = page.says("assessment of 4 accounts").says("4 of 4 accounts read");
    let page = page.says("4.4 fails in 4").says("2.8 fails in 1");
    page.says(&format!("({})", fleet.id(2)));
    let counts = |id: &str| {
        let answer = fleet.ask(&all);
        answer["controls"][id]["verdicts"].clone()
    };
    assert_eq!(counts("4.1"), json!({ "fail": 1, "pass": 3 }));
    let ids = format!("{},{}", fleet.id(0), fleet.id(1));
    fleet.members[1].account.settle(json!({ "refused_roles": [ROLE] }));
    let some = fleet.rollout(&["assess", "--accounts", &ids]).expect(3);
    some.says("1 of 2 accounts read").says(&format!("{}: cannot take on role", fleet.id(1)));
    fleet.rollout(&["assess", "--accounts", fleet.id(1)]).expect(1);
    assert_eq!(fleet.writes(), [].into());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_to_begin_with_can_be_used_as_it_is() {
    let fleet = Fleet::new(1).await;
    fleet.rollout(&["init"]).expect(0).says("harden rollout plan --file rollout.toml");
    fleet.rollout(&["init"]).expect(64).says("`rollout.toml` is there already");
    let mut command =
        fleet.command(&["plan", "--file", "rollout.toml", "--organization", "--control", "4.4"]);
    command.env_remove("HARDEN_BASELINE").args(["--out", "fleet"]);
    let plan = crate::world::run(&mut command).expect(0);
    plan.says("baseline level-2").says("waves canary (").says(", rest (");
    fleet.rollout(&["apply", "fleet", "--yes"]).expect(0).says("2 accounts: 2 done.");
}
