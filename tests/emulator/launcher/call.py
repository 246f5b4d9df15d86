"""One AWS call, its answer, and the error that AWS would give instead."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from . import protocols
from .response import Response

Params = dict[str, Any]


@dataclass
class Call:
    """What a request asks for, independent of the protocol that it came in."""

    account: str
    access_key: str
    service: str
    region: str
    operation: str
    protocol: str
    environ: dict[str, Any]
    body: bytes
    path_params: Params = field(default_factory=dict)
    edited: bool = False

    @cached_property
    def params(self) -> Params:
        """The input, by the names of the AWS model. moto sees a change of it only once `edited` is set."""
        return protocols.parse_request(self)

    @property
    def key(self) -> tuple[str, str]:
        """Service and operation: what rules are found by."""
        return self.service, self.operation

    def header(self, name: str) -> str | None:
        """A request header, by its usual name."""
        return self.environ.get("HTTP_" + name.upper().replace("-", "_"))


class Answer:
    """A successful answer: moto's bytes as they are, until a rule looks at `data`; then what the rule left there."""

    def __init__(self, call: Call, raw: Response | None = None, data: Params | None = None) -> None:
        self._call = call
        self._raw = raw
        self._data = data

    @property
    def data(self) -> Params:
        """The output, by the names of the AWS model. It may be edited in place."""
        if self._data is None:
            assert self._raw is not None
            self._data = protocols.parse_response(self._call, self._raw)
        return self._data

    def response(self) -> Response:
        """The bytes to send."""
        if self._raw is not None and self._data is None and self._call.protocol != protocols.CBOR:
            return self._raw
        return protocols.encode_result(self._call, self.data)


class AwsError(Exception):
    """A refusal, with the code AWS gives. `raw` is set when moto has already worded it."""

    def __init__(self, code: str, message: str = "", status: int = 400, raw: Response | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.raw = raw

    def response(self, call: Call) -> Response:
        """The bytes to send."""
        return self.raw or protocols.encode_error(call, self)


class Dropped(Exception):
    """The connection is to be closed without an answer."""


Proceed = Callable[[], Answer]
Rule = Callable[[Call, Proceed], Answer]
