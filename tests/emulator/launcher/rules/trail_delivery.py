"""What CloudTrail checks before it accepts where a trail delivers to: bucket, log group, role and key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from moto.utilities.utils import get_partition

from .. import buckets, moto_server, policy, roles
from ..call import AwsError, Call

_SERVICE = "cloudtrail.amazonaws.com"
_USABLE = "Enabled"


@dataclass
class Destination:
    """The settings of a trail as they will be: those of the request over those that the trail has."""

    arn: str
    bucket: str
    prefix: str | None
    log_group: str | None
    role: str | None
    key: str | None


def check_bucket(call: Call, to: Destination) -> Any:
    """The bucket, whose policy has to let this trail deliver."""
    bucket = buckets.find(to.bucket)
    if bucket is None:
        raise AwsError("S3BucketDoesNotExistException", f"S3 bucket {to.bucket} does not exist!")
    prefix = f"{to.prefix}/" if to.prefix else ""
    key = f"{prefix}AWSLogs/{call.account}/CloudTrail/{call.region}/log.json.gz"
    if not buckets.lets_deliver(bucket, _SERVICE, key, _context(call, to)):
        message = f"Incorrect S3 bucket policy is detected for bucket: {to.bucket}"
        raise AwsError("InsufficientS3BucketPolicyException", message)
    return bucket


def check_log_group(call: Call, to: Destination) -> None:
    """The log group, and the role that has to be allowed to write there."""
    if bool(to.log_group) != bool(to.role):
        missing = "a role ARN as well as a log group" if to.log_group else "a log group ARN as well as a role"
        raise AwsError("InvalidCloudWatchLogsRoleArnException", f"You must specify {missing}.")
    if not to.log_group or not to.role:
        return
    role = roles.find(to.role, call.region)
    if role is None or role.account_id != call.account or not roles.trusts(role, _SERVICE, _context(call, to)):
        message = "Access denied. Check the trust relationships for your role."
        raise AwsError("InvalidCloudWatchLogsRoleArnException", message)
    _check_group_exists(call, to.log_group)
    stream = f"{to.log_group[: -len(':*')]}:log-stream:{call.account}_CloudTrail_{call.region}"
    if not all(roles.permits(role, action, stream) for action in ("logs:CreateLogStream", "logs:PutLogEvents")):
        message = "Access denied. Check the permissions for your role."
        raise AwsError("InvalidCloudWatchLogsLogGroupArnException", message)


def _check_group_exists(call: Call, arn: str) -> None:
    prefix = f"arn:{get_partition(call.region)}:logs:{call.region}:{call.account}:log-group:"
    groups = moto_server.state("logs", call.account, call.region).groups
    if not (arn.startswith(prefix) and arn.endswith(":*") and arn[len(prefix) : -len(":*")] in groups):
        message = "CloudTrail cannot validate the specified log group ARN."
        raise AwsError("InvalidCloudWatchLogsLogGroupArnException", message)


def check_key(call: Call, to: Destination, bucket: Any) -> str | None:
    """The ARN of the key, which has to be where the bucket is and whose policy has to let this trail encrypt."""
    if not to.key:
        return to.key
    key = _find_key(call, to.key, bucket.region_name)
    if key is None:
        message = "KMS key not found, or the S3 bucket and the KMS key are not in the same region."
        raise AwsError("KmsKeyNotFoundException", message)
    if key.key_state != _USABLE:
        raise AwsError("KmsException", f"The KMS key {key.arn} is {key.key_state}.")
    context = {**_context(call, to), "kms:EncryptionContext:aws:cloudtrail:arn": to.arn}
    statements = policy.parse(key.policy)
    allowed = all(
        policy.allows(statements, action, key.arn, context, _SERVICE)
        for action in ("kms:GenerateDataKey", "kms:DescribeKey")
    )
    if not allowed or not roles.settled(key.account_id, "key_policy", key.arn):
        message = f"Insufficient permissions to access S3 bucket {to.bucket} or KMS key {key.arn}."
        raise AwsError("InsufficientEncryptionPolicyException", message)
    return key.arn


def _find_key(call: Call, name: str, region: str) -> Any | None:
    """A key by id, alias, or the ARN of either."""
    account = call.account
    if name.startswith("arn:"):
        _, _, _, in_region, account, _ = name.split(":", 5)
        if in_region != region:
            return None
    backend = moto_server.state("kms", account, region)
    name = backend.get_key_id(backend.get_alias_name(name))
    if name.startswith("alias/"):
        return next((key for key in backend.keys.values() if name in key.aliases), None)
    return backend.keys.get(name)


def _context(call: Call, to: Destination) -> policy.Context:
    return {"aws:SourceArn": to.arn, "aws:SourceAccount": call.account}
