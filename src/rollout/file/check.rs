//! Whether the file fits the accounts of the rollout.

use std::collections::BTreeSet;

use super::{Named, RolloutFile};
use crate::model::{AccountId, OuId};
use crate::rollout::Target;
use crate::settings_file::Place;

/// Something in which the file and the rollout do not fit each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unmatched {
    /// The rollout has no such account.
    Account {
        /// The account.
        id: AccountId,
        /// Where the file names it first.
        place: Place,
    },
    /// The rollout has no account in this unit.
    Unit {
        /// The unit.
        id: OuId,
        /// Where the file names it first.
        place: Place,
    },
    /// Nothing says what the account is held to.
    NoBaseline {
        /// The account.
        id: AccountId,
    },
}

impl RolloutFile {
    /// Whom the file names and the rollout does not have, in the order of the file; then the accounts
    /// without a baseline.
    pub fn check_against(&self, targets: &[Target]) -> Vec<Unmatched> {
        let accounts: BTreeSet<&AccountId> = targets.iter().map(|target| &target.id).collect();
        let units: BTreeSet<&OuId> = targets.iter().flat_map(|target| &target.units).collect();
        let mut unmatched: Vec<_> = self
            .named
            .iter()
            .filter(|(named, _)| match named {
                Named::Account(id) => !accounts.contains(id),
                Named::Unit(id) => !units.contains(id),
            })
            .collect();
        unmatched.sort_by_key(|(_, place)| place.line);
        let unheld: BTreeSet<&AccountId> = targets
            .iter()
            .filter(|target| self.for_account(target).is_none())
            .map(|target| &target.id)
            .collect();
        let unheld = unheld.into_iter().map(|id| Unmatched::NoBaseline { id: id.clone() });
        unmatched
            .into_iter()
            .map(|(named, place)| Unmatched::of(named, place))
            .chain(unheld)
            .collect()
    }
}

impl Unmatched {
    fn of(named: &Named, place: &Place) -> Self {
        let place = place.clone();
        match named.clone() {
            Named::Account(id) => Self::Account { id, place },
            Named::Unit(id) => Self::Unit { id, place },
        }
    }
}
