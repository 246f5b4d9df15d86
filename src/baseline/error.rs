//! Errors that say in which file, on which line and at which key.

use std::io;

use super::builtin::builtin_names;
use crate::settings_file::{Misread, Place, listed};

/// A baseline cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    /// The file that was named cannot be read.
    #[error("cannot read the baseline `{file}`")]
    Unreadable {
        /// The file, printable.
        file: String,
        /// Why.
        source: io::Error,
    },
    /// The file that another one extends cannot be read.
    #[error("{place}: cannot read `{file}`")]
    ParentUnreadable {
        /// Where it is named.
        place: Place,
        /// The file, printable.
        file: String,
        /// Why.
        source: io::Error,
    },
    /// Something in a file is wrong.
    #[error(transparent)]
    Wrong(#[from] Misread),
}

impl BaselineError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Wrong(misread) => misread.hint(),
            Self::Unreadable { source, .. } | Self::ParentUnreadable { source, .. } => {
                unreadable(source.kind())
            }
        }
    }
}

fn unreadable(kind: io::ErrorKind) -> Option<String> {
    if kind == io::ErrorKind::InvalidData {
        return Some("save the file as UTF-8".to_owned());
    }
    let names = listed(&builtin_names().collect::<Vec<_>>());
    (kind == io::ErrorKind::NotFound).then(|| format!("the built-in baselines are {names}"))
}
