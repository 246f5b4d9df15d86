"""What a call takes by way of permissions, and whether the policies that a test has set allow it.

The actions, and the kinds of resources that each is judged on, are those of AWS's Service Authorization Reference.
What has no kind of resource there is judged on `*`, which no narrower resource matches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from moto.utilities.utils import get_partition

from . import accounts, moto_server, policy, services, sessions
from .call import AwsError, Call
from .identity import caller_arn

EVERYTHING = "*"
# Nobody needs a permission for this.
_FREE = {("sts", "GetCallerIdentity")}


@dataclass(frozen=True)
class Need:
    """One permission that a call takes."""

    action: str
    resource: str = EVERYTHING
    passed_to: str | None = None
    task: str | None = None

    def context(self) -> policy.Context:
        """What conditions are judged by."""
        values = {"iam:PassedToService": self.passed_to, "sts:TaskPolicyArn": self.task}
        return {key: value for key, value in values.items() if value}


def check(call: Call) -> None:
    """Raises the service's refusal unless every permission that the call takes is given."""
    account = accounts.get(call.account)
    # Root is bound by its task, and not by policies of the account.
    if account.policies is None or call.key in _FREE or sessions.is_root(call):
        return
    for need in needs(call):
        if not policy.allows(account.policies, need.action, need.resource, need.context()):
            raise _refusal(call, need)
        account.used_actions.add(need.action)


def _refusal(call: Call, need: Need) -> AwsError:
    wording = services.of(call.service).denied
    who = f"User: {caller_arn(call)} is not authorized to perform: {need.action} on resource: {need.resource}"
    message = f"{who} because no identity-based policy allows the {need.action} action"
    return AwsError(wording.code, message, wording.status)


def needs(call: Call) -> Iterator[Need]:
    """Every permission that a call takes."""
    action = services.action(call.service, call.operation)
    of_service = _RESOURCES.get(call.service)
    for resource in (of_service(call) if of_service else []) or [EVERYTHING]:
        yield Need(action, resource, task=call.params.get("TaskPolicyArn", {}).get("arn"))
    beside = _BESIDE.get(call.key)
    if beside:
        yield from beside(call)


def _arn(call: Call, service: str, resource: str, region: str | None = None) -> str:
    partition = get_partition(call.region)
    return f"arn:{partition}:{service}:{call.region if region is None else region}:{call.account}:{resource}"


def _iam_arn(call: Call, resource: str) -> str:
    return _arn(call, "iam", resource, region="")


def _iam(call: Call) -> list[str]:
    params, state = call.params, moto_server.state("iam", call.account, call.region)
    if "GroupName" in params:
        return [_iam_arn(call, f"group/{params['GroupName']}")]
    if call.operation == "CreateServiceLinkedRole":
        return [_linked_role(call, params["AWSServiceName"])]
    if call.operation == "GetServiceLinkedRoleDeletionStatus":
        return [_linked_role(call, params["DeletionTaskId"].split("/")[2])]
    if "RoleName" in params:
        role = next((one for one in state.roles.values() if one.name == params["RoleName"]), None)
        return [role.arn if role else _iam_arn(call, f"role/{params['RoleName']}")]
    if call.operation == "GetAccessKeyLastUsed":
        owners = [user for user in state.users.values() if _has_key(user, params["AccessKeyId"])]
        return [user.arn for user in owners]
    if "UserName" in params:
        user = state.users.get(params["UserName"])
        return [user.arn if user else _iam_arn(call, f"user/{params['UserName']}")]
    return []


def _has_key(user: Any, key: str) -> bool:
    return any(one.access_key_id == key for one in user.access_keys)


def _linked_role(call: Call, service: str) -> str:
    names = {"config.amazonaws.com": "AWSServiceRoleForConfig"}
    return _iam_arn(call, f"role/aws-service-role/{service}/{names.get(service, 'AWSServiceRoleFor')}")


def _kms(call: Call) -> list[str]:
    params = call.params
    alias = params.get("AliasName")
    if alias is not None:
        key = params.get("TargetKeyId") or _key_of(call, alias)
        return [_arn(call, "kms", alias), _key_arn(call, key)]
    return [_key_arn(call, params["KeyId"])] if "KeyId" in params else []


def _key_of(call: Call, name: str) -> str:
    """The id of a key, however it is named."""
    name = name.rsplit(":", 1)[-1]
    if not name.startswith("alias/"):
        return name.removeprefix("key/")
    state = moto_server.state("kms", call.account, call.region)
    return state.get_key_id_from_alias(name) or "none"


def _key_arn(call: Call, name: str) -> str:
    return _arn(call, "kms", f"key/{_key_of(call, name)}")


def _logs(call: Call) -> list[str]:
    group = call.params.get("logGroupName")
    return [_arn(call, "logs", f"log-group:{group}:log-stream:")] if group else []


def _ec2(call: Call) -> list[str]:
    params = call.params
    if call.operation.startswith("AuthorizeSecurityGroup"):
        return [_arn(call, "ec2", f"security-group/{params['GroupId']}"), _new_rule(call)]
    if call.operation.startswith("RevokeSecurityGroup"):
        return [_arn(call, "ec2", f"security-group/{params['GroupId']}")]
    if call.operation == "CreateFlowLogs":
        return [_new_flow_log(call), *(_arn(call, "ec2", f"vpc/{vpc}") for vpc in params["ResourceIds"])]
    if call.operation == "DeleteFlowLogs":
        return [_arn(call, "ec2", f"vpc-flow-log/{log}") for log in params["FlowLogIds"]]
    if call.operation == "GetManagedPrefixListEntries":
        return [_arn(call, "ec2", f"prefix-list/{params['PrefixListId']}")]
    return []


