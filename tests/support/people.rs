//! Users and groups, and what each user may do, directly and by groups.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_iam::operation::get_account_authorization_details::GetAccountAuthorizationDetailsOutput as Page;
use aws_sdk_iam::types::{AttachedPolicy, EntityType, PolicyDetail};
use serde_json::Value;

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

/// What the account's users have, read at once.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Rights {
    /// What sits on each user.
    pub(crate) direct: BTreeMap<String, BTreeSet<String>>,
    /// What each may do by that and by groups: the ARNs of policies, and statements.
    pub(crate) all: BTreeMap<String, BTreeSet<String>>,
    /// The groups of each.
    pub(crate) groups: BTreeMap<String, BTreeSet<String>>,
    /// The names of all groups.
    pub(crate) named: BTreeSet<String>,
}

/// Reads them.
pub(crate) async fn rights(account: &Account) -> Rights {
    let iam = account.iam("us-east-1");
    let call = iam.get_account_authorization_details();
    let call = call.filter(EntityType::User).filter(EntityType::Group);
    let pages: Vec<_> = call.into_paginator().send().try_collect().await.unwrap();
    let mut of_groups: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for group in pages.iter().flat_map(Page::group_detail_list) {
        let held = said(group.attached_managed_policies(), group.group_policy_list());
        of_groups.insert(group.group_name().unwrap().to_owned(), held);
    }
    let mut rights = Rights { named: of_groups.keys().cloned().collect(), ..Rights::default() };
    for user in pages.iter().flat_map(Page::user_detail_list) {
        let name = user.user_name().unwrap().to_owned();
        let direct = said(user.attached_managed_policies(), user.user_policy_list());
        let mut all = direct.clone();
        for group in user.group_list() {
            all.extend(of_groups.get(group).into_iter().flatten().cloned());
        }
        rights.direct.insert(name.clone(), direct);
        rights.all.insert(name.clone(), all);
        rights.groups.insert(name, user.group_list().iter().cloned().collect());
    }
    rights
}

fn said(attached: &[AttachedPolicy], inline: &[PolicyDetail]) -> BTreeSet<String> {
    let mut said: BTreeSet<String> =
        attached.iter().map(|policy| policy.policy_arn().unwrap().to_owned()).collect();
    for policy in inline {
        let text = decoded(policy.policy_document().unwrap());
        let document: Value = serde_json::from_str(&text).unwrap();
        let statements = document["Statement"].as_array().unwrap();
        said.extend(statements.iter().map(ToString::to_string));
    }
    said
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(if byte == b'%' {
            let digits = [rest.next().unwrap(), rest.next().unwrap()];
            u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
        } else {
            byte
        });
    }
    String::from_utf8(bytes).unwrap()
}
