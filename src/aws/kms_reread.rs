//! KMS: reads the targets of operations again.

use super::execute::misplaced;
use super::{Clients, ErrorKind, Handle, Reread, ServiceError, kms};
use crate::change::{Document, KeyName, Operation};
use crate::model::{Action, KeyId, Region};

const DESCRIBE: &str = "kms:DescribeKey";

/// Reads the target of an operation on a key again.
#[expect(clippy::wildcard_enum_match_arm, reason = "all others are not about keys")]
pub(super) async fn reread(
    operation: &Operation,
    clients: &Clients,
) -> Result<Reread, ServiceError> {
    use Operation as Op;
    match operation {
        Op::EnableKeyRotation { region, key, .. } | Op::DisableKeyRotation { region, key } => {
            let (id, handle) = resolve(clients, region, key).await?;
            let document = Document::KeyRotation(kms::rotation(clients, region, &id).await?);
            Ok(Reread { document, handle })
        }
        Op::PutKeyPolicy { region, key, .. } => {
            let (id, handle) = resolve(clients, region, key).await?;
            let policy = kms::policy(clients, region, id.as_str()).await?;
            Ok(Reread { document: Document::Policy(Some(policy)), handle })
        }
        Op::CreateKey { region, description, .. } => {
            let policy = match kms::described(clients, region, description).await? {
                Some(id) => Some(kms::policy(clients, region, id.as_str()).await?),
                None => None,
            };
            Ok(Reread::of(Document::Policy(policy)))
        }
        Op::CreateAlias { region, alias, key } => {
            reread_alias(clients, region, (alias, key), true).await
        }
        Op::DeleteAlias { region, alias, key } => {
            reread_alias(clients, region, (alias, key), false).await
        }
        _ => Err(misplaced(operation)),
    }
}

/// The id of a key, and what the call is to name it by where the operation has an alias for it.
async fn resolve(
    clients: &Clients,
    region: &Region,
    key: &KeyId,
) -> Result<(KeyId, Handle), ServiceError> {
    if !key.is_alias() {
        return Ok((key.clone(), Handle::None));
    }
    let named = kms::key_of_alias(clients, region, key.as_str()).await?;
    let id = named.ok_or_else(|| unseen(format!("there is no {key}")))?.id;
    let handle = Handle::Id(id.as_str().to_owned());
    Ok((id, handle))
}

/// The key of an alias, by its description where the operation knows it by that, and the id of the key
/// that the operation is about.
async fn reread_alias(
    clients: &Clients,
    region: &Region,
    (alias, key): (&str, &KeyName),
    is_to_name: bool,
) -> Result<Reread, ServiceError> {
    let named = kms::key_of_alias(clients, region, alias).await?.map(|named| named.id);
    let meant = match key {
        KeyName::Id(id) => Some(id.clone()),
        KeyName::Described(text) => kms::described(clients, region, text).await?,
    };
    if is_to_name && named.is_none() && meant.is_none() {
        return Err(unseen("the key that it is to name is not there".to_owned()));
    }
    let document = Document::Alias(
        named.map(|id| if Some(&id) == meant.as_ref() { key.clone() } else { KeyName::Id(id) }),
    );
    let handle = meant.map_or(Handle::None, |id| Handle::Id(id.as_str().to_owned()));
    Ok(Reread { document, handle })
}