def _new_rule(call: Call) -> str:
    return _arn(call, "ec2", "security-group-rule/sgr-00000000000000000")


def _new_flow_log(call: Call) -> str:
    return _arn(call, "ec2", "vpc-flow-log/fl-00000000000000000")


def _s3(call: Call) -> list[str]:
    return [f"arn:{get_partition(call.region)}:s3:::{call.params['Bucket']}"] if "Bucket" in call.params else []


def _sns(call: Call) -> list[str]:
    if "TopicArn" in call.params:
        return [call.params["TopicArn"]]
    return [_arn(call, "sns", call.params["Name"])] if call.operation == "CreateTopic" else []


def _cloudtrail(call: Call) -> list[str]:
    name = call.params.get("Name") or call.params.get("TrailName")
    if name is None:
        return []
    return [name if name.startswith("arn:") else _arn(call, "cloudtrail", f"trail/{name}")]


def _cloudwatch(call: Call) -> list[str]:
    params = call.params
    names = params.get("AlarmNames") if call.operation == "DeleteAlarms" else None
    names = [params["AlarmName"]] if call.operation == "PutMetricAlarm" else names
    return [_arn(call, "cloudwatch", f"alarm:{name}") for name in names or []]


def _config(call: Call) -> list[str]:
    params = call.params
    name = params.get("ConfigurationRecorderName") or params.get("ConfigurationRecorder", {}).get("name")
    return [_arn(call, "config", f"configuration-recorder/{name}/1")] if name else []


def _account(call: Call) -> list[str]:
    return [_arn(call, "account", "account", region="")]


def _sts(call: Call) -> list[str]:
    if "TargetPrincipal" in call.params:
        return [f"arn:{get_partition(call.region)}:iam::{call.params['TargetPrincipal']}:root"]
    return [call.params["RoleArn"]] if "RoleArn" in call.params else []


_RESOURCES: dict[str, Callable[[Call], list[str]]] = {
    "account": _account,
    "cloudtrail": _cloudtrail,
    "cloudwatch": _cloudwatch,
    "config": _config,
    "ec2": _ec2,
    "iam": _iam,
    "kms": _kms,
    "logs": _logs,
    "s3": _s3,
    "sns": _sns,
    "sts": _sts,
}


def _tags_rules(call: Call) -> Iterator[Need]:
    if call.params.get("TagSpecifications"):
        yield Need("ec2:CreateTags", _new_rule(call))


def _tags(action: str, resource: Callable[[Call], str], field: str = "Tags") -> Callable[[Call], Iterator[Need]]:
    """The permission to tag what the call makes, where it does."""

    def beside(call: Call) -> Iterator[Need]:
        if call.params.get(field):
            yield Need(action, resource(call))

    return beside


def _passes(role: str | None, service: str) -> Iterator[Need]:
    if role:
        yield Need("iam:PassRole", role, passed_to=service)


def _trail(call: Call) -> Iterator[Need]:
    if call.params.get("TagsList"):
        yield Need("cloudtrail:AddTags", _cloudtrail(call)[0])
    yield from _passes(call.params.get("CloudWatchLogsRoleArn"), "cloudtrail.amazonaws.com")


def _recorder(call: Call) -> Iterator[Need]:
    yield from _passes(call.params["ConfigurationRecorder"].get("roleARN"), "config.amazonaws.com")


def _flow_logs(call: Call) -> Iterator[Need]:
    if call.params.get("TagSpecifications"):
        yield Need("ec2:CreateTags", _new_flow_log(call))
    yield from _passes(call.params.get("DeliverLogsPermissionArn"), "vpc-flow-logs.amazonaws.com")


def _bucket(call: Call) -> Iterator[Need]:
    if call.params.get("CreateBucketConfiguration", {}).get("Tags"):
        yield Need("s3:TagResource", _s3(call)[0])


_BESIDE: dict[tuple[str, str], Callable[[Call], Iterator[Need]]] = {
    ("cloudtrail", "CreateTrail"): _trail,
    ("cloudtrail", "UpdateTrail"): _trail,
    ("cloudwatch", "PutMetricAlarm"): _tags("cloudwatch:TagResource", lambda call: _cloudwatch(call)[0]),
    ("config", "PutConfigurationRecorder"): _recorder,
    ("ec2", "AuthorizeSecurityGroupEgress"): _tags_rules,
    ("ec2", "AuthorizeSecurityGroupIngress"): _tags_rules,
    ("ec2", "CreateFlowLogs"): _flow_logs,
    ("iam", "CreateRole"): _tags("iam:TagRole", lambda call: _iam(call)[0]),
    ("kms", "CreateKey"): _tags("kms:TagResource", lambda call: _arn(call, "kms", "key/new")),
    ("logs", "CreateLogGroup"): _tags(
        "logs:TagResource", lambda call: _arn(call, "logs", f"log-group:{call.params['logGroupName']}"), "tags"
    ),
    ("s3", "CreateBucket"): _bucket,
    ("sns", "CreateTopic"): _tags("sns:TagResource", lambda call: _sns(call)[0]),
}
