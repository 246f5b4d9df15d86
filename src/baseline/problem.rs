//! What only the file of a baseline can have wrong, in words.

use jiff::civil::Date;

use super::selector::UnknownControl;
use super::source::UnknownBaseline;
use crate::model::{Cidr, RETENTION_DAYS, SubscriberError, TemplateError};
use crate::settings_file::{Explained, Place, quoted};

/// One thing that is wrong with the file of a baseline.
#[derive(Debug, thiserror::Error)]
pub enum BaselineProblem {
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

impl Explained for BaselineProblem {
    fn hint(&self) -> Option<String> {
        let fixed = |hint: &str| Some(hint.to_owned());
        match self {
            Self::HostBits { text, range } => Some(host_bits_hint(text, *range)),
            Self::UnknownControl(unknown) => Some(unknown.hint()),
            Self::UnknownBaseline(unknown) => Some(unknown.hint()),
            Self::Retention(_) => Some(retention_hint()),
            Self::TooBroad { .. } => fixed("list the networks that people connect from"),
            Self::Expired(_) => {
                fixed("put the finding right, or review it and set a later `expires`")
            }
            Self::NothingSelected => fixed(
                "`level`, `only` and `skip` narrow together, over all files that are extended",
            ),
            Self::RepeatedRange(_)
            | Self::Bucket { .. }
            | Self::LogsOfItself
            | Self::Subscriber { .. }
            | Self::RepeatedWaiver { .. }
            | Self::Circle(_)
            | Self::TooDeep(_) => None,
        }
    }
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

fn too_much(range: Cidr, limit: u8) -> String {
    let family = if range.is_ipv6() { "IPv6" } else { "IPv4" };
    if range.is_world() {
        "the whole world".to_owned()
    } else {
        format!("too much: /{limit} is the broadest {family} range taken")
    }
}
