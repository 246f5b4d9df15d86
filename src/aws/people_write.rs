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
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::aws::Delay;
    use crate::aws::fake::{Fake, fake, iam_error};

    const TEXT: &str = r#"{"Version":"2012-10-17","Statement":[]}"#;
    const ENCODED: &str = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D";
    const OTHER: &str = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%7B%7D%7D";

    fn operation(mut of: Value) -> Operation {
        let call = of["op"].as_str().unwrap().to_owned();
        let mut fill = |field: &str, value: &str| of[field] = value.into();
        fill("group", "g");
        if call.contains("user") {
            fill("user", "u");
        }
        match call.as_str() {
            "put-group-policy" | "put-user-policy" => {
                fill("name", "p");
                fill("policy", TEXT);
            }
            "delete-group-policy" | "delete-user-policy" => fill("name", "p"),
            "attach-group-policy"
            | "detach-group-policy"
            | "attach-user-policy"
            | "detach-user-policy" => fill("policy", "arn:p"),
            _ => {}
        }
        serde_json::from_value(of).unwrap()
    }

    fn named(op: &str) -> Operation {
        operation(json!({ "op": op }))
    }

    /// What the account has of user `u` and group `g`.
    #[derive(Clone, Copy)]
    struct State {
        /// Who is in the group; `None`: there is no group.
        members: Option<&'static [&'static str]>,
        of_group: &'static [&'static str],
        of_user: &'static [&'static str],
        inline_of_group: Option<&'static str>,
        inline_of_user: Option<&'static str>,
    }

    const BEFORE: State = State {
        members: Some(&[]),
        of_group: &["arn:p"],
        of_user: &["arn:p", "arn:q"],
        inline_of_group: Some(ENCODED),
        inline_of_user: Some(ENCODED),
    };
    const JOINED: State = State { members: Some(&["u"]), ..BEFORE };

    fn answer(state: State, request: &str) -> (u16, String) {
        let action = request.split("Action=").nth(1).unwrap().split('&').next().unwrap();
        let list = |tag: &str, of: &[&str], entry: &dyn Fn(&str) -> String| {
            let members: String =
                of.iter().map(|one| ["<member>", &entry(one), "</member>"].concat()).collect();
            Some(format!("<{tag}>{members}</{tag}>"))
        };
        let user = |name: &str| {
            format!(
                "<UserName>{name}</UserName><Path>/</Path><UserId>1</UserId><Arn>a</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate>"
            )
        };
        let group = |name: &str| {
            format!(
                "<GroupName>{name}</GroupName><Path>/</Path><GroupId>1</GroupId><Arn>a</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate>"
            )
        };
        let arn = |arn: &str| format!("<PolicyName>p</PolicyName><PolicyArn>{arn}</PolicyArn>");
        let policy = |text: Option<&str>, of: &str| {
            Some(format!(
                "<{of}>x</{of}><PolicyName>p</PolicyName><PolicyDocument>{}</PolicyDocument>",
                text?
            ))
        };
        let there = state.members.is_some();
        let body = match action {
            "GetGroup" => state.members.and_then(|members| {
                Some(format!("<Group>{}</Group>{}", group("g"), list("Users", members, &user)?))
            }),
            "ListAttachedGroupPolicies" if there => list("AttachedPolicies", state.of_group, &arn),
            "ListAttachedUserPolicies" => list("AttachedPolicies", state.of_user, &arn),
            "ListGroupPolicies" if there => {
                let names: &[&str] = if state.inline_of_group.is_some() { &["p"] } else { &[] };
                list("PolicyNames", names, &str::to_owned)
            }
            "GetGroupPolicy" => policy(state.inline_of_group, "GroupName"),
            "GetUserPolicy" => policy(state.inline_of_user, "UserName"),
            "ListGroupsForUser" => {
                let is_in = state.members.is_some_and(|members| members.contains(&"u"));
                let groups: &[&str] = if is_in { &["other", "g"] } else { &["other"] };
                list("Groups", groups, &group)
            }
            "CreateGroup" => Some(format!("<Group>{}</Group>", group("g"))),
            action if action.starts_with("List") || action.starts_with("Get") => None,
            _ => Some(String::new()),
        };
        match body {
            Some(body) => (
                200,
                format!(
                    "<{action}Response><{action}Result>{body}</{action}Result></{action}Response>"
                ),
            ),
            None => iam_error(404, "NoSuchEntity", "none"),
        }
    }

    fn with(state: State) -> Fake {
        fake(move |request| answer(state, request))
    }

    async fn run(fake: &Fake, operation: &Operation) -> Result<(), ServiceError> {
        let now = reread(operation, &fake.clients).await?;
        execute(operation, &now, &fake.clients, &Approval::for_test()).await
    }

    /// The requests that write.
    fn writes(fake: &Fake) -> Vec<String> {
        let all = fake.requests("Action=").into_iter();
        let all = all.map(|request| request.split("\r\n\r\n").nth(1).unwrap().to_owned());
        all.filter(|body| !body.starts_with("Action=List") && !body.starts_with("Action=Get"))
            .collect()
    }

    #[tokio::test]
    async fn each_call_says_what_the_operation_says() {
        let (policy, name) = ("PolicyArn=arn%3Ap", "PolicyName=p");
        let document = format!("PolicyDocument={ENCODED}");
        let (user, group) = ("UserName=u", "GroupName=g");
        for (op, state, parts) in [
            ("create-group", BEFORE, &[group][..]),
            ("delete-group", BEFORE, &[group]),
            ("attach-group-policy", BEFORE, &[group, policy]),
            ("detach-group-policy", BEFORE, &[group, policy]),
            ("put-group-policy", BEFORE, &[group, name, &document]),
            ("delete-group-policy", BEFORE, &[group, name]),
            ("add-user-to-group", BEFORE, &[group, user]),
            ("remove-user-from-group", JOINED, &[group, user]),
            ("attach-user-policy", JOINED, &[user, policy]),
            ("detach-user-policy", JOINED, &[user, policy]),
            ("put-user-policy", JOINED, &[user, name, &document]),
            ("delete-user-policy", JOINED, &[user, name]),
        ] {
            let fake = with(state);
            assert_eq!(run(&fake, &named(op)).await, Ok(()), "{op}");
            let sent = writes(&fake);
            assert_eq!(sent.len(), 1, "{op}: {sent:?}");
            let action = named(op).action();
            let call = format!("Action={}&", action.as_str().strip_prefix("iam:").unwrap());
            assert!(sent[0].starts_with(&call), "{sent:?}");
            for part in parts {
                assert!(sent[0].split('&').any(|sent| sent == *part), "{op}: {part} in {sent:?}");
            }
        }
    }

    #[tokio::test]
    async fn targets_are_read_as_they_are() {
        let gone = State {
            members: None,
            of_group: &[],
            of_user: &[],
            inline_of_group: None,
            inline_of_user: None,
        };
        let own = Document::OwnPolicy(Some(OwnPolicy {
            name: "p".to_owned(),
            policy: PolicyText::new(TEXT),
        }));
        let attached = Document::Attached(Some("arn:p".to_owned()));
        for (op, there, absent) in [
            ("create-group", Document::Presence(true), Document::Presence(false)),
            ("attach-group-policy", attached.clone(), Document::Attached(None)),
            ("put-group-policy", own.clone(), Document::OwnPolicy(None)),
            ("add-user-to-group", Document::Member(Some("g".to_owned())), Document::Member(None)),
            ("detach-user-policy", attached, Document::Attached(None)),
            ("delete-user-policy", own, Document::OwnPolicy(None)),
        ] {
            for (state, expected) in [(JOINED, there), (gone, absent)] {
                let read = reread(&named(op), &with(state).clients).await.unwrap();
                assert_eq!(read.document, expected, "{op}");
            }
        }
    }

    /// Nothing is sent, and the refusal tells why. What may not be seen yet can be waited for.
    #[tokio::test]
    async fn nobody_wins_or_loses_a_right() {
        let others = State { members: Some(&["mallory", "trudy"]), ..BEFORE };
        let more = State { of_group: &["arn:p", "arn:admin"], ..JOINED };
        let told = "group g has policies that do not sit on u as well";
        let table = [
            (
                "attach-group-policy",
                others,
                "group g has users, whose rights would change: mallory, trudy",
                false,
            ),
            ("put-group-policy", others, "group g has users", false),
            ("detach-group-policy", others, "group g has users", true),
            ("delete-group-policy", others, "group g has users", true),
            ("add-user-to-group", State { members: Some(&[]), ..more }, told, false),
            ("add-user-to-group", State { inline_of_user: None, ..BEFORE }, told, false),
            ("add-user-to-group", State { inline_of_user: Some(OTHER), ..BEFORE }, told, false),
            ("remove-user-from-group", more, told, true),
            ("detach-user-policy", BEFORE, "u is not seen in group g", true),
            (
                "detach-user-policy",
                State { members: None, ..BEFORE },
                "u is not seen in group g",
                true,
            ),
            (
                "detach-user-policy",
                State { of_group: &["arn:q"], ..JOINED },
                "group g is not seen to have arn:p",
                true,
            ),
            ("delete-user-policy", BEFORE, "u is not seen in group g", true),
            (
                "delete-user-policy",
                State { inline_of_group: None, ..JOINED },
                "group g is not seen to have policy p as the user has it",
                true,
            ),
            (
                "delete-user-policy",
                State { inline_of_group: Some(OTHER), ..JOINED },
                "group g is not seen to have policy p",
                true,
            ),
        ];
        for (op, state, words, may_pass) in table {
            let fake = with(state);
            let error = run(&fake, &named(op)).await.unwrap_err();
            assert!(error.to_string().starts_with(words), "{op}: {error}");
            assert_eq!(error.delay(), may_pass.then_some(Delay::Unseen), "{op}");
            assert!(!error.ambiguous, "{op}");
            assert_eq!(writes(&fake), [""; 0], "{op}");
        }
    }

    #[tokio::test]
    async fn what_cannot_be_looked_at_is_not_done() {
        for denied in ["ListGroupsForUser", "ListAttachedGroupPolicies"] {
            let fake = fake(move |request| {
                if request.contains(&format!("Action={denied}&")) {
                    iam_error(403, "AccessDenied", "no")
                } else {
                    answer(JOINED, request)
                }
            });
            let error = run(&fake, &named("detach-user-policy")).await.unwrap_err();
            assert_eq!(
                (error.kind, error.action.as_str()),
                (ErrorKind::Denied, &*format!("iam:{denied}"))
            );
            assert_eq!(writes(&fake), [""; 0]);
        }
    }
}
