//! IAM as root of a member account, by a session for one task and for minutes, which AWS gives to the account that
//! manages the organization and to its delegated administrator for IAM. Reads and the one write.
//!
//! No call here names a user: IAM takes whoever asks, which is root.

use std::collections::BTreeMap;

use aws_config::identity::IdentityCache;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_sts::types::PolicyDescriptorType;

use super::execute::misplaced;
use super::limits::{IAM, Limited};
use super::user_credentials::{Listed, last_used, list};
use super::{Clients, Reread, ServiceError, connections, observed};
use crate::approval::Approval;
use crate::change::{Document, Operation};
use crate::model::{ASSUME_ROOT, AccessKey, AccessKeyId, KeyStatus, Observed, RootTask};

type Iam = Limited<aws_sdk_iam::Client>;

const DELETE: &str = "iam:DeleteAccessKey";

/// How long a session may live at most, and does.
const SECONDS: i32 = 900;

/// The access keys of root, each with its last use. `None`: nobody is known who could be root of the account.
pub(crate) async fn access_keys(
    clients: &Clients,
    signs: impl Fn(&AccessKeyId) -> bool,
) -> Result<Option<BTreeMap<AccessKeyId, AccessKey>>, ServiceError> {
    let Some(through) = clients.through() else { return Ok(None) };
    let root = as_root(clients, enter(clients, through, RootTask::Audit).await?);
    let mut keys = BTreeMap::new();
    for Listed { id, status, made } in list(&root, None).await? {
        let last_used: Observed<_> = observed(last_used(&root, &id).await);
        let signs = signs(&id);
        keys.insert(id, AccessKey { status, made, last_used, signs });
    }
    Ok(Some(keys))
}

/// Reads a key of root again, with its last use while it is active.
pub(super) async fn reread(
    operation: &Operation,
    clients: &Clients,
) -> Result<Reread, ServiceError> {
    let Operation::DeleteRootAccessKey { key, .. } = operation else {
        return Err(misplaced(operation));
    };
    let through = clients.through().ok_or_else(|| out_of_reach(clients))?;
    let root = as_root(clients, enter(clients, through, RootTask::Audit).await?);
    let listed = list(&root, None).await?.into_iter().find(|listed| listed.id == *key);
    let state = match listed {
        None => None,
        Some(Listed { status, .. }) => {
            let is_active = status == KeyStatus::Active;
            let used = if is_active { last_used(&root, key).await? } else { None };
            Some(operation.document_of_key(status, used))
        }
    };
    Ok(Reread::of(Document::AccessKey(state)))
}

/// Deletes a key of root. The session for it may be asked for again; the call is sent once.
pub(super) async fn execute(
    operation: &Operation,
    clients: &Clients,
    _: &Approval,
) -> Result<(), ServiceError> {
    let Operation::DeleteRootAccessKey { key, .. } = operation else {
        return Err(misplaced(operation));
    };
    let through = clients.through().ok_or_else(|| out_of_reach(clients))?;
    let session = enter(clients, through, RootTask::Delete).await;
    // Whatever came of it, the key is as it was.
    let session = session.map_err(|error| ServiceError { ambiguous: false, ..error })?;
    let root = as_root(clients.once(), session);
    let call = root.call(DELETE, |iam| iam.delete_access_key().access_key_id(key.as_str()).send());
    call.await.map(drop)
}

fn out_of_reach(clients: &Clients) -> ServiceError {
    let message = format!(
        "nobody can be root of account {} from here: `harden rollout --organization` can, with credentials of the \
         account that manages the organization, and never for that account itself",
        clients.account()
    );
    ServiceError::ours(ASSUME_ROOT, message)
}

/// Becomes root of the account for a task: in a region, for STS as a whole gives no such sessions.
async fn enter(
    clients: &Clients,
    through: &Clients,
    task: RootTask,
) -> Result<Credentials, ServiceError> {
    let base = &through.session().config;
    let client = base.http_client().unwrap_or_else(connections::shared);
    let config = aws_sdk_sts::config::Builder::from(base).http_client(client);
    let sts = aws_sdk_sts::Client::from_conf(config.build());
    let arn = task.arn(&through.session().account.partition);
    let call = sts
        .assume_root()
        .target_principal(clients.account().as_str())
        .task_policy_arn(PolicyDescriptorType::builder().arn(arn).build())
        .duration_seconds(SECONDS);
    let answer = Box::pin(call.send()).await;
    let answer = answer.map_err(|error| ServiceError::of(ASSUME_ROOT, &error))?;
    let missing = || ServiceError::ours(ASSUME_ROOT, "an answer without credentials");
    let keys = answer.credentials.ok_or_else(missing)?;
    let token = Some(keys.session_token);
    let end = std::time::SystemTime::try_from(keys.expiration).ok();
    Ok(Credentials::new(keys.access_key_id, keys.secret_access_key, token, end, "harden"))
}

