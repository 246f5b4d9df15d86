//! Errors that say in which file, on which line and at which key.

use std::fmt;

use super::Problem;

/// Something in a file is wrong.
#[derive(Debug, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct Misread {
    /// Where.
    pub place: Place,
    /// What.
    pub problem: Box<Problem>,
}

impl Misread {
    pub(crate) fn new(place: Place, problem: impl Into<Problem>) -> Self {
        Self { place, problem: Box::new(problem.into()) }
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        self.problem.hint()
    }
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
    pub(crate) fn without_key(self) -> Self {
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
