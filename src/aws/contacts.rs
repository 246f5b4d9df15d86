//! The Account service: whom AWS writes to about security.
//!
//! A call that names no account is about that of the credentials, and needs no organization. Where that is
//! refused, a member's contact is within reach of the account that manages its organization, or of a delegated
//! administrator, which name it.

use aws_sdk_account::types::{AlternateContact, AlternateContactType};

use super::{Clients, ErrorKind, ServiceError};
use crate::approval::Approval;
use crate::model::{Action, SecurityContact};

/// What AWS answers where nobody is registered.
const ABSENT: &str = "ResourceNotFoundException";

/// Makes a call with the session's own credentials and, where they are refused, with those of the management
/// account. If these are refused too, the permission of the session's own is the one that is missing.
async fn either<T, F>(
    clients: &Clients,
    call: impl Fn(Clients, Option<String>) -> F,
) -> Result<T, ServiceError>
where
    F: Future<Output = Result<T, ServiceError>>,
{
    let own = call(clients.clone(), None).await;
    let (Err(refused), Some(through)) = (&own, clients.through()) else { return own };
    if refused.kind != ErrorKind::Denied {
        return own;
    }
    let member = clients.account().as_str().to_owned();
    match call(through.clone(), Some(member)).await {
        Err(error) if error.kind == ErrorKind::Denied => own,
        answer => answer,
    }
}

/// The security contact; `None` where nobody is registered.
pub(crate) async fn security_contact(
    clients: &Clients,
) -> Result<Option<SecurityContact>, ServiceError> {
    either(clients, get).await
}

async fn get(
    clients: Clients,
    member: Option<String>,
) -> Result<Option<SecurityContact>, ServiceError> {
    let action = "account:GetAlternateContact";
    let answer = clients
        .contacts()
        .call(action, |account| {
            let get = account.get_alternate_contact().set_account_id(member);
            get.alternate_contact_type(AlternateContactType::Security).send()
        })
        .await;
    match answer {
        Ok(answer) => match answer.alternate_contact {
            Some(contact) => Ok(Some(contact_of(contact))),
            None => Err(ServiceError::ours(Action::new(action), "an answer without a contact")),
        },
        // Exactly this code: what other things are not found, such as a wrong endpoint, is no absence.
        Err(error) if error.code.as_deref() == Some(ABSENT) => Ok(None),
        Err(error) => Err(error),
    }
}

fn contact_of(contact: AlternateContact) -> SecurityContact {
    SecurityContact {
        name: contact.name.unwrap_or_default(),
        title: contact.title.unwrap_or_default(),
        email: contact.email_address.unwrap_or_default(),
        phone: contact.phone_number.unwrap_or_default(),
    }
}

/// Registers the security contact, in place of the one there is.
pub(crate) async fn put_security_contact(
    clients: &Clients,
    contact: &SecurityContact,
    _: &Approval,
) -> Result<(), ServiceError> {
    either(clients, |clients: Clients, member| async move {
        clients
            .contacts()
            .call("account:PutAlternateContact", |account| {
                account
                    .put_alternate_contact()
                    .set_account_id(member)
                    .alternate_contact_type(AlternateContactType::Security)
                    .name(&contact.name)
                    .title(&contact.title)
                    .email_address(&contact.email)
                    .phone_number(&contact.phone)
                    .send()
            })
            .await
            .map(drop)
    })
    .await
}

