//! CloudWatch: puts alarms and deletes them.

use aws_sdk_cloudwatch::operation::put_metric_alarm::builders::PutMetricAlarmFluentBuilder;
use aws_sdk_cloudwatch::types as sdk;

use super::cloudwatch::metric_alarm;
use super::execute::misplaced;
use super::{Clients, Reread, ServiceError};
use crate::approval::Approval;
use crate::change::{Document, Operation, Tags};
use crate::model::{AlarmRest, Metric, MetricAlarm, MetricQuery, Number, Watched};

/// Reads the target of an operation on alarms again.
#[expect(clippy::wildcard_enum_match_arm, reason = "all other operations are not of this service")]
pub(super) async fn reread(
    operation: &Operation,
    clients: &Clients,
) -> Result<Reread, ServiceError> {
    match operation {
        Operation::PutMetricAlarm { region, alarm, .. }
        | Operation::DeleteAlarms { region, alarm } => {
            let alarm = metric_alarm(clients, region, alarm).await?;
            Ok(Reread::of(Document::Alarm(alarm)))
        }
        other => Err(misplaced(other)),
    }
}

/// Carries out an operation on alarms.
#[expect(clippy::wildcard_enum_match_arm, reason = "all other operations are not of this service")]
pub(super) async fn execute(
    operation: &Operation,
    now: &Reread,
    clients: &Clients,
    _: &Approval,
) -> Result<(), ServiceError> {
    let held = if let Document::Alarm(Some(held)) = &now.document { Some(held) } else { None };
    let refuse = |fields: &[String]| {
        let told = format!("the alarm has what harden could not put back: {}", fields.join(", "));
        Err(ServiceError::ours(operation.action(), told))
    };
    if let Some(held) = held.filter(|held| !held.rest.unkept.is_empty()) {
        return refuse(&held.rest.unkept);
    }
    match operation {
        Operation::PutMetricAlarm { to, .. } if !to.rest.unkept.is_empty() => {
            refuse(&to.rest.unkept)
        }
        Operation::PutMetricAlarm { region, alarm, to, tags } => {
            // One that is there keeps those it has.
            let tags = held.is_none().then(|| sdk_tags(tags));
            let call = clients.cloudwatch(region);
            let call = call.call("cloudwatch:PutMetricAlarm", |cloudwatch| {
                let put = cloudwatch.put_metric_alarm().alarm_name(alarm).set_tags(tags.flatten());
                filled(put, to).send()
            });
            call.await.map(drop)
        }
        Operation::DeleteAlarms { region, alarm } => {
            let call = clients.cloudwatch(region);
            let call = call.call("cloudwatch:DeleteAlarms", |cloudwatch| {
                cloudwatch.delete_alarms().alarm_names(alarm).send()
            });
            call.await.map(drop)
        }
        other => Err(misplaced(other)),
    }
}

/// The call with every field: what it leaves out, CloudWatch takes away.
fn filled(put: PutMetricAlarmFluentBuilder, alarm: &MetricAlarm) -> PutMetricAlarmFluentBuilder {
    let AlarmRest {
        description,
        ok_actions,
        insufficient_data_actions,
        extended_statistic,
        unit,
        low_sample,
        threshold_metric,
        unkept: _,
    } = &alarm.rest;
    let put = put
        .actions_enabled(alarm.actions_enabled)
        .set_alarm_actions(some(&alarm.alarm_actions))
        .set_ok_actions(some(ok_actions))
        .set_insufficient_data_actions(some(insufficient_data_actions))
        .set_alarm_description(description.clone())
        .set_period(alarm.period.map(number))
        .evaluation_periods(number(alarm.evaluation_periods))
        .set_datapoints_to_alarm(alarm.datapoints_to_alarm.map(number))
        .set_threshold(alarm.threshold.map(Number::get))
        .set_threshold_metric_id(threshold_metric.clone())
        .comparison_operator(sdk::ComparisonOperator::from(alarm.comparison.as_str()))
        .set_treat_missing_data(alarm.treat_missing_data.clone())
        .set_evaluate_low_sample_count_percentile(low_sample.clone())
        .set_unit(unit.as_deref().map(sdk::StandardUnit::from));
    match &alarm.watches {
        Watched::Metric { metric, statistic } => put
            .namespace(&metric.namespace)
            .metric_name(&metric.name)
            .set_dimensions(sdk_dimensions(metric))
            .set_statistic(statistic.as_deref().map(sdk::Statistic::from))
            .set_extended_statistic(extended_statistic.clone()),
        Watched::Queries(queries) => put.set_metrics(Some(queries.iter().map(sdk_query).collect())),
    }
}

