"""Sessions: that they end, and that one as root of a member may do no more than its task."""

from __future__ import annotations

from datetime import datetime

from moto.utilities.utils import get_partition

from . import services, times
from .call import AwsError, Call

_LISTS = ("ListAccessKeys", "ListSigningCertificates", "ListMFADevices", "GetLoginProfile", "GetUser")
_USED = "GetAccessKeyLastUsed"
_DELETES = (
    "DeleteAccessKey", "DeleteSigningCertificate", "DeleteLoginProfile", "DeactivateMFADevice", "DeleteVirtualMFADevice",
)  # fmt: skip
# What each of AWS's policies for the purpose lets root do.
TASKS: dict[str, set[tuple[str, str]]] = {
    "IAMAuditRootUserCredentials": {("iam", name) for name in (*_LISTS, _USED, "GetAccountSummary")},
    "IAMDeleteRootUserCredentials": {("iam", name) for name in (*_LISTS, _USED, *_DELETES)},
    "IAMCreateRootUserPassword": {("iam", "CreateLoginProfile"), ("iam", "GetLoginProfile")},
    "S3UnlockBucketPolicy": {
        ("s3", name) for name in ("DeleteBucketPolicy", "GetBucketPolicy", "ListBuckets", "PutBucketPolicy")
    },
    "SQSUnlockQueuePolicy": {
        ("sqs", name) for name in ("GetQueueAttributes", "GetQueueUrl", "ListQueues", "SetQueueAttributes")
    },
}
_FREE = ("sts", "GetCallerIdentity")

# By their access keys: when sessions end, and the tasks of those that are root's.
_ends: dict[str, datetime] = {}
_tasks: dict[str, str] = {}


def begin(access_key: str, end: datetime, task: str | None = None) -> None:
    """Notes a session that ends, and the task of one as root."""
    _ends[access_key] = end
    if task is not None:
        _tasks[access_key] = task


def is_root(call: Call) -> bool:
    """Whether the caller is root of a member, for a task."""
    return call.access_key in _tasks


def root_arn(call: Call) -> str:
    """The ARN of the root user of the caller's account."""
    return f"arn:{get_partition(call.region)}:iam::{call.account}:root"


def check(call: Call) -> None:
    """Refuses calls of sessions that are over, and of root beyond its task."""
    end = _ends.get(call.access_key)
    if end is not None and times.now() >= end:
        wording = services.of(call.service).expired
        raise AwsError(wording.code, "The security token included in the request is expired", wording.status)
    if not is_root(call) or call.key == _FREE:
        return
    if call.key not in TASKS[_tasks[call.access_key]] or "UserName" in call.params:
        wording = services.of(call.service).denied
        action = services.action(call.service, call.operation)
        message = f"User: {root_arn(call)} is not authorized to perform: {action} because no session policy allows it"
        raise AwsError(wording.code, message, wording.status)
