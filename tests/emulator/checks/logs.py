"""CloudWatch Logs: groups and metric filters."""

from __future__ import annotations

from typing import Any

from .lab import REGION, Lab, check, flat, pages, refused, same

PATTERN = '{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }'
METRIC = [{"metricName": "Denied", "metricNamespace": "CISBenchmark", "metricValue": "1"}]


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
def groups_leave_nothing_behind(lab: Lab) -> None:
    logs = lab.client("logs")
    refused("InvalidParameterException", logs.create_log_group, logGroupName="a group")
    logs.create_log_group(logGroupName="trail", tags={"harden:version": "1"})
    refused("ResourceAlreadyExistsException", logs.create_log_group, logGroupName="trail")
    arn = f"arn:aws:logs:{REGION}:{lab.account}:log-group:trail"
    same(logs.list_tags_for_resource(resourceArn=arn)["tags"], {"harden:version": "1"})
    put(lab)
    made = logs.describe_log_groups()["logGroups"][0]["creationTime"]
    lab.configure(region=REGION, log_groups={"trail": {"created": 10}})
    same(round((made - logs.describe_log_groups()["logGroups"][0]["creationTime"]) / 86_400_000), 10)
    logs.put_retention_policy(logGroupName="trail", retentionInDays=365)
    same(logs.describe_log_groups()["logGroups"][0]["retentionInDays"], 365)
    for _ in range(2):
        logs.delete_retention_policy(logGroupName="trail")
    assert "retentionInDays" not in logs.describe_log_groups()["logGroups"][0]
    logs.delete_log_group(logGroupName="trail")
    for call in (logs.delete_log_group, logs.delete_retention_policy, logs.describe_metric_filters):
        refused("ResourceNotFoundException", call, logGroupName="trail")
    logs.create_log_group(logGroupName="trail")
    same(logs.list_tags_for_resource(resourceArn=arn)["tags"], {})
    same(logs.describe_metric_filters(logGroupName="trail")["metricFilters"], [])


@check
def filters_have_one_transformation(lab: Lab) -> None:
    lab.client("logs").create_log_group(logGroupName="trail")
    for metric in ([], [*METRIC, *METRIC], [{**METRIC[0], "metricNamespace": "AWS/EC2"}]):
        given = {"logGroupName": "trail", "filterName": "f", "filterPattern": PATTERN, "metricTransformations": metric}
        refused("InvalidParameterException", lab.client("logs").put_metric_filter, **given)
    for name in ("a:b", "a*b"):
        refused("InvalidParameterException", put, lab=lab, name=name)
    refused("InvalidParameterException", put, lab=lab, pattern='{ $.a = "' + "x" * 1024 + '" }')
    put(lab, metric=[{**METRIC[0], "defaultValue": 0.0, "unit": "Count"}])
    (shown,) = lab.client("logs").describe_metric_filters(logGroupName="trail")["metricFilters"]
    same(shown["metricTransformations"], [{**METRIC[0], "defaultValue": 0.0, "unit": "Count"}])
