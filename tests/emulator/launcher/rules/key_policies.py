"""KMS key policies: nobody may lock the account out of its own key, or name somebody who does not exist."""

from __future__ import annotations

from moto.utilities.utils import get_partition

from .. import moto_server, policy, principals, roles
from ..call import Answer, AwsError, Call, Proceed
from ..identity import caller_arn
from ..rulebook import rule

_LONGEST = 32 * 1024


@rule("kms", "PutKeyPolicy", "CreateKey")
def _set_policy(call: Call, proceed: Proceed) -> Answer:
    text = call.params.get("Policy")
    if text is not None:
        _check(call, text)
    answer = proceed()
    backend = moto_server.state("kms", call.account, call.region)
    identifier = call.params.get("KeyId") or answer.data["KeyMetadata"]["KeyId"]
    roles.touch(call.account, "key_policy", backend.keys[backend.get_key_id(identifier)].arn)
    return answer


def _check(call: Call, text: str) -> None:
    if len(text) > _LONGEST:
        raise AwsError("LimitExceededException", "The key policy is too long.")
    try:
        statements = policy.parse(text)
    except ValueError:
        raise _malformed("Policy contains invalid json") from None
    if not principals.all_exist(statements, call.region):
        raise _malformed("Policy contains a statement with one or more invalid principals.")
    bypassed = call.params.get("BypassPolicyLockoutSafetyCheck")
    if not bypassed and not any(_keeps_access(call, statement) for statement in statements):
        raise _malformed("The new key policy will not allow you to update the key policy in the future.")


def _keeps_access(call: Call, statement: policy.Statement) -> bool:
    """Whether a statement lets the caller, or the account that can then let the caller, change the policy again."""
    principal = statement.get("Principal")
    named = ["*"] if principal == "*" else policy.as_list(principal.get("AWS")) if isinstance(principal, dict) else []
    root = f"arn:{get_partition(call.region)}:iam::{call.account}:root"
    ours = {"*", root, call.account, caller_arn(call), _role_of(caller_arn(call))}
    allowed = policy.allows([{**statement, "Resource": "*"}], "kms:PutKeyPolicy", "*", {})
    return allowed and bool(ours.intersection(named))


def _role_of(arn: str) -> str:
    """The role of a session: policies name roles, calls are made by their sessions."""
    if ":assumed-role/" not in arn:
        return arn
    return arn.replace(":sts:", ":iam:").replace(":assumed-role/", ":role/").rsplit("/", 1)[0]


def _malformed(message: str) -> AwsError:
    return AwsError("MalformedPolicyDocumentException", message)
