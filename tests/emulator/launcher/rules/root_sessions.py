"""Root access in one place: the management account takes on root of its members, for a task and for minutes.

moto has none of it. What a session does to root shows in the account's settings, from which the credential report and
the account summary are made.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from .. import accounts, moto_server, organizations, services, sessions, times
from ..call import Answer, AwsError, Call, Proceed
from ..identity import caller_arn
from ..rulebook import rule

_IAM = "iam.amazonaws.com"
_FEATURES = {
    "OrganizationsRootCredentialsManagement": "RootCredentialsManagement",
    "OrganizationsRootSessions": "RootSessions",
}
_LONGEST = 900
_TARGET = re.compile(r"^(?:arn:[\w-]+:iam::)?(?P<account>\d{12})(?::root)?$")
_TASK = re.compile(r"^arn:[\w-]+:iam::aws:policy/root-task/(?P<name>\w+)$")


@rule("iam", "ListOrganizationsFeatures", *(f"{verb}{name}" for verb in ("Enable", "Disable") for name in _FEATURES))
def _features(call: Call, _: Proceed) -> Answer:
    management = organizations.management_of(call.account, call.region)
    if management is None:
        raise AwsError("OrganizationNotFoundException", "Your account is not a member of an organization.", 400)
    if organizations.acts_for(call, _IAM) is None:
        message = "The request was made by a member that is no delegated administrator for IAM."
        raise AwsError("AccountNotManagementOrDelegatedAdministratorException", message, 400)
    if not organizations.trusts(management, _IAM, call.region):
        message = "Trusted access is not enabled for IAM in AWS Organizations."
        raise AwsError("ServiceAccessNotEnabledException", message, 400)
    organization = organizations.describe(management, call.region)
    if organization.feature_set != "ALL":
        message = "The organization does not have all features enabled."
        raise AwsError("OrganizationNotInAllFeaturesModeException", message, 400)
    enabled = accounts.get(management).root_features
    verb, name = re.fullmatch("(Enable|Disable|List)(.*)", call.operation).groups()  # type: ignore[union-attr]
    if verb != "List" and call.account != management:
        raise AwsError("CallerIsNotManagementAccountException", "Only the management account may do this.", 400)
    if verb == "Enable":
        enabled.add(_FEATURES[name])
    elif verb == "Disable":
        enabled.discard(_FEATURES[name])
    return Answer(call, data={"OrganizationId": organization.id, "EnabledFeatures": sorted(enabled)})


@rule("sts", "AssumeRoot")
def _assume_root(call: Call, _: Proceed) -> Answer:
    target = _TARGET.match(call.params["TargetPrincipal"])
    task = _TASK.match(call.params["TaskPolicyArn"].get("arn", ""))
    seconds = int(call.params.get("DurationSeconds", _LONGEST))
    if target is None or task is None or task["name"] not in sessions.TASKS or not 0 <= seconds <= _LONGEST:
        raise AwsError("ValidationError", "1 validation error detected: a value failed to satisfy constraint")
    member = target["account"]
    if sessions.is_root(call) or not _may_be_root(call, member):
        denied = services.of("sts").denied
        who = f"User: {caller_arn(call)} is not authorized to perform: sts:AssumeRoot"
        raise AwsError(denied.code, f"{who} on resource: arn:aws:iam::{member}:root", denied.status)
    key = moto_server.state("iam", member, call.region).create_temp_access_key()
    end = times.now() + timedelta(seconds=seconds)
    sessions.begin(key.access_key_id, end, task["name"])
    keys = {
        "AccessKeyId": key.access_key_id,
        "SecretAccessKey": key.secret_access_key,
        "SessionToken": "root",
        "Expiration": end,
    }
    return Answer(call, data={"Credentials": keys})


def _may_be_root(call: Call, member: str) -> bool:
    management = organizations.acts_for(call, _IAM)
    if management in (None, member) or organizations.member(management, member, call.region) is None:
        return False
    has_sessions = "RootSessions" in accounts.get(management).root_features
    return has_sessions and organizations.trusts(management, _IAM, call.region)


@rule("sts", "GetCallerIdentity")
def _identity(call: Call, proceed: Proceed) -> Answer:
    if not sessions.is_root(call):
        return proceed()
    return Answer(call, data={"UserId": call.account, "Account": call.account, "Arn": sessions.root_arn(call)})


@rule("iam", "ListAccessKeys")
def _list_keys(call: Call, proceed: Proceed) -> Answer:
    if not sessions.is_root(call):
        return proceed()
    keys = [
        {"AccessKeyId": key.id, "Status": "Active" if key.active else "Inactive", "CreateDate": key.rotated}
        for key in _root(call).keys
    ]
    return Answer(call, data={"AccessKeyMetadata": keys})


@rule("iam", "GetAccessKeyLastUsed")
def _last_used(call: Call, proceed: Proceed) -> Answer:
    if not sessions.is_root(call):
        return proceed()
    used = _key(call).last_used
    where = ("iam", "us-east-1") if used else ("N/A", "N/A")
    data: dict[str, Any] = {"ServiceName": where[0], "Region": where[1]}
    if used:
        data["LastUsedDate"] = used
    return Answer(call, data={"AccessKeyLastUsed": data})


@rule("iam", "DeleteAccessKey")
def _delete_key(call: Call, proceed: Proceed) -> Answer:
    if not sessions.is_root(call):
        return proceed()
    _root(call).keys.remove(_key(call))
    return Answer(call, data={})


@rule("iam", "GetLoginProfile", "DeleteLoginProfile", "CreateLoginProfile")
def _password(call: Call, proceed: Proceed) -> Answer:
    if not sessions.is_root(call):
        return proceed()
    root = _root(call)
    if call.operation == "CreateLoginProfile":
        root.password_enabled = True
    elif not root.password_enabled:
        raise AwsError("NoSuchEntity", "Login Profile for the root user cannot be found.", 404)
    elif call.operation == "DeleteLoginProfile":
        root.password_enabled = False
        return Answer(call, data={})
    return Answer(call, data={"LoginProfile": {"CreateDate": root.created}})


@rule("iam", "ListMFADevices", "DeactivateMFADevice")
def _devices(call: Call, proceed: Proceed) -> Answer:
    if not sessions.is_root(call):
        return proceed()
    root = _root(call)
    serial = f"{sessions.root_arn(call)[: -len('root')]}mfa/root-account-mfa-device"
    if call.operation == "ListMFADevices":
        devices = [{"SerialNumber": serial, "EnableDate": root.created}] if root.mfa_enabled else []
        return Answer(call, data={"MFADevices": devices})
    if not root.mfa_enabled or call.params["SerialNumber"] != serial:
        raise AwsError("NoSuchEntity", "There is no such device of the root user.", 404)
    root.mfa_enabled = root.virtual_mfa = False
    return Answer(call, data={})


def _root(call: Call) -> accounts.Root:
    return accounts.get(call.account).root


def _key(call: Call) -> accounts.RootKey:
    wanted = call.params["AccessKeyId"]
    for key in _root(call).keys:
        if key.id == wanted:
            return key
    raise AwsError("NoSuchEntity", f"The Access Key with id {wanted} cannot be found.", 404)
