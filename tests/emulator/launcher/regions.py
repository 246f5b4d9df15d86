"""Which regions an account has enabled. moto has its own idea of which ones need opting in; this is AWS's."""

from __future__ import annotations

from functools import cache

from boto3 import Session
from moto.utilities.utils import get_partition

from . import accounts, services
from .call import AwsError, Call

# Enabled in every account of the commercial partition; all others there have to be opted in to.
_DEFAULT = {
    "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2",
    "ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1",
    "us-east-1", "us-east-2", "us-west-1", "us-west-2",
}  # fmt: skip
# They answer wherever they are asked, because their endpoint is not in the caller's region.
_GLOBAL_SERVICES = ("account", "iam", "organizations")

_launch_default: list[str] | None = None


def limit(names: list[str] | None) -> None:
    """Sets the regions that are enabled in accounts whose tests say nothing else."""
    global _launch_default
    _launch_default = names


@cache
def known(partition: str) -> tuple[str, ...]:
    """All regions of a partition."""
    return tuple(sorted(Session().get_available_regions("ec2", partition_name=partition)))


def enabled(account: str, region: str) -> list[str]:
    """The enabled regions of an account, in the partition of the region asked."""
    everywhere = known(get_partition(region))
    chosen = set(accounts.get(account).enabled_regions or _launch_default or ()).intersection(everywhere)
    return [name for name in everywhere if (name in chosen if chosen else needs_no_opt_in(name))]


def needs_no_opt_in(region: str) -> bool:
    """Whether a region is enabled without anybody asking for it."""
    return get_partition(region) != "aws" or region in _DEFAULT


def status(account: str, region: str) -> str:
    """The opt-in status of a region, as EC2 words it."""
    if region not in enabled(account, region):
        return "not-opted-in"
    return "opt-in-not-required" if needs_no_opt_in(region) else "opted-in"


def check(call: Call) -> None:
    """Refuses calls to a region that the account has not enabled, as if the credentials were unknown there."""
    if call.service in _GLOBAL_SERVICES or call.region in enabled(call.account, call.region):
        return
    wording = services.of(call.service).unknown_token
    message = "The security token included in the request is invalid."
    if call.service == "ec2":
        message = "AWS was not able to validate the provided access credentials"
    raise AwsError(wording.code, message, wording.status)
