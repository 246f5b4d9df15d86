"""CloudWatch: new alarms without data, replaced alarms that keep their state, and what an alarm must not say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from moto.utilities.utils import get_partition

from .. import moto_server
from ..call import Answer, AwsError, Call, Params, Proceed
from ..rulebook import rule

_ACTION_LISTS = ("AlarmActions", "OKActions", "InsufficientDataActions")
_MOST_ACTIONS = 5
_SHORT_PERIODS = (10, 20, 30)
_COMPARISONS = {
    "GreaterThanOrEqualToThreshold", "GreaterThanThreshold", "LessThanThreshold", "LessThanOrEqualToThreshold",
    "LessThanLowerOrGreaterThanUpperThreshold", "LessThanLowerThreshold", "GreaterThanUpperThreshold",
}  # fmt: skip
_MISSING_DATA = {"breaching", "notBreaching", "ignore", "missing"}
_STATE = ("state_value", "state_reason", "state_reason_data", "state_updated_timestamp")


@rule("cloudwatch", "PutMetricAlarm")
def _put(call: Call, proceed: Proceed) -> Answer:
    _check(call.params)
    check_actions(call)
    with as_replacement(call):
        return proceed()


@contextmanager
def as_replacement(call: Call) -> Iterator[None]:
    """Lets an alarm be put: a new one has no data yet, one that was there keeps its state and its tags."""
    name = call.params["AlarmName"]
    backend = moto_server.state("cloudwatch", call.account, call.region)
    older = backend.alarms.get(name)
    if older is not None and call.params.pop("Tags", None):
        call.edited = True
    yield
    newer = backend.alarms[name]
    if older is None:
        newer.state_value = "INSUFFICIENT_DATA"
    else:
        for attribute in _STATE:
            setattr(newer, attribute, getattr(older, attribute))


def _check(params: Params) -> None:
    _need(params, "ComparisonOperator", _COMPARISONS)
    _need(params, "EvaluationPeriods")
    if params.get("TreatMissingData", "missing") not in _MISSING_DATA:
        raise invalid(f"Option {params['TreatMissingData']} is not supported. Supported: {sorted(_MISSING_DATA)}")
    if not params.get("ThresholdMetricId"):
        _need(params, "Threshold")
    if params.get("Metrics"):
        if params.get("MetricName"):
            raise invalid("Metrics list and metric name must not both be set")
        return
    _need(params, "Namespace")
    _need(params, "MetricName")
    _check_period(params.get("Period"))
    if not params.get("Statistic") and not params.get("ExtendedStatistic"):
        raise invalid("Either Statistic or ExtendedStatistic must be set")


def _need(params: Params, name: str, among: set[str] | None = None) -> None:
    value = params.get(name)
    if value is None or (among is not None and value not in among):
        what = f"Value '{value}' at '{name[0].lower()}{name[1:]}' failed to satisfy constraint"
        raise invalid(f"1 validation error detected: {what}")


@rule("cloudwatch", "DescribeAlarms")
def _describe(call: Call, proceed: Proceed) -> Answer:
    answer = proceed()
    if call.params.get("ParentsOfAlarmName") or call.params.get("ChildrenOfAlarmName"):
        return answer
    wanted = call.params.get("AlarmTypes") or ["MetricAlarm"]
    for kind in ("MetricAlarm", "CompositeAlarm"):
        if kind not in wanted:
            answer.data[f"{kind}s"] = []
    for alarm in answer.data["MetricAlarms"]:
        if not alarm.get("Metrics"):
            alarm.pop("Metrics", None)
    return answer


@rule("cloudwatch", "SetAlarmState")
def _set_state(call: Call, proceed: Proceed) -> Answer:
    if call.params["AlarmName"] not in moto_server.state("cloudwatch", call.account, call.region).alarms:
        raise AwsError("ResourceNotFound", "The specified alarm does not exist.", 404)
    return proceed()


def check_actions(call: Call) -> None:
    """Whether an alarm may have these actions."""
    for name in _ACTION_LISTS:
        _check_list(call, name, call.params.get(name) or [])


def _check_list(call: Call, name: str, actions: list[Any]) -> None:
    if len(actions) > _MOST_ACTIONS:
        what = f"Value '{actions}' at '{name[0].lower()}{name[1:]}' failed to satisfy constraint"
        raise invalid(f"1 validation error detected: {what}: Member must have length less than or equal to 5")
    for action in actions:
        parts = str(action).split(":")
        if len(parts) < 6 or parts[0] != "arn" or not re.fullmatch(r"[\w-]+", parts[2]):
            raise invalid(f"Invalid arn syntax: {action}")
        if parts[1] != get_partition(call.region):
            raise invalid(f"Invalid partition {parts[1]} specified. Only {get_partition(call.region)} is supported.")
        if parts[2] == "sns" and parts[3] != call.region:
            raise invalid(f"Invalid region {parts[3]} specified. Only {call.region} is supported.")


def _check_period(period: Any) -> None:
    if period not in _SHORT_PERIODS and (not period or int(period) % 60):
        raise invalid("Period must be 10, 20, 30 or a multiple of 60.")


def invalid(message: str) -> AwsError:
    """CloudWatch's refusal."""
    return AwsError("ValidationError", message)
