"""The way of a request: log, faults, regions, rules, moto, and back."""

from __future__ import annotations

import socket
import sys
import threading
import time
import traceback
from collections.abc import Iterable
from typing import Any

from werkzeug.http import HTTP_STATUS_CODES

from . import (
    calls,
    control,
    faults,
    moto_server,
    permissions,
    protocols,
    regions,
    rulebook,
    rules,  # noqa: F401 (importing them registers them)
    sessions,
)
from .call import AwsError, Call, Dropped
from .response import Response
from .routing import route

# moto is not made for threads, and Python would run one at a time anyway. Waiting (a delay fault) is done outside.
_one_at_a_time = threading.Lock()


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """The WSGI application."""
    arrived = time.monotonic()
    try:
        response = _respond(environ, _body(environ), arrived)
    except Dropped as dropped:
        environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        # The one exception that the HTTP server takes for a lost connection.
        raise ConnectionError from dropped
    reason = HTTP_STATUS_CODES.get(response.status, "Unknown")
    headers = response.headers
    if not any(name.lower() == "content-length" for name, _ in headers):
        headers = [*headers, ("Content-Length", str(len(response.body)))]
    start_response(f"{response.status} {reason}", headers)
    return [response.body]


def _respond(environ: dict[str, Any], body: bytes, arrived: float) -> Response:
    if environ["PATH_INFO"].startswith(control.PREFIX):
        with _one_at_a_time:
            return control.handle(environ, body)
    with _one_at_a_time:
        call = route(environ, body)
    if call is None:
        environ["wsgi.input"], environ["CONTENT_LENGTH"] = protocols.stream(body), str(len(body))
        with _one_at_a_time:
            return moto_server.pass_through(environ)
    entry = calls.begin(call, arrived)
    response = _answer(call)
    entry.status = response.status
    return response


def _answer(call: Call) -> Response:
    try:
        fault = faults.take(call)
        if fault:
            faults.before(fault, call)
        with _one_at_a_time:
            sessions.check(call)
            regions.check(call)
            permissions.check(call)
            response = rulebook.run(call, moto_server.execute).response()
        if fault:
            faults.after(fault)
        return response
    except AwsError as error:
        return error.response(call)
    except Dropped:
        raise
    except Exception:  # a bug of the layer: say so where the test's author looks, and do not hang the client
        traceback.print_exc(file=sys.stderr)
        return AwsError("InternalFailure", "the emulator failed, see its stderr", 500).response(call)


def _body(environ: dict[str, Any]) -> bytes:
    """Reads the whole request, so that the connection can be used again whatever becomes of the call."""
    if environ.get("wsgi.input_terminated"):
        return environ["wsgi.input"].read()
    return environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
