"""CloudTrail: what a trail has delivered so far, and what went wrong the last time.

Nothing runs in the background: what would have been delivered by now is worked out when somebody asks, and before
anything changes that it depends on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from .. import accounts, buckets, roles, times, trails
from ..call import Answer, Call, Params, Proceed
from ..rulebook import rule
from . import trail_delivery
from .trail_delivery import SERVICE, USABLE, Destination


@dataclass
class _Deliveries:
    """Those to one place: since when there has been something to deliver, and how the latest went."""

    since: datetime | None = None
    latest: datetime | None = None
    error: str | None = None


@dataclass
class _Record:
    """Those of one trail."""

    bucket: _Deliveries = field(default_factory=_Deliveries)
    group: _Deliveries = field(default_factory=_Deliveries)


@rule("cloudtrail", "StartLogging")
def _start(call: Call, proceed: Proceed) -> Answer:
    trail = _named(call)
    was_logging = trail.status.is_logging
    answer = proceed()
    if not was_logging:
        record = _record(trail)
        record.bucket.since = record.group.since = times.now()
    deliver(trail)
    return answer


@rule("cloudtrail", "StopLogging")
def _stop(call: Call, proceed: Proceed) -> Answer:
    deliver(_named(call))
    return proceed()


@rule("cloudtrail", "GetTrailStatus")
def _status(call: Call, _: Proceed) -> Answer:
    trail = trails.for_status(call, call.params["Name"])
    deliver(trail)
    data: Params = {
        "IsLogging": trail.status.is_logging,
        "StartLoggingTime": trail.status.started,
        "StopLoggingTime": trail.status.stopped,
    }
    if accounts.get(trail.account_id).delivery_seconds is not None:
        data.update(_shown(trail))
    return Answer(call, data=data)


def _shown(trail: Any) -> Params:
    record = _record(trail)
    shown = {
        "LatestDeliveryTime": record.bucket.latest,
        "LatestDeliveryError": record.bucket.error,
        "LatestCloudWatchLogsDeliveryTime": record.group.latest,
        "LatestCloudWatchLogsDeliveryError": record.group.error,
    }
    if trail.log_validation:
        shown.update(LatestDigestDeliveryTime=record.bucket.latest, LatestDigestDeliveryError=record.bucket.error)
    return shown


def deliver(trail: Any) -> None:
    """Makes the deliveries that are due."""
    delay = accounts.get(trail.account_id).delivery_seconds
    if delay is None or not trail.status.is_logging:
        return
    record, to = _record(trail), Destination.of(trail)
    bucket = buckets.find(to.bucket)
    # A policy that is on its way to S3 says nothing about what the one before it allowed.
    if bucket is None or roles.settled(bucket.account_id, "bucket_policy", bucket.name):
        _try(record.bucket, delay, _bucket_error(to, bucket))
    if to.log_group and roles.settled(to.account, "role", to.role or ""):
        _try(record.group, delay, None if trail_delivery.can_write_to_group(to) else "AccessDenied")


def forget_group(trail: Any) -> None:
    """Begins anew with another log group, or none."""
    _record(trail).group = _Deliveries(since=times.now() if trail.status.is_logging else None)


def _try(deliveries: _Deliveries, delay: float, error: str | None) -> None:
    if deliveries.since is None or times.now() < deliveries.since + timedelta(seconds=delay):
        return
    deliveries.error = error
    if error is None:
        deliveries.latest = times.now()


def _bucket_error(to: Destination, bucket: Any | None) -> str | None:
    """The code that S3 gives to who tries to put a log file."""
    if bucket is None:
        return "NoSuchBucket"
    if not buckets.lets_deliver(bucket, SERVICE, to.object, to.context):
        return "AccessDenied"
    if not to.key:
        return None
    key = trail_delivery.find_key(to, bucket)
    if key is None:
        return "KMS.NotFoundException"
    if key.key_state != USABLE:
        return "KMS.DisabledException" if key.key_state == "Disabled" else "KMS.KMSInvalidStateException"
    return None if trail_delivery.key_lets_encrypt(to, key) else "AccessDenied"


def _named(call: Call) -> Any:
    trail = trails.for_writing(call, call.params["Name"])
    call.params["Name"] = trail.trail_name
    call.edited = True
    return trail


def _record(trail: Any) -> _Record:
    if not hasattr(trail, "deliveries"):
        trail.deliveries = _Record()
    record: _Record = trail.deliveries
    return record
