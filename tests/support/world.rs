//! One account, one state folder, and harden run in them.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::account::Account;
use crate::support::emulator::Emulator;

static EMULATOR: OnceLock<Emulator> = OnceLock::new();
static ACCOUNTS: AtomicU32 = AtomicU32::new(1);

/// The regions that accounts of these tests have, unless a test says otherwise.
pub(crate) const REGIONS: [&str; 3] = ["eu-west-1", "us-east-1", "ap-south-1"];

/// What tests of the machine as such plan by, unless they say otherwise: trails, alarms and flow logs, which
/// take many calls to set up, and default groups, of which each region has one, have tests of their own.
const SMALL_BASELINE: &str = r#"
extends = "level-2"
[controls]
skip = ["2.1-2.7", "3.1-3.14", "3.16", "4.3", "4.4"]
"#;
const SMALL: &str = "./small.toml";
const MINE: &str = "./mine.toml";

/// The address of the one emulator that all tests share.
pub(crate) fn emulator() -> &'static str {
    &EMULATOR.get_or_init(Emulator::start).url
}

/// An account that nobody else uses, and a folder.
pub(crate) struct World {
    pub(crate) account: Account,
    /// Where harden takes AWS to be.
    pub(crate) endpoint: String,
    folder: TempDir,
    /// What it plans by unless a test says otherwise.
    baseline: &'static str,
    /// The region of the session.
    pub(crate) region: &'static str,
}

