"""CloudWatch: alarms over alarms, which have to exist and cannot be deleted from under them."""

from __future__ import annotations

import re
from typing import Any

from .. import moto_server
from ..call import Answer, Call, Params, Proceed
from ..rulebook import rule
from .cloudwatch import as_replacement, check_actions, invalid

_MOST_DELETED = 100
_TEST = re.compile(r'\b(?:ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?:"([^"]+)"|([^\s()"]+))\s*\)')
# What is true already; whatever is left once all of these are, did not parse.
_REDUCIBLE = re.compile(r"\(\s*TRUE\s*\)|\bNOT\s+TRUE\b|\bTRUE\s+(?:AND|OR)\s+TRUE\b|\bFALSE\b")
_METRIC_FIELDS = (
    "namespace", "metric_name", "comparison_operator", "evaluation_periods", "period", "threshold", "statistic",
)  # fmt: skip


@rule("cloudwatch", "PutCompositeAlarm")
def _put(call: Call, _: Proceed) -> Answer:
    params = call.params
    check_actions(call)
    backend = moto_server.state("cloudwatch", call.account, call.region)
    missing = sorted(_children(params["AlarmRule"]) - set(backend.alarms))
    if missing:
        raise invalid(
            f"Could not save the composite alarm as alarms [{', '.join(missing)}] in the alarm rule do not exist"
        )
    with as_replacement(call):
        # moto keeps composite alarms, but has no operation that makes one.
        backend.put_metric_alarm(
            **dict.fromkeys(_METRIC_FIELDS),
            name=params["AlarmName"],
            description=params.get("AlarmDescription"),
            dimensions=[],
            alarm_actions=params.get("AlarmActions") or [],
            ok_actions=params.get("OKActions"),
            insufficient_data_actions=params.get("InsufficientDataActions"),
            actions_enabled=params.get("ActionsEnabled", True),
            rule=params["AlarmRule"],
            tags=params.get("Tags"),
        )
    return Answer(call, data={})


@rule("cloudwatch", "DescribeAlarms")
def _describe_family(call: Call, proceed: Proceed) -> Answer:
    params = call.params
    asked = [name for name in ("ParentsOfAlarmName", "ChildrenOfAlarmName") if params.get(name)]
    if not asked:
        return proceed()
    if len(params) > 1:
        raise invalid(f"{asked[0]} cannot be used with other parameters")
    alarms = moto_server.state("cloudwatch", call.account, call.region).alarms
    if asked[0] == "ParentsOfAlarmName":
        parents = [one for one in alarms.values() if params[asked[0]] in _children(one.rule)]
        return Answer(call, data={"MetricAlarms": [], "CompositeAlarms": [_name(one) for one in parents]})
    parent = alarms.get(params[asked[0]])
    children = [alarms[name] for name in sorted(_children(parent.rule if parent else None)) if name in alarms]
    data = {
        "MetricAlarms": [_state(one) for one in children if one.rule is None],
        "CompositeAlarms": [_state(one) for one in children if one.rule is not None],
    }
    return Answer(call, data=data)


@rule("cloudwatch", "DeleteAlarms")
def _delete(call: Call, proceed: Proceed) -> Answer:
    backend = moto_server.state("cloudwatch", call.account, call.region)
    names = call.params["AlarmNames"]
    if len(names) > _MOST_DELETED:
        raise invalid(f"Cannot delete more than {_MOST_DELETED} alarms at once")
    # Names that do not exist are no mistake.
    going = [backend.alarms[name] for name in names if name in backend.alarms]
    if sum(one.rule is not None for one in going) > 1:
        raise invalid("Cannot delete more than one composite alarm at once")
    needed = {name for one in backend.alarms.values() if one not in going for name in _children(one.rule)}
    held = [one.name for one in going if one.name in needed]
    if held:
        them = "it" if len(held) == 1 else "them"
        raise invalid(f"Cannot delete {','.join(held)} as there are composite alarm(s) depending on {them}.")
    answer = proceed()
    for one in going:
        # moto keeps them for the next alarm of this name.
        backend.tagger.delete_all_tags_for_resource(one.alarm_arn)
    return answer


def _children(rule_text: str | None) -> set[str]:
    """The alarms that a rule names, by name or ARN. A rule that does not parse is refused."""
    if rule_text is None:
        return set()
    names = {quoted or bare for quoted, bare in _TEST.findall(rule_text)}
    rest, before = _TEST.sub("TRUE", rule_text), ""
    while rest != before:
        rest, before = _REDUCIBLE.sub("TRUE", rest), rest
    if rest.strip() != "TRUE":
        raise invalid(f"Error in AlarmRule [Unsupported token near '{rest.strip()}']")
    return {name.split(":alarm:", 1)[-1] if name.startswith("arn:") else name for name in names}


def _name(one: Any) -> Params:
    return {"AlarmName": one.name, "AlarmArn": one.alarm_arn}


def _state(one: Any) -> Params:
    return {**_name(one), "StateValue": one.state_value, "StateUpdatedTimestamp": one.state_updated_timestamp}
