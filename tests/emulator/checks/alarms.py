"""CloudWatch: what an alarm may say, and alarms over alarms."""

from __future__ import annotations

from typing import Any

from .lab import OTHER_REGION, REGION, Lab, check, refused, same

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
        {"EvaluationPeriods": None},
        {"ComparisonOperator": None},
        {"ComparisonOperator": "GreaterThan"},
        {"Threshold": None},
        {"Namespace": None},
        {"MetricName": None},
        {"TreatMissingData": "good"},
        {"Metrics": [{"Id": "e", "Expression": "1"}]},
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
    (shown,) = cloudwatch.describe_alarms(AlarmNames=["a"])["MetricAlarms"]
    same((shown["ActionsEnabled"], "Metrics" in shown), (True, False))


@check
def alarms_are_tagged_when_they_are_made(lab: Lab) -> None:
    cloudwatch, tags = lab.client("cloudwatch"), [{"Key": "harden:version", "Value": "1"}]
    arn = f"arn:aws:cloudwatch:{REGION}:{lab.account}:alarm:a"
    cloudwatch.put_metric_alarm(**ALARM, Tags=tags)
    cloudwatch.put_metric_alarm(**ALARM, Tags=[{"Key": "other", "Value": "2"}])
    same(cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"], tags)
    cloudwatch.delete_alarms(AlarmNames=["a"])
    cloudwatch.put_metric_alarm(**ALARM)
    same(cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"], [])


@check
def alarms_that_are_not_there_can_be_deleted(lab: Lab) -> None:
    cloudwatch = lab.client("cloudwatch")
    cloudwatch.put_metric_alarm(**ALARM)
    cloudwatch.delete_alarms(AlarmNames=["none"])
    refused("ValidationError", cloudwatch.delete_alarms, AlarmNames=[f"n{number}" for number in range(101)])
    cloudwatch.delete_alarms(AlarmNames=["none", "a"])
    same(cloudwatch.describe_alarms()["MetricAlarms"], [])


@check
def composite_alarms(lab: Lab) -> None:
    cloudwatch = lab.client("cloudwatch")
    topic = f"arn:aws:sns:{REGION}:{lab.account}:t"
    for name in ("a", "b", "with space"):
        cloudwatch.put_metric_alarm(**{**ALARM, "AlarmName": name})

    def put(text: str, name: str = "c", **more: Any) -> None:
        cloudwatch.put_composite_alarm(AlarmName=name, AlarmRule=text, **more)

    for wrong in ("ALARM(none)", "ALARM(a) OR", "ALARM(with space)", "()", "ALARM(a) ALARM(b)", "a"):
        refused("ValidationError", put, text=wrong)
    refused("ValidationError", put, text="ALARM(a)", AlarmActions=[topic.replace(REGION, OTHER_REGION)])
    same(cloudwatch.describe_alarms(AlarmTypes=["CompositeAlarm"])["CompositeAlarms"], [])
    arn = f"arn:aws:cloudwatch:{REGION}:{lab.account}:alarm:b"
    rule = f'ALARM(a) OR (NOT OK("with space") AND (ALARM({arn}) OR FALSE))'
    put(rule, AlarmActions=[topic], ActionsEnabled=False, Tags=[{"Key": "k", "Value": "v"}])
    same(cloudwatch.describe_alarms()["CompositeAlarms"], [])
    (shown,) = cloudwatch.describe_alarms(AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
    same((shown["AlarmRule"], shown["StateValue"]), (rule, "INSUFFICIENT_DATA"))
    same((shown["AlarmActions"], shown["ActionsEnabled"]), ([topic], False))
    tags = cloudwatch.list_tags_for_resource(ResourceARN=shown["AlarmArn"])["Tags"]
    same(tags, [{"Key": "k", "Value": "v"}])
    (parent,) = cloudwatch.describe_alarms(ParentsOfAlarmName="b")["CompositeAlarms"]
    same(parent, {"AlarmName": "c", "AlarmArn": shown["AlarmArn"]})
    children = cloudwatch.describe_alarms(ChildrenOfAlarmName="c")["MetricAlarms"]
    same([one["AlarmName"] for one in children], ["a", "b", "with space"])
    refused("ValidationError", cloudwatch.describe_alarms, ParentsOfAlarmName="b", AlarmTypes=["CompositeAlarm"])


@check
def children_of_composite_alarms_stay(lab: Lab) -> None:
    cloudwatch = lab.client("cloudwatch")
    for name in ("a", "b"):
        cloudwatch.put_metric_alarm(**{**ALARM, "AlarmName": name})
    for name in ("c", "d"):
        cloudwatch.put_composite_alarm(AlarmName=name, AlarmRule="ALARM(a)")
    refused("ValidationError", cloudwatch.delete_alarms, AlarmNames=["a", "b"])
    refused("ValidationError", cloudwatch.delete_alarms, AlarmNames=["c", "d"])
    same(len(cloudwatch.describe_alarms()["MetricAlarms"]), 2)
    cloudwatch.delete_alarms(AlarmNames=["d"])
    cloudwatch.delete_alarms(AlarmNames=["a", "c"])
    same([one["AlarmName"] for one in cloudwatch.describe_alarms()["MetricAlarms"]], ["b"])
