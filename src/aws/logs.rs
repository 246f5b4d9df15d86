//! CloudWatch Logs: log groups and their metric filters. Reads only.

use std::collections::BTreeMap;

use aws_sdk_cloudwatchlogs::types as sdk;
use jiff::Timestamp;

use super::{Clients, ServiceError};
use crate::model::{
    Action, FilterMetric, FilterRest, LogGroup, MetricFilter, Number, Observed, Region,
};

const GROUPS: &str = "logs:DescribeLogGroups";
const FILTERS: &str = "logs:DescribeMetricFilters";

/// The most of a page.
const PAGE: i32 = 50;

/// A log group, its filters yet to be read; `None` if there is no group of this name.
pub(crate) async fn log_group(
    clients: &Clients,
    region: &Region,
    name: &str,
) -> Result<Option<LogGroup>, ServiceError> {
    Ok(log_group_made(clients, region, name).await?.map(|(group, _)| group))
}

/// The same, and when it was made.
pub(super) async fn log_group_made(
    clients: &Clients,
    region: &Region,
    name: &str,
) -> Result<Option<(LogGroup, Option<Timestamp>)>, ServiceError> {
    // The name is only the beginning of what is asked for: others may come with it, and before it.
    let found = clients
        .logs(region)
        .call(GROUPS, |logs| {
            let list = logs.describe_log_groups().log_group_name_prefix(name).limit(PAGE);
            let mut groups = list.into_paginator().items().send();
            async move {
                while let Some(group) = groups.try_next().await? {
                    if group.log_group_name.as_deref() == Some(name) {
                        return Ok(Some(group));
                    }
                }
                Ok(None)
            }
        })
        .await?;
    let made = |group: &sdk::LogGroup| Timestamp::from_millisecond(group.creation_time?).ok();
    found.as_ref().map(|group| Ok((group_of(group)?, made(group)))).transpose()
}

fn group_of(group: &sdk::LogGroup) -> Result<LogGroup, ServiceError> {
    let days = group.retention_in_days.map(u16::try_from).transpose();
    let days = days.map_err(|_| {
        let told = "a log group that keeps events for an impossible number of days";
        ServiceError::ours(Action::new(GROUPS), told)
    })?;
    // There was one class, and it had no name.
    let class = group.log_group_class.as_ref().map_or("STANDARD", sdk::LogGroupClass::as_str);
    Ok(LogGroup { class: class.to_owned(), retention_days: days, filters: Observed::Unread })
}

/// The metric filters of a log group, by name.
pub(crate) async fn metric_filters(
    clients: &Clients,
    region: &Region,
    group: &str,
) -> Result<BTreeMap<String, MetricFilter>, ServiceError> {
    let filters = clients
        .logs(region)
        .call(FILTERS, |logs| {
            let list = logs.describe_metric_filters().log_group_name(group).limit(PAGE);
            list.into_paginator().items().send().try_collect()
        })
        .await?;
    let nameless = || ServiceError::ours(Action::new(FILTERS), "a metric filter without a name");
    filters
        .into_iter()
        .map(|mut filter| {
            let name = filter.filter_name.take().ok_or_else(nameless)?;
            Ok((name, filter_of(filter)))
        })
        .collect()
}

fn filter_of(filter: sdk::MetricFilter) -> MetricFilter {
    MetricFilter {
        // Every event counts where nothing is said.
        pattern: filter.filter_pattern.unwrap_or_default(),
        metrics: filter.metric_transformations.into_iter().flatten().map(metric_of).collect(),
        rest: FilterRest {
            selection: filter.field_selection_criteria.filter(|text| !text.is_empty()),
            transformed: filter.apply_on_transformed_logs,
            system_dimensions: filter.emit_system_field_dimensions.into_iter().flatten().collect(),
        },
    }
}

