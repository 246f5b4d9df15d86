//! Keys, their aliases, policies and rotation.

use super::{Document, Operation, Target, regional, regional_mut};
use crate::change::KeyName;
use crate::model::{
    Account, Key, KeyArn, KeyDetail, KeyId, Observed, Region, Rotation, Snapshot, TrailKey,
};

#[expect(clippy::wildcard_enum_match_arm, reason = "the caller has sorted the targets")]
pub(super) fn get(
    operation: &Operation,
    target: &Target,
    on: &Snapshot,
) -> Result<Document, String> {
    match target {
        Target::NewKey(region, description) => {
            let key = described(on, region, description)?;
            let policy = key.map(|id| policy(on, region, &id)).transpose()?;
            Ok(Document::Policy(policy))
        }
        Target::Alias(region, alias) => {
            let key = named(on, region, alias)?;
            let key = key.map(|id| as_named_by(operation, on, region, id)).transpose()?;
            Ok(Document::Alias(key))
        }
        Target::KeyPolicy(region, key) => Ok(Document::Policy(Some(policy(on, region, key)?))),
        other => Err(format!("{} is no key", other.resource())),
    }
}

pub(super) fn set(target: &Target, on: &mut Snapshot, to: Document) -> Result<(), String> {
    match (target, to) {
        (Target::NewKey(region, description), Document::Policy(Some(policy))) => {
            let id = planned(description);
            let keys = regional_mut(on, region)?.keys.ok_mut();
            keys.ok_or_else(|| format!("keys in {region}"))?.insert(id.clone(), fresh(description));
            let key = TrailKey {
                customer_managed: true,
                state: "Enabled".to_owned(),
                policy: Observed::Known(policy),
            };
            on.logging.keys.insert(arn(&on.account, region, &id), Observed::Known(Some(key)));
        }
        (Target::Alias(region, alias), Document::Alias(to)) => {
            let key = match to {
                None => None,
                Some(KeyName::Id(id)) => Some(id),
                Some(KeyName::Described(text)) => {
                    let key = described(on, region, &text)?;
                    Some(key.ok_or_else(|| format!("a key described {text}"))?)
                }
            };
            regional_mut(on, region)?.aliases.insert(alias.clone(), Observed::Known(key));
        }
        (Target::KeyPolicy(region, key), Document::Policy(Some(policy))) => {
            let arn = arn(&on.account, region, key);
            let key = on.logging.keys.get_mut(&arn).and_then(Observed::ok_mut);
            let key = key.and_then(Option::as_mut).ok_or_else(|| format!("key {arn}"))?;
            key.policy = Observed::Known(policy);
        }
        (other, _) => return Err(format!("another kind of document for {}", other.resource())),
    }
    Ok(())
}

pub(super) fn rotation(on: &Snapshot, region: &Region, key: &KeyId) -> Result<Rotation, String> {
    let id = resolved(on, region, key)?;
    let keys = regional(on, region)?.keys.ok();
    keys.and_then(|keys| keys.get(&id)?.detail.ok()?.rotation.ok())
        .copied()
        .ok_or_else(|| format!("key {key} in {region}"))
}

pub(super) fn set_rotation(
    on: &mut Snapshot,
    region: &Region,
    key: &KeyId,
    to: Rotation,
) -> Result<(), String> {
    let id = resolved(on, region, key)?;
    let keys = regional_mut(on, region)?.keys.ok_mut();
    let rotation = keys.and_then(|keys| keys.get_mut(&id)?.detail.ok_mut()?.rotation.ok_mut());
    *rotation.ok_or_else(|| format!("key {key} in {region}"))? = to;
    Ok(())
}

/// The ARN of the key that an alias names.
pub(super) fn arn_of(on: &Snapshot, region: &Region, alias: &str) -> Option<KeyArn> {
    let id = named(on, region, alias).ok()??;
    Some(arn(&on.account, region, &id))
}

fn arn(account: &Account, region: &Region, id: &KeyId) -> KeyArn {
    KeyArn::new(account.arn("kms", region.as_str(), &format!("key/{id}")))
}

fn policy(on: &Snapshot, region: &Region, key: &KeyId) -> Result<crate::model::PolicyText, String> {
    let arn = arn(&on.account, region, key);
    let key = on.logging.key(&arn).map_err(|gap| gap.reason)?;
    super::part(&key.ok_or_else(|| format!("key {arn}"))?.policy)
}

/// The id of the key that an alias names.
fn named(on: &Snapshot, region: &Region, alias: &str) -> Result<Option<KeyId>, String> {
    let alias_of = regional(on, region)?.aliases.get(alias);
    super::part(alias_of.ok_or_else(|| format!("{alias} in {region}"))?)
}

fn resolved(on: &Snapshot, region: &Region, key: &KeyId) -> Result<KeyId, String> {
    if !key.is_alias() {
        return Ok(key.clone());
    }
    named(on, region, key.as_str())?.ok_or_else(|| format!("{key} in {region}"))
}

/// The key of this description.
fn described(on: &Snapshot, region: &Region, text: &str) -> Result<Option<KeyId>, String> {
    let keys = super::part(&regional(on, region)?.keys)?;
    let mut of_text = keys.iter().filter(|(_, key)| {
        key.detail.ok().is_some_and(|detail| detail.description == text && detail.is_usable())
    });
    Ok(of_text.next().map(|(id, _)| id.clone()))
}

/// By its description, where the operation knows it by that.
fn as_named_by(
    operation: &Operation,
    on: &Snapshot,
    region: &Region,
    id: KeyId,
) -> Result<KeyName, String> {
    let (Operation::CreateAlias { key, .. } | Operation::DeleteAlias { key, .. }) = operation
    else {
        return Ok(KeyName::Id(id));
    };
    match key {
        KeyName::Described(text) if described(on, region, text)? == Some(id.clone()) => {
            Ok(key.clone())
        }
        KeyName::Described(_) | KeyName::Id(_) => Ok(KeyName::Id(id)),
    }
}

fn planned(description: &str) -> KeyId {
    KeyId::new(format!("planned:{description}"))
}

/// A symmetric key as KMS makes it.
fn fresh(description: &str) -> Key {
    Key {
        alias: None,
        detail: Observed::Known(KeyDetail {
            state: "Enabled".to_owned(),
            spec: "SYMMETRIC_DEFAULT".to_owned(),
            usage: "ENCRYPT_DECRYPT".to_owned(),
            origin: "AWS_KMS".to_owned(),
            custom_store: false,
            multi_region: None,
            description: description.to_owned(),
            rotation: Observed::Known(Rotation::Off),
        }),
    }
}
