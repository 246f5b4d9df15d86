//! What a metric filter makes of the events that it matches: numbers for a metric.

use std::collections::BTreeMap;

use crate::model::{FilterMetric, MetricFilter, Number};

/// The numbers that a filter feeds a metric with.
#[derive(Clone, Copy, Debug)]
pub(in crate::controls::monitoring) struct Feed<'a> {
    pub(in crate::controls::monitoring) filter: &'a str,
    pub(in crate::controls::monitoring) metric: &'a FilterMetric,
    /// What each event adds.
    pub(in crate::controls::monitoring) value: f64,
    /// Whether there are data points without an event.
    pub(super) idle: bool,
    /// Whether there are data points beside those of the events: an average or a minimum drowns in them.
    pub(super) mixed: bool,
}

/// What a filter of a log group feeds one of its metrics with, or why that counts no events.
pub(in crate::controls::monitoring) fn feed<'a>(
    filters: &'a BTreeMap<String, MetricFilter>,
    filter: &'a str,
    metric: &'a FilterMetric,
) -> Result<Feed<'a>, String> {
    let number = metric.value.trim().parse::<f64>().ok().filter(|number| number.is_finite());
    let Some(value) = number.filter(|number| *number > 0.0) else {
        return Err(format!(
            "filter {filter} adds `{}` for an event: that counts none",
            metric.value
        ));
    };
    let idle = metric.default.map(Number::get);
    if let Some(default) = idle.filter(|default| *default != 0.0) {
        return Err(format!("filter {filter} publishes {default} while nothing happens"));
    }
    let others = filters.iter().filter(|(name, _)| name.as_str() != filter);
    let shared = others
        .flat_map(|(_, other)| &other.metrics)
        .any(|other| other.namespace == metric.namespace && other.name == metric.name);
    Ok(Feed { filter, metric, value, idle: idle.is_some(), mixed: idle.is_some() || shared })
}
