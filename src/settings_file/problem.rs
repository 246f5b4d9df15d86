//! What can be wrong with any file, in words.

use std::error::Error;
use std::fmt;

use super::bound::{Bound, Side};
use super::text::{listed, quoted};

/// One thing that is wrong with a file.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// Not TOML.
    #[error("invalid TOML at column {column}: {message}")]
    Syntax {
        /// Counted in characters from 1.
        column: usize,
        /// The words of the parser, printable.
        message: String,
    },
    /// No such key.
    #[error("unknown key {}{table}{}", quoted(key), meant(*nearest))]
    UnknownKey {
        /// The key.
        key: String,
        /// The table it is in.
        table: Header,
        /// The key that was probably meant.
        nearest: Option<&'static str>,
        /// The keys that this table may have.
        known: Vec<&'static str>,
        /// Whether it is a key of the top of the file.
        is_of_top: bool,
    },
    /// The value is of another type.
    #[error("expected {expected}, found {found}")]
    Type {
        /// What the key takes.
        expected: &'static str,
        /// What it was given.
        found: &'static str,
    },
    /// A key that must be there is not.
    #[error("missing")]
    Missing {
        /// Which keys must be there.
        needs: &'static str,
    },
    /// There is nothing in the text or the array.
    #[error("must not be empty")]
    Empty,
    /// The number is none that TOML promises to hold.
    #[error("the number does not fit into 64 bits")]
    Overflow,
    /// The number is too low or too high.
    #[error("{value} is {} {bound}{}", side.word(), bound.or_else(*side))]
    Beyond {
        /// The number as written.
        value: String,
        /// Which bound it breaks.
        side: Side,
        /// The bound.
        bound: Bound,
    },
    /// Not what the key takes.
    #[error("{} is not {expected}", quoted(value))]
    Not {
        /// The value as written.
        value: String,
        /// What the key takes.
        expected: &'static str,
    },
    /// The same text again.
    #[error("{} is listed twice", quoted(_0))]
    Repeated(String),
    /// What only this kind of file can have wrong.
    #[error("{0}")]
    Own(Box<dyn Explained>),
}

/// What one kind of file can have wrong, with what to do about it.
pub trait Explained: Error + Send + Sync + 'static {
    /// What to do about it, where the error does not say it already.
    fn hint(&self) -> Option<String>;
}

impl<E: Explained> From<E> for Problem {
    fn from(problem: E) -> Self {
        Self::Own(Box::new(problem))
    }
}

/// What stands above a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Header {
    /// Nothing: it is the top of the file.
    Top,
    /// `[name]`.
    Table(&'static str),
    /// `[[name]]`.
    Element(&'static str),
}

impl Problem {
    /// What to do about it, where the problem does not say it already.
    pub fn hint(&self) -> Option<String> {
        match self {
            // Whatever follows a `[table]` belongs to it: keys of the top are easily put too low.
            Self::UnknownKey { is_of_top: true, .. } => {
                Some("it belongs at the top of the file, before the first `[table]`".to_owned())
            }
            Self::UnknownKey { nearest: None, known, .. } => {
                Some(format!("the keys here are {}", listed(known)))
            }
            Self::Missing { needs } => Some((*needs).to_owned()),
            Self::Own(problem) => problem.hint(),
            Self::UnknownKey { .. }
            | Self::Syntax { .. }
            | Self::Type { .. }
            | Self::Empty
            | Self::Overflow
            | Self::Beyond { .. }
            | Self::Not { .. }
            | Self::Repeated(_) => None,
        }
    }
}

impl fmt::Display for Header {
    /// As it follows a key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Top => Ok(()),
            Self::Table(name) => write!(f, " in [{name}]"),
            Self::Element(name) => write!(f, " in [[{name}]]"),
        }
    }
}

fn meant(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |key| format!("; did you mean `{key}`?"))
}
