"""Regions: which ones an account has, and what the others answer."""

from __future__ import annotations

from .lab import OTHER_REGION, Lab, check, flat, pages, refused, same, status


@check
def are_those_of_a_fresh_account(lab: Lab) -> None:
    ec2 = lab.client("ec2")
    default = ec2.describe_regions()["Regions"]
    same(len(default), 17)
    same({one["OptInStatus"] for one in default}, {"opt-in-not-required"})
    everything = ec2.describe_regions(AllRegions=True)["Regions"]
    assert len(everything) > 17
    wanted = [{"Name": "opt-in-status", "Values": ["not-opted-in"]}]
    same(len(ec2.describe_regions(AllRegions=True, Filters=wanted)["Regions"]), len(everything) - 17)
    same(ec2.describe_regions(Filters=wanted)["Regions"], [])


@check
def that_are_not_enabled_refuse(lab: Lab) -> None:
    same(status(refused("AuthFailure", lab.client("ec2", "af-south-1").describe_vpcs)), 401)
    refused("UnrecognizedClientException", lab.client("kms", "af-south-1").list_keys)
    same(status(refused("InvalidClientTokenId", lab.client("sts", "af-south-1").get_caller_identity)), 403)
    refused("UnrecognizedClientException", lab.client("cloudtrail", "af-south-1").describe_trails)
    lab.client("iam", "af-south-1").list_users()


@check
def can_be_set(lab: Lab) -> None:
    lab.configure(enabled_regions=["us-east-1", "af-south-1"])
    found = lab.client("ec2").describe_regions()["Regions"]
    same(
        {one["RegionName"]: one["OptInStatus"] for one in found},
        {"us-east-1": "opt-in-not-required", "af-south-1": "opted-in"},
    )
    lab.client("ec2", "af-south-1").describe_vpcs()
    refused("AuthFailure", lab.client("ec2", OTHER_REGION).describe_vpcs)
    listed = flat(pages(lab.client("account").list_regions, "Regions", "NextToken", "NextToken"))
    enabled = {one["RegionName"] for one in listed if one["RegionOptStatus"].startswith("ENABLED")}
    same(enabled, {"us-east-1", "af-south-1"})


@check
def of_other_partitions(lab: Lab) -> None:
    names = {one["RegionName"] for one in lab.client("ec2", "cn-north-1").describe_regions()["Regions"]}
    same(names, {"cn-north-1", "cn-northwest-1"})
    same(lab.client("sts", "cn-north-1").get_caller_identity()["Arn"].split(":")[1], "aws-cn")
