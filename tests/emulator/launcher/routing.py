"""Which call a request is: account, service, region and operation."""

from __future__ import annotations

import re
import threading
from typing import Any

from botocore.exceptions import UnknownServiceError
from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import NotFound, get_service_router
from moto.core.utils import get_service_model
from moto.iam.models import iam_backends

from . import protocols
from .call import Call

# Signing names that are not the name of the service's model.
_SIGNING_NAMES = {"monitoring": "cloudwatch"}
_CBOR_PATH = re.compile(r"^/service/[^/]+/operation/(?P<operation>\w+)$")

_accounts: dict[str, str] = {}
_accounts_lock = threading.Lock()


def route(environ: dict[str, Any], body: bytes) -> Call | None:
    """The call that a request makes; None if it is not a signed AWS call that botocore has a model of."""
    scope = _credential_scope(environ)
    if scope is None:
        return None
    access_key, region, signing_name = scope
    service = _SIGNING_NAMES.get(signing_name, signing_name)
    path = environ.get("PATH_INFO", "/")
    if service == "s3" and path.startswith("/v20180820/"):
        service = "s3control"
    call = Call(
        account=account_of(access_key),
        access_key=access_key,
        service=service,
        region=region,
        operation="",
        protocol="",
        environ=environ,
        body=body,
    )
    return call if _set_operation(call, path) else None


def _set_operation(call: Call, path: str) -> bool:
    cbor = _CBOR_PATH.match(path)
    if cbor:
        call.protocol, call.operation = protocols.CBOR, cbor["operation"]
        return call.operation in get_service_model(call.service).operation_names
    _spell_target(call)
    request = Request(dict(call.environ, **{"wsgi.input": protocols.stream(call.body)}))
    try:
        call.protocol = determine_request_protocol(get_service_model(call.service), request.content_type)
        operation, call.path_params = get_service_router(call.service).match(request)
    except (NotFound, NotImplementedError, UnknownServiceError):
        return False
    call.operation = operation.name
    return True


def _spell_target(call: Call) -> None:
    """Spells the target of a JSON call as botocore does: the SDK for Rust leaves out CloudTrail's namespace."""
    target = call.environ.get("HTTP_X_AMZ_TARGET", "")
    try:
        prefix = get_service_model(call.service).metadata.get("targetPrefix", "")
    except UnknownServiceError:
        return
    shape, _, operation = target.rpartition(".")
    if shape and prefix.endswith(f".{shape}"):
        call.environ["HTTP_X_AMZ_TARGET"] = f"{prefix}.{operation}"


def _credential_scope(environ: dict[str, Any]) -> tuple[str, str, str] | None:
    """Access key, region and signing name, from `Credential=KEY/DATE/REGION/SERVICE/aws4_request`."""
    authorization = environ.get("HTTP_AUTHORIZATION", "")
    credential = re.search(r"Credential=([^,\s]+)", authorization)
    parts = credential[1].split("/") if credential else []
    return (parts[0], parts[2], parts[3]) if len(parts) == 5 else None


def account_of(access_key: str) -> str:
    """The account that an access key belongs to; moto's default account for keys it has not made.

    moto can tell, too, but makes nine IAM backends per account to find out, which takes most of a second.
    """
    with _accounts_lock:
        if access_key not in _accounts:
            owner = _owner(access_key)
            if owner is None:
                return DEFAULT_ACCOUNT_ID
            _accounts[access_key] = owner
        return _accounts[access_key]


def _owner(access_key: str) -> str | None:
    for account, _, backend in list(iam_backends.iter_backends()):
        if access_key in backend.access_keys:  # type: ignore[attr-defined]
            return account
    return None