/// Removes the security contact.
pub(crate) async fn delete_security_contact(
    clients: &Clients,
    _: &Approval,
) -> Result<(), ServiceError> {
    either(clients, |clients: Clients, member| async move {
        clients
            .contacts()
            .call("account:DeleteAlternateContact", |account| {
                let delete = account.delete_alternate_contact().set_account_id(member);
                delete.alternate_contact_type(AlternateContactType::Security).send()
            })
            .await
            .map(drop)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::fake::{Fake, fake};
    use crate::model::{AccountId, fixture};

    /// A member's session that is refused and the clients of its management account, which answers so.
    fn member(answer: fn(&str) -> (u16, String)) -> (Fake, Clients, Fake) {
        let own = fake(|_| refused(403, "AccessDeniedException"));
        let management = fake(answer);
        let mut above = management.session.clone();
        above.account.id = AccountId::new("444455556666");
        let session = own.session.clone().of_member(&above.clients(), &above.account.id);
        let clients = session.clients();
        (own, clients, management)
    }

    #[tokio::test]
    async fn a_member_that_is_refused_is_reached_through_its_management_account() {
        let approval = Approval::for_test();
        let (own, clients, management) = member(|request| {
            if request.contains("/getAlternateContact") {
                (200, r#"{"AlternateContact":{"Name":"Sec"}}"#.to_owned())
            } else {
                (200, "{}".to_owned())
            }
        });
        assert_eq!(security_contact(&clients).await.unwrap().unwrap().name, "Sec");
        put_security_contact(clients.once(), &fixture::contact(), &approval).await.unwrap();
        delete_security_contact(clients.once(), &approval).await.unwrap();
        for verb in ["get", "put", "delete"] {
            let path = format!("/{verb}AlternateContact");
            assert_eq!(own.requests(&path).len(), 1, "{verb}");
            assert!(!own.requests(&path)[0].contains("AccountId"));
            let through = management.requests(&path);
            assert!(through[0].contains(r#""AccountId":"111122223333""#), "{through:?}");
            assert_eq!(through.len(), 1, "{verb}");
        }
    }

    #[tokio::test]
    async fn what_both_refuse_is_told_of_the_session_itself() {
        let (_own, clients, _management) =
            member(|_| (403, r#"{"__type":"AccessDeniedException","message":"above"}"#.to_owned()));
        let error = security_contact(&clients).await.unwrap_err();
        assert_eq!((error.kind, error.message.as_str()), (ErrorKind::Denied, "no"));
        let (_own, clients, _management) = member(|_| refused(400, "ValidationException"));
        let error = security_contact(&clients).await.unwrap_err();
        assert_eq!(error.code.as_deref(), Some("ValidationException"));
        let (_own, clients, _management) = member(|_| refused(404, ABSENT));
        assert_eq!(security_contact(&clients).await, Ok(None));
    }

    #[tokio::test]
    async fn nobody_else_is_asked_what_the_session_may_know_or_what_is_of_the_management_account() {
        let own = fake(|_| refused(400, "ValidationException"));
        let above = fake(|_| refused(404, ABSENT));
        let mut management = above.session.clone();
        management.account.id = AccountId::new("444455556666");
        let session = own.session.clone().of_member(&management.clients(), &management.account.id);
        assert!(security_contact(&session.clients()).await.is_err());
        let denied = fake(|_| refused(403, "AccessDeniedException"));
        let same =
            denied.session.clone().of_member(&above.session.clients(), &above.session.account.id);
        assert!(security_contact(&same.clients()).await.is_err());
        assert_eq!(above.requests("").len(), 0);
    }

    fn refused(status: u16, code: &str) -> (u16, String) {
        (status, format!(r#"{{"__type":"{code}","message":"no"}}"#))
    }

    #[tokio::test]
    async fn nobody_is_no_error() {
        let none = fake(|_| refused(404, ABSENT));
        assert_eq!(security_contact(&none.clients).await, Ok(None));
        let lost = fake(|_| refused(404, "NotFoundException"));
        assert!(security_contact(&lost.clients).await.is_err());
        let denied = fake(|_| refused(403, "AccessDeniedException"));
        assert_eq!(security_contact(&denied.clients).await.unwrap_err().kind, ErrorKind::Denied);
        let empty = fake(|_| (200, "{}".to_owned()));
        let error = security_contact(&empty.clients).await.unwrap_err();
        assert_eq!(error.to_string(), "an answer without a contact");
    }

    #[tokio::test]
    async fn somebody_is_read_as_far_as_aws_tells() {
        let fake = fake(|_| {
            let fields = r#""Name":"Sec","EmailAddress":"s@acme.dev","PhoneNumber":"1""#;
            (200, format!(r#"{{"AlternateContact":{{{fields}}}}}"#))
        });
        let contact = security_contact(&fake.clients).await.unwrap().unwrap();
        assert_eq!((contact.name.as_str(), contact.title.as_str()), ("Sec", ""));
        assert_eq!((contact.email.as_str(), contact.phone.as_str()), ("s@acme.dev", "1"));
        assert_eq!(fake.requests(r#"{"AlternateContactType":"SECURITY"}"#).len(), 1);
    }

    #[tokio::test]
    async fn every_field_is_sent_and_no_account() {
        let fake = fake(|_| (200, "{}".to_owned()));
        put_security_contact(&fake.clients, &fixture::contact(), &Approval::for_test())
            .await
            .unwrap();
        let sent = &fake.requests("/putAlternateContact")[0];
        for field in [
            r#""AlternateContactType":"SECURITY""#,
            r#""Name":"Security team""#,
            r#""Title":"Incident response""#,
            r#""EmailAddress":"security@acme.dev""#,
            r#""PhoneNumber":"+49 30 1234567""#,
        ] {
            assert!(sent.contains(field), "{field} in {sent}");
        }
        assert!(!sent.contains("AccountId"));
    }

    #[tokio::test]
    async fn only_the_one_for_security_is_deleted() {
        let approval = Approval::for_test();
        let fake = fake(|_| (200, "{}".to_owned()));
        delete_security_contact(&fake.clients, &approval).await.unwrap();
        let sent = fake.requests("/deleteAlternateContact");
        assert!(sent[0].ends_with(r#"{"AlternateContactType":"SECURITY"}"#), "{sent:?}");
    }

    /// Whoever applies looks again then: nobody is what it was to come to.
    #[tokio::test]
    async fn deleting_what_is_gone_is_told_as_such() {
        let gone = fake(|_| refused(404, ABSENT));
        let error =
            delete_security_contact(&gone.clients, &Approval::for_test()).await.unwrap_err();
        assert_eq!((error.kind, error.ambiguous), (ErrorKind::NotFound, false));
    }
}
