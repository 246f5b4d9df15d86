"""Policy documents: may a service do something, is a bucket policy public, does it say anything malformed.

Enough of IAM's language to judge the documents that AWS services judge before they accept a setting.
"""

from __future__ import annotations

import fnmatch
import ipaddress
import json
import re
from collections.abc import Callable, Iterable
from typing import Any

Statement = dict[str, Any]
Context = dict[str, str]

_PUBLIC_UNLESS_PINNED = {
    "aws:sourcearn", "aws:sourceaccount", "aws:sourceowner", "aws:sourcevpc", "aws:sourcevpce", "aws:sourceip",
    "aws:principalorgid", "aws:principalaccount", "aws:principalarn", "aws:sourceorgid", "aws:userid",
    "s3:dataaccesspointaccount", "s3:dataaccesspointarn", "s3:x-amz-server-side-encryption-aws-kms-key-id",
}  # fmt: skip


def parse(document: str | None) -> list[Statement]:
    """The statements of a document; ValueError if it is not one."""
    if not document:
        return []
    value = json.loads(document)
    if not isinstance(value, dict) or not value.get("Statement"):
        raise ValueError("a policy has statements")
    statements = as_list(value["Statement"])
    if not all(
        isinstance(statement, dict) and statement.get("Effect") in ("Allow", "Deny") for statement in statements
    ):
        raise ValueError("a statement allows or denies")
    return statements


def as_list(value: Any) -> list[Any]:
    """What may stand alone or in a list, as a list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def allows(statements: Iterable[Statement], action: str, resource: str, context: Context, service: str = "") -> bool:
    """Whether the statements let a service (in an identity policy: whoever holds it) do an action."""
    applying = [one for one in statements if _applies(one, action, resource, context, service)]
    return bool(applying) and all(statement["Effect"] == "Allow" for statement in applying)


def of_account(statements: Iterable[Statement], account: str) -> list[Statement]:
    """The statements that concern an account as a whole: it is named, or everybody is."""
    return [one for one in statements if any(_is_account(name, account) for name in _aws_principals(one))]


def _aws_principals(statement: Statement) -> list[str]:
    principal = statement.get("Principal")
    return as_list(principal.get("AWS")) if isinstance(principal, dict) else as_list(principal)


def _is_account(principal: str, account: str) -> bool:
    return principal in ("*", account) or re.fullmatch(rf"arn:[\w-]+:iam::{account}:root", principal) is not None


def trusts(statements: Iterable[Statement], service: str, context: Context) -> bool:
    """Whether a trust policy lets a service assume the role."""
    return allows([{**one, "Resource": "*"} for one in statements], "sts:AssumeRole", "*", context, service)


def _applies(statement: Statement, action: str, resource: str, context: Context, service: str) -> bool:
    return (
        _concerns(statement, service)
        and _covers(statement, "Action", action)
        and _covers(statement, "Resource", resource)
        and _holds(statement.get("Condition") or {}, {**_always(service), **context})
    )


def _always(service: str) -> Context:
    """What holds of every request: refusals of plain HTTP are in many policies, and meet nobody here."""
    return {"aws:SecureTransport": "true", "aws:PrincipalIsAWSService": "true" if service else "false"}


def _concerns(statement: Statement, service: str) -> bool:
    if not service:
        return True
    if "*" in _aws_principals(statement):
        return True
    principal = statement.get("Principal")
    return isinstance(principal, dict) and bool({service, "*"} & set(as_list(principal.get("Service"))))


def _covers(statement: Statement, element: str, wanted: str) -> bool:
    """Action, NotAction, Resource and NotResource. Actions ignore case, resources do not."""

    def matches(patterns: Any) -> bool:
        return any(like(pattern, wanted, fold=element == "Action") for pattern in as_list(patterns))

    if element in statement:
        return matches(statement[element])
    return f"Not{element}" in statement and not matches(statement[f"Not{element}"])


def like(pattern: str, value: str, fold: bool = False) -> bool:
    """Whether a pattern matches. IAM's wildcards are `*` and `?`; brackets stand for themselves."""
    expression = fnmatch.translate(pattern.replace("[", "[[]"))
    return re.match(expression, value, re.IGNORECASE if fold else 0) is not None


_TESTS: dict[str, Callable[[str, str], bool]] = {
    "stringequals": lambda wanted, value: wanted == value,
    "stringequalsignorecase": lambda wanted, value: wanted.lower() == value.lower(),
    "stringlike": like,
    "arnequals": like,
    "arnlike": like,
    "bool": lambda wanted, value: wanted.lower() == value.lower(),
    "numericequals": lambda wanted, value: float(wanted) == float(value),
}


def _holds(conditions: dict[str, dict[str, Any]], context: Context) -> bool:
    known = {key.lower(): value for key, value in context.items()}
    return all(
        _test(operator, known.get(key.lower()), [str(one) for one in as_list(wanted)])
        for operator, tests in conditions.items()
        for key, wanted in tests.items()
    )


def _test(operator: str, value: str | None, wanted: list[str]) -> bool:
    name = operator.lower().split(":")[-1]
    if name == "null":
        return (value is None) == (wanted[0].lower() == "true")
    if_exists = name.endswith("ifexists")
    name = name[: -len("ifexists")] if if_exists else name
    negated = name.startswith(("stringnot", "arnnot"))
    test = _TESTS.get(name.replace("not", "", 1) if negated else name)
    if test is None:
        return False
    if value is None:
        return if_exists or negated
    return any(test(one, value) for one in wanted) != negated


def is_public(statements: Iterable[Statement]) -> bool:
    """Whether S3 calls a bucket policy public: it lets anybody in, without pinning where they come from."""
    return any(
        statement["Effect"] == "Allow" and _is_anybody(statement) and not _is_pinned(statement.get("Condition") or {})
        for statement in statements
    )


def _is_anybody(statement: Statement) -> bool:
    if "NotPrincipal" in statement:
        return True
    return "*" in _aws_principals(statement)


def _is_pinned(conditions: dict[str, dict[str, Any]]) -> bool:
    return any(
        key.lower() in _PUBLIC_UNLESS_PINNED and all(_is_fixed(key, str(value)) for value in as_list(wanted))
        for operator, tests in conditions.items()
        if "not" not in operator.lower() and "ifexists" not in operator.lower()
        for key, wanted in tests.items()
    )


def _is_fixed(key: str, value: str) -> bool:
    if key.lower() == "aws:sourceip":
        network = ipaddress.ip_network(value, strict=False)
        return network.prefixlen >= (8 if network.version == 4 else 32)
    return "*" not in value.rsplit(":", 1)[0] if key.lower().endswith("arn") else "*" not in value
