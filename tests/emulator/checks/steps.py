"""What a rehearsal is made of: steps, each with the way back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from .documents import Names
from .lab import Lab

TAGS = [{"Key": "harden:baseline", "Value": "level-2"}]
GROUP = "harden/cloudtrail"
_ABSENT = {
    "404", "NoSuchBucket", "NoSuchBucketPolicy", "NoSuchEntity", "NoSuchTagSet", "NotFound", "NotFoundException",
    "ResourceNotFoundException", "TrailNotFoundException",
}  # fmt: skip


@dataclass
class Step:
    """One write, its inverse, and a read that finds what was written, or nothing."""

    name: str
    do: Callable[[], Any]
    undo: Callable[[], Any]
    find: Callable[[], Any]

    def is_there(self) -> bool:
        try:
            return bool(self.find())
        except ClientError as error:
            if error.response["Error"]["Code"] in _ABSENT:
                return False
            raise


class Stage:
    """Where steps are made: an account and a region."""

    def __init__(self, lab: Lab, region: str) -> None:
        self.lab, self.region, self.names = lab, region, Names(lab.account, region)

    def client(self, service: str) -> Any:
        """A client in the region."""
        return self.lab.client(service, self.region)
