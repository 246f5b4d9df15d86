//! Confirmation by a person at a terminal: once, for all accounts.

use rexpect::process::WaitStatus;
use rexpect::session::{PtySession, spawn_command};
use serde_json::json;

use super::fleet::Fleet;

/// Types something for the number of accounts, and gives what is said after that.
fn answered(fleet: &Fleet, arguments: &[&str], typed: &str, code: i32) -> String {
    let mut command = fleet.command(arguments);
    command.args(["--color", "never"]).env("TERM", "xterm");
    let mut session: PtySession = spawn_command(command, Some(60_000)).unwrap();
    session.exp_string("Type the number of accounts, 3, to change 3 accounts").unwrap();
    session.send(&format!("{typed}\r")).unwrap();
    session.flush().unwrap();
    let said = session.exp_eof().unwrap();
    let status = session.process().wait().unwrap();
    assert!(matches!(status, WaitStatus::Exited(_, ended) if ended == code), "{status:?}: {said}");
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn the_number_of_accounts_is_typed_once_for_all() {
    let fleet = Fleet::new(2).await;
    fleet.plan("fleet", &[]).expect(0);
    fleet.forget_calls();
    let apply = ["apply", "fleet"];
    for typed in ["", "2", "yes"] {
        let said = answered(&fleet, &apply, typed, 4);
        assert!(said.contains("that is not the number of accounts: nothing was changed"), "{said}");
    }
    // Whose credentials these are is looked up first, and no account is entered.
    assert!(fleet.members.iter().all(|world| world.account.calls().is_empty()));
    assert_eq!(fleet.writes(), [].into());
    assert!(!fleet.manager.state().exists());

    let said = answered(&fleet, &apply, "3", 0);
    assert!(said.contains("3 accounts: 3 done."), "{said}");
    // Meanwhile, a line for each account that is worked on, and how many are done.
    assert!(said.contains("/3 accounts"), "{said}");
    assert!(said.contains(&format!("{} team-", fleet.id(0))), "{said}");
    let said = answered(&fleet, &["undo", "fleet"], "2", 4);
    assert!(said.contains("that is not the number of accounts: nothing was changed"), "{said}");
    assert_eq!(fleet.counts("fleet"), json!({ "done": 3 }));
    answered(&fleet, &["undo", "fleet"], "3", 0);
    assert_eq!(fleet.counts("fleet"), json!({ "undone": 3 }));
}
