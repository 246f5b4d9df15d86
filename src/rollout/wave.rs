//! In which order accounts get their turn.
//!
//! The more exact rule wins: an account is in the wave that names it by its id, else in the one that
//! names its nearest unit, unless a share of an earlier wave has picked it. The same accounts give the
//! same waves, in whatever order they come.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::rank::rank;
use super::{Target, Way};
use crate::model::{AccountId, OuId};

/// The name of the last wave: the accounts that no other wave has.
pub const REST: &str = "rest";

/// Accounts that get their turn together, by id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wave {
    /// Its name.
    pub name: String,
    /// Its accounts, never none.
    pub accounts: Vec<AccountId>,
}

/// Which accounts a wave is to have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct WaveRule {
    pub(super) name: String,
    pub(super) accounts: BTreeSet<AccountId>,
    pub(super) units: BTreeSet<OuId>,
    pub(super) share: Option<Share>,
}

/// How many accounts a wave has besides those it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Share {
    /// Of all accounts of the rollout, rounded up.
    Percent(u16),
    /// So many.
    Count(usize),
}

/// The wave that names an account, by its place among the rules.
#[derive(Clone, Copy, Debug)]
struct Home {
    wave: usize,
    by_id: bool,
}

/// What holds where nobody says anything else: one account first, then all others.
pub(super) fn default_rules() -> Vec<WaveRule> {
    let share = Some(Share::Count(1));
    vec![WaveRule { name: "canary".to_owned(), share, ..WaveRule::default() }]
}

/// Puts every account into one wave; waves without accounts are left out.
pub(super) fn split(rules: &[WaveRule], targets: &[Target]) -> Vec<Wave> {
    let mut left: BTreeMap<&AccountId, Option<Home>> =
        targets.iter().map(|target| (&target.id, home(rules, target))).collect();
    let total = left.len();
    // Whoever rolls out from an account, often that which manages the others, does not try it out on that one.
    let is_own = |target: &&Target| target.way == Way::Own;
    let own: BTreeSet<&AccountId> =
        targets.iter().filter(is_own).map(|target| &target.id).collect();
    let mut waves = Vec::new();
    for (at, rule) in rules.iter().enumerate() {
        let mut taken: BTreeSet<&AccountId> = left
            .iter()
            .filter(|(_, home)| home.is_some_and(|home| home.wave == at))
            .map(|(id, _)| *id)
            .collect();
        left.retain(|id, _| !taken.contains(id));
        // Whom a later wave names by id is not picked for an earlier one.
        let free = left.iter().filter(|(_, home)| !home.is_some_and(|home| home.by_id));
        let picked = lowest(free.map(|(id, _)| *id), &own, rule.size(total));
        left.retain(|id, _| !picked.contains(id));
        taken.extend(picked);
        waves.push(Wave::new(&rule.name, taken));
    }
    waves.push(Wave::new(REST, left.into_keys().collect()));
    waves.retain(|wave| !wave.accounts.is_empty());
    waves
}

fn home(rules: &[WaveRule], target: &Target) -> Option<Home> {
    let wave_of = |names: &dyn Fn(&WaveRule) -> bool| rules.iter().position(names);
    if let Some(wave) = wave_of(&|rule| rule.accounts.contains(&target.id)) {
        return Some(Home { wave, by_id: true });
    }
    let wave = target.units.iter().find_map(|unit| wave_of(&|rule| rule.units.contains(unit)))?;
    Some(Home { wave, by_id: false })
}

fn lowest<'a>(
    from: impl Iterator<Item = &'a AccountId>,
    own: &BTreeSet<&AccountId>,
    count: usize,
) -> BTreeSet<&'a AccountId> {
    let mut ranked: Vec<&AccountId> = from.collect();
    ranked.sort_by_key(|id| (own.contains(id), rank(id), *id));
    ranked.into_iter().take(count).collect()
}

impl WaveRule {
    fn size(&self, total: usize) -> usize {
        match self.share {
            None => 0,
            Some(Share::Percent(percent)) => (total * usize::from(percent)).div_ceil(100),
            Some(Share::Count(count)) => count,
        }
    }
}

impl Wave {
    fn new(name: &str, accounts: BTreeSet<&AccountId>) -> Self {
        Self { name: name.to_owned(), accounts: accounts.into_iter().cloned().collect() }
    }
}

#[cfg(test)]
mod tests;
