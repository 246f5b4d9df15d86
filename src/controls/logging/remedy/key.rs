//! The KMS key that trails encrypt with: one in each region that has a bucket of theirs.

use std::collections::{BTreeMap, BTreeSet};

use super::work::{Obstacle, Work, about, additive};
use crate::change::{AliasOf, KeyName, Operation};
use crate::controls::statements::{key_owner, trail_key};
use crate::controls::{Step, Why};
use crate::model::{ControlId, KeyArn, KeyId, PolicyText, Region, Rotation, TRAIL_KEY_DESCRIPTION};

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
        controls: &BTreeSet<ControlId>,
    ) -> Result<Named, Obstacle> {
        if let Some(planned) = self.0.get(region) {
            return planned.clone();
        }
        let planned = plan(work, region, trails);
        let result = planned.map(|(named, steps)| {
            let alias = &work.case.settings.trail.key_alias;
            work.bundle(controls, format!("KMS key {alias}"), steps);
            named
        });
        self.0.insert(region.clone(), result.clone());
        result
    }
}

fn plan(
    work: &Work<'_>,
    region: &Region,
    trails: &[String],
) -> Result<(Named, Vec<Step>), Obstacle> {
    let alias = &work.case.settings.trail.key_alias;
    let regional = work.regional(region)?;
    let what = format!("{alias} in {region}");
    let unread = || Obstacle::new(Why::Unknown, format!("{what} was not read"));
    let named = regional.aliases.get(alias).ok_or_else(unread)?;
    let named = named.known().map_err(|gap| Obstacle::unknown(&what, &gap))?;
    if let Some(id) = named {
        return adopted(work, region, id, trails);
    }
    let keys = regional.keys.known();
    let keys = keys.map_err(|gap| Obstacle::unknown(&format!("the keys in {region}"), &gap))?;
    let mut ours = keys.iter().filter_map(|(id, key)| Some((id, key.detail.ok()?)));
    let left =
        ours.find(|(_, detail)| detail.description == TRAIL_KEY_DESCRIPTION && detail.is_usable());
    let Some((id, detail)) = left else { return made(work, region, trails) };
    // A key that an undo has left behind: it costs as much unused as used.
    let (named, mut steps) = adopted(work, region, id, trails)?;
    let (at, alias) = (region.clone(), alias.clone());
    let key = KeyName::Id(id.clone());
    steps.push(additive(Operation::CreateAlias { region: at, alias, key }, None));
    if detail.rotation.ok() == Some(&Rotation::Off) {
        let (region, key) = (region.clone(), id.clone());
        let period_days = Rotation::DEFAULT_PERIOD_DAYS;
        steps.push(additive(Operation::EnableKeyRotation { region, key, period_days }, None));
    }
    Ok((named, steps))
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
    let key = key.map_err(|gap| Obstacle::unknown(&what, &gap))?;
    let gone = || Obstacle::new(Why::Unsupported, format!("{what} is not there any more"));
    let key = key.ok_or_else(gone)?;
    if !key.customer_managed || key.state != "Enabled" {
        let alias = &work.case.settings.trail.key_alias;
        let detail = format!(
            "{what}, which {alias} names, is {}: enable it, or name another in `trail.key_alias`",
            if key.customer_managed { key.state.as_str() } else { "managed by AWS" }
        );
        return Err(Obstacle::new(Why::Unsupported, detail));
    }
    let policy = key.policy.known();
    let policy = policy.map_err(|gap| Obstacle::unknown(&format!("the policy of {what}"), &gap))?;
    let wanted = trail_key(work.account(), trails, Some(policy));
    let mut steps = Vec::new();
    if !policy.has(&wanted) {
        let policy = policy.with(&wanted).ok_or_else(|| {
            Obstacle::new(Why::Unsupported, format!("the policy of {what} cannot be read as one"))
        })?;
        let (region, key) = (region.clone(), id.clone());
        steps.push(additive(Operation::PutKeyPolicy { region, key, policy }, None));
    }
    Ok((Named { key: arn.to_string(), alias: None }, steps))
}

/// A key that is yet to be made.
fn made(
    work: &Work<'_>,
    region: &Region,
    trails: &[String],
) -> Result<(Named, Vec<Step>), Obstacle> {
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
    Ok((named, vec![additive(create, cost), additive(alias, None), additive(rotate, None)]))
}
