"""S3: buckets as AWS makes them since 2023, whose they are, where they are, and what their policies may say."""

from __future__ import annotations

import json
import re
from typing import Any

from moto.core.utils import get_service_model
from moto.s3.models import OWNER, get_canned_acl

from .. import buckets, moto_server, policy, principals, roles
from ..call import Answer, AwsError, Call, Params, Proceed
from ..identity import caller_arn
from ..response import Response
from ..rulebook import rule

_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_ADDRESS = re.compile(r"\d+(\.\d+){3}")
_ENFORCED = "BucketOwnerEnforced"
_BLOCKED = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
_AES256 = {"Rule": {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}}
_LONGEST_POLICY = 20 * 1024
_PUBLIC_GROUPS = (
    "http://acs.amazonaws.com/groups/global/AllUsers",
    "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
)
_PUBLIC_CANNED = ("public-read", "public-read-write", "authenticated-read")


def _bucket_operations() -> list[str]:
    model = get_service_model("s3")
    shapes = ((name, model.operation_model(name).input_shape) for name in model.operation_names)
    return [
        name for name, shape in shapes if shape is not None and "Bucket" in shape.members and name != "CreateBucket"
    ]


@rule("s3", *_bucket_operations())
def _check_bucket(call: Call, proceed: Proceed) -> Answer:
    """Whose bucket it is comes first, then where it is."""
    bucket = _bucket(call)
    expected = call.header("x-amz-expected-bucket-owner")
    if expected is not None and not re.fullmatch(r"\d{12}", expected):
        message = "The value of the expected bucket owner parameter must be an AWS account ID."
        raise AwsError("InvalidBucketOwnerAWSAccountID", message)
    if bucket is None:
        return proceed()
    if expected not in (None, bucket.account_id) or bucket.account_id != call.account:
        raise _with_region(call, bucket, AwsError("AccessDenied", "Access Denied", 403))
    if bucket.region_name != call.region and call.operation != "GetBucketLocation":
        message = "The bucket you are attempting to access must be addressed using the specified endpoint."
        raise _with_region(call, bucket, AwsError("PermanentRedirect", message, 301))
    return proceed()


def _with_region(call: Call, bucket: Any, error: AwsError) -> AwsError:
    """Refusals tell where the bucket is, also in answers without a body: that is how clients find out."""
    response = error.response(call)
    headers = [*response.headers, ("x-amz-bucket-region", bucket.region_name)]
    error.raw = Response(response.status, headers, response.body)
    return error


@rule("s3", "CreateBucket")
def _create(call: Call, proceed: Proceed) -> Answer:
    name = call.path_params.get("Bucket", "")
    if not _NAME.fullmatch(name) or ".." in name or _ADDRESS.fullmatch(name):
        raise AwsError("InvalidBucketName", "The specified bucket is not valid.")
    ownership = call.header("x-amz-object-ownership") or _ENFORCED
    acl = call.header("x-amz-acl")
    if ownership == _ENFORCED and acl not in (None, "private"):
        message = "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting"
        raise AwsError("InvalidBucketAclWithObjectOwnership", message)
    existed = _bucket(call) is not None
    answer = proceed()
    bucket = _bucket(call)
    if bucket is not None and not existed:
        bucket.ownership_rule = ownership
        bucket.encryption = _AES256
        moto_server.state("s3", call.account, call.region).put_public_access_block(bucket.name, _BLOCKED)
    elif bucket is not None and acl is None:
        # Only us-east-1 lets a bucket of one's own be made again, and that takes its grants away.
        bucket.acl = get_canned_acl("private")
    return answer


@rule("s3", "DeleteBucket")
def _delete(call: Call, proceed: Proceed) -> Answer:
    bucket = _bucket(call)
    answer = proceed()
    if bucket is not None:
        # moto keeps the tags for the next bucket of this name.
        moto_server.state("s3", call.account, call.region).tagger.delete_all_tags_for_resource(bucket.arn)
    return answer


@rule("s3", "DeleteBucketEncryption")
def _delete_encryption(call: Call, proceed: Proceed) -> Answer:
    answer = proceed()
    bucket = _bucket(call)
    if bucket is not None:
        bucket.encryption = _AES256
    return answer


@rule("s3", "PutBucketPolicy")
def _put_policy(call: Call, proceed: Proceed) -> Answer:
    bucket = _bucket(call)
    if bucket is None:
        return proceed()
    statements = _statements(call, bucket)
    block = _public_access_block(call, bucket)
    if policy.is_public(statements) and block["block_public_policy"]:
        why = "because public policies are blocked by the BlockPublicPolicy block public access setting"
        who = f"User: {caller_arn(call)} is not authorized to perform: s3:PutBucketPolicy"
        raise AwsError("AccessDenied", f'{who} on resource: "{bucket.arn}" {why}.', 403)
    answer = proceed()
    roles.touch(bucket.account_id, "bucket_policy", bucket.name)
    return answer


