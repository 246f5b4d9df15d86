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
        let usage = "<RoleUsageList><member><Region>eu-west-1</Region></member></RoleUsageList>";
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