/// IAM of the account, as root: all but the credentials as for the account's own session, its budget too.
fn as_root(clients: &Clients, keys: Credentials) -> Iam {
    let session = clients.session();
    let config = session.config.clone().into_builder();
    let config = config
        .credentials_provider(SharedCredentialsProvider::new(keys))
        .identity_cache(IdentityCache::lazy().build());
    session.limited(aws_sdk_iam::Client::new(&config.build()), IAM)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::ErrorKind;
    use crate::aws::fake::{Fake, fake, iam_error};
    use crate::model::{AccountId, Action, KeyUse};

    const MANAGEMENT: &str = "444455556666";

    /// STS of the account above, and IAM of the member; `used`: when both keys of root were used last.
    fn answer(request: &str, used: &str) -> (u16, String) {
        let wrapped = |name: &str, result: &str| {
            (200, format!("<{name}Response><{name}Result>{result}</{name}Result></{name}Response>"))
        };
        let asked = |action: &str| request.contains(&format!("Action={action}&"));
        if asked("AssumeRoot") {
            let keys = "<AccessKeyId>ASIAROOT</AccessKeyId><SecretAccessKey>s</SecretAccessKey>\
                        <SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>";
            wrapped("AssumeRoot", &format!("<Credentials>{keys}</Credentials>"))
        } else if asked("ListAccessKeys") {
            let key = |id: &str, status: &str| {
                let made = "<CreateDate>2024-01-02T03:04:05Z</CreateDate>";
                format!(
                    "<member><AccessKeyId>{id}</AccessKeyId><Status>{status}</Status>{made}</member>"
                )
            };
            let keys = key("AKIA1", "Active") + &key("AKIA2", "Inactive");
            let list = format!("<AccessKeyMetadata>{keys}</AccessKeyMetadata>");
            wrapped("ListAccessKeys", &format!("{list}<IsTruncated>false</IsTruncated>"))
        } else if asked("GetAccessKeyLastUsed") {
            let last = format!(
                "<LastUsedDate>{used}</LastUsedDate><Region>eu-west-1</Region><ServiceName>s3</ServiceName>"
            );
            wrapped(
                "GetAccessKeyLastUsed",
                &format!("<AccessKeyLastUsed>{last}</AccessKeyLastUsed>"),
            )
        } else {
            (200, "<R></R>".to_owned())
        }
    }

    /// The clients of a member, with the account above it.
    fn member(own: &Fake, above: &Fake) -> Clients {
        let mut management = above.session.clone();
        management.account.id = AccountId::new(MANAGEMENT);
        own.session.clone().of_member(&management.clients(), &management.account.id).clients()
    }

    fn delete() -> Operation {
        let unused_since = "2026-02-01T00:00:00Z".parse().unwrap();
        Operation::DeleteRootAccessKey { key: AccessKeyId::new("AKIA1"), unused_since }
    }

    #[tokio::test]
    async fn each_task_has_a_session_of_its_own_and_names_no_user() {
        let (own, above) = (
            fake(|request| answer(request, "2026-01-01T00:00:00Z")),
            fake(|request| answer(request, "")),
        );
        let clients = member(&own, &above);
        let keys = access_keys(&clients, |id| id.as_str() == "AKIA2").await.unwrap().unwrap();
        let [first, second] = ["AKIA1", "AKIA2"].map(|id| &keys[&AccessKeyId::new(id)]);
        assert_eq!((first.status, first.signs), (KeyStatus::Active, false));
        assert_eq!((second.status, second.signs), (KeyStatus::Inactive, true));
        // The last use of both: whoever deletes them wants to know.
        let told = |key: &AccessKey| key.last_used.ok().unwrap().as_ref().map(KeyUse::to_string);
        assert_eq!(told(first).unwrap(), "2026-01-01 00:00 UTC for s3 in eu-west-1");
        assert!(told(second).is_some());
        let read = reread(&delete(), &clients).await.unwrap();
        execute(&delete(), &clients, &Approval::for_test()).await.unwrap();
        assert!(!read.document.is_absent());

        let sessions = above.requests("Action=AssumeRoot");
        for (request, task) in sessions.iter().zip(["Audit", "Audit", "Delete"]) {
            let policy = format!("policy%2Froot-task%2FIAM{task}RootUserCredentials");
            for field in ["TargetPrincipal=111122223333", "DurationSeconds=900", &policy] {
                assert!(request.contains(field), "{field} in {request}");
            }
            assert!(request.contains("TaskPolicyArn.arn=arn%3Aaws%3Aiam"), "{request}");
        }
        assert_eq!((sessions.len(), above.requests("").len()), (3, 3));
        let asked = own.requests("");
        assert!(asked.iter().all(|request| request.contains("Credential=ASIAROOT/")), "{asked:?}");
        assert!(asked.iter().all(|request| !request.contains("UserName")), "{asked:?}");
        let deleted = own.requests("Action=DeleteAccessKey");
        assert!(deleted.len() == 1 && deleted[0].contains("AccessKeyId=AKIA1"), "{deleted:?}");
    }

    #[tokio::test]
    async fn a_key_is_read_again_with_its_last_use() {
        for (used, again) in [("2026-02-01T00:00:00Z", false), ("2026-02-02T00:00:00Z", true)] {
            let own = fake(move |request| answer(request, used));
            let above = fake(|request| answer(request, ""));
            let clients = member(&own, &above);
            let Document::AccessKey(Some(state)) =
                reread(&delete(), &clients).await.unwrap().document
            else {
                panic!()
            };
            assert_eq!((state.status, state.used_again.is_some()), (KeyStatus::Active, again));
            let unused_since = "2026-01-01T00:00:00Z".parse().unwrap();
            let gone = AccessKeyId::new("AKIA9");
            let gone = Operation::DeleteRootAccessKey { key: gone, unused_since };
            let read = reread(&gone, &clients).await.unwrap();
            assert_eq!(read.document, Document::AccessKey(None));
        }
    }

    #[tokio::test]
    async fn without_an_account_above_nothing_is_asked_and_nothing_done() {
        let own = fake(|request| answer(request, ""));
        let approval = Approval::for_test();
        // The account above is not within its own reach.
        let same = own.session.clone().of_member(&own.clients, &AccountId::new(MANAGEMENT));
        let mut managing = own.session.clone();
        managing.account.id = AccountId::new("777788889999");
        let delegated = own.session.clone().of_member(&managing.clients(), &own.session.account.id);
        for clients in [own.clients.clone(), same.clients(), delegated.clients()] {
            assert_eq!(access_keys(&clients, |_| false).await, Ok(None));
            let error = reread(&delete(), &clients).await.unwrap_err();
            assert!(error.to_string().contains("nobody can be root of account 111122223333"));
            assert!(execute(&delete(), &clients, &approval).await.is_err());
        }
        assert_eq!(own.requests(""), [""; 0]);
        let other = Operation::DeleteAccountPasswordPolicy;
        assert!(execute(&other, &own.clients, &approval).await.is_err());
        assert!(reread(&other, &own.clients).await.is_err());
    }

    #[tokio::test]
    async fn refusals_are_told_apart_and_nothing_is_sent_twice() {
        let own = fake(|request| answer(request, "2026-01-01T00:00:00Z"));
        let closed = fake(|_| iam_error(403, "AccessDenied", "no"));
        let clients = member(&own, &closed);
        let error = access_keys(&clients, |_| false).await.unwrap_err();
        assert_eq!((error.kind, error.action.clone()), (ErrorKind::Denied, ASSUME_ROOT));
        assert_eq!(own.requests(""), [""; 0]);
        // A session that may not list, and one whose deletion fails.
        let blind = fake(|_| iam_error(403, "AccessDenied", "no"));
        let above = fake(|request| answer(request, ""));
        let error = access_keys(&member(&blind, &above), |_| false).await.unwrap_err();
        assert_eq!(error.action, Action::new("iam:ListAccessKeys"));
        let broken = fake(|_| iam_error(500, "ServiceFailure", "broken"));
        let done = execute(&delete(), &member(&broken, &above), &Approval::for_test()).await;
        assert_eq!(done.unwrap_err().action, Action::new(DELETE));
        assert_eq!(broken.requests("Action=DeleteAccessKey").len(), 1);
        // A session that does not come about has done nothing, whatever the error.
        let silent = fake(|_| iam_error(500, "ServiceFailure", "broken"));
        let done = execute(&delete(), &member(&own, &silent), &Approval::for_test()).await;
        assert!(!done.unwrap_err().ambiguous);
        assert_eq!(own.requests(""), [""; 0]);
    }
}
