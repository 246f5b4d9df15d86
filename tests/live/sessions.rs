//! No way to the account: one clear sentence each, with the fix, within five seconds.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::world::{Answer, World, bare, run};

/// Runs `assess` and asserts that it fails with these words, soon and briefly.
fn refused(command: &mut std::process::Command, what: &str, hint: &str) {
    let begun = Instant::now();
    let answer: Answer = run(command.arg("assess")).expect(1);
    assert!(begun.elapsed() < Duration::from_secs(5), "took {:?}", begun.elapsed());
    assert!(answer.stdout.is_empty(), "{}", answer.stdout);
    assert!(answer.stderr.lines().count() <= 8, "a wall of text:\n{}", answer.stderr);
    answer.says("error: ").says(what).says(hint);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_credentials() {
    let world = World::new().await;
    let mut command = bare(&world.path(""));
    command.env("AWS_REGION", "eu-west-1").env("AWS_ENDPOINT_URL", &world.account.url);
    refused(&mut command, "no credentials", "aws");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_region() {
    let world = World::new().await;
    refused(world.command().env_remove("AWS_REGION"), "no region is set", "pass `--region`");
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_profile() {
    let world = World::new().await;
    refused(world.command().args(["--profile", "audit"]), "`audit`", "profile");
}

#[tokio::test(flavor = "multi_thread")]
async fn expired_token() {
    let world = World::new().await;
    world.account.fault(json!({ "service": "sts", "kind": "expired" }));
    refused(&mut world.command(), "expired", "new");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_clock() {
    let world = World::new().await;
    world.account.fault(json!({ "service": "sts", "kind": "skew" }));
    refused(&mut world.command(), "clock", "clock");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_listens() {
    let world = World::new().await;
    // A port that was free a moment ago.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("http://{free}");
    refused(world.command().args(["--endpoint-url", &url]), "reach", "endpoint");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_answers() {
    let world = World::new().await;
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    refused(world.command().args(["--endpoint-url", &url]), "answer", "endpoint");
}

#[tokio::test(flavor = "multi_thread")]
async fn identity_denied() {
    let world = World::new().await;
    world
        .account
        .fault(json!({ "service": "sts", "operation": "GetCallerIdentity", "kind": "deny" }));
    refused(&mut world.command(), "GetCallerIdentity", "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_region_that_is_not_enabled() {
    let world = World::new().await;
    let answer = world.harden(["assess", "--regions", "eu-central-1", "--control", "4"]);
    answer.expect(64).says("region `eu-central-1` is not enabled").says("enabled are ap-south-1");
    world.harden(["assess", "--regions", "Frankfurt"]).expect(64).says("invalid value");
}
