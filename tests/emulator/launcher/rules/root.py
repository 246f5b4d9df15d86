"""The root user, which moto does not have: the account summary and the virtual MFA device."""

from __future__ import annotations

from typing import Any

from moto.utilities.utils import get_partition

from .. import accounts
from ..call import Answer, AwsError, Call, Proceed
from ..rulebook import rule


@rule("iam", "GetAccountSummary")
def _summary(call: Call, proceed: Proceed) -> Answer:
    root = accounts.get(call.account).root
    answer = proceed()
    summary = answer.data["SummaryMap"]
    summary["AccountMFAEnabled"] = int(root.mfa_enabled)
    summary["AccountAccessKeysPresent"] = int(bool(root.keys))
    summary["AccountPasswordPresent"] = int(root.password_enabled)
    if root.virtual_mfa:
        summary["MFADevices"] += 1
        summary["MFADevicesInUse"] += 1
    return answer


@rule("iam", "ListVirtualMFADevices")
def _virtual_devices(call: Call, proceed: Proceed) -> Answer:
    status = call.params.get("AssignmentStatus", "Any")
    if status not in ("Any", "Assigned", "Unassigned"):
        raise AwsError("ValidationError", f"Value '{status}' at 'assignmentStatus' failed to satisfy constraint")
    answer = proceed()
    root = accounts.get(call.account).root
    if root.virtual_mfa and status != "Unassigned":
        answer.data["VirtualMFADevices"].insert(0, _root_device(call, root))
    return answer


def _root_device(call: Call, root: accounts.Root) -> dict[str, Any]:
    prefix = f"arn:{get_partition(call.region)}:iam::{call.account}"
    return {
        "SerialNumber": f"{prefix}:mfa/root-account-mfa-device",
        "EnableDate": root.created,
        "User": {"Arn": f"{prefix}:root", "UserId": call.account, "CreateDate": root.created},
    }
