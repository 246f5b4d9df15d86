//! The rollout file: which accounts are held to what, and in which order they get their turn.
//!
//! The baselines that it names are not loaded here: their sources are handed out.

mod check;
mod error;
mod held;
mod list;
mod read;
mod waiver;
mod wave;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;

use self::held::BaselineFor;
use super::Target;
use super::wave::{Wave, WaveRule, default_rules, split};
use crate::baseline::Source;
use crate::change::Risk;
use crate::model::{AccountId, OuId, Region, Waiver};
use crate::settings_file::Place;

pub use check::Unmatched;
pub use error::{RolloutFileError, RolloutProblem};

/// A rollout file with every key, each with its default and its meaning.
pub const TEMPLATE: &str = include_str!("template.toml");

/// The role that AWS Organizations makes in the accounts it creates.
pub const DEFAULT_ROLE: &str = "OrganizationAccountAccessRole";

/// What is wrong with the name of a role, if anything.
pub fn role_fault(name: &str) -> Option<String> {
    read::ENTRANCE.fault(name)
}

/// What is wrong with an external id, if anything.
pub fn external_id_fault(id: &str) -> Option<String> {
    read::EXTERNAL_ID.fault(id)
}

/// What a rollout file says. The default is that of no file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RolloutFile {
    /// What accounts without a baseline of their own are held to.
    pub baseline: Option<BaselineRef>,
    /// The regions; none: all that are enabled.
    pub regions: Vec<Region>,
    /// The highest risk that is taken.
    pub max_risk: Option<Risk>,
    /// The role in each account; `None`: [`DEFAULT_ROLE`].
    pub role: Option<String>,
    /// What the trust policy of the role asks for.
    pub external_id: Option<String>,
    /// At so many failed accounts of a wave no further one begins.
    pub stop_after_failures: u16,
    /// Accounts side by side.
    pub accounts_at_once: u16,
    /// Calls to AWS in one account.
    pub calls_per_second: u16,
    own: Vec<BaselineFor>,
    waivers: Vec<(AccountId, Waiver)>,
    waves: Vec<WaveRule>,
    /// Whatever is named, with its first place.
    named: BTreeMap<Named, Place>,
}

/// A baseline that is named, not loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaselineRef {
    /// Where it comes from. The same file, however it is spelled, is the same source.
    pub source: Source,
    /// Where it is named; `None` on the command line.
    pub place: Option<Place>,
}

/// What one account is held to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held<'a> {
    /// The baseline.
    pub baseline: &'a BaselineRef,
    /// The regions; none: all that are enabled.
    pub regions: &'a [Region],
    /// The highest risk that is taken, if the file says.
    pub max_risk: Option<Risk>,
    /// Findings accepted for this account, besides those of the baseline.
    pub waivers: Vec<Waiver>,
}

/// An account or a unit that the file names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Named {
    Account(AccountId),
    Unit(OuId),
}

impl Default for RolloutFile {
    fn default() -> Self {
        Self {
            baseline: None,
            regions: Vec::new(),
            max_risk: None,
            role: None,
            external_id: None,
            stop_after_failures: 1,
            accounts_at_once: 5,
            calls_per_second: 20,
            own: Vec::new(),
            waivers: Vec::new(),
            waves: default_rules(),
            named: BTreeMap::new(),
        }
    }
}

impl RolloutFile {
    /// What the account is held to; `None` if nothing says which baseline. An account goes before its
    /// units, a nearer unit before a farther one.
    pub fn for_account(&self, target: &Target) -> Option<Held<'_>> {
        let own = self.own(target);
        let regions = own.map(|own| &own.regions).filter(|regions| !regions.is_empty());
        Some(Held {
            baseline: own.map(|own| &own.baseline).or(self.baseline.as_ref())?,
            regions: regions.unwrap_or(&self.regions),
            max_risk: own.and_then(|own| own.max_risk).or(self.max_risk),
            waivers: self.waivers_of(&target.id),
        })
    }

    /// The accounts in their order; see [`Wave`].
    pub fn waves(&self, targets: &[Target]) -> Vec<Wave> {
        split(&self.waves, targets)
    }

    /// The baselines to load, each once, with the first place that names it.
    pub fn baselines(&self) -> Vec<&BaselineRef> {
        let mut distinct: Vec<&BaselineRef> = Vec::new();
        for baseline in self.baseline.iter().chain(self.own.iter().map(|own| &own.baseline)) {
            if !distinct.iter().any(|other| other.source.is_same(&baseline.source)) {
                distinct.push(baseline);
            }
        }
        distinct
    }

    fn own(&self, target: &Target) -> Option<&BaselineFor> {
        let of = |named: &Named| self.own.iter().find(|own| own.of.contains(named));
        let units = target.units.iter().cloned().map(Named::Unit);
        std::iter::once(Named::Account(target.id.clone())).chain(units).find_map(|named| of(&named))
    }

    /// The findings that are accepted in an account, besides those of its baseline.
    pub fn waivers_of(&self, account: &AccountId) -> Vec<Waiver> {
        let own = self.waivers.iter().filter(|(of, _)| of == account);
        own.map(|(_, waiver)| waiver.clone()).collect()
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(id) => id.fmt(f),
            Self::Unit(id) => id.fmt(f),
        }
    }
}
