//! KMS: makes keys and aliases, sets policies, turns rotation on and off.

use aws_sdk_kms::types::Tag;

use super::execute::misplaced;
use super::{Clients, Handle, Reread, ServiceError};
use crate::approval::Approval;
use crate::change::{Operation, Tags};
use crate::model::{Action, PolicyText, Region, Rotation};

const CREATE: &str = "kms:CreateKey";
const CREATE_ALIAS: &str = "kms:CreateAlias";

/// Carries out an operation on a key.
#[expect(clippy::wildcard_enum_match_arm, reason = "all others are not about keys")]
pub(super) async fn execute(
    operation: &Operation,
    now: &Reread,
    clients: &Clients,
    approval: &Approval,
) -> Result<(), ServiceError> {
    use Operation as Op;
    // An alias does not do for these calls: its key was found just before.
    let found = match &now.handle {
        Handle::Id(id) => Some(id.as_str()),
        Handle::None | Handle::Rules(_) | Handle::Made(_) => None,
    };
    match operation {
        Op::EnableKeyRotation { region, key, period_days } => {
            let key = found.unwrap_or(key.as_str());
            enable_rotation(clients, region, key, *period_days, approval).await
        }
        Op::DisableKeyRotation { region, key } => {
            disable_rotation(clients, region, found.unwrap_or(key.as_str()), approval).await
        }
        Op::PutKeyPolicy { region, key, policy } => {
            put_policy(clients, region, found.unwrap_or(key.as_str()), policy, approval).await
        }
        Op::CreateKey { region, description, policy, tags } => {
            create(clients, region, (description, policy, tags), approval).await
        }
        Op::CreateAlias { region, alias, .. } => {
            create_alias(clients, region, alias, found, approval).await
        }
        Op::DeleteAlias { region, alias, .. } => {
            delete_alias(clients, region, alias, approval).await
        }
        _ => Err(misplaced(operation)),
    }
}

/// Turns rotation on.
async fn enable_rotation(
    clients: &Clients,
    region: &Region,
    key: &str,
    period_days: u16,
    _: &Approval,
) -> Result<(), ServiceError> {
    // The usual period is what KMS takes by itself.
    let period = (period_days != Rotation::DEFAULT_PERIOD_DAYS).then(|| period_days.into());
    clients
        .kms(region)
        .call("kms:EnableKeyRotation", |kms| {
            kms.enable_key_rotation().key_id(key).set_rotation_period_in_days(period).send()
        })
        .await
        .map(drop)
}

/// Turns rotation off.
async fn disable_rotation(
    clients: &Clients,
    region: &Region,
    key: &str,
    _: &Approval,
) -> Result<(), ServiceError> {
    clients
        .kms(region)
        .call("kms:DisableKeyRotation", |kms| kms.disable_key_rotation().key_id(key).send())
        .await
        .map(drop)
}

/// Makes a symmetric key that encrypts. KMS checks that whoever makes it can change its policy again.
async fn create(
    clients: &Clients,
    region: &Region,
    (description, policy, tags): (&str, &PolicyText, &Tags),
    _: &Approval,
) -> Result<(), ServiceError> {
    let tags = tags.iter().map(|(key, value)| Tag::builder().tag_key(key).tag_value(value).build());
    let tags = tags.collect::<Result<Vec<_>, _>>();
    let tags = tags.map_err(|error| ServiceError::ours(Action::new(CREATE), error.to_string()))?;
    clients
        .kms(region)
        .call(CREATE, |kms| {
            let call = kms.create_key().description(description).policy(policy.as_str());
            call.set_tags((!tags.is_empty()).then_some(tags)).send()
        })
        .await
        .map(drop)
}

/// Sets the policy of a key. KMS checks that whoever sets it can set it again.
async fn put_policy(
    clients: &Clients,
    region: &Region,
    key: &str,
    policy: &PolicyText,
    _: &Approval,
) -> Result<(), ServiceError> {
    clients
        .kms(region)
        .call("kms:PutKeyPolicy", |kms| {
            let call = kms.put_key_policy().key_id(key).policy_name("default");
            call.policy(policy.as_str()).send()
        })
        .await
        .map(drop)
}

async fn create_alias(
    clients: &Clients,
    region: &Region,
    alias: &str,
    key: Option<&str>,
    _: &Approval,
) -> Result<(), ServiceError> {
    let absent = || ServiceError::ours(Action::new(CREATE_ALIAS), "the key is not there to name");
    let key = key.ok_or_else(absent)?;
    clients
        .kms(region)
        .call(CREATE_ALIAS, |kms| kms.create_alias().alias_name(alias).target_key_id(key).send())
        .await
        .map(drop)
}

