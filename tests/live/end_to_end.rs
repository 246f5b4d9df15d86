//! The whole machine on a messy account: plan, apply, plan again, apply again, undo.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};

use crate::support::seed;
use crate::world::{REGIONS, World};

fn verdicts(answer: &Value) -> Vec<(String, String)> {
    let controls = answer["controls"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    controls.iter().map(|c| (text(&c["id"]), text(&c["verdict"]))).collect()
}

fn verdict(answer: &Value, id: &str) -> String {
    verdicts(answer).into_iter().find(|(control, _)| control == id).unwrap().1
}

#[tokio::test(flavor = "multi_thread")]
async fn a_messy_account_is_put_right_and_back() {
    let world = World::new().await;
    // All regions that a fresh account has.
    world.account.settle(json!({ "enabled_regions": null, "alias": "acme-production" }));
    seed::mess(&world.account, &REGIONS).await;
    let before = world.reading();

    let plan = world.json(["plan"]);
    assert_eq!(plan["format"], "harden.plan/1");
    assert_eq!(plan["regions"].as_array().unwrap().len(), 17);
    let count = |op: &str| {
        let changes = plan["changes"].as_array().unwrap();
        changes.iter().filter(|change| change["operation"]["op"] == op).count()
    };
    // In each of the regions: app-data and backups; bastion, app (split) and desktops.
    assert_eq!(count("update-account-password-policy"), 1);
    assert_eq!(count("enable-key-rotation"), 2 * REGIONS.len());
    assert_eq!(count("authorize-security-group-ingress"), REGIONS.len());
    assert_eq!(count("revoke-security-group-ingress"), 3 * REGIONS.len());
    assert_eq!(plan["changes"].as_array().unwrap().len(), 1 + 6 * REGIONS.len());
    let why = |why: &str| {
        let entries = plan["not_planned"].as_array().unwrap();
        entries.iter().filter(|entry| entry["why"] == why).count()
    };
    // `legacy` opens everything, for two controls; a disabled key; a shared prefix list; and the password of
    // bob rests.
    assert_eq!(why("held_back"), 2 * REGIONS.len() + 1);
    assert_eq!(why("unsupported"), REGIONS.len());
    let text = world.harden(["plan"]).expect(0);
    let text = text.says("1.5, 1.7, 1.9-1.11 account password policy [restrictive]");
    let text = text.says("2 of 3 users with a password must set a new password");
    let text = text.says("- allow tcp 22 from 0.0.0.0/0 \"anywhere\" team=platform");
    text.says("attached to 1 network interface").says("(bastion host)");
    world.harden(["plan", "--detailed-exitcode"]).expect(2);

    world.account.forget_calls();
    let result = world.json(["apply", "--yes"]);
    assert_eq!(result["outcome"], "complete", "{result:#}");
    assert_eq!(world.writes().len(), 1 + 6 * REGIONS.len());
    let held = result["verified"]["holds"].as_array().unwrap().len();
    assert_eq!(held, 1 + 6 * REGIONS.len(), "{:#}", result["verified"]);
    assert!(
        result["score"]["after"]["passed"].as_u64() > result["score"]["before"]["passed"].as_u64()
    );

    world.harden(["plan", "--detailed-exitcode"]).expect(0).says("Nothing to change");
    world.account.forget_calls();
    let again = world.json(["apply", "--yes"]);
    assert_eq!(again["outcome"], "nothing_to_do");
    assert_eq!(world.writes(), Vec::<String>::new());
    world.harden(["verify", "last"]).expect(0).says("19 of 19 changes stand");

    let assessed = world.json(["assess"]);
    for id in ["1.5", "1.6", "1.7", "1.8", "1.9", "1.10", "1.11"] {
        assert_eq!(verdict(&assessed, id), "pass", "{id}");
    }
    for (id, why) in [("1.12", "root"), ("1.13", "root"), ("2.8", "disabled"), ("4.1", "legacy")] {
        assert_eq!(verdict(&assessed, id), "fail", "{id}: {why}");
    }

    let undone = world.json(["undo", "last", "--yes"]);
    assert_eq!(undone["outcome"], "complete", "{undone:#}");
    assert_eq!(world.reading(), before);
    // The undo is itself a run that can be undone.
    world.harden(["undo", &world.last_run(), "--yes"]).expect(0);
    world.harden(["plan", "--detailed-exitcode"]).expect(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_destructive_comes_only_when_asked_for() {
    let world = World::new().await;
    seed::groups(&world.account, "eu-west-1").await;
    let before = world.reading();
    let text = world.harden(["plan", "--control", "4"]).expect(0);
    text.says("held back").says("`--max-risk destructive` lets it in");
    let additive = world.json(["plan", "--control", "4", "--max-risk", "additive"]);
    assert_eq!(additive["changes"], json!([]));
    let result = world.json(["apply", "--control", "4", "--max-risk", "destructive", "--yes"]);
    assert_eq!(result["outcome"], "complete", "{result:#}");
    let assessed = world.json(["assess", "--control", "4.1,4.2"]);
    // The prefix list is for a person to mend.
    assert_eq!(verdict(&assessed, "4.1"), "fail");
    assert_eq!(verdict(&assessed, "4.2"), "pass");
    world.harden(["undo", "last", "--yes"]).expect(0);
    assert_eq!(world.reading(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_saved_snapshot_needs_no_network() {
    let world = World::new().await;
    seed::mess(&world.account, &["eu-west-1"]).await;
    let path = world.path("account.json");
    let file = path.to_str().unwrap();
    world.harden(["snapshot", "--out", file]).expect(0);
    let live = world.json(["plan"]);
    world.account.forget_calls();
    let saved = world.json(["plan", "--snapshot", file]);
    assert_eq!(saved["changes"], live["changes"]);
    assert_eq!(saved["not_planned"], live["not_planned"]);
    world.harden(["assess", "--snapshot", file, "--detailed-exitcode"]).expect(2);
    assert_eq!(world.account.calls(), Vec::new());
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_saved_plan_is_applied_as_it_is() {
    let world = World::new().await;
    seed::mess(&world.account, &["eu-west-1"]).await;
    let path = world.path("plan.json");
    let file = path.to_str().unwrap();
    world.harden(["plan", "--out", file, "--control", "2.8,4.1"]).expect(0);
    world.harden(["show", file]).expect(0).says("alias/app-data");
    let plan: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    let planned = plan["changes"].as_array().unwrap().len();
    world.account.forget_calls();
    world.harden(["apply", file, "--yes"]).expect(0).says("Done: 5 applied.");
    assert_eq!(world.writes().len(), planned);
    // A second time: nothing is written.
    world.account.forget_calls();
    world.harden(["apply", file, "--yes"]).expect(0).says("Done: 5 were so already.");
    assert_eq!(world.writes(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn reading_writes_nothing() {
    let world = World::new().await;
    seed::mess(&world.account, &["eu-west-1"]).await;
    let (plan, account) = (world.path("plan.json"), world.path("account.json"));
    world.account.forget_calls();
    world.harden(["assess"]).expect(0);
    world.harden(["plan", "--out", plan.to_str().unwrap()]).expect(0);
    world.harden(["snapshot", "--out", account.to_str().unwrap()]).expect(0);
    world.harden(["runs"]).expect(0);
    assert!(world.account.calls().len() > 20);
    assert_eq!(world.writes(), Vec::<String>::new());
    assert!(!world.state().exists(), "reading leaves no trace on the disk either");
}
