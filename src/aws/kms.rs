//! KMS: the customer-managed keys of a region, their rotation and their policies. Reads only.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_kms::types::{
    KeyManagerType, KeyMetadata, KeySpec, KeyState, KeyUsageType, MultiRegionConfiguration,
    MultiRegionKeyType, OriginType,
};
use futures::{StreamExt, future, stream};

use super::limits::KMS;
use super::{Clients, ErrorKind, ServiceError, observed};
use crate::model::{
    Action, Key, KeyArn, KeyDetail, KeyId, MultiRegion, Observed, PolicyText, Region, Rotation,
    TrailKey,
};

/// The most keys and aliases of a page.
const KEYS_PAGE: i32 = 1000;
const ALIASES_PAGE: i32 = 100;
/// KMS keeps these aliases for the keys it manages for other services.
const AWS_MANAGED: &str = "alias/aws/";

/// The keys of a region that AWS does not manage by itself.
///
/// `with_aliases` names the keys, and spares a call for each key that AWS manages.
pub(crate) async fn keys(
    clients: &Clients,
    region: &Region,
    with_aliases: bool,
) -> Result<BTreeMap<KeyId, Key>, ServiceError> {
    let ids = key_ids(clients, region).await?;
    // Aliases are for display and for speed: without them every key is looked at, and none is named.
    let aliases = if with_aliases && !ids.is_empty() {
        aliases(clients, region).await.unwrap_or_default()
    } else {
        Aliases::default()
    };
    let ours = ids.into_iter().filter(|id| !aliases.aws_managed.contains(id));
    let keys = stream::iter(ours).map(async |id| {
        let alias = aliases.names.get(&id).cloned();
        detail(clients, region, &id).await.map(|detail| (id, Key { alias, detail }))
    });
    Ok(keys.buffer_unordered(KMS).filter_map(future::ready).collect().await)
}

async fn key_ids(clients: &Clients, region: &Region) -> Result<Vec<KeyId>, ServiceError> {
    let keys = clients
        .kms(region)
        .call("kms:ListKeys", |kms| {
            kms.list_keys().limit(KEYS_PAGE).into_paginator().items().send().try_collect()
        })
        .await?;
    let nameless = || ServiceError::ours(Action::new("kms:ListKeys"), "a key without an id");
    keys.into_iter().map(|key| key.key_id.map(KeyId::new).ok_or_else(nameless)).collect()
}

/// What the aliases of a region tell.
#[derive(Debug, Default, PartialEq, Eq)]
struct Aliases {
    /// The first alias of each key.
    names: BTreeMap<KeyId, String>,
    /// Keys that AWS manages.
    aws_managed: BTreeSet<KeyId>,
}

async fn aliases(clients: &Clients, region: &Region) -> Result<Aliases, ServiceError> {
    let entries = clients
        .kms(region)
        .call("kms:ListAliases", |kms| {
            kms.list_aliases().limit(ALIASES_PAGE).into_paginator().items().send().try_collect()
        })
        .await?;
    Ok(sort(
        entries
            .into_iter()
            .filter_map(|entry| Some((entry.alias_name?, KeyId::new(entry.target_key_id?)))),
    ))
}

fn sort(entries: impl Iterator<Item = (String, KeyId)>) -> Aliases {
    let mut aliases = Aliases::default();
    for (name, key) in entries {
        if name.starts_with(AWS_MANAGED) {
            aliases.aws_managed.insert(key);
        } else {
            let first = aliases.names.entry(key).or_insert_with(|| name.clone());
            if name < *first {
                *first = name;
            }
        }
    }
    aliases
}

