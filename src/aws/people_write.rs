//! IAM: what is done to users and groups. A policy is taken from a user, and a user from a group, only
//! while the user has the same by the other way; the policies of a group change only while nobody is in it.

use std::collections::BTreeSet;

use super::execute::misplaced;
use super::roles::if_there;
use super::text::decoded;
use super::{Clients, ErrorKind, Reread, ServiceError};
use crate::approval::Approval;
use crate::change::{Document, Operation, OwnPolicy};
use crate::model::{Action, Policies, PolicyText};

const GROUP: &str = "iam:GetGroup";
const GROUP_POLICY: &str = "iam:GetGroupPolicy";
const USER_POLICY: &str = "iam:GetUserPolicy";
const GROUPS: &str = "iam:ListGroupsForUser";

/// Reads the target of an operation on a user or a group again.
#[expect(clippy::wildcard_enum_match_arm, reason = "all others are not about users and groups")]
pub(super) async fn reread(
    operation: &Operation,
    clients: &Clients,
) -> Result<Reread, ServiceError> {
    use Operation as Op;
    let own = |name: &String, text: Option<PolicyText>| {
        Document::OwnPolicy(text.map(|policy| OwnPolicy { name: name.clone(), policy }))
    };
    let document = match operation {
        Op::CreateGroup { group } | Op::DeleteGroup { group } => {
            Document::Presence(members(clients, group).await?.is_some())
        }
        Op::AttachGroupPolicy { group, policy } | Op::DetachGroupPolicy { group, policy } => {
            let attached = attached_to_group(clients, group).await?;
            Document::Attached(attached.get(policy).cloned())
        }
        Op::PutGroupPolicy { group, name, .. } | Op::DeleteGroupPolicy { group, name } => {
            own(name, group_policy(clients, group, name).await?)
        }
        Op::AddUserToGroup { user, group } | Op::RemoveUserFromGroup { user, group } => {
            Document::Member(groups_of(clients, user).await?.get(group).cloned())
        }
        Op::AttachUserPolicy { user, policy, .. } | Op::DetachUserPolicy { user, policy, .. } => {
            Document::Attached(attached_to_user(clients, user).await?.get(policy).cloned())
        }
        Op::PutUserPolicy { user, name, .. } | Op::DeleteUserPolicy { user, name, .. } => {
            own(name, user_policy(clients, user, name).await?)
        }
        _ => return Err(misplaced(operation)),
    };
    Ok(Reread::of(document))
}

/// Carries out an operation on a user or a group, unless somebody would win or lose a right by it.
#[expect(clippy::wildcard_enum_match_arm, reason = "all others are not about users and groups")]
pub(super) async fn execute(
    operation: &Operation,
    now: &Reread,
    clients: &Clients,
    _: &Approval,
) -> Result<(), ServiceError> {
    use Operation as Op;
    let action = operation.action();
    let guard = Guard { clients, action };
    match operation {
        Op::AttachGroupPolicy { group, .. } | Op::PutGroupPolicy { group, .. } => {
            // Whoever joined meanwhile does not leave by waiting.
            guard.nobody_is_in(group, ErrorKind::Other).await?;
        }
        Op::DetachGroupPolicy { group, .. } | Op::DeleteGroupPolicy { group, .. } => {
            guard.nobody_is_in(group, ErrorKind::NotFound).await?;
        }
        Op::AddUserToGroup { user, group } => {
            guard.has_directly(user, group, ErrorKind::Other).await?;
        }
        Op::RemoveUserFromGroup { user, group } => {
            guard.has_directly(user, group, ErrorKind::NotFound).await?;
        }
        Op::DetachUserPolicy { user, policy, group } => {
            guard.is_in(user, group).await?;
            let held = attached_to_group(clients, group).await?.contains(policy);
            guard.demand(held, ErrorKind::NotFound, || {
                format!("group {group} is not seen to have {policy}")
            })?;
        }
        Op::DeleteUserPolicy { user, name, group } => {
            guard.is_in(user, group).await?;
            let held = group_policy(clients, group, name).await?;
            let own = match &now.document {
                Document::OwnPolicy(own) => own.as_ref().map(|own| &own.policy),
                _ => None,
            };
            guard.demand(held.is_some() && held.as_ref() == own, ErrorKind::NotFound, || {
                format!("group {group} is not seen to have policy {name} as the user has it")
            })?;
        }
        _ => {}
    }
    send(operation, clients.once()).await
}

