//! IAM: the roles that services act with. Reads and writes.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_iam::types::{DeletionTaskFailureReasonType, DeletionTaskStatusType, Tag};
use tokio::time::sleep;

use super::execute::misplaced;
use super::text::{decoded, one_line};
use super::{Clients, ErrorKind, Reread, ServiceError};
use crate::approval::Approval;
use crate::change::{Document, Operation, Tags};
use crate::model::{Action, PolicyText, Role, Service};

const GET: &str = "iam:GetRole";
const GET_POLICY: &str = "iam:GetRolePolicy";
const DELETE_LINKED: &str = "iam:DeleteServiceLinkedRole";
const DELETION_STATUS: &str = "iam:GetServiceLinkedRoleDeletionStatus";

/// How often harden asks whether a role of a service is gone, and how often in all.
const PAUSE: Duration = Duration::from_secs(1);
const TRIES: u32 = 30;

/// A role, and those of its own policies that have one of these names; `None`: there is no such role.
pub(crate) async fn role(
    clients: &Clients,
    name: &str,
    policies: &[&str],
) -> Result<Option<Role>, ServiceError> {
    let Some((arn, trust)) = arn_and_trust(clients, name).await? else { return Ok(None) };
    let mut inline = BTreeMap::new();
    for policy in policies {
        if let Some(text) = role_policy(clients, name, policy).await? {
            inline.insert((*policy).to_owned(), text);
        }
    }
    Ok(Some(Role { arn, trust, inline }))
}

async fn arn_and_trust(
    clients: &Clients,
    name: &str,
) -> Result<Option<(String, PolicyText)>, ServiceError> {
    let answer = clients.iam().call(GET, |iam| iam.get_role().role_name(name).send()).await;
    let Some(answer) = if_there(answer)? else { return Ok(None) };
    let trusted = answer
        .role
        .and_then(|role| Some((role.arn, decoded(&role.assume_role_policy_document?)?)))
        .ok_or_else(|| {
            ServiceError::ours(Action::new(GET), "an answer without the role's trust")
        })?;
    Ok(Some((trusted.0, PolicyText::new(trusted.1))))
}

/// One of a role's own policies; `None` without it or without the role.
async fn role_policy(
    clients: &Clients,
    role: &str,
    name: &str,
) -> Result<Option<PolicyText>, ServiceError> {
    let answer = clients
        .iam()
        .call(GET_POLICY, |iam| iam.get_role_policy().role_name(role).policy_name(name).send())
        .await;
    let Some(answer) = if_there(answer)? else { return Ok(None) };
    let text = decoded(&answer.policy_document).filter(|text| !text.is_empty());
    let missing = || ServiceError::ours(Action::new(GET_POLICY), "an answer without the policy");
    Ok(Some(PolicyText::new(text.ok_or_else(missing)?)))
}

/// Exactly this code: what other things are not found, such as a wrong endpoint, is no absence.
pub(super) fn if_there<T>(answer: Result<T, ServiceError>) -> Result<Option<T>, ServiceError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.code.as_deref() == Some("NoSuchEntity") => Ok(None),
        Err(error) => Err(error),
    }
}

/// Reads the target of an operation on a role again.
#[expect(clippy::wildcard_enum_match_arm, reason = "all others are not about roles")]
pub(super) async fn reread(
    operation: &Operation,
    clients: &Clients,
) -> Result<Reread, ServiceError> {
    use Operation as Op;
    let document = match operation {
        Op::CreateRole { role, .. } | Op::DeleteRole { role } => {
            let there = arn_and_trust(clients, role).await?;
            Document::Policy(there.map(|(_, trust)| trust))
        }
        Op::PutRolePolicy { role, name, .. } | Op::DeleteRolePolicy { role, name } => {
            Document::Policy(role_policy(clients, role, name).await?)
        }
        Op::CreateServiceLinkedRole { service } | Op::DeleteServiceLinkedRole { service } => {
            Document::Presence(arn_and_trust(clients, service.linked_role()).await?.is_some())
        }
        _ => return Err(misplaced(operation)),
    };
    Ok(Reread::of(document))
}

/// Carries out an operation on a role.
#[expect(clippy::wildcard_enum_match_arm, reason = "all others are not about roles")]
pub(super) async fn execute(
    operation: &Operation,
    clients: &Clients,
    approval: &Approval,
) -> Result<(), ServiceError> {
    use Operation as Op;
    match operation {
        Op::CreateRole { role, trust, tags } => create(clients, role, trust, tags, approval).await,
        Op::DeleteRole { role } => delete(clients, role, approval).await,
        Op::PutRolePolicy { role, name, policy } => {
            put_policy(clients, role, name, policy, approval).await
        }
        Op::DeleteRolePolicy { role, name } => delete_policy(clients, role, name, approval).await,
        Op::CreateServiceLinkedRole { service } => create_linked(clients, *service, approval).await,
        Op::DeleteServiceLinkedRole { service } => delete_linked(clients, *service, approval).await,
        _ => Err(misplaced(operation)),
    }
}

