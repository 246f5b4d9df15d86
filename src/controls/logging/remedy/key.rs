//! The KMS key that trails encrypt with: one in each region that has a bucket of theirs.

use std::collections::{BTreeMap, BTreeSet};

use super::work::{ENCRYPTED, Work, about, additive, merged};
use crate::change::{AliasOf, KeyName, Operation};
use crate::controls::obstacle::Obstacle;
use crate::controls::statements::{key_owner, trail_key};
use crate::controls::{Step, Why};
use crate::model::{KeyArn, KeyDetail, KeyId, PolicyText, Region, Rotation, TRAIL_KEY_DESCRIPTION};

/// How a trail names its key.
#[derive(Clone, Debug)]
pub(super) struct Named {
    /// The ARN, or the alias of a key that is yet to be made.
    pub(super) key: String,
    /// That alias.
    pub(super) alias: Option<AliasOf>,
}

/// The keys that are set up so far.
#[derive(Default)]
pub(super) struct Keys(BTreeMap<Region, Result<Named, Obstacle>>);

impl Keys {
    /// The key for all these trails, whose buckets are in the region.
    pub(super) fn for_region(
        &mut self,
        work: &mut Work<'_>,
        region: &Region,
        trails: &[String],
    ) -> Result<Named, Obstacle> {
        if let Some(planned) = self.0.get(region) {
            return planned.clone();
        }
        let result = plan(work, region, trails).map(|(named, steps)| {
            let alias = &work.case.settings.trail.key_alias;
            work.bundle(&BTreeSet::from([ENCRYPTED]), format!("KMS key {alias}"), steps);
            named
        });
        self.0.insert(region.clone(), result.clone());
        result
    }
}

/// How the key of these trails is named, and the steps that make it or let them use it.
pub(super) fn plan(
    work: &Work<'_>,
    region: &Region,
    trails: &[String],
) -> Result<(Named, Vec<Step>), Obstacle> {
    let alias = &work.case.settings.trail.key_alias;
    let what = format!("{alias} in {region}");
    let unread = || Obstacle::new(Why::Unknown, format!("{what} was not read"));
    let named = work.regional(region)?.aliases.get(alias).ok_or_else(unread)?;
    let named = named.known().map_err(|gap| Obstacle::unread(&what, &gap))?;
    if let Some(id) = named {
        return adopted(work, region, id, trails);
    }
    let Some(id) = left_behind(work, region)? else { return Ok(made(work, region, trails)) };
    let (named, mut steps) = adopted(work, region, id, trails)?;
    let (region, alias, key) = (region.clone(), alias.clone(), KeyName::Id(id.clone()));
    steps.push(additive(Operation::CreateAlias { region, alias, key }, None));
    Ok((named, steps))
}

/// A key that an undo has left behind: it costs as much unused as used.
fn left_behind<'a>(work: &Work<'a>, region: &Region) -> Result<Option<&'a KeyId>, Obstacle> {
    let keys = work.regional(region)?.keys.known();
    let keys = keys.map_err(|gap| Obstacle::unread(&format!("the keys in {region}"), &gap))?;
    for (id, key) in keys {
        let detail = key.detail.known();
        let detail =
            detail.map_err(|gap| Obstacle::unread(&format!("key {id} in {region}"), &gap))?;
        // What is on its way out, or never was of use, does not come back.
        if detail.description == TRAIL_KEY_DESCRIPTION && is_fit(detail) {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

/// Whether it can encrypt, now or once it is enabled.
fn is_fit(detail: &KeyDetail) -> bool {
    let enabled = KeyDetail { state: "Enabled".to_owned(), ..detail.clone() };
    enabled.is_usable() && matches!(detail.state.as_str(), "Enabled" | "Disabled")
}

/// A key that is there.
fn adopted(
    work: &Work<'_>,
    region: &Region,
    id: &KeyId,
    trails: &[String],
) -> Result<(Named, Vec<Step>), Obstacle> {
    let arn = KeyArn::new(work.account().arn("kms", region.as_str(), &format!("key/{id}")));
    let what = format!("key {id} in {region}");
    let key = work.case.snapshot.logging.key(&arn);
    let key = key.map_err(|gap| Obstacle::unread(&what, &gap))?;
    let gone = || Obstacle::new(Why::Unsupported, format!("{what} is not there any more"));
    let key = key.ok_or_else(gone)?;
    let fault = if !key.customer_managed {
        Some("is managed by AWS".to_owned())
    } else if key.state != "Enabled" {
        Some(format!("is {}", key.state))
    } else {
        let fits = detail(work, region, id)?.is_none_or(KeyDetail::is_usable);
        (!fits).then(|| "is not a symmetric key that encrypts".to_owned())
    };
    if let Some(fault) = fault {
        let detail = format!("{what} {fault}: enable it, or name another in `trail.key_alias`");
        return Err(Obstacle::new(Why::Unsupported, detail));
    }
    let policy = key.policy.known();
    let policy = policy.map_err(|gap| Obstacle::unread(&format!("the policy of {what}"), &gap))?;
    let wanted = trail_key(work.account(), trails, Some(policy));
    let mut steps = Vec::new();
    if let Some(policy) = merged(Some(policy), &wanted, &what)? {
        let (region, key) = (region.clone(), id.clone());
        steps.push(additive(Operation::PutKeyPolicy { region, key, policy }, None));
    }
    Ok((Named { key: arn.to_string(), alias: None }, steps))
}

/// What is known of a key of the account; `None` where the list does not have it.
fn detail<'a>(
    work: &Work<'a>,
    region: &Region,
    id: &KeyId,
) -> Result<Option<&'a KeyDetail>, Obstacle> {
    let keys = work.regional(region)?.keys.known();
    let keys = keys.map_err(|gap| Obstacle::unread(&format!("the keys in {region}"), &gap))?;
    let Some(key) = keys.get(id) else { return Ok(None) };
    let detail = key.detail.known();
    detail.map(Some).map_err(|gap| Obstacle::unread(&format!("key {id} in {region}"), &gap))
}

/// A key that is yet to be made.
fn made(work: &Work<'_>, region: &Region, trails: &[String]) -> (Named, Vec<Step>) {
    let account = work.account();
    let mut statements = vec![key_owner(account)];
    statements.extend(trail_key(account, trails, None));
    let create = Operation::CreateKey {
        region: region.clone(),
        description: TRAIL_KEY_DESCRIPTION.to_owned(),
        policy: PolicyText::of(&statements),
        tags: work.scope.tags.clone(),
    };
    let name = work.case.settings.trail.key_alias.clone();
    let alias = Operation::CreateAlias {
        region: region.clone(),
        alias: name.clone(),
        key: KeyName::Described(TRAIL_KEY_DESCRIPTION.to_owned()),
    };
    let rotate = Operation::EnableKeyRotation {
        region: region.clone(),
        key: KeyId::new(name.clone()),
        period_days: Rotation::DEFAULT_PERIOD_DAYS,
    };
    let cost = about(
        1.0,
        "1.00 for the key, and 1.00 more after each of its first two yearly rotations; 0.03 for 10,000 \
         requests",
    );
    let named = Named { key: name.clone(), alias: Some(AliasOf { region: region.clone(), name }) };
    (named, vec![additive(create, cost), additive(alias, None), additive(rotate, None)])
}
