"""How each service words the refusals that are not its own: denied, throttled, expired, skewed, unknown region."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Wording:
    """A code and the status it comes with."""

    code: str
    status: int


@dataclass(frozen=True)
class Service:
    """The common refusals of one service."""

    denied: Wording
    throttled: Wording
    failed: Wording
    expired: Wording
    skewed: Wording
    unknown_token: Wording


_DENIED = Wording("AccessDenied", 403)
_SIGNATURE = Wording("SignatureDoesNotMatch", 403)

_QUERY = Service(
    denied=_DENIED,
    throttled=Wording("Throttling", 400),
    failed=Wording("ServiceFailure", 500),
    expired=Wording("ExpiredToken", 403),
    skewed=_SIGNATURE,
    unknown_token=Wording("InvalidClientTokenId", 403),
)
_JSON = Service(
    denied=Wording("AccessDeniedException", 400),
    throttled=Wording("ThrottlingException", 400),
    failed=Wording("InternalFailure", 500),
    expired=Wording("ExpiredTokenException", 400),
    skewed=Wording("InvalidSignatureException", 400),
    unknown_token=Wording("UnrecognizedClientException", 400),
)
_REST_JSON = Service(
    denied=Wording("AccessDeniedException", 403),
    throttled=Wording("TooManyRequestsException", 429),
    failed=Wording("InternalServerException", 500),
    expired=Wording("ExpiredTokenException", 403),
    skewed=Wording("InvalidSignatureException", 403),
    unknown_token=Wording("UnrecognizedClientException", 403),
)
_EC2 = Service(
    denied=Wording("UnauthorizedOperation", 403),
    throttled=Wording("RequestLimitExceeded", 503),
    failed=Wording("InternalError", 500),
    expired=Wording("RequestExpired", 400),
    skewed=Wording("AuthFailure", 401),
    unknown_token=Wording("AuthFailure", 401),
)
_S3 = Service(
    denied=_DENIED,
    throttled=Wording("SlowDown", 503),
    failed=Wording("InternalError", 500),
    expired=Wording("ExpiredToken", 400),
    skewed=Wording("RequestTimeTooSkewed", 403),
    unknown_token=Wording("InvalidAccessKeyId", 403),
)
_SNS = Service(
    denied=Wording("AuthorizationError", 403),
    throttled=_QUERY.throttled,
    failed=Wording("InternalError", 500),
    expired=_QUERY.expired,
    skewed=_QUERY.skewed,
    unknown_token=_QUERY.unknown_token,
)
_ORGANIZATIONS = Service(
    denied=_JSON.denied,
    throttled=Wording("TooManyRequestsException", 400),
    failed=Wording("ServiceException", 500),
    expired=_JSON.expired,
    skewed=_JSON.skewed,
    unknown_token=_JSON.unknown_token,
)

_BY_NAME = {
    "account": _REST_JSON,
    "cloudwatch": _QUERY,
    "ec2": _EC2,
    "iam": _QUERY,
    "organizations": _ORGANIZATIONS,
    "s3": _S3,
    "s3control": _S3,
    "sns": _SNS,
    "sts": _QUERY,
}


def of(name: str) -> Service:
    """The wordings of a service; those of the JSON protocol unless it is known to differ."""
    return _BY_NAME.get(name, _JSON)


# IAM actions that are not named like the operation they permit.
_ACTIONS = {
    ("s3", "HeadBucket"): "ListBucket",
    ("s3", "ListBuckets"): "ListAllMyBuckets",
    ("s3", "GetPublicAccessBlock"): "GetBucketPublicAccessBlock",
    ("s3", "PutPublicAccessBlock"): "PutBucketPublicAccessBlock",
    ("s3", "DeletePublicAccessBlock"): "PutBucketPublicAccessBlock",
    ("s3", "DeleteBucketTagging"): "PutBucketTagging",
    ("s3", "GetBucketEncryption"): "GetEncryptionConfiguration",
    ("s3", "PutBucketEncryption"): "PutEncryptionConfiguration",
    ("s3", "GetBucketLifecycleConfiguration"): "GetLifecycleConfiguration",
    ("s3", "PutBucketLifecycleConfiguration"): "PutLifecycleConfiguration",
}


def action(service: str, operation: str) -> str:
    """The IAM action that permits an operation."""
    return f"{service}:{_ACTIONS.get((service, operation), operation)}"
