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
    let all: Vec<String> = std::iter::once(what).chain(more.into_iter().flatten()).collect();
    Row::new("computes", format!("{} = {}", query.id, all.join(", ")))
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::model::{FilterMetric, Number};

    fn told(rows: Vec<Row>) -> Vec<String> {
        rows.into_iter().map(|row| format!("{}: {}", row.name, row.value)).collect()
    }

    fn metric() -> Metric {
        let dimensions = [("who".to_owned(), "me".to_owned())].into();
        Metric { namespace: "n".to_owned(), name: "m".to_owned(), dimensions }
    }

    #[test]
    fn nothing_that_an_alarm_has_is_left_out() {
        let fetched = MetricQuery {
            id: "a".to_owned(),
            expression: None,
            metric: Some((metric(), "Sum".to_owned())),
            returned: true,
            rest: QueryRest { period: Some(60), ..QueryRest::default() },
        };
        let rest = AlarmRest {
            description: Some("why".to_owned()),
            ok_actions: vec!["arn:ok".to_owned()],
            insufficient_data_actions: vec!["arn:unsure".to_owned()],
            extended_statistic: None,
            unit: Some("Count".to_owned()),
            low_sample: Some("ignore".to_owned()),
            threshold_metric: Some("a".to_owned()),
            unkept: vec!["EvaluationWindow".to_owned()],
        };
        let alarm = MetricAlarm {
            watches: Watched::Queries(vec![fetched]),
            period: None,
            evaluation_periods: 2,
            datapoints_to_alarm: None,
            threshold: None,
            comparison: "GreaterThanUpperThreshold".to_owned(),
            treat_missing_data: None,
            actions_enabled: true,
            alarm_actions: vec!["arn:t".to_owned()],
            rest,
        };
        let expected = [
            "computes: a = Sum of n m who=me, each 60 s, watched",
            "goes off at: GreaterThanUpperThreshold no threshold",
            "in: 2 of 2 periods",
            "without data: missing",
            "actions: on",
            "acts on: arn:t",
            "description: why",
            "only data in: Count",
            "with few data: ignore",
            "threshold from: a",
            "acts when well on: arn:ok",
            "acts when unsure on: arn:unsure",
            "more, not shown: EvaluationWindow",
        ];
        assert_eq!(told(alarm_rows(&alarm)), expected);
        let rest = AlarmRest { extended_statistic: Some("p99".to_owned()), ..AlarmRest::default() };
        let watches = Watched::Metric { metric: metric(), statistic: None };
        let percentile = told(alarm_rows(&MetricAlarm { watches, rest, ..alarm }));
        assert_eq!(percentile[..2], ["metric: n m who=me", "statistic: p99"]);
    }

    #[test]
    fn nothing_that_a_filter_has_is_left_out() {
        let filter = MetricFilter {
            pattern: "{ $.a = 1 }".to_owned(),
            metrics: vec![FilterMetric {
                namespace: "n".to_owned(),
                name: "m".to_owned(),
                value: "1".to_owned(),
                default: Some(Number::new(0.0)),
                dimensions: BTreeMap::from([("who".to_owned(), "$.user".to_owned())]),
                unit: Some("Count".to_owned()),
            }],
            rest: FilterRest {
                selection: Some("@aws.region = \"eu-west-1\"".to_owned()),
                transformed: true,
                system_dimensions: ["@aws.account".to_owned()].into(),
            },
        };
        let expected = [
            "pattern: { $.a = 1 }",
            "metric: n m",
            "each event adds: 1",
            "otherwise: 0",
            "dimension: who = $.user",
            "unit: Count",
            "only events of: @aws.region = \"eu-west-1\"",
            "counts: what the transformer makes of them",
            "dimension: @aws.account",
        ];
        assert_eq!(told(filter_rows(&filter)), expected);
    }
}