/// What is to know about one key; `None` if AWS manages it.
///
/// A key policy may refuse harden this one key: that is known of the key, not of the region.
async fn detail(clients: &Clients, region: &Region, key: &KeyId) -> Option<Observed<KeyDetail>> {
    let metadata = match describe(clients, region, key).await {
        Ok(metadata) if metadata.key_manager == Some(KeyManagerType::Aws) => return None,
        Ok(metadata) => metadata,
        Err(error) => return Some(error.observed()),
    };
    let mut detail = detail_of(&metadata);
    // Without these it would look like a key that cannot rotate, and be left out of the judgement.
    if detail.spec.is_empty() || detail.state.is_empty() || detail.origin.is_empty() {
        let action = Action::new("kms:DescribeKey");
        let error = ServiceError::ours(action, "an answer without the key's spec, state or origin");
        return Some(error.observed());
    }
    if detail.can_rotate() && ["Enabled", "Disabled"].contains(&detail.state.as_str()) {
        detail.rotation = observed(rotation(clients, region, key).await);
    }
    Some(Observed::Known(detail))
}

/// What KMS tells of a key, by its id, its ARN or an alias.
pub(super) async fn describe(
    clients: &Clients,
    region: &Region,
    key: &KeyId,
) -> Result<KeyMetadata, ServiceError> {
    let action = "kms:DescribeKey";
    let kms = clients.kms(region);
    let answer = kms.call(action, |kms| kms.describe_key().key_id(key.as_str()).send()).await?;
    let missing = || ServiceError::ours(Action::new(action), "an answer without a key");
    answer.key_metadata.ok_or_else(missing)
}

fn detail_of(metadata: &KeyMetadata) -> KeyDetail {
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    let spec = text(metadata.key_spec().map(KeySpec::as_str));
    // There is only one use for a symmetric key, and emulators leave it unsaid.
    let unsaid = (spec == "SYMMETRIC_DEFAULT").then_some("ENCRYPT_DECRYPT");
    let part = metadata
        .multi_region_configuration()
        .and_then(MultiRegionConfiguration::multi_region_key_type);
    KeyDetail {
        state: text(metadata.key_state().map(KeyState::as_str)),
        spec,
        usage: text(metadata.key_usage().map(KeyUsageType::as_str).or(unsaid)),
        origin: text(metadata.origin().map(OriginType::as_str)),
        custom_store: metadata.custom_key_store_id().is_some(),
        // Only a replica is left out of the judgement; a part this version does not know is not.
        multi_region: part.map(|part| {
            let replica = *part == MultiRegionKeyType::Replica;
            if replica { MultiRegion::Replica } else { MultiRegion::Primary }
        }),
        description: metadata.description().unwrap_or_default().to_owned(),
        rotation: Observed::Unread,
    }
}

/// The key that a trail encrypts with; `None` if there is no such key any more.
pub(crate) async fn trail_key(
    clients: &Clients,
    region: &Region,
    key: &KeyArn,
) -> Result<Option<TrailKey>, ServiceError> {
    let metadata = if_there(describe(clients, region, &KeyId::new(key.as_str())).await)?;
    Ok(metadata.as_ref().map(trail_key_of))
}

fn trail_key_of(metadata: &KeyMetadata) -> TrailKey {
    let state = metadata.key_state().map(KeyState::as_str);
    TrailKey {
        customer_managed: metadata.key_manager == Some(KeyManagerType::Customer),
        state: state.unwrap_or_default().to_owned(),
        policy: Observed::Unread,
    }
}

/// The key that an alias names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) id: KeyId,
    pub(crate) arn: KeyArn,
    pub(crate) key: TrailKey,
}

/// The key that an alias names; `None`: there is no such alias.
pub(crate) async fn key_of_alias(
    clients: &Clients,
    region: &Region,
    alias: &str,
) -> Result<Option<Named>, ServiceError> {
    let Some(metadata) = if_there(describe(clients, region, &KeyId::new(alias)).await)? else {
        return Ok(None);
    };
    let key = trail_key_of(&metadata);
    let nameless = || ServiceError::ours(Action::new("kms:DescribeKey"), "a key without an ARN");
    let arn = metadata.arn.map(KeyArn::new).ok_or_else(nameless)?;
    Ok(Some(Named { id: KeyId::new(metadata.key_id), arn, key }))
}

