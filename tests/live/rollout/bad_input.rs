//! Bad input: one clear sentence, the right exit code, no folder, and no write call.

use std::process::Command;

use serde_json::json;

use super::fleet::{Fleet, until};
use crate::world::{Answer, run};

/// What is wrong is told in one sentence and, if there is more to say, a reason, a hint and a command.
#[track_caller]
fn refused(command: &mut Command, code: i32, sentence: &str) -> Answer {
    let answer = run(command).expect(code);
    assert_eq!(answer.stdout, "", "{answer:?}");
    let errors = answer.stderr.lines().filter(|line| line.starts_with("error: "));
    assert_eq!(errors.count(), 1, "{}", answer.stderr);
    let said = answer.stderr.lines().take_while(|line| !line.starts_with("Usage: "));
    assert!(said.count() <= 6, "{}", answer.stderr);
    answer.says(sentence)
}

impl Fleet {
    /// Planning by these flags is refused; nothing is left of it.
    #[track_caller]
    fn unplanned(&self, flags: &[&str], code: i32, sentence: &str) {
        let mut command = self.command(&["plan", "--out", "folder"]);
        refused(command.args(flags), code, sentence);
        self.untouched();
    }

    #[track_caller]
    fn untouched(&self) {
        assert!(!self.manager.path("folder").exists());
        assert!(!self.manager.state().exists());
        assert_eq!(self.writes(), [].into());
    }

