//! How many keys and passwords a plan takes away, and whose.

use super::{Origin, Plan, PlanFileError};
use crate::change::Change;
use crate::model::{AccessKeyId, CredentialSettings, Own, Principal};

impl Plan {
    /// How many keys and passwords it takes away.
    pub fn credential_changes(&self) -> usize {
        self.changes.iter().filter(|change| change.operation.takes_credential()).count()
    }

    /// How many it may take away without being asked about their number.
    pub fn credential_limit(&self) -> usize {
        let limits = match &self.origin {
            Origin::Baseline(rules) => rules.settings.credentials.max_changes,
            Origin::UndoOf(_) => CredentialSettings::default().max_changes,
        };
        limits.into()
    }

    /// Whether it leaves alone whoever is about to carry it out: somebody else may have made it.
    pub fn spares(
        &self,
        own: &Own,
        signs: impl Fn(&AccessKeyId) -> bool,
    ) -> Result<(), PlanFileError> {
        let own = |change: &&Change| {
            let user = change.operation.credential();
            user.is_some_and(|user| own.has(Principal::User(user.name())))
                || change.operation.access_key().is_some_and(&signs)
        };
        match self.changes.iter().find(own) {
            None => Ok(()),
            Some(change) => Err(PlanFileError::OwnCredentials { change: change.id.clone() }),
        }
    }
}
