//! CloudWatch Logs: makes and deletes log groups and metric filters, and settles how long events are kept.

use aws_sdk_cloudwatchlogs::error::BuildError;
use aws_sdk_cloudwatchlogs::types::{LogGroupClass, MetricTransformation, StandardUnit};
use jiff::Timestamp;

use super::execute::misplaced;
use super::logs::{log_group, log_group_made, metric_filters};
use super::{Clients, ErrorKind, Handle, Reread, ServiceError};
use crate::approval::Approval;
use crate::change::{Document, Operation};
use crate::model::{Action, FilterMetric, FilterRest, MetricFilter, Number, Region};

/// Reads the target of an operation on log groups again.
#[expect(clippy::wildcard_enum_match_arm, reason = "all other operations are not of this service")]
pub(super) async fn reread(
    operation: &Operation,
    clients: &Clients,
) -> Result<Reread, ServiceError> {
    use Operation as Op;
    let document = match operation {
        Op::CreateLogGroup { region, group, .. } => {
            Document::Presence(log_group(clients, region, group).await?.is_some())
        }
        Op::DeleteLogGroup { region, group } => {
            let there = log_group(clients, region, group).await?.is_some();
            if there {
                spare_others(clients, region, group).await?;
            }
            Document::Presence(there)
        }
        Op::PutRetentionPolicy { region, group, made_since, .. } => {
            let Some((group, made)) = log_group_made(clients, region, group).await? else {
                return Ok(Reread::of(Document::Retention(None)));
            };
            if made_since.is_some_and(|since| made.is_none_or(|made| made < since)) {
                let message = "the log group was made before the run that this is left of: its events may be \
                               older than the retention";
                return Err(ServiceError::ours(operation.action(), message));
            }
            let document = Document::Retention(group.retention_days);
            return Ok(Reread { document, handle: Handle::Made(made) });
        }
        Op::DeleteRetentionPolicy { region, group } => {
            // With a group goes all that was set on it.
            let group = log_group(clients, region, group).await?;
            Document::Retention(group.and_then(|group| group.retention_days))
        }
        Op::PutMetricFilter { region, group, filter, .. }
        | Op::DeleteMetricFilter { region, group, filter } => {
            match metric_filters(clients, region, group).await {
                Ok(mut filters) => Document::Filter(filters.remove(filter)),
                Err(error) if error.kind == ErrorKind::NotFound => Document::Filter(None),
                Err(error) => return Err(error),
            }
        }
        other => return Err(misplaced(other)),
    };
    Ok(Reread::of(document))
}

/// No event goes that is kept now, whatever the plan says of the log group: it may be somebody else's plan.
/// What is taken back is as it once was.
fn spare_events(
    operation: &Operation,
    now: &Reread,
    approval: &Approval,
    at: Timestamp,
) -> Result<(), ServiceError> {
    // A log group that is not listed is not there, or was made a moment ago.
    let Handle::Made(made) = now.handle else { return Ok(()) };
    if approval.takes_back() || !operation.may_delete_events(&now.document, made, at) {
        return Ok(());
    }
    let message =
        "this retention may delete events: the log group is not known to be younger than that";
    Err(ServiceError::ours(operation.action(), message))
}

/// Nobody else's filters go with a log group.
async fn spare_others(clients: &Clients, region: &Region, group: &str) -> Result<(), ServiceError> {
    let filters = metric_filters(clients, region, group).await?;
    match filters.keys().find(|name| !name.starts_with(OURS)) {
        None => Ok(()),
        Some(other) => Err(ServiceError::ours(
            Action::new("logs:DescribeMetricFilters"),
            format!("metric filter `{other}` is not of harden: the log group stays"),
        )),
    }
}

/// What the names of harden's own filters begin with.
const OURS: &str = "harden-";

