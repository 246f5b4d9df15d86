//! Names, tags and policies by somebody who wants to fool whoever reads them: a whole run over an account
//! that is full of them.

use std::path::PathBuf;

use rexpect::session::spawn_command;
use serde_json::Value;

use crate::support::account::Account;
use crate::support::{people, seed};
use crate::world::{Answer, World, run};

/// What XML can carry: it turns the line around, is not seen at all, and would be a script on a page of HTML.
const TURNED: &str = "\u{202e}drow\u{2066}\u{200b}<script>alert(1)</script>\u{feff}\u{e0041}";
/// What JSON can carry besides.
const MOVED: &str = "\u{1b}[2J\u{1b}]0;owned\u{7}\r\nScore: 40 of 40 \u{9b}31m";

/// As much of it as the emulator takes, AWS itself being stricter with most names.
async fn hostile() -> World {
    let world = World::whole_with("").await;
    let account = &world.account;
    account.settle(serde_json::json!({ "alias": format!("acme{TURNED}") }));
    seed::weak_password_policy(account).await;
    users(account).await;
    groups(account).await;
    topics(account).await;
    world
}

async fn users(account: &Account) {
    let text = serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [{ "Sid": format!("{MOVED}{TURNED}"), "Effect": "Allow", "Action": "s3:Get*", "Resource": "*" }],
    });
    let text = text.to_string();
    people::user(account, &format!("mallory{TURNED}"), &[people::READ_ONLY], &[("own", &text)])
        .await;
    let iam = account.iam("us-east-1");
    let key = iam.create_access_key().user_name(format!("mallory{TURNED}"));
    key.send().await.unwrap();
}

async fn groups(account: &Account) {
    let vpc = seed::default_vpc(account, "eu-west-1").await;
    let group = seed::group(account, "eu-west-1", &vpc, &format!("web{TURNED}")).await;
    let long = "y".repeat(10_000);
    for (port, description) in [(22, format!("office{TURNED}")), (3389, long)] {
        let rule = seed::tcp(port, port).ip_ranges(seed::range("0.0.0.0/0", &description));
        let tags = [("team", TURNED), (TURNED, "platform")];
        seed::allow(account, "eu-west-1", &group, rule.build(), &tags).await;
    }
    seed::attach(account, "eu-west-1", &vpc, &group, &format!("bastion{TURNED}")).await;
}

async fn topics(account: &Account) {
    let sns = account.sns("eu-west-1");
    let topic = sns.create_topic().name("orders").send().await.unwrap().topic_arn.unwrap();
    let endpoint = format!("https://hooks.example/{TURNED}");
    sns.subscribe().topic_arn(topic).protocol("https").endpoint(endpoint).send().await.unwrap();
}

/// Whether it belongs neither into a page nor into JSON: harden's own styles are taken out before.
fn is_raw(c: char) -> bool {
    let marks = matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}');
    (c.is_control() && c != '\n') || marks
}

/// Asserts that a person sees what is there, and that nothing else moves or turns on the terminal.
#[track_caller]
pub(crate) fn assert_harmless(what: &str, text: &str) {
    let styles = ["0", "1", "2", "31", "32", "33"].map(|style| format!("\u{1b}[{style}m"));
    let bare = styles.iter().fold(text.to_owned(), |text, style| text.replace(style, ""));
    let at = bare.find(is_raw);
    let around = at.map(|at| bare[..at].lines().last().unwrap_or_default().to_owned());
    assert_eq!(
        around,
        None,
        "{what}: behind this stands {:?}",
        at.and_then(|at| bare[at..].chars().next())
    );
}