@rule("s3", "GetBucketPolicyStatus")
def _policy_status(call: Call, proceed: Proceed) -> Answer:
    bucket = _bucket(call)
    if bucket is None or not bucket.policy:
        return proceed()
    return Answer(call, data={"PolicyStatus": {"IsPublic": policy.is_public(buckets.statements(bucket))}})


@rule("s3", "PutBucketAcl")
def _put_acl(call: Call, proceed: Proceed) -> Answer:
    bucket = _bucket(call)
    if bucket is not None and bucket.ownership_rule == _ENFORCED:
        raise AwsError("AccessControlListNotSupported", "The bucket does not allow ACLs")
    if bucket is not None and _public_access_block(call, bucket)["block_public_acls"] and _asks_for_public_acl(call):
        raise AwsError("AccessDenied", "Access Denied", 403)
    return proceed()


@rule("s3", "GetBucketAcl")
def _get_acl(call: Call, proceed: Proceed) -> Answer:
    bucket = _bucket(call)
    if bucket is None:
        return proceed()
    grants = _grants(bucket)
    if _public_access_block(call, bucket)["ignore_public_acls"]:
        # What is shown is what applies: the public grant that is stored cannot be seen.
        grants = [one for one in grants if one["Grantee"].get("URI") not in _PUBLIC_GROUPS]
    return Answer(call, data={"Owner": {"ID": OWNER}, "Grants": grants})


def _grants(bucket: Any) -> list[Params]:
    """One for each grantee and permission. Somebody may have taken away all of them, even the owner's."""
    stored = bucket.acl.grants if bucket.acl is not None else []
    return [
        {"Grantee": _grantee(grantee), "Permission": permission}
        for grant in stored
        for grantee in grant.grantees
        for permission in grant.permissions
    ]


def _grantee(grantee: Any) -> Params:
    return {"Type": grantee.type, "URI": grantee.uri} if grantee.uri else {"Type": grantee.type, "ID": grantee.id}


@rule("s3", "PutBucketOwnershipControls")
def _put_ownership(call: Call, proceed: Proceed) -> Answer:
    bucket = _bucket(call)
    rules = call.params["OwnershipControls"]["Rules"]
    if bucket is not None and rules[0]["ObjectOwnership"] == _ENFORCED and bucket.acl is not None:
        others = [one for one in bucket.acl.grants if any(grantee.uri for grantee in one.grantees)]
        if others:
            message = "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting"
            raise AwsError("InvalidBucketAclWithObjectOwnership", message)
    return proceed()


def _bucket(call: Call) -> Any | None:
    return buckets.find(call.path_params.get("Bucket", ""))


def _statements(call: Call, bucket: Any) -> list[policy.Statement]:
    text = call.body.decode()
    try:
        statements = policy.parse(text)
    except ValueError:
        raise _malformed("This policy contains invalid Json") from None
    if len(text) > _LONGEST_POLICY:
        raise _malformed("The policy exceeds the maximum allowed size")
    if not statements:
        raise _malformed("Missing required field Statement")
    for statement in statements:
        for element in ("Principal", "Action", "Resource"):
            if element not in statement and f"Not{element}" not in statement:
                raise _malformed(f"Missing required field {element}")
        named = policy.as_list(statement.get("Resource")) + policy.as_list(statement.get("NotResource"))
        if not all(str(one) == bucket.arn or str(one).startswith(f"{bucket.arn}/") for one in named):
            raise _malformed("Policy has invalid resource")
    if not principals.all_exist(statements, call.region):
        raise _malformed("Invalid principal in policy")
    return statements


def _malformed(message: str) -> AwsError:
    return AwsError("MalformedPolicy", message)


def _public_access_block(call: Call, bucket: Any) -> dict[str, bool]:
    """What applies to a bucket: its own settings and those of its account together."""
    account = moto_server.state("s3control", bucket.account_id, call.region).public_access_block
    levels = [level for level in (bucket.public_access_block, account) if level is not None]
    names = ("block_public_acls", "ignore_public_acls", "block_public_policy", "restrict_public_buckets")
    return {name: any(getattr(level, name) for level in levels) for name in names}


def _asks_for_public_acl(call: Call) -> bool:
    grants = (call.params.get("AccessControlPolicy") or {}).get("Grants") or []
    headers = json.dumps([value for name, value in call.environ.items() if name.startswith("HTTP_X_AMZ_GRANT_")])
    named = [one.get("Grantee", {}).get("URI") for one in grants]
    return (
        call.header("x-amz-acl") in _PUBLIC_CANNED
        or any(group in named for group in _PUBLIC_GROUPS)
        or any(group in headers for group in _PUBLIC_GROUPS)
    )
