"""What the checks share: an account of their own, clients for it, the control API, and ways to expect a refusal."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

os.environ["AWS_EC2_METADATA_DISABLED"] = "true"

REGION = "us-east-1"
OTHER_REGION = "eu-west-1"
_ONCE = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}, parameter_validation=False)


@dataclass
class Check:
    """One check, which fails by raising."""

    name: str
    run: Callable[[Lab], None]


CHECKS: list[Check] = []


def check(function: Callable[[Lab], None]) -> Callable[[Lab], None]:
    """Registers a check under its file's and its own name."""
    subject = function.__module__.rsplit(".", 1)[-1]
    CHECKS.append(Check(f"{subject}: {function.__name__.replace('_', ' ')}", function))
    return function


@cache
def _session() -> boto3.Session:
    return boto3.Session()


class Lab:
    """A fresh account in the emulator."""

    def __init__(self, url: str, account: str) -> None:
        self.url = url
        self.account = account

    def client(self, service: str, region: str = REGION, config: Config = _ONCE) -> Any:
        """A client with credentials of this account, without retries."""
        keys = self.credentials
        return _session().client(
            service,
            region_name=region,
            endpoint_url=self.url,
            config=config,
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys["SessionToken"],
        )

    @cached_property
    def credentials(self) -> dict[str, str]:
        """Credentials of this account, had by assuming a role that does not exist."""
        sts = _session().client(
            "sts",
            region_name=REGION,
            endpoint_url=self.url,
            config=_ONCE,
            aws_access_key_id="AKIAEMULATORCHECKS00",
            aws_secret_access_key="none",
        )
        role = f"arn:aws:iam::{self.account}:role/checks"
        return sts.assume_role(RoleArn=role, RoleSessionName="checks")["Credentials"]

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """A request of the control API; an error status is an error."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/_emulator/{path}", method=method, data=data)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def configure(self, **settings: Any) -> None:
        """Settings of this account."""
        self.control("POST", "account", {"account": self.account, **settings})

    def fault(self, **fields: Any) -> None:
        """A fault for this account."""
        self.control("POST", "faults", {"account": self.account, **fields})

    def calls(self) -> list[dict[str, Any]]:
        """The calls of this account."""
        return self.control("GET", f"calls?account={self.account}")


def same(left: Any, right: Any) -> None:
    """Fails unless the two are equal."""
    assert left == right, f"{left!r} is not {right!r}"


def refused(code: str, call: Callable[..., Any], **arguments: Any) -> ClientError:
    """Fails unless the call is refused with this code."""
    try:
        call(**arguments)
    except ClientError as error:
        same(error.response["Error"]["Code"], code)
        return error
    raise AssertionError(f"not refused, but {code} was expected")


def status(error: ClientError) -> int:
    """The HTTP status of a refusal."""
    return error.response["ResponseMetadata"]["HTTPStatusCode"]


def pages(call: Callable[..., Any], items: str, given: str, taken: str, **arguments: Any) -> list[list[Any]]:
    """All pages of a listing, by hand: boto3's own paginators would hide how many there are."""
    found, token = [], {}
    while True:
        answer = call(**arguments, **token)
        found.append(answer.get(items) or [])
        if not answer.get(taken):
            return found
        token = {given: answer[taken]}


def flat(lists: list[list[Any]]) -> list[Any]:
    """The items of all pages."""
    return [item for one in lists for item in one]
