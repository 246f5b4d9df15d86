"""A raw HTTP response."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Response:
    """Status, headers and body, as they go over the wire."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
