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
mod tests {
    use super::*;
    use crate::aws::fake::{Fake, fake, iam_error};

    const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[]}"#;
    const ENCODED: &str = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D";

    /// A role with one policy of its own, `a`.
    fn account(request: &str) -> (u16, String) {
        if request.contains("Action=GetRolePolicy") && request.contains("PolicyName=a") {
            let names = "<RoleName>r</RoleName><PolicyName>a</PolicyName>";
            let result = format!("{names}<PolicyDocument>{ENCODED}</PolicyDocument>");
            return answer("GetRolePolicy", &result);
        }
        if request.contains("Action=GetRole&") && request.contains("RoleName=r") {
            let names = "<Path>/</Path><RoleName>r</RoleName><RoleId>AROA1</RoleId>";
            let rest = "<Arn>arn:r</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate>";
            let trust = format!("<AssumeRolePolicyDocument>{ENCODED}</AssumeRolePolicyDocument>");
            return answer("GetRole", &format!("<Role>{names}{rest}{trust}</Role>"));
        }
        iam_error(404, "NoSuchEntity", "none")
    }

    fn answer(action: &str, result: &str) -> (u16, String) {
        let result = format!("<{action}Result>{result}</{action}Result>");
        (200, format!("<{action}Response>{result}</{action}Response>"))
    }

    fn put(role: &str, name: &str) -> Operation {
        let policy = PolicyText::new(TRUST);
        Operation::PutRolePolicy { role: role.to_owned(), name: name.to_owned(), policy }
    }

    fn make(role: &str) -> Operation {
        let tags = [("k".to_owned(), "v".to_owned())].into();
        Operation::CreateRole { role: role.to_owned(), trust: PolicyText::new(TRUST), tags }
    }

    async fn run(fake: &Fake, operation: &Operation) -> Result<(), ServiceError> {
        execute(operation, &fake.clients, &Approval::for_test()).await
    }

    #[tokio::test]
    async fn a_role_is_read_with_the_policies_asked_for() {
        let fake = fake(account);
        let role = role(&fake.clients, "r", &["a", "b"]).await.unwrap().unwrap();
        assert_eq!((role.arn.as_str(), role.trust.as_str()), ("arn:r", TRUST));
        assert_eq!(role.inline, [("a".to_owned(), PolicyText::new(TRUST))].into());
        assert_eq!(fake.requests("").len(), 3);
    }

    #[tokio::test]
    async fn no_role_is_no_error_and_costs_one_call() {
        let none = fake(account);
        assert_eq!(role(&none.clients, "gone", &["a"]).await, Ok(None));
        assert_eq!(none.requests("").len(), 1);
        let denied = fake(|_| iam_error(403, "AccessDenied", "no"));
        assert_eq!(role(&denied.clients, "r", &[]).await.unwrap_err().kind, ErrorKind::Denied);
        let lost = fake(|_| iam_error(404, "ResourceNotFoundException", "no such page"));
        assert!(role(&lost.clients, "r", &[]).await.is_err());
    }

    #[tokio::test]
    async fn targets_are_read_again() {
        let fake = fake(account);
        let there = Document::Policy(Some(PolicyText::new(TRUST)));
        let linked = Operation::CreateServiceLinkedRole { service: Service::Config };
        let table = [
            (make("r"), there.clone()),
            (make("gone"), Document::Policy(None)),
            (put("r", "a"), there),
            (put("r", "b"), Document::Policy(None)),
            (linked, Document::Presence(false)),
        ];
        for (operation, document) in table {
            assert_eq!(reread(&operation, &fake.clients).await, Ok(Reread::of(document)));
        }
        assert_eq!(fake.requests("RoleName=AWSServiceRoleForConfig").len(), 1);
    }

    #[tokio::test]
    async fn each_call_says_what_it_is_about() {
        let fake = fake(|request| {
            let (_, body) = request.split_once("\r\n\r\n").unwrap();
            let action = body.split(['=', '&']).nth(1).unwrap();
            answer(action, "")
        });
        let [role, name] = ["r", "a"].map(str::to_owned);
        let linked = Operation::CreateServiceLinkedRole { service: Service::Config };
        for operation in [
            put("r", "a"),
            Operation::DeleteRolePolicy { role: role.clone(), name },
            Operation::DeleteRole { role },
            linked,
        ] {
            run(&fake, &operation).await.unwrap();
        }
        let of_policy = "RoleName=r&PolicyName=a";
        for sent in [
            format!("Action=PutRolePolicy&Version=2010-05-08&{of_policy}&PolicyDocument={ENCODED}"),
            format!("Action=DeleteRolePolicy&Version=2010-05-08&{of_policy}"),
            "Action=DeleteRole&Version=2010-05-08&RoleName=r".to_owned(),
            "AWSServiceName=config.amazonaws.com".to_owned(),
        ] {
            assert_eq!(fake.requests(&sent).len(), 1, "{sent}");
        }
    }

    #[tokio::test]
    async fn a_role_is_made_with_trust_and_tags() {
        let fake = fake(|request| {
            let (status, role) = account(&request.replace("CreateRole", "GetRole"));
            (status, role.replace("GetRole", "CreateRole"))
        });
        run(&fake, &make("r")).await.unwrap();
        let sent = &fake.requests("Action=CreateRole")[0];
        for part in ["RoleName=r", ENCODED, "Tags.member.1.Key=k", "Tags.member.1.Value=v"] {
            assert!(sent.contains(part), "{part} in {sent}");
        }
    }

    /// Whoever applies looks again then: it is what it was to come to.
    #[tokio::test]
    async fn a_role_that_is_there_is_told_as_such() {
        let linked = Operation::CreateServiceLinkedRole { service: Service::Config };
        let taken = fake(|_| iam_error(400, "InvalidInput", "the name has been taken"));
        let exists = fake(|_| iam_error(409, "EntityAlreadyExists", "it exists"));
        for (fake, operation) in [(&taken, &linked), (&exists, &linked), (&exists, &make("r"))] {
            let error = run(fake, operation).await.unwrap_err();
            assert_eq!((error.kind, error.ambiguous), (ErrorKind::Other, false));
        }
    }

    fn deletion(request: &str, status: &str) -> (u16, String) {
        if request.contains("Action=DeleteServiceLinkedRole") {
            return answer("DeleteServiceLinkedRole", "<DeletionTaskId>task/1</DeletionTaskId>");
        }
        answer("GetServiceLinkedRoleDeletionStatus", status)
    }

    #[tokio::test]
    async fn harden_waits_for_the_role_to_be_gone() {
        let operation = Operation::DeleteServiceLinkedRole { service: Service::Config };
        let gone = fake(|request| deletion(request, "<Status>SUCCEEDED</Status>"));
        assert_eq!(run(&gone, &operation).await, Ok(()));
        assert_eq!(gone.requests("RoleName=AWSServiceRoleForConfig").len(), 1);
        assert_eq!(gone.requests("DeletionTaskId=task%2F1").len(), 1);
        let kept = fake(|request| {
            let usage =
                "<RoleUsageList><member><Region>eu-west-1</Region></member></RoleUsageList>";
            let reason = format!("<Reason><Reason>it is in use</Reason>{usage}</Reason>");
            deletion(request, &format!("<Status>FAILED</Status>{reason}"))
        });
        let error = run(&kept, &operation).await.unwrap_err();
        assert_eq!(error.to_string(), "AWS keeps the role: it is in use (used in eu-west-1)");
        assert!(!error.ambiguous);
    }

    #[tokio::test]
    async fn without_a_word_from_aws_the_role_may_be_gone_or_not() {
        let slow = fake(|request| deletion(request, "<Status>IN_PROGRESS</Status>"));
        let error = wait_for(&slow.clients, "t", Duration::ZERO).await.unwrap_err();
        assert!(error.ambiguous);
        assert_eq!(slow.requests("").len(), 30);
        let denied = fake(|_| iam_error(403, "AccessDenied", "no"));
        assert!(wait_for(&denied.clients, "t", PAUSE).await.unwrap_err().ambiguous);
    }
}
