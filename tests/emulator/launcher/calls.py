"""The log of calls, for tests that assert "no write" or "one call per region"."""

from __future__ import annotations

import threading
from dataclasses import asdict, dataclass
from typing import Any

from .call import Call

_READS = (
    "BatchGet", "Decode", "Describe", "Detect", "Download", "Estimate", "Filter", "Get", "Head", "List", "Lookup",
    "Preview", "Query", "Scan", "Search", "Select", "Simulate", "Test", "Validate", "Verify",
)  # fmt: skip
# Changes nothing that an operator would call a change.
_READS_BY_NAME = {
    "AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity", "AssumeRoot", "GenerateCredentialReport",
}  # fmt: skip


@dataclass
class Entry:
    """One call. Status 0: the connection was dropped."""

    account: str
    service: str
    region: str
    operation: str
    kind: str
    at: float
    status: int = 0


_log: list[Entry] = []
_lock = threading.Lock()


def kind(operation: str) -> str:
    """Whether an operation reads or writes, by its name."""
    return "read" if operation.startswith(_READS) or operation in _READS_BY_NAME else "write"


def begin(call: Call, at: float) -> Entry:
    """Logs a call that arrived at that time, in seconds of some clock; its status is filled in when it is answered."""
    entry = Entry(call.account, call.service, call.region, call.operation, kind(call.operation), at)
    with _lock:
        _log.append(entry)
    return entry


def listed(account: str | None) -> list[dict[str, Any]]:
    """The calls so far, in order of arrival; of one account or of all."""
    with _lock:
        return [asdict(entry) for entry in _log if account in (None, entry.account)]


def clear(account: str | None) -> None:
    """Forgets the calls of one account or of all."""
    with _lock:
        _log[:] = [entry for entry in _log if account not in (None, entry.account)]
