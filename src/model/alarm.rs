//! CloudWatch alarms.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Number;

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
}

/// What a metric alarm watches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Watched {
    /// One metric.
    Metric {
        /// Which.
        metric: Metric,
        /// `Sum` and the like; `None`: a percentile, or nothing that AWS names.
        statistic: Option<String>,
    },
    /// Something computed.
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
