//! Errors that say in which file, on which line and at which key.

use std::{fmt, io};

use super::Problem;
use super::builtin::builtin_names;
use super::text::listed;

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
    #[error("{place}: {problem}")]
    Wrong {
        /// Where.
        place: Place,
        /// What.
        problem: Box<Problem>,
    },
}

impl BaselineError {
    pub(super) fn wrong(place: Place, problem: Problem) -> Self {
        Self::Wrong { place, problem: Box::new(problem) }
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Wrong { problem, .. } => problem.hint(),
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

/// A place in a file, printable as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file, or the name of a built-in baseline.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The key with its table, if it is about a key that harden knows.
    pub key: Option<String>,
}

impl Place {
    /// The same place without the key.
    pub(super) fn without_key(self) -> Self {
        Self { key: None, ..self }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, key } = self;
        write!(f, "{file}:{line}")?;
        key.as_ref().map_or(Ok(()), |key| write!(f, ": {key}"))
    }
}
