"""Times as tests give them and as AWS prints them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

# A time in the control API: days ago, or an ISO 8601 timestamp; None is never.
When = int | float | str | None


def now() -> datetime:
    """The time, as moto keeps it: UTC, but not marked as such."""
    return datetime.now(timezone.utc).replace(tzinfo=None, microsecond=0)


def parse(when: When) -> datetime | None:
    """Reads a time of the control API."""
    if when is None:
        return None
    if isinstance(when, (int, float)):
        return now() - timedelta(days=when)
    stamp = datetime.fromisoformat(when.replace("Z", "+00:00"))
    return stamp.astimezone(timezone.utc).replace(tzinfo=None) if stamp.tzinfo else stamp
