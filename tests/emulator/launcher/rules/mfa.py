"""MFA devices: codes have to be right, a device is one user's, and what is somebody's cannot be deleted."""

from __future__ import annotations

import re
from typing import Any

from .. import moto_server, totp
from ..call import Answer, AwsError, Call, Proceed
from ..rulebook import rule

_MOST_DEVICES = 8


@rule("iam", "CreateVirtualMFADevice")
def _create(call: Call, proceed: Proceed) -> Answer:
    name = call.params["VirtualMFADeviceName"]
    if not re.fullmatch(r"[\w+=,.@-]{1,226}", name):
        message = "The specified value for virtualMFADeviceName is invalid."
        raise AwsError("ValidationError", message)
    for serial in _devices(call):
        if serial.rpartition("/")[2].lower() == name.lower():
            message = "MFADevice entity at the same path and name already exists."
            raise AwsError("EntityAlreadyExists", message, 409)
    return proceed()


@rule("iam", "ListVirtualMFADevices")
def _list(_: Call, proceed: Proceed) -> Answer:
    answer = proceed()
    for device in answer.data.get("VirtualMFADevices") or []:
        # They are given out once.
        device.pop("Base32StringSeed", None)
        device.pop("QRCodePNG", None)
    return answer


@rule("iam", "EnableMFADevice")
def _enable(call: Call, proceed: Proceed) -> Answer:
    user, serial = _user(call), call.params["SerialNumber"]
    codes = [call.params[f"AuthenticationCode{number}"] for number in (1, 2)]
    if not all(re.fullmatch(r"[0-9]{6}", code) for code in codes):
        raise AwsError("ValidationError", "Value at 'authenticationCode1' failed to satisfy constraint")
    device = _devices(call).get(serial)
    if device is None:
        raise AwsError("NoSuchEntity", f"MFA Device with serial number {serial} does not exist.", 404)
    if device.user is not None:
        raise AwsError("EntityAlreadyExists", "MFA Device is already in use.", 409)
    if len(user.mfa_devices) >= _MOST_DEVICES:
        raise AwsError("LimitExceeded", f"Cannot exceed quota for MFADevicesPerUser: {_MOST_DEVICES}", 409)
    if not totp.follow_each_other(device.base32_string_seed, *codes):
        raise AwsError("InvalidAuthenticationCode", "Authentication code for device is not valid.", 403)
    return proceed()


@rule("iam", "DeleteVirtualMFADevice")
def _delete(call: Call, proceed: Proceed) -> Answer:
    device = _devices(call).get(call.params["SerialNumber"])
    if device is not None and device.user is not None:
        raise AwsError("DeleteConflict", "MFA VirtualDevice in use. Must deactivate first.", 409)
    return proceed()


def _backend(call: Call) -> Any:
    return moto_server.state("iam", call.account, call.region)


def _devices(call: Call) -> dict[str, Any]:
    return _backend(call).virtual_mfa_devices


def _user(call: Call) -> Any:
    name = call.params["UserName"]
    user = _backend(call).users.get(name)
    if user is None:
        raise AwsError("NoSuchEntity", f"The user with name {name} cannot be found.", 404)
    return user