fn sdk_query(query: &MetricQuery) -> sdk::MetricDataQuery {
    let period = query.rest.period.map(number);
    let fetched = query.metric.as_ref().map(|(metric, statistic)| {
        let named = sdk::Metric::builder().namespace(&metric.namespace).metric_name(&metric.name);
        sdk::MetricStat::builder()
            .metric(named.set_dimensions(sdk_dimensions(metric)).build())
            .stat(statistic)
            .set_period(period)
            .set_unit(query.rest.unit.as_deref().map(sdk::StandardUnit::from))
            .build()
    });
    sdk::MetricDataQuery::builder()
        .id(&query.id)
        .set_expression(query.expression.clone())
        .set_period(period.filter(|_| fetched.is_none()))
        .set_metric_stat(fetched)
        .set_label(query.rest.label.clone())
        .set_account_id(query.rest.account.as_ref().map(|account| account.as_str().to_owned()))
        .return_data(query.returned)
        .build()
}

fn sdk_dimensions(metric: &Metric) -> Option<Vec<sdk::Dimension>> {
    let dimensions = metric.dimensions.iter();
    let dimensions =
        dimensions.map(|(name, value)| sdk::Dimension::builder().name(name).value(value).build());
    (!metric.dimensions.is_empty()).then(|| dimensions.collect())
}

fn sdk_tags(tags: &Tags) -> Option<Vec<sdk::Tag>> {
    let all = tags.iter().map(|(key, value)| sdk::Tag::builder().key(key).value(value).build());
    (!tags.is_empty()).then(|| all.collect())
}

fn some(values: &[String]) -> Option<Vec<String>> {
    (!values.is_empty()).then(|| values.to_vec())
}