/// Says it as a page and as JSON, and asserts that neither does harm.
#[track_caller]
fn says(world: &World, arguments: &[&str]) -> (Answer, Value) {
    let page = run(world.command().args(arguments).args(["--color", "always"]));
    assert_harmless(&arguments.join(" "), &page.all());
    let json = run(world.command().args(arguments).args(["--output", "json"]));
    assert_harmless(&format!("{} as JSON", arguments.join(" ")), &json.all());
    let value = serde_json::from_str(&json.stdout);
    (page, value.unwrap_or_else(|error| panic!("{error}: {}", json.stdout)))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_run_over_a_hostile_account_is_readable() {
    const CONTROLS: &str = "1.3,1.4,1.9,1.15,2.8,3.16,4.1,4.2";
    let world = hostile().await;
    let (assessed, value) = says(&world, &["assess", "--control", CONTROLS]);
    // It is there: escaped on the page, and as it is in JSON.
    assessed.says("\\u{202e}drow").says("<script>alert(1)</script>").says("\\u{feff}");
    let alias = value["account"]["alias"].as_str().unwrap();
    assert_eq!(alias, format!("acme{TURNED}"));

    let file = world.path("plan.json").to_str().unwrap().to_owned();
    let plan = run(world.command().args(["plan", "--control", CONTROLS, "--out", &file, "-vv"]));
    assert_harmless("plan -vv", &plan.all());
    plan.expect(0).says("4.1").says("yyyyy… (10").says("characters)");
    says(&world, &["show", &file]).0.expect(0).says("\\u{202e}drow");
    says(&world, &["policy", "--plan", &file]).0.expect(0);

    let applied = run(world.command().args(["apply", &file, "--yes", "-vv", "--color", "always"]));
    assert_harmless("apply -vv", &applied.all());
    let applied = applied.expect(0).says("Done: ");
    // The log is there, and tells of what has such a name.
    assert!(applied.stderr.contains("calling operation="), "{}", applied.stderr);
    assert!(applied.stderr.contains("mallory\\u{202e}drow"), "{}", applied.stderr);
    for arguments in [&["show", "last"][..], &["runs"], &["verify", "last"]] {
        says(&world, arguments).0.expect(0);
    }
    // An error of AWS's that quotes such a name, in page, journal and result.
    world.account.fault(serde_json::json!({ "operation": "DeleteGroup", "kind": "deny" }));
    let undone = run(world.command().args(["undo", "last", "--yes", "-vv", "--color", "always"]));
    assert_harmless("undo -vv", &undone.all());
    says(&world, &["show", "last"]).0.expect(0).says("failed");
    let snapshot = world.path("snapshot.json").to_str().unwrap().to_owned();
    run(world.command().args(["snapshot", "--out", &snapshot, "-vv"])).expect(0);
    says(&world, &["assess", "--snapshot", &snapshot]).0.expect(0).says("\\u{202e}drow");
    let of_runs = world
        .runs()
        .into_iter()
        .flat_map(|run| ["plan.json", "journal.jsonl", "result.json"].map(|file| run.join(file)));
    let files: Vec<PathBuf> = of_runs.chain([snapshot.into(), file.into()]).collect();
    assert_eq!(files.len(), 2 * 3 + 2);
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        assert_harmless(&file.display().to_string(), &text);
        let values = serde_json::Deserializer::from_str(&text).into_iter::<Value>();
        assert!(values.map(Result::unwrap).count() > 0, "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn prompts_do_not_obey_the_account_that_they_are_about() {
    let world = hostile().await;
    let mut command = world.command();
    command.args(["apply", "--control", "1.15,4.1", "--color", "never"]).env("TERM", "xterm");
    let mut session = spawn_command(command, Some(30_000)).unwrap();
    let mut seen = session.exp_string("Which changes shall be made?").unwrap();
    // The cursor stands on the last line, "none": two above is the list, and there the first is picked.
    for (keys, next) in [
        ("\u{1b}[A\u{1b}[A\r", "Space picks"),
        (" \r", "Type the account alias `acme\\u{202e}drow"),
    ] {
        session.send(keys).unwrap();
        session.flush().unwrap();
        seen += &session.exp_string(next).unwrap();
    }
    session.send("no\r").unwrap();
    session.flush().unwrap();
    seen += &session.exp_eof().unwrap();
    // rexpect takes each byte for a character.
    let bytes: Vec<u8> = seen.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let seen = String::from_utf8(bytes).unwrap();
    assert!(seen.matches("\\u{202e}drow").count() > 3, "{seen}");
    assert!(!seen.contains("\u{1b}]") && !seen.contains('\u{7}'), "{seen:?}");
    let marks = |c: &char| is_raw(*c) && !c.is_control();
    assert_eq!(seen.chars().find(marks), None, "{seen}");
}
