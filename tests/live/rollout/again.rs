//! A second time: nothing is done twice, and what was taken back can be done again.

use serde_json::json;

use super::fleet::{Fleet, Mess, NEW};

#[tokio::test(flavor = "multi_thread")]
async fn a_second_rollout_changes_nothing() {
    let fleet = Fleet::new(2).await;
    fleet.forget_calls();
    fleet.plan("first", &[]).expect(0).says("waves canary (").says(", rest (2)");
    fleet.rollout(&["apply", "first", "--yes"]).expect(0).says("3 accounts: 3 done.");
    let expected = [
        (fleet.manager.account.id.as_str(), NEW),
        (fleet.id(0), Mess::at(0).changes()),
        (fleet.id(1), Mess::at(1).changes()),
    ];
    assert_eq!(fleet.writes(), expected.into());

    // The same folder: nobody is even asked.
    fleet.forget_calls();
    let again = fleet.rollout(&["apply", "first", "--yes"]).expect(0);
    again.says("nothing is left to do in these accounts").says("3 accounts: 3 done.");
    assert!(fleet.all().all(|world| world.account.calls().is_empty()));

    // The same folder without its log, as it is on another machine: everything is found as it should be.
    std::fs::remove_file(fleet.manager.path("first").join("log.jsonl")).unwrap();
    let mut command = fleet.command(&["apply", "first", "--yes"]);
    command.env("HARDEN_STATE_DIR", fleet.manager.path("another"));
    crate::world::run(&mut command)
        .expect(0)
        .says("3 accounts: 3 done.")
        .says("complete: 5 already");
    assert_eq!(fleet.writes(), [].into());

    // Planned again, there is nothing to do.
    let second = fleet.plan("second", &["--detailed-exitcode"]).expect(0);
    second.says("Nothing to change.");
    assert_eq!(fleet.counts("second"), json!({ "done": 3 }));
    fleet.rollout(&["apply", "second", "--yes"]).expect(0).says("nothing is left to do");
    assert_eq!(fleet.writes(), [].into());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_back_is_done_again_only_if_named() {
    let fleet = Fleet::new(2).await;
    let first: Vec<_> = fleet.all().map(crate::world::World::reading).collect();
    fleet.plan("fleet", &["--detailed-exitcode"]).expect(2);
    fleet.rollout(&["undo", "fleet", "--yes"]).expect(0).says("nothing was made");
    fleet.rollout(&["apply", "fleet", "--yes", "--until", "canary"]).expect(0);
    assert_eq!(fleet.counts("fleet"), json!({ "done": 1, "waiting": 2 }));
    fleet.rollout(&["apply", "fleet", "--yes"]).expect(0);
    let last: Vec<_> = fleet.all().map(crate::world::World::reading).collect();

    let undone = fleet.rollout(&["undo", "fleet", "--yes"]).expect(0);
    undone.says("undo in 3 accounts").says("3 accounts: 3 undone.");
    let now: Vec<_> = fleet.all().map(crate::world::World::reading).collect();
    assert_eq!(now, first);
    fleet.forget_calls();
    fleet.rollout(&["undo", "fleet", "--yes"]).expect(0).says("nothing was made");
    fleet.rollout(&["apply", "fleet", "--yes"]).expect(0).says("nothing is left to do");
    assert_eq!(fleet.writes(), [].into());

    let ids = format!("{},{},{}", fleet.manager.account.id, fleet.id(0), fleet.id(1));
    fleet.rollout(&["apply", "fleet", "--yes", "--account", &ids]).expect(0).says("3 done.");
    let now: Vec<_> = fleet.all().map(crate::world::World::reading).collect();
    // Rules that were put back have other ids, and are gone again.
    assert_eq!(now, last);
}
