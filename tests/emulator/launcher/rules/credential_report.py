"""The credential report: root's row, AWS's words for "nothing", and a report that is not made anew each time."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta
from typing import Any

from moto.iam.models import AccessKeyLastUsed
from moto.utilities.utils import get_partition

from .. import accounts, moto_server, times
from ..accounts import Account, Report
from ..call import Answer, AwsError, Call, Proceed
from ..rulebook import rule

# A younger report is served again, an older one has expired.
_LIFETIME = timedelta(hours=4)
_NOTHING = "N/A"
_NEVER = "no_information"
_NOT_FOR_ROOT = "not_supported"

_KEY_COLUMNS = ("active", "last_rotated", "last_used_date", "last_used_region", "last_used_service")
_COLUMNS = (
    "user", "arn", "user_creation_time", "password_enabled", "password_last_used", "password_last_changed",
    "password_next_rotation", "mfa_active",
    *(f"access_key_{number}_{column}" for number in (1, 2) for column in _KEY_COLUMNS),
    *(f"cert_{number}_{column}" for number in (1, 2) for column in ("active", "last_rotated")),
)  # fmt: skip


@rule("iam", "GenerateCredentialReport")
def _generate(call: Call, _: Proceed) -> Answer:
    account = accounts.get(call.account)
    report = account.report
    if report is None or times.now() - report.generated >= _LIFETIME:
        account.report = Report(times.now(), _content(call.account, call.region))
        description = "No report exists. Starting a new report generation task"
        return Answer(call, data={"State": "STARTED", "Description": description})
    report.ready = True
    return Answer(call, data={"State": "COMPLETE"})


@rule("iam", "GetCredentialReport")
def _get(call: Call, _: Proceed) -> Answer:
    report = accounts.get(call.account).report
    if report is None:
        raise AwsError("ReportNotPresent", "No report is present for this account.", 410)
    if not report.ready:
        report.ready = True
        raise AwsError("ReportInProgress", "A report is being generated.", 404)
    if times.now() - report.generated >= _LIFETIME:
        raise AwsError("ReportExpired", "The report has expired.", 410)
    data = {"Content": report.content, "ReportFormat": "text/csv", "GeneratedTime": report.generated}
    return Answer(call, data=data)


def make_stale(account_id: str, region: str, age: timedelta) -> None:
    """Puts a finished report of the account as it is now in place, as if it had been made a while ago."""
    report = Report(times.now() - age, _content(account_id, region), ready=True)
    accounts.get(account_id).report = report


def _content(account_id: str, region: str) -> str:
    backend = moto_server.state("iam", account_id, region)
    text = io.StringIO()
    writer = csv.DictWriter(text, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerow(_root_row(accounts.get(account_id), account_id, get_partition(region)))
    for user in backend.users.values():
        writer.writerow(_user_row(user, backend.account_password_policy))
    return text.getvalue()


def _root_row(account: Account, account_id: str, partition: str) -> dict[str, str]:
    root = account.root
    row = {
        "user": "<root_account>",
        "arn": f"arn:{partition}:iam::{account_id}:root",
        "user_creation_time": _stamp(root.created),
        # Documented as not_supported; what newer reports carry.
        "password_enabled": _flag(root.password_enabled),
        "password_last_used": _stamp(root.password_last_used, _NEVER if root.password_enabled else _NOTHING),
        "password_last_changed": _NOT_FOR_ROOT,
        "password_next_rotation": _NOT_FOR_ROOT,
        "mfa_active": _flag(root.mfa_enabled),
        **_certificates([]),
    }
    for number in (1, 2):
        key = root.keys[number - 1] if len(root.keys) >= number else None
        last_used = key.last_used if key else None
        row.update(
            _key(number, key is not None and key.active, key.rotated if key else None, last_used, "us-east-1", "iam")
        )
    return row


def _user_row(user: Any, policy: Any | None) -> dict[str, str]:
    row = {
        "user": user.name,
        "arn": user.arn,
        "user_creation_time": _stamp(user.create_date),
        "mfa_active": _flag(bool(user.mfa_devices)),
        **_password(user, policy),
        **_certificates(list(user.signing_certificates.values())),
    }
    for number in (1, 2):
        if len(user.access_keys) < number:
            row.update(_key(number, False, None, None))
            continue
        key = user.access_keys[number - 1]
        used: AccessKeyLastUsed | None = key.last_used
        where = (used.region, used.service) if used else ()
        row.update(_key(number, key.status == "Active", key.create_date, used.timestamp if used else None, *where))
    return row


def _password(user: Any, policy: Any | None) -> dict[str, str]:
    if not user.password:
        names = ("password_last_used", "password_last_changed", "password_next_rotation")
        return {"password_enabled": "false", **dict.fromkeys(names, _NOTHING)}
    # `iam_users` notes when the password was set; moto does not.
    changed: datetime = getattr(user, "password_changed", None) or user.create_date
    lifetime = policy.max_password_age if policy else None
    return {
        "password_enabled": "true",
        "password_last_used": _stamp(user.password_last_used, _NEVER),
        "password_last_changed": _stamp(changed),
        "password_next_rotation": _stamp(changed + timedelta(days=lifetime) if lifetime else None),
    }


def _key(
    number: int,
    active: bool,
    rotated: datetime | None,
    used: datetime | None,
    region: str = _NOTHING,
    service: str = _NOTHING,
) -> dict[str, str]:
    values = (_flag(active), _stamp(rotated), _stamp(used), region if used else _NOTHING, service if used else _NOTHING)
    return {f"access_key_{number}_{column}": value for column, value in zip(_KEY_COLUMNS, values)}


def _certificates(certificates: list[Any]) -> dict[str, str]:
    row = {}
    for number in (1, 2):
        certificate = certificates[number - 1] if len(certificates) >= number else None
        row[f"cert_{number}_active"] = _flag(certificate is not None and certificate.status == "Active")
        row[f"cert_{number}_last_rotated"] = _stamp(certificate.upload_date if certificate else None)
    return row


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _stamp(moment: datetime | None, otherwise: str = _NOTHING) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S+00:00") if moment else otherwise