/// AWS counts in numbers that could be negative.
fn number(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::{Value, json};

    use super::*;
    use crate::aws::ErrorKind;
    use crate::aws::fake::{Fake, fake};
    use crate::model::{AccountId, QueryRest, Region};

    const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:alarms";

    fn alarm() -> MetricAlarm {
        MetricAlarm {
            watches: Watched::Metric {
                metric: Metric {
                    namespace: "CISBenchmark".to_owned(),
                    name: "Root".to_owned(),
                    dimensions: BTreeMap::new(),
                },
                statistic: Some("Sum".to_owned()),
            },
            period: Some(300),
            evaluation_periods: 1,
            datapoints_to_alarm: None,
            threshold: Some(Number::new(1.0)),
            comparison: "GreaterThanOrEqualToThreshold".to_owned(),
            treat_missing_data: Some("notBreaching".to_owned()),
            actions_enabled: true,
            alarm_actions: vec![TOPIC.to_owned()],
            rest: AlarmRest::default(),
        }
    }

    /// One with everything that an alarm of a metric can have.
    fn rich() -> MetricAlarm {
        let metric = Metric {
            namespace: "n".to_owned(),
            name: "m".to_owned(),
            dimensions: [("who".to_owned(), "me".to_owned())].into(),
        };
        MetricAlarm {
            watches: Watched::Metric { metric, statistic: None },
            evaluation_periods: 3,
            datapoints_to_alarm: Some(2),
            treat_missing_data: None,
            actions_enabled: false,
            rest: AlarmRest {
                description: Some("why".to_owned()),
                ok_actions: vec!["arn:ok".to_owned()],
                insufficient_data_actions: vec!["arn:unsure".to_owned()],
                extended_statistic: Some("p99".to_owned()),
                unit: Some("Count".to_owned()),
                low_sample: Some("ignore".to_owned()),
                threshold_metric: None,
                unkept: Vec::new(),
            },
            ..alarm()
        }
    }

    /// One that computes, and has a band in place of a threshold.
    fn math() -> MetricAlarm {
        let metric =
            Metric { namespace: "n".to_owned(), name: "m".to_owned(), dimensions: BTreeMap::new() };
        let fetched = MetricQuery {
            id: "m1".to_owned(),
            expression: None,
            metric: Some((metric, "Sum".to_owned())),
            returned: true,
            rest: QueryRest {
                label: Some("events".to_owned()),
                period: Some(60),
                unit: Some("Count".to_owned()),
                account: Some(AccountId::new("444455556666")),
            },
        };
        let computed = MetricQuery {
            id: "band".to_owned(),
            expression: Some("ANOMALY_DETECTION_BAND(m1, 2)".to_owned()),
            metric: None,
            returned: true,
            rest: QueryRest { period: Some(60), ..QueryRest::default() },
        };
        MetricAlarm {
            watches: Watched::Queries(vec![fetched, computed]),
            period: None,
            threshold: None,
            comparison: "GreaterThanUpperThreshold".to_owned(),
            rest: AlarmRest { threshold_metric: Some("band".to_owned()), ..AlarmRest::default() },
            ..alarm()
        }
    }

    fn put(to: MetricAlarm, tags: Tags) -> Operation {
        let (region, alarm) = (Region::new("eu-west-1"), "root".to_owned());
        Operation::PutMetricAlarm { region, alarm, to, tags }
    }

    fn delete() -> Operation {
        Operation::DeleteAlarms { region: Region::new("eu-west-1"), alarm: "root".to_owned() }
    }

    async fn run(
        fake: &Fake,
        operation: &Operation,
        held: Option<MetricAlarm>,
    ) -> Result<(), ServiceError> {
        let now = Reread::of(Document::Alarm(held));
        execute(operation, &now, &fake.clients, &Approval::for_test()).await
    }

    /// What is sent to carry out an operation.
    async fn sent(operation: &Operation, held: Option<MetricAlarm>) -> Value {
        let fake = fake(|_| (200, "{}".to_owned()));
        run(&fake, operation, held).await.unwrap();
        let requests = fake.requests("");
        assert_eq!(requests.len(), 1);
        serde_json::from_str(requests[0].split_once("\r\n\r\n").unwrap().1).unwrap()
    }

    #[tokio::test]
    async fn an_alarm_of_ours_is_sent_whole() {
        let tags = Tags::from([("harden:version".to_owned(), "1".to_owned())]);
        let mut expected = json!({
            "AlarmName": "root",
            "ActionsEnabled": true,
            "AlarmActions": [TOPIC],
            "Namespace": "CISBenchmark",
            "MetricName": "Root",
            "Statistic": "Sum",
            "Period": 300,
            "EvaluationPeriods": 1,
            "Threshold": 1.0,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "TreatMissingData": "notBreaching",
            "Tags": [{"Key": "harden:version", "Value": "1"}],
        });
        let operation = put(alarm(), tags);
        assert_eq!(sent(&operation, None).await, expected);
        expected.as_object_mut().unwrap().remove("Tags");
        assert_eq!(sent(&operation, Some(alarm())).await, expected, "tags are for new alarms");
        assert_eq!(sent(&put(alarm(), Tags::new()), None).await, expected);
        assert_eq!(sent(&delete(), Some(alarm())).await, json!({"AlarmNames": ["root"]}));
    }

    /// The fields of the call are those of the answer, so that what is sent can be read again.
    #[tokio::test]
    async fn whatever_an_alarm_has_is_put_back() {
        for alarm in [alarm(), rich(), math()] {
            let sent = sent(&put(alarm.clone(), Tags::new()), None).await;
            let answer = json!({"MetricAlarms": [sent]}).to_string();
            let fake = fake(move |_| (200, answer.clone()));
            let told = reread(&put(alarm.clone(), Tags::new()), &fake.clients).await.unwrap();
            let (after, _) = put(alarm, Tags::new()).effect_on(&Document::Alarm(None)).unwrap();
            assert_eq!(told.document, after);
        }
    }

    #[tokio::test]
    async fn what_cannot_be_put_back_is_neither_written_over_nor_deleted() {
        let rest =
            AlarmRest { unkept: vec!["EvaluationWindow".to_owned()], ..AlarmRest::default() };
        let odd = MetricAlarm { rest, ..alarm() };
        let fake = fake(|_| (200, "{}".to_owned()));
        let told = "the alarm has what harden could not put back: EvaluationWindow";
        for (operation, held) in [
            (put(alarm(), Tags::new()), Some(odd.clone())),
            (delete(), Some(odd.clone())),
            (put(odd, Tags::new()), None),
        ] {
            let error = run(&fake, &operation, held).await.unwrap_err();
            assert_eq!(error.to_string(), told);
        }
        assert_eq!(fake.requests("").len(), 0);
    }

    #[tokio::test]
    async fn a_refusal_is_told() {
        let refused = fake(|_| {
            let error =
                json!({"__type": "com.amazonaws.cloudwatch#ResourceNotFound", "message": "no"});
            (404, error.to_string())
        });
        let error = run(&refused, &delete(), Some(alarm())).await.unwrap_err();
        assert_eq!(
            (error.kind, error.action.as_str()),
            (ErrorKind::NotFound, "cloudwatch:DeleteAlarms")
        );
        let absent = fake(|_| (200, "{}".to_owned()));
        let now = reread(&delete(), &absent.clients).await.unwrap();
        assert_eq!(now, Reread::of(Document::Alarm(None)));
    }
}