/// The first key of this description that can be used; `None`: there is no such key.
///
/// What a key policy hides from harden is no key that harden made.
pub(super) async fn described(
    clients: &Clients,
    region: &Region,
    description: &str,
) -> Result<Option<KeyId>, ServiceError> {
    let ids = key_ids(clients, region).await?;
    let keys = stream::iter(ids).map(async |id| {
        let answer = describe(clients, region, &id).await;
        (id, answer)
    });
    let mut first: Option<KeyId> = None;
    for (id, answer) in keys.buffer_unordered(KMS).collect::<Vec<_>>().await {
        let metadata = match answer {
            Ok(metadata) => metadata,
            Err(error) if [ErrorKind::Denied, ErrorKind::NotFound].contains(&error.kind) => {
                continue;
            }
            Err(error) => return Err(error),
        };
        let ours = metadata.key_manager != Some(KeyManagerType::Aws);
        let detail = detail_of(&metadata);
        let fits = ours && detail.description == description && detail.is_usable();
        if fits && first.as_ref().is_none_or(|first| id < *first) {
            first = Some(id);
        }
    }
    Ok(first)
}

/// The policy of a key: each has exactly one.
pub(crate) async fn policy(
    clients: &Clients,
    region: &Region,
    key: &str,
) -> Result<PolicyText, ServiceError> {
    let action = "kms:GetKeyPolicy";
    let answer = clients
        .kms(region)
        .call(action, |kms| kms.get_key_policy().key_id(key).policy_name("default").send())
        .await?;
    let missing = || ServiceError::ours(Action::new(action), "an answer without a policy");
    answer.policy.map(PolicyText::new).ok_or_else(missing)
}

