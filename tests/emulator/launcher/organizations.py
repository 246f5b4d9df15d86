"""Organizations as other services ask about them: who manages an account, and on whose behalf somebody acts."""

from __future__ import annotations

from typing import Any

from moto.organizations.models import (
    FakeDelegatedAdministrator,
    FakeServiceAccess,
    organizations_backends,
)

from . import moto_server
from .call import Call

# moto does not know that these work with Organizations.
_MORE = ("account.amazonaws.com", "iam.amazonaws.com")
for _known in (FakeServiceAccess.TRUSTED_SERVICES, FakeDelegatedAdministrator.SUPPORTED_SERVICES):
    _known.extend(service for service in _MORE if service not in _known)


def management_of(account: str, region: str) -> str | None:
    """The account that manages the organization which an account is in; None outside one."""
    if _state(account, region).org is not None:
        return account
    manager, _ = organizations_backends.master_accounts.get(account, (None, ""))
    return manager


def acts_for(call: Call, service: str | None = None) -> str | None:
    """The management account that the caller is, or is a delegated administrator of; None for anybody else."""
    management = management_of(call.account, call.region)
    if management in (None, call.account):
        return management
    for admin in _state(management, call.region).admins:
        if admin.account.id == call.account and (service is None or service in admin.services):
            return management
    return None


def member(management: str, account: str, region: str) -> Any | None:
    """A member as its organization knows it, the management account included."""
    return next((one for one in _state(management, region).accounts if one.id == account), None)


def trusts(management: str, service: str, region: str) -> bool:
    """Whether the organization lets a service in."""
    return any(one["ServicePrincipal"] == service for one in _state(management, region).services)


def describe(management: str, region: str) -> Any:
    """The organization."""
    return _state(management, region).org


def _state(account: str, region: str) -> Any:
    return moto_server.state("organizations", account, region)
