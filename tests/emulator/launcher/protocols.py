"""Between bytes and values: AWS's wire protocols, by botocore's models and with moto's own codecs."""

from __future__ import annotations

import io
import json
import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from xml.sax.saxutils import escape

from botocore.compat import HTTPHeaders
from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from moto.core.model import OperationModel
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request
from moto.core.serialize import SerializationContext, XFormedAttributePicker, get_serializer_class
from moto.core.utils import get_service_model

from . import cbor
from .response import Response

if TYPE_CHECKING:
    from .call import AwsError, Call

CBOR = "rpc-v2-cbor"
_CBOR_HEADER = ("smithy-protocol", CBOR)
_CBOR_TYPE = ("Content-Type", "application/cbor")


def stream(body: bytes) -> io.BytesIO:
    """A request body, readable once more."""
    return io.BytesIO(body)


def operation_model(call: Call) -> OperationModel:
    """botocore's description of the operation."""
    return get_service_model(call.service).operation_model(call.operation)


def moto_protocol(call: Call) -> str:
    """The protocol to speak to moto in: the caller's own, but moto knows no CBOR."""
    return "query" if call.protocol == CBOR else call.protocol


def parse_request(call: Call) -> dict[str, Any]:
    """Reads the input of a call."""
    if call.protocol == CBOR:
        return cbor.decode(call.body)
    request = Request(dict(call.environ, **{"wsgi.input": stream(call.body)}))
    parser = PROTOCOL_PARSERS[call.protocol](operation_model(call))
    return parser.parse(
        {
            "method": request.method,
            "values": request.values,
            "headers": request.headers,
            "body": call.body,
            "url_path": request.path,
            "url_params": call.path_params,
        }
    )


def encode_request(call: Call) -> tuple[bytes, str]:
    """Writes the (edited) input of a call for moto: body and content type. RPC protocols only."""
    protocol = moto_protocol(call)
    serializer = create_serializer(protocol, include_validation=False)
    request = serializer.serialize_to_request(call.params, operation_model(call))
    body = request["body"]
    if isinstance(body, dict):
        return urlencode(body).encode(), "application/x-www-form-urlencoded; charset=utf-8"
    return body if isinstance(body, bytes) else body.encode(), request["headers"]["Content-Type"]


def parse_response(call: Call, response: Response) -> dict[str, Any]:
    """Reads an answer of moto: the output, or `Error` with its code and message."""
    headers = HTTPHeaders()
    for name, value in response.headers:
        headers[name] = value
    parsed = create_parser(moto_protocol(call)).parse(
        {"status_code": response.status, "headers": headers, "body": response.body}, operation_model(call).output_shape
    )
    parsed.pop("ResponseMetadata", None)
    return parsed


def encode_result(call: Call, data: dict[str, Any]) -> Response:
    """Writes an output in the caller's protocol. Values may be plain data or objects of moto's."""
    if call.protocol == CBOR:
        return _cbor_result(call, data)
    request_id = str(uuid.uuid4())
    serializer = get_serializer_class(call.service, call.protocol)(
        operation_model=operation_model(call),
        context=SerializationContext(request_id),
        value_picker=XFormedAttributePicker(),
    )
    serialized = serializer.serialize(data)
    body = serialized["body"]
    headers = [*serialized["headers"].items(), ("x-amzn-RequestId", request_id)]
    return Response(serialized["status_code"], headers, body.encode() if isinstance(body, str) else body)


def encode_error(call: Call, error: AwsError) -> Response:
    """Writes a refusal in the caller's protocol."""
    request_id = str(uuid.uuid4())
    headers = [("x-amzn-RequestId", request_id)]
    if call.protocol == CBOR:
        headers += [_CBOR_HEADER, _CBOR_TYPE, ("x-amzn-query-error", f"{error.code};{_fault(error)}")]
        return Response(error.status, headers, cbor.encode_error(operation_model(call), error.code, error.message))
    if call.protocol in ("json", "rest-json"):
        headers += [("Content-Type", "application/x-amz-json-1.1"), ("x-amzn-ErrorType", error.code)]
        body = json.dumps({"__type": error.code, "message": error.message})
    else:
        headers.append(("Content-Type", "application/xml" if call.protocol == "rest-xml" else "text/xml"))
        body = _xml_error(call, error, request_id)
    if call.environ["REQUEST_METHOD"] == "HEAD":
        body = ""
    return Response(error.status, headers, body.encode())


def _xml_error(call: Call, error: AwsError, request_id: str) -> str:
    what = f"<Code>{error.code}</Code><Message>{escape(error.message)}</Message>"
    if call.service == "ec2":
        inner = f"<Response><Errors><Error>{what}</Error></Errors><RequestID>{request_id}</RequestID></Response>"
    elif call.service == "s3":
        inner = f"<Error>{what}<RequestId>{request_id}</RequestId><HostId>emulator</HostId></Error>"
    else:
        namespace = get_service_model(call.service).metadata.get("xmlNamespace", "")
        attribute = f' xmlns="{namespace}"' if isinstance(namespace, str) and namespace else ""
        inner = (
            f"<ErrorResponse{attribute}><Error><Type>{_fault(error)}</Type>{what}</Error>"
            f"<RequestId>{request_id}</RequestId></ErrorResponse>"
        )
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + inner


def _fault(error: AwsError) -> str:
    return "Receiver" if error.status >= 500 else "Sender"


def _cbor_result(call: Call, data: dict[str, Any]) -> Response:
    shape = operation_model(call).output_shape
    if shape is None:
        # The protocol wants neither a body nor its type from operations that have no output.
        return Response(200, [_CBOR_HEADER], b"")
    return Response(200, [_CBOR_HEADER, _CBOR_TYPE], cbor.encode(data, shape))
