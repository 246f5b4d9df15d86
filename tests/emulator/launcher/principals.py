"""Whether the principals that a resource policy names exist: services refuse policies that name others."""

from __future__ import annotations

import re
from typing import Any

from . import moto_server, policy

_ACCOUNT = re.compile(r"^(\d{12}|arn:[\w-]+:iam::\d{12}:root)$")
_IDENTITY = re.compile(r"^arn:[\w-]+:iam::(?P<account>\d{12}):(?P<kind>role|user)/(?P<path>.*/)?(?P<name>[^/]+)$")
_SESSION = re.compile(r"^arn:[\w-]+:sts::\d{12}:assumed-role/.+$")


def all_exist(statements: list[policy.Statement], region: str) -> bool:
    """Whether every AWS principal of the statements exists."""
    return all(_exists(one, region) for statement in statements for one in _named(statement))


def _named(statement: policy.Statement) -> list[str]:
    principals = [statement.get("Principal"), statement.get("NotPrincipal")]
    return [
        str(one)
        for principal in principals
        if isinstance(principal, dict)
        for one in policy.as_list(principal.get("AWS"))
    ]


def _exists(principal: str, region: str) -> bool:
    if principal == "*" or _ACCOUNT.match(principal) or _SESSION.match(principal):
        return True
    # What is left of a deleted role is its unique id, AROA..., and no policy may name that.
    identity = _IDENTITY.match(principal)
    return identity is not None and _is_known(identity, region)


def _is_known(identity: Any, region: str) -> bool:
    iam = moto_server.state("iam", identity["account"], region)
    if identity["kind"] == "user":
        return identity["name"] in iam.users
    return any(role.name == identity["name"] for role in iam.roles.values())