/// Carries out an operation on log groups.
#[expect(clippy::wildcard_enum_match_arm, reason = "all other operations are not of this service")]
pub(super) async fn execute(
    operation: &Operation,
    now: &Reread,
    clients: &Clients,
    approval: &Approval,
    at: Timestamp,
) -> Result<(), ServiceError> {
    use Operation as Op;
    spare_events(operation, now, approval, at)?;
    match operation {
        Op::CreateLogGroup { region, group, tags } => {
            let tags = (!tags.is_empty()).then(|| tags.clone().into_iter().collect());
            let call = clients.logs(region);
            let call = call.call("logs:CreateLogGroup", |logs| {
                // No other class has metric filters.
                let create = logs.create_log_group().log_group_class(LogGroupClass::Standard);
                create.log_group_name(group).set_tags(tags).send()
            });
            call.await.map(drop)
        }
        Op::DeleteLogGroup { region, group } => {
            let call = clients.logs(region);
            let call = call.call("logs:DeleteLogGroup", |logs| {
                logs.delete_log_group().log_group_name(group).send()
            });
            call.await.map(drop)
        }
        Op::PutRetentionPolicy { region, group, days, .. } => {
            let call = clients.logs(region);
            let call = call.call("logs:PutRetentionPolicy", |logs| {
                let put = logs.put_retention_policy().log_group_name(group);
                put.retention_in_days(i32::from(*days)).send()
            });
            call.await.map(drop)
        }
        Op::DeleteRetentionPolicy { region, group } => {
            let call = clients.logs(region);
            let call = call.call("logs:DeleteRetentionPolicy", |logs| {
                logs.delete_retention_policy().log_group_name(group).send()
            });
            call.await.map(drop)
        }
        Op::PutMetricFilter { region, group, filter, to } => {
            put_filter(clients, region, (group, filter), to).await
        }
        Op::DeleteMetricFilter { region, group, filter } => {
            let call = clients.logs(region);
            let call = call.call("logs:DeleteMetricFilter", |logs| {
                logs.delete_metric_filter().log_group_name(group).filter_name(filter).send()
            });
            call.await.map(drop)
        }
        other => Err(misplaced(other)),
    }
}

/// Puts a filter in place of the one there is, with every field.
async fn put_filter(
    clients: &Clients,
    region: &Region,
    (group, name): (&str, &str),
    to: &MetricFilter,
) -> Result<(), ServiceError> {
    let action = "logs:PutMetricFilter";
    let unbuilt = |error: BuildError| ServiceError::ours(Action::new(action), error.to_string());
    let metrics: Result<Vec<_>, _> = to.metrics.iter().map(sdk_metric).collect();
    let metrics = metrics.map_err(unbuilt)?;
    let FilterRest { selection, transformed, system_dimensions } = &to.rest;
    let fields: Vec<String> = system_dimensions.iter().cloned().collect();
    let call = clients.logs(region);
    let call = call.call(action, |logs| {
        logs.put_metric_filter()
            .log_group_name(group)
            .filter_name(name)
            .filter_pattern(&to.pattern)
            .set_metric_transformations(Some(metrics))
            .set_apply_on_transformed_logs(transformed.then_some(true))
            .set_field_selection_criteria(selection.clone())
            .set_emit_system_field_dimensions((!fields.is_empty()).then_some(fields))
            .send()
    });
    call.await.map(drop)
}

fn sdk_metric(metric: &FilterMetric) -> Result<MetricTransformation, BuildError> {
    let dimensions = &metric.dimensions;
    let dimensions = (!dimensions.is_empty()).then(|| dimensions.clone().into_iter().collect());
    MetricTransformation::builder()
        .metric_namespace(&metric.namespace)
        .metric_name(&metric.name)
        .metric_value(&metric.value)
        .set_default_value(metric.default.map(Number::get))
        .set_dimensions(dimensions)
        .set_unit(metric.unit.as_deref().map(StandardUnit::from))
        .build()
}

#[cfg(test)]
mod tests;
