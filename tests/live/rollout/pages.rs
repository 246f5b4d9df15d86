//! What is shown of many accounts: all that is written, before it is written.

use serde_json::json;

use super::fleet::{Fleet, ROLE};
use crate::world::run;

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_shown_again_and_an_undo_shows_what_it_opens() {
    let fleet = Fleet::new(2).await;
    let planned = fleet.plan("fleet", &[]).expect(0);
    // Values of what is newly made are on the page, not its name alone.
    let planned = planned.says("+ minimum length");
    fleet.forget_calls();
    let show = |more: &[&str]| {
        let mut command = fleet.manager.command();
        run(command.args(["show", "fleet"]).args(more)).expect(0)
    };
    assert_eq!(show(&[]).stdout, planned.stdout);
    assert!(show(&["--output", "json"]).stdout.contains("\"groups\""));
    assert!(fleet.all().all(|world| world.account.calls().is_empty()));

    // The second account has ports open to the world.
    let open = "+ allow tcp 22 from 0.0.0.0/0";
    fleet.rollout(&["apply", "fleet", "--yes", "--until", "canary"]).expect(0);
    fleet.rollout(&["apply", "fleet", "--yes"]).expect(0);
    let undo = fleet.rollout(&["undo", "fleet", "--account", fleet.id(1), "--yes"]);
    undo.expect(0).says("lets in again whom the run shut out").says(open);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_to_do_next_is_said() {
    let fleet = Fleet::new(2).await;
    fleet.plan("fleet", &[]).expect(0).says("harden show fleet/plans/");
    let canary = fleet.rollout(&["apply", "fleet", "--yes", "--until", "canary"]).expect(0);
    canary.says("other accounts wait for their turn").says("harden rollout apply fleet");
    let rest = fleet.rollout(&["apply", "fleet", "--yes"]).expect(0);
    assert!(!rest.all().contains("wait for their turn"), "{}", rest.all());
    rest.says("to take all of it back").says("harden rollout undo fleet");
    let none = ["apply", "fleet", "--yes", "--until", "canary", "--account", fleet.id(1)];
    let none = fleet.rollout(&none);
    assert_eq!(none.code, Some(0));
    let log = fleet.manager.path("fleet/log.jsonl");
    let text = std::fs::read_to_string(&log).unwrap();
    std::fs::write(&log, text.replacen("\"begun\"", "\"be", 1)).unwrap();
    let damaged = fleet.rollout(&["status", "fleet"]).expect(64);
    damaged.says("log.jsonl` is damaged: line 2 is none of a log").says("`harden undo RUN`");
}

/// Nobody goes on past a canary that failed without having read that it did.
#[tokio::test(flavor = "multi_thread")]
async fn a_failure_in_the_last_wave_that_was_asked_for_is_told_of() {
    let fleet = Fleet::new(1).await;
    fleet.write(
        "rollout.toml",
        &format!("[[wave]]\nname = \"canary\"\naccounts = {}\n", fleet.ids(&[0])),
    );
    fleet.plan("fleet", &["--file", "rollout.toml"]).expect(0);
    fleet.members[0].account.settle(json!({ "refused_roles": [ROLE] }));
    let canary = fleet.rollout(&["apply", "fleet", "--yes", "--until", "canary"]).expect(1);
    let canary = canary.says("note: 1 account failed").says("what failed is tried again");
    assert!(!canary.all().contains("wait for their turn"), "{}", canary.all());
}
