//! What the trail of an organization does for its members.

use std::process::Command;

use aws_sdk_s3::types::BucketLoggingStatus;
use serde_json::Value;

use super::fleet::Fleet;
use crate::support::account::Account;
use crate::world::{Answer, run};

/// What a trail does, and an alarm on it.
const CONTROLS: &str = "2.1-2.4,2.6,2.7,3.3";

/// The baseline of the fleet skips these.
fn whole(command: &mut Command) -> Answer {
    run(command.env_remove("HARDEN_BASELINE").args(["--control", CONTROLS]))
}

/// The account that manages the organization gets a trail, with an alarm that somebody hears of, and makes it that
/// of all its members.
async fn found(fleet: &Fleet) {
    let owner = &fleet.manager;
    let mut apply = owner.command();
    apply.args(["apply", "--yes", "--max-risk", "restrictive", "--notify", "email:soc@acme.dev"]);
    whole(&mut apply).expect(0);
    let trails = owner.account.cloudtrail("eu-west-1");
    let update = trails.update_trail().name("harden").is_organization_trail(true);
    update.send().await.unwrap();
}

/// How an account of a survey stands with a control, and why.
fn judged(survey: &Value, account: &Account, control: &str) -> (Value, Value) {
    let accounts = survey["accounts"].as_array().unwrap();
    let one = accounts.iter().find(|one| one["account"] == *account.id).unwrap();
    (one["verdicts"][control].clone(), one["reasons"][control].clone())
}

fn survey(fleet: &Fleet, who: &[&str]) -> Value {
    let mut command = fleet.command(&[&["assess", "--output", "json"], who].concat());
    serde_json::from_str(&whole(&mut command).expect(0).stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn members_inherit_what_passes_in_the_account_that_owns_the_trail() {
    let fleet = Fleet::new(1).await;
    found(&fleet).await;
    let (owner, member) = (&fleet.manager.account, &fleet.members[0].account);
    let read = survey(&fleet, &["--organization"]);
    for control in ["2.1", "2.2", "2.3", "2.4", "2.6", "2.7"] {
        let (verdict, reason) = judged(&read, owner, control);
        assert_eq!((&verdict, reason.is_null()), (&"pass".into(), true), "{control}: {reason}");
        let (verdict, reason) = judged(&read, member, control);
        assert_eq!(verdict, "pass", "{control}: {reason}");
        let says = reason.as_str().unwrap();
        assert!(says.contains("inherited from") && says.contains(owner.id.as_str()), "{says}");
    }
    // Nobody has confirmed the subscription yet.
    assert_eq!(judged(&read, owner, "3.3").0, judged(&read, member, "3.3").0);
    assert_ne!(judged(&read, member, "3.3").0, "pass");

    // Whoever asks for the account alone learns nothing of the other one.
    let alone = survey(&fleet, &["--accounts", &member.id]);
    assert_eq!(judged(&alone, member, "2.3").0, "unknown");

    fleet.forget_calls();
    let mut plan = fleet.command(&["plan", "--organization", "--out", "fleet"]);
    whole(&mut plan).expect(0).says("Nothing to change.");
    assert_eq!(fleet.writes(), [].into());
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_inherited_that_fails_where_the_trail_is() {
    let fleet = Fleet::new(1).await;
    found(&fleet).await;
    let (owner, member) = (&fleet.manager.account, &fleet.members[0].account);
    let trails = owner.cloudtrail("eu-west-1");
    let update = trails.update_trail().name("harden").enable_log_file_validation(false);
    update.send().await.unwrap();
    let read = survey(&fleet, &["--organization"]);
    for account in [owner, member] {
        assert_eq!(judged(&read, account, "2.1").0, "pass");
        assert_eq!(judged(&read, account, "2.2").0, "fail");
    }
    // What cannot be read there is not known here.
    owner.fault(serde_json::json!({ "kind": "deny", "operation": "GetBucketLogging" }));
    let read = survey(&fleet, &["--organization"]);
    for account in [owner, member] {
        assert_eq!(judged(&read, account, "2.6").0, "unknown");
    }
}

/// What is accepted where the trail is, is accepted for its members: before a rollout and after it.
#[tokio::test(flavor = "multi_thread")]
async fn members_are_judged_by_the_same_before_and_afterwards() {
    let fleet = Fleet::new(1).await;
    found(&fleet).await;
    let owner = &fleet.manager.account;
    let bucket = format!("harden-trail-{}-eu-west-1", owner.id);
    let unlogged = BucketLoggingStatus::builder().build();
    let s3 = owner.s3("eu-west-1");
    let put = s3.put_bucket_logging().bucket(&bucket).bucket_logging_status(unlogged);
    put.send().await.unwrap();
    fleet.write(
        "rollout.toml",
        &format!(
            "baseline = \"level-2\"\n[[waiver]]\naccounts = [\"{id}\"]\ncontrol = \"2.6\"\n\
             resource = \"{bucket}\"\nreason = \"logged elsewhere\"\nowner = \"soc\"\n\
             expires = 2099-01-01\n",
            id = owner.id,
        ),
    );
    let file = ["--file", "rollout.toml", "--control", "2.6,4.4"];
    let plan = [&["plan", "--organization", "--out", "fleet"], &file[..]].concat();
    run(fleet.command(&plan).env_remove("HARDEN_BASELINE")).expect(0);
    fleet.rollout(&["apply", "fleet", "--yes"]).expect(0);
    let score = fleet.standing("fleet", fleet.id(0))["score"].clone();
    // 4.4 alone counts.
    assert_eq!((&score["before"]["scored"], &score["after"]["scored"]), (&1.into(), &1.into()));
}
