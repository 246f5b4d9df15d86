"""STS: roles that refuse, that are not there yet, and sessions that end early.

All others can be assumed in any account: that is how tests get accounts of their own.
"""

from __future__ import annotations

from datetime import timedelta

from .. import accounts, services, sessions, times
from ..call import Answer, AwsError, Call, Proceed
from ..identity import caller_arn
from ..rulebook import rule


@rule("sts", "AssumeRole")
def _assume_role(call: Call, proceed: Proceed) -> Answer:
    arn = call.params.get("RoleArn", "")
    parts = arn.split(":")
    owner = accounts.get(parts[4] if len(parts) > 4 else call.account)
    role = owner.roles.get(arn.rsplit("/", 1)[-1], accounts.Role())
    if _is_refused(owner, arn) or not role.lets_in(call.params.get("ExternalId")) or sessions.is_root(call):
        # AWS does not say whether the role is missing or its trust policy says no.
        denied = services.of("sts").denied
        who = f"User: {caller_arn(call)} is not authorized to perform: sts:AssumeRole"
        raise AwsError(denied.code, f"{who} on resource: {arn}", denied.status)
    answer = proceed()
    if role.session_seconds is not None:
        keys = answer.data["Credentials"]
        end = times.now() + timedelta(seconds=role.session_seconds)
        keys["Expiration"] = end
        sessions.begin(keys["AccessKeyId"], end)
    return answer


def _is_refused(owner: accounts.Account, arn: str) -> bool:
    return bool(owner.refused_roles.intersection({arn, arn.rsplit("/", 1)[-1], "*"}))
