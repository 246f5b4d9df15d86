"""IAM: roles that belong to a service. There is one each, nobody else may change it, and it goes only when unused."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from moto.iam import models
from moto.utilities.utils import get_partition

from .. import accounts, moto_server, regions
from ..accounts import RoleDeletion
from ..call import Answer, AwsError, Call, Params, Proceed
from ..rulebook import rule

_PATH = "/aws-service-role/"

# moto capitalises the service's name only for services that it knows.
models.SERVICE_NAME_CONVERSION.update(cloudtrail="CloudTrail", config="Config", organizations="Organizations")


@rule("iam", "CreateServiceLinkedRole")
def _create(call: Call, proceed: Proceed) -> Answer:
    service = call.params["AWSServiceName"]
    taken = next((one for one in _backend(call).roles.values() if one.path == f"{_PATH}{service}/"), None)
    if taken is not None:
        message = f"Service role name {taken.name} has been taken in this account, please try a different suffix."
        raise AwsError("InvalidInput", message)
    return proceed()


@rule(
    "iam",
    "AttachRolePolicy",
    "DeleteRole",
    "DeleteRolePolicy",
    "DetachRolePolicy",
    "PutRolePolicy",
    "UpdateAssumeRolePolicy",
)
def _refuse_change(call: Call, proceed: Proceed) -> Answer:
    name = call.params["RoleName"]
    if _linked(call, name) is not None:
        message = f"Cannot perform the operation on the protected role '{name}' - this role is only modifiable by AWS"
        raise AwsError("UnmodifiableEntity", message)
    return proceed()


@rule("iam", "DeleteServiceLinkedRole")
def _delete(call: Call, _: Proceed) -> Answer:
    name = call.params["RoleName"]
    role = _linked(call, name)
    if role is None:
        raise _absent(f"The role with name {name} cannot be found.")
    deletions = accounts.get(call.account).role_deletions
    for task, deletion in deletions.items():
        if deletion.role == name and deletion.status == "IN_PROGRESS":
            return Answer(call, data={"DeletionTaskId": task})
    task = f"task{role.path}{name}/{uuid.uuid4()}"
    deletions[task] = RoleDeletion(name)
    return Answer(call, data={"DeletionTaskId": task})


@rule("iam", "GetServiceLinkedRoleDeletionStatus")
def _deletion_status(call: Call, _: Proceed) -> Answer:
    task = call.params["DeletionTaskId"]
    deletion = accounts.get(call.account).role_deletions.get(task)
    if deletion is None:
        raise _absent(f"The deletion task {task} cannot be found.")
    if deletion.asked and deletion.status == "IN_PROGRESS":
        _finish(call, deletion)
    deletion.asked = True
    data: Params = {"Status": deletion.status}
    if deletion.usage:
        data["Reason"] = {"Reason": "The role is being used.", "RoleUsageList": deletion.usage}
    return Answer(call, data=data)


def _finish(call: Call, deletion: RoleDeletion) -> None:
    role = _linked(call, deletion.role)
    if role is not None:
        deletion.usage = [{"Region": region, "Resources": [arn]} for region, arn in _users(call, role)]
        if not deletion.usage:
            _backend(call).delete_role(deletion.role)
    deletion.status = "FAILED" if deletion.usage else "SUCCEEDED"


def _users(call: Call, role: Any) -> Iterator[tuple[str, str]]:
    """What the role is in use by: recorders, the one kind of user there is here."""
    partition = get_partition(call.region)
    for region in regions.known(partition):
        config = moto_server.existing("config", call.account, region)
        for recorder in config.recorders.values() if config is not None else ():
            if recorder.role_arn == role.arn:
                yield region, f"arn:{partition}:config:{region}:{call.account}:configuration-recorder/{recorder.name}"


def _linked(call: Call, name: str) -> Any | None:
    roles = _backend(call).roles.values()
    return next((one for one in roles if one.name == name and one.path.startswith(_PATH)), None)


def _backend(call: Call) -> Any:
    return moto_server.state("iam", call.account, call.region)


def _absent(message: str) -> AwsError:
    return AwsError("NoSuchEntity", message, 404)
