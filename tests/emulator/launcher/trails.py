"""Trails by name or ARN, from wherever they are asked for."""

from __future__ import annotations

from typing import Any

from moto.organizations.models import organizations_backends
from moto.utilities.utils import get_partition

from . import moto_server, regions
from .call import AwsError, Call


def visible(call: Call) -> list[Any]:
    """The trails seen in the region of the call: its own, the shadows of multi-region trails, the organization's."""
    own = _in_region(call.account, call.region)
    shadows = [one for one in _everywhere(call.account, call.region) if one.is_multi_region and one not in own]
    return [*own, *shadows, *_of_organization(call)]


def for_reading(call: Call, name: str) -> Any:
    """The trail to read: by name in its home region, by ARN wherever it can be seen."""
    _refuse_foreign(call, name)
    return _first(call, name, visible(call) if name.startswith("arn:") else _in_region(call.account, call.region))


def for_status(call: Call, name: str) -> Any:
    """The trail to read the status of, which may also be the organization's."""
    if any(one.arn == name for one in _of_organization(call)):
        return _first(call, name, visible(call))
    return for_reading(call, name)


def for_writing(call: Call, name: str) -> Any:
    """The trail to change, which can only be done in its home region."""
    _refuse_foreign(call, name)
    if name.startswith("arn:") and name.split(":")[3] != call.region:
        home = name.split(":")[3]
        if any(one.arn == name for one in _in_region(call.account, home)):
            message = f"The home region of this trail is {home}: it cannot be changed from {call.region}."
            raise AwsError("InvalidHomeRegionException", message)
    return _first(call, name, _in_region(call.account, call.region))


def for_tagging(call: Call, arn: str) -> Any:
    """The trail whose tags are read or changed: by ARN, in its home region."""
    if arn.count(":") < 5:
        raise AwsError("CloudTrailARNInvalidException", f"The ARN is not valid: {arn}")
    _refuse_foreign(call, arn)
    found = next((one for one in _in_region(call.account, call.region) if one.arn == arn), None)
    if found is None:
        raise AwsError("ResourceNotFoundException", f"The specified resource was not found: {arn}")
    return found


def arn(call: Call, name: str) -> str:
    """The ARN that a new trail of this name gets."""
    return f"arn:{get_partition(call.region)}:cloudtrail:{call.region}:{call.account}:trail/{name}"


def _in_region(account: str, region: str) -> list[Any]:
    # Asking moto for a region would make it, one backend for each.
    backend = moto_server.existing("cloudtrail", account, region)
    return list(backend.trails.values()) if backend is not None else []


def _everywhere(account: str, region: str) -> list[Any]:
    return [one for other in regions.known(get_partition(region)) for one in _in_region(account, other)]


def _of_organization(call: Call) -> list[Any]:
    """The trails of the management account that log this member, too: it can see them, and nothing else."""
    management, _ = organizations_backends.master_accounts.get(call.account, (call.account, ""))
    if management == call.account:
        return []
    trails = [one for one in _everywhere(management, call.region) if one.is_org_trail]
    return [one for one in trails if one.is_multi_region or one.region_name == call.region]


def _first(call: Call, name: str, trails: list[Any]) -> Any:
    found: Any | None = next((one for one in trails if name in (one.trail_name, one.arn)), None)
    if found is None:
        raise AwsError("TrailNotFoundException", f"Unknown trail: {name} for the user: {call.account}")
    return found


def _refuse_foreign(call: Call, name: str) -> None:
    if name.startswith("arn:") and name.split(":")[4] != call.account:
        raise AwsError("CloudTrailARNInvalidException", "AccountID in ARN is wrong.")
