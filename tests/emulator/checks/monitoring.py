"""Logs, CloudWatch, SNS."""

from __future__ import annotations

from typing import Any

from .lab import OTHER_REGION, REGION, Lab, check, flat, pages, refused, same

PATTERN = '{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }'
METRIC = [{"metricName": "Denied", "metricNamespace": "CISBenchmark", "metricValue": "1"}]
ALARM: dict[str, Any] = {
    "AlarmName": "a",
    "Namespace": "CISBenchmark",
    "MetricName": "Denied",
    "Statistic": "Sum",
    "Period": 300,
    "EvaluationPeriods": 1,
    "Threshold": 1.0,
    "ComparisonOperator": "GreaterThanOrEqualToThreshold",
}


def put(lab: Lab, pattern: str = PATTERN, name: str = "f", group: str = "trail", metric: Any = None) -> None:
    lab.client("logs").put_metric_filter(
        logGroupName=group, filterName=name, filterPattern=pattern, metricTransformations=metric or METRIC
    )


@check
def metric_filters_are_replaced(lab: Lab) -> None:
    logs = lab.client("logs")
    refused("ResourceNotFoundException", lambda: put(lab))
    refused("ResourceNotFoundException", logs.describe_metric_filters, logGroupName="trail")
    logs.create_log_group(logGroupName="trail")
    put(lab, "{ $.a = 1 }")
    put(lab)
    (shown,) = logs.describe_metric_filters(logGroupName="trail")["metricFilters"]
    same((shown["filterPattern"], shown["metricTransformations"]), (PATTERN, METRIC))
    same(logs.describe_log_groups()["logGroups"][0]["metricFilterCount"], 1)
    logs.delete_metric_filter(logGroupName="trail", filterName="f")
    refused("ResourceNotFoundException", logs.delete_metric_filter, logGroupName="trail", filterName="f")


@check
def patterns_have_to_parse(lab: Lab) -> None:
    lab.client("logs").create_log_group(logGroupName="trail")
    for wrong in (
        "{ $eventName = X }",
        "{ $.a = 1 } }",
        "{ $.errorMessage = Failed authentication }",
        "{ $.a = }",
        "{ ($.a = 1 }",
        "{ $.a EXISTS }",
        "{ $.a = 1 || }",
        "{}",
        "{ $.a > x }",
        '{ $.a = \\"Root\\" }',
        "{ $.a = %a% || $.a = %b% || $.a = %c% }",
    ):
        refused("InvalidParameterException", lambda given=wrong: put(lab, given))
    for number, right in enumerate((
        PATTERN,
        "{$.eventName=ConsoleLogin&&$.errorMessage=\"Failed authentication\"}",
        '{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }',
        "{ ((($.a = s3.amazonaws.com))) && ($.b[0].c IS NULL) }",
        "{ $.a >= 1e-3 }",
        "{ $.a = %^ab+$% }",
        "",
        "ERROR -debug",
        "[ip, user, ...]",
    )):  # fmt: skip
        put(lab, right, name=f"right{number}")
    both = [{**METRIC[0], "defaultValue": 0, "dimensions": {"x": "$.x"}}]
    refused("InvalidParameterException", lambda: put(lab, metric=both))


@check
def patterns_match(lab: Lab) -> None:
    logs = lab.client("logs")

    def matches(pattern: str, *events: str) -> list[int]:
        found = logs.test_metric_filter(filterPattern=pattern, logEventMessages=list(events))["matches"]
        return [one["eventNumber"] for one in found]

    same(
        matches(
            PATTERN, '{"errorCode":"AccessDenied"}', '{"errorCode":"Client.UnauthorizedOperation"}', '{"a":1}', "text"
        ),
        [1, 2],
    )
    same(matches('{ $.a != "x" }', '{"a":"y"}', '{"a":"x"}', "{}", '{"a":null}'), [1])
    same(matches("{ $.a NOT EXISTS || $.b = 2 && $.c = 3 }", "{}", '{"a":1,"b":2}', '{"a":1,"b":2,"c":3}'), [1, 3])
    same(matches("{ $.a[1].b IS TRUE }", '{"a":[{},{"b":true}]}', '{"a":[]}'), [1])


@check
def limits_and_retention(lab: Lab) -> None:
    logs = lab.client("logs")
    logs.create_log_group(logGroupName="trail")
    for number in range(100):
        put(lab, name=f"f{number:03}")
    refused("LimitExceededException", lambda: put(lab, name="one-more"))
    put(lab, name="f000")
    found = pages(
        logs.describe_metric_filters, "metricFilters", "nextToken", "nextToken", logGroupName="trail", limit=50
    )
    same((len(found), len(flat(found))), (25, 100))
    refused("InvalidParameterException", logs.describe_metric_filters, nextToken="garbage")
    refused("InvalidParameterException", logs.describe_metric_filters, limit=51)
    refused("InvalidParameterException", logs.put_retention_policy, logGroupName="trail", retentionInDays=13)
    logs.put_retention_policy(logGroupName="trail", retentionInDays=365)
    logs.delete_log_group(logGroupName="trail")
    same(logs.describe_metric_filters()["metricFilters"], [])
    for number in range(3):
        logs.create_log_group(logGroupName=f"g{number}")
    same([len(one) for one in pages(logs.describe_log_groups, "logGroups", "nextToken", "nextToken")], [2, 1])


