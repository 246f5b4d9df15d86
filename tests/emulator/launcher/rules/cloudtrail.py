"""CloudTrail: trails that are changed at home only, what they are checked for, and what they say of themselves."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from moto.organizations.models import organizations_backends

from .. import accounts, moto_server, times, trails
from ..call import Answer, AwsError, Call, Params, Proceed
from ..rulebook import rule
from . import trail_delivery
from .trail_delivery import Destination

_MOST_TRAILS = 5
_DEFAULT_SELECTOR = {
    "ReadWriteType": "All",
    "IncludeManagementEvents": True,
    "DataResources": [],
    "ExcludeManagementEventSources": [],
}
_TRAIL_STRINGS = ("CloudWatchLogsLogGroupArn", "CloudWatchLogsRoleArn", "KmsKeyId", "S3KeyPrefix", "SnsTopicName")


@rule("cloudtrail", "CreateTrail")
def _create(call: Call, proceed: Proceed) -> Answer:
    params = call.params
    name = params["Name"]
    own = moto_server.state("cloudtrail", call.account, call.region).trails
    if name in own:
        raise AwsError("TrailAlreadyExistsException", f"Trail {name} already exists for customer: {call.account}")
    if len(trails.visible(call)) >= _MOST_TRAILS:
        message = f"User: {call.account} already has {_MOST_TRAILS} trails in {call.region}."
        raise AwsError("MaximumNumberOfTrailsExceededException", message)
    _check_organization(call)
    _check_delivery(call, _destination(call, trails.arn(call, name), None))
    answer = proceed()
    own[name].group_since = times.now()
    return _tidy(answer, answer.data)


@rule("cloudtrail", "UpdateTrail")
def _update(call: Call, proceed: Proceed) -> Answer:
    params = call.params
    trail = trails.for_writing(call, params["Name"])
    params["Name"] = trail.trail_name
    _check_organization(call)
    _check_delivery(call, _destination(call, trail.arn, trail))
    if "IsMultiRegionTrail" in params:
        # Global events come and go with the regions, unless the request says otherwise.
        params.setdefault("IncludeGlobalServiceEvents", params["IsMultiRegionTrail"])
    call.edited = True
    group = trail.cw_log_group_arn
    answer = proceed()
    if trail.cw_log_group_arn != group:
        trail.group_since = times.now()
    return _tidy(answer, answer.data)


@rule("cloudtrail", "StartLogging", "StopLogging", "DeleteTrail")
def _change(call: Call, proceed: Proceed) -> Answer:
    call.params["Name"] = trails.for_writing(call, call.params["Name"]).trail_name
    call.edited = True
    return proceed()


@rule("cloudtrail", "PutEventSelectors")
def _put_selectors(call: Call, proceed: Proceed) -> Answer:
    trail = trails.for_writing(call, call.params["TrailName"])
    call.params["TrailName"] = trail.trail_name
    call.edited = True
    answer = proceed()
    if call.params.get("EventSelectors"):
        # A trail has selectors of one kind; moto keeps both.
        trail.advanced_event_selectors = []
    return answer


@rule("cloudtrail", "GetEventSelectors")
def _get_selectors(call: Call, _: Proceed) -> Answer:
    trail = trails.for_reading(call, call.params["TrailName"])
    data: Params = {"TrailARN": trail.arn}
    if trail.advanced_event_selectors:
        data["AdvancedEventSelectors"] = trail.advanced_event_selectors
    else:
        data["EventSelectors"] = trail.event_selectors or [_DEFAULT_SELECTOR]
    return Answer(call, data=data)


@rule("cloudtrail", "GetTrail")
def _get(call: Call, _: Proceed) -> Answer:
    trail = trails.for_reading(call, call.params["Name"])
    answer = Answer(call, data={"Trail": trail.description(include_region=True)})
    return _tidy(answer, _describe_selectors(trail, answer.data["Trail"]))


@rule("cloudtrail", "DescribeTrails")
def _describe(call: Call, _: Proceed) -> Answer:
    own_only = call.params.get("includeShadowTrails") is False
    found = [trail for trail in trails.visible(call) if not own_only or trail.region_name == call.region]
    names = call.params.get("trailNameList")
    if names:
        found = [trail for trail in found if trail.trail_name in names or trail.arn in names]
    shown = [_describe_selectors(trail, trail.description(include_region=True)) for trail in found]
    answer = Answer(call, data={"trailList": shown})
    for one in shown:
        _tidy(answer, one)
    return answer


@rule("cloudtrail", "ListTrails")
def _list(call: Call, _: Proceed) -> Answer:
    return Answer(call, data={"Trails": [trail.short() for trail in trails.visible(call)]})


@rule("cloudtrail", "GetTrailStatus")
def _status(call: Call, _: Proceed) -> Answer:
    trail = trails.for_status(call, call.params["Name"])
    status = trail.status
    data: Params = {
        "IsLogging": status.is_logging,
        "StartLoggingTime": status.started,
        "StopLoggingTime": status.stopped,
    }
    delivered = _delivered(call, trail, status.started)
    data["LatestDeliveryTime"] = delivered
    if trail.cw_log_group_arn and status.started:
        since = max(status.started, getattr(trail, "group_since", status.started))
        data["LatestCloudWatchLogsDeliveryTime"] = _delivered(call, trail, since)
    if trail.log_validation:
        data["LatestDigestDeliveryTime"] = delivered
    return Answer(call, data=data)


def _delivered(call: Call, trail: Any, since: datetime | None) -> datetime | None:
    """The time of the latest delivery of a trail that has had something to deliver since then."""
    delay = accounts.get(call.account).delivery_seconds
    if since is None or delay is None:
        return None
    until: datetime = times.now() if trail.status.is_logging else trail.status.stopped
    return until if until.replace(microsecond=0) >= since.replace(microsecond=0) + timedelta(seconds=delay) else None


def _destination(call: Call, arn: str, trail: Any | None) -> Destination:
    def chosen(parameter: str, attribute: str) -> Any:
        return call.params.get(parameter, getattr(trail, attribute, None))

    return Destination(
        arn=arn,
        bucket=chosen("S3BucketName", "bucket_name"),
        prefix=chosen("S3KeyPrefix", "s3_key_prefix"),
        log_group=chosen("CloudWatchLogsLogGroupArn", "cw_log_group_arn"),
        role=chosen("CloudWatchLogsRoleArn", "cw_role_arn"),
        key=chosen("KmsKeyId", "kms_key_id"),
    )


def _check_delivery(call: Call, to: Destination) -> None:
    bucket = trail_delivery.check_bucket(call, to)
    trail_delivery.check_log_group(call, to)
    key = trail_delivery.check_key(call, to, bucket)
    if call.params.get("KmsKeyId"):
        # Whatever names the key, its ARN is kept.
        call.params["KmsKeyId"] = key
        call.edited = True


def _check_organization(call: Call) -> None:
    if not call.params.get("IsOrganizationTrail"):
        return
    if call.account in organizations_backends.master_accounts:
        message = "The request must be made with credentials of the management account."
        raise AwsError("NotOrganizationMasterAccountException", message)
    if moto_server.state("organizations", call.account, call.region).org is None:
        raise AwsError("OrganizationsNotInUseException", "Your account is not a member of an organization.")


def _describe_selectors(trail: Any, shown: Params) -> Params:
    shown["HasCustomEventSelectors"] = bool(trail.event_selectors or trail.advanced_event_selectors)
    return shown


def _tidy(answer: Answer, shown: Params) -> Answer:
    """Leaves out what was removed, which moto keeps as empty strings."""
    for name in _TRAIL_STRINGS:
        if not shown.get(name):
            shown.pop(name, None)
    return answer
