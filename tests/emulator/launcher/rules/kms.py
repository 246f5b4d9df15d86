"""KMS: keys that cannot rotate, keys that AWS manages, keys in several regions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from moto.core.utils import get_service_model

from .. import moto_server, times
from ..call import Answer, AwsError, Call, Proceed
from ..identity import caller_arn
from ..rulebook import rule

_DEFAULTS = {"KeyUsage": "ENCRYPT_DECRYPT", "MultiRegion": False}
_DEFAULT_PERIOD = 365
_PERIODS = range(90, 2561)
_UNUSABLE_STATES = {"PendingDeletion", "PendingReplicaDeletion", "PendingImport", "Creating", "Updating", "Unavailable"}
_RESERVED = "alias/aws/"
_KEY_INPUTS = {"KeyId", "TargetKeyId"}
# A key policy can let another account do these; all other operations know the account's own keys only.
_ACROSS_ACCOUNTS = {"CreateGrant", "Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey", "GetKeyRotationStatus"}


def make_managed_key(account: str, region: str, alias: str) -> None:
    """Makes the key behind one of AWS's own aliases exist, as the first use of a service would."""
    backend = moto_server.state("kms", account, region)
    if backend.get_key_id_from_alias(alias) is None:
        raise ValueError(f"not an alias of AWS's: {alias}")


def _key_operations() -> list[str]:
    model = get_service_model("kms")
    shapes = ((name, model.operation_model(name).input_shape) for name in model.operation_names)
    return [name for name, shape in shapes if shape is not None and _KEY_INPUTS.intersection(shape.members)]


@rule("kms", *_key_operations())
def _check_place(call: Call, proceed: Proceed) -> Answer:
    """A key answers in its region, to its account. moto goes by the id at the end of an ARN."""
    for name in sorted(_KEY_INPUTS.intersection(call.params)):
        arn = call.params[name]
        if arn.startswith("arn:"):
            _check_arn(call, arn)
    return proceed()


def _check_arn(call: Call, arn: str) -> None:
    region, owner = arn.split(":")[3:5]
    if region != call.region:
        raise AwsError("NotFoundException", f"Invalid arn {region}")
    if owner == call.account:
        return
    if call.operation in _ACROSS_ACCOUNTS:
        who = f"User: {caller_arn(call)} is not authorized to perform: kms:{call.operation} on resource: {arn}"
        raise AwsError("AccessDeniedException", f"{who} because no resource-based policy allows the action")
    raise AwsError("NotFoundException", f"Key '{arn}' does not exist")


@rule("kms", "CreateAlias", "UpdateAlias")
def _set_alias(call: Call, proceed: Proceed) -> Answer:
    if call.params["AliasName"].startswith(_RESERVED):
        raise AwsError("NotAuthorizedException", "")
    backend = moto_server.state("kms", call.account, call.region)
    key = backend.keys.get(backend.get_key_id(call.params["TargetKeyId"]))
    if key is not None and key.key_state in ("PendingDeletion", "PendingReplicaDeletion"):
        raise AwsError("KMSInvalidStateException", f"{key.arn} is {_in_words(key.key_state)}.")
    return proceed()


@rule("kms", "EnableKeyRotation", "DisableKeyRotation")
def _set_rotation(call: Call, proceed: Proceed) -> Answer:
    key = _key(call)
    if key is not None:
        _refuse_rotation(key)
        if call.operation == "EnableKeyRotation":
            key.rotation_period = _period(call, key)
    return proceed()


def _refuse_rotation(key: Any) -> None:
    if _is_managed(key):
        raise AwsError("AccessDeniedException", f"{key.arn} is an AWS managed key: its policy cannot be overridden.")
    if not _can_rotate(key) or _primary_arn(key) != key.arn:
        raise _unsupported(key)
    if key.key_state == "Disabled":
        raise AwsError("DisabledException", f"{key.arn} is disabled.")
    if key.key_state in _UNUSABLE_STATES:
        raise AwsError("KMSInvalidStateException", f"{key.arn} is {_in_words(key.key_state)}.")


def _period(call: Call, key: Any) -> int:
    period = call.params.get("RotationPeriodInDays")
    if period is None:
        return getattr(key, "rotation_period", _DEFAULT_PERIOD)
    if period not in _PERIODS:
        message = f"Value '{period}' at 'rotationPeriodInDays' failed to satisfy constraint: between 90 and 2560"
        raise AwsError("ValidationException", f"1 validation error detected: {message}")
    return period


