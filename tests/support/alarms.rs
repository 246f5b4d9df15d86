//! Filters, alarms and topics that watch a trail, as they should be, to be spoiled.

use aws_sdk_cloudwatch::operation::put_metric_alarm::builders::PutMetricAlarmFluentBuilder;
use aws_sdk_cloudwatch::types::{ComparisonOperator, Statistic};
use aws_sdk_cloudwatchlogs::types::MetricTransformation;
use serde_json::json;

use super::account::Account;
use super::logging::HOME;

/// Where the metrics of the account are.
pub(crate) const NAMESPACE: &str = "Audit";

/// A metric filter of the log group that a trail fills.
pub(crate) async fn filter(
    account: &Account,
    group: &str,
    name: &str,
    pattern: &str,
    metric: &str,
) {
    let counts = MetricTransformation::builder()
        .metric_namespace(NAMESPACE)
        .metric_name(metric)
        .metric_value("1")
        .build()
        .unwrap();
    let put = account.logs(HOME).put_metric_filter().log_group_name(group).filter_name(name);
    put.filter_pattern(pattern).metric_transformations(counts).send().await.unwrap();
}

/// An alarm that is yet to be sent: it goes off at one event, and tells a topic.
pub(crate) fn alarm(
    account: &Account,
    name: &str,
    metric: &str,
    topic: &str,
) -> PutMetricAlarmFluentBuilder {
    let put = account.cloudwatch(HOME).put_metric_alarm().alarm_name(name).alarm_actions(topic);
    put.namespace(NAMESPACE)
        .metric_name(metric)
        .statistic(Statistic::Sum)
        .period(300)
        .evaluation_periods(1)
        .threshold(1.0)
        .comparison_operator(ComparisonOperator::GreaterThanOrEqualToThreshold)
        .treat_missing_data("notBreaching")
}

/// A topic that CloudWatch may publish to.
pub(crate) async fn topic(account: &Account, region: &str, name: &str) -> String {
    let arn = format!("arn:aws:sns:{region}:{}:{name}", account.id);
    let publish = json!({
        "Effect": "Allow",
        "Principal": { "Service": "cloudwatch.amazonaws.com" },
        "Action": "sns:Publish",
        "Resource": arn,
        "Condition": { "StringEquals": { "aws:SourceAccount": account.id } },
    });
    let policy = json!({ "Version": "2012-10-17", "Statement": [publish] }).to_string();
    let create = account.sns(region).create_topic().name(name).attributes("Policy", policy);
    assert_eq!(create.send().await.unwrap().topic_arn.unwrap(), arn);
    arn
}

/// Subscribes an address to a topic, which has yet to confirm.
pub(crate) async fn subscribe(account: &Account, topic: &str, address: &str) {
    let region = topic.split(':').nth(3).unwrap();
    let subscribe = account.sns(region).subscribe().topic_arn(topic).protocol("email");
    subscribe.endpoint(address).send().await.unwrap();
}

/// A topic that tells somebody.
pub(crate) async fn heard(account: &Account, region: &str, name: &str, address: &str) -> String {
    let topic = topic(account, region, name).await;
    subscribe(account, &topic, address).await;
    account.confirm(region, address);
    topic
}