fn metric_of(metric: sdk::MetricTransformation) -> FilterMetric {
    let none = &sdk::StandardUnit::None;
    FilterMetric {
        namespace: metric.metric_namespace,
        name: metric.metric_name,
        value: metric.metric_value,
        default: metric.default_value.map(Number::new),
        dimensions: metric.dimensions.into_iter().flatten().collect(),
        // What AWS takes where none is given.
        unit: metric.unit.filter(|unit| unit != none).map(|unit| unit.as_str().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::ErrorKind;
    use crate::aws::fake::{Fake, fake};

    fn region() -> Region {
        Region::new("eu-west-1")
    }

    async fn group(fake: &Fake, name: &str) -> Result<Option<LogGroup>, ServiceError> {
        log_group(&fake.clients, &region(), name).await
    }

    /// Two pages of groups whose names begin alike.
    fn alike() -> Fake {
        fake(|request| {
            let page = if request.contains(r#""nextToken":"2""#) {
                r#"{"logGroups":[{"logGroupName":"trail","retentionInDays":365}]}"#
            } else {
                r#"{"logGroups":[{"logGroupName":"trail-of-somebody","logGroupClass":"DELIVERY"}],
                    "nextToken":"2"}"#
            };
            (200, page.to_owned())
        })
    }

    #[tokio::test]
    async fn a_group_is_found_by_its_whole_name() {
        let fake = alike();
        let trail = group(&fake, "trail").await.unwrap().unwrap();
        assert_eq!((trail.class.as_str(), trail.retention_days), ("STANDARD", Some(365)));
        assert_eq!(trail.filters, Observed::Unread);
        let asked = fake.requests("Logs_20140328.DescribeLogGroups\r\n");
        assert_eq!(asked.len(), 2);
        assert!(asked[0].contains(r#""logGroupNamePrefix":"trail""#), "{asked:?}");
        let cheap = group(&fake, "trail-of-somebody").await.unwrap().unwrap();
        assert_eq!((cheap.class.as_str(), cheap.retention_days), ("DELIVERY", None));
        // Found on the first page: the second is not asked for.
        assert_eq!(fake.requests("").len(), 3);
    }

    #[tokio::test]
    async fn absent_is_not_denied() {
        assert_eq!(group(&alike(), "tra").await, Ok(None));
        let denied = fake(|_| (400, r#"{"__type":"AccessDeniedException"}"#.to_owned()));
        assert_eq!(group(&denied, "trail").await.unwrap_err().kind, ErrorKind::Denied);
        let odd = fake(|_| {
            let group = r#"{"logGroupName":"trail","retentionInDays":-1}"#;
            (200, format!(r#"{{"logGroups":[{group}]}}"#))
        });
        assert!(group(&odd, "trail").await.is_err());
    }

    #[tokio::test]
    async fn filters_are_read_to_the_last_page() {
        let fake = fake(|request| {
            let filter = |name: &str, more: &str| {
                format!(
                    r#"{{"filterName":"{name}","filterPattern":"{{ $.a = 1 }}",
                        "metricTransformations":[{{"metricName":"m","metricNamespace":"n",
                        "metricValue":"1"{more}}}]}}"#
                )
            };
            let (filter, next) = if request.contains(r#""nextToken":"2""#) {
                (filter("b", r#","defaultValue":0.5,"unit":"None""#), "")
            } else {
                let more = r#","unit":"Count","dimensions":{"who":"$.user"}"#;
                (filter("a", more), r#","nextToken":"2""#)
            };
            (200, format!(r#"{{"metricFilters":[{filter}]{next}}}"#))
        });
        let filters = metric_filters(&fake.clients, &region(), "trail").await.unwrap();
        assert_eq!(filters.len(), 2);
        let [a, b] = ["a", "b"].map(|name| &filters[name].metrics[0]);
        assert_eq!(filters["a"].pattern, "{ $.a = 1 }");
        assert_eq!((a.namespace.as_str(), a.name.as_str(), a.value.as_str()), ("n", "m", "1"));
        assert_eq!((a.default, a.unit.as_deref()), (None, Some("Count")));
        assert_eq!(a.dimensions["who"], "$.user");
        assert_eq!((b.default, &b.unit), (Some(Number::new(0.5)), &None));
        assert!(filters["b"].rest.is_empty());
        let sent = fake.requests(r#""logGroupName":"trail""#);
        assert!(sent[0].contains(r#""limit":50"#), "{sent:?}");
    }

    #[tokio::test]
    async fn what_narrows_a_filter_is_kept() {
        let fake = fake(|_| {
            let filter = r#"{"filterName":"a","applyOnTransformedLogs":true,
                "fieldSelectionCriteria":"@aws.region = \"eu-west-1\"",
                "emitSystemFieldDimensions":["@aws.account"]}"#;
            (200, format!(r#"{{"metricFilters":[{filter}]}}"#))
        });
        let filters = metric_filters(&fake.clients, &region(), "trail").await.unwrap();
        let rest = &filters["a"].rest;
        assert!(rest.transformed);
        assert_eq!(rest.selection.as_deref(), Some("@aws.region = \"eu-west-1\""));
        assert_eq!(rest.system_dimensions, ["@aws.account".to_owned()].into());
    }

    #[tokio::test]
    async fn half_a_list_is_an_error() {
        let broken = fake(|request| {
            if request.contains(r#""nextToken":"2""#) {
                (400, r#"{"__type":"InvalidParameterException"}"#.to_owned())
            } else {
                (200, r#"{"metricFilters":[{"filterName":"a"}],"nextToken":"2"}"#.to_owned())
            }
        });
        assert!(metric_filters(&broken.clients, &region(), "trail").await.is_err());
        let nameless = fake(|_| (200, r#"{"metricFilters":[{}]}"#.to_owned()));
        assert!(metric_filters(&nameless.clients, &region(), "trail").await.is_err());
        let gone = fake(|_| (400, r#"{"__type":"ResourceNotFoundException"}"#.to_owned()));
        let gone = metric_filters(&gone.clients, &region(), "trail").await.unwrap_err();
        assert_eq!(gone.kind, ErrorKind::NotFound);
    }
}
