//! Fills an account of a running emulator with a realistic mess, for `scripts/demo`, and prints its
//! credentials as shell assignments.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "what is seeded is shared with the tests, and ends at the first error"
)]

#[path = "../tests/support/mod.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod support;

use serde_json::json;
use support::account::Account;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, id] = arguments.as_slice() else { panic!("usage: seed URL ACCOUNT") };
    let account = Account::open(url, id).await;
    account.settle(json!({ "alias": "acme-production" }));
    support::seed::mess(&account, &["eu-west-1", "us-east-1"]).await;
    support::careless::trail(&account).await;
    println!("AWS_ACCESS_KEY_ID={}", account.key_id);
    println!("AWS_SECRET_ACCESS_KEY={}", account.secret);
    println!("AWS_SESSION_TOKEN={}", account.token);
}
