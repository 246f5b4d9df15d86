"""EC2 flow logs: the role they deliver with, duplicates, repeated calls; and VPCs that other accounts share."""

from __future__ import annotations

from typing import Any

from moto.utilities.utils import get_partition

from .. import accounts, moto_server, roles
from ..call import Answer, AwsError, Call, Proceed
from ..rulebook import rule

_SERVICE = "vpc-flow-logs.amazonaws.com"
_NEEDED = ("logs:CreateLogStream", "logs:PutLogEvents")
_ABSENT = "The flow log ID '{}' does not exist."
_EXISTS = "Error. There is an existing Flow Log with the same configuration and log destination."


@rule("ec2", "DescribeVpcs")
def _describe_vpcs(call: Call, proceed: Proceed) -> Answer:
    shared = accounts.get(call.account).shared_vpcs
    answer = proceed()
    for shown in answer.data["Vpcs"]:
        shown["OwnerId"] = shared.get(shown["VpcId"], call.account)
    return answer


@rule("ec2", "CreateFlowLogs")
def _once(call: Call, proceed: Proceed) -> Answer:
    """A call that is repeated with its token is answered as the first one was, and makes nothing."""
    token = call.params.get("ClientToken")
    known = accounts.get(call.account).flow_log_tokens
    if token in known:
        return Answer(call, data={"ClientToken": token, "FlowLogIds": known[token], "Unsuccessful": []})
    answer = proceed()
    if token and answer.data.get("FlowLogIds"):
        known[token] = answer.data["FlowLogIds"]
    return answer


@rule("ec2", "CreateFlowLogs")
def _create(call: Call, proceed: Proceed) -> Answer:
    params = call.params
    if params.get("LogGroupName") and params.get("LogDestination"):
        message = "Please only provide LogGroupName or only provide LogDestination."
        raise AwsError("InvalidParameter", message)
    if params.get("LogDestinationType", "cloud-watch-logs") != "cloud-watch-logs":
        return _without_duplicates(call, proceed)
    role = _role(call)
    answer = _without_duplicates(call, proceed)
    flow_logs = moto_server.state("ec2", call.account, call.region).flow_logs
    for identifier in answer.data.get("FlowLogIds") or []:
        _settle(call, flow_logs[identifier], role)
    return answer


def _role(call: Call) -> Any | None:
    arn = call.params.get("DeliverLogsPermissionArn")
    if arn is None:
        return None  # moto has the words for that
    role = roles.find(arn, call.region)
    context = {"aws:SourceAccount": call.account, "aws:SourceArn": f"{_arn(call)}:vpc-flow-log/fl-0"}
    if role is None or not roles.trusts(role, _SERVICE, context):
        raise AwsError("InvalidParameter", f"Unable to assume given IAM role: {arn}")
    return role


def _without_duplicates(call: Call, proceed: Proceed) -> Answer:
    """AWS takes the resources one by one and says of each what went wrong; moto fails the request at a duplicate."""
    existing = [resource for resource in call.params["ResourceIds"] if _has_one(call, resource)]
    fresh = [resource for resource in call.params["ResourceIds"] if resource not in existing]
    unsuccessful = [
        {"ResourceId": resource, "Error": {"Code": "FlowLogAlreadyExists", "Message": _EXISTS}} for resource in existing
    ]
    if not fresh:
        return Answer(call, data={"FlowLogIds": [], "Unsuccessful": unsuccessful})
    call.params["ResourceIds"], call.edited = fresh, True
    answer = proceed()
    answer.data["Unsuccessful"] = [*(answer.data.get("Unsuccessful") or []), *unsuccessful]
    return answer


def _has_one(call: Call, resource: str) -> bool:
    flow_logs = moto_server.state("ec2", call.account, call.region).flow_logs.values()
    # A log group is the same by its name and by its ARN.
    wanted = _log_group(call) or call.params.get("LogDestination")
    return any(one.resource_id == resource and (one.log_group_name or one.log_destination) == wanted for one in flow_logs)


@rule("ec2", "DeleteFlowLogs")
def _delete(call: Call, proceed: Proceed) -> Answer:
    """AWS says of each that is not there that it is not; moto deletes the others and refuses all."""
    flow_logs = moto_server.state("ec2", call.account, call.region).flow_logs
    asked = call.params["FlowLogIds"]
    absent = [identifier for identifier in asked if identifier not in flow_logs]
    unsuccessful = [
        {"ResourceId": one, "Error": {"Code": "InvalidFlowLogId.NotFound", "Message": _ABSENT.format(one)}}
        for one in absent
    ]
    if len(absent) == len(asked):
        return Answer(call, data={"Unsuccessful": unsuccessful})
    call.params["FlowLogIds"], call.edited = [one for one in asked if one not in absent], True
    answer = proceed()
    answer.data["Unsuccessful"] = unsuccessful
    return answer


def _settle(call: Call, flow_log: Any, role: Any | None) -> None:
    """Delivery works if the role may write. moto wants the log group to exist; AWS makes it."""
    flow_log.log_group_name = _log_group(call)
    group = f"{_arn(call).replace(':ec2:', ':logs:')}:log-group:{flow_log.log_group_name}"
    works = role is not None and all(roles.permits(role, action, f"{group}:log-stream:any") for action in _NEEDED)
    flow_log.deliver_logs_status = "SUCCESS" if works else "FAILED"
    flow_log.deliver_logs_error_message = None if works else "Access error"


def _log_group(call: Call) -> str | None:
    """The log group, by name or from an ARN like `arn:aws:logs:eu-west-1:222222222222:log-group:NAME`."""
    named = call.params.get("LogGroupName")
    destination = call.params.get("LogDestination") or ""
    if named or ":log-group:" not in destination:
        return named
    return destination.split(":log-group:")[1].split(":")[0]


def _arn(call: Call) -> str:
    return f"arn:{get_partition(call.region)}:ec2:{call.region}:{call.account}"
