"""IAM users and groups: boundaries, groups that are not empty, and memberships that are seen later."""

from __future__ import annotations

from typing import Any

from .. import moto_server, roles
from ..call import Answer, AwsError, Call, Proceed
from ..rulebook import rule

_BOUNDARY = "PermissionsBoundaryPolicy"


@rule("iam", "PutUserPermissionsBoundary", "DeleteUserPermissionsBoundary")
def _boundary(call: Call, _: Proceed) -> Answer:
    name = call.params["UserName"]
    user = _backend(call).users.get(name)
    if user is None:
        raise AwsError("NoSuchEntity", f"The user with name {name} cannot be found.", 404)
    # moto keeps none for users.
    user.boundary_of_rules = call.params.get("PermissionsBoundary")
    return Answer(call, data={})


@rule("iam", "GetUser")
def _user(call: Call, proceed: Proceed) -> Answer:
    answer = proceed()
    _show_boundary(call, answer.data["User"])
    return answer


@rule("iam", "GetAccountAuthorizationDetails")
def _details(call: Call, proceed: Proceed) -> Answer:
    answer = proceed()
    for user in answer.data.get("UserDetailList", []):
        _show_boundary(call, user)
    return answer


@rule("iam", "DeleteGroup")
def _delete(call: Call, proceed: Proceed) -> Answer:
    group = _backend(call).groups.get(call.params["GroupName"])
    if group is not None:
        for what, held in (
            ("users", group.users),
            ("managed policies", group.managed_policies),
            ("policies", group.policies),
        ):
            if held:
                raise AwsError("DeleteConflict", f"Cannot delete entity, must remove {what} from group first.", 409)
    return proceed()


@rule("iam", "AddUserToGroup")
def _add(call: Call, proceed: Proceed) -> Answer:
    answer = proceed()
    roles.touch(call.account, "membership", _membership(call.params["UserName"], call.params["GroupName"]))
    return answer


@rule("iam", "ListGroupsForUser")
def _groups(call: Call, proceed: Proceed) -> Answer:
    answer = proceed()
    user = call.params["UserName"]
    answer.data["Groups"] = [
        group
        for group in answer.data["Groups"]
        if roles.settled(call.account, "membership", _membership(user, group["GroupName"]))
    ]
    return answer


def _membership(user: str, group: str) -> str:
    return f"{user} in {group}"


def _show_boundary(call: Call, user: dict[str, Any]) -> None:
    user.pop("PermissionsBoundary", None)
    boundary = getattr(_backend(call).users[user["UserName"]], "boundary_of_rules", None)
    if boundary:
        user["PermissionsBoundary"] = {
            "PermissionsBoundaryType": _BOUNDARY,
            "PermissionsBoundaryArn": boundary,
        }


def _backend(call: Call) -> Any:
    return moto_server.state("iam", call.account, call.region)
