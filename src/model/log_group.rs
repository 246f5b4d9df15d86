//! CloudWatch Logs: log groups and their metric filters.

use std::collections::BTreeMap;

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
}
