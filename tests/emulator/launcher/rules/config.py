"""Config: the role and the bucket it is given, and what it says about its deliveries."""

from __future__ import annotations

from typing import Any

from moto.utilities.utils import get_partition

from .. import accounts, buckets, moto_server, roles, times
from ..call import Answer, AwsError, Call, Params, Proceed
from ..rulebook import rule

_SERVICE = "config.amazonaws.com"
_LINKED_ROLE = "/aws-service-role/"
_CONTINUOUS = {"recordingFrequency": "CONTINUOUS"}


@rule("config", "PutConfigurationRecorder")
def _put_recorder(call: Call, proceed: Proceed) -> Answer:
    wanted = call.params["ConfigurationRecorder"]
    arn = wanted.get("roleARN") or ""
    role = roles.find(arn, call.region)
    if role is None or not roles.trusts(role, _SERVICE, _context(call)):
        raise AwsError("InvalidRoleException", f"You have provided a null, empty or invalid role: '{arn}'")
    answer = proceed()
    # moto shows it, but does not take it from the request. Like the rest, it is replaced as a whole.
    _recorders(call)[wanted["name"]].recording_mode = wanted.get("recordingMode") or _CONTINUOUS
    return answer


@rule("config", "StartConfigurationRecorder")
def _start(call: Call, proceed: Proceed) -> Answer:
    recorder = _recorders(call).get(call.params["ConfigurationRecorderName"])
    # Or it would begin anew.
    return Answer(call, data={}) if recorder is not None and recorder.status.recording else proceed()


@rule("config", "PutDeliveryChannel")
def _put_channel(call: Call, proceed: Proceed) -> Answer:
    channel = call.params["DeliveryChannel"]
    recorders = _recorders(call)
    if not recorders or not channel.get("s3BucketName"):
        return proceed()  # moto has the words for that
    bucket = buckets.find(channel["s3BucketName"])
    if bucket is None:
        raise AwsError("NoSuchBucketException", f"Cannot find a S3 bucket with an ARN of {channel['s3BucketName']}")
    if not _can_deliver(call, channel, bucket, next(iter(recorders.values()))):
        prefix, key = channel.get("s3KeyPrefix", "null"), channel.get("s3KmsKeyArn", "null")
        what = f"Insufficient delivery policy to s3 bucket: {bucket.name}, unable to write to bucket"
        message = f"{what}, provided s3 key prefix is '{prefix}', provided kms key is '{key}'."
        raise AwsError("InsufficientDeliveryPolicyException", message)
    return proceed()


def _can_deliver(call: Call, channel: Params, bucket: Any, recorder: Any) -> bool:
    prefix = f"{channel['s3KeyPrefix']}/" if channel.get("s3KeyPrefix") else ""
    key = f"{prefix}AWSLogs/{call.account}/Config/ConfigWritabilityCheckFile"
    if buckets.lets_deliver(bucket, _SERVICE, key, _context(call)):
        return True
    role = roles.find(recorder.role_arn, call.region)
    # The service-linked role cannot write to S3; a role of the account's own may.
    if role is None or _LINKED_ROLE in role.arn:
        return False
    needed = (("s3:GetBucketAcl", bucket.arn), ("s3:PutObject", f"{bucket.arn}/{key}"))
    return all(roles.permits(role, action, resource) for action, resource in needed)


@rule("config", "DescribeConfigurationRecorderStatus")
def _recorder_status(call: Call, proceed: Proceed) -> Answer:
    answer = proceed()
    for status in answer.data["ConfigurationRecordersStatus"]:
        status.update(_latest(call, _recorders(call)[status["name"]]))
    return answer


@rule("config", "DescribeDeliveryChannelStatus")
def _channel_status(call: Call, _: Proceed) -> Answer:
    backend = moto_server.state("config", call.account, call.region)
    names = call.params.get("DeliveryChannelNames") or list(backend.delivery_channels)
    for name in names:
        if name not in backend.delivery_channels:
            message = f"Cannot find delivery channel with specified name '{name}'."
            raise AwsError("NoSuchDeliveryChannelException", message)
    latest = [_latest(call, one) for one in _recorders(call).values() if one.status.recording]
    history: Params = {"lastStatus": "NOT_APPLICABLE"}
    if latest and latest[0]:
        history = dict(latest[0])
        history["lastSuccessfulTime" if history["lastStatus"] == "SUCCESS" else "lastAttemptTime"] = times.now()
    stream = {"lastStatus": history["lastStatus"]}
    shown = [{"name": name, "configHistoryDeliveryInfo": history, "configStreamDeliveryInfo": stream} for name in names]
    return Answer(call, data={"DeliveryChannelsStatus": shown})


def _latest(call: Call, recorder: Any) -> Params:
    """How the latest delivery went; nothing if there has been none."""
    status = recorder.status
    delay = accounts.get(call.account).delivery_seconds
    if status.last_start_time is None or delay is None:
        return {}
    until = times.now().timestamp() if status.recording else status.last_stop_time
    if until - status.last_start_time < delay:
        return {}
    error = _delivery_error(call, recorder) if status.recording else None
    if error is None:
        return {"lastStatus": "SUCCESS"}
    return {"lastStatus": "FAILURE", "lastErrorCode": error, "lastErrorMessage": "Unable to deliver to the bucket."}


def _delivery_error(call: Call, recorder: Any) -> str | None:
    channels = moto_server.state("config", call.account, call.region).delivery_channels.values()
    for channel in [one.to_dict() for one in channels]:
        bucket = buckets.find(channel["s3BucketName"])
        if bucket is None:
            return "NoSuchBucket"
        # A policy that is on its way to S3 says nothing about what the one before it allowed.
        settled = roles.settled(bucket.account_id, "bucket_policy", bucket.name)
        if settled and not _can_deliver(call, channel, bucket, recorder):
            return "AccessDenied"
    return None


def _recorders(call: Call) -> dict[str, Any]:
    recorders: dict[str, Any] = moto_server.state("config", call.account, call.region).recorders
    return recorders


def _context(call: Call) -> dict[str, str]:
    source = f"arn:{get_partition(call.region)}:config:{call.region}:{call.account}:config-recorder"
    return {"aws:SourceAccount": call.account, "aws:SourceArn": source}
