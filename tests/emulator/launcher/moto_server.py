"""moto itself: its WSGI application, and direct access to what it remembers."""

from __future__ import annotations

import sys
import traceback
from typing import Any

from moto.backends import get_backend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.utilities.utils import get_partition
from werkzeug.wrappers import Response as WerkzeugResponse

from . import managed_policies, protocols
from .call import Answer, AwsError, Call
from .response import Response

managed_policies.share()
_application = DomainDispatcherApplication(create_backend_app)

# Services with one set of resources per partition instead of one per region.
_GLOBAL = ("account", "iam", "organizations", "s3", "s3control", "sts")


def state(service: str, account: str, region: str) -> Any:
    """moto's backend of a service: what the account has there. Untyped, as moto's models are."""
    place = get_partition(region) if service in _GLOBAL else region
    return get_backend(service)[account][place]  # type: ignore[call-overload]


def existing(service: str, account: str, region: str) -> Any | None:
    """The same, but None where nobody has been yet, instead of a new and empty backend."""
    backends = get_backend(service)[account]  # type: ignore[call-overload]
    return backends.get(region)


def execute(call: Call) -> Answer:
    """Lets moto answer a call. An error answer is raised."""
    response = _send(_environ(call))
    if response.status < 300:
        return Answer(call, raw=response)
    raise _error(call, response)


def pass_through(environ: dict[str, Any]) -> Response:
    """Lets moto answer a request that is no AWS call we know of."""
    try:
        return _send(environ)
    except AwsError as error:
        return Response(error.status, [("Content-Type", "text/plain")], str(error).encode())


def _send(environ: dict[str, Any]) -> Response:
    try:
        answer = WerkzeugResponse.from_app(_application, environ)
    except NotImplementedError as missing:
        # 501 is the one server error that no SDK retries.
        raise AwsError("NotImplemented", f"the emulator has no such operation: {missing}", 501) from missing
    except Exception as bug:  # moto's own bugs come out as anything
        traceback.print_exc(file=sys.stderr)
        raise AwsError("InternalFailure", "moto failed, see the emulator's stderr", 500) from bug
    return Response(answer.status_code, list(answer.headers), answer.get_data())


def _environ(call: Call) -> dict[str, Any]:
    environ = dict(call.environ)
    body = call.body
    if call.edited or call.protocol == protocols.CBOR:
        body, environ["CONTENT_TYPE"] = protocols.encode_request(call)
    if call.protocol == protocols.CBOR:
        environ.update(PATH_INFO="/", RAW_URI="/", REQUEST_URI="/", QUERY_STRING="")
        environ.pop("HTTP_SMITHY_PROTOCOL", None)
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    environ["wsgi.input"] = protocols.stream(body)
    environ["CONTENT_LENGTH"] = str(len(body))
    environ["HTTP_X_MOTO_ACCOUNT_ID"] = call.account
    return environ


def _error(call: Call, response: Response) -> AwsError:
    if response.status < 400 or not response.body:
        # A redirect, or the answer to a HEAD request: nothing to read a code from.
        return AwsError(str(response.status), status=response.status, raw=response)
    error = protocols.parse_response(call, response).get("Error", {})
    # moto answered in another protocol than a CBOR caller can read.
    raw = None if call.protocol == protocols.CBOR else response
    return AwsError(error.get("Code", "Unknown"), error.get("Message", ""), response.status, raw)