@rule("kms", "GetKeyRotationStatus")
def _rotation_status(call: Call, proceed: Proceed) -> Answer:
    key = _key(call)
    if key is None:
        return proceed()
    if not _can_rotate(key):
        raise _unsupported(key)
    # AWS rotates its own keys every year; a replica shows what its primary is set to.
    primary = _primary(key)
    enabled = _is_managed(key) or (primary.key_rotation_status and key.key_state != "PendingDeletion")
    data = {"KeyRotationEnabled": enabled, "KeyId": key.arn}
    if enabled:
        period = getattr(primary, "rotation_period", _DEFAULT_PERIOD)
        data.update(RotationPeriodInDays=period, NextRotationDate=times.now() + timedelta(days=period))
    return Answer(call, data=data)


@rule("kms", "CreateKey")
def _create(call: Call, proceed: Proceed) -> Answer:
    # moto leaves the defaults out of what it shows later.
    for name, default in _DEFAULTS.items():
        call.params.setdefault(name, default)
    call.edited = True
    answer = proceed()
    key = moto_server.state("kms", call.account, call.region).keys[answer.data["KeyMetadata"]["KeyId"]]
    if key.origin == "EXTERNAL":
        key.key_state, key.enabled = "PendingImport", False
        answer.data["KeyMetadata"].update(KeyState="PendingImport", Enabled=False)
    key.custom_key_store_id = call.params.get("CustomKeyStoreId")
    if key.custom_key_store_id:
        answer.data["KeyMetadata"]["CustomKeyStoreId"] = key.custom_key_store_id
    return answer


@rule("kms", "DescribeKey", "ReplicateKey")
def _describe(call: Call, proceed: Proceed) -> Answer:
    answer = proceed()
    metadata = answer.data.get("KeyMetadata") or answer.data["ReplicaKeyMetadata"]
    # Replicas share one moto object with their primary for this part, so that the last one asked about names them all.
    multi_region = metadata.get("MultiRegionConfiguration")
    if multi_region:
        primary = multi_region["PrimaryKey"]["Arn"] == metadata["Arn"]
        multi_region["MultiRegionKeyType"] = "PRIMARY" if primary else "REPLICA"
    key = moto_server.state("kms", call.account, metadata["Arn"].split(":")[3]).keys[metadata["KeyId"]]
    if _is_managed(key):
        metadata["KeyManager"] = "AWS"
    if getattr(key, "custom_key_store_id", None):
        metadata["CustomKeyStoreId"] = key.custom_key_store_id
    return answer


@rule("kms", "ListAliases")
def _list_aliases(call: Call, proceed: Proceed) -> Answer:
    answer = proceed()
    keys = moto_server.state("kms", call.account, call.region).keys
    # AWS lists its own aliases everywhere, but they lead nowhere until a service has used them.
    for alias in answer.data["Aliases"]:
        if alias["AliasName"].startswith(_RESERVED) and alias.get("TargetKeyId") not in keys:
            alias.pop("TargetKeyId", None)
    return answer


def _key(call: Call) -> Any | None:
    """The key a call is about; None if there is none, which moto then says."""
    backend = moto_server.state("kms", call.account, call.region)
    return backend.keys.get(backend.get_key_id(call.params.get("KeyId", "")))


def _is_managed(key: Any) -> bool:
    return any(alias.startswith(_RESERVED) for alias in key.aliases)


def _can_rotate(key: Any) -> bool:
    return (
        key.key_spec == "SYMMETRIC_DEFAULT"
        and key.key_usage == "ENCRYPT_DECRYPT"
        and key.origin == "AWS_KMS"
        and not getattr(key, "custom_key_store_id", None)
    )


def _primary_arn(key: Any) -> str:
    return key.multi_region_configuration["PrimaryKey"]["Arn"] if key.multi_region else key.arn


def _primary(key: Any) -> Any:
    region = _primary_arn(key).split(":")[3]
    return moto_server.state("kms", key.account_id, region).keys.get(key.id, key)


def _unsupported(key: Any) -> AwsError:
    return AwsError("UnsupportedOperationException", f"{key.arn} does not support automatic key rotation.")


def _in_words(state: str) -> str:
    return {"PendingDeletion": "pending deletion", "PendingImport": "pending import"}.get(state, state.lower())
