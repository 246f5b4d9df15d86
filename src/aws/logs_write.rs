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
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::approval::{Confirmed, by_flag};
    use crate::aws::fake::{Fake, fake};
    use crate::change::Tags;
    use crate::plan::tests_support::plan_of_two;
    use crate::plan::{Origin, Plan};

    fn region() -> Region {
        Region::new("eu-west-1")
    }

    fn group() -> String {
        "trail".to_owned()
    }

    fn filter() -> MetricFilter {
        MetricFilter {
            pattern: "{ $.a = 1 }".to_owned(),
            metrics: vec![FilterMetric {
                namespace: "n".to_owned(),
                name: "m".to_owned(),
                value: "1".to_owned(),
                default: None,
                dimensions: BTreeMap::new(),
                unit: None,
            }],
            rest: FilterRest::default(),
        }
    }

    fn put(to: MetricFilter) -> Operation {
        Operation::PutMetricFilter { region: region(), group: group(), filter: "f".to_owned(), to }
    }

    /// What is sent to carry out an operation: its body.
    async fn sent(operation: &Operation) -> String {
        let fake = fake(|_| (200, "{}".to_owned()));
        let now = Reread::of(Document::Presence(false));
        let (approval, at) = (Approval::for_test(), Timestamp::UNIX_EPOCH);
        execute(operation, &now, &fake.clients, &approval, at).await.unwrap();
        let requests = fake.requests("");
        assert_eq!(requests.len(), 1);
        requests[0].split_once("\r\n\r\n").unwrap().1.to_owned()
    }

    #[tokio::test]
    async fn each_call_says_what_it_is_about() {
        let (region, group) = (region(), group());
        let tags = Tags::from([("harden:version".to_owned(), "1".to_owned())]);
        let create =
            |tags| Operation::CreateLogGroup { region: region.clone(), group: group.clone(), tags };
        let (r, g) = (region.clone(), group.clone());
        let table = [
            (
                create(tags),
                r#"{"logGroupName":"trail","tags":{"harden:version":"1"},"logGroupClass":"STANDARD"}"#,
            ),
            (create(Tags::new()), r#"{"logGroupName":"trail","logGroupClass":"STANDARD"}"#),
            (
                Operation::DeleteLogGroup { region: r.clone(), group: g.clone() },
                r#"{"logGroupName":"trail"}"#,
            ),
            (
                Operation::PutRetentionPolicy {
                    region: r.clone(),
                    group: g.clone(),
                    days: 365,
                    made_since: None,
                },
                r#"{"logGroupName":"trail","retentionInDays":365}"#,
            ),
            (
                Operation::DeleteRetentionPolicy { region: r.clone(), group: g.clone() },
                r#"{"logGroupName":"trail"}"#,
            ),
            (
                Operation::DeleteMetricFilter { region: r, group: g, filter: "f".to_owned() },
                r#"{"logGroupName":"trail","filterName":"f"}"#,
            ),
        ];
        for (operation, body) in table {
            assert_eq!(sent(&operation).await, body, "{operation:?}");
        }
    }

    #[tokio::test]
    async fn a_filter_is_sent_whole() {
        let plain = sent(&put(filter())).await;
        assert_eq!(
            plain,
            r#"{"logGroupName":"trail","filterName":"f","filterPattern":"{ $.a = 1 }","metricTransformations":[{"metricName":"m","metricNamespace":"n","metricValue":"1"}]}"#
        );
        let mut rich = filter();
        rich.metrics[0].default = Some(Number::new(0.0));
        rich.metrics[0].unit = Some("Count".to_owned());
        rich.metrics[0].dimensions = [("who".to_owned(), "$.user".to_owned())].into();
        rich.rest = FilterRest {
            selection: Some("s".to_owned()),
            transformed: true,
            system_dimensions: ["@aws.account".to_owned()].into(),
        };
        let rich = sent(&put(rich)).await;
        for field in [
            r#""defaultValue":0"#,
            r#""unit":"Count""#,
            r#""dimensions":{"who":"$.user"}"#,
            r#""fieldSelectionCriteria":"s""#,
            r#""applyOnTransformedLogs":true"#,
            r#""emitSystemFieldDimensions":["@aws.account"]"#,
        ] {
            assert!(rich.contains(field), "{field} in {rich}");
        }
    }

    async fn read(fake: &Fake, operation: &Operation) -> Result<Document, ServiceError> {
        reread(operation, &fake.clients).await.map(|now| now.document)
    }

    #[tokio::test]
    async fn what_is_written_is_read_again_as_it_was_meant() {
        let fake = fake(|request| {
            let answer = if request.contains("DescribeLogGroups") {
                r#"{"logGroups":[{"logGroupName":"trail","retentionInDays":30}]}"#
            } else {
                r#"{"metricFilters":[{"filterName":"f","filterPattern":"{ $.a = 1 }",
                    "metricTransformations":[{"metricName":"m","metricNamespace":"n",
                    "metricValue":"1","unit":"None"}],"logGroupName":"trail","creationTime":1,
                    "applyOnTransformedLogs":false}]}"#
            };
            (200, answer.to_owned())
        });
        let (region, group) = (region(), group());
        let (tags, made) = (Tags::new(), (region.clone(), group.clone()));
        let there = Operation::CreateLogGroup { region: made.0, group: made.1, tags };
        assert_eq!(read(&fake, &there).await, Ok(Document::Presence(true)));
        // Somebody else counts something in it.
        let gone = Operation::DeleteLogGroup { region: region.clone(), group: group.clone() };
        let spared = read(&fake, &gone).await.unwrap_err();
        assert_eq!(spared.to_string(), "metric filter `f` is not of harden: the log group stays");
        let kept = Operation::PutRetentionPolicy { region, group, days: 365, made_since: None };
        assert_eq!(read(&fake, &kept).await, Ok(Document::Retention(Some(30))));
        let now = read(&fake, &put(filter())).await.unwrap();
        assert_eq!(now, Document::Filter(Some(filter())));
        let (after, _) = put(filter()).effect_on(&Document::Filter(None)).unwrap();
        assert_eq!(now, after);
    }

    /// Whatever the plan says of the group: what AWS says of its age, just read, decides.
    #[tokio::test]
    async fn no_retention_is_given_to_a_group_that_is_older_than_it() {
        let at: Timestamp = "2026-11-25T12:00:00Z".parse().unwrap();
        let keep = Operation::PutRetentionPolicy {
            region: region(),
            group: group(),
            days: 30,
            made_since: None,
        };
        let undo = Plan { origin: Origin::UndoOf("run".to_owned()), ..plan_of_two() };
        let Confirmed::Go(_, to_take_back) = by_flag(undo.sealed(), None) else { panic!() };
        let (days_ago, kept) = (|days: i64| days * 86_400_000, r#","retentionInDays":365"#);
        for (approval, settings, age, is_put) in [
            (&Approval::for_test(), "", Some(29), true),
            (&Approval::for_test(), "", Some(30), false),
            (&Approval::for_test(), "", None, false),
            (&Approval::for_test(), kept, Some(400), false),
            // It was so once.
            (&to_take_back, "", Some(400), true),
        ] {
            let made = age.map(|age| at.as_millisecond() - days_ago(age));
            let made = made.map_or_else(String::new, |made| format!(r#","creationTime":{made}"#));
            let groups = format!(r#"{{"logGroups":[{{"logGroupName":"trail"{settings}{made}}}]}}"#);
            let fake = fake(move |_| (200, groups.clone()));
            let now = reread(&keep, &fake.clients).await.unwrap();
            let done = execute(&keep, &now, &fake.clients, approval, at).await;
            let told = "this retention may delete events: the log group is not known to be younger than that";
            let told = if is_put { Ok(()) } else { Err(told.to_owned()) };
            assert_eq!(done.map_err(|error| error.to_string()), told, "{age:?}");
            assert_eq!(fake.requests("DescribeLogGroups").len(), 1);
            assert_eq!(fake.requests("PutRetentionPolicy").len(), usize::from(is_put));
        }
        // AWS does not list yet what was made a moment ago.
        let fake = fake(|_| (200, r#"{"logGroups":[]}"#.to_owned()));
        let now = reread(&keep, &fake.clients).await.unwrap();
        assert_eq!(now.document, Document::Retention(None));
        let done = execute(&keep, &now, &fake.clients, &Approval::for_test(), at).await;
        assert_eq!(done, Ok(()));
    }

    #[tokio::test]
    async fn a_group_that_is_gone_has_no_filter_and_no_retention() {
        let fake = fake(|request| {
            if request.contains("DescribeLogGroups") {
                (200, r#"{"logGroups":[]}"#.to_owned())
            } else {
                (400, r#"{"__type":"ResourceNotFoundException","message":"gone"}"#.to_owned())
            }
        });
        let (region, group) = (region(), group());
        assert_eq!(read(&fake, &put(filter())).await, Ok(Document::Filter(None)));
        let create = Operation::CreateLogGroup {
            region: region.clone(),
            group: group.clone(),
            tags: Tags::new(),
        };
        assert_eq!(read(&fake, &create).await, Ok(Document::Presence(false)));
        let kept = Operation::DeleteRetentionPolicy { region, group };
        assert_eq!(read(&fake, &kept).await, Ok(Document::Retention(None)));
    }

    #[tokio::test]
    async fn a_refusal_is_told() {
        let fake =
            fake(|_| (400, r#"{"__type":"AccessDeniedException","message":"no"}"#.to_owned()));
        let now = Reread::of(Document::Filter(None));
        let (approval, at) = (Approval::for_test(), Timestamp::UNIX_EPOCH);
        let error = execute(&put(filter()), &now, &fake.clients, &approval, at).await;
        let error = error.unwrap_err();
        assert_eq!(
            (error.kind, error.action.as_str()),
            (ErrorKind::Denied, "logs:PutMetricFilter")
        );
        assert_eq!(read(&fake, &put(filter())).await.unwrap_err().kind, ErrorKind::Denied);
    }
}
