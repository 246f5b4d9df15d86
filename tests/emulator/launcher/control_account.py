"""`POST /_emulator/account`: the settings of one account."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from moto.iam.models import AccessKeyLastUsed, MFADevice

from . import accounts, moto_server, organizations, policy, times
from .accounts import Account, Role, Root, RootKey
from .rules import credential_report, kms

Settings = dict[str, Any]


def configure(body: Settings) -> Settings:
    """Applies the settings given and leaves all others as they are."""
    identifier = body.pop("account")
    region = body.pop("region", "us-east-1")
    account = accounts.get(identifier)
    for name in body:
        if name not in _SETTERS:
            raise ValueError(f"unknown setting: {name}")
    # Reports are cached as in AWS: they must not hide what this request is about to change.
    account.report = None
    for name, setter in _SETTERS.items():
        if name in body:
            setter(_Target(identifier, region, account), body[name])
    return {}


class _Target:
    """The account that is being set up, and the region that stands for its partition."""

    def __init__(self, identifier: str, region: str, account: Account) -> None:
        self.identifier = identifier
        self.region = region
        self.account = account

    def state(self, service: str) -> Any:
        return moto_server.state(service, self.identifier, self.region)


def _set_root(target: _Target, value: Settings) -> None:
    root = target.account.root
    for name, given in value.items():
        if name == "keys":
            root.keys = [_root_key(key) for key in given]
        elif name in ("created", "password_last_used"):
            setattr(root, name, times.parse(given))
        elif name in Root.__dataclass_fields__:
            setattr(root, name, bool(given))
        else:
            raise ValueError(f"unknown setting of root: {name}")


def _root_key(value: Settings) -> RootKey:
    return RootKey(
        active=value.get("active", True),
        rotated=times.parse(value.get("rotated", 0)),
        last_used=times.parse(value.get("last_used")),
        **({"id": value["id"]} if "id" in value else {}),
    )


def _set_users(target: _Target, value: Settings) -> None:
    users = target.state("iam").users
    for name, given in value.items():
        if name not in users:
            raise ValueError(f"no such user: {name}")
        _set_user(users[name], given)


def _set_user(user: Any, value: Settings) -> None:
    # moto's own objects are changed, so that ListUsers, GetUser and ListAccessKeys agree with the report.
    names = {
        "created": "create_date",
        "password_last_changed": "password_changed",
        "password_last_used": "password_last_used",
    }
    for name, given in value.items():
        if name == "keys":
            _set_keys(user, given)
        elif name == "devices":
            # Hardware and passkeys: what no test can hold in its hand.
            for serial in given:
                user.mfa_devices[serial] = MFADevice(serial, "", "")
        elif name in names:
            setattr(user, names[name], times.parse(given))
        else:
            raise ValueError(f"unknown setting of a user: {name}")


def _set_keys(user: Any, value: list[Settings]) -> None:
    if len(value) > len(user.access_keys):
        raise ValueError(f"{user.name} has {len(user.access_keys)} access keys")
    for key, given in zip(user.access_keys, value):
        if "rotated" in given:
            key.create_date = times.parse(given["rotated"])
        if "last_used" in given:
            used = times.parse(given["last_used"])
            service, region = given.get("service", "s3"), given.get("region", "us-east-1")
            key.last_used = AccessKeyLastUsed(used, service, region) if used else None


def _set_regions(target: _Target, value: Any) -> None:
    target.account.enabled_regions = value


def _set_alias(target: _Target, value: Any) -> None:
    target.state("iam").account_aliases = [value] if value else []


def _set_log_groups(target: _Target, value: dict[str, Settings]) -> None:
    groups = target.state("logs").groups
    for name, given in value.items():
        if name not in groups:
            raise ValueError(f"no such log group: {name}")
        if set(given) != {"created"}:
            raise ValueError(f"unknown settings of a log group: {sorted(given)}")
        groups[name].creation_time = times.parse(given["created"])


def _set_managed_keys(target: _Target, value: dict[str, list[str]]) -> None:
    for region, aliases in value.items():
        for alias in aliases:
            kms.make_managed_key(target.identifier, region, alias)


def _set_public_access_block(target: _Target, value: dict[str, bool]) -> None:
    # There is no other way: the SDKs put the account into the host name, which loopback has no use for.
    s3control = target.state("s3control")
    s3control.public_access_block = None
    if value:
        s3control.put_public_access_block(target.identifier, value)


def _set_propagation(target: _Target, value: dict[str, float]) -> None:
    delays = target.account.propagation
    unknown = set(value) - set(delays)
    if unknown:
        raise ValueError(f"unknown propagation delays: {sorted(unknown)}")
    delays.update(value)


def _set_delivery(target: _Target, value: Any) -> None:
    target.account.delivery_seconds = value


def _set_refused_roles(target: _Target, value: list[str]) -> None:
    target.account.refused_roles = set(value)


def _set_roles(target: _Target, value: dict[str, Any]) -> None:
    target.account.roles = {name: _role({"absent": True} if one == "absent" else one) for name, one in value.items()}


def _role(value: Settings) -> Role:
    names = {"absent", "absent_attempts", "absent_seconds", "external_id", "session_seconds"}
    if set(value) - names:
        raise ValueError(f"unknown settings of a role: {sorted(set(value) - names)}")
    return Role(
        absent=value.get("absent", False),
        attempts=value.get("absent_attempts", 0),
        until=time.monotonic() + value.get("absent_seconds", 0),
        external_id=value.get("external_id"),
        session_seconds=value.get("session_seconds"),
    )


def _set_member(target: _Target, value: Settings) -> None:
    management = organizations.management_of(target.identifier, target.region)
    member = organizations.member(management, target.identifier, target.region) if management else None
    if member is None:
        raise ValueError(f"{target.identifier} is in no organization")
    for name, given in value.items():
        if name == "name":
            member.name = given
        elif name == "state":
            member.state = given
            # The older word, which knows fewer.
            member.status = given if given in ("ACTIVE", "PENDING_CLOSURE") else "SUSPENDED"
        else:
            raise ValueError(f"unknown setting of a member: {name}")


def _set_policies(target: _Target, value: list[Any] | None) -> None:
    target.account.used_actions = set()
    if value is None:
        target.account.policies = None
    else:
        target.account.policies = [one for document in value for one in policy.parse(json.dumps(document))]


def _set_shared_vpcs(target: _Target, value: dict[str, str]) -> None:
    target.account.shared_vpcs = dict(value or {})


def _set_report(target: _Target, value: Settings) -> None:
    if value:
        credential_report.make_stale(target.identifier, target.region, timedelta(hours=value["age_hours"]))


# In this order: the report comes last because it shows what the others set.
_SETTERS: dict[str, Callable[[_Target, Any], None]] = {
    "alias": _set_alias,
    "aws_managed_keys": _set_managed_keys,
    "delivery_seconds": _set_delivery,
    "enabled_regions": _set_regions,
    "log_groups": _set_log_groups,
    "member": _set_member,
    "policies": _set_policies,
    "propagation": _set_propagation,
    "public_access_block": _set_public_access_block,
    "refused_roles": _set_refused_roles,
    "roles": _set_roles,
    "root": _set_root,
    "shared_vpcs": _set_shared_vpcs,
    "users": _set_users,
    "report": _set_report,
}
