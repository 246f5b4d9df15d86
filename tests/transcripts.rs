//! The real binary as a user sees it, on saved snapshots: no network, no clock, nothing of the machine.
//!
//! `tests/cli/*.md` are the transcripts. `TRYCMD=overwrite cargo test --test transcripts` records them anew;
//! read the difference like code. trycmd records every backslash as a slash, and what is written to stderr
//! together with the answer.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test ends at the first surprise"
)]

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

const HARDEN: &str = env!("CARGO_BIN_EXE_harden");
const HOSTILE: &str = "tests/cli/hostile.json";

/// Nothing of the environment that the tests run in, and no way to anybody's configuration.
const ENVIRONMENT: [(&str, &str); 7] = [
    ("AWS_CONFIG_FILE", "/dev/null"),
    ("AWS_EC2_METADATA_DISABLED", "true"),
    ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
    ("COLUMNS", "80"),
    ("HOME", "/nowhere"),
    ("NO_COLOR", "1"),
    ("XDG_STATE_HOME", "/nowhere"),
];

fn clean(command: &mut Command) -> &mut Command {
    command.env_clear().envs(ENVIRONMENT).current_dir(env!("CARGO_MANIFEST_DIR"))
}

fn harden(arguments: &str) -> String {
    let output = clean(&mut Command::new(HARDEN)).args(arguments.split(' ')).output().unwrap();
    String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap()
}

/// trycmd hands its own environment on, so this test starts itself again without one.
#[test]
fn transcripts() {
    const AGAIN: &str = "HARDEN_TRANSCRIPTS";
    if std::env::var_os(AGAIN).is_some() {
        let cases = trycmd::TestCases::new();
        cases.register_bin("harden", Path::new(HARDEN)).case("tests/cli/*.md").run();
        return;
    }
    let mut again = Command::new(std::env::current_exe().unwrap());
    clean(&mut again).args(["transcripts", "--exact", "--nocapture"]).env(AGAIN, "1");
    // What to do with the transcripts, and with which: `-- transcripts trycmd=errors`.
    again.envs(std::env::var_os("TRYCMD").map(|mode| ("TRYCMD", mode)));
    again.args(std::env::args().filter(|argument| argument.starts_with("trycmd=")));
    let status = again.status().unwrap();
    assert!(status.success(), "`TRYCMD=overwrite cargo test --test transcripts` takes them over");
}

#[test]
fn no_help_is_wider_than_80_columns() {
    let text = std::fs::read_to_string("tests/cli/help.md").unwrap();
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    // Every verb is there. Lines that go on are indented further.
    let help = harden("--help");
    let verbs = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    for verb in verbs.take_while(|line| !line.is_empty()).filter_map(|line| line.strip_prefix("  "))
    {
        let verb = verb.split(' ').next().unwrap();
        let is_none = ["", "help"].contains(&verb);
        assert!(is_none || text.contains(&format!("$ harden {verb} --help\n")), "{verb}");
    }
}

#[test]
fn whom_alarms_tell_is_replaced_by_the_flag() {
    let notify = |flags: &str| {
        let plan = "plan --snapshot tests/cli/clean.json --baseline tests/cli/alarms.toml";
        let plan = harden(&format!("{plan} --output json{flags}"));
        let plan: serde_json::Value = serde_json::from_str(&plan).unwrap();
        plan["origin"]["baseline"]["settings"]["monitoring"]["notify"].to_string()
    };
    let theirs = r#"["email:security@acme.dev","https:https://hooks.acme.dev/aws?team=a,b"]"#;
    assert_eq!(notify(""), theirs);
    // Whoever says it twice is told once.
    let flags =
        " --notify sms:+4930123456 --notify https:https://a.dev/b,c --notify sms:+4930123456";
    assert_eq!(notify(flags), r#"["sms:+4930123456","https:https://a.dev/b,c"]"#);
}

/// Beside the transcripts: what trycmd does to what it compares does not matter here.
#[test]
fn nothing_of_a_hostile_account_reaches_the_terminal_raw() {
    for verb in [
        "assess",
        "plan",
        "plan --max-risk destructive",
        "assess --output json",
        "plan --output json",
    ] {
        let page = harden(&format!("{verb} --snapshot {HOSTILE} --color always"));
        // What remains once the styles of harden itself are taken out.
        let styles =
            ["\u{1b}[0m", "\u{1b}[1m", "\u{1b}[2m", "\u{1b}[31m", "\u{1b}[32m", "\u{1b}[33m"];
        let bare = styles.iter().fold(page, |page, style| page.replace(style, ""));
        let raw = |c: &char| {
            (c.is_control() && *c != '\n')
                || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        assert_eq!(bare.chars().find(raw), None, "{verb}");
        let alias = if verb.ends_with("json") {
            r"acme\u001b[2J\u202eprod"
        } else {
            r"acme\u{1b}[2J\u{202e}prod"
        };
        assert!(bare.contains(alias), "{bare}");
    }
}

/// `--color always`, with the escape codes spelled out: `tests/cli/colours.txt`.
#[test]
fn colours() {
    let mut seen = String::new();
    for arguments in [
        "assess --snapshot tests/cli/denied.json --control 1.6,1.9,1.12,1.14",
        "plan --snapshot tests/cli/messy.json --control 1.9,1.12,4.1",
        "explain 9.9",
    ] {
        let page = harden(&format!("{arguments} --color always"));
        writeln!(seen, "$ harden {arguments} --color always\n{page}").unwrap();
    }
    for (code, name) in [
        ("\u{1b}[0m", "{}"),
        ("\u{1b}[1m", "{bold}"),
        ("\u{1b}[2m", "{dim}"),
        ("\u{1b}[31m", "{red}"),
        ("\u{1b}[32m", "{green}"),
        ("\u{1b}[33m", "{yellow}"),
    ] {
        seen = seen.replace(code, name);
    }
    let path = Path::new("tests/cli/colours.txt");
    if std::env::var_os("TRYCMD").is_some_and(|mode| mode == "overwrite") {
        std::fs::write(path, &seen).unwrap();
    }
    assert!(std::fs::read_to_string(path).unwrap() == seen, "changed:\n{seen}");
}
