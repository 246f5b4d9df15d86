//! Things go wrong: denied, throttled, dropped, interrupted, killed.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::seed;
use crate::world::{REGIONS, World};

#[tokio::test(flavor = "multi_thread")]
async fn a_denied_read_in_one_region_is_unknown_and_all_else_is_done() {
    let world = World::new().await;
    seed::mess(&world.account, &REGIONS).await;
    world.account.fault(json!({
        "service": "kms", "operation": "ListKeys", "region": "us-east-1", "kind": "deny"
    }));
    let answer = world.harden(["apply", "--yes", "--skip", "1.12,1.13,4"]).expect(0);
    let answer = answer.says("The picture is incomplete: 1 control could not be read in full.");
    answer.says("kms:ListKeys is denied: us-east-1");
    // What is left of it once the keys that can be read rotate, the disabled ones aside.
    for region in ["eu-west-1", "ap-south-1"] {
        let kms = world.account.kms(region);
        let aliases = kms.list_aliases().send().await.unwrap().aliases.unwrap();
        let old = aliases.iter().find(|a| a.alias_name() == Some("alias/old-reports")).unwrap();
        kms.enable_key().key_id(old.target_key_id().unwrap()).send().await.unwrap();
        kms.enable_key_rotation().key_id(old.target_key_id().unwrap()).send().await.unwrap();
    }
    let assessed = world.json(["assess", "--control", "2.8"]);
    let control = &assessed["controls"][0];
    assert_eq!(control["verdict"], "unknown", "{control:#}");
    assert_eq!(control["reason"], "kms:ListKeys is denied: us-east-1");
    world.harden(["assess", "--control", "2.8", "--detailed-exitcode"]).expect(2);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_list_of_regions_nothing_regional_passes() {
    let world = World::new().await;
    world
        .account
        .fault(json!({ "service": "ec2", "operation": "DescribeRegions", "kind": "deny" }));
    let assessed = world.json(["assess", "--control", "4.1"]);
    assert_eq!(assessed["controls"][0]["verdict"], "unknown");
    assert_eq!(assessed["controls"][0]["reason"], "ec2:DescribeRegions is denied");
    assert_eq!(assessed["regions"], json!(["eu-west-1"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denied_write_is_told_and_stops_only_what_needs_it() {
    let world = World::new().await;
    seed::mess(&world.account, &["eu-west-1"]).await;
    world.account.fault(json!({ "operation": "AuthorizeSecurityGroupIngress", "kind": "deny" }));
    let answer = world.harden(["apply", "--yes"]).expect(3);
    let answer = answer.says("Partly done: 5 applied, 1 failed, 1 skipped.");
    answer
        .says("ec2:AuthorizeSecurityGroupIngress")
        .says("something it requires did not come about");
    let revoked = world.writes().iter().filter(|w| *w == "ec2:RevokeSecurityGroupIngress").count();
    assert_eq!(revoked, 2);
}

/// For every operation: the connection breaks after the call took effect.
#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_breaks_after_the_effect_is_no_failure_and_no_duplicate() {
    let world = World::new().await;
    seed::mess(&world.account, &["eu-west-1"]).await;
    let before = world.reading();
    let applying = [
        "UpdateAccountPasswordPolicy",
        "EnableKeyRotation",
        "AuthorizeSecurityGroupIngress",
        "RevokeSecurityGroupIngress",
    ];
    for operation in applying {
        world.account.fault(json!({ "operation": operation, "kind": "drop_after", "times": 1 }));
    }
    let result = world.json(["apply", "--yes"]);
    assert_eq!(result["outcome"], "complete", "{result:#}");
    world.account.no_faults();
    for operation in [
        "UpdateAccountPasswordPolicy",
        "DisableKeyRotation",
        "AuthorizeSecurityGroupIngress",
        "RevokeSecurityGroupIngress",
    ] {
        world.account.fault(json!({ "operation": operation, "kind": "drop_after", "times": 1 }));
    }
    let result = world.json(["undo", "last", "--yes"]);
    assert_eq!(result["outcome"], "complete", "{result:#}");
    assert_eq!(world.reading(), before);
}

/// The call takes effect, its answer is lost, and nobody can look: the run fails, and undo looks again.
#[tokio::test(flavor = "multi_thread")]
async fn what_may_have_been_made_is_taken_back() {
    let world = World::new().await;
    seed::keys(&world.account, "eu-west-1").await;
    let before = world.reading();
    world.account.fault(json!({ "operation": "EnableKeyRotation", "kind": "drop_after" }));
    let path = world.path("plan.json");
    let file = path.to_str().unwrap();
    world.harden(["plan", "--control", "2.8", "--out", file]).expect(0);
    // Read just before each of the two writes, and not again.
    let denied = json!({ "operation": "GetKeyRotationStatus", "kind": "deny" });
    let mut allowed = denied.clone();
    allowed["kind"] = "delay".into();
    allowed["seconds"] = 0.into();
    allowed["times"] = 1.into();
    world.account.fault(allowed);
    world.account.fault(denied);
    let answer = world.harden(["apply", file, "--yes"]).expect(1);
    answer.says("Not done: 2 failed.").says("whether it took effect is unknown");
    world.account.no_faults();
    assert_ne!(world.reading(), before);
    world.harden(["undo", "last", "--yes"]).expect(0).says("Done: 1 applied.");
    assert_eq!(world.reading(), before);
}

/// The answer is lost, and before anybody looks somebody sets a stricter policy: it is not overwritten.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_no_reason_to_send_a_write_again() {
    let world = World::new().await;
    seed::weak_password_policy(&world.account).await;
    world.account.fault(
        json!({ "operation": "UpdateAccountPasswordPolicy", "kind": "drop_after", "times": 1 }),
    );
    world.account.forget_calls();
    let child = world.start(["apply", "--control", "1.5-1.11", "--yes"]);
    wait_for_write(&world, "iam:UpdateAccountPasswordPolicy");
    let iam = world.account.iam("us-east-1");
    iam.update_account_password_policy().minimum_password_length(30).send().await.unwrap();
    let answer: crate::world::Answer = child.wait_with_output().unwrap().into();
    answer.expect(1).says("changed since the plan").says("minimum length 30");
    let policy = iam.get_account_password_policy().send().await.unwrap().password_policy.unwrap();
    assert_eq!(policy.minimum_password_length, Some(30));
}

/// Everything is done, and then it cannot be seen: that is no clean end.
#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_seen_to_hold_is_not_called_complete() {
    let world = World::new().await;
    seed::weak_password_policy(&world.account).await;
    world.account.fault(
        json!({ "operation": "UpdateAccountPasswordPolicy", "kind": "delay", "seconds": 2 }),
    );
    world.account.forget_calls();
    let child = world.start(["apply", "--control", "1.5", "--yes"]);
    wait_for_write(&world, "iam:UpdateAccountPasswordPolicy");
    world.account.fault(json!({ "operation": "GetAccountPasswordPolicy", "kind": "deny" }));
    let answer: crate::world::Answer = child.wait_with_output().unwrap().into();
    answer.expect(3).says("Read again: 0 of 1 change as planned.").says("unknown");
}

#[tokio::test(flavor = "multi_thread")]
async fn throttling_is_waited_out() {
    let world = World::new().await;
    seed::mess(&world.account, &["eu-west-1"]).await;
    for operation in
        ["DescribeSecurityGroupRules", "ListKeys", "EnableKeyRotation", "GetAccountPasswordPolicy"]
    {
        world.account.fault(json!({ "operation": operation, "kind": "throttle", "times": 1 }));
    }
    let result = world.json(["apply", "--yes"]);
    assert_eq!(result["outcome"], "complete", "{result:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_finishes_the_call_in_flight_and_closes_the_journal() {
    let world = World::new().await;
    seed::mess(&world.account, &["eu-west-1"]).await;
    let before = world.reading();
    world.account.fault(json!({ "service": "ec2", "operation": "RevokeSecurityGroupIngress", "kind": "delay", "seconds": 2 }));
    world.account.forget_calls();
    let child = world.start(["apply", "--yes"]);
    wait_for_write(&world, "ec2:RevokeSecurityGroupIngress");
    signal(child.id(), "INT");
    let answer: crate::world::Answer = child.wait_with_output().unwrap().into();
    let answer = answer.expect(130).says("Stopped:").says("skipped").says("the run was stopped");
    answer.says("To take this back:");
    let journal = std::fs::read_to_string(world.runs()[0].join("journal.jsonl")).unwrap();
    assert!(journal.ends_with("\"event\":\"end\"}\n"), "{journal}");
    world.account.no_faults();
    world.harden(["undo", "last", "--yes"]).expect(0);
    assert_eq!(world.reading(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_while_an_undo_reads_changes_nothing() {
    let world = World::new().await;
    seed::keys(&world.account, "eu-west-1").await;
    world.harden(["apply", "--control", "2.8", "--yes"]).expect(0);
    let slow = json!({ "operation": "GetKeyRotationStatus", "kind": "delay", "seconds": 8 });
    world.account.fault(slow);
    world.account.forget_calls();
    let child = world.start(["undo", "last", "--yes"]);
    let deadline = Instant::now() + Duration::from_secs(30);
    while !world.account.calls().iter().any(|call| call.operation == "GetKeyRotationStatus") {
        assert!(Instant::now() < deadline);
        std::thread::sleep(Duration::from_millis(20));
    }
    signal(child.id(), "TERM");
    let answer: crate::world::Answer = child.wait_with_output().unwrap().into();
    answer.expect(130).says("stopped: nothing was changed");
    assert_eq!(world.writes(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_run_is_found_settled_and_taken_back() {
    let world = World::new().await;
    seed::mess(&world.account, &["eu-west-1"]).await;
    let before = world.reading();
    // Killed while a call is in flight: it takes effect, and nothing tells so.
    world
        .account
        .fault(json!({ "operation": "RevokeSecurityGroupIngress", "kind": "delay", "seconds": 2 }));
    world.account.forget_calls();
    let mut child = world.start(["apply", "--yes"]);
    wait_for_write(&world, "ec2:RevokeSecurityGroupIngress");
    child.kill().unwrap();
    child.wait().unwrap();
    std::thread::sleep(Duration::from_secs(3));
    world.account.no_faults();
    let run = world.runs()[0].file_name().unwrap().to_str().unwrap().to_owned();
    world.harden(["runs"]).expect(0).says("killed");
    world.harden(["show", &run]).expect(0).says("unknown").says("was killed before its end");
    // The next apply says so, and goes on from where the account stands.
    let next = world.harden(["apply", "--yes"]).expect(0);
    let next = next.says(&format!("run {run} was killed before its end"));
    world.harden(["plan", "--detailed-exitcode"]).expect(0);
    next.says("and is settled now");
    world.harden(["verify", &run]).expect(0);
    assert!(world.runs()[0].join("result.json").exists());
    // Both runs taken back, the last first: the account is as it was.
    world.harden(["undo", "last", "--yes"]).expect(0);
    world.harden(["undo", &run, "--yes"]).expect(0);
    assert_eq!(world.reading(), before);
}

/// Waits until the emulator has seen a write.
pub(crate) fn wait_for_write(world: &World, write: &str) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !world.writes().iter().any(|seen| seen == write) {
        assert!(Instant::now() < deadline, "no {write} in {:?}", world.writes());
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Sends a signal to a process of ours.
pub(crate) fn signal(process: u32, name: &str) {
    let sent = std::process::Command::new("kill").args(["-s", name, &process.to_string()]).status();
    assert!(sent.unwrap().success());
}
