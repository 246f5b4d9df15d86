//! Arbitrary users and groups, and how many of them there may be.

use std::collections::{BTreeMap, BTreeSet};

use harden::model::{IamQuotas, People, Policies, PolicyText, User, UserGroup};
use proptest::collection::btree_map;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

/// How many groups of others there are.
const GROUPS: usize = 11;

/// Any users and groups. `engineer` is who runs harden.
pub(crate) fn people() -> BoxedStrategy<People> {
    let name = select(vec!["al", "bo", "cy", "di", "engineer"]);
    let users = btree_map(name.prop_map(str::to_owned), user(), 0..5);
    let groups = proptest::collection::vec(policies(), GROUPS);
    (users, groups)
        .prop_map(|(users, groups)| {
            let group = |(number, policies)| (group(number), UserGroup { policies });
            People { users, groups: groups.into_iter().enumerate().map(group).collect() }
        })
        .boxed()
}

/// Any quotas, most of them as IAM has them.
pub(crate) fn quotas() -> BoxedStrategy<IamQuotas> {
    let usual =
        |n: u32, odd: u32| prop_oneof![8 => Just(Some(n)), 1 => Just(Some(odd)), 1 => Just(None)];
    (usual(300, 12), usual(10, 2), usual(10, 1), usual(5120, 90))
        .prop_map(|(most_groups, groups_per_user, policies_per_group, group_policy_size)| {
            IamQuotas { most_groups, groups_per_user, policies_per_group, group_policy_size }
        })
        .boxed()
}

fn user() -> impl Strategy<Value = User> {
    let all: Vec<String> = (0..GROUPS).map(group).collect();
    let groups = prop_oneof![
        4 => subsequence(all.clone(), 0..3),
        1 => Just(all.into_iter().take(10).collect::<Vec<_>>()),
    ];
    (groups, policies())
        .prop_map(|(groups, policies)| User { groups: groups.into_iter().collect(), policies })
}

/// None, few, and now and then more than a group may have.
fn policies() -> impl Strategy<Value = Policies> {
    let attached = prop_oneof![
        6 => subsequence(arns(3), 0..=3),
        1 => Just(arns(11)),
    ];
    let inline = btree_map(select(vec!["own", "more"]).prop_map(str::to_owned), text(), 0..2);
    (attached, inline, prop::bool::weighted(0.3)).prop_map(|(attached, inline, none)| {
        if none {
            return Policies::default();
        }
        let attached: BTreeSet<String> = attached.into_iter().collect();
        let inline: BTreeMap<String, PolicyText> = inline;
        Policies { attached, inline }
    })
}

fn arns(number: usize) -> Vec<String> {
    (0..number).map(|n| format!("arn:aws:iam::aws:policy/P{n}")).collect()
}

/// The first two say the same.
fn text() -> impl Strategy<Value = PolicyText> {
    let texts = [
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}}"#,
        r#"{"Version":"2012-10-17", "Statement":[{"Effect":"Allow", "Action":["s3:Get*"], "Resource":"*"}]}"#,
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"iam:*","Resource":"*"}}"#,
    ];
    select(texts.to_vec()).prop_map(PolicyText::new)
}

fn group(number: usize) -> String {
    format!("group-{number}")
}
