"""IAM: quotas, names that are the same but for case, and documents that have to be ones."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from .. import moto_server, policy, roles
from ..call import Answer, AwsError, Call, Proceed
from ..rulebook import rule

_MOST_ATTACHED = 10
_MOST_GROUPS = 10
_INLINE_LIMITS = {"Group": 5120, "User": 2048, "Role": 10240}
_POLICY_LIMIT = 6144


@rule("iam", "AttachGroupPolicy", "AttachUserPolicy", "AttachRolePolicy")
def _attach(call: Call, proceed: Proceed) -> Answer:
    kind, holder = _holder(call)
    arn = call.params["PolicyArn"]
    if holder is not None and arn not in holder.managed_policies:
        if ":policy/aws-service-role/" in arn:
            raise AwsError("PolicyNotAttachable", f"Cannot attach a Service Role Policy to a Customer {kind}.")
        if len(holder.managed_policies) >= _MOST_ATTACHED:
            raise _limit(f"Cannot exceed quota for PoliciesPer{kind}: {_MOST_ATTACHED}")
    return proceed()


@rule("iam", "PutGroupPolicy", "PutUserPolicy", "PutRolePolicy")
def _put_inline(call: Call, proceed: Proceed) -> Answer:
    kind, holder = _holder(call)
    _check_document(call.params["PolicyDocument"])
    if holder is not None:
        others = [text for name, text in holder.policies.items() if name != call.params["PolicyName"]]
        if sum(map(_size, [*others, call.params["PolicyDocument"]])) > _INLINE_LIMITS[kind]:
            raise _limit(
                f"Maximum policy size of {_INLINE_LIMITS[kind]} bytes exceeded for {kind.lower()} {holder.name}"
            )
    return proceed()


@rule("iam", "CreatePolicy", "CreatePolicyVersion")
def _create_policy(call: Call, proceed: Proceed) -> Answer:
    if _size(call.params["PolicyDocument"]) > _POLICY_LIMIT:
        raise _limit(f"Cannot exceed quota for PolicySize: {_POLICY_LIMIT}")
    return proceed()


@rule("iam", "AddUserToGroup")
def _add_to_group(call: Call, proceed: Proceed) -> Answer:
    backend = _backend(call)
    user = backend.users.get(call.params["UserName"])
    if user is not None:
        groups = [group for group in backend.groups.values() if user in group.users]
        if len(groups) >= _MOST_GROUPS and all(group.name != call.params["GroupName"] for group in groups):
            raise _limit(f"Cannot exceed quota for GroupsPerUser: {_MOST_GROUPS}")
    return proceed()


@rule("iam", "CreateGroup", "CreateRole", "CreateUser")
def _create(call: Call, proceed: Proceed) -> Answer:
    kind = call.operation[len("Create") :]
    name = call.params[f"{kind}Name"]
    existing: dict[str, Callable[[Any], Iterable[Any]]] = {
        "Group": lambda backend: backend.groups.values(),
        "Role": lambda backend: backend.roles.values(),
        "User": lambda backend: backend.users.values(),
    }
    if any(one.name.lower() == name.lower() for one in existing[kind](_backend(call))):
        raise AwsError("EntityAlreadyExists", f"{kind} with name {name} already exists.", 409)
    if kind == "Role":
        _check_document(call.params["AssumeRolePolicyDocument"])
    return proceed()


@rule("iam", "CreateRole", "PutRolePolicy", "AttachRolePolicy", "UpdateAssumeRolePolicy")
def _propagate(call: Call, proceed: Proceed) -> Answer:
    answer = proceed()
    name = call.params["RoleName"]
    role = next(one for one in _backend(call).roles.values() if one.name == name)
    roles.touch(call.account, "role", role.arn)
    return answer


@rule("iam", "UpdateAccessKey")
def _update_key(call: Call, proceed: Proceed) -> Answer:
    status = call.params["Status"]
    if status not in ("Active", "Inactive"):
        what = f"Value '{status}' at 'status' failed to satisfy constraint"
        raise AwsError(
            "ValidationError",
            f"1 validation error detected: {what}: Member must satisfy enum value set: [Active, Inactive]",
        )
    return proceed()


def _backend(call: Call) -> Any:
    return moto_server.state("iam", call.account, call.region)


def _holder(call: Call) -> tuple[str, Any]:
    """The kind and object of what a policy is given to; None if there is none, which moto then says."""
    backend = _backend(call)
    for kind, known in (
        ("Group", backend.groups.values()),
        ("User", backend.users.values()),
        ("Role", backend.roles.values()),
    ):
        name = call.params.get(f"{kind}Name")
        if name is not None:
            return kind, next((one for one in known if one.name == name), None)
    return "User", None


def _check_document(document: str) -> None:
    try:
        statements = policy.parse(document)
    except ValueError:
        statements = []
    if not statements:
        raise AwsError("MalformedPolicyDocument", "This policy contains invalid Json")


def _size(document: str) -> int:
    return len(re.sub(r"\s", "", document))


def _limit(message: str) -> AwsError:
    return AwsError("LimitExceeded", message, 409)
