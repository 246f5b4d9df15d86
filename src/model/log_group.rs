//! CloudWatch Logs: log groups and their metric filters.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Number, Observed};

/// A log group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogGroup {
    /// `STANDARD`, or a cheaper class that has no metric filters.
    pub class: String,
    /// Days that events are kept; `None`: for ever.
    pub retention_days: Option<u16>,
    /// `DescribeMetricFilters`
    pub filters: Observed<BTreeMap<String, MetricFilter>>,
}

/// What counts events of a log group into a metric.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricFilter {
    /// Which events count.
    pub pattern: String,
    /// Into which metric; AWS allows one.
    pub metrics: Vec<FilterMetric>,
    /// What those of harden's own do not have.
    #[serde(default, skip_serializing_if = "FilterRest::is_empty")]
    pub rest: FilterRest,
}

/// What else a metric filter can have. It is kept because each write replaces the whole filter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FilterRest {
    /// Which accounts and regions events must come from to count; `None`: any.
    pub selection: Option<String>,
    /// Whether it counts what a transformer makes of the events.
    pub transformed: bool,
    /// Fields of the log group that become dimensions.
    pub system_dimensions: BTreeSet<String>,
}

impl FilterRest {
    /// Whether there is nothing of all this.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The metric that a filter feeds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilterMetric {
    /// The namespace of the metric.
    pub namespace: String,
    /// The name of the metric.
    pub name: String,
    /// What each event adds: a number, or a selector of the event.
    pub value: String,
    /// What is published while events come in and none of them counts.
    pub default: Option<Number>,
    /// Dimensions, by name, with the selectors of their values.
    pub dimensions: BTreeMap<String, String>,
    /// The unit of what is counted; `None`: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}
