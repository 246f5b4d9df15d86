"""Faults: each kind, in each protocol."""

from __future__ import annotations

import time
import urllib.error
from typing import Any

from botocore.exceptions import ConnectionClosedError
from botocore.exceptions import ConnectionError as ClientConnectionError

from .lab import OTHER_REGION, Lab, check, refused, same, status

READS = {
    "ec2": "describe_vpcs",
    "iam": "list_users",
    "sts": "get_caller_identity",
    "sns": "list_topics",
    "s3": "list_buckets",
    "cloudwatch": "describe_alarms",
    "kms": "list_keys",
    "logs": "describe_log_groups",
    "config": "describe_delivery_channels",
    "cloudtrail": "describe_trails",
    "organizations": "describe_organization",
    "account": "list_regions",
}


def each(lab: Lab, codes: dict[str, tuple[str, int]], default: tuple[str, int]) -> None:
    """Every service refuses its read with its own code and status."""
    for service, operation in READS.items():
        code, expected = codes.get(service, default)
        same((service, status(refused(code, getattr(lab.client(service), operation)))), (service, expected))


@check
def deny(lab: Lab) -> None:
    lab.fault(kind="deny")
    codes = {
        "ec2": ("UnauthorizedOperation", 403),
        "iam": ("AccessDenied", 403),
        "sts": ("AccessDenied", 403),
        "s3": ("AccessDenied", 403),
        "cloudwatch": ("AccessDenied", 403),
        "sns": ("AuthorizationError", 403),
        "account": ("AccessDeniedException", 403),
    }
    each(lab, codes, ("AccessDeniedException", 400))
    message = refused("AccessDeniedException", lab.client("kms").list_keys).response["Error"]["Message"]
    who = f"User: arn:aws:sts::{lab.account}:assumed-role/checks/checks is not authorized to perform: kms:ListKeys"
    same(message, f"{who} because no identity-based policy allows the kms:ListKeys action")


@check
def throttle(lab: Lab) -> None:
    lab.fault(kind="throttle")
    codes = {
        "ec2": ("RequestLimitExceeded", 503),
        "s3": ("SlowDown", 503),
        "account": ("TooManyRequestsException", 429),
        "organizations": ("TooManyRequestsException", 400),
        **dict.fromkeys(("iam", "sts", "sns", "cloudwatch"), ("Throttling", 400)),
    }
    each(lab, codes, ("ThrottlingException", 400))


@check
def expired(lab: Lab) -> None:
    lab.fault(kind="expired")
    codes = {
        "ec2": ("RequestExpired", 400),
        "s3": ("ExpiredToken", 400),
        "account": ("ExpiredTokenException", 403),
        **dict.fromkeys(("iam", "sts", "sns", "cloudwatch"), ("ExpiredToken", 403)),
    }
    each(lab, codes, ("ExpiredTokenException", 400))


@check
def skew(lab: Lab) -> None:
    lab.fault(kind="skew")
    codes = {
        "ec2": ("AuthFailure", 401),
        "s3": ("RequestTimeTooSkewed", 403),
        "account": ("InvalidSignatureException", 403),
        **dict.fromkeys(("iam", "sts", "sns", "cloudwatch"), ("SignatureDoesNotMatch", 403)),
    }
    each(lab, codes, ("InvalidSignatureException", 400))
    error = refused("SignatureDoesNotMatch", lab.client("sts").get_caller_identity)
    assert "is now earlier than" in error.response["Error"]["Message"], error


@check
def error500(lab: Lab) -> None:
    lab.fault(kind="error500", service="kms", operation="ListKeys")
    same(status(refused("InternalFailure", lab.client("kms").list_keys)), 500)
    lab.client("kms").list_aliases()


@check
def count_down_and_clear(lab: Lab) -> None:
    kms = lab.client("kms")
    lab.fault(kind="throttle", service="kms", times=2)
    for _ in range(2):
        refused("ThrottlingException", kms.list_keys)
    kms.list_keys()
    lab.fault(kind="deny", service="kms", region=OTHER_REGION)
    kms.list_keys()
    refused("AccessDeniedException", lab.client("kms", OTHER_REGION).list_keys)
    lab.control("DELETE", f"faults?account={lab.account}")
    lab.client("kms", OTHER_REGION).list_keys()


@check
def drop(lab: Lab) -> None:
    kms = lab.client("kms")
    for kind, made in (("drop_before", 0), ("drop_after", 1)):
        lab.fault(kind=kind, service="kms", operation="CreateKey", times=1)
        try:
            kms.create_key()
        except (ConnectionClosedError, ClientConnectionError):
            pass
        else:
            raise AssertionError(f"{kind} answered")
        same((kind, len(kms.list_keys()["Keys"])), (kind, made))
    same([one["status"] for one in lab.calls() if one["operation"] == "CreateKey"], [0, 0])


@check
def delay(lab: Lab) -> None:
    lab.fault(kind="delay", service="kms", seconds=0.3, times=1)
    began = time.monotonic()
    lab.client("kms").list_keys()
    assert time.monotonic() - began >= 0.3


@check
def mistakes_are_told(lab: Lab) -> None:
    for wrong in ({"kind": "earthquake"}, {"kind": "deny", "planet": "mars"}, {}):
        try:
            lab.fault(**wrong)
        except urllib.error.HTTPError as error:
            same(error.code, 400)
        else:
            raise AssertionError(f"{wrong} was accepted")


@check
def busy(lab: Lab) -> None:
    iam = lab.client("iam")
    lab.fault(kind="busy", operation="CreateUser", times=1)
    same(status(refused("EntityTemporarilyUnmodifiable", iam.create_user, UserName="al")), 409)
    iam.create_user(UserName="al")


@check
def brought_by_the_call_itself(lab: Lab) -> None:
    for _ in range(2):
        lab.client("kms").create_key()
    headers: dict[str, str] = {"X-Emulator-Fault": "deny"}
    kms = lab.client("kms")

    def bring(request: Any, **_: Any) -> None:
        for name, value in headers.items():
            request.headers[name] = value

    kms.meta.events.register("before-sign.kms", bring)
    refused("AccessDeniedException", kms.list_keys)
    headers.clear()
    same(len(kms.list_keys()["Keys"]), 2)
    headers["X-Emulator-Page"] = "1"
    same((len(kms.list_keys()["Keys"]), kms.list_keys()["Truncated"]), (1, True))
