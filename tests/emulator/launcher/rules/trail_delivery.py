"""What CloudTrail checks before it accepts where a trail delivers to: bucket, log group, role and key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from moto.utilities.utils import get_partition

from .. import buckets, moto_server, policy, roles
from ..call import AwsError

SERVICE = "cloudtrail.amazonaws.com"
USABLE = "Enabled"


@dataclass
class Destination:
    """Where the trail of an ARN delivers to, as it does or as a request would have it."""

    arn: str
    bucket: str
    prefix: str | None
    log_group: str | None
    role: str | None
    key: str | None

    @classmethod
    def of(cls, trail: Any) -> Destination:
        """Where a trail delivers to."""
        return cls(
            arn=trail.arn,
            bucket=trail.bucket_name,
            prefix=trail.s3_key_prefix,
            log_group=trail.cw_log_group_arn,
            role=trail.cw_role_arn,
            key=trail.kms_key_id,
        )

    @property
    def region(self) -> str:
        """The trail's home."""
        return self.arn.split(":")[3]

    @property
    def account(self) -> str:
        """The trail's owner."""
        return self.arn.split(":")[4]

    @property
    def context(self) -> policy.Context:
        """What CloudTrail says of itself when it comes to deliver."""
        return {"aws:SourceArn": self.arn, "aws:SourceAccount": self.account}

    @property
    def object(self) -> str:
        """The key of a log file."""
        prefix = f"{self.prefix}/" if self.prefix else ""
        return f"{prefix}AWSLogs/{self.account}/CloudTrail/{self.region}/log.json.gz"

    @property
    def stream(self) -> str:
        """The ARN of a log stream in the log group."""
        group = (self.log_group or "").removesuffix(":*")
        return f"{group}:log-stream:{self.account}_CloudTrail_{self.region}"


def check_bucket(to: Destination) -> Any:
    """The bucket, whose policy has to let this trail deliver."""
    bucket = buckets.find(to.bucket)
    if bucket is None:
        raise AwsError("S3BucketDoesNotExistException", f"S3 bucket {to.bucket} does not exist!")
    if not buckets.lets_deliver(bucket, SERVICE, to.object, to.context):
        message = f"Incorrect S3 bucket policy is detected for bucket: {to.bucket}"
        raise AwsError("InsufficientS3BucketPolicyException", message)
    return bucket


def check_log_group(to: Destination) -> None:
    """The log group, and the role that has to be allowed to write there."""
    if bool(to.log_group) != bool(to.role):
        missing = "a role ARN as well as a log group" if to.log_group else "a log group ARN as well as a role"
        raise AwsError("InvalidCloudWatchLogsRoleArnException", f"You must specify {missing}.")
    if not to.log_group or not to.role:
        return
    role = roles.find(to.role, to.region)
    if role is None or not _can_assume(to, role):
        message = "Access denied. Check the trust relationships for your role."
        raise AwsError("InvalidCloudWatchLogsRoleArnException", message)
    if not _group_exists(to):
        message = "CloudTrail cannot validate the specified log group ARN."
        raise AwsError("InvalidCloudWatchLogsLogGroupArnException", message)
    if not _can_write(to, role):
        message = "Access denied. Check the permissions for your role."
        raise AwsError("InvalidCloudWatchLogsLogGroupArnException", message)


def can_write_to_group(to: Destination) -> bool:
    """Whether what `check_log_group` asks for still holds."""
    role = roles.find(to.role or "", to.region)
    return role is not None and _can_assume(to, role) and _group_exists(to) and _can_write(to, role)


def _can_assume(to: Destination, role: Any) -> bool:
    return role.account_id == to.account and roles.trusts(role, SERVICE, to.context)


def _can_write(to: Destination, role: Any) -> bool:
    return all(roles.permits(role, action, to.stream) for action in ("logs:CreateLogStream", "logs:PutLogEvents"))


def _group_exists(to: Destination) -> bool:
    arn = to.log_group or ""
    prefix = f"arn:{get_partition(to.region)}:logs:{to.region}:{to.account}:log-group:"
    groups = moto_server.state("logs", to.account, to.region).groups
    return arn.startswith(prefix) and arn.endswith(":*") and arn[len(prefix) : -len(":*")] in groups


def check_key(to: Destination, bucket: Any) -> str | None:
    """The ARN of the key, which has to be where the bucket is and whose policy has to let this trail encrypt."""
    if not to.key:
        return to.key
    key = find_key(to, bucket)
    if key is None:
        message = "KMS key not found, or the S3 bucket and the KMS key are not in the same region."
        raise AwsError("KmsKeyNotFoundException", message)
    if key.key_state != USABLE:
        raise AwsError("KmsException", f"The KMS key {key.arn} is {key.key_state}.")
    if not key_lets_encrypt(to, key) or not roles.settled(key.account_id, "key_policy", key.arn):
        message = f"Insufficient permissions to access S3 bucket {to.bucket} or KMS key {key.arn}."
        raise AwsError("InsufficientEncryptionPolicyException", message)
    return key.arn


def key_lets_encrypt(to: Destination, key: Any) -> bool:
    """Whether the key's policy lets this trail encrypt its log files."""
    context = {**to.context, "kms:EncryptionContext:aws:cloudtrail:arn": to.arn}
    statements = policy.parse(key.policy)
    needed = ("kms:GenerateDataKey", "kms:DescribeKey")
    return all(policy.allows(statements, action, key.arn, context, SERVICE) for action in needed)


def find_key(to: Destination, bucket: Any) -> Any | None:
    """The key, by its id, its alias, or the ARN of either, where the bucket is."""
    name, account = to.key or "", to.account
    if name.startswith("arn:"):
        _, _, _, region, account, _ = name.split(":", 5)
        if region != bucket.region_name:
            return None
    backend = moto_server.state("kms", account, bucket.region_name)
    name = backend.get_key_id(backend.get_alias_name(name))
    if name.startswith("alias/"):
        return next((key for key in backend.keys.values() if name in key.aliases), None)
    return backend.keys.get(name)
