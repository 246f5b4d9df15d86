//! The account that owns the organization's trail: what is right there, its members inherit.

use std::collections::{BTreeMap, BTreeSet};

use super::enter::Door;
use super::planning::reason;
use crate::assess::{Rules, central};
use crate::cli::context::{Context, plan_reads};
use crate::cli::session::Asked;
use crate::controls;
use crate::error::CommandError;
use crate::model::{AccountId, Central, Snapshot, Waiver};
use crate::rollout::{Target, Way};

/// What members inherit, by the baseline that they are held to.
#[derive(Debug)]
pub(super) struct Center(BTreeMap<String, (Central, Vec<Waiver>)>);

impl Center {
    /// What the members that are held to this baseline inherit.
    pub(super) fn of(&self, baseline: &str) -> Option<Central> {
        self.0.get(baseline).map(|(central, _)| central.clone())
    }

    /// The findings that are accepted there under each baseline, to judge by the same afterwards.
    pub(super) fn accepted(&self) -> BTreeMap<String, Vec<Waiver>> {
        let some = self.0.iter().filter(|(_, (_, waivers))| !waivers.is_empty());
        some.map(|(name, (_, waivers))| (name.clone(), waivers.clone())).collect()
    }
}

/// The baselines that members are held to, and the findings that are accepted in the account that owns the trail.
pub(super) struct HeldThere<'a> {
    pub(super) baselines: BTreeMap<String, Rules>,
    pub(super) waivers: &'a dyn Fn(&AccountId) -> Vec<Waiver>,
}

/// Reads the account that owns the organization's trail, if there is one, and says so where it cannot.
pub(super) async fn find(
    context: &Context,
    door: &Door<'_>,
    role: &str,
    held: HeldThere<'_>,
) -> Result<Option<Center>, CommandError> {
    let (Some(base), Some(inherited)) = (door.base, inheriting(&held.baselines)) else {
        return Ok(None);
    };
    // Nobody is waited for here.
    let door = Door { patience: None, ..*door };
    let read = async |id: &AccountId| {
        let way = Way::Role(role.to_owned());
        let target = Target { id: id.clone(), name: None, units: Vec::new(), way };
        let online = door.enter(context, &target).await?;
        let (reads, settings) = (plan_reads(&inherited), &inherited.settings);
        online.observe(context, Asked { reads, settings, regions: &[] }).await
    };
    let own = read(&base.account.id).await?;
    let trails = own.logging.trails.values().filter(|trail| trail.organization);
    let owners: BTreeSet<AccountId> = trails.map(|trail| trail.owner.clone()).collect();
    let Some(owner) = owners.into_iter().next() else {
        if let Some(gap) = unseen(&own) {
            let text = format!(
                "whether there is a trail of the organization cannot be told in account {}: what its members \
                 inherit stays unknown ({gap})",
                own.account.id
            );
            let _ = context.terminal.note(&text);
        }
        return Ok(None);
    };
    let snapshot = if owner == own.account.id { Ok(own) } else { read(&owner).await };
    let snapshot = match snapshot {
        Ok(snapshot) => snapshot,
        Err(error) if context.stop.is_asked() => return Err(error),
        Err(error) => {
            let text = format!(
                "account {owner}, which owns the organization's trail, cannot be read: what others inherit from \
                 it stays unknown ({})",
                reason(&error)
            );
            let _ = context.terminal.note(&text);
            return Ok(None);
        }
    };
    let accepted = (held.waivers)(&owner);
    let judged = held.baselines.into_iter().map(|(name, mut rules)| {
        rules.waivers.extend(accepted.iter().cloned());
        let central = central(&snapshot, &rules);
        (name, (central, rules.waivers))
    });
    Ok(Some(Center(judged.collect())))
}

/// Why a trail may be there that nobody has seen.
fn unseen(snapshot: &Snapshot) -> Option<String> {
    let regions = snapshot.regions.known().err();
    let mut trails =
        snapshot.regional.values().filter_map(|regional| regional.trails.known().err());
    regions.or_else(|| trails.next()).map(|gap| gap.reason)
}

/// What can be inherited under any of the baselines, and by which settings to look for it.
fn inheriting(baselines: &BTreeMap<String, Rules>) -> Option<Rules> {
    let inherits = controls::all().filter(|control| control.inherits().is_some());
    let inherits: BTreeSet<_> = inherits.map(|control| control.id).collect();
    let asked: BTreeSet<_> = baselines.values().flat_map(|rules| &rules.controls).collect();
    let controls: BTreeSet<_> = inherits.into_iter().filter(|id| asked.contains(id)).collect();
    let first = baselines.values().next().filter(|_| !controls.is_empty())?;
    Some(Rules { controls, ..first.clone() })
}
