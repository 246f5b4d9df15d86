"""S3: how buckets come and go, and where their access logs may go."""

from __future__ import annotations

from typing import Any

from .lab import OTHER_REGION, REGION, Lab, check, refused, same, status
from .s3 import bucket, put

_THERE = {"LocationConstraint": OTHER_REGION}


def logs_to(target: str, prefix: str = "access/") -> dict[str, Any]:
    return {"LoggingEnabled": {"TargetBucket": target, "TargetPrefix": prefix}}


@check
def are_made_where_they_are_asked_for(lab: Lab) -> None:
    near, far, name = lab.client("s3"), lab.client("s3", OTHER_REGION), f"made-{lab.account}"
    refused("404", near.head_bucket, Bucket=name, ExpectedBucketOwner=lab.account)
    here = {"LocationConstraint": REGION}
    refused("InvalidLocationConstraint", near.create_bucket, Bucket=name, CreateBucketConfiguration=here)
    refused("IllegalLocationConstraintException", far.create_bucket, Bucket=name)
    refused("IllegalLocationConstraintException", far.create_bucket, Bucket=name, CreateBucketConfiguration=here)
    far.create_bucket(Bucket=name, CreateBucketConfiguration=_THERE)
    error = refused("BucketAlreadyOwnedByYou", far.create_bucket, Bucket=name, CreateBucketConfiguration=_THERE)
    same(status(error), 409)
    near.create_bucket(Bucket=f"near-{lab.account}")
    near.create_bucket(Bucket=f"near-{lab.account}")
    other = Lab(lab.url, "288888888888").client("s3")
    same(status(refused("BucketAlreadyExists", other.create_bucket, Bucket=f"near-{lab.account}")), 409)


@check
def are_tagged(lab: Lab) -> None:
    s3, name = lab.client("s3"), bucket(lab)
    refused("NoSuchTagSet", s3.get_bucket_tagging, Bucket=name)
    tags = [{"Key": "harden:baseline", "Value": "level-2"}, {"Key": "harden:version", "Value": "1"}]
    s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": tags})
    same(s3.get_bucket_tagging(Bucket=name)["TagSet"], tags)
    s3.delete_bucket_tagging(Bucket=name)
    refused("NoSuchTagSet", s3.get_bucket_tagging, Bucket=name)


@check
def leave_nothing_behind(lab: Lab) -> None:
    s3, name, target = lab.client("s3"), bucket(lab), bucket(lab, "target")
    deliver = {"Effect": "Allow", "Principal": {"Service": "logging.s3.amazonaws.com"}, "Action": "s3:PutObject"}
    put(lab, target, deliver)
    put(lab, name, deliver)
    s3.put_bucket_logging(Bucket=name, BucketLoggingStatus=logs_to(target))
    s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    s3.put_object(Bucket=name, Key="AWSLogs/log", Body=b"log")
    same(status(refused("BucketNotEmpty", s3.delete_bucket, Bucket=name)), 409)
    s3.delete_object(Bucket=name, Key="AWSLogs/log")
    s3.delete_bucket(Bucket=name)
    refused("NoSuchBucket", s3.delete_bucket, Bucket=name)
    refused("404", s3.head_bucket, Bucket=name)
    reads = (s3.get_bucket_policy, s3.get_bucket_tagging, s3.get_bucket_logging, s3.get_public_access_block)
    for read in reads:
        refused("NoSuchBucket", read, Bucket=name)
    s3.create_bucket(Bucket=name)
    refused("NoSuchBucketPolicy", s3.get_bucket_policy, Bucket=name)
    refused("NoSuchTagSet", s3.get_bucket_tagging, Bucket=name)
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=name)
    # For all that was asked of the logged bucket, no log has come.
    s3.delete_bucket(Bucket=target)


@check
def that_keep_versions_are_not_empty(lab: Lab) -> None:
    s3, name = lab.client("s3"), bucket(lab)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket=name, Key="log", Body=b"log")
    s3.delete_object(Bucket=name, Key="log")
    same(s3.list_objects_v2(Bucket=name)["KeyCount"], 0)
    refused("BucketNotEmpty", s3.delete_bucket, Bucket=name)


@check
def access_logging(lab: Lab) -> None:
    s3, source, target = lab.client("s3"), bucket(lab, "source"), bucket(lab, "target")
    wanted = logs_to(target)

    def turn_on() -> None:
        s3.put_bucket_logging(Bucket=source, BucketLoggingStatus=wanted)

    refused("InvalidTargetBucketForLogging", turn_on)
    deliver = {"Effect": "Allow", "Principal": {"Service": "logging.s3.amazonaws.com"}, "Action": "s3:PutObject"}
    ours = {"aws:SourceAccount": lab.account}
    for wrong in (
        {"Resource": f"arn:aws:s3:::{target}/elsewhere/*"},
        {"Condition": {"StringEquals": {"aws:SourceAccount": "111111111111"}}},
        {"Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::another"}}},
        {"Principal": {"Service": "cloudtrail.amazonaws.com"}},
    ):
        put(lab, target, {**deliver, **wrong})
        refused("InvalidTargetBucketForLogging", turn_on)
    denied = {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject"}
    put(lab, target, deliver, denied)
    refused("InvalidTargetBucketForLogging", turn_on)
    narrow = {"ArnLike": {"aws:SourceArn": f"arn:aws:s3:::{source}"}, "StringEquals": ours}
    put(lab, target, {**deliver, "Resource": f"arn:aws:s3:::{target}/access/*", "Condition": narrow})
    turn_on()
    same(s3.get_bucket_logging(Bucket=source)["LoggingEnabled"]["TargetBucket"], target)
    s3.put_bucket_logging(Bucket=source, BucketLoggingStatus={})
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=source)


@check
def access_logging_to_the_wrong_place(lab: Lab) -> None:
    s3, source, far = lab.client("s3"), bucket(lab, "source"), f"far-{lab.account}"

    def turn_on(target: str) -> None:
        s3.put_bucket_logging(Bucket=source, BucketLoggingStatus=logs_to(target))

    refused("InvalidTargetBucketForLogging", turn_on, target=f"absent-{lab.account}")
    lab.client("s3", OTHER_REGION).create_bucket(Bucket=far, CreateBucketConfiguration=_THERE)
    same(status(refused("CrossLocationLoggingProhibitted", turn_on, target=far)), 403)
    foreign = bucket(Lab(lab.url, "288888888888"), "logs-of-another")
    refused("InvalidTargetBucketForLogging", turn_on, target=foreign)


@check
def access_logging_by_grants(lab: Lab) -> None:
    s3, source, target = lab.client("s3"), bucket(lab, "source"), bucket(lab, "target")
    rules = {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    s3.put_bucket_ownership_controls(Bucket=target, OwnershipControls=rules)
    refused("InvalidTargetBucketForLogging", s3.put_bucket_logging, Bucket=source, BucketLoggingStatus=logs_to(target))
    s3.put_bucket_acl(Bucket=target, ACL="log-delivery-write")
    s3.put_bucket_logging(Bucket=source, BucketLoggingStatus=logs_to(target))
