//! Rollouts to many accounts: 5,000 on paper, and as many as are asked for in the emulator.
//!
//! `cargo bench --bench rollout` plans on 5,000 saved snapshots; `cargo bench --bench rollout -- 300` also reads
//! 300 accounts of an organization in the emulator, and prints the memory that it took and the most calls that
//! one account got in a second. Nothing is asserted: figures belong in notes, not in tests.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a bench prints, and ends at the first error"
)]

#[path = "../tests/support/account.rs"]
#[expect(dead_code, reason = "the tests need the rest of it")]
mod account;
#[path = "../tests/support/emulator.rs"]
mod emulator;
#[path = "../tests/support/http.rs"]
mod http;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use account::Account;
use emulator::Emulator;

const ON_PAPER: usize = 5_000;
const PAPER: [&str; 4] = ["shop", "search", "mail", "quiet"];
const REGIONS: [&str; 2] = ["eu-west-1", "us-east-1"];
const MANAGEMENT: &str = "500000000000";

fn main() {
    on_paper();
    let accounts = std::env::args().skip(1).find_map(|argument| argument.parse().ok());
    if let Some(accounts) = accounts {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(in_the_emulator(accounts));
    }
}

fn harden(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_harden"));
    command
        .env_clear()
        .env("HOME", folder)
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .current_dir(folder);
    command
}

/// The accounts of `tests/cli/fleet`, each many times under another id.
fn on_paper() {
    let folder = tempfile::tempdir().unwrap();
    let snapshots = folder.path().join("snapshots");
    std::fs::create_dir(&snapshots).unwrap();
    let of = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/fleet");
    let texts = PAPER.map(|name| std::fs::read_to_string(of.join(format!("{name}.json"))).unwrap());
    for number in 0..ON_PAPER {
        let text = texts.iter().cycle().nth(number).unwrap();
        let value: Value = serde_json::from_str(text).unwrap();
        let own = value.pointer("/account/id").and_then(Value::as_str).unwrap();
        let id = format!("{:012}", 300_000_000_000_u64 + u64::try_from(number).unwrap());
        std::fs::write(snapshots.join(format!("{id}.json")), text.replace(own, &id)).unwrap();
    }
    let start = Instant::now();
    let mut child = harden(folder.path())
        .args(["rollout", "plan", "--snapshots", "snapshots", "--out", "rollout"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        peak = peak.max(memory(child.id(), "VmHWM").unwrap_or(0));
        std::thread::sleep(Duration::from_millis(20));
    }
    println!(
        "{ON_PAPER} snapshots: planned, grouped and printed in {:.1?}, {} MiB",
        start.elapsed(),
        peak >> 10
    );
}

async fn in_the_emulator(accounts: usize) {
    let emulator = Emulator::start();
    let management = organization(&emulator.url, accounts).await;
    let folder = tempfile::tempdir().unwrap();
    let said = std::fs::File::create(folder.path().join("said")).unwrap();
    http::send(&emulator.url, "DELETE", "/_emulator/calls", None);
    let start = Instant::now();
    let mut child = harden(folder.path())
        .args(["rollout", "assess", "--organization"])
        .env("AWS_ENDPOINT_URL", &emulator.url)
        .env("AWS_REGION", "eu-west-1")
        .env("AWS_ACCESS_KEY_ID", &management.key_id)
        .env("AWS_SECRET_ACCESS_KEY", &management.secret)
        .env("AWS_SESSION_TOKEN", &management.token)
        .stdout(Stdio::null())
        .stderr(said)
        .spawn()
        .unwrap();
    let mut at_fifty = None;
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        peak = peak.max(memory(child.id(), "VmHWM").unwrap_or(0));
        let read = std::fs::read_to_string(folder.path().join("said")).unwrap();
        if at_fifty.is_none() && read.lines().count() > 50 {
            at_fifty = memory(child.id(), "VmHWM");
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    println!(
        "{accounts} accounts and their management: read in {:.1?}; at most {} MiB, {} MiB by the 50th",
        start.elapsed(),
        peak >> 10,
        at_fifty.unwrap_or(0) >> 10
    );
    calls(&emulator.url);
}

/// An organization of so many accounts, with two regions and a small mess in each.
async fn organization(url: &str, accounts: usize) -> Account {
    let management = Account::open(url, MANAGEMENT).await;
    management.settle(json!({ "enabled_regions": REGIONS }));
    let organizations = management.organizations("us-east-1");
    organizations
        .create_organization()
        .feature_set(aws_sdk_organizations::types::OrganizationFeatureSet::All)
        .send()
        .await
        .unwrap();
    for number in 0..accounts {
        let made = organizations
            .create_account()
            .email(format!("team-{number}@example.org"))
            .account_name(format!("team-{number}"))
            .send()
            .await
            .unwrap();
        let id = made.create_account_status.and_then(|status| status.account_id).expect("an id");
        let member = Account::open(url, &id).await;
        member.settle(json!({ "enabled_regions": REGIONS }));
        let policy = member.iam("us-east-1").update_account_password_policy();
        policy.minimum_password_length(8).send().await.unwrap();
    }
    management
}

/// How many calls there were, and the most that one account got in a second.
fn calls(url: &str) {
    let calls = http::send(url, "GET", "/_emulator/calls", None);
    let calls = calls.as_array().unwrap();
    let mut by_account: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for call in calls {
        let account = call["account"].as_str().unwrap();
        by_account.entry(account).or_default().push(call["at"].as_f64().unwrap());
    }
    // Whoever takes roles on has more calls than its own.
    by_account.remove(MANAGEMENT);
    let most = by_account.values_mut().map(|times| {
        times.sort_by(f64::total_cmp);
        let within =
            |start: &f64| times.iter().filter(|at| (*start..*start + 1.0).contains(*at)).count();
        times.iter().map(within).max().unwrap_or(0)
    });
    let most = most.max().unwrap_or(0);
    println!(
        "{} calls, {} in one account; at most {most} arrived in one account within a second (budget 20)",
        calls.len(),
        calls.len() / by_account.len().max(1),
    );
}

/// What the kernel says of a process, in KiB.
fn memory(process: u32, what: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(what)?.strip_prefix(':'))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}
