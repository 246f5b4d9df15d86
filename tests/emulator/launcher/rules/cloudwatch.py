"""CloudWatch: new alarms without data, replaced alarms that keep their state, and what an alarm must not say."""

from __future__ import annotations

import re
from typing import Any

from moto.utilities.utils import get_partition

from .. import moto_server
from ..call import Answer, AwsError, Call, Proceed
from ..rulebook import rule

_ACTION_LISTS = ("AlarmActions", "OKActions", "InsufficientDataActions")
_MOST_ACTIONS = 5
_SHORT_PERIODS = (10, 20, 30)
_METRIC_FIELDS = (
    "namespace",
    "metric_name",
    "comparison_operator",
    "evaluation_periods",
    "period",
    "threshold",
    "statistic",
)
_STATE = ("state_value", "state_reason", "state_reason_data", "state_updated_timestamp")


@rule("cloudwatch", "PutMetricAlarm")
def _put(call: Call, proceed: Proceed) -> Answer:
    params = call.params
    for name in _ACTION_LISTS:
        _check_actions(call, name, params.get(name) or [])
    if not params.get("Metrics"):
        _check_period(params.get("Period"))
        if not params.get("Statistic") and not params.get("ExtendedStatistic"):
            raise _invalid("Either Statistic or ExtendedStatistic must be set")
    alarms = moto_server.state("cloudwatch", call.account, call.region).alarms
    older = alarms.get(params["AlarmName"])
    answer = proceed()
    newer = alarms[params["AlarmName"]]
    if older is None:
        newer.state_value = "INSUFFICIENT_DATA"
    else:
        for name in _STATE:
            setattr(newer, name, getattr(older, name))
    return answer


@rule("cloudwatch", "PutCompositeAlarm")
def _put_composite(call: Call, _: Proceed) -> Answer:
    params = call.params
    # moto keeps composite alarms, but has no operation that makes one.
    moto_server.state("cloudwatch", call.account, call.region).put_metric_alarm(
        **dict.fromkeys(_METRIC_FIELDS),
        name=params["AlarmName"],
        description=params.get("AlarmDescription"),
        dimensions=[],
        alarm_actions=params.get("AlarmActions") or [],
        ok_actions=params.get("OKActions"),
        insufficient_data_actions=params.get("InsufficientDataActions"),
        actions_enabled=params.get("ActionsEnabled", True),
        rule=params["AlarmRule"],
    )
    return Answer(call, data={})


@rule("cloudwatch", "DescribeAlarms")
def _describe(call: Call, proceed: Proceed) -> Answer:
    answer = proceed()
    wanted = call.params.get("AlarmTypes") or ["MetricAlarm"]
    for kind in ("MetricAlarm", "CompositeAlarm"):
        if kind not in wanted:
            answer.data[f"{kind}s"] = []
    return answer


@rule("cloudwatch", "SetAlarmState")
def _set_state(call: Call, proceed: Proceed) -> Answer:
    if call.params["AlarmName"] not in moto_server.state("cloudwatch", call.account, call.region).alarms:
        raise AwsError("ResourceNotFound", "The specified alarm does not exist.", 404)
    return proceed()


def _check_actions(call: Call, name: str, actions: list[Any]) -> None:
    if len(actions) > _MOST_ACTIONS:
        what = f"Value '{actions}' at '{name[0].lower()}{name[1:]}' failed to satisfy constraint"
        raise _invalid(f"1 validation error detected: {what}: Member must have length less than or equal to 5")
    for action in actions:
        parts = str(action).split(":")
        if len(parts) < 6 or parts[0] != "arn" or not re.fullmatch(r"[\w-]+", parts[2]):
            raise _invalid(f"Invalid arn syntax: {action}")
        if parts[1] != get_partition(call.region):
            raise _invalid(f"Invalid partition {parts[1]} specified. Only {get_partition(call.region)} is supported.")
        if parts[2] == "sns" and parts[3] != call.region:
            raise _invalid(f"Invalid region {parts[3]} specified. Only {call.region} is supported.")


def _check_period(period: Any) -> None:
    if period not in _SHORT_PERIODS and (not period or int(period) % 60):
        raise _invalid("Period must be 10, 20, 30 or a multiple of 60.")


def _invalid(message: str) -> AwsError:
    return AwsError("ValidationError", message)
