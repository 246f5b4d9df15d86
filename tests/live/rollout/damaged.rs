//! Folders in which something is not as harden wrote it: told before any write call.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::fleet::Fleet;

/// Writes a file that nobody else may read.
fn write(path: &Path, text: &[u8]) {
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap();
}

struct Folder {
    fleet: Fleet,
    path: PathBuf,
}

impl Folder {
    async fn planned() -> Self {
        let fleet = Fleet::new(2).await;
        fleet.plan("fleet", &[]).expect(0);
        fleet.forget_calls();
        let path = fleet.manager.path("fleet");
        Self { fleet, path }
    }

    fn text(&self, file: &str) -> String {
        std::fs::read_to_string(self.path.join(file)).unwrap()
    }

    /// With this text in one of its files, the folder is refused; then the file is as it was.
    #[track_caller]
    fn refused(&self, file: &str, text: &str, sentence: &str) {
        let before = std::fs::read(self.path.join(file)).ok();
        write(&self.path.join(file), text.as_bytes());
        let answer = self.fleet.rollout(&["apply", "fleet", "--yes"]).expect(64);
        assert!(answer.stderr.lines().count() <= 6, "{}", answer.stderr);
        assert_eq!(answer.stdout, "");
        answer.says(sentence);
        assert_eq!(self.fleet.writes(), [].into());
        assert!(!self.fleet.manager.state().exists());
        match before {
            Some(before) => write(&self.path.join(file), &before),
            None => std::fs::remove_file(self.path.join(file)).unwrap(),
        }
    }

    fn edited(&self, file: &str, edit: impl FnOnce(&mut Value)) -> String {
        let mut value: Value = serde_json::from_str(&self.text(file)).unwrap();
        edit(&mut value);
        value.to_string()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollout_that_is_not_as_it_was() {
    const FILE: &str = "rollout.json";
    let folder = Folder::planned().await;
    let text = folder.text(FILE);
    folder.refused(FILE, &text[..text.len() / 2], "it breaks off or goes wrong at line");
    folder.refused(FILE, "", "it breaks off or goes wrong");
    folder.refused(FILE, "[1, 2]", "it is not a rollout of harden");
    folder.refused(FILE, "{}", "it is not a rollout of harden");
    let edited = folder.edited(FILE, |rollout| rollout["pace"]["stop_after_failures"] = 9.into());
    folder.refused(FILE, &edited, "it was changed after it was made: its digest does not match");
    let edited = folder.edited(FILE, |rollout| rollout["external_id"] = "other".into());
    folder.refused(FILE, &edited, "it was changed after it was made");
    let future = folder.edited(FILE, |rollout| rollout["format"] = "harden.rollout/9".into());
    folder.refused(
        FILE,
        &future,
        "it has the format `harden.rollout/9`, which this version does not know",
    );
    for verb in ["status", "undo"] {
        std::fs::write(folder.path.join(FILE), &edited).unwrap();
        let consent = if verb == "status" { &[][..] } else { &["--yes"] };
        let answer = folder.fleet.rollout(&[&[verb, "fleet"], consent].concat()).expect(64);
        answer.says("it was changed after it was made");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn plans_that_are_not_those_that_were_reviewed() {
    let folder = Folder::planned().await;
    let file = |id: &str| format!("plans/{id}.json");
    let (first, second) = (folder.fleet.id(0), folder.fleet.id(1));
    let (one, other) = (file(first), file(second));
    let reviewed = format!("the plan of account {first} is not the one that was reviewed");
    folder.refused(&one, &folder.text(&other), &reviewed);
    let edited = folder.edited(&one, |plan| {
        drop(plan["changes"].as_array_mut().unwrap().pop());
    });
    folder.refused(&one, &edited, "the plan was changed after it was made");
    folder.refused(&one, "", "breaks off or is damaged");
    // A good plan of the same account, but another one.
    let mut command = folder.fleet.members[0].command();
    let alone = folder.path.join("alone.json");
    command.args(["plan", "--control", "4.4", "--out"]).arg(&alone);
    crate::world::run(&mut command).expect(0);
    folder.refused(&one, &folder.text("alone.json"), &reviewed);
    std::fs::remove_file(folder.path.join(&one)).unwrap();
    let gone = folder.fleet.rollout(&["apply", "fleet", "--yes"]).expect(64);
    gone.says(&format!("{first}.json"));
    assert_eq!(folder.fleet.writes(), [].into());
    // Nobody else's plan is kept from being carried out.
    folder.fleet.rollout(&["apply", "fleet", "--yes", "--account", second]).expect(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_of_other_rollouts_and_damaged_ones() {
    const FILE: &str = "log.jsonl";
    let folder = Folder::planned().await;
    let fleet = &folder.fleet;
    fleet.plan("other", &[]).expect(0);
    fleet.rollout(&["apply", "other", "--yes", "--until", "canary"]).expect(0);
    let log = std::fs::read_to_string(fleet.manager.path("other/log.jsonl")).unwrap();
    std::fs::remove_dir_all(fleet.manager.state()).unwrap();
    fleet.forget_calls();
    folder.refused(FILE, &log, "it tells of another rollout");
    folder.refused(FILE, "gone\n", "line 1 is none of a log");
    let cut = log.replacen("event", "evnt", 2);
    folder.refused(FILE, &cut, "line 1 is none of a log");
    // A last line that was not finished is what a killed harden leaves.
    std::fs::write(fleet.manager.path("other/log.jsonl"), format!("{log}{{\"at\":\"20")).unwrap();
    let counts = serde_json::json!({ "done": 1, "waiting": 2 });
    assert_eq!(fleet.counts("other"), counts);
    // Without the line that says whose it is, a log would tell of whatever rollout has these accounts.
    let headless: String = log.split_inclusive('\n').skip(1).collect();
    folder.refused(FILE, &headless, "line 1 is none of a log");
    let newer = log.replacen("harden.rollout-log/1", "harden.rollout-log/2", 1);
    folder.refused(
        FILE,
        &newer,
        "it has the format `harden.rollout-log/2`, which this version does not know",
    );
}
