"""Trails by name or ARN, from wherever they are asked for."""

from __future__ import annotations

from typing import Any, Optional

from moto.utilities.utils import get_partition

from . import moto_server, regions
from .call import AwsError, Call


def visible(call: Call) -> list[Any]:
    """The trails seen in the region of the call: its own, and the shadows of multi-region trails elsewhere."""
    own = list(_in_region(call, call.region))
    elsewhere = (one for region in regions.known(get_partition(call.region)) if region != call.region for one in _in_region(call, region))
    return own + [one for one in elsewhere if one.is_multi_region]


def for_reading(call: Call, name: str) -> Any:
    """The trail to read: by name in its home region, by ARN wherever it can be seen."""
    _refuse_foreign(call, name)
    trails = visible(call) if name.startswith("arn:") else _in_region(call, call.region)
    return _first(call, name, trails)


def for_writing(call: Call, name: str) -> Any:
    """The trail to change, which can only be done in its home region."""
    _refuse_foreign(call, name)
    if name.startswith("arn:") and name.split(":")[3] != call.region:
        home = name.split(":")[3]
        if any(one.arn == name for one in _in_region(call, home)):
            message = f"The home region of this trail is {home}: it cannot be changed from {call.region}."
            raise AwsError("InvalidHomeRegionException", message)
    return _first(call, name, _in_region(call, call.region))


def arn(call: Call, name: str) -> str:
    """The ARN that a new trail of this name gets."""
    return f"arn:{get_partition(call.region)}:cloudtrail:{call.region}:{call.account}:trail/{name}"


def _in_region(call: Call, region: str) -> Any:
    # Asking for a region would make it, one backend for each of them.
    known = moto_server.existing("cloudtrail", call.account, region)
    return list(known.trails.values()) if known is not None else []


def _first(call: Call, name: str, trails: list[Any]) -> Any:
    found: Optional[Any] = next((one for one in trails if name in (one.trail_name, one.arn)), None)
    if found is None:
        raise AwsError("TrailNotFoundException", f"Unknown trail: {name} for the user: {call.account}")
    return found


def _refuse_foreign(call: Call, name: str) -> None:
    if name.startswith("arn:") and name.split(":")[4] != call.account:
        raise AwsError("CloudTrailARNInvalidException", "AccountID in ARN is wrong.")
