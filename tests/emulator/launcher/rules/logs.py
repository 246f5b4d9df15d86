"""CloudWatch Logs: metric filters that are replaced by name and have to parse, groups that have to exist."""

from __future__ import annotations

import json
import re
from typing import Any

from .. import filter_pattern, moto_server, times
from ..call import Answer, AwsError, Call, Params, Proceed
from ..filter_pattern import Malformed, Pattern
from ..rulebook import rule

_RETENTIONS = {
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
}  # fmt: skip
_GROUP_NAME = re.compile(r"[.\-_/#A-Za-z0-9]+")
_MOST_FILTERS = 100
_MOST_FILTERS_WITH_REGEX = 5


@rule("logs", "PutMetricFilter")
def _put_filter(call: Call, proceed: Proceed) -> Answer:
    params = call.params
    _check_group(call, params["logGroupName"])
    pattern = _parse(params["filterPattern"])
    _check_transformations(params["metricTransformations"])
    filters = _filters(call)
    older = [one for one in filters if _name(one) == (params["logGroupName"], params["filterName"])]
    others = [one for one in filters if one["logGroupName"] == params["logGroupName"] and one not in older]
    with_regex = sum(_parse(one["filterPattern"]).regexes > 0 for one in others)
    if len(others) >= _MOST_FILTERS or (pattern.regexes and with_regex >= _MOST_FILTERS_WITH_REGEX):
        raise AwsError("LimitExceededException", "Resource limit exceeded.")
    answer = proceed()
    filters[-1]["creationTime"] = int(times.now().timestamp() * 1000)
    # moto appends, whatever is there already.
    for one in older:
        filters.remove(one)
    return answer


@rule("logs", "DescribeMetricFilters")
def _describe_filters(call: Call, proceed: Proceed) -> Answer:
    if "logGroupName" in call.params:
        _check_group(call, call.params["logGroupName"])
    answer = proceed()
    created = {_name(one): one.get("creationTime") for one in _filters(call)}
    for one in answer.data["metricFilters"]:
        one["creationTime"] = created.get(_name(one))
    answer.data["metricFilters"].sort(key=lambda one: one["filterName"])
    return answer


@rule("logs", "DeleteMetricFilter")
def _delete_filter(call: Call, proceed: Proceed) -> Answer:
    _check_group(call, call.params["logGroupName"])
    if _name(call.params) not in [_name(one) for one in _filters(call)]:
        raise AwsError("ResourceNotFoundException", "The specified metric filter does not exist.")
    return proceed()


@rule("logs", "TestMetricFilter")
def _test_filter(call: Call, _: Proceed) -> Answer:
    pattern = _parse(call.params["filterPattern"])
    if pattern.matches is None:
        raise AwsError("NotImplemented", "the emulator evaluates JSON patterns only", 501)
    matches = []
    for number, message in enumerate(call.params["logEventMessages"], start=1):
        if pattern.matches(_event(message)):
            matches.append({"eventNumber": number, "eventMessage": message, "extractedValues": {}})
    return Answer(call, data={"matches": matches})


@rule("logs", "CreateLogGroup")
def _create_group(call: Call, proceed: Proceed) -> Answer:
    name = call.params["logGroupName"]
    if not _GROUP_NAME.fullmatch(name):
        what = f"Value '{name}' at 'logGroupName' failed to satisfy constraint: Member must satisfy regular expression"
        raise AwsError("InvalidParameterException", f"1 validation error detected: {what} {_GROUP_NAME.pattern}")
    return proceed()


@rule("logs", "DeleteLogGroup")
def _delete_group(call: Call, proceed: Proceed) -> Answer:
    backend = moto_server.state("logs", call.account, call.region)
    group = backend.groups.get(call.params["logGroupName"])
    answer = proceed()
    # moto keeps them for the next group of this name.
    backend.tagger.delete_all_tags_for_resource(group.arn)
    filters = _filters(call)
    filters[:] = [one for one in filters if one["logGroupName"] != call.params["logGroupName"]]
    return answer


@rule("logs", "DescribeLogGroups")
def _describe_groups(call: Call, proceed: Proceed) -> Answer:
    answer = proceed()
    for group in answer.data["logGroups"]:
        group["metricFilterCount"] = sum(one["logGroupName"] == group["logGroupName"] for one in _filters(call))
        group.setdefault("logGroupClass", "STANDARD")
    return answer


@rule("logs", "PutRetentionPolicy")
def _put_retention(call: Call, proceed: Proceed) -> Answer:
    days = call.params["retentionInDays"]
    if days not in _RETENTIONS:
        what = f"Value '{days}' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set"
        raise AwsError("InvalidParameterException", f"1 validation error detected: {what}: {sorted(_RETENTIONS)}")
    return proceed()


def _filters(call: Call) -> list[dict[str, Any]]:
    return moto_server.state("logs", call.account, call.region).filters.metric_filters


def _name(one: Params) -> tuple[str, str]:
    return one["logGroupName"], one["filterName"]


def _check_group(call: Call, name: str) -> None:
    if name not in moto_server.state("logs", call.account, call.region).groups:
        raise AwsError("ResourceNotFoundException", "The specified log group does not exist.")


def _parse(text: str) -> Pattern:
    try:
        return filter_pattern.parse(text)
    except Malformed:
        raise AwsError("InvalidParameterException", "Invalid metric filter pattern") from None


def _check_transformations(transformations: list[Params]) -> None:
    for one in transformations:
        if re.search(r"[:*$]", one["metricName"]) or re.search(r"[*$]", one["metricNamespace"]):
            raise AwsError("InvalidParameterException", "Metric names and namespaces must not contain : * or $.")
        if one["metricNamespace"].startswith("AWS/"):
            raise AwsError(
                "InvalidParameterException", "Invalid metric transformation: metricNamespace must not begin with AWS/"
            )
        if "defaultValue" in one and one.get("dimensions"):
            raise AwsError(
                "InvalidParameterException",
                "Invalid metric transformation: dimensions and default value are mutually exclusive properties.",
            )


def _event(message: str) -> Any:
    try:
        event = json.loads(message)
    except ValueError:
        return None
    return event if isinstance(event, dict) else None
