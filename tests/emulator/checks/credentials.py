"""The credential report."""

from __future__ import annotations

import csv
import io
import urllib.error
from datetime import datetime, timedelta, timezone
from typing import Any

from .lab import Lab, check, refused, same, status


def report(lab: Lab) -> dict[str, dict[str, str]]:
    """A finished report, by user."""
    iam = lab.client("iam")
    while iam.generate_credential_report()["State"] != "COMPLETE":
        pass
    return rows(iam.get_credential_report())


def rows(answer: dict[str, Any]) -> dict[str, dict[str, str]]:
    return {row["user"]: row for row in csv.DictReader(io.StringIO(answer["Content"].decode()))}


def stamp(days: float) -> str:
    return (datetime.now(timezone.utc) - timedelta(days=days)).strftime("%Y-%m-%d")


@check
def is_started_before_it_is_complete(lab: Lab) -> None:
    iam = lab.client("iam")
    same(status(refused("ReportNotPresent", iam.get_credential_report)), 410)
    same(iam.generate_credential_report()["State"], "STARTED")
    same(status(refused("ReportInProgress", iam.get_credential_report)), 404)
    same(iam.generate_credential_report()["State"], "COMPLETE")
    answer = iam.get_credential_report()
    assert datetime.now(timezone.utc) - answer["GeneratedTime"] < timedelta(minutes=1), answer["GeneratedTime"]


@check
def fresh_root(lab: Lab) -> None:
    row = report(lab)["<root_account>"]
    same(row["arn"], f"arn:aws:iam::{lab.account}:root")
    same([row["password_last_changed"], row["password_next_rotation"]], ["not_supported"] * 2)
    same(row["password_last_used"], "no_information")
    same([row["mfa_active"], row["access_key_1_active"], row["access_key_2_active"]], ["false"] * 3)
    same(
        [row["access_key_1_last_rotated"], row["access_key_1_last_used_region"], row["cert_1_last_rotated"]],
        ["N/A"] * 3,
    )


@check
def used_root(lab: Lab) -> None:
    keys = [{"active": True, "rotated": 400, "last_used": 3}, {"active": False, "rotated": 500}]
    lab.configure(root={"mfa_enabled": True, "password_last_used": 2, "created": 1000, "keys": keys})
    row = report(lab)["<root_account>"]
    same(
        (row["mfa_active"], row["password_last_used"][:10], row["user_creation_time"][:10]),
        ("true", stamp(2), stamp(1000)),
    )
    same(
        (row["access_key_1_active"], row["access_key_1_last_rotated"][:10], row["access_key_1_last_used_date"][:10]),
        ("true", stamp(400), stamp(3)),
    )
    same(
        (row["access_key_2_active"], row["access_key_2_last_used_date"], row["access_key_2_last_used_service"]),
        ("false", "N/A", "N/A"),
    )


@check
def users(lab: Lab) -> None:
    iam = lab.client("iam")
    for name in ("console", "script", "both"):
        iam.create_user(UserName=name)
    for name in ("console", "both"):
        iam.create_login_profile(UserName=name, Password="Correct-Horse-9")
    for name in ("script", "both", "both"):
        iam.create_access_key(UserName=name)
    iam.update_account_password_policy(MaxPasswordAge=90)
    lab.configure(
        users={
            "console": {"created": 300, "password_last_changed": 100},
            "script": {"keys": [{"rotated": 95, "last_used": 91, "service": "ec2", "region": "eu-west-1"}]},
            "both": {
                "password_last_changed": 10,
                "password_last_used": 5,
                "keys": [{"rotated": 20}, {"rotated": 2, "last_used": None}],
            },
        }
    )
    found = report(lab)
    same(list(found), ["<root_account>", "console", "script", "both"])
    console, script, both = found["console"], found["script"], found["both"]
    same(
        (console["password_enabled"], console["password_last_used"], console["password_last_changed"][:10]),
        ("true", "no_information", stamp(100)),
    )
    same((console["user_creation_time"][:10], console["password_next_rotation"][:10]), (stamp(300), stamp(10)))
    same(
        [script[f"password_{name}"] for name in ("enabled", "last_used", "last_changed", "next_rotation")],
        ["false", "N/A", "N/A", "N/A"],
    )
    names = ("active", "last_rotated", "last_used_date", "last_used_region", "last_used_service")
    same([script[f"access_key_1_{name}"][:10] for name in names], ["true", stamp(95), stamp(91), "eu-west-1", "ec2"])
    same([script[f"access_key_2_{name}"] for name in names], ["false", "N/A", "N/A", "N/A", "N/A"])
    same((both["password_last_used"][:10], both["access_key_2_last_rotated"][:10]), (stamp(5), stamp(2)))
    used = iam.get_access_key_last_used(
        AccessKeyId=iam.list_access_keys(UserName="script")["AccessKeyMetadata"][0]["AccessKeyId"]
    )
    same(used["AccessKeyLastUsed"]["ServiceName"], "ec2")
    same(iam.get_user(UserName="console")["User"]["CreateDate"].strftime("%Y-%m-%d"), stamp(300))


@check
def is_not_made_anew(lab: Lab) -> None:
    report(lab)
    lab.client("iam").create_user(UserName="late")
    assert "late" not in report(lab)
    lab.configure(report={"age_hours": 3})
    lab.client("iam").create_user(UserName="later")
    found = report(lab)
    assert "late" in found and "later" not in found
    age = datetime.now(timezone.utc) - lab.client("iam").get_credential_report()["GeneratedTime"]
    assert timedelta(hours=2.9) < age < timedelta(hours=3.1), age
    lab.configure(report={"age_hours": 5})
    refused("ReportExpired", lab.client("iam").get_credential_report)
    same(lab.client("iam").generate_credential_report()["State"], "STARTED")


@check
def mistakes_are_told(lab: Lab) -> None:
    for wrong in ({"users": {"nobody": {}}}, {"root": {"colour": "red"}}, {"nothing": 1}):
        try:
            lab.configure(**wrong)
        except urllib.error.HTTPError as error:
            same(error.code, 400)
        else:
            raise AssertionError(f"{wrong} was accepted")
