//! The Account service: whom AWS writes to about security.
//!
//! No call names an account: then it is about that of the credentials, and needs no organization.

use aws_sdk_account::types::{AlternateContact, AlternateContactType};

use super::{Clients, ServiceError};
use crate::approval::Approval;
use crate::model::{Action, SecurityContact};

/// What AWS answers where nobody is registered.
const ABSENT: &str = "ResourceNotFoundException";

/// The security contact; `None` where nobody is registered.
pub(crate) async fn security_contact(
    clients: &Clients,
) -> Result<Option<SecurityContact>, ServiceError> {
    let action = "account:GetAlternateContact";
    let answer = clients
        .contacts()
        .call(action, |account| {
            let get = account.get_alternate_contact();
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
    clients
        .contacts()
        .call("account:PutAlternateContact", |account| {
            account
                .put_alternate_contact()
                .alternate_contact_type(AlternateContactType::Security)
                .name(&contact.name)
                .title(&contact.title)
                .email_address(&contact.email)
                .phone_number(&contact.phone)
                .send()
        })
        .await
        .map(drop)
}

/// Removes the security contact.
pub(crate) async fn delete_security_contact(
    clients: &Clients,
    _: &Approval,
) -> Result<(), ServiceError> {
    clients
        .contacts()
        .call("account:DeleteAlternateContact", |account| {
            let delete = account.delete_alternate_contact();
            delete.alternate_contact_type(AlternateContactType::Security).send()
        })
        .await
        .map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::ErrorKind;
    use crate::aws::fake::fake;
    use crate::model::fixture;

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
