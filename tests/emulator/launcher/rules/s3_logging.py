"""S3 access logs: where they may go, and that nothing arrives there while somebody watches."""

from __future__ import annotations

from typing import Any

from moto.s3.models import FakeBucket, S3Backend

from .. import buckets, policy
from ..call import Answer, AwsError, Call, Params, Proceed
from ..rulebook import rule
from . import s3  # noqa: F401 (whose bucket it is comes first)

_SERVICE = "logging.s3.amazonaws.com"
_ENFORCED = "BucketOwnerEnforced"


@rule("s3", "PutBucketLogging")
def _put(call: Call, proceed: Proceed) -> Answer:
    source = buckets.find(call.path_params["Bucket"])
    wanted = (call.params.get("BucketLoggingStatus") or {}).get("LoggingEnabled")
    if source is not None and wanted:
        _check_target(source, wanted)
    return proceed()


def _check_target(source: Any, wanted: Params) -> None:
    target = buckets.find(wanted["TargetBucket"])
    if target is None:
        raise _invalid("The target bucket for logging does not exist")
    if target.account_id != source.account_id:
        raise _invalid("The owner for the bucket to be logged and the target bucket must be the same.")
    if target.region_name != source.region_name:
        # AWS spells it so.
        raise AwsError("CrossLocationLoggingProhibitted", "Cross S3 location logging not allowed. ", 403)
    if not _allowed_by_policy(source, target, wanted.get("TargetPrefix") or "") and not _allowed_by_acl(target):
        message = "You must give the log-delivery group WRITE and READ_ACP permissions to the target bucket"
        raise _invalid(message)


def _allowed_by_policy(source: Any, target: Any, prefix: str) -> bool:
    context = {"aws:SourceArn": source.arn, "aws:SourceAccount": source.account_id}
    log = f"{target.arn}/{prefix}2016-02-29-00-00-00-0000000000000000"
    return policy.allows(buckets.statements(target), "s3:PutObject", log, context, _SERVICE)


def _allowed_by_acl(target: Any) -> bool:
    return (
        target.ownership_rule != _ENFORCED
        and target.acl is not None
        and FakeBucket._log_permissions_enabled_acl(target)
    )


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidTargetBucketForLogging", message)


def _leave_it_to_the_rule() -> None:
    """Makes moto accept every policy: it looks for the very words of a statement, not for what they mean."""
    FakeBucket._log_permissions_enabled_policy = staticmethod(  # type: ignore[method-assign]
        lambda target_bucket, target_prefix: True
    )


def _log_nothing() -> None:
    """Keeps moto from logging each request at once: AWS takes hours, and until then the target can be deleted."""
    S3Backend.log_incoming_request = lambda *_: None  # type: ignore[method-assign]


_leave_it_to_the_rule()
_log_nothing()
