"""CloudTrail: when a trail has delivered, and what it says when it cannot."""

from __future__ import annotations

import time
from typing import Any

from .lab import REGION, Lab, check, same
from .trails import TRAIL, arn, bucket, delivery, document, permit, role


def group(lab: Lab) -> dict[str, str]:
    """A log group and a role, as UpdateTrail wants to be told of them."""
    lab.client("logs").create_log_group(logGroupName="trail")
    named = role(lab)
    permit(lab)
    prefix = f"arn:aws:logs:{REGION}:{lab.account}:log-group"
    return {"CloudWatchLogsLogGroupArn": f"{prefix}:trail:*", "CloudWatchLogsRoleArn": named}


def status(lab: Lab) -> Any:
    return lab.client("cloudtrail").get_trail_status(Name=TRAIL)


@check
def come_after_a_while(lab: Lab) -> None:
    cloudtrail = lab.client("cloudtrail")
    cloudtrail.create_trail(Name=TRAIL, S3BucketName=bucket(lab))
    shown = cloudtrail.get_trail_status(Name=TRAIL)
    same((shown["IsLogging"], "LatestDeliveryTime" in shown), (False, False))
    cloudtrail.start_logging(Name=TRAIL)
    shown = cloudtrail.get_trail_status(Name=arn(lab))
    same(
        (shown["IsLogging"], "LatestDeliveryTime" in shown, "LatestCloudWatchLogsDeliveryTime" in shown),
        (True, True, False),
    )
    lab.configure(delivery_seconds=2)
    cloudtrail.update_trail(Name=TRAIL, **group(lab))
    assert "LatestCloudWatchLogsDeliveryTime" not in status(lab)
    time.sleep(2.1)
    assert "LatestCloudWatchLogsDeliveryTime" in status(lab)
    lab.configure(delivery_seconds=None)
    assert "LatestDeliveryTime" not in status(lab)


@check
def stay_known_when_logging_stops(lab: Lab) -> None:
    cloudtrail = lab.client("cloudtrail")
    cloudtrail.create_trail(Name=TRAIL, S3BucketName=bucket(lab), EnableLogFileValidation=True, **group(lab))
    cloudtrail.start_logging(Name=TRAIL)
    cloudtrail.stop_logging(Name=arn(lab))
    shown = status(lab)
    same(shown["IsLogging"], False)
    times = ("LatestDeliveryTime", "LatestCloudWatchLogsDeliveryTime", "LatestDigestDeliveryTime")
    assert all(name in shown for name in times), shown
    # Nothing new comes for a while, but what came stays.
    lab.configure(delivery_seconds=3600)
    cloudtrail.start_logging(Name=TRAIL)
    same({name: status(lab)[name] for name in times}, {name: shown[name] for name in times})


@check
def fail_when_the_bucket_is_gone(lab: Lab) -> None:
    cloudtrail, s3 = lab.client("cloudtrail"), lab.client("s3")
    name = bucket(lab)
    cloudtrail.create_trail(Name=TRAIL, S3BucketName=name)
    cloudtrail.start_logging(Name=TRAIL)
    good = status(lab)
    assert "LatestDeliveryError" not in good, good
    s3.delete_bucket_policy(Bucket=name)
    same(status(lab)["LatestDeliveryError"], "AccessDenied")
    s3.delete_bucket(Bucket=name)
    shown = status(lab)
    same((shown["IsLogging"], shown["LatestDeliveryError"]), (True, "NoSuchBucket"))
    same(shown["LatestDeliveryTime"], good["LatestDeliveryTime"])
    s3.create_bucket(Bucket=name)
    s3.put_bucket_policy(Bucket=name, Policy=document(*delivery(lab, name)))
    assert "LatestDeliveryError" not in status(lab)


@check
def fail_when_the_group_or_the_role_is_gone(lab: Lab) -> None:
    cloudtrail, iam, logs = lab.client("cloudtrail"), lab.client("iam"), lab.client("logs")
    cloudtrail.create_trail(Name=TRAIL, S3BucketName=bucket(lab), **group(lab))
    cloudtrail.start_logging(Name=TRAIL)
    logs.delete_log_group(logGroupName="trail")
    assert status(lab)["LatestCloudWatchLogsDeliveryError"]
    logs.create_log_group(logGroupName="trail")
    assert "LatestCloudWatchLogsDeliveryError" not in status(lab)
    iam.delete_role_policy(RoleName="logs", PolicyName="p")
    assert status(lab)["LatestCloudWatchLogsDeliveryError"]
    cloudtrail.update_trail(Name=TRAIL, CloudWatchLogsLogGroupArn="", CloudWatchLogsRoleArn="")
    shown = status(lab)
    same([name for name in shown if "CloudWatchLogs" in name], [])
    assert "LatestDeliveryTime" in shown and "LatestDeliveryError" not in shown, shown


@check
def fail_when_the_key_is_disabled(lab: Lab) -> None:
    cloudtrail, kms = lab.client("cloudtrail"), lab.client("kms")
    may = {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}
    root, service = {"AWS": f"arn:aws:iam::{lab.account}:root"}, {"Service": "cloudtrail.amazonaws.com"}
    policy = document({**may, "Principal": root}, {**may, "Principal": service})
    key = kms.create_key(Policy=policy)["KeyMetadata"]["KeyId"]
    cloudtrail.create_trail(Name=TRAIL, S3BucketName=bucket(lab), KmsKeyId=key)
    cloudtrail.start_logging(Name=TRAIL)
    assert "LatestDeliveryError" not in status(lab)
    kms.disable_key(KeyId=key)
    same(status(lab)["LatestDeliveryError"], "KMS.DisabledException")
    kms.enable_key(KeyId=key)
    assert "LatestDeliveryError" not in status(lab)
