//! Runs: kept, listed, shown, verified, taken back as far as the account allows.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value;

use crate::support::seed;
use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn runs_are_kept_listed_and_shown() {
    let world = World::new().await;
    seed::mess(&world.account, &["eu-west-1"]).await;
    world.harden(["runs"]).expect(0).says("No runs of this account yet.");
    world.harden(["undo", "last", "--yes"]).expect(64).says("there is no run of account");
    world.harden(["apply", "--yes"]).expect(0);
    world.harden(["undo", "last", "--yes"]).expect(0);
    let listed = world.json(["runs"]);
    let outcomes: Vec<&str> = listed["runs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|run| run["outcome"].as_str().unwrap())
        .collect();
    assert_eq!(outcomes, ["complete", "complete"]);
    let first = listed["runs"][0]["run"].as_str().unwrap();
    world.harden(["show", first]).expect(0).says("Done: 7 applied.");
    let text = world.harden(["runs"]).expect(0).stdout;
    assert_eq!(text.lines().count(), 3, "{text}");
    assert!(text.contains("7 of 7") && text.contains("undo"), "{text}");
    let mode =
        |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let run = &world.runs()[0];
    assert_eq!((mode(&world.state()), mode(run)), (0o700, 0o700));
    for file in ["plan.json", "journal.jsonl", "result.json"] {
        assert_eq!(mode(&run.join(file)), 0o600, "{file}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn undo_leaves_alone_what_somebody_changed_since() {
    let world = World::new().await;
    seed::mess(&world.account, &["eu-west-1"]).await;
    world.harden(["apply", "--yes"]).expect(0);
    let iam = world.account.iam("us-east-1");
    iam.update_account_password_policy().minimum_password_length(40).send().await.unwrap();
    let moved = world.harden(["verify", "last"]).expect(1).says("6 of 7 changes stand");
    moved.says("moved account password policy");
    // All that can be taken back is, and the exit code says that it is not all.
    let undone = world.harden(["undo", "last", "--yes"]).expect(3);
    undone
        .says("moved")
        .says("changed by somebody since the run")
        .says("Partly done: 6 applied; 1 stays, for the reason above.");
    let policy = iam.get_account_password_policy().send().await.unwrap().password_policy.unwrap();
    assert_eq!(policy.minimum_password_length, Some(40));
    // Everything is taken back that can be: a second time there is nothing left to do.
    let runs = world.json(["runs"]);
    let first = runs["runs"][0]["run"].as_str().unwrap();
    world
        .harden(["undo", first, "--yes"])
        .expect(1)
        .says("as it was before the run")
        .says("Nothing to change");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_at_once_on_one_account_are_refused() {
    let world = World::new().await;
    seed::mess(&world.account, &["eu-west-1"]).await;
    world.account.fault(serde_json::json!({
        "operation": "EnableKeyRotation", "kind": "delay", "seconds": 2
    }));
    let first = world.start(["apply", "--yes"]);
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while world.runs().is_empty() {
        assert!(std::time::Instant::now() < deadline);
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let second = world.harden(["apply", "--yes"]).expect(1);
    second.says("another harden is at work on account");
    let first: crate::world::Answer = first.wait_with_output().unwrap().into();
    first.expect(0);
    assert_eq!(world.runs().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn waivers_bind_assess_plan_and_apply() {
    let world = World::new().await;
    seed::weak_password_policy(&world.account).await;
    let path = world.path("mine.toml");
    std::fs::write(
        &path,
        "extends = \"level-2\"\n[[waiver]]\ncontrol = \"1.9\"\nresource = \"password-policy\"\n\
         reason = \"SEC-1204\"\nowner = \"identity team\"\nexpires = 2099-12-31\n",
    )
    .unwrap();
    let file = path.to_str().unwrap();
    let assessed = world.json(["assess", "--baseline", file, "--control", "1.9"]);
    assert_eq!(assessed["controls"][0]["verdict"], "waived");
    world.harden(["plan", "--baseline", file]).expect(0).says("waived").says("SEC-1204");
    world.harden(["apply", "--baseline", file, "--yes"]).expect(0);
    let iam = world.account.iam("us-east-1");
    let policy = iam.get_account_password_policy().send().await.unwrap().password_policy.unwrap();
    assert_eq!((policy.minimum_password_length, policy.require_symbols), (Some(8), true));
}

/// `policy --plan` allows what the plan calls, on what it is about, and nothing else.
#[tokio::test(flavor = "multi_thread")]
async fn the_policy_of_a_plan_names_its_calls_and_resources() {
    let world = World::new().await;
    seed::mess(&world.account, &["eu-west-1"]).await;
    let path = world.path("plan.json");
    let file = path.to_str().unwrap();
    world.harden(["plan", "--out", file]).expect(0);
    let policy: Value =
        serde_json::from_str(&world.harden(["policy", "--plan", file]).expect(0).stdout).unwrap();
    let text = policy.to_string();
    for action in ["iam:UpdateAccountPasswordPolicy", "kms:DisableKeyRotation", "ec2:CreateTags"] {
        assert!(text.contains(action), "{policy:#}");
    }
    assert!(text.contains(&format!("arn:aws:kms:eu-west-1:{}:key/", world.account.id)));
    assert!(
        text.contains(&format!("arn:aws:ec2:eu-west-1:{}:security-group/sg-", world.account.id))
    );
}

/// Nobody reads the answer: then nobody has seen the plan, and nothing is changed.
#[tokio::test(flavor = "multi_thread")]
async fn without_a_reader_nothing_is_changed() {
    let world = World::new().await;
    seed::weak_password_policy(&world.account).await;
    world.account.forget_calls();
    let mut child = world.start(["apply", "--control", "1.5", "--yes"]);
    drop(child.stdout.take());
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(1));
    assert_eq!(world.writes(), Vec::<String>::new());
    assert!(world.runs().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_that_lacks_what_was_done_is_no_basis_for_an_undo() {
    let world = World::new().await;
    seed::keys(&world.account, "eu-west-1").await;
    world.harden(["apply", "--control", "2.8", "--yes"]).expect(0);
    let journal = world.runs()[0].join("journal.jsonl");
    let text = std::fs::read_to_string(&journal).unwrap();
    let cut: String = text.split_inclusive('\n').take(3).collect();
    std::fs::write(&journal, cut).unwrap();
    world.account.forget_calls();
    world.harden(["undo", "last", "--yes"]).expect(1).says("it lacks what the result tells");
    assert_eq!(world.writes(), Vec::<String>::new());
}

/// A run that changed nothing does not hide the one before it.
#[tokio::test(flavor = "multi_thread")]
async fn last_is_the_last_run_that_changed_something() {
    let world = World::new().await;
    seed::keys(&world.account, "eu-west-1").await;
    let before = world.reading();
    let path = world.path("plan.json");
    let file = path.to_str().unwrap();
    world.harden(["plan", "--control", "2.8", "--out", file]).expect(0);
    world.harden(["apply", file, "--yes"]).expect(0).says("Done: 2 applied.");
    world.harden(["apply", file, "--yes"]).expect(0).says("Done: 2 were so already.");
    world.harden(["show", "last"]).expect(0).says("Done: 2 were so already.");
    world.harden(["undo", "last", "--yes"]).expect(0).says("Done: 2 applied.");
    assert_eq!(world.reading(), before);
}

/// Undo by undo, one run further back each time, and never forth again.
#[tokio::test(flavor = "multi_thread")]
async fn undo_last_goes_back_run_by_run() {
    let world = World::new().await;
    seed::mess(&world.account, &["eu-west-1"]).await;
    let start = world.reading();
    world.harden(["apply", "--control", "1.5-1.11", "--yes"]).expect(0);
    let between = world.reading();
    world.harden(["apply", "--control", "2.8", "--yes"]).expect(0);
    world.harden(["undo", "last", "--yes"]).expect(0);
    assert_eq!(world.reading(), between);
    world.harden(["undo", "last", "--yes"]).expect(0);
    assert_eq!(world.reading(), start);
    let none = world.harden(["undo", "last", "--yes"]).expect(64);
    none.says("is left to take back").says("an undo is taken back by its name");
    assert_eq!(world.reading(), start);
    // By its name it is.
    world.harden(["undo", &world.last_run(), "--yes"]).expect(0);
    assert_eq!(world.reading(), between);
}
