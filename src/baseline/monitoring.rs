//! `[monitoring]` and `[sns]`: whom alarms tell, and whom topics may tell.

use std::str::FromStr;

use super::BaselineProblem;
use super::draft::Draft;
use super::name::{NAMESPACE, TOPIC};
use crate::model::{MonitoringSettings, Patterns, SnsSettings, SubscriberError};
use crate::settings_file::{Entry, Field, Misread, Problem};

const MONITORING: &[Field<MonitoringSettings>] = &[
    Field { name: "topic", read: |to, entry| TOPIC.read(entry).map(|name| to.topic = name) },
    Field {
        name: "notify",
        read: |to, entry| subscribers(entry, "a subscriber").map(|them| to.notify = them),
    },
    Field {
        name: "namespace",
        read: |to, entry| NAMESPACE.read(entry).map(|name| to.namespace = name),
    },
    Field {
        name: "patterns",
        read: |to, entry| patterns(entry).map(|choice| to.patterns = choice),
    },
];

const SNS: &[Field<SnsSettings>] = &[Field {
    name: "allowed",
    read: |to, entry| {
        subscribers(entry, "a pattern of subscribers").map(|them| to.allowed = Some(them))
    },
}];

/// Reads `[monitoring]`.
pub(super) fn monitoring(draft: &mut Draft, entry: &Entry<'_>) -> Result<(), Misread> {
    entry.context.walk(entry.table()?, MONITORING, &mut draft.settings.monitoring)
}

/// Reads `[sns]`, in place of that of an extended file: an empty table leaves it to a person again.
pub(super) fn sns(draft: &mut Draft, entry: &Entry<'_>) -> Result<(), Misread> {
    draft.settings.sns = SnsSettings::default();
    entry.context.walk(entry.table()?, SNS, &mut draft.settings.sns)
}

/// Subscribers or patterns of them, called in errors what they are.
fn subscribers<T>(entry: &Entry<'_>, what: &'static str) -> Result<Vec<T>, Misread>
where
    T: FromStr<Err = SubscriberError> + PartialEq,
{
    let mut subscribers = Vec::new();
    for element in entry.elements("an array")? {
        let text = element.string_of("`protocol:endpoint` in quotes")?;
        let value = || text.to_owned();
        let subscriber = text.parse().map_err(|error| {
            element.wrong(BaselineProblem::Subscriber { value: value(), what, error })
        })?;
        if subscribers.contains(&subscriber) {
            return Err(element.wrong(Problem::Repeated(value())));
        }
        subscribers.push(subscriber);
    }
    Ok(subscribers)
}

fn patterns(entry: &Entry<'_>) -> Result<Patterns, Misread> {
    match entry.string()? {
        "repaired" => Ok(Patterns::Repaired),
        "literal" => Ok(Patterns::Literal),
        other => Err(entry.not_a(other, "`repaired` or `literal`")),
    }
}
