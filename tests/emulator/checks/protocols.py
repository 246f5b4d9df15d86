"""CloudWatch's CBOR protocol, spoken by hand: boto3 prefers another one."""

from __future__ import annotations

import urllib.error
import urllib.request
from datetime import datetime, timezone
from typing import Any

import cbor2
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from .lab import REGION, Lab, check, refused, same

ALARM = {
    "AlarmName": "root-use",
    "Namespace": "CISBenchmark",
    "MetricName": "RootUse",
    "Statistic": "Sum",
    "Period": 300,
    "EvaluationPeriods": 1,
    "Threshold": 1.0,
    "ComparisonOperator": "GreaterThanOrEqualToThreshold",
    "TreatMissingData": "notBreaching",
    "ActionsEnabled": True,
    "Tags": [{"Key": "a", "Value": "b"}],
}


def send(lab: Lab, operation: str, given: Any) -> tuple[int, Any, Any]:
    """A CBOR call: status, headers and decoded body."""
    url = f"{lab.url}/service/GraniteServiceVersion20100801/operation/{operation}"
    body = b"" if given is None else cbor2.dumps(given)
    headers = {"Content-Type": "application/cbor", "Accept": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}
    request = AWSRequest("POST", url, headers, body)
    keys = lab.credentials
    credentials = Credentials(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
    SigV4Auth(credentials, "monitoring", REGION).add_auth(request)
    try:
        answer = urllib.request.urlopen(urllib.request.Request(url, body, dict(request.headers), method="POST"))
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        same(answer.headers["smithy-protocol"], "rpc-v2-cbor")
        content = answer.read()
        same(answer.headers["Content-Type"], "application/cbor" if content else None)
        return answer.status, answer.headers, cbor2.loads(content) if content else None


@check
def cbor_alarms(lab: Lab) -> None:
    topic = f"arn:aws:sns:{REGION}:{lab.account}:alarms"
    same(send(lab, "PutMetricAlarm", {**ALARM, "AlarmActions": [topic]})[0], 200)
    _, _, answer = send(lab, "DescribeAlarms", {"AlarmTypes": ["MetricAlarm"]})
    (shown,) = answer["MetricAlarms"]
    assert isinstance(shown["Threshold"], float) and isinstance(shown["Period"], int), shown
    assert isinstance(shown["StateUpdatedTimestamp"], datetime), shown
    age = datetime.now(timezone.utc) - shown["StateUpdatedTimestamp"]
    assert abs(age.total_seconds()) < 60, age
    same((shown["StateValue"], shown["AlarmActions"], shown["ActionsEnabled"]), ("INSUFFICIENT_DATA", [topic], True))
    same(
        {name: shown[name] for name in ALARM if name != "Tags"}, {name: ALARM[name] for name in ALARM if name != "Tags"}
    )
    same(send(lab, "SetAlarmState", {"AlarmName": "root-use", "StateValue": "ALARM", "StateReason": "test"})[0], 200)
    same(send(lab, "DisableAlarmActions", {"AlarmNames": ["root-use"]})[0], 200)
    (shown,) = send(lab, "DescribeAlarms", {})[2]["MetricAlarms"]
    same((shown["StateValue"], shown["ActionsEnabled"]), ("ALARM", False))
    same(send(lab, "EnableAlarmActions", {"AlarmNames": ["root-use"]})[0], 200)
    same(send(lab, "TagResource", {"ResourceARN": shown["AlarmArn"], "Tags": [{"Key": "c", "Value": "d"}]})[0], 200)
    tags = send(lab, "ListTagsForResource", {"ResourceARN": shown["AlarmArn"]})[2]["Tags"]
    same({one["Key"]: one["Value"] for one in tags}, {"a": "b", "c": "d"})
    same(send(lab, "DeleteAlarms", {"AlarmNames": ["root-use"]})[0], 200)
    same(send(lab, "DescribeAlarms", None)[2].get("MetricAlarms"), [])


@check
def cbor_alarms_over_expressions(lab: Lab) -> None:
    metric = {"Namespace": "N", "MetricName": "M", "Dimensions": [{"Name": "d", "Value": "1"}]}
    stat = {"Id": "m", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}, "ReturnData": False}
    sum_of = {"Id": "e", "Expression": "SUM(METRICS())", "Label": "all", "ReturnData": True}
    given = {
        "AlarmName": "math",
        "Metrics": [stat, sum_of],
        "EvaluationPeriods": 3,
        "DatapointsToAlarm": 2,
        "Threshold": 0.5,
        "ComparisonOperator": "GreaterThanThreshold",
        "ActionsEnabled": False,
    }
    same(send(lab, "PutMetricAlarm", given)[0], 200)
    (shown,) = send(lab, "DescribeAlarms", {})[2]["MetricAlarms"]
    same({name: shown[name] for name in given}, given)
    kinds = [type(shown[name]) for name in ("EvaluationPeriods", "Threshold", "ActionsEnabled")]
    same((kinds, type(shown["Metrics"][0]["MetricStat"]["Period"])), ([int, float, bool], int))
    assert "MetricName" not in shown and "Statistic" not in shown, shown
    named = {**ALARM, "Dimensions": [{"Name": "d", "Value": "1"}], "Threshold": 10}
    same(send(lab, "PutMetricAlarm", named)[0], 200)
    (shown,) = send(lab, "DescribeAlarms", {"AlarmNames": ["root-use"]})[2]["MetricAlarms"]
    same((shown["Dimensions"], shown["Threshold"], type(shown["Threshold"])), (named["Dimensions"], 10.0, float))
    assert "Metrics" not in shown, shown


