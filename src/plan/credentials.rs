//! How many keys and passwords a plan takes away, and whose.

use super::{Origin, Plan, PlanFileError};
use crate::change::{Change, Operation};
use crate::model::{AccessKeyId, CredentialSettings, UserName};

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
        caller: &str,
        signs: impl Fn(&AccessKeyId) -> bool,
    ) -> Result<(), PlanFileError> {
        let own = |change: &&Change| {
            is_of(&change.operation, caller)
                || change.operation.credential().is_some_and(|(_, key)| key.is_some_and(&signs))
        };
        match self.changes.iter().find(own) {
            None => Ok(()),
            Some(change) => Err(PlanFileError::OwnCredentials { change: change.id.clone() }),
        }
    }
}

/// Whether an operation changes a credential, a policy or a membership of this caller.
pub(super) fn is_about(operation: &Operation, caller: &str) -> bool {
    use Operation as Op;
    let (Op::AddUserToGroup { user, .. }
    | Op::RemoveUserFromGroup { user, .. }
    | Op::AttachUserPolicy { user, .. }
    | Op::DetachUserPolicy { user, .. }
    | Op::PutUserPolicy { user, .. }
    | Op::DeleteUserPolicy { user, .. }) = operation
    else {
        return is_of(operation, caller);
    };
    UserName::of_arn(caller).is_some_and(|caller| caller.name().eq_ignore_ascii_case(user))
}

/// Whether an operation changes a credential of this caller.
fn is_of(operation: &Operation, caller: &str) -> bool {
    let caller = UserName::of_arn(caller);
    let user = operation.credential().map(|(user, _)| user);
    caller.zip(user).is_some_and(|(caller, user)| caller.is(user))
}