/// The one call that the operation is.
#[expect(clippy::wildcard_enum_match_arm, reason = "all others are not about users and groups")]
async fn send(operation: &Operation, clients: &Clients) -> Result<(), ServiceError> {
    use Operation as Op;
    let iam = clients.iam();
    macro_rules! send {
        ($action:literal, $call:ident $(, $field:ident = $value:expr)+) => {
            iam.call($action, |iam| iam.$call()$(.$field($value))+.send()).await.map(drop)
        };
    }
    match operation {
        Op::CreateGroup { group } => send!("iam:CreateGroup", create_group, group_name = group),
        Op::DeleteGroup { group } => send!("iam:DeleteGroup", delete_group, group_name = group),
        Op::AttachGroupPolicy { group, policy } => send!(
            "iam:AttachGroupPolicy",
            attach_group_policy,
            group_name = group,
            policy_arn = policy
        ),
        Op::DetachGroupPolicy { group, policy } => send!(
            "iam:DetachGroupPolicy",
            detach_group_policy,
            group_name = group,
            policy_arn = policy
        ),
        Op::PutGroupPolicy { group, name, policy } => send!(
            "iam:PutGroupPolicy",
            put_group_policy,
            group_name = group,
            policy_name = name,
            policy_document = policy.as_str()
        ),
        Op::DeleteGroupPolicy { group, name } => send!(
            "iam:DeleteGroupPolicy",
            delete_group_policy,
            group_name = group,
            policy_name = name
        ),
        Op::AddUserToGroup { user, group } => {
            send!("iam:AddUserToGroup", add_user_to_group, user_name = user, group_name = group)
        }
        Op::RemoveUserFromGroup { user, group } => send!(
            "iam:RemoveUserFromGroup",
            remove_user_from_group,
            user_name = user,
            group_name = group
        ),
        Op::AttachUserPolicy { user, policy, .. } => {
            send!("iam:AttachUserPolicy", attach_user_policy, user_name = user, policy_arn = policy)
        }
        Op::DetachUserPolicy { user, policy, .. } => {
            send!("iam:DetachUserPolicy", detach_user_policy, user_name = user, policy_arn = policy)
        }
        Op::PutUserPolicy { user, name, policy, .. } => send!(
            "iam:PutUserPolicy",
            put_user_policy,
            user_name = user,
            policy_name = name,
            policy_document = policy.as_str()
        ),
        Op::DeleteUserPolicy { user, name, .. } => {
            send!("iam:DeleteUserPolicy", delete_user_policy, user_name = user, policy_name = name)
        }
        _ => Err(misplaced(operation)),
    }
}

/// What has to hold just before a call, lest somebody wins or loses a right. What is not seen yet is told
/// as not found: whoever made it just now waits for it.
struct Guard<'a> {
    clients: &'a Clients,
    action: Action,
}

impl Guard<'_> {
    fn demand(
        &self,
        holds: bool,
        kind: ErrorKind,
        why: impl FnOnce() -> String,
    ) -> Result<(), ServiceError> {
        if holds {
            return Ok(());
        }
        Err(ServiceError { kind, ..ServiceError::ours(self.action.clone(), why()) })
    }

    async fn nobody_is_in(&self, group: &str, kind: ErrorKind) -> Result<(), ServiceError> {
        let members = members(self.clients, group).await?.unwrap_or_default();
        self.demand(members.is_empty(), kind, || {
            let members: Vec<String> = members.into_iter().collect();
            format!("group {group} has users, whose rights would change: {}", members.join(", "))
        })
    }

    async fn is_in(&self, user: &str, group: &str) -> Result<(), ServiceError> {
        let groups = groups_of(self.clients, user).await?;
        self.demand(groups.contains(group), ErrorKind::NotFound, || {
            format!("{user} is not seen in group {group}")
        })
    }

    /// That the user neither wins a right by joining the group nor loses one by leaving it.
    async fn has_directly(
        &self,
        user: &str,
        group: &str,
        kind: ErrorKind,
    ) -> Result<(), ServiceError> {
        let of_group = policies_of_group(self.clients, group).await?;
        let mut direct = Policies {
            attached: attached_to_user(self.clients, user).await?,
            ..Policies::default()
        };
        for name in of_group.inline.keys() {
            if let Some(text) = user_policy(self.clients, user, name).await? {
                direct.inline.insert(name.clone(), text);
            }
        }
        self.demand(direct.has_all_of(&of_group), kind, || {
            format!("group {group} has policies that do not sit on {user} as well")
        })
    }
}