@check
def cbor_composite_alarms(lab: Lab) -> None:
    topic = f"arn:aws:sns:{REGION}:{lab.account}:alarms"
    send(lab, "PutMetricAlarm", ALARM)
    given = {"AlarmName": "any", "AlarmRule": "ALARM(root-use)", "AlarmActions": [topic], "ActionsEnabled": False}
    same(send(lab, "PutCompositeAlarm", given)[0], 200)
    answer = send(lab, "DescribeAlarms", {"AlarmTypes": ["CompositeAlarm"]})[2]
    (shown,) = answer["CompositeAlarms"]
    same(({name: shown[name] for name in given}, answer["MetricAlarms"]), (given, []))
    assert isinstance(shown["StateUpdatedTimestamp"], datetime), shown
    both = send(lab, "DescribeAlarms", {"AlarmTypes": ["MetricAlarm", "CompositeAlarm"]})[2]
    same((len(both["MetricAlarms"]), len(both["CompositeAlarms"])), (1, 1))
    (parent,) = send(lab, "DescribeAlarms", {"ParentsOfAlarmName": "root-use"})[2]["CompositeAlarms"]
    same(parent, {"AlarmName": "any", "AlarmArn": shown["AlarmArn"]})
    status, headers, answer = send(lab, "DeleteAlarms", {"AlarmNames": ["root-use"]})
    same((status, headers["x-amzn-query-error"]), (400, "ValidationError;Sender"))
    same(answer["message"], "Cannot delete root-use as there are composite alarm(s) depending on it.")
    same(send(lab, "DeleteAlarms", {"AlarmNames": ["root-use", "any"]})[0], 200)
    same(send(lab, "DescribeAlarms", {})[2].get("MetricAlarms"), [])


@check
def cbor_pages(lab: Lab) -> None:
    for number in range(12):
        send(lab, "PutMetricAlarm", {**ALARM, "AlarmName": f"alarm{number}"})
    sizes, token = [], {}
    while True:
        answer = send(lab, "DescribeAlarms", {"MaxRecords": 100, **token})[2]
        sizes.append(len(answer["MetricAlarms"]))
        if not answer.get("NextToken"):
            break
        token = {"NextToken": answer["NextToken"]}
    same(sizes, [5, 5, 2])
    status, headers, answer = send(lab, "DescribeAlarms", {"NextToken": "garbage"})
    same((status, answer["__type"].split("#")[1]), (400, "InvalidNextToken"))
    same(headers["x-amzn-query-error"], "InvalidNextToken;Sender")


@check
def cbor_refusals(lab: Lab) -> None:
    status, headers, answer = send(lab, "PutMetricAlarm", {**ALARM, "AlarmActions": ["arn:aws:sns:eu-west-1:1:t"]})
    same((status, answer["__type"].split("#")[1]), (400, "ValidationException"))
    same(headers["x-amzn-query-error"], "ValidationError;Sender")
    same(answer["message"], f"Invalid region eu-west-1 specified. Only {REGION} is supported.")
    status, headers, answer = send(lab, "SetAlarmState", {"AlarmName": "none", "StateValue": "OK", "StateReason": "x"})
    same(
        (status, answer["__type"].split("#")[1], headers["x-amzn-query-error"]),
        (404, "ResourceNotFound", "ResourceNotFound;Sender"),
    )
    lab.fault(kind="deny", service="cloudwatch", times=1)
    status, headers, answer = send(lab, "DescribeAlarms", {})
    same((status, answer["__type"].split("#")[1]), (403, "AccessDeniedException"))
    same(headers["x-amzn-query-error"], "AccessDenied;Sender")
    lab.fault(kind="throttle", service="cloudwatch", times=1)
    same(send(lab, "DescribeAlarms", {})[1]["x-amzn-query-error"], "Throttling;Sender")
    status, headers, answer = send(lab, "GetDashboard", {"DashboardName": "none"})
    same((status, answer["__type"].split("#")[1]), (404, "DashboardNotFoundError"))
    same(headers["x-amzn-query-error"], "ResourceNotFound;Sender")


@check
def the_other_protocol_answers_too(lab: Lab) -> None:
    cloudwatch = lab.client("cloudwatch")
    cloudwatch.put_metric_alarm(**ALARM)
    same(cloudwatch.describe_alarms()["MetricAlarms"][0]["StateValue"], "INSUFFICIENT_DATA")
    refused("ValidationError", cloudwatch.put_metric_alarm, **{**ALARM, "Period": 61})