async fn create(
    clients: &Clients,
    role: &str,
    trust: &PolicyText,
    tags: &Tags,
    _: &Approval,
) -> Result<(), ServiceError> {
    let action = "iam:CreateRole";
    let tags = tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
    let wrong =
        |error: &dyn std::error::Error| ServiceError::ours(Action::new(action), error.to_string());
    let tags = tags.collect::<Result<Vec<_>, _>>().map_err(|error| wrong(&error))?;
    clients
        .iam()
        .call(action, |iam| {
            let call = iam.create_role().role_name(role);
            call.assume_role_policy_document(trust.as_str())
                .set_tags((!tags.is_empty()).then_some(tags))
                .send()
        })
        .await
        .map(drop)
}

/// Deletes a role, which IAM refuses while it has policies.
async fn delete(clients: &Clients, role: &str, _: &Approval) -> Result<(), ServiceError> {
    let iam = clients.iam();
    iam.call("iam:DeleteRole", |iam| iam.delete_role().role_name(role).send()).await.map(drop)
}

async fn put_policy(
    clients: &Clients,
    role: &str,
    name: &str,
    policy: &PolicyText,
    _: &Approval,
) -> Result<(), ServiceError> {
    clients
        .iam()
        .call("iam:PutRolePolicy", |iam| {
            let call = iam.put_role_policy().role_name(role).policy_name(name);
            call.policy_document(policy.as_str()).send()
        })
        .await
        .map(drop)
}

async fn delete_policy(
    clients: &Clients,
    role: &str,
    name: &str,
    _: &Approval,
) -> Result<(), ServiceError> {
    clients
        .iam()
        .call("iam:DeleteRolePolicy", |iam| {
            iam.delete_role_policy().role_name(role).policy_name(name).send()
        })
        .await
        .map(drop)
}

/// Has AWS make the role of a service. That it is there already is refused with `InvalidInput`.
async fn create_linked(
    clients: &Clients,
    service: Service,
    _: &Approval,
) -> Result<(), ServiceError> {
    clients
        .iam()
        .call("iam:CreateServiceLinkedRole", |iam| {
            iam.create_service_linked_role().aws_service_name(service.principal()).send()
        })
        .await
        .map(drop)
}

/// Has AWS delete the role of a service, and waits for it to look whether the service still needs it.
async fn delete_linked(
    clients: &Clients,
    service: Service,
    _: &Approval,
) -> Result<(), ServiceError> {
    let answer = clients
        .iam()
        .call(DELETE_LINKED, |iam| {
            iam.delete_service_linked_role().role_name(service.linked_role()).send()
        })
        .await?;
    wait_for(clients, &answer.deletion_task_id, PAUSE).await
}

/// Until AWS has deleted the role or has said why it does not. Who asks in vain must read again.
async fn wait_for(clients: &Clients, task: &str, pause: Duration) -> Result<(), ServiceError> {
    let doubtful = |what: &str| ServiceError::doubtful(Action::new(DELETE_LINKED), what);
    for _ in 0..TRIES {
        let answer = clients.iam().call(DELETION_STATUS, |iam| {
            iam.get_service_linked_role_deletion_status().deletion_task_id(task).send()
        });
        match answer.await {
            Ok(told) if told.status == DeletionTaskStatusType::Succeeded => return Ok(()),
            Ok(told) if told.status == DeletionTaskStatusType::Failed => {
                let message = kept_because(told.reason.as_ref());
                return Err(ServiceError::ours(Action::new(DELETE_LINKED), message));
            }
            Ok(_) => {}
            Err(error) if error.kind == ErrorKind::Throttled => {}
            Err(error) => return Err(ServiceError { ambiguous: true, ..error }),
        }
        sleep(pause).await;
    }
    Err(doubtful("AWS has not yet said whether it deletes the role"))
}

fn kept_because(reason: Option<&DeletionTaskFailureReasonType>) -> String {
    let said = reason.and_then(DeletionTaskFailureReasonType::reason).unwrap_or("no reason given");
    let used = reason.map(DeletionTaskFailureReasonType::role_usage_list).unwrap_or_default();
    let regions: Vec<&str> = used.iter().filter_map(|usage| usage.region()).collect();
    let place = match regions[..] {
        [] => String::new(),
        _ => format!(" (used in {})", regions.join(", ")),
    };
    one_line(&format!("AWS keeps the role: {said}{place}"))
}

#[cfg(test)]
mod tests;
