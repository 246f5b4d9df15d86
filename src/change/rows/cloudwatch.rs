//! Metric filters and alarms.

use super::{Row, on_off, or_none};
use crate::model::{
    AlarmRest, FilterRest, Metric, MetricAlarm, MetricFilter, MetricQuery, QueryRest, Watched,
};

pub(super) fn filter_rows(filter: &MetricFilter) -> Vec<Row> {
    let mut rows = vec![Row::new("pattern", &filter.pattern)];
    for metric in &filter.metrics {
        rows.push(Row::new("metric", format!("{} {}", metric.namespace, metric.name)));
        rows.push(Row::new("each event adds", &metric.value));
        if let Some(default) = metric.default {
            rows.push(Row::new("otherwise", default.to_string()));
        }
        rows.extend(
            metric
                .dimensions
                .iter()
                .map(|(name, selector)| Row::new("dimension", format!("{name} = {selector}"))),
        );
        rows.extend(metric.unit.as_ref().map(|unit| Row::new("unit", unit)));
    }
    let FilterRest { selection, transformed, system_dimensions } = &filter.rest;
    rows.extend(selection.as_ref().map(|selection| Row::new("only events of", selection)));
    rows.extend(transformed.then(|| Row::new("counts", "what the transformer makes of them")));
    rows.extend(system_dimensions.iter().map(|field| Row::new("dimension", field)));
    rows
}

fn metric(metric: &Metric) -> String {
    let dimensions: Vec<String> =
        metric.dimensions.iter().map(|(name, value)| format!(" {name}={value}")).collect();
    format!("{} {}{}", metric.namespace, metric.name, dimensions.concat())
}

pub(super) fn alarm_rows(alarm: &MetricAlarm) -> Vec<Row> {
    let mut rows = Vec::new();
    match &alarm.watches {
        Watched::Metric { metric: one, statistic } => {
            rows.push(Row::new("metric", metric(one)));
            let statistic = statistic.as_ref().or(alarm.rest.extended_statistic.as_ref());
            rows.push(Row::new("statistic", or_none(statistic)));
        }
        Watched::Queries(queries) => rows.extend(queries.iter().map(query_row)),
    }
    let needed = alarm.datapoints_to_alarm.unwrap_or(alarm.evaluation_periods);
    let seconds = alarm.period.map_or(String::new(), |period| format!(" of {period} s"));
    let threshold = alarm.threshold.map_or("no threshold".to_owned(), |number| number.to_string());
    rows.extend([
        Row::new("goes off at", format!("{} {threshold}", alarm.comparison)),
        Row::new("in", format!("{needed} of {}{seconds}", periods(alarm.evaluation_periods))),
        Row::new(
            "without data",
            alarm.treat_missing_data.clone().unwrap_or_else(|| "missing".to_owned()),
        ),
        Row::new("actions", on_off(alarm.actions_enabled)),
    ]);
    rows.extend(alarm.alarm_actions.iter().map(|action| Row::new("acts on", action)));
    rows.extend(rest_rows(&alarm.rest));
    rows
}

fn query_row(query: &MetricQuery) -> Row {
    let QueryRest { label, period, unit, account } = &query.rest;
    let fetched = query.metric.as_ref();
    let fetched = fetched.map(|(one, statistic)| format!("{statistic} of {}", metric(one)));
    let what = query.expression.clone().or(fetched).unwrap_or_default();
    let more = [
        period.map(|period| format!("each {period} s")),
        unit.as_ref().map(|unit| format!("in {unit}")),
        account.as_ref().map(|account| format!("of account {account}")),
        label.as_ref().map(|label| format!("called \"{label}\"")),
        query.returned.then(|| "watched".to_owned()),
    ];
    let more: String = more.into_iter().flatten().map(|text| format!(", {text}")).collect();
    Row::new("computes", format!("{} = {what}{more}", query.id))
}

fn rest_rows(rest: &AlarmRest) -> Vec<Row> {
    let one = [
        ("description", &rest.description),
        ("only data in", &rest.unit),
        ("with few data", &rest.low_sample),
        ("threshold from", &rest.threshold_metric),
    ];
    let one = one.into_iter().filter_map(|(name, value)| Some(Row::new(name, value.as_ref()?)));
    let several = [
        ("acts when well on", &rest.ok_actions),
        ("acts when unsure on", &rest.insufficient_data_actions),
        ("more, not shown", &rest.unkept),
    ];
    let several = several
        .into_iter()
        .flat_map(|(name, values)| values.iter().map(move |value| Row::new(name, value)));
    one.chain(several).collect()
}

fn periods(number: u32) -> String {
    if number == 1 { "1 period".to_owned() } else { format!("{number} periods") }
}
