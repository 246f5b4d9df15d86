//! CloudWatch: the alarms of a region. Reads only.

use aws_sdk_cloudwatch::types::{self as sdk, AlarmType};

use super::alarm::alarm_of;
use super::{Clients, ServiceError};
use crate::model::{Action, Alarms, CompositeAlarm, MetricAlarm, Region};

const DESCRIBE: &str = "cloudwatch:DescribeAlarms";

/// The most alarms of a page.
const PAGE: i32 = 100;

/// All that watch metrics, and all that watch those.
pub(crate) async fn alarms(clients: &Clients, region: &Region) -> Result<Alarms, ServiceError> {
    described(clients, region, None).await
}

/// An alarm that watches metrics; `None` if nothing has its name.
pub(super) async fn metric_alarm(
    clients: &Clients,
    region: &Region,
    name: &str,
) -> Result<Option<MetricAlarm>, ServiceError> {
    let mut found = described(clients, region, Some(name)).await?;
    // Both kinds share their names: neither is put where the other is.
    if found.composite.contains_key(name) {
        let told = "an alarm of this name watches other alarms: harden leaves it alone";
        return Err(ServiceError::ours(Action::new(DESCRIBE), told));
    }
    Ok(found.metric.remove(name))
}

async fn described(
    clients: &Clients,
    region: &Region,
    name: Option<&str>,
) -> Result<Alarms, ServiceError> {
    let cloudwatch = clients.cloudwatch(region);
    let pages: Vec<_> = cloudwatch
        .call(DESCRIBE, |cloudwatch| {
            let mut list = cloudwatch.describe_alarms().max_records(PAGE);
            // Without the types, those that watch other alarms are left out.
            for kind in [AlarmType::MetricAlarm, AlarmType::CompositeAlarm] {
                list = list.alarm_types(kind);
            }
            let list = list.set_alarm_names(name.map(|name| vec![name.to_owned()]));
            list.into_paginator().send().try_collect()
        })
        .await?;
    let half = || ServiceError::ours(Action::new(DESCRIBE), "an alarm without its essentials");
    let mut alarms = Alarms::default();
    for page in pages {
        for alarm in page.metric_alarms.into_iter().flatten() {
            let (name, alarm) = alarm_of(alarm, clients.account()).ok_or_else(half)?;
            alarms.metric.insert(name, alarm);
        }
        for alarm in page.composite_alarms.into_iter().flatten() {
            let (name, alarm) = composite_of(alarm).ok_or_else(half)?;
            alarms.composite.insert(name, alarm);
        }
    }
    Ok(alarms)
}

fn composite_of(alarm: sdk::CompositeAlarm) -> Option<(String, CompositeAlarm)> {
    let composite = CompositeAlarm {
        rule: alarm.alarm_rule?,
        actions_enabled: alarm.actions_enabled?,
        alarm_actions: alarm.alarm_actions.unwrap_or_default(),
        suppressor: alarm.actions_suppressor.filter(|name| !name.is_empty()),
    };
    Some((alarm.alarm_name?, composite))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::ErrorKind;
    use crate::aws::fake::{Fake, fake};
    use crate::model::{Number, Watched};

    fn region() -> Region {
        Region::new("eu-west-1")
    }

    /// An alarm as AWS tells of it, with `more` fields.
    fn alarm(name: &str, more: &str) -> String {
        format!(
            r#"{{"AlarmName":"{name}","ActionsEnabled":true,"EvaluationPeriods":1,"Threshold":1.0,
                "ComparisonOperator":"GreaterThanOrEqualToThreshold"{more}}}"#
        )
    }

    /// Two pages: a plain alarm, then one that computes and one that watches these.
    fn account() -> Fake {
        fake(|request| {
            if !request.contains(r#""NextToken":"2""#) {
                let more = r#","Namespace":"n","MetricName":"m","Statistic":"Sum","Period":300,
                    "AlarmActions":["arn:t"],"StateValue":"OK""#;
                let alarm = alarm("plain", more);
                return (200, format!(r#"{{"MetricAlarms":[{alarm}],"NextToken":"2"}}"#));
            }
            let math = alarm("math", r#","Metrics":[{"Id":"e","Expression":"SUM(METRICS())"}]"#);
            let composite = r#"{"AlarmName":"both","AlarmRule":"ALARM(plain) OR ALARM(math)",
                "ActionsEnabled":false,"AlarmActions":["arn:t"],"ActionsSuppressor":"quiet"}"#;
            (200, format!(r#"{{"MetricAlarms":[{math}],"CompositeAlarms":[{composite}]}}"#))
        })
    }

    #[tokio::test]
    async fn alarms_of_both_kinds_are_read_to_the_last_page() {
        let fake = account();
        let alarms = alarms(&fake.clients, &region()).await.unwrap();
        let names: Vec<&String> = alarms.metric.keys().chain(alarms.composite.keys()).collect();
        assert_eq!(names, ["math", "plain", "both"]);
        let plain = &alarms.metric["plain"];
        assert_eq!((plain.period, plain.threshold), (Some(300), Some(Number::new(1.0))));
        assert!(matches!(&alarms.metric["math"].watches, Watched::Queries(all) if all.len() == 1));
        let both = CompositeAlarm {
            rule: "ALARM(plain) OR ALARM(math)".to_owned(),
            actions_enabled: false,
            alarm_actions: vec!["arn:t".to_owned()],
            suppressor: Some("quiet".to_owned()),
        };
        assert_eq!(alarms.composite["both"], both);
        let asked = fake.requests("/operation/DescribeAlarms");
        assert_eq!(asked.len(), 2);
        assert!(asked[0].contains(r#""AlarmTypes":["MetricAlarm","CompositeAlarm"]"#), "{asked:?}");
        assert!(asked[0].contains(r#""MaxRecords":100"#), "{asked:?}");
    }

    #[tokio::test]
    async fn one_alarm_is_asked_for_by_its_name() {
        let fake = fake(|request| {
            let answer = if request.contains(r#""AlarmNames":["both"]"#) {
                r#"{"CompositeAlarms":[{"AlarmName":"both","AlarmRule":"TRUE","ActionsEnabled":true}]}"#
            } else {
                "{}"
            };
            (200, answer.to_owned())
        });
        assert_eq!(metric_alarm(&fake.clients, &region(), "a").await, Ok(None));
        let error = metric_alarm(&fake.clients, &region(), "both").await.unwrap_err();
        assert!(error.to_string().contains("watches other alarms"), "{error}");
    }

    #[tokio::test]
    async fn half_an_answer_is_an_error() {
        let half = fake(|_| (200, r#"{"MetricAlarms":[{"AlarmName":"a"}]}"#.to_owned()));
        let error = alarms(&half.clients, &region()).await.unwrap_err();
        assert_eq!(error.to_string(), "an alarm without its essentials");
        let denied = fake(|_| {
            let message = "User: x is not authorized to perform: cloudwatch:DescribeAlarms";
            (
                403,
                format!(
                    r#"{{"__type":"com.amazonaws.cloudwatch#AccessDenied","message":"{message}"}}"#
                ),
            )
        });
        let error = alarms(&denied.clients, &region()).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Denied);
        let broken = fake(|request| {
            if request.contains(r#""NextToken":"2""#) {
                (400, r#"{"__type":"com.amazonaws.cloudwatch#InvalidNextToken"}"#.to_owned())
            } else {
                (200, r#"{"NextToken":"2"}"#.to_owned())
            }
        });
        assert!(alarms(&broken.clients, &region()).await.is_err());
    }
}
