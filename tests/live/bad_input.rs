//! Bad input: one clear sentence, the right exit code, nothing written.

use serde_json::Value;

use crate::support::seed;
use crate::world::World;

struct Saved {
    world: World,
    file: String,
    text: String,
}

async fn saved() -> Saved {
    let world = World::new().await;
    seed::mess(&world.account, &["eu-west-1"]).await;
    let path = world.path("plan.json");
    let file = path.to_str().unwrap().to_owned();
    world.harden(["plan", "--out", &file]).expect(0);
    let text = std::fs::read_to_string(&path).unwrap();
    world.account.forget_calls();
    Saved { world, file, text }
}

impl Saved {
    /// Applies the file with other contents, and asserts that it is refused before any write.
    fn refused(&self, text: &str, code: i32, sentence: &str) {
        std::fs::write(&self.file, text).unwrap();
        let answer = self.world.harden(["apply", &self.file, "--yes"]).expect(code);
        assert!(answer.stderr.lines().count() <= 6, "{}", answer.stderr);
        answer.says(sentence);
        assert_eq!(self.world.writes(), Vec::<String>::new());
        assert!(self.world.runs().is_empty());
    }

    fn edited(&self, edit: impl FnOnce(&mut Value)) -> String {
        let mut value: Value = serde_json::from_str(&self.text).unwrap();
        edit(&mut value);
        value.to_string()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn plan_files_that_are_not_as_they_were_are_refused() {
    let saved = saved().await;
    saved.refused(&saved.text[..saved.text.len() / 2], 64, "it breaks off or is damaged at line");
    saved.refused("", 64, "it breaks off or is damaged");
    saved.refused("[controls]\nskip = []\n", 64, "not a plan of harden");
    saved.refused("[1, 2]", 64, "not a plan of harden");
    saved.refused("\u{0}\u{1}", 64, "not a plan of harden");
    let edited = saved.edited(|plan| plan["changes"][0]["impact"] = "none".into());
    saved.refused(&edited, 64, "was changed after it was made");
    let future = saved.edited(|plan| plan["format"] = "harden.plan/7".into());
    saved.refused(&future, 64, "has the format `harden.plan/7`, which this version does not know");
    std::fs::remove_file(&saved.file).unwrap();
    saved.world.harden(["apply", &saved.file, "--yes"]).expect(64).says("cannot read");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_of_another_account_is_refused() {
    let saved = saved().await;
    let other = World::new().await;
    let answer = other.harden(["apply", &saved.file, "--yes"]).expect(1);
    answer.says(&format!("the plan is for account {}", saved.world.account.id)).says("--profile");
    assert_eq!(other.writes(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn flags_and_names_that_do_not_exist_are_wrong_usage() {
    let world = World::new().await;
    let cases: [(&[&str], &str); 11] = [
        (&["plan", "--control", "9.9"], "unknown control 9.9"),
        (&["plan", "--control", "banana"], "banana"),
        (&["explain", "4.9"], "unknown control 4.9"),
        (&["plan", "--baseline", "level-9"], "level-9"),
        (&["plan", "--baseline", "./nowhere.toml"], "nowhere.toml"),
        (&["plan", "--level", "3"], "3"),
        (&["apply", "plan.json", "--baseline", "level-1"], "a saved plan holds its own baseline"),
        (&["apply", "plan.json", "--max-risk", "destructive"], "cannot be used with"),
        (&["plan", "--frobnicate"], "--frobnicate"),
        (&["frobnicate"], "frobnicate"),
        (&["show", "20200101T000000Z-abcdef"], "there is no run"),
    ];
    for (arguments, sentence) in cases {
        let answer = crate::world::run(world.command().args(arguments));
        answer.expect(64).says(sentence);
    }
    assert_eq!(world.account.calls(), Vec::new(), "no call before the flags are right");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_baseline_is_told_with_file_line_and_key() {
    let world = World::new().await;
    let path = world.path("mine.toml");
    let file = path.to_str().unwrap();
    for (text, sentence) in [
        ("extends = \"level-2\"\n[network]\nipv7 = true\n", "mine.toml:3: "),
        ("[password_policy]\nminimum_length = 8\n", "minimum_length"),
        ("[[waiver]]\ncontrol = \"9.9\"\n", "9.9"),
        ("not toml", "mine.toml:1: "),
    ] {
        std::fs::write(&path, text).unwrap();
        world.harden(["plan", "--baseline", file]).expect(64).says(sentence);
        world.harden(["baseline", "check", file]).expect(64).says(sentence);
    }
    assert_eq!(world.account.calls(), Vec::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_that_cannot_be_written_is_told_before_the_account_is_read() {
    let world = World::new().await;
    let nowhere = world.path("no/such/folder/plan.json");
    for verb in ["plan", "snapshot"] {
        let answer = world.harden([verb, "--out", nowhere.to_str().unwrap()]).expect(64);
        answer.says("there is no folder");
    }
    assert_eq!(world.account.calls(), Vec::new());
    // A folder that nobody can write to, root included.
    let answer = world.harden(["snapshot", "--out", "/proc/harden-test.json"]).expect(64);
    answer.says("cannot write `/proc/harden-test.json`");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_state_folder_nothing_is_changed() {
    let world = World::new().await;
    seed::mess(&world.account, &["eu-west-1"]).await;
    let blocked = world.path("file");
    std::fs::write(&blocked, "not a folder").unwrap();
    world.account.forget_calls();
    for folder in [blocked.join("state").to_str().unwrap(), "/proc/harden-state"] {
        let answer = world.harden(["apply", "--yes", "--state-dir", folder]).expect(1);
        answer.says("cannot write").says("nothing was changed");
    }
    assert_eq!(world.writes(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_stops_before_the_first_write() {
    let world = World::new().await;
    seed::mess(&world.account, &["eu-west-1"]).await;
    world.account.forget_calls();
    // A file may not grow at all: what a full disk does, without filling one.
    let command = world.command();
    let mut limited = std::process::Command::new("/bin/sh");
    limited.args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$0\" apply --yes --quiet"]);
    limited.arg(command.get_program());
    limited.env_clear().current_dir(command.get_current_dir().unwrap());
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            limited.env(name, value);
        }
    }
    crate::world::run(&mut limited).expect(1).says("cannot write").says("nothing was changed");
    assert_eq!(world.writes(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_terminal_and_without_yes_nothing_is_done() {
    let world = World::new().await;
    seed::mess(&world.account, &["eu-west-1"]).await;
    world.account.forget_calls();
    world.harden(["apply"]).expect(4).says("this is not a terminal").says("pass `--yes`");
    assert_eq!(world.writes(), Vec::<String>::new());
    assert!(world.runs().is_empty());
}