/// What is not there, or was made just now and is not seen yet: whoever asked waits in that case.
fn unseen(what: String) -> ServiceError {
    ServiceError { kind: ErrorKind::NotFound, ..ServiceError::ours(Action::new(DESCRIBE), what) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::fake::fake;
    use crate::change::Tags;
    use crate::model::{PolicyText, Rotation};

    fn at() -> Region {
        Region::new("eu-west-1")
    }

    fn refused(code: &str) -> (u16, String) {
        (400, format!(r#"{{"__type":"{code}","message":"no"}}"#))
    }

    /// Keys `1` of AWS, `2` disabled, `4` and `3` to encrypt the trail, and `5` that is denied; the alias
    /// `alias/trail` names `3`.
    fn account(request: &str) -> (u16, String) {
        let (_, body) = request.split_once("\r\n\r\n").unwrap();
        let asked = |action: &str| request.contains(&format!("TrentService.{action}\r\n"));
        let key = |id: &str, manager: &str, state: &str| {
            let what = r#""Description":"trail","KeySpec":"SYMMETRIC_DEFAULT""#;
            let whose = format!(r#""KeyManager":"{manager}","KeyState":"{state}""#);
            let names = format!(r#""KeyId":"{id}","Arn":"arn:{id}""#);
            format!(r#"{{"KeyMetadata":{{{names},{what},{whose},"Origin":"AWS_KMS"}}}}"#)
        };
        let answer = if asked("ListKeys") {
            let ids = ["1", "2", "4", "3", "5"].map(|id| format!(r#"{{"KeyId":"{id}"}}"#));
            format!(r#"{{"Keys":[{}]}}"#, ids.join(","))
        } else if asked("GetKeyPolicy") {
            let policy = if body.contains(r#""3""#) { "third" } else { "other" };
            format!(r#"{{"Policy":"{policy}"}}"#)
        } else if asked("GetKeyRotationStatus") {
            r#"{"KeyRotationEnabled":true}"#.to_owned()
        } else if !asked("DescribeKey") {
            "{}".to_owned()
        } else if body.contains(r#""alias/trail""#) || body.contains(r#""3""#) {
            key("3", "CUSTOMER", "Enabled")
        } else if body.contains(r#""1""#) {
            key("1", "AWS", "Enabled")
        } else if body.contains(r#""2""#) {
            key("2", "CUSTOMER", "Disabled")
        } else if body.contains(r#""4""#) {
            key("4", "CUSTOMER", "Enabled")
        } else if body.contains(r#""5""#) {
            return refused("AccessDeniedException");
        } else {
            return refused("NotFoundException");
        };
        (200, answer)
    }

    fn alias(name: &str, key: KeyName) -> Operation {
        Operation::CreateAlias { region: at(), alias: name.to_owned(), key }
    }

    fn trail() -> KeyName {
        KeyName::Described("trail".to_owned())
    }

    fn id(id: &str) -> Handle {
        Handle::Id(id.to_owned())
    }

    #[tokio::test]
    async fn an_alias_is_resolved_before_the_call() {
        let fake = fake(account);
        let key = KeyId::new("alias/trail");
        let turn = Operation::DisableKeyRotation { region: at(), key };
        let now = reread(&turn, &fake.clients).await.unwrap();
        let on = Document::KeyRotation(Rotation::On { period_days: 365 });
        assert_eq!((&now.document, &now.handle), (&on, &id("3")));
        assert_eq!(fake.requests("GetKeyRotationStatus")[0].matches(r#""KeyId":"3""#).count(), 1);
        // An id needs no resolving.
        let turn = Operation::DisableKeyRotation { region: at(), key: KeyId::new("3") };
        let now = reread(&turn, &fake.clients).await.unwrap();
        assert_eq!(now.handle, Handle::None);
        assert_eq!(fake.requests("TrentService.DescribeKey\r\n").len(), 1);
        let gone = resolve(&fake.clients, &at(), &KeyId::new("alias/gone")).await;
        assert_eq!(gone.unwrap_err().to_string(), "there is no alias/gone");
    }

    #[tokio::test]
    async fn a_new_key_is_known_by_its_description() {
        let fake = fake(account);
        let make = |description: &str| Operation::CreateKey {
            region: at(),
            description: description.to_owned(),
            policy: PolicyText::new("{}"),
            tags: Tags::new(),
        };
        // The first that can be used, and neither AWS's nor one that is hidden.
        let now = reread(&make("trail"), &fake.clients).await.unwrap();
        assert_eq!(now.document, Document::Policy(Some(PolicyText::new("third"))));
        let now = reread(&make("other"), &fake.clients).await.unwrap();
        assert_eq!(now.document, Document::Policy(None));
    }

    #[tokio::test]
    async fn what_cannot_be_described_for_another_reason_is_no_absence() {
        let fake = fake(|request| {
            if request.contains("TrentService.ListKeys\r\n") {
                (200, r#"{"Keys":[{"KeyId":"1"}]}"#.to_owned())
            } else {
                refused("KMSInternalException")
            }
        });
        assert!(kms::described(&fake.clients, &at(), "trail").await.is_err());
    }

    #[tokio::test]
    async fn an_alias_names_its_key_as_the_operation_does() {
        let fake = fake(account);
        let ours = reread(&alias("alias/trail", trail()), &fake.clients).await.unwrap();
        let told = Reread { document: Document::Alias(Some(trail())), handle: id("3") };
        assert_eq!(ours, told);
        let other = KeyName::Id(KeyId::new("4"));
        let theirs = reread(&alias("alias/trail", other), &fake.clients).await.unwrap();
        assert_eq!(theirs.document, Document::Alias(Some(KeyName::Id(KeyId::new("3")))));
        let new = reread(&alias("alias/new", trail()), &fake.clients).await.unwrap();
        assert_eq!(new, Reread { document: Document::Alias(None), handle: id("3") });
    }

    #[tokio::test]
    async fn a_key_that_is_not_seen_yet_is_not_found() {
        let fake = fake(account);
        let other = KeyName::Described("other".to_owned());
        let error = reread(&alias("alias/new", other), &fake.clients).await.unwrap_err();
        assert_eq!(error.delay(), Some(crate::aws::delay::Delay::Unseen));
    }

    #[tokio::test]
    async fn a_policy_is_read_whole() {
        let fake = fake(account);
        let (key, policy) = (KeyId::new("3"), PolicyText::new("{}"));
        let put = Operation::PutKeyPolicy { region: at(), key, policy };
        let now = reread(&put, &fake.clients).await.unwrap();
        let third = Document::Policy(Some(PolicyText::new("third")));
        assert_eq!(now, Reread::of(third));
        assert_eq!(fake.requests(r#""PolicyName":"default""#).len(), 1);
    }
}
