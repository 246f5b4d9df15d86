"""IAM passwords: the ranges of the password policy, and when a password was set."""

from __future__ import annotations

from typing import Any

from .. import moto_server, times
from ..call import Answer, AwsError, Call, Proceed
from ..rulebook import rule

# An explicit value has to lie within; one that is left out stands for "none", which no value can say.
_RANGES = {"MinimumPasswordLength": (6, 128), "MaxPasswordAge": (1, 1095), "PasswordReusePrevention": (1, 24)}


@rule("iam", "UpdateAccountPasswordPolicy")
def _update_policy(call: Call, proceed: Proceed) -> Answer:
    for name, (least, most) in _RANGES.items():
        value = call.params.get(name)
        if value is not None and not least <= value <= most:
            bound = f"greater than or equal to {least}" if value < least else f"less than or equal to {most}"
            what = f"Value '{value}' at '{name[0].lower()}{name[1:]}' failed to satisfy constraint"
            raise AwsError("ValidationError", f"1 validation error detected: {what}: Member must have value {bound}")
    return proceed()


@rule("iam", "GetAccountPasswordPolicy")
def _get_policy(_: Call, proceed: Proceed) -> Answer:
    answer = proceed()
    shown = answer.data["PasswordPolicy"]
    # What is not set is absent in AWS, and zero in moto.
    for name in ("MaxPasswordAge", "PasswordReusePrevention"):
        if not shown.get(name):
            shown.pop(name, None)
    return answer


@rule("iam", "CreateLoginProfile", "UpdateLoginProfile")
def _set_password(call: Call, proceed: Proceed) -> Answer:
    answer = proceed()
    user = _user(call)
    if call.operation == "CreateLoginProfile" or "Password" in call.params:
        user.password_changed = times.now()
    if call.operation == "CreateLoginProfile":
        # moto drops the flag on creation.
        user.password_reset_required = bool(call.params.get("PasswordResetRequired"))
        _complete(answer, user)
    return answer


@rule("iam", "GetLoginProfile")
def _get_password(call: Call, proceed: Proceed) -> Answer:
    answer = proceed()
    _complete(answer, _user(call))
    return answer


@rule("iam", "DeleteLoginProfile")
def _delete_password(call: Call, proceed: Proceed) -> Answer:
    answer = proceed()
    user = _user(call)
    user.password_last_used = user.password_changed = None
    return answer


def _complete(answer: Answer, user: Any) -> None:
    profile = answer.data["LoginProfile"]
    profile["CreateDate"] = getattr(user, "password_changed", None) or user.create_date
    profile["PasswordResetRequired"] = user.password_reset_required


def _user(call: Call) -> Any:
    return moto_server.state("iam", call.account, call.region).users[call.params["UserName"]]
