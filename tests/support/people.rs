//! Users and groups.

use super::account::Account;

/// Policies that AWS has for everybody.
pub(crate) const READ_ONLY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";
pub(crate) const ADMIN: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

/// A policy with what has to be written with `%` in an address.
pub(crate) const DEPLOY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:PutObject","s3:*Tagging"],"Resource":"arn:aws:s3:::acme+site/${aws:username}/*","Condition":{"StringLike":{"aws:userid":"100% \"sure\" ü"}}}]}"#;

/// A user with these policies, attached and inline.
pub(crate) async fn user(
    account: &Account,
    name: &str,
    attached: &[&str],
    inline: &[(&str, &str)],
) {
    let iam = account.iam("us-east-1");
    iam.create_user().user_name(name).send().await.unwrap();
    for arn in attached {
        iam.attach_user_policy().user_name(name).policy_arn(*arn).send().await.unwrap();
    }
    for (policy, text) in inline {
        let put = iam.put_user_policy().user_name(name).policy_name(*policy);
        put.policy_document(*text).send().await.unwrap();
    }
}

/// A group with this policy attached.
pub(crate) async fn group(account: &Account, name: &str, attached: &str) {
    let iam = account.iam("us-east-1");
    iam.create_group().group_name(name).send().await.unwrap();
    iam.attach_group_policy().group_name(name).policy_arn(attached).send().await.unwrap();
}

/// Puts a user into a group.
pub(crate) async fn join(account: &Account, user: &str, group: &str) {
    let iam = account.iam("us-east-1");
    iam.add_user_to_group().user_name(user).group_name(group).send().await.unwrap();
}