/// What a command answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl World {
    /// An empty account with three regions.
    pub(crate) async fn new() -> Self {
        Self::at(emulator()).await
    }

    /// The same in another emulator than the one that all tests share.
    pub(crate) async fn at(url: &str) -> Self {
        let number = ACCOUNTS.fetch_add(1, Ordering::SeqCst);
        let id = format!("{:012}", 100_000_000_000_u64 + u64::from(number));
        let account = Account::open(url, &id).await;
        account.settle(json!({ "enabled_regions": REGIONS }));
        Self::of(account)
    }

    /// An account that is there already, and a folder of its own.
    pub(crate) fn of(account: Account) -> Self {
        let folder = TempDir::new().unwrap();
        let endpoint = account.url.clone();
        let world = Self { account, endpoint, folder, baseline: SMALL, region: REGIONS[0] };
        std::fs::write(world.path(SMALL), SMALL_BASELINE).unwrap();
        world
    }

    /// The same, by the whole benchmark.
    pub(crate) async fn whole() -> Self {
        Self { baseline: "level-2", ..Self::new().await }
    }

    /// The same, and with these settings besides.
    pub(crate) async fn whole_with(settings: &str) -> Self {
        Self::new().await.by(settings)
    }

    /// Plans by the whole benchmark and these settings.
    pub(crate) fn by(self, settings: &str) -> Self {
        let world = Self { baseline: MINE, ..self };
        world.settings(settings);
        world
    }

    /// Replaces the settings that it plans by besides those of the whole benchmark.
    pub(crate) fn settings(&self, settings: &str) {
        let text = format!("extends = \"level-2\"\n{settings}");
        std::fs::write(self.path(MINE), text).unwrap();
    }

    /// A path in the test's own folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The folder that runs are kept in.
    pub(crate) fn state(&self) -> PathBuf {
        self.path("state")
    }

    /// The command, hermetic: nothing of the environment but what is said here.
    pub(crate) fn command(&self) -> Command {
        let mut command = bare(self.folder.path());
        command
            .env("AWS_ENDPOINT_URL", &self.endpoint)
            .env("AWS_REGION", self.region)
            .env("AWS_ACCESS_KEY_ID", &self.account.key_id)
            .env("AWS_SECRET_ACCESS_KEY", &self.account.secret)
            .env("AWS_SESSION_TOKEN", &self.account.token)
            .env("HARDEN_BASELINE", self.baseline)
            .env("HARDEN_STATE_DIR", self.state());
        command
    }

    /// Runs harden to its end.
    pub(crate) fn harden<const N: usize>(&self, arguments: [&str; N]) -> Answer {
        run(self.command().args(arguments))
    }

    /// Runs harden and parses its answer.
    pub(crate) fn json<const N: usize>(&self, arguments: [&str; N]) -> Value {
        self.ask(&arguments)
    }

    /// The same, with as many arguments as there are.
    pub(crate) fn ask(&self, arguments: &[&str]) -> Value {
        let answer = run(self.command().args(arguments).args(["--output", "json"]));
        serde_json::from_str(&answer.stdout).unwrap_or_else(|e| panic!("{e}: {answer:?}"))
    }

    /// Starts harden and does not wait for it.
    pub(crate) fn start<const N: usize>(&self, arguments: [&str; N]) -> Child {
        self.begin(&arguments)
    }

    /// The same, with as many arguments as there are.
    pub(crate) fn begin(&self, arguments: &[&str]) -> Child {
        self.command()
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// Everything harden can read, without times and without what has another name each time it is made,
    /// and grants in one order.
    pub(crate) fn reading(&self) -> Value {
        let path = self.path("reading.json");
        let answer = self.harden(["snapshot", "--out", path.to_str().unwrap()]);
        assert_eq!(answer.code, Some(0), "{answer:?}");
        let mut value: Value =
            serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        value["taken_at"] = Value::Null;
        value["iam"]["credential_report"] = Value::Null;
        for trail in value["logging"]["trails"].as_object_mut().unwrap().values_mut() {
            // Whether it records is a setting; the rest is what came of it.
            trail["status"]["known"] = trail["status"]["known"]["logging"].clone();
        }
        for bucket in value["logging"]["buckets"].as_object_mut().unwrap().values_mut() {
            if let Some(Value::Array(grants)) = bucket.pointer_mut("/known/ours/acl/known") {
                grants.sort_by_key(ToString::to_string);
            }
        }
        for regional in value["regional"].as_object_mut().unwrap().values_mut() {
            let recorders = regional["recorders"]["known"].as_object_mut();
            for recorder in recorders.into_iter().flat_map(|all| all.values_mut()) {
                recorder["status"]["known"] = recorder["status"]["known"]["recording"].clone();
            }
            for topic in regional["topics"].as_object_mut().unwrap().values_mut() {
                let subscriptions = topic.pointer_mut("/known/subscriptions/known");
                for one in subscriptions.and_then(Value::as_array_mut).into_iter().flatten() {
                    // Each time they confirm they get another.
                    one["arn"] = one["arn"].is_string().into();
                }
            }
            if regional["flow_logs"]["known"].is_object() {
                let logs = &mut regional["flow_logs"]["known"];
                *logs = without_ids(logs);
            }
            let Some(groups) = regional["rules"]["known"].as_object_mut() else { continue };
            for rules in groups.values_mut() {
                *rules = without_ids(rules);
            }
        }
        value
    }

    /// The write calls since the last forgetting, as `service:Operation`.
    pub(crate) fn writes(&self) -> Vec<String> {
        let calls = self.account.calls().into_iter().filter(|call| call.is_write);
        calls.map(|call| call.name()).collect()
    }

    /// The name of the newest run.
    pub(crate) fn last_run(&self) -> String {
        let run = self.runs().pop().unwrap();
        run.file_name().unwrap().to_str().unwrap().to_owned()
    }

    /// The folders of all runs.
    pub(crate) fn runs(&self) -> Vec<PathBuf> {
        let Ok(entries) = std::fs::read_dir(self.state().join(&self.account.id)) else {
            return Vec::new();
        };
        let mut runs: Vec<PathBuf> =
            entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
        runs.sort();
        runs
    }
}

/// The things that have these ids, in one order.
fn without_ids(things: &Value) -> Value {
    let mut bare: Vec<Value> = things.as_object().unwrap().values().cloned().collect();
    bare.sort_by_key(ToString::to_string);
    bare.into()
}

/// The command without credentials, region or endpoint.
pub(crate) fn bare(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_harden"));
    command
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", folder)
        .env("COLUMNS", "80")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_CONFIG_FILE", folder.join("aws-config"))
        .env("AWS_SHARED_CREDENTIALS_FILE", folder.join("aws-credentials"))
        .current_dir(folder);
    command
}

/// Runs a command to its end.
pub(crate) fn run(command: &mut Command) -> Answer {
    command.stdin(Stdio::null()).output().unwrap().into()
}

impl From<Output> for Answer {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Answer {
    /// Everything that was said, for searching.
    pub(crate) fn all(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }

    /// Asserts the code, showing everything if it is another.
    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// Asserts that the answer holds a piece of text.
    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        // Wrapping may have put any of the blanks at the end of a line.
        let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(plain(&self.all()).contains(&plain(text)), "no `{text}` in:\n{}", self.all());
        self
    }
}
