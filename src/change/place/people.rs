//! Users, groups, and their policies.

use super::{Document, Target};
use crate::change::OwnPolicy;
use crate::model::{People, Policies, Snapshot, User, UserGroup};

#[expect(clippy::wildcard_enum_match_arm, reason = "the caller has sorted the targets")]
pub(super) fn get(target: &Target, on: &Snapshot) -> Result<Document, String> {
    let people = on.iam.people.known().map_err(|gap| gap.reason)?;
    let attached = |of: Option<&Policies>, arn: &String| {
        Document::Attached(of.and_then(|of| of.attached.get(arn)).cloned())
    };
    let own = |of: Option<&Policies>, name: &String| {
        let policy = of.and_then(|of| of.inline.get(name)).cloned();
        Document::OwnPolicy(policy.map(|policy| OwnPolicy { name: name.clone(), policy }))
    };
    // What is not there has nothing.
    let of_group = |name| people.groups.get(name).map(|group| &group.policies);
    Ok(match target {
        Target::UserGroup(name) => Document::Presence(people.groups.contains_key(name)),
        Target::GroupPolicy(group, arn) => attached(of_group(group), arn),
        Target::GroupInline(group, name) => own(of_group(group), name),
        Target::Member(group, name) => {
            Document::Member(user(people, name)?.groups.get(group).cloned())
        }
        Target::UserPolicy(name, arn) => attached(Some(&user(people, name)?.policies), arn),
        Target::UserInline(name, policy) => own(Some(&user(people, name)?.policies), policy),
        other => return Err(format!("{} is no user and no group", other.resource())),
    })
}

pub(super) fn set(target: &Target, on: &mut Snapshot, to: Document) -> Result<(), String> {
    let people = on.iam.people.ok_mut().ok_or("users and groups")?;
    match (target, to) {
        (Target::UserGroup(name), Document::Presence(true)) => {
            people.groups.insert(name.clone(), UserGroup::default());
        }
        (Target::UserGroup(name), Document::Presence(false)) => {
            people.groups.remove(name);
        }
        (Target::Member(group, name), Document::Member(to)) => {
            let groups = &mut user_mut(people, name)?.groups;
            match to {
                Some(to) => groups.insert(to),
                None => groups.remove(group),
            };
        }
        (Target::GroupPolicy(group, arn), Document::Attached(to)) => {
            attach(&mut group_mut(people, group)?.policies, arn, to);
        }
        (Target::UserPolicy(name, arn), Document::Attached(to)) => {
            attach(&mut user_mut(people, name)?.policies, arn, to);
        }
        (Target::GroupInline(group, name), Document::OwnPolicy(to)) => {
            put(&mut group_mut(people, group)?.policies, name, to);
        }
        (Target::UserInline(name, policy), Document::OwnPolicy(to)) => {
            put(&mut user_mut(people, name)?.policies, policy, to);
        }
        (other, _) => return Err(format!("another kind of document for {}", other.resource())),
    }
    Ok(())
}

fn attach(of: &mut Policies, arn: &String, to: Option<String>) {
    match to {
        Some(to) => of.attached.insert(to),
        None => of.attached.remove(arn),
    };
}

fn put(of: &mut Policies, name: &String, to: Option<OwnPolicy>) {
    match to {
        Some(OwnPolicy { name, policy }) => of.inline.insert(name, policy),
        None => of.inline.remove(name),
    };
}

fn user<'a>(people: &'a People, name: &str) -> Result<&'a User, String> {
    people.users.get(name).ok_or_else(|| format!("user {name}"))
}

fn user_mut<'a>(people: &'a mut People, name: &str) -> Result<&'a mut User, String> {
    people.users.get_mut(name).ok_or_else(|| format!("user {name}"))
}

fn group_mut<'a>(people: &'a mut People, name: &str) -> Result<&'a mut UserGroup, String> {
    people.groups.get_mut(name).ok_or_else(|| format!("group {name}"))
}
