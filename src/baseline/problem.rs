//! What can be wrong with the file of a baseline, in words.

use jiff::civil::Date;

use super::bound::{Bound, Side};
use super::error::Place;
use super::selector::UnknownControl;
use super::source::UnknownBaseline;
use super::text::{listed, quoted};
use crate::model::{Cidr, RETENTION_DAYS, SubscriberError, TemplateError};

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
    #[error("unknown key {}{}{}", quoted(key), inside(table), meant(*nearest))]
    UnknownKey {
        /// The key.
        key: String,
        /// The table it is in; empty for the top of the file.
        table: &'static str,
        /// The key that was probably meant.
        nearest: Option<&'static str>,
        /// The keys that this table may have.
        known: Vec<&'static str>,
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
    /// The text is empty.
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
    /// Not in the benchmark.
    #[error(transparent)]
    UnknownControl(UnknownControl),
    /// The address lies within its own range.
    #[error("{} is not the first address of its range, {range}", quoted(text))]
    HostBits {
        /// The range as written.
        text: String,
        /// The range it lies in.
        range: Cidr,
    },
    /// The range is everything, or close to it.
    #[error("{range} lets in {}", too_much(*range, *limit))]
    TooBroad {
        /// The range.
        range: Cidr,
        /// The shortest prefix of its family that is taken.
        limit: u8,
    },
    /// The same range again.
    #[error("{0} is listed twice")]
    RepeatedRange(Cidr),
    /// The same text again.
    #[error("{} is listed twice", quoted(_0))]
    Repeated(String),
    /// No name of a bucket.
    #[error("{} is not the name of a bucket: {error}", quoted(value))]
    Bucket {
        /// The name as written.
        value: String,
        /// Why.
        error: TemplateError,
    },
    /// One bucket for a trail and for the log of who reads it.
    #[error("`bucket` and `access_log_bucket` are the same: the logs would log themselves")]
    LogsOfItself,
    /// Nothing that CloudWatch Logs offers.
    #[error("CloudWatch Logs cannot keep events for {0} days")]
    Retention(i64),
    /// No subscriber, or no pattern of subscribers.
    #[error("{} is not {what}: {error}", quoted(value))]
    Subscriber {
        /// The text as written.
        value: String,
        /// What the key takes.
        what: &'static str,
        /// Why.
        error: SubscriberError,
    },
    /// The waiver has run out.
    #[error("expired on {0}")]
    Expired(Date),
    /// The same finding is waived again.
    #[error("same control, resource and region as the waiver at {first}")]
    RepeatedWaiver {
        /// The other one.
        first: Place,
    },
    /// Extends something that is no baseline.
    #[error(transparent)]
    UnknownBaseline(UnknownBaseline),
    /// Extends itself.
    #[error("goes in a circle: {0}")]
    Circle(String),
    /// Extends too many others.
    #[error("more than {0} files extend each other")]
    TooDeep(usize),
    /// No control is left.
    #[error("no control is left")]
    NothingSelected,
}

impl Problem {
    /// What to do about it, where the problem does not say it already.
    pub fn hint(&self) -> Option<String> {
        let fixed = |hint: &str| Some(hint.to_owned());
        match self {
            Self::UnknownKey { key, nearest, known, .. } => unknown_key_hint(key, *nearest, known),
            Self::HostBits { text, range } => Some(host_bits_hint(text, *range)),
            Self::UnknownControl(unknown) => Some(unknown.hint()),
            Self::UnknownBaseline(unknown) => Some(unknown.hint()),
            Self::Missing { needs } => fixed(needs),
            Self::Retention(_) => Some(retention_hint()),
            Self::TooBroad { .. } => fixed("list the networks that people connect from"),
            Self::Expired(_) => {
                fixed("put the finding right, or review it and set a later `expires`")
            }
            Self::NothingSelected => fixed(
                "`level`, `only` and `skip` narrow together, over all files that are extended",
            ),
            Self::Syntax { .. }
            | Self::Type { .. }
            | Self::Empty
            | Self::Overflow
            | Self::Beyond { .. }
            | Self::Not { .. }
            | Self::RepeatedRange(_)
            | Self::Repeated(_)
            | Self::Bucket { .. }
            | Self::LogsOfItself
            | Self::Subscriber { .. }
            | Self::RepeatedWaiver { .. }
            | Self::Circle(_)
            | Self::TooDeep(_) => None,
        }
    }
}

fn unknown_key_hint(key: &str, nearest: Option<&str>, known: &[&str]) -> Option<String> {
    // Whatever follows a `[table]` belongs to it: these two are easily put too low.
    if matches!(key, "extends" | "description") {
        return Some("it belongs at the top of the file, before the first `[table]`".to_owned());
    }
    nearest.is_none().then(|| format!("the keys here are {}", listed(known)))
}

fn retention_hint() -> String {
    let days: Vec<String> = RETENTION_DAYS.iter().map(ToString::to_string).collect();
    format!("it can for {}", days.join(", "))
}

fn host_bits_hint(text: &str, range: Cidr) -> String {
    let bits = if range.is_ipv6() { 128 } else { 32 };
    let address = text.split('/').next().unwrap_or_default();
    format!("write `{range}`, or `{address}/{bits}` for the one address")
}

fn inside(table: &str) -> String {
    match table {
        "" => String::new(),
        "waiver" => " in [[waiver]]".to_owned(),
        table => format!(" in [{table}]"),
    }
}

fn meant(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |key| format!("; did you mean `{key}`?"))
}

fn too_much(range: Cidr, limit: u8) -> String {
    let family = if range.is_ipv6() { "IPv6" } else { "IPv4" };
    if range.is_world() {
        "the whole world".to_owned()
    } else {
        format!("too much: /{limit} is the broadest {family} range taken")
    }
}
