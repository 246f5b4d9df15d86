"""Smithy RPC v2 CBOR, the only protocol that the CloudWatch SDK for Rust speaks and that moto does not."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import cbor2
from botocore.model import OperationModel, Shape

# CBOR's tag for "seconds since 1970", which Smithy prescribes for timestamps.
_EPOCH_TAG = 1

# Refusals of the protocol layer, not of CloudWatch's model: their query codes have other shape names.
_COMMON_SHAPES = {
    "AccessDenied": "AccessDeniedException",
    "ExpiredToken": "ExpiredTokenException",
    "InvalidClientTokenId": "UnrecognizedClientException",
    "ServiceFailure": "InternalFailure",
    "SignatureDoesNotMatch": "InvalidSignatureException",
    "Throttling": "ThrottlingException",
    "ValidationError": "ValidationException",
}


def decode(body: bytes) -> dict[str, Any]:
    """Reads an input; an operation without one may be sent with no body at all."""
    return _untagged(cbor2.loads(body)) if body else {}


def encode(data: dict[str, Any], shape: Shape) -> bytes:
    """Writes an output by its shape, because CBOR tells integers from floats and Python's data does not."""
    return cbor2.dumps(_encodable(data, shape))


def encode_error(model: OperationModel, code: str, message: str) -> bytes:
    """Writes a refusal: CBOR names its shape where the query protocol gives its code."""
    name = _shape_name(model, code)
    namespace = "com.amazonaws.cloudwatch" if name in model.service_model.shape_names else "com.amazon.coral.service"
    return cbor2.dumps({"__type": f"{namespace}#{name}", "message": message})


def _shape_name(model: OperationModel, code: str) -> str:
    # Several shapes may share a code: those of the operation come first.
    for shape in [*model.error_shapes, *model.service_model.error_shapes]:
        if code in (shape.error_code, shape.name):
            return shape.name
    return _COMMON_SHAPES.get(code, code)


def _untagged(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _untagged(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_untagged(item) for item in value]
    if isinstance(value, datetime):
        # moto and botocore's query serializer both want naive UTC.
        return value.astimezone(timezone.utc).replace(tzinfo=None)
    return value


def _encodable(value: Any, shape: Shape) -> Any:
    kind = shape.type_name
    if kind == "structure":
        present = {name: value.get(name) for name in shape.members}
        return {name: _encodable(item, shape.members[name]) for name, item in present.items() if item is not None}
    if kind == "list":
        return [_encodable(item, shape.member) for item in value]
    if kind == "map":
        return {key: _encodable(item, shape.value) for key, item in value.items()}
    if kind == "timestamp":
        return cbor2.CBORTag(_EPOCH_TAG, value.replace(tzinfo=value.tzinfo or timezone.utc).timestamp())
    if kind in ("double", "float"):
        return float(value)
    if kind in ("integer", "long"):
        return int(value)
    return value
