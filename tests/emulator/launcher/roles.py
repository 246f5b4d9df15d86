"""IAM roles as other services see them: who may assume them, what they may do, and whether they are known yet."""

from __future__ import annotations

import time
from typing import Any

from . import accounts, moto_server, policy


def find(arn: str, region: str) -> Any | None:
    """The role of an ARN, or None."""
    parts = arn.split(":")
    if len(parts) < 6 or not parts[5].startswith("role/"):
        return None
    roles = moto_server.state("iam", parts[4], region).roles.values()
    return next((role for role in roles if role.arn == arn), None)


def trusts(role: Any, service: str, context: policy.Context) -> bool:
    """Whether a service may assume the role, and IAM has told it so already."""
    statements = policy.parse(role.assume_role_policy_document)
    return settled(role.account_id, "role", role.arn) and policy.trusts(statements, service, context)


def permits(role: Any, action: str, resource: str) -> bool:
    """Whether the role's policies allow an action, and IAM has told it so already."""
    documents = [*role.policies.values(), *map(_document, role.managed_policies.values())]
    statements = [statement for document in documents for statement in policy.parse(document)]
    return settled(role.account_id, "role", role.arn) and policy.allows(statements, action, resource, {})


def _document(attached: Any) -> str:
    return next(version.document for version in attached.versions if version.version_id == attached.default_version_id)


def touch(account: str, kind: str, name: str) -> None:
    """Notes that something was written that other services learn of later."""
    accounts.get(account).written[f"{kind} {name}"] = time.monotonic()


def settled(account: str, kind: str, name: str) -> bool:
    """Whether the delay set for this kind has passed since it was last written."""
    settings = accounts.get(account)
    written = settings.written.get(f"{kind} {name}")
    return written is None or time.monotonic() - written >= settings.propagation[kind]