@check
def regex_filters_are_limited(lab: Lab) -> None:
    lab.client("logs").create_log_group(logGroupName="trail")
    for number in range(5):
        put(lab, "{ $.a = %x% }", name=f"f{number}")
    refused("LimitExceededException", lambda: put(lab, "{ $.a = %x% }", name="one-more"))
    put(lab, name="plain")


@check
def alarms_are_checked(lab: Lab) -> None:
    cloudwatch = lab.client("cloudwatch")
    topic = f"arn:aws:sns:{REGION}:{lab.account}:t"
    for wrong in (
        {"AlarmActions": [topic.replace(REGION, OTHER_REGION)]},
        {"AlarmActions": [topic.replace("arn:aws:", "arn:aws-cn:")]},
        {"AlarmActions": ["topic"]},
        {"AlarmActions": [f"{topic}{number}" for number in range(6)]},
        {"Period": 45},
        {"Statistic": None},
    ):
        given = {name: value for name, value in {**ALARM, **wrong}.items() if value is not None}
        refused("ValidationError", cloudwatch.put_metric_alarm, **given)
    same(cloudwatch.describe_alarms()["MetricAlarms"], [])


@check
def alarms_keep_their_state(lab: Lab) -> None:
    cloudwatch = lab.client("cloudwatch")
    cloudwatch.put_metric_alarm(**ALARM)
    cloudwatch.set_alarm_state(AlarmName="a", StateValue="ALARM", StateReason="test")
    cloudwatch.put_metric_alarm(**{**ALARM, "Threshold": 10.0})
    (shown,) = cloudwatch.describe_alarms()["MetricAlarms"]
    same((shown["StateValue"], shown["Threshold"]), ("ALARM", 10.0))
    cloudwatch.put_composite_alarm(AlarmName="c", AlarmRule="ALARM(a)")
    same(cloudwatch.describe_alarms()["CompositeAlarms"], [])
    same(len(cloudwatch.describe_alarms(AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]), 1)


@check
def subscriptions_wait(lab: Lab) -> None:
    sns = lab.client("sns")
    topic = sns.create_topic(Name="alarms")["TopicArn"]
    refused("InvalidParameter", sns.subscribe, TopicArn=topic, Protocol="email", Endpoint="nobody")
    answer = sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="sec@example.org")
    same(answer["SubscriptionArn"], "pending confirmation")
    arn = sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="sec@example.org", ReturnSubscriptionArn=True)[
        "SubscriptionArn"
    ]
    assert arn.startswith(topic), arn
    sns.subscribe(TopicArn=topic, Protocol="https", Endpoint="https://example.org/hook")
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:{REGION}:{lab.account}:q")
    shown = flat(pages(sns.list_subscriptions_by_topic, "Subscriptions", "NextToken", "NextToken", TopicArn=topic))
    same([one["SubscriptionArn"].startswith("arn:") for one in shown], [False, False, True])
    same({one["SubscriptionArn"] for one in shown[:2]}, {"PendingConfirmation"})
    refused("InvalidParameter", sns.unsubscribe, SubscriptionArn="PendingConfirmation")
    refused("InvalidParameter", sns.unsubscribe, SubscriptionArn=arn)
    same(sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]["PendingConfirmation"], "true")
    counts = sns.get_topic_attributes(TopicArn=topic)["Attributes"]
    same((counts["SubscriptionsPending"], counts["SubscriptionsConfirmed"]), ("2", "1"))
    done = lab.control(
        "POST", "sns/confirm", {"account": lab.account, "region": REGION, "topic": topic, "endpoint": "sec@example.org"}
    )
    same(done, {"confirmed": [arn]})
    shown = flat(pages(sns.list_subscriptions, "Subscriptions", "NextToken", "NextToken"))
    same([one["SubscriptionArn"].startswith("arn:") for one in shown], [True, False, True])
    same(sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="sec@example.org")["SubscriptionArn"], arn)
    sns.unsubscribe(SubscriptionArn=arn)


@check
def topics_are_not_made_twice(lab: Lab) -> None:
    sns = lab.client("sns")
    wanted = {"Name": "t", "Attributes": {"DisplayName": "one"}, "Tags": [{"Key": "a", "Value": "b"}]}
    arn = sns.create_topic(**wanted)["TopicArn"]
    same(sns.create_topic(**wanted)["TopicArn"], arn)
    same(sns.create_topic(Name="t")["TopicArn"], arn)
    refused("InvalidParameter", sns.create_topic, **{**wanted, "Attributes": {"DisplayName": "two"}})
    refused("InvalidParameter", sns.create_topic, **{**wanted, "Tags": [{"Key": "a", "Value": "c"}]})
    for number in range(6):
        sns.create_topic(Name=f"t{number}")
    same([len(one) for one in pages(sns.list_topics, "Topics", "NextToken", "NextToken")], [3, 3, 1])
    refused("InvalidParameter", sns.list_topics, NextToken="garbage")
