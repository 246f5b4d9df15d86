//! Confirmation by a person at a terminal.

use rexpect::process::WaitStatus;
use rexpect::session::{PtySession, spawn_command};

use crate::support::seed;
use crate::world::World;

const PATIENCE: Option<u64> = Some(30_000);

async fn messy() -> World {
    let world = World::new().await;
    world.account.settle(serde_json::json!({ "alias": format!("acme-{}", world.account.id) }));
    seed::mess(&world.account, &["eu-west-1"]).await;
    world.account.forget_calls();
    world
}

fn apply(world: &World) -> PtySession {
    let mut command = world.command();
    command.args(["apply", "--color", "never"]).env("TERM", "xterm");
    let mut session = spawn_command(command, PATIENCE).unwrap();
    session.exp_string("Which changes shall be made?").unwrap();
    session
}

fn ends_with(session: &PtySession, code: i32) {
    let status = session.process().wait().unwrap();
    assert!(matches!(status, WaitStatus::Exited(_, ended) if ended == code), "{status:?}");
}

fn press(session: &mut PtySession, keys: &str) {
    session.send(keys).unwrap();
    session.flush().unwrap();
}

const UP: &str = "\u{1b}[A";

#[tokio::test(flavor = "multi_thread")]
async fn all_is_done_once_the_alias_is_typed() {
    let world = messy().await;
    let mut session = apply(&world);
    // The cursor stands on the last line, "none".
    press(&mut session, &UP.repeat(3));
    press(&mut session, "\r");
    session.exp_string("Type the account alias").unwrap();
    press(&mut session, &format!("acme-{}\r", world.account.id));
    session.exp_string("Done: 7 applied.").unwrap();
    session.exp_eof().unwrap();
    ends_with(&session, 0);
    assert_eq!(world.writes().len(), 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn none_and_a_wrong_name_change_nothing() {
    let world = messy().await;
    let mut session = apply(&world);
    press(&mut session, "\r");
    session.exp_string("Declined: nothing was changed.").unwrap();
    session.exp_eof().unwrap();
    ends_with(&session, 4);

    let mut session = apply(&world);
    press(&mut session, &UP.repeat(3));
    press(&mut session, "\r");
    session.exp_string("Type the account alias").unwrap();
    press(&mut session, "yes\r");
    session.exp_string("that is not the name of the account").unwrap();
    session.exp_eof().unwrap();
    ends_with(&session, 4);
    assert_eq!(world.writes(), Vec::<String>::new());
    assert!(world.runs().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_is_picked_from_the_list() {
    let world = messy().await;
    let mut session = apply(&world);
    press(&mut session, &UP.repeat(2));
    press(&mut session, "\r");
    session.exp_string("Space picks").unwrap();
    press(&mut session, " \r");
    session.exp_string("Type the account alias").unwrap();
    press(&mut session, &format!("acme-{}\r", world.account.id));
    session.exp_string("Done: 1 applied.").unwrap();
    session.exp_eof().unwrap();
    ends_with(&session, 0);
    assert_eq!(world.writes(), ["kms:EnableKeyRotation"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_at_the_prompt_changes_nothing() {
    let world = messy().await;
    let mut session = apply(&world);
    session.send_control('c').unwrap();
    session.exp_string("stopped: nothing was changed").unwrap();
    session.exp_eof().unwrap();
    ends_with(&session, 130);
    assert_eq!(world.writes(), Vec::<String>::new());
}