/// The users of a group; `None`: there is no such group.
async fn members(clients: &Clients, group: &str) -> Result<Option<BTreeSet<String>>, ServiceError> {
    let pages = clients
        .iam()
        .call(GROUP, |iam| {
            iam.get_group().group_name(group).into_paginator().items().send().try_collect()
        })
        .await;
    Ok(if_there(pages)?.map(|users| users.into_iter().map(|user| user.user_name).collect()))
}

async fn groups_of(clients: &Clients, user: &str) -> Result<BTreeSet<String>, ServiceError> {
    let groups = clients
        .iam()
        .call(GROUPS, |iam| {
            iam.list_groups_for_user().user_name(user).into_paginator().items().send().try_collect()
        })
        .await?;
    Ok(groups.into_iter().map(|group| group.group_name).collect())
}

async fn attached_to_user(clients: &Clients, user: &str) -> Result<BTreeSet<String>, ServiceError> {
    let attached = clients
        .iam()
        .call("iam:ListAttachedUserPolicies", |iam| {
            let call = iam.list_attached_user_policies().user_name(user);
            call.into_paginator().items().send().try_collect()
        })
        .await?;
    Ok(attached.into_iter().filter_map(|policy| policy.policy_arn).collect())
}

/// None, too, where there is no such group.
async fn attached_to_group(
    clients: &Clients,
    group: &str,
) -> Result<BTreeSet<String>, ServiceError> {
    let attached = clients
        .iam()
        .call("iam:ListAttachedGroupPolicies", |iam| {
            let call = iam.list_attached_group_policies().group_name(group);
            call.into_paginator().items().send().try_collect()
        })
        .await;
    let attached: Vec<_> = if_there(attached)?.unwrap_or_default();
    Ok(attached.into_iter().filter_map(|policy| policy.policy_arn).collect())
}

async fn policies_of_group(clients: &Clients, group: &str) -> Result<Policies, ServiceError> {
    let attached = attached_to_group(clients, group).await?;
    let names = clients
        .iam()
        .call("iam:ListGroupPolicies", |iam| {
            let call = iam.list_group_policies().group_name(group);
            call.into_paginator().items().send().try_collect()
        })
        .await?;
    let mut policies = Policies { attached, ..Policies::default() };
    let names: Vec<String> = names;
    for name in names {
        if let Some(text) = group_policy(clients, group, &name).await? {
            policies.inline.insert(name, text);
        }
    }
    Ok(policies)
}

/// One of a group's own policies; `None` without it or without the group.
async fn group_policy(
    clients: &Clients,
    group: &str,
    name: &str,
) -> Result<Option<PolicyText>, ServiceError> {
    let answer = clients
        .iam()
        .call(GROUP_POLICY, |iam| iam.get_group_policy().group_name(group).policy_name(name).send())
        .await;
    let answer = if_there(answer)?;
    answer.map(|answer| text(GROUP_POLICY, &answer.policy_document)).transpose()
}

/// One of a user's own policies; `None` without it or without the user.
async fn user_policy(
    clients: &Clients,
    user: &str,
    name: &str,
) -> Result<Option<PolicyText>, ServiceError> {
    let answer = clients
        .iam()
        .call(USER_POLICY, |iam| iam.get_user_policy().user_name(user).policy_name(name).send())
        .await;
    let answer = if_there(answer)?;
    answer.map(|answer| text(USER_POLICY, &answer.policy_document)).transpose()
}

fn text(action: &'static str, document: &str) -> Result<PolicyText, ServiceError> {
    let text = decoded(document).filter(|text| !text.is_empty());
    let missing = || ServiceError::ours(Action::new(action), "an answer without the policy");
    Ok(PolicyText::new(text.ok_or_else(missing)?))
}

#[cfg(test)]
mod tests;
