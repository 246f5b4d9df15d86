//! The secrets of whoever runs harden are in no answer, no log and no file, whatever goes wrong.

use std::path::Path;
use std::process::Command;

use serde_json::json;

use crate::support::seed;
use crate::world::{World, run};

/// Everything that is said in a run from the first look to the way back, with the log at its loudest.
fn whole_run(world: &World, command: &dyn Fn() -> Command) -> String {
    let file = world.path("plan.json").to_str().unwrap().to_owned();
    let snapshot = world.path("snapshot.json").to_str().unwrap().to_owned();
    let mut said = String::new();
    for arguments in [
        &["assess"][..],
        &["snapshot", "--out", &snapshot],
        &["plan", "--out", &file],
        &["show", &file],
        &["policy", "--plan", &file],
        &["apply", &file, "--yes"],
        &["show", "last", "--output", "json"],
        &["runs"],
        &["verify", "last"],
        &["mfa", "list"],
        &["undo", "last", "--yes"],
    ] {
        for loudness in
            ["-vv", "-vvvvv"].into_iter().take(if arguments[0] == "plan" { 2 } else { 1 })
        {
            let answer = run(command().env("RUST_LOG", "trace").args(arguments).arg(loudness));
            said += &answer.expect(0).all();
        }
    }
    said
}

/// Asserts that no piece of a secret is in it, as it is or as an address holds it.
#[track_caller]
fn assert_silent(what: &str, text: &str, secrets: &[&str]) {
    for secret in secrets {
        assert!(secret.len() >= 16, "no secret: {secret}");
        for at in 0..=secret.len() - 12 {
            assert!(!text.contains(&secret[at..at + 12]), "{what} tells a secret");
        }
        let encoded = secret.replace('/', "%2F").replace('+', "%2B").replace('=', "%3D");
        assert!(!text.contains(&encoded), "{what} tells a secret");
    }
}

fn assert_files_are_silent(folder: &Path, secrets: &[&str]) -> usize {
    let mut looked_at = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            looked_at += assert_files_are_silent(&path, secrets);
        } else if !path.ends_with("aws-credentials") {
            let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
            assert_silent(&path.display().to_string(), &text, secrets);
            looked_at += 1;
        }
    }
    looked_at
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_in_any_answer_or_file() {
    let world = World::new().await;
    seed::mess(&world.account, &["eu-west-1"]).await;
    let account = &world.account;
    let secrets = [account.secret.as_str(), account.token.as_str()];
    let said = whole_run(&world, &|| world.command());
    // There is a log, and it tells of the calls.
    assert!(said.contains(&account.id) && said.contains("calling operation="), "{said}");
    assert_silent("an answer", &said, &secrets);
    // Two runs of three files, the locks, the plan, the snapshot, the baseline.
    assert!(assert_files_are_silent(&world.path(""), &secrets) >= 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_of_a_profile_is_told_either_and_none_by_an_error() {
    let world = World::new().await;
    seed::weak_password_policy(&world.account).await;
    let account = &world.account;
    let profile = format!(
        "[audit]\naws_access_key_id = {}\naws_secret_access_key = {}\naws_session_token = {}\n",
        account.key_id, account.secret, account.token
    );
    std::fs::write(world.path("aws-credentials"), &profile).unwrap();
    let secrets = [account.secret.as_str(), account.token.as_str()];
    let with_profile = || {
        let mut command = world.command();
        for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"] {
            command.env_remove(name);
        }
        command.env("AWS_PROFILE", "audit");
        command
    };
    assert_silent("an answer", &whole_run(&world, &with_profile), &secrets);
    for kind in ["deny", "expired", "skew", "throttle"] {
        account.fault(json!({ "kind": kind, "operation": "GetCallerIdentity" }));
        let answer = run(with_profile().env("AWS_MAX_ATTEMPTS", "1").args(["plan", "-vvvvv"]));
        assert_eq!(answer.code, Some(1), "{kind}: {}", answer.all());
        assert_silent(kind, &answer.all(), &secrets);
        account.no_faults();
    }
    // A file that is broken just where the secrets stand.
    std::fs::write(world.path("aws-credentials"), profile.replace("[audit]\n", "")).unwrap();
    let answer = run(with_profile().args(["plan", "-vvvvv"]));
    assert_eq!(answer.code, Some(1), "{}", answer.all());
    assert_silent("a broken file", &answer.all(), &secrets);
    assert!(assert_files_are_silent(&world.path(""), &secrets) >= 10);
}