fn if_there<T>(answer: Result<T, ServiceError>) -> Result<Option<T>, ServiceError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether and how often a key rotates.
pub(crate) async fn rotation(
    clients: &Clients,
    region: &Region,
    key: &KeyId,
) -> Result<Rotation, ServiceError> {
    let answer = clients
        .kms(region)
        .call("kms:GetKeyRotationStatus", |kms| {
            kms.get_key_rotation_status().key_id(key.as_str()).send()
        })
        .await?;
    if !answer.key_rotation_enabled {
        return Ok(Rotation::Off);
    }
    let days = answer.rotation_period_in_days.and_then(|days| u16::try_from(days).ok());
    Ok(Rotation::On { period_days: days.unwrap_or(Rotation::DEFAULT_PERIOD_DAYS) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::fake::{Fake, fake};

    /// Four keys: one that AWS manages, one that rotates, one that cannot, one that is denied.
    fn account() -> Fake {
        fake(|request| {
            let (_, body) = request.split_once("\r\n\r\n").unwrap();
            let asked = |action: &str| request.contains(&format!("TrentService.{action}\r\n"));
            let answer = if asked("ListKeys") {
                r#"{"Keys":[{"KeyId":"aws"},{"KeyId":"on"},{"KeyId":"rsa"},{"KeyId":"denied"}]}"#
            } else if asked("ListAliases") {
                r#"{"Aliases":[{"AliasName":"alias/aws/s3","TargetKeyId":"aws"},
                    {"AliasName":"alias/aws/ebs"},{"AliasName":"alias/on","TargetKeyId":"on"}]}"#
            } else if asked("GetKeyRotationStatus") {
                r#"{"KeyRotationEnabled":true,"RotationPeriodInDays":180}"#
            } else if body.contains("denied") {
                return (400, r#"{"__type":"AccessDeniedException","message":"no"}"#.to_owned());
            } else if body.contains("rsa") {
                r#"{"KeyMetadata":{"KeyId":"rsa","KeyState":"Enabled","KeySpec":"RSA_2048",
                    "KeyUsage":"SIGN_VERIFY","Origin":"AWS_KMS","KeyManager":"CUSTOMER"}}"#
            } else {
                r#"{"KeyMetadata":{"KeyId":"on","KeyState":"Enabled","KeySpec":"SYMMETRIC_DEFAULT",
                    "KeyUsage":"ENCRYPT_DECRYPT","Origin":"AWS_KMS","KeyManager":"CUSTOMER"}}"#
            };
            (200, answer.to_owned())
        })
    }

    #[tokio::test]
    async fn only_our_keys_are_looked_at_and_each_for_itself() {
        let fake = account();
        let keys = keys(&fake.clients, &Region::new("eu-west-1"), true).await.unwrap();
        let [denied, on, rsa] = ["denied", "on", "rsa"].map(|id| &keys[&KeyId::new(id)]);
        assert_eq!(denied.detail, Observed::Denied { action: Action::new("kms:DescribeKey") });
        assert_eq!(on.alias.as_deref(), Some("alias/on"));
        let rotation = &on.detail.ok().unwrap().rotation;
        assert_eq!(*rotation, Observed::Known(Rotation::On { period_days: 180 }));
        assert_eq!(rsa.detail.ok().unwrap().rotation, Observed::Unread);
        assert_eq!(keys.len(), 3);
        assert_eq!(fake.requests("TrentService.DescribeKey").len(), 3);
        assert_eq!(fake.requests("TrentService.GetKeyRotationStatus").len(), 1);
    }

    #[tokio::test]
    async fn a_region_without_keys_costs_one_call() {
        let fake = fake(|_| (200, r#"{"Keys":[]}"#.to_owned()));
        let keys = keys(&fake.clients, &Region::new("eu-west-1"), true).await.unwrap();
        assert!(keys.is_empty());
        assert_eq!(fake.requests("").len(), 1);
    }

    #[tokio::test]
    async fn the_key_of_a_trail_may_be_gone() {
        let fake = account();
        let region = Region::new("eu-west-1");
        let on = trail_key(&fake.clients, &region, &KeyArn::new("on")).await.unwrap().unwrap();
        assert_eq!((on.customer_managed, on.state.as_str()), (true, "Enabled"));
        assert!(trail_key(&fake.clients, &region, &KeyArn::new("denied")).await.is_err());
        let empty =
            crate::aws::fake::fake(|_| (400, r#"{"__type":"NotFoundException"}"#.to_owned()));
        let gone = trail_key(&empty.clients, &region, &KeyArn::new("gone")).await;
        assert_eq!(gone.unwrap(), None);
    }

    #[test]
    fn the_first_alias_names_a_key_and_aws_keeps_its_own() {
        let entries = [("alias/b", "1"), ("alias/a", "1"), ("alias/aws/s3", "2")];
        let entries = entries.map(|(name, key)| (name.to_owned(), KeyId::new(key)));
        let aliases = sort(entries.into_iter());
        assert_eq!(aliases.names, [(KeyId::new("1"), "alias/a".to_owned())].into());
        assert_eq!(aliases.aws_managed, [KeyId::new("2")].into());
    }

    #[test]
    fn unknown_words_stay_words() {
        let replica = MultiRegionConfiguration::builder()
            .multi_region_key_type(MultiRegionKeyType::Replica)
            .build();
        let metadata = KeyMetadata::builder()
            .key_id("1")
            .key_state(KeyState::from("Dreaming"))
            .origin(OriginType::AwsKms)
            .multi_region_configuration(replica)
            .build()
            .unwrap();
        let detail = detail_of(&metadata);
        assert_eq!((detail.state.as_str(), detail.origin.as_str()), ("Dreaming", "AWS_KMS"));
        assert_eq!(detail.multi_region, Some(MultiRegion::Replica));
        assert!(!detail.can_rotate());
    }
}
