//! CloudWatch alarms.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{AccountId, Number};

/// The alarms of a region.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarms {
    /// Those that watch metrics, by name.
    pub metric: BTreeMap<String, MetricAlarm>,
    /// Those that watch other alarms, by name.
    pub composite: BTreeMap<String, CompositeAlarm>,
}

/// An alarm that watches one metric, or what is computed from several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricAlarm {
    /// What it watches.
    pub watches: Watched,
    /// Seconds in a period, where it is one metric.
    pub period: Option<u32>,
    /// Periods that are looked at.
    pub evaluation_periods: u32,
    /// How many of them have to breach; `None`: all.
    pub datapoints_to_alarm: Option<u32>,
    /// What is compared with.
    pub threshold: Option<Number>,
    /// `GreaterThanOrEqualToThreshold` and the like.
    pub comparison: String,
    /// `notBreaching` and the like; `None`: `missing`.
    pub treat_missing_data: Option<String>,
    /// Whether it acts at all.
    pub actions_enabled: bool,
    /// The ARNs of what it acts on when it goes off.
    pub alarm_actions: Vec<String>,
    /// What those of harden's own do not have.
    #[serde(default, skip_serializing_if = "AlarmRest::is_empty")]
    pub rest: AlarmRest,
}

/// What else a metric alarm can have. It is kept because each write replaces the whole alarm.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AlarmRest {
    /// What somebody wrote about it.
    pub description: Option<String>,
    /// The ARNs of what it acts on when all is well again.
    pub ok_actions: Vec<String>,
    /// The ARNs of what it acts on when it can no longer tell.
    pub insufficient_data_actions: Vec<String>,
    /// The percentile or the like that is watched in place of a statistic, such as `p99`.
    pub extended_statistic: Option<String>,
    /// The unit that data must have to be watched.
    pub unit: Option<String>,
    /// `ignore` where a percentile of few data is left unjudged; `None`: `evaluate`.
    pub low_sample: Option<String>,
    /// Which line of what is computed stands in place of a threshold.
    pub threshold_metric: Option<String>,
    /// The names of fields whose values harden does not keep: it does not write over such an alarm.
    pub unkept: Vec<String>,
}

impl AlarmRest {
    /// Whether there is nothing of all this.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What a metric alarm watches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Watched {
    /// One metric.
    Metric {
        /// Which.
        metric: Metric,
        /// `Sum` and the like; `None`: an [extended](AlarmRest::extended_statistic) one.
        statistic: Option<String>,
    },
    /// Something computed; no line: by a language that harden does not read.
    Queries(Vec<MetricQuery>),
}

/// A metric.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metric {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its dimensions.
    pub dimensions: BTreeMap<String, String>,
}

/// One line of what is computed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricQuery {
    /// Its name in the expressions of the others.
    pub id: String,
    /// What it computes, if it does.
    pub expression: Option<String>,
    /// The metric it fetches, if it does, and the statistic of it.
    pub metric: Option<(Metric, String)>,
    /// Whether this is what the alarm watches.
    pub returned: bool,
    /// How it is fetched or computed.
    #[serde(default)]
    pub rest: QueryRest,
}

/// What else a line of what is computed can have.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct QueryRest {
    /// What people call it.
    pub label: Option<String>,
    /// Seconds in a period.
    pub period: Option<u32>,
    /// The unit that data must have.
    pub unit: Option<String>,
    /// The account that the metric is in, where it is another than the alarm's.
    pub account: Option<AccountId>,
}

/// An alarm that watches other alarms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompositeAlarm {
    /// When it goes off, such as `ALARM("a") OR ALARM("b")`.
    pub rule: String,
    /// Whether it acts at all.
    pub actions_enabled: bool,
    /// The ARNs of what it acts on when it goes off.
    pub alarm_actions: Vec<String>,
    /// The alarm that keeps it from acting, if there is one.
    pub suppressor: Option<String>,
}
