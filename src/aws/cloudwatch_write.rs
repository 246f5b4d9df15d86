//! CloudWatch: puts alarms and deletes them.

use aws_sdk_cloudwatch::operation::put_metric_alarm::builders::PutMetricAlarmFluentBuilder;
use aws_sdk_cloudwatch::types as sdk;

use super::cloudwatch::metric_alarm;
use super::{Clients, Reread, ServiceError};
use crate::approval::Approval;
use crate::change::{Document, Operation, Tags};
use crate::model::{AlarmRest, Metric, MetricAlarm, MetricQuery, Number, Watched};

const NOT_OURS: &str = "it is not about an alarm";

/// Reads the target of an operation on alarms again.
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
        other => Err(ServiceError::ours(other.action(), NOT_OURS)),
    }
}

/// Carries out an operation on alarms.
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
        other => Err(ServiceError::ours(other.action(), NOT_OURS)),
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
