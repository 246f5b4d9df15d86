"""The log of calls."""

from __future__ import annotations

from .lab import OTHER_REGION, Lab, check, refused, same


@check
def calls_are_listed_in_order(lab: Lab) -> None:
    iam, kms = lab.client("iam"), lab.client("kms", OTHER_REGION)
    lab.control("DELETE", f"calls?account={lab.account}")
    iam.create_user(UserName="user")
    iam.generate_credential_report()
    kms.list_keys()
    refused("NotFoundException", kms.enable_key_rotation, KeyId="00000000-0000-0000-0000-000000000000")
    lab.client("s3").list_buckets()
    lab.client("cloudwatch").describe_alarms()
    expected = [
        ("iam", "us-east-1", "CreateUser", "write", 200),
        ("iam", "us-east-1", "GenerateCredentialReport", "read", 200),
        ("kms", OTHER_REGION, "ListKeys", "read", 200),
        ("kms", OTHER_REGION, "EnableKeyRotation", "write", 400),
        ("s3", "us-east-1", "ListBuckets", "read", 200),
        ("cloudwatch", "us-east-1", "DescribeAlarms", "read", 200),
    ]
    names = ("service", "region", "operation", "kind", "status")
    same([tuple(one[name] for name in names) for one in lab.calls()], expected)
    same({one["account"] for one in lab.calls()}, {lab.account})
    assert len(lab.control("GET", "calls")) > len(expected)
    lab.control("DELETE", f"calls?account={lab.account}")
    same(lab.calls(), [])


@check
def refusals_of_regions_are_listed(lab: Lab) -> None:
    refused("AuthFailure", lab.client("ec2", "af-south-1").describe_vpcs)
    same([(one["region"], one["status"]) for one in lab.calls()], [("af-south-1", 401)])


@check
def missing_operations_say_so(lab: Lab) -> None:
    refused("NotImplemented", lab.client("cloudtrail").lookup_events)
