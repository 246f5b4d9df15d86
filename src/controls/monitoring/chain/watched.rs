//! Which metric an alarm watches, directly or as a sum.

use super::feed::Feed;
use super::link::Link;
use crate::model::{Metric, MetricAlarm, MetricQuery, Watched};

/// How an alarm looks at a metric.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::controls::monitoring) struct Watch<'a> {
    pub(super) statistic: &'a str,
    /// `None`: not known.
    pub(super) period: Option<u32>,
    /// Whether other metrics are added to it.
    pub(super) added: bool,
}

/// How an alarm looks at the metric that a filter feeds, if it does. What keeps it from seeing all events
/// is to go after the name of the alarm.
pub(in crate::controls::monitoring) fn watch<'a>(
    alarm: &'a MetricAlarm,
    feed: &Feed<'_>,
) -> Option<Result<Watch<'a>, (Link, String)>> {
    match &alarm.watches {
        Watched::Metric { metric, statistic } if is_fed(metric, feed) => {
            let statistic = statistic.as_deref().unwrap_or("a percentile");
            let watch = Watch { statistic, period: alarm.period, added: false };
            Some(sees_all(metric, feed).map(|()| watch))
        }
        Watched::Metric { .. } => None,
        Watched::Queries(queries) => computed(queries, feed),
    }
}

fn is_fed(metric: &Metric, feed: &Feed<'_>) -> bool {
    metric.namespace == feed.metric.namespace && metric.name == feed.metric.name
}

/// A metric with dimensions is one for each set of their values.
fn sees_all(metric: &Metric, feed: &Feed<'_>) -> Result<(), (Link, String)> {
    let filter = feed.filter;
    let words = if metric.dimensions.keys().eq(feed.metric.dimensions.keys()) {
        let only: Vec<String> =
            metric.dimensions.iter().map(|(name, value)| format!("{name} = {value}")).collect();
        if only.is_empty() {
            return Ok(());
        }
        format!(
            "watches only what has {}: a person has to judge whether that is all",
            only.join(", ")
        )
    } else if metric.dimensions.is_empty() {
        format!("watches no dimension, and filter {filter} counts by dimension")
    } else {
        format!("watches a dimension that filter {filter} does not have")
    };
    Err((Link::Metric, words))
}

/// What is computed is the metric itself, or a sum with it in it; else a person has to judge.
fn computed<'a>(
    queries: &'a [MetricQuery],
    feed: &Feed<'_>,
) -> Option<Result<Watch<'a>, (Link, String)>> {
    let fetches = |query: &'a MetricQuery| {
        query.metric.as_ref().filter(|(metric, _)| is_fed(metric, feed)).map(|of| (query, of))
    };
    let ours: Vec<_> = queries.iter().filter_map(fetches).collect();
    if ours.is_empty() {
        return None;
    }
    let returned = queries.iter().find(|query| query.returned);
    let terms = returned.and_then(|query| match &query.expression {
        None => Some(vec![query.id.as_str()]),
        Some(expression) => sum(expression, queries),
    });
    let term = ours.iter().find(|(query, _)| terms.iter().flatten().any(|term| *term == query.id));
    let (Some((_, (metric, statistic))), Some(terms)) = (term, &terms) else {
        let expression = returned.and_then(|query| query.expression.as_deref());
        let expression = expression.unwrap_or("something else");
        let words =
            format!("computes `{expression}`: a person has to judge whether one event shows");
        return Some(Err((Link::Fires, words)));
    };
    let watch = Watch { statistic, period: None, added: terms.len() > 1 };
    Some(sees_all(metric, feed).map(|()| watch))
}

/// The terms of `a`, of `a + b`, and of `SUM([a, b])` or `SUM(METRICS())`.
fn sum<'a>(expression: &'a str, queries: &'a [MetricQuery]) -> Option<Vec<&'a str>> {
    let within = |text: &'a str, open: &str, close: &str| {
        text.trim().strip_prefix(open)?.strip_suffix(close).map(str::trim)
    };
    let terms: Vec<&str> = match within(expression, "SUM(", ")") {
        Some("METRICS()") => {
            queries.iter().filter(|one| one.metric.is_some()).map(|one| one.id.as_str()).collect()
        }
        Some(list) => within(list, "[", "]")?.split(',').map(str::trim).collect(),
        None => expression.split('+').map(str::trim).collect(),
    };
    let is_id = |term: &&str| queries.iter().any(|one| one.metric.is_some() && one.id == **term);
    terms.iter().all(is_id).then_some(terms)
}
