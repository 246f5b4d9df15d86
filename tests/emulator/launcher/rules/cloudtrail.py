"""CloudTrail: trails that are changed at home only, what they are checked for, and what they say of themselves."""

from __future__ import annotations

import re
from typing import Any

from moto.organizations.models import organizations_backends

from .. import moto_server, trails
from ..call import Answer, AwsError, Call, Params, Proceed
from ..rulebook import rule
from . import trail_delivery, trail_status
from .trail_delivery import Destination

_MOST_TRAILS = 5
_DEFAULT_SELECTOR = {
    "ReadWriteType": "All",
    "IncludeManagementEvents": True,
    "DataResources": [],
    "ExcludeManagementEventSources": [],
}
# No two of the separators side by side, and none at the ends.
_NAME = re.compile(r"[A-Za-z0-9]+([._-][A-Za-z0-9]+)*")
_ADDRESS = re.compile(r"\d+(\.\d+){3}")
_TRAIL_STRINGS = ("CloudWatchLogsLogGroupArn", "CloudWatchLogsRoleArn", "KmsKeyId", "S3KeyPrefix", "SnsTopicName")


@rule("cloudtrail", "CreateTrail")
def _create(call: Call, proceed: Proceed) -> Answer:
    params = call.params
    name = params["Name"]
    _check_name(name)
    own = moto_server.state("cloudtrail", call.account, call.region).trails
    if name in own:
        raise AwsError("TrailAlreadyExistsException", f"Trail {name} already exists for customer: {call.account}")
    if len(trails.visible(call)) >= _MOST_TRAILS:
        message = f"User: {call.account} already has {_MOST_TRAILS} trails in {call.region}."
        raise AwsError("MaximumNumberOfTrailsExceededException", message)
    _check_organization(call)
    _check_delivery(call, _destination(call, trails.arn(call, name), None))
    answer = proceed()
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
    trail_status.deliver(trail)
    group = trail.cw_log_group_arn
    answer = proceed()
    if trail.cw_log_group_arn != group:
        trail_status.forget_group(trail)
    trail_status.deliver(trail)
    return _tidy(answer, answer.data)


@rule("cloudtrail", "DeleteTrail")
def _delete(call: Call, proceed: Proceed) -> Answer:
    trail = trails.for_writing(call, call.params["Name"])
    call.params["Name"] = trail.trail_name
    call.edited = True
    answer = proceed()
    # Or a trail that is made anew would have them.
    moto_server.state("cloudtrail", call.account, call.region).tagging_service.delete_all_tags_for_resource(trail.arn)
    return answer


@rule("cloudtrail", "AddTags", "RemoveTags", "ListTags")
def _tags(call: Call, proceed: Proceed) -> Answer:
    named = call.params.get("ResourceIdList") or [call.params.get("ResourceId", "")]
    for arn in named:
        trails.for_tagging(call, arn)
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


def _check_name(name: str) -> None:
    if not 3 <= len(name) <= 128 or not _NAME.fullmatch(name) or _ADDRESS.fullmatch(name):
        message = "Trail names have 3 to 128 letters, digits, periods, underscores and dashes."
        raise AwsError("InvalidTrailNameException", message)


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
    bucket = trail_delivery.check_bucket(to)
    trail_delivery.check_log_group(to)
    key = trail_delivery.check_key(to, bucket)
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
