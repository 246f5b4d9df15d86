"""STS: roles that refuse. All others can be assumed in any account: that is how tests get accounts of their own."""

from __future__ import annotations

from .. import accounts, services
from ..call import Answer, AwsError, Call, Proceed
from ..identity import caller_arn
from ..rulebook import rule


@rule("sts", "AssumeRole")
def _assume_role(call: Call, proceed: Proceed) -> Answer:
    role = call.params.get("RoleArn", "")
    parts = role.split(":")
    owner = parts[4] if len(parts) > 4 else call.account
    refused = accounts.get(owner).refused_roles
    if role in refused or role.rsplit("/", 1)[-1] in refused or "*" in refused:
        # AWS does not say whether the role is missing or its trust policy says no.
        denied = services.of("sts").denied
        who = f"User: {caller_arn(call)} is not authorized to perform: sts:AssumeRole"
        raise AwsError(denied.code, f"{who} on resource: {role}", denied.status)
    return proceed()
