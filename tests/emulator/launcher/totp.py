"""The codes that MFA devices show (RFC 6238, as AWS takes them: SHA-1, six digits, half a minute)."""

from __future__ import annotations

import base64
import hmac
import time

_STEP = 30
# Clocks of phones are off: so many steps back and ahead are tried.
_BACK = 10
_AHEAD = 1


def code(seed: str, step: int) -> str:
    """The code of a step."""
    key = base64.b32decode(seed + "=" * (-len(seed) % 8))
    digest = hmac.digest(key, step.to_bytes(8, "big"), "sha1")
    offset = digest[-1] & 15
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


def follow_each_other(seed: str, first: str, second: str) -> bool:
    """Whether the two are codes of two steps in a row, about now."""
    now = now_step()
    return any(
        (code(seed, step), code(seed, step + 1)) == (first, second) for step in range(now - _BACK, now + _AHEAD)
    )


def now_step() -> int:
    """The step that it is now."""
    return int(time.time()) // _STEP
