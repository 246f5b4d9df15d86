//! The result of a read, kept as a value: what could not be read is never mistaken for nothing.

use serde::{Deserialize, Serialize};

use super::Action;

/// One part of an account, as far as it could be read.
///
/// Absent is not denied: "there is no password policy" is `Known(None)`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Observed<T> {
    /// Read to the end.
    Known(T),
    /// Refused for want of a permission.
    Denied {
        /// The permission that is missing.
        action: Action,
    },
    /// The read went wrong in another way.
    Failed {
        /// The permission the read uses.
        action: Action,
        /// What went wrong, in one line.
        reason: String,
    },
    /// Not asked for: no control of the selection needs it, or the version that read the account did
    /// not know of it.
    #[default]
    Unread,
}

impl<T> Observed<T> {
    /// The value, or why there is none.
    pub fn known(&self) -> Result<&T, Gap> {
        match self {
            Self::Known(value) => Ok(value),
            Self::Denied { action } => Err(Gap::denied(action.clone())),
            Self::Failed { action, reason } => {
                Err(Gap { action: Some(action.clone()), reason: reason.clone() })
            }
            Self::Unread => Err(Gap { action: None, reason: "not read".to_owned() }),
        }
    }

    /// The value, if it could be read.
    pub fn ok(&self) -> Option<&T> {
        self.known().ok()
    }

    /// The value for changing, if it could be read.
    pub fn ok_mut(&mut self) -> Option<&mut T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Denied { .. } | Self::Failed { .. } | Self::Unread => None,
        }
    }

    /// Whether an attempt to read this did not succeed.
    pub fn is_gap(&self) -> bool {
        matches!(self, Self::Denied { .. } | Self::Failed { .. })
    }

    /// Changes the value and keeps every reason for not having one.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Observed<U> {
        match self {
            Self::Known(value) => Observed::Known(change(value)),
            Self::Denied { action } => Observed::Denied { action },
            Self::Failed { action, reason } => Observed::Failed { action, reason },
            Self::Unread => Observed::Unread,
        }
    }
}

/// Why something is not known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gap {
    /// The permission concerned, where one is.
    pub action: Option<Action>,
    /// What went wrong, in one line.
    pub reason: String,
}

impl Gap {
    /// A missing permission.
    pub fn denied(action: Action) -> Self {
        Self { reason: format!("{action} is denied"), action: Some(action) }
    }
}
