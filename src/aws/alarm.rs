//! What CloudWatch calls a metric alarm, and what we do: there and back.

use aws_sdk_cloudwatch::types as sdk;

use crate::model::{
    AccountId, AlarmRest, Metric, MetricAlarm, MetricQuery, Number, QueryRest, Watched,
};

/// An alarm and its name; `None` if it lacks what every alarm has. `own` is the account that it is in.
pub(super) fn alarm_of(alarm: sdk::MetricAlarm, own: &AccountId) -> Option<(String, MetricAlarm)> {
    let unkept = unkept(&alarm);
    let queries = alarm.metrics.into_iter().flatten().map(|query| query_of(query, own));
    let queries = queries.collect::<Option<Vec<_>>>()?;
    let watches = match alarm.metric_name {
        Some(name) => Watched::Metric {
            metric: Metric {
                namespace: alarm.namespace?,
                name,
                dimensions: dimensions_of(alarm.dimensions)?,
            },
            statistic: alarm.statistic.map(|statistic| statistic.as_str().to_owned()),
        },
        None => Watched::Queries(queries),
    };
    let comparison = alarm.comparison_operator.map(|operator| operator.as_str().to_owned());
    let periods = alarm.evaluation_periods.and_then(number_of);
    // An alarm in a language of its own has these within it.
    let (comparison, evaluation_periods) = if unkept.contains(&CRITERIA.to_owned()) {
        (comparison.unwrap_or_default(), periods.unwrap_or_default())
    } else {
        (comparison?, periods?)
    };
    let datapoints = alarm.datapoints_to_alarm.and_then(number_of);
    let but = |value: Option<String>, usual: &str| value.filter(|value| value != usual);
    let alarm_of = MetricAlarm {
        watches,
        period: alarm.period.and_then(number_of),
        evaluation_periods,
        datapoints_to_alarm: datapoints.filter(|needed| *needed != evaluation_periods),
        threshold: alarm.threshold.map(Number::new),
        comparison,
        treat_missing_data: but(alarm.treat_missing_data, "missing"),
        actions_enabled: alarm.actions_enabled?,
        alarm_actions: alarm.alarm_actions.unwrap_or_default(),
        rest: AlarmRest {
            description: but(alarm.alarm_description, ""),
            ok_actions: alarm.ok_actions.unwrap_or_default(),
            insufficient_data_actions: alarm.insufficient_data_actions.unwrap_or_default(),
            extended_statistic: alarm.extended_statistic,
            unit: alarm.unit.map(|unit| unit.as_str().to_owned()),
            low_sample: but(alarm.evaluate_low_sample_count_percentile, "evaluate"),
            threshold_metric: alarm.threshold_metric_id,
            unkept,
        },
    };
    Some((alarm.alarm_name?, alarm_of))
}

const CRITERIA: &str = "EvaluationCriteria";

/// The fields that are set and not kept.
fn unkept(alarm: &sdk::MetricAlarm) -> Vec<String> {
    // Without a metric, and without one to compute from, it can only be a language.
    let criteria = alarm.metric_name.is_none() && alarm.metrics().is_empty();
    let window = alarm.evaluation_window.as_ref();
    let tags = alarm.action_configuration.as_ref();
    let tags = tags.and_then(|actions| actions.alarm_tags_propagation.as_ref());
    let two = |query: &sdk::MetricDataQuery| {
        let fetched = query.metric_stat.as_ref();
        fetched.is_some_and(|fetched| query.period.is_some() && query.period != fetched.period)
    };
    let fields = [
        (CRITERIA, criteria || alarm.evaluation_criteria.is_some()),
        // A window that slides is the usual one.
        ("EvaluationWindow", window.is_some_and(|window| !window.is_sliding_window())),
        ("WarmUpConfiguration", alarm.warm_up_configuration.is_some()),
        ("ActionConfiguration", tags.is_some_and(|tags| tags.enabled != Some(false))),
        ("Metrics.Period", alarm.metrics().iter().any(two)),
    ];
    let set = fields.into_iter().filter(|(_, set)| *set);
    set.map(|(name, _)| name.to_owned()).collect()
}

fn query_of(query: sdk::MetricDataQuery, own: &AccountId) -> Option<MetricQuery> {
    let (mut period, mut unit) = (query.period, None);
    let metric = match query.metric_stat {
        Some(fetched) => {
            period = fetched.period.or(period);
            unit = fetched.unit;
            let metric = fetched.metric?;
            let metric = Metric {
                namespace: metric.namespace?,
                name: metric.metric_name?,
                dimensions: dimensions_of(metric.dimensions)?,
            };
            Some((metric, fetched.stat?))
        }
        None => None,
    };
    Some(MetricQuery {
        id: query.id?,
        expression: query.expression,
        metric,
        // What AWS takes where nothing is said.
        returned: query.return_data.unwrap_or(true),
        rest: QueryRest {
            label: query.label.filter(|label| !label.is_empty()),
            period: period.and_then(number_of),
            unit: unit.map(|unit| unit.as_str().to_owned()),
            account: query.account_id.map(AccountId::new).filter(|account| account != own),
        },
    })
}

fn dimensions_of(
    dimensions: Option<Vec<sdk::Dimension>>,
) -> Option<std::collections::BTreeMap<String, String>> {
    let dimensions = dimensions.into_iter().flatten();
    dimensions.map(|dimension| Some((dimension.name?, dimension.value?))).collect()
}

/// A number that says something: AWS has no periods of no length.
fn number_of(number: i32) -> Option<u32> {
    u32::try_from(number).ok().filter(|number| *number > 0)
}
