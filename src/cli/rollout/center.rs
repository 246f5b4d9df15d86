//! The account that owns the organization's trail: what is right there, its members inherit.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use super::enter::Door;
use super::planning::reason;
use crate::assess::{Rules, central};
use crate::cli::context::{Context, plan_reads};
use crate::cli::session::{Asked, Online};
use crate::controls;
use crate::error::CommandError;
use crate::model::{AccountId, Central, Snapshot};
use crate::rollout::{Target, Way};

/// What was read of that account.
#[derive(Debug)]
pub(super) struct Center {
    owner: Snapshot,
    /// By the baselines that members are held to.
    judged: Mutex<BTreeMap<String, Central>>,
}

impl Center {
    /// What the members that are held to this baseline inherit.
    pub(super) fn of(&self, baseline: &str, rules: &Rules) -> Central {
        let mut judged = self.judged.lock().unwrap_or_else(PoisonError::into_inner);
        let of = || central(&self.owner, rules);
        judged.entry(baseline.to_owned()).or_insert_with(of).clone()
    }
}

/// Reads the account that owns the organization's trail, if there is one, and says so where it cannot.
pub(super) async fn find(
    context: &Context,
    door: &Door<'_>,
    role: &str,
    rules: &Rules,
) -> Result<Option<Center>, CommandError> {
    let inherited = inheriting(rules);
    let Some(base) = door.base.filter(|_| !inherited.controls.is_empty()) else { return Ok(None) };
    let read = async |id: &AccountId| {
        let way = Way::Role(role.to_owned());
        let target = Target { id: id.clone(), name: None, units: Vec::new(), way };
        let online: Online = door.enter(context, &target).await?;
        let asked =
            Asked { reads: plan_reads(&inherited), settings: &inherited.settings, regions: &[] };
        online.observe(context, asked).await
    };
    let own = read(&base.account.id).await?;
    let owners: BTreeSet<AccountId> = own
        .logging
        .trails
        .values()
        .filter(|trail| trail.organization)
        .map(|trail| trail.owner.clone())
        .collect();
    let Some(owner) = owners.first() else { return Ok(None) };
    let owner = if *owner == own.account.id {
        own
    } else {
        match read(owner).await {
            Ok(owner) => owner,
            Err(error) if context.stop.is_asked() => return Err(error),
            Err(error) => {
                let text = format!(
                    "account {owner}, which owns the organization's trail, cannot be read: what others inherit \
                     from it stays unknown ({})",
                    reason(&error)
                );
                let _ = context.terminal.note(&text);
                return Ok(None);
            }
        }
    };
    Ok(Some(Center { owner, judged: Mutex::default() }))
}

/// The rules, for what can be inherited and nothing else.
fn inheriting(rules: &Rules) -> Rules {
    let inherits = controls::all().filter(|control| control.inherits().is_some());
    let inherits: BTreeSet<_> = inherits.map(|control| control.id).collect();
    let controls = rules.controls.intersection(&inherits).copied().collect();
    Rules { controls, ..rules.clone() }
}
