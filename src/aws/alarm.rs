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

#[cfg(test)]
mod tests {
    use super::*;

    /// The least of an alarm.
    fn least() -> sdk::builders::MetricAlarmBuilder {
        sdk::MetricAlarm::builder()
            .alarm_name("a")
            .actions_enabled(true)
            .evaluation_periods(2)
            .comparison_operator(sdk::ComparisonOperator::GreaterThanThreshold)
            .namespace("n")
            .metric_name("m")
    }

    fn read(alarm: sdk::MetricAlarm) -> Option<MetricAlarm> {
        let (name, alarm) = alarm_of(alarm, &AccountId::new("111122223333"))?;
        assert_eq!(name, "a");
        Some(alarm)
    }

    #[test]
    fn what_aws_fills_in_is_as_if_nothing_were_said() {
        let silent = read(least().build()).unwrap();
        let filled = least()
            .treat_missing_data("missing")
            .datapoints_to_alarm(2)
            .evaluate_low_sample_count_percentile("evaluate")
            .alarm_description("")
            .evaluation_window(sdk::EvaluationWindow::SlidingWindow(
                sdk::SlidingWindow::builder().build(),
            ))
            .set_ok_actions(Some(Vec::new()))
            .build();
        assert_eq!(read(filled).unwrap(), silent);
        let fewer = read(least().datapoints_to_alarm(1).build()).unwrap();
        assert_eq!(fewer.datapoints_to_alarm, Some(1));
    }

    #[test]
    fn half_an_alarm_is_none() {
        assert!(read(least().build()).is_some());
        for half in [
            least().set_alarm_name(None),
            least().set_actions_enabled(None),
            least().set_comparison_operator(None),
            least().set_evaluation_periods(None),
            least().set_namespace(None),
            least().dimensions(sdk::Dimension::builder().name("who").build()),
            least().metrics(sdk::MetricDataQuery::builder().expression("1").build()),
        ] {
            assert_eq!(read(half.build()), None);
        }
    }

    #[test]
    fn what_is_not_kept_is_named() {
        let wall = sdk::WallClockWindow::builder().timezone("UTC").build();
        let tags = sdk::AlarmTagsPropagation::builder().enabled(true).build();
        let fetched = sdk::MetricStat::builder()
            .metric(sdk::Metric::builder().namespace("n").metric_name("m").build())
            .stat("Sum")
            .period(60)
            .build();
        let query =
            sdk::MetricDataQuery::builder().id("m").period(300).metric_stat(fetched).build();
        let alarm = least()
            .evaluation_window(sdk::EvaluationWindow::WallClockWindow(wall))
            .warm_up_configuration(sdk::WarmUpConfiguration::builder().build())
            .action_configuration(
                sdk::ActionConfiguration::builder().alarm_tags_propagation(tags).build(),
            )
            .metrics(query);
        let unkept = read(alarm.build()).unwrap().rest.unkept;
        let expected =
            ["EvaluationWindow", "WarmUpConfiguration", "ActionConfiguration", "Metrics.Period"];
        assert_eq!(unkept, expected);
    }

    #[test]
    fn a_language_is_not_read() {
        let query = sdk::AlarmPromQlCriteria::builder().query("up == 0").build();
        let alarm = sdk::MetricAlarm::builder()
            .alarm_name("a")
            .actions_enabled(true)
            .evaluation_criteria(sdk::EvaluationCriteria::PromQlCriteria(query))
            .evaluation_interval(60);
        let alarm = read(alarm.build()).unwrap();
        assert_eq!(alarm.watches, Watched::Queries(Vec::new()));
        assert_eq!((alarm.comparison.as_str(), alarm.evaluation_periods), ("", 0));
        assert_eq!(alarm.rest.unkept, ["EvaluationCriteria"]);
    }

    #[test]
    fn the_own_account_goes_without_saying() {
        let metric = |account: &str| {
            let named = sdk::Metric::builder().namespace("n").metric_name("m").build();
            let fetched = sdk::MetricStat::builder().metric(named).stat("p99").period(60).build();
            let query = sdk::MetricDataQuery::builder().id("m").metric_stat(fetched);
            let alarm = least().set_metric_name(None).set_namespace(None);
            read(alarm.metrics(query.account_id(account).build()).build()).unwrap()
        };
        let queries = |account| {
            let Watched::Queries(queries) = metric(account).watches else { panic!() };
            queries
        };
        let [own] = &queries("111122223333")[..] else { panic!() };
        assert_eq!(own.rest, QueryRest { period: Some(60), ..QueryRest::default() });
        assert!(own.returned);
        assert_eq!(own.metric.as_ref().unwrap().1, "p99");
        let other = AccountId::new("444455556666");
        assert_eq!(queries("444455556666")[0].rest.account, Some(other));
    }
}
