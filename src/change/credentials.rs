//! Operations on the credentials of users, and of root.

use jiff::Timestamp;

use super::{KeyState, Operation, PasswordState};
use crate::model::{AccessKeyId, KeyStatus, KeyUse, Password, Principal, UserName};

impl Operation {
    /// Whose credentials it changes.
    #[expect(clippy::wildcard_enum_match_arm, reason = "all others change nobody's credentials")]
    pub const fn credential(&self) -> Option<&UserName> {
        match self {
            Self::UpdateAccessKey { user, .. } | Self::DeleteLoginProfile { user, .. } => {
                Some(user)
            }
            _ => None,
        }
    }

    /// The access key that it changes, if it is one.
    #[expect(clippy::wildcard_enum_match_arm, reason = "all others change no access key")]
    pub const fn access_key(&self) -> Option<&AccessKeyId> {
        match self {
            Self::UpdateAccessKey { key, .. } | Self::DeleteRootAccessKey { key, .. } => Some(key),
            _ => None,
        }
    }

    /// Whose it is, what it changes.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "all others change nothing of a user or role"
    )]
    pub fn principal(&self) -> Option<Principal<'_>> {
        match self {
            Self::UpdateAccessKey { user, .. } | Self::DeleteLoginProfile { user, .. } => {
                Some(Principal::User(user.name()))
            }
            Self::AddUserToGroup { user, .. }
            | Self::RemoveUserFromGroup { user, .. }
            | Self::AttachUserPolicy { user, .. }
            | Self::DetachUserPolicy { user, .. }
            | Self::PutUserPolicy { user, .. }
            | Self::DeleteUserPolicy { user, .. } => Some(Principal::User(user)),
            Self::CreateRole { role, .. }
            | Self::DeleteRole { role }
            | Self::PutRolePolicy { role, .. }
            | Self::DeleteRolePolicy { role, .. } => Some(Principal::Role(role)),
            _ => None,
        }
    }

    /// Whether it takes somebody's key or password away.
    pub const fn takes_credential(&self) -> bool {
        matches!(
            self,
            Self::UpdateAccessKey { to: KeyStatus::Inactive, .. }
                | Self::DeleteLoginProfile { .. }
                | Self::DeleteRootAccessKey { .. }
        )
    }

    /// Since when nobody may have used what it takes away, if it looks at that.
    #[expect(clippy::wildcard_enum_match_arm, reason = "all others take no credential away")]
    pub const fn unused_since(&self) -> Option<Timestamp> {
        match self {
            Self::UpdateAccessKey { unused_since, .. } => *unused_since,
            Self::DeleteLoginProfile { unused_since, .. }
            | Self::DeleteRootAccessKey { unused_since, .. } => Some(*unused_since),
            _ => None,
        }
    }

    /// After which use of a key it leaves the key alone; `None` where it does not ask.
    #[expect(clippy::wildcard_enum_match_arm, reason = "all others are not about keys")]
    pub const fn asks_for_use_since(&self) -> Option<Timestamp> {
        match self {
            Self::UpdateAccessKey { to: KeyStatus::Inactive, unused_since, .. } => *unused_since,
            Self::DeleteRootAccessKey { unused_since, .. } => Some(*unused_since),
            _ => None,
        }
    }

    /// The document of an access key. Its last use has to be known where the operation asks for it.
    pub fn document_of_key(&self, status: KeyStatus, last_used: Option<KeyUse>) -> KeyState {
        let since = self.asks_for_use_since().filter(|_| status == KeyStatus::Active);
        let again = last_used.filter(|last| since.is_some_and(|since| last.at > since));
        KeyState { status, used_again: again }
    }

    /// The document of a password.
    #[expect(clippy::wildcard_enum_match_arm, reason = "all others are not about passwords")]
    pub fn document_of_password(&self, password: &Password) -> PasswordState {
        let since = match self {
            Self::DeleteLoginProfile { unused_since, .. } => *unused_since,
            _ => return PasswordState::default(),
        };
        let later = |time: Timestamp| (time > since).then_some(time);
        PasswordState {
            used_again: password.last_used.and_then(later),
            set_again: later(password.made),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::Document;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + 60 * minute).unwrap()
    }

    fn update(to: KeyStatus, unused_since: Option<Timestamp>) -> Operation {
        let (user, key) = (UserName::new("team/al"), AccessKeyId::new("AKIA1"));
        Operation::UpdateAccessKey { user, key, to, unused_since }
    }

    fn used(minute: i64) -> KeyUse {
        KeyUse { at: at(minute), used_for: None }
    }

    #[test]
    fn a_key_that_was_used_since_is_another_document() {
        let off = update(KeyStatus::Inactive, Some(at(5)));
        for (last, again) in [(None, false), (Some(4), false), (Some(5), false), (Some(6), true)] {
            let state = off.document_of_key(KeyStatus::Active, last.map(used));
            assert_eq!(state.used_again.is_some(), again);
            let fits = off.effect_on(&Document::AccessKey(Some(state))).is_some();
            assert_ne!(fits, again);
        }
        // What is off already, or shall be on, or off however it is used.
        assert_eq!(off.document_of_key(KeyStatus::Inactive, Some(used(6))).used_again, None);
        for other in [update(KeyStatus::Inactive, None), update(KeyStatus::Active, Some(at(5)))] {
            assert_eq!(other.document_of_key(KeyStatus::Active, Some(used(6))).used_again, None);
        }
    }

    #[test]
    fn a_password_that_was_used_or_set_since_is_another_document() {
        let gone = Operation::DeleteLoginProfile { user: UserName::new("al"), unused_since: at(5) };
        let table = [(1, None, true), (5, Some(5), true), (1, Some(6), false), (6, None, false)];
        for (made, last_used, fits) in table {
            let password = Password { made: at(made), last_used: last_used.map(at) };
            let document = Document::Password(Some(gone.document_of_password(&password)));
            assert_eq!(gone.effect_on(&document).is_some(), fits, "{made} {last_used:?}");
            // The line about it tells what happened.
            assert_eq!(document.rows().len() == 1, fits);
        }
    }

    #[test]
    fn a_key_of_root_goes_whether_active_or_not_and_stays_where_it_was_used_since() {
        let gone =
            Operation::DeleteRootAccessKey { key: AccessKeyId::new("k"), unused_since: at(5) };
        for (status, last, fits) in [
            (KeyStatus::Active, None, true),
            (KeyStatus::Active, Some(5), true),
            (KeyStatus::Active, Some(6), false),
            (KeyStatus::Inactive, Some(6), true),
        ] {
            let state = gone.document_of_key(status, last.map(used));
            let effect = gone.effect_on(&Document::AccessKey(Some(state)));
            assert_eq!(effect.is_some(), fits, "{status:?} {last:?}");
            if let Some((after, undo)) = effect {
                assert!(after.is_absent());
                assert!(matches!(undo, crate::change::Inverse::Impossible { .. }));
            }
        }
        assert!(gone.effect_on(&Document::AccessKey(None)).is_none());
        assert!(gone.takes_credential() && gone.credential().is_none());
    }

    #[test]
    fn giving_back_takes_nothing() {
        assert!(update(KeyStatus::Inactive, None).takes_credential());
        assert!(!update(KeyStatus::Active, None).takes_credential());
        assert!(!Operation::DeleteAccountPasswordPolicy.takes_credential());
        assert_eq!(Operation::DeleteAccountPasswordPolicy.credential(), None);
    }
}
