//! What a metric filter makes of the events that it matches: numbers for a metric.

use std::collections::BTreeMap;

use crate::model::{FilterMetric, FilterRest, MetricFilter, Number};

/// The numbers that a filter feeds a metric with.
#[derive(Clone, Copy, Debug)]
pub(in crate::controls::monitoring) struct Feed<'a> {
    pub(in crate::controls::monitoring) filter: &'a str,
    pub(in crate::controls::monitoring) metric: &'a FilterMetric,
    /// What each event adds.
    pub(in crate::controls::monitoring) value: f64,
    /// Whether there are data points without an event.
    pub(super) idle: bool,
    /// Whether another filter feeds the metric too: an alarm on it tells of other things as well.
    pub(in crate::controls::monitoring) shared: bool,
    /// Whether there are data points beside those of the events: an average or a minimum drowns in them.
    pub(super) mixed: bool,
}

/// What a filter of a log group feeds one of its metrics with, or why that counts no events.
pub(in crate::controls::monitoring) fn feed<'a>(
    filters: &'a BTreeMap<String, MetricFilter>,
    filter: &'a str,
    metric: &'a FilterMetric,
) -> Result<Feed<'a>, String> {
    if let Some(words) = filters.get(filter).and_then(|filter| narrowed(&filter.rest)) {
        return Err(format!("filter {filter} {words}"));
    }
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
    Ok(Feed {
        filter,
        metric,
        value,
        idle: idle.is_some(),
        shared,
        mixed: idle.is_some() || shared,
    })
}

/// What keeps a filter from counting all events that its pattern matches.
fn narrowed(rest: &FilterRest) -> Option<String> {
    if let Some(selection) = &rest.selection {
        return Some(format!("counts only events of `{selection}`"));
    }
    if rest.transformed {
        let words =
            "counts what a transformer makes of the events: a person has to judge what that is";
        return Some(words.to_owned());
    }
    let dimensions: Vec<String> = rest.system_dimensions.iter().cloned().collect();
    (!dimensions.is_empty())
        .then(|| format!("counts by {}: no alarm sees all of it at once", dimensions.join(" and ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controls::monitoring::tests_support::filter;

    #[test]
    fn a_filter_may_count_less_than_its_pattern_says() {
        let fed = |rest: FilterRest| {
            let filters = [("f".to_owned(), MetricFilter { rest, ..filter("", "Count") })].into();
            let metric = &filter("", "Count").metrics[0];
            feed(&filters, "f", metric).map(|feed| feed.value)
        };
        assert_eq!(fed(FilterRest::default()), Ok(1.0));
        let some =
            FilterRest { selection: Some("@aws.region = x".to_owned()), ..FilterRest::default() };
        assert_eq!(fed(some), Err("filter f counts only events of `@aws.region = x`".to_owned()));
        let transformed = FilterRest { transformed: true, ..FilterRest::default() };
        assert!(fed(transformed).unwrap_err().contains("a transformer"));
        let system_dimensions = ["@aws.account".to_owned()].into();
        let by_account = FilterRest { system_dimensions, ..FilterRest::default() };
        assert!(fed(by_account).unwrap_err().contains("counts by @aws.account"));
    }
}
