//! What can be wrong with a rollout file.

use std::io;

use crate::settings_file::{Explained, Misread, Place, quoted};

/// A rollout file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RolloutFileError {
    /// The file cannot be read.
    #[error("cannot read the rollout file `{file}`")]
    Unreadable {
        /// The file, printable.
        file: String,
        /// Why.
        source: io::Error,
    },
    /// Something in it is wrong.
    #[error(transparent)]
    Wrong(#[from] Misread),
}

impl RolloutFileError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        let kind = match self {
            Self::Wrong(misread) => return misread.hint(),
            Self::Unreadable { source, .. } => source.kind(),
        };
        if kind == io::ErrorKind::InvalidData {
            return Some("save the file as UTF-8".to_owned());
        }
        (kind == io::ErrorKind::NotFound).then(|| "`harden rollout init` writes one".to_owned())
    }
}

/// What only a rollout file can have wrong.
#[derive(Debug, thiserror::Error)]
pub enum RolloutProblem {
    /// A table is about nobody.
    #[error("names no accounts")]
    NoAccounts {
        /// Which keys name them.
        needs: &'static str,
    },
    /// Two baselines for one account or unit.
    #[error("{name} has a baseline already, at {first}")]
    TwoBaselines {
        /// The account or unit.
        name: String,
        /// The other one.
        first: Place,
    },
    /// An account or unit in two waves.
    #[error("{name} is in a wave already, at {first}")]
    TwoWaves {
        /// The account or unit.
        name: String,
        /// The other one.
        first: Place,
    },
    /// Two waves of one name.
    #[error("{} is the name of another wave, at {first}", quoted(name))]
    RepeatedWave {
        /// The name.
        name: String,
        /// The other one.
        first: Place,
    },
    /// The same finding of the same account is waived again.
    #[error("same account, control, resource and region as the waiver at {first}")]
    RepeatedWaiver {
        /// The other one.
        first: Place,
    },
}

impl Explained for RolloutProblem {
    fn hint(&self) -> Option<String> {
        match self {
            Self::NoAccounts { needs } => Some((*needs).to_owned()),
            Self::TwoBaselines { .. }
            | Self::TwoWaves { .. }
            | Self::RepeatedWave { .. }
            | Self::RepeatedWaiver { .. } => None,
        }
    }
}
