"""AssumeRole: roles that are not there, not yet, or want to be told something, and sessions that end."""

from __future__ import annotations

import time
from typing import Any

from .lab import Lab, check, refused, same, status
from .permissions import act_by, allow

ROLE = "OrganizationAccountAccessRole"


def enter(lab: Lab, account: str, **more: Any) -> Any:
    """Assumes the role of another account."""
    role = f"arn:aws:iam::{account}:role/{ROLE}"
    return lab.client("sts").assume_role(RoleArn=role, RoleSessionName="harden", **more)


def other(lab: Lab) -> Lab:
    """Another account, which no other check uses."""
    return Lab(lab.url, f"4{lab.account[1:]}")


@check
def roles_that_are_not_there(lab: Lab) -> None:
    target = other(lab)
    target.configure(roles={ROLE: "absent"})
    error = refused("AccessDenied", enter, lab=lab, account=target.account)
    same(status(error), 403)
    assert "is not authorized to perform: sts:AssumeRole on resource" in str(error), error
    target.configure(roles={})
    enter(lab, target.account)


@check
def roles_that_are_not_there_yet(lab: Lab) -> None:
    target = other(lab)
    target.configure(roles={ROLE: {"absent_attempts": 2}})
    for _ in range(2):
        refused("AccessDenied", enter, lab=lab, account=target.account)
    enter(lab, target.account)
    target.configure(roles={ROLE: {"absent_seconds": 0.5}})
    refused("AccessDenied", enter, lab=lab, account=target.account)
    time.sleep(0.6)
    enter(lab, target.account)


@check
def roles_that_want_to_be_told_something(lab: Lab) -> None:
    target = other(lab)
    target.configure(roles={ROLE: {"external_id": "tell me"}})
    refused("AccessDenied", enter, lab=lab, account=target.account)
    refused("AccessDenied", enter, lab=lab, account=target.account, ExternalId="something")
    enter(lab, target.account, ExternalId="tell me")


@check
def sessions_that_end(lab: Lab) -> None:
    target = other(lab)
    target.configure(roles={ROLE: {"session_seconds": 1}})
    target.credentials = enter(lab, target.account)["Credentials"]
    target.client("sts").get_caller_identity()
    time.sleep(2.1)
    refused("ExpiredToken", target.client("iam").list_users)
    refused("ExpiredTokenException", target.client("kms").list_keys)
    refused("RequestExpired", target.client("ec2").describe_vpcs)


@check
def the_permission_for_it(lab: Lab) -> None:
    target = other(lab)
    act_by(lab, allow("sts:AssumeRole", on=f"arn:aws:iam::*:role/{ROLE}"))
    enter(lab, target.account)
    elsewhere = f"arn:aws:iam::{target.account}:role/other"
    refused("AccessDenied", lab.client("sts").assume_role, RoleArn=elsewhere, RoleSessionName="harden")
