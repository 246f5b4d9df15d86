"""What tests set per account and no AWS call can: root, regions, delays. Written by `control`, read by the rules."""

from __future__ import annotations

import secrets
import time
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from . import times


@dataclass
class RootKey:
    """An access key of the root user. None: never used."""

    active: bool = True
    rotated: datetime | None = None
    last_used: datetime | None = None
    id: str = field(default_factory=lambda: f"AKIAROOT{secrets.token_hex(6).upper()}")


@dataclass
class Root:
    """The root user, which moto does not have. As in a fresh account: a password, no MFA, no keys."""

    mfa_enabled: bool = False
    virtual_mfa: bool = False
    password_enabled: bool = True
    password_last_used: datetime | None = None
    created: datetime = field(default_factory=times.now)
    keys: list[RootKey] = field(default_factory=list)


@dataclass
class Report:
    """A credential report: made once, then served unchanged until it is too old."""

    generated: datetime
    content: str
    ready: bool = False


@dataclass
class RoleDeletion:
    """The task that deletes a service-linked role: done the second time that somebody asks how it stands."""

    role: str
    asked: bool = False
    status: str = "IN_PROGRESS"
    # Why it failed: what uses the role, as IAM lists it.
    usage: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Role:
    """How AssumeRole takes a role of this name. As it stands: it is there, and lets everybody in."""

    absent: bool = False
    # As if it were new: refused so often, or until then.
    attempts: int = 0
    until: float = 0.0
    external_id: str | None = None
    # How long its sessions last; None: as long as was asked for.
    session_seconds: float | None = None

    def lets_in(self, external_id: str | None) -> bool:
        """Whether it does now; each time that it is asked is an attempt."""
        self.attempts -= 1
        here = not self.absent and self.attempts < 0 and time.monotonic() >= self.until
        return here and self.external_id in (None, external_id)


@dataclass
class Account:
    """The settings of one account, and what the rules remember about it."""

    root: Root = field(default_factory=Root)
    enabled_regions: list[str] | None = None
    # Seconds during which other services, or IAM itself, do not see what was just created.
    propagation: dict[str, float] = field(
        default_factory=lambda: {"role": 0.0, "bucket_policy": 0.0, "key_policy": 0.0, "membership": 0.0}
    )
    # Seconds from StartLogging to the first delivery; None: nothing is ever delivered.
    delivery_seconds: float | None = 0.0
    refused_roles: set[str] = field(default_factory=set)
    # By their names.
    roles: dict[str, Role] = field(default_factory=dict)
    # What its organization has enabled for root of its members.
    root_features: set[str] = field(default_factory=set)
    # The statements of the policies that everybody in the account acts by; None: everybody may do everything.
    policies: list[dict[str, Any]] | None = None
    # The permissions that calls have needed and had since the policies were set.
    used_actions: set[str] = field(default_factory=set)
    # The owners of VPCs that other accounts share with this one.
    shared_vpcs: dict[str, str] = field(default_factory=dict)
    # What was made by the first call with a token.
    flow_log_tokens: dict[str, list[str]] = field(default_factory=dict)
    report: Report | None = None
    # By their ids.
    role_deletions: dict[str, RoleDeletion] = field(default_factory=dict)
    # When what the propagation delays concern was last written, by its ARN or name.
    written: dict[str, float] = field(default_factory=dict)


_accounts: defaultdict[str, Account] = defaultdict(Account)


def get(account: str) -> Account:
    """The settings of an account."""
    return _accounts[account]
