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
            let sees =
                of_unit(alarm.rest.unit.as_deref(), feed).and_then(|()| sees_all(metric, feed));
            Some(sees.map(|()| watch))
        }
        Watched::Metric { .. } => None,
        Watched::Queries(queries) => computed(queries, feed),
    }
}

fn is_fed(metric: &Metric, feed: &Feed<'_>) -> bool {
    metric.namespace == feed.metric.namespace && metric.name == feed.metric.name
}

/// An alarm with a unit sees no data of another.
fn of_unit(unit: Option<&str>, feed: &Feed<'_>) -> Result<(), (Link, String)> {
    let given = feed.metric.unit.as_deref();
    match unit {
        Some(unit) if given != Some(unit) => {
            let words = format!(
                "watches data of the unit {unit}, and filter {} feeds it with the unit {}",
                feed.filter,
                given.unwrap_or("None")
            );
            Err((Link::Metric, words))
        }
        _ => Ok(()),
    }
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
        let metric = query.metric.as_ref().filter(|(metric, _)| is_fed(metric, feed));
        // The same names in another account are another metric.
        metric.filter(|_| query.rest.account.is_none()).map(|of| (query, of))
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
    let (Some((query, (metric, statistic))), Some(terms)) = (term, &terms) else {
        let expression = returned.and_then(|query| query.expression.as_deref());
        let expression = expression.unwrap_or("something else");
        let words =
            format!("computes `{expression}`: a person has to judge whether one event shows");
        return Some(Err((Link::Fires, words)));
    };
    let watch = Watch { statistic, period: query.rest.period, added: terms.len() > 1 };
    let sees = of_unit(query.rest.unit.as_deref(), feed).and_then(|()| sees_all(metric, feed));
    Some(sees.map(|()| watch))
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

#[cfg(test)]
mod tests {
    use super::super::feed;
    use super::*;
    use crate::controls::monitoring::tests_support::{alarm, filter};
    use crate::model::{AccountId, QueryRest};

    /// How the alarm looks at a filter that feeds this unit.
    fn looks(
        unit: Option<&str>,
        change: impl FnOnce(&mut MetricAlarm),
    ) -> Option<Result<(), String>> {
        let mut one = filter("", "Count");
        one.metrics[0].unit = unit.map(ToOwned::to_owned);
        let filters = [("f".to_owned(), one)].into();
        let mut alarm = alarm("Count");
        change(&mut alarm);
        let feed = feed(&filters, "f", &filters["f"].metrics[0]).unwrap();
        watch(&alarm, &feed).map(|watch| watch.map(|_| ()).map_err(|(_, words)| words))
    }

    #[test]
    fn data_of_another_unit_are_not_seen() {
        let count = |alarm: &mut MetricAlarm| alarm.rest.unit = Some("Count".to_owned());
        assert_eq!(looks(None, |_| {}), Some(Ok(())));
        assert_eq!(looks(Some("Count"), count), Some(Ok(())));
        assert_eq!(looks(Some("Count"), |_| {}), Some(Ok(())));
        let words = "watches data of the unit Count, and filter f feeds it with the unit None";
        assert_eq!(looks(None, count), Some(Err(words.to_owned())));
    }

    #[test]
    fn a_metric_of_another_account_is_another_metric() {
        let of = |account: Option<&str>| {
            looks(None, |alarm| {
                let Watched::Metric { metric, .. } = alarm.watches.clone() else { panic!() };
                alarm.watches = Watched::Queries(vec![MetricQuery {
                    id: "m1".to_owned(),
                    expression: None,
                    metric: Some((metric, "Sum".to_owned())),
                    returned: true,
                    rest: QueryRest {
                        account: account.map(AccountId::new),
                        ..QueryRest::default()
                    },
                }]);
            })
        };
        assert_eq!(of(None), Some(Ok(())));
        assert_eq!(of(Some("444455556666")), None);
    }
}
