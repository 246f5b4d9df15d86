"""Failures on demand: denied, throttled, broken, dropped, delayed, skewed or expired calls."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from . import services, times
from .call import AwsError, Call, Dropped
from .identity import caller_arn

_SKEW = timedelta(minutes=15)


@dataclass
class Fault:
    """Which calls fail, how, and how often (None: until cleared). A field that is None matches every call."""

    kind: str
    account: str | None = None
    service: str | None = None
    region: str | None = None
    operation: str | None = None
    times: int | None = None
    seconds: float = 0.0

    def matches(self, call: Call) -> bool:
        """Whether this fault concerns the call."""
        return self.times != 0 and all(
            getattr(self, name) in (None, getattr(call, name)) for name in ("account", "service", "region", "operation")
        )


_faults: list[Fault] = []
_lock = threading.Lock()


def add(fields: dict[str, Any]) -> None:
    """Adds a fault; an unknown kind or field is an error of the test."""
    fault = Fault(**fields)
    if fault.kind not in KINDS:
        raise ValueError(f"unknown kind of fault: {fault.kind}")
    with _lock:
        _faults.append(fault)


def clear(account: str | None) -> None:
    """Removes the faults of one account (those for every account stay), or all."""
    with _lock:
        _faults[:] = [fault for fault in _faults if account not in (None, fault.account)]


def take(call: Call) -> Fault | None:
    """The fault that the call brings itself, or the first that concerns it, counted down."""
    brought = call.header("X-Emulator-Fault")
    if brought:
        return Fault(brought)
    with _lock:
        for fault in _faults:
            if fault.matches(call):
                if fault.times is not None:
                    fault.times -= 1
                return fault
    return None


def before(fault: Fault, call: Call) -> None:
    """What a fault does before the call is executed: nothing, wait, or raise."""
    _BEFORE[fault.kind](fault, call)


def after(fault: Fault) -> None:
    """What a fault does once the call has been executed."""
    if fault.kind == "drop_after":
        raise Dropped


def denied(call: Call) -> AwsError:
    """The refusal for want of a permission, in the service's own words."""
    action = services.action(call.service, call.operation)
    wording = services.of(call.service).denied
    who = f"User: {caller_arn(call)} is not authorized to perform: {action}"
    message = f"{who} because no identity-based policy allows the {action} action"
    return AwsError(wording.code, message, wording.status)


def _deny(_: Fault, call: Call) -> None:
    raise denied(call)


def _throttle(_: Fault, call: Call) -> None:
    wording = services.of(call.service).throttled
    raise AwsError(wording.code, "Rate exceeded", wording.status)


def _fail(_: Fault, call: Call) -> None:
    wording = services.of(call.service).failed
    raise AwsError(wording.code, "An internal error has occurred. Retry your request.", wording.status)


def _expire(_: Fault, call: Call) -> None:
    wording = services.of(call.service).expired
    raise AwsError(wording.code, "The security token included in the request is expired", wording.status)


def _skew(_: Fault, call: Call) -> None:
    wording = services.of(call.service).skewed
    signed, earliest, now = (
        time.strftime("%Y%m%dT%H%M%SZ", moment.timetuple())
        for moment in (times.now() - 2 * _SKEW, times.now() - _SKEW, times.now())
    )
    message = f"Signature expired: {signed} is now earlier than {earliest} ({now} - 15 min.)"
    if call.service == "s3":
        message = "The difference between the request time and the current time is too large."
    if call.service == "ec2":
        message = "AWS was not able to validate the provided access credentials"
    raise AwsError(wording.code, message, wording.status)


def _busy(_: Fault, __: Call) -> None:
    message = "Entity is temporarily unmodifiable. Please try again after some time."
    raise AwsError("EntityTemporarilyUnmodifiable", message, 409)


def _drop(_: Fault, __: Call) -> None:
    raise Dropped


def _delay(fault: Fault, _: Call) -> None:
    time.sleep(fault.seconds)


_BEFORE: dict[str, Callable[[Fault, Call], None]] = {
    "deny": _deny,
    "throttle": _throttle,
    "error500": _fail,
    "expired": _expire,
    "skew": _skew,
    "drop_before": _drop,
    "drop_after": lambda *_: None,
    "delay": _delay,
    "busy": _busy,
}
KINDS = tuple(_BEFORE)
