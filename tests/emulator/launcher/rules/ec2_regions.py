"""EC2 DescribeRegions, and account ListRegions: the regions of the account, not those of moto."""

from __future__ import annotations

from typing import Any

from moto.utilities.utils import get_partition

from .. import regions
from ..call import Answer, AwsError, Call, Proceed
from ..rulebook import rule

_SUFFIXES = {"aws-cn": "amazonaws.com.cn", "aws-eusc": "amazonaws.eu"}
_ACCOUNT_STATUS = {"not-opted-in": "DISABLED", "opted-in": "ENABLED", "opt-in-not-required": "ENABLED_BY_DEFAULT"}


@rule("ec2", "DescribeRegions")
def _describe(call: Call, _: Proceed) -> Answer:
    everywhere = regions.known(get_partition(call.region))
    names = call.params.get("RegionNames") or everywhere
    for name in names:
        if name not in everywhere:
            raise AwsError("InvalidParameterValue", f"Invalid region names provided: {name}")
    found = [_region(call, name) for name in names]
    if not call.params.get("AllRegions") and not call.params.get("RegionNames"):
        found = [region for region in found if region["OptInStatus"] != "not-opted-in"]
    for wanted in call.params.get("Filters") or []:
        found = [region for region in found if _passes(region, wanted)]
    return Answer(call, data={"Regions": found})


def _region(call: Call, name: str) -> dict[str, Any]:
    suffix = _SUFFIXES.get(get_partition(name), "amazonaws.com")
    return {
        "RegionName": name,
        "Endpoint": f"ec2.{name}.{suffix}",
        "OptInStatus": regions.status(call.account, name),
    }


def _passes(region: dict[str, Any], wanted: dict[str, Any]) -> bool:
    member = {"opt-in-status": "OptInStatus", "region-name": "RegionName", "endpoint": "Endpoint"}.get(wanted["Name"])
    if member is None:
        raise AwsError("InvalidParameterValue", f"The filter '{wanted['Name']}' is invalid")
    return region[member] in wanted["Values"]


@rule("account", "ListRegions")
def _list(call: Call, _: Proceed) -> Answer:
    wanted = call.params.get("RegionOptStatusContains")
    listed = [
        {"RegionName": name, "RegionOptStatus": _ACCOUNT_STATUS[regions.status(call.account, name)]}
        for name in regions.known(get_partition(call.region))
    ]
    return Answer(
        call, data={"Regions": [region for region in listed if not wanted or region["RegionOptStatus"] in wanted]}
    )
