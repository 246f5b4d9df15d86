"""The HTTP server: loopback, threaded, silent."""

from __future__ import annotations

from typing import Any

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import BaseWSGIServer, make_server

from .pipeline import application

_HOST = "127.0.0.1"


class _QuietHandler(MotoRequestHandler):
    """moto's handler without a line on stderr per request."""

    # Small answers must not wait for the client's delayed acknowledgement.
    disable_nagle_algorithm = True

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 (the base class names it so)
        """Errors are printed where they happen, by `pipeline`."""


def listen(port: int) -> BaseWSGIServer:
    """A server that is bound and listening, but not yet serving."""
    return make_server(_HOST, port, application, threaded=True, request_handler=_QuietHandler)
