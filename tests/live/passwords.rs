//! 1.5 to 1.11: one merged write, never weaker, taken back field by field.

use aws_sdk_iam::types::PasswordPolicy;

use crate::support::account::Account;
use crate::support::seed;
use crate::world::World;

async fn policy(account: &Account) -> Option<PasswordPolicy> {
    let answer = account.iam("us-east-1").get_account_password_policy().send().await;
    match answer {
        Ok(answer) => answer.password_policy,
        Err(error) => {
            assert!(error.into_service_error().is_no_such_entity_exception());
            None
        }
    }
}

async fn apply_once(world: &World) -> PasswordPolicy {
    world.account.forget_calls();
    world.harden(["apply", "--control", "1", "--yes"]).expect(0);
    assert_eq!(world.writes(), ["iam:UpdateAccountPasswordPolicy"]);
    let policy = policy(&world.account).await.unwrap();
    assert!(policy.require_uppercase_characters && policy.require_lowercase_characters);
    assert!(policy.require_symbols && policy.require_numbers);
    assert_eq!(policy.password_reuse_prevention, Some(24));
    policy
}

#[tokio::test(flavor = "multi_thread")]
async fn none_becomes_one_and_none_again() {
    let world = World::new().await;
    let made = apply_once(&world).await;
    assert_eq!((made.minimum_password_length, made.max_password_age), (Some(14), Some(90)));
    assert!(made.allow_users_to_change_password);
    world.account.forget_calls();
    world.harden(["undo", "last", "--yes"]).expect(0);
    assert_eq!(world.writes(), ["iam:DeleteAccountPasswordPolicy"]);
    assert_eq!(policy(&world.account).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_weaker_one_is_raised_and_put_back() {
    let world = World::new().await;
    seed::weak_password_policy(&world.account).await;
    let before = policy(&world.account).await;
    let made = apply_once(&world).await;
    assert_eq!((made.minimum_password_length, made.max_password_age), (Some(14), Some(90)));
    world.harden(["undo", "last", "--yes"]).expect(0);
    assert_eq!(policy(&world.account).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_stricter_stays() {
    let world = World::new().await;
    let call = world.account.iam("us-east-1").update_account_password_policy();
    call.minimum_password_length(20)
        .max_password_age(60)
        .hard_expiry(true)
        .require_symbols(true)
        .send()
        .await
        .unwrap();
    let before = policy(&world.account).await;
    let made = apply_once(&world).await;
    assert_eq!((made.minimum_password_length, made.max_password_age), (Some(20), Some(60)));
    assert_eq!(made.hard_expiry, Some(true));
    assert!(!made.allow_users_to_change_password, "nobody asked for that");
    world.harden(["undo", "last", "--yes"]).expect(0);
    assert_eq!(policy(&world.account).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_tightened_in_between_is_stale() {
    let world = World::new().await;
    seed::weak_password_policy(&world.account).await;
    let path = world.path("plan.json");
    let file = path.to_str().unwrap();
    world.harden(["plan", "--control", "1", "--out", file]).expect(0);
    let call = world.account.iam("us-east-1").update_account_password_policy();
    call.minimum_password_length(30).send().await.unwrap();
    world.account.forget_calls();
    let answer = world.harden(["apply", file, "--yes"]).expect(1);
    answer.says("stale").says("changed since the plan: was").says("is now `minimum length 30");
    assert_eq!(world.writes(), Vec::<String>::new());
    assert_eq!(policy(&world.account).await.unwrap().minimum_password_length, Some(30));
}