/// Deletes an alias; its key stays.
async fn delete_alias(
    clients: &Clients,
    region: &Region,
    alias: &str,
    _: &Approval,
) -> Result<(), ServiceError> {
    clients
        .kms(region)
        .call("kms:DeleteAlias", |kms| kms.delete_alias().alias_name(alias).send())
        .await
        .map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::fake::{Fake, fake};
    use crate::change::{Document, KeyName};
    use crate::model::KeyId;

    fn at() -> Region {
        Region::new("eu-west-1")
    }

    fn alias() -> Operation {
        let key = KeyName::Described("trail".to_owned());
        Operation::CreateAlias { region: at(), alias: "alias/a".to_owned(), key }
    }

    async fn run(fake: &Fake, operation: &Operation, id: Option<&str>) -> Result<(), ServiceError> {
        let handle = id.map_or(Handle::None, |id| Handle::Id(id.to_owned()));
        let now = Reread { document: Document::Presence(false), handle };
        execute(operation, &now, &fake.clients, &Approval::for_test()).await
    }

    #[tokio::test]
    async fn the_usual_period_is_not_sent() {
        let fake = fake(|_| (200, "{}".to_owned()));
        for period_days in [365, 180] {
            let (region, key) = (at(), KeyId::new("1"));
            let turn = Operation::EnableKeyRotation { region, key, period_days };
            run(&fake, &turn, None).await.unwrap();
        }
        assert_eq!(fake.requests("RotationPeriodInDays").len(), 1);
        assert_eq!(fake.requests(r#""RotationPeriodInDays":180"#).len(), 1);
        assert_eq!(fake.requests(r#""KeyId":"1""#).len(), 2);
    }

    #[tokio::test]
    async fn each_call_says_what_it_is_about() {
        let fake = fake(|_| (200, "{}".to_owned()));
        let key = KeyName::Id(KeyId::new("3"));
        let delete = Operation::DeleteAlias { region: at(), alias: "alias/a".to_owned(), key };
        run(&fake, &alias(), Some("3")).await.unwrap();
        run(&fake, &delete, Some("3")).await.unwrap();
        let (key, policy) = (KeyId::new("3"), PolicyText::new("{}"));
        let put = Operation::PutKeyPolicy { region: at(), key, policy };
        run(&fake, &put, None).await.unwrap();
        let body = |action: &str| {
            let sent = &fake.requests(&format!("TrentService.{action}\r\n"))[0];
            let (_, body) = sent.split_once("\r\n\r\n").unwrap();
            serde_json::from_str::<serde_json::Value>(body).unwrap()
        };
        let named = serde_json::json!({"AliasName": "alias/a", "TargetKeyId": "3"});
        assert_eq!(body("CreateAlias"), named);
        assert_eq!(body("DeleteAlias"), serde_json::json!({"AliasName": "alias/a"}));
        let set = serde_json::json!({"KeyId": "3", "PolicyName": "default", "Policy": "{}"});
        assert_eq!(body("PutKeyPolicy"), set);
    }

    #[tokio::test]
    async fn a_key_is_made_with_its_policy_and_tags_and_the_check_of_kms() {
        let fake = fake(|_| (200, "{}".to_owned()));
        let make = Operation::CreateKey {
            region: at(),
            description: "trail".to_owned(),
            policy: PolicyText::new("{}"),
            tags: [("k".to_owned(), "v".to_owned())].into(),
        };
        run(&fake, &make, None).await.unwrap();
        let sent = &fake.requests("TrentService.CreateKey\r\n")[0];
        for part in [
            r#""Description":"trail""#,
            r#""Policy":"{}""#,
            r#""Tags":[{"TagKey":"k","TagValue":"v"}]"#,
        ] {
            assert!(sent.contains(part), "{part} in {sent}");
        }
        assert!(!sent.contains("Bypass"));
    }

    #[tokio::test]
    async fn an_alias_of_no_key_is_not_made() {
        let fake = fake(|_| (200, "{}".to_owned()));
        assert!(run(&fake, &alias(), None).await.is_err());
        assert_eq!(fake.requests("").len(), 0);
    }

    #[tokio::test]
    async fn rotation_is_set_by_the_id_that_was_found() {
        let fake = fake(|_| (200, "{}".to_owned()));
        let turn = Operation::DisableKeyRotation { region: at(), key: KeyId::new("alias/a") };
        run(&fake, &turn, Some("3")).await.unwrap();
        assert!(fake.requests("DisableKeyRotation")[0].ends_with(r#"{"KeyId":"3"}"#));
    }
}