    /// Planning by a rollout file of this text is refused.
    #[track_caller]
    fn misread(&self, text: &str, sentence: &str) {
        self.write("rollout.toml", text);
        let mut command = self.command(&["plan", "--out", "folder", "--organization"]);
        command.env_remove("HARDEN_BASELINE").args(["--file", "rollout.toml"]);
        refused(&mut command, 64, sentence);
        self.untouched();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_and_units_that_are_none() {
    let fleet = Fleet::new(2).await;
    fleet.forget_calls();
    let one = "111122223333";
    fleet.write("twice.txt", &format!("# ours\n{one}\n\n{one}\n"));
    fleet.write("short.txt", "11112222333\n");
    fleet.write("empty.txt", "# nobody\n");
    fleet.write("aws-config", "[profile here]\nregion = eu-west-1\n");
    let cases: [(&[&str], &str); 24] = [
        (
            &["--accounts", "11112222333"],
            "--accounts: `11112222333` has 11 digits, an account id has 12",
        ),
        (
            &["--accounts", "short.txt"],
            "short.txt:1: `11112222333` has 11 digits, an account id has 12",
        ),
        (
            &["--accounts", "111122223333,111122223333"],
            "--accounts: 111122223333 is named already, by --accounts",
        ),
        (
            &["--accounts", "twice.txt"],
            "twice.txt:4: 111122223333 is named already, at twice.txt:2",
        ),
        (
            &["--accounts", one, "--accounts", "twice.txt"],
            "twice.txt:2: 111122223333 is named already, by --accounts",
        ),
        (&["--accounts", "empty.txt"], "empty.txt names no account"),
        (&["--accounts", "nowhere.txt"], "cannot read the list of accounts `nowhere.txt`"),
        (&["--organization", "--ou", "ou-1"], "`ou-1` is not the id of a unit"),
        (
            &["--organization", "--ou", "ou-ab12-prod\u{202e}"],
            "`ou-ab12-prod\\u{202e}` is not the id of a unit",
        ),
        (&["--ou", "ou-ab12-11111111"], "--organization"),
        (
            &["--organization", "--ou", "ou-ab12-11111111"],
            "there is no unit `ou-ab12-11111111` in the organization",
        ),
        (
            &["--organization", "--accounts", one],
            "account 111122223333 is not among the active accounts of the organization",
        ),
        (&["--organization", "--role", "service/"], "`--role service/` cannot be used"),
        (&["--organization", "--role", ""], "it has 0 characters; AWS takes 1 to 576"),
        (&["--organization", "--external-id", "a b"], "it is not an external id"),
        (&["--organization", "--accounts", one, "--ou", "ou-ab12-11111111"], "cannot be used with"),
        (&[], "no accounts are named"),
        (&["--profiles", "here,here"], "the profile `here` is named twice"),
        (
            &["--organization", "--shard", "5/4"],
            "`5/4` does not exist: shards are numbered from 1 to 4",
        ),
        (&["--organization", "--shard", "1of4"], "`1of4` is not a shard"),
        (&["--organization", "--shard", "auto/4"], "nothing tells which shard of 4 this is"),
        (&["--organization", "--wait", "3"], "--new"),
        (&["--organization", "--control", "9.9"], "unknown control 9.9"),
        (
            &["--organization", "--file", "nowhere.toml"],
            "cannot read the rollout file `nowhere.toml`",
        ),
    ];
    for (flags, sentence) in cases {
        fleet.unplanned(flags, 64, sentence);
    }
    fleet.unplanned(&["--profiles", "there"], 1, "profile `there`");
    fleet.unplanned(&["--profiles", "here"], 1, "no credentials for profile `here`");
    // Only those who manage an organization, or act for it, may list its accounts.
    let member = &fleet.members[0];
    let mut command = member.command();
    refused(
        command.args(["rollout", "plan", "--organization", "--out", "folder"]),
        1,
        &format!("account {} may not list the accounts of its organization", fleet.id(0)),
    );
    let outside = crate::world::World::new().await;
    let mut command = outside.command();
    refused(
        command.args(["rollout", "plan", "--organization", "--out", "folder"]),
        64,
        &format!("account {} is in no organization", outside.account.id),
    );
    for world in [member, &outside] {
        assert!(!world.path("folder").exists());
    }
    assert_eq!(fleet.writes(), [].into());
}

#[tokio::test(flavor = "multi_thread")]
async fn rollout_files_that_say_something_wrong() {
    let fleet = Fleet::new(2).await;
    fleet.forget_calls();
    let (first, second) = (fleet.id(0), fleet.id(1));
    let waiver = |expires: &str| {
        format!(
            "baseline = \"level-2\"\n\n[[waiver]]\naccounts = [\"{first}\"]\ncontrol = \"4.1\"\n\
             resource = \"sg-0abc\"\nreason = \"reviewed\"\nowner = \"network team\"\nexpires = {expires}\n"
        )
    };
    let cases = [
        (
            "baseline = \"level-2\"\n\nwave_size = 3\n".to_owned(),
            "rollout.toml:3: unknown key `wave_size`",
        ),
        ("baseline = \"level-9\"\n".to_owned(), "level-9"),
        ("baseline = \"nowhere.toml\"\n".to_owned(), "nowhere.toml"),
        ("baseline = \"level-2\"\nregions = [\n".to_owned(), "rollout.toml:"),
        ("stop_after_failures = 0\n".to_owned(), "rollout.toml:1: stop_after_failures"),
        (waiver("2020-01-31"), "rollout.toml:9: waiver.expires: expired on 2020-01-31"),
        (
            format!("[[baseline_for]]\naccounts = [\"{first}\"]\nbaseline = \"level-1\"\n"),
            "no baseline is named for",
        ),
        (
            format!(
                "baseline = \"level-2\"\n[[wave]]\nname = \"a\"\naccounts = [\"{first}\"]\n\
                 [[wave]]\nname = \"b\"\naccounts = [\"{second}\", \"{first}\"]\n"
            ),
            "is in a wave already, at rollout.toml:4",
        ),
    ];
    for (text, sentence) in &cases {
        fleet.misread(text, sentence);
    }
    // All but the one that has a baseline of its own are named.
    let mut unheld = [second, fleet.manager.account.id.as_str()];
    unheld.sort_unstable();
    let text = format!("[[baseline_for]]\naccounts = [\"{first}\"]\nbaseline = \"level-1\"\n");
    fleet.misread(&text, &format!("no baseline is named for {}", unheld.join(", ")));
    // A flag says it, too.
    let said = fleet.plan("folder", &["--file", "rollout.toml", "--baseline", "./mine.toml"]);
    said.expect(0).says("baseline ./mine.toml in 2, baseline level-1 in 1");
}

#[tokio::test(flavor = "multi_thread")]
async fn folders_that_are_not_what_they_should_be() {
    let fleet = Fleet::new(2).await;
    fleet.forget_calls();
    std::fs::create_dir(fleet.manager.path("full")).unwrap();
    fleet.write("full/notes.txt", "mine");
    let mut command = fleet.command(&["plan", "--organization", "--out", "full"]);
    refused(&mut command, 64, "it is not empty");
    assert_eq!(std::fs::read_dir(fleet.manager.path("full")).unwrap().count(), 1);
    for verb in ["apply", "status", "undo"] {
        let consent = if verb == "status" { &[][..] } else { &["--yes"] };
        refused(fleet.command(&[verb, "nowhere"]).args(consent), 64, "nowhere");
        refused(fleet.command(&[verb, "full"]).args(consent), 64, "`full`");
    }
    assert!(!fleet.manager.path("nowhere").exists());
    assert_eq!(std::fs::read_dir(fleet.manager.path("full")).unwrap().count(), 1);

    fleet.plan("fleet", &[]).expect(0);
    let mut command = fleet.command(&["plan", "--organization", "--out", "fleet"]);
    refused(&mut command, 64, "it is not empty");
    let cases: [(&[&str], i32, &str); 6] = [
        (&["--until", "rset"], 64, "there is no wave `rset` in this rollout"),
        (&["--until", "rset"], 64, "its waves are canary, rest"),
        (&["--account", "111122223333"], 64, "there is no account 111122223333 in this rollout"),
        (&["--account", "11112222333"], 64, "11112222333"),
        (&["--until", ""], 64, "there is no wave ``"),
        (&["--max-risk", "additive"], 64, "--max-risk"),
    ];
    for (flags, code, sentence) in cases {
        refused(fleet.command(&["apply", "fleet", "--yes"]).args(flags), code, sentence);
    }
    let told = fleet.rollout(&["apply", "fleet"]).expect(4);
    told.says("error: nobody can be asked: this is not a terminal").says("pass `--yes`");
    assert!(!fleet.manager.path("fleet/log.jsonl").exists());
    assert_eq!(fleet.writes(), [].into());
    assert!(!fleet.manager.state().exists());
    assert_eq!(fleet.counts("fleet"), json!({ "waiting": 3 }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollout_of_another_organization() {
    let (fleet, other) = (Fleet::new(1).await, Fleet::new(1).await);
    fleet.plan("fleet", &[]).expect(0);
    fleet.forget_calls();
    other.forget_calls();
    let folder = fleet.manager.path("fleet");
    let folder = folder.to_str().unwrap();
    let sentence = format!(
        "the rollout is of organization {}, and these credentials are of {}",
        fleet.organization, other.organization
    );
    for verb in ["apply", "undo"] {
        // For an undo something has to have been made.
        if verb == "undo" {
            fleet.rollout(&["apply", "fleet", "--yes"]).expect(0);
            fleet.forget_calls();
        }
        let answer = other.rollout(&[verb, folder, "--yes"]).expect(1);
        answer.says(&sentence).says("`--profile`");
    }
    let outside = crate::world::World::new().await;
    let mut command = outside.command();
    run(command.args(["rollout", "undo", folder, "--yes"]))
        .expect(1)
        .says("these credentials are of none");
    assert_eq!(fleet.writes(), [].into());
    assert_eq!(other.writes(), [].into());
    assert_eq!(fleet.counts("fleet"), json!({ "done": 2 }));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_at_once_in_one_folder() {
    let fleet = Fleet::new(1).await;
    fleet.plan("fleet", &[]).expect(0);
    let slow = json!({
        "operation": "UpdateAccountPasswordPolicy", "kind": "delay", "seconds": 3600,
    });
    fleet.all().for_each(|world| world.account.fault(slow.clone()));
    fleet.forget_calls();
    let mut first = fleet.begin(&["apply", "fleet", "--yes"]);
    until("the first has begun", || !fleet.log("fleet", "begun").is_empty());
    for verb in ["apply", "undo"] {
        let mut command = fleet.command(&[verb, "fleet", "--yes"]);
        refused(&mut command, 1, "`fleet`").says("wait until it is done");
    }
    // Whoever only looks is let in.
    assert_eq!(fleet.counts("fleet"), json!({ "at_work": 1, "waiting": 1 }));
    first.kill().unwrap();
    first.wait().unwrap();
    fleet.all().for_each(|world| world.account.no_faults());
    fleet.rollout(&["apply", "fleet", "--yes"]).expect(0);
    assert_eq!(fleet.counts("fleet"), json!({ "done": 2 }));
}
