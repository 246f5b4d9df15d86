"""The control API: what a test does to the emulator that no AWS call can. README.md is its reference."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from . import accounts, calls, control_account, faults
from .response import Response
from .rules import sns

PREFIX = "/_emulator/"

Body = dict[str, Any]
Handler = Callable[[Body], Any]


def handle(environ: dict[str, Any], body: bytes) -> Response:
    """Answers a request of the control API. A mistake of the test is a 400 that says what is wrong."""
    what = (environ["REQUEST_METHOD"], environ["PATH_INFO"][len(PREFIX) :])
    handler = _HANDLERS.get(what)
    if handler is None:
        return _json(404, {"error": f"no such thing: {what[0]} {PREFIX}{what[1]}"})
    arguments = {name: values[0] for name, values in parse_qs(environ.get("QUERY_STRING", "")).items()}
    try:
        arguments.update(json.loads(body) if body.strip() else {})
        return _json(200, handler(arguments))
    except (ValueError, TypeError, KeyError) as mistake:
        return _json(400, {"error": f"{type(mistake).__name__}: {mistake}"})


def _json(status: int, value: Any) -> Response:
    return Response(status, [("Content-Type", "application/json")], json.dumps(value).encode())


def _account(body: Body) -> str | None:
    return body.get("account")


def _clear_calls(body: Body) -> Body:
    calls.clear(_account(body))
    return {}


def _add_fault(body: Body) -> Body:
    faults.add(body)
    return {}


def _clear_faults(body: Body) -> Body:
    faults.clear(_account(body))
    return {}


def _confirm(body: Body) -> Body:
    confirmed = sns.confirm(body["account"], body["region"], body.get("topic"), body.get("endpoint"))
    return {"confirmed": confirmed}


def _used_actions(body: Body) -> list[str]:
    return sorted(accounts.get(body["account"]).used_actions)


_HANDLERS: dict[tuple[str, str], Handler] = {
    ("GET", "calls"): lambda body: calls.listed(_account(body)),
    ("DELETE", "calls"): _clear_calls,
    ("POST", "faults"): _add_fault,
    ("DELETE", "faults"): _clear_faults,
    ("POST", "account"): control_account.configure,
    ("GET", "used-actions"): _used_actions,
    ("POST", "sns/confirm"): _confirm,
}
