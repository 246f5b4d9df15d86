"""S3 buckets as other services see them: whoever owns them, and with the policy that has reached them."""

from __future__ import annotations

from typing import Any

from moto.s3.models import s3_backends

from . import policy, roles


def find(name: str) -> Any | None:
    """The bucket of a name, in whatever account it is."""
    owner = s3_backends.bucket_accounts.get(name)
    if owner is None:
        return None
    partition, account = owner
    return s3_backends[account][partition].buckets.get(name)


def statements(bucket: Any) -> list[policy.Statement]:
    """The statements of the bucket's policy."""
    return policy.parse(bucket.policy.decode()) if bucket.policy else []


def lets_deliver(bucket: Any, service: str, key: str, context: policy.Context) -> bool:
    """Whether a service may look at the bucket's ACL and put an object, giving the owner control over it."""
    if not roles.settled(bucket.account_id, "bucket_policy", bucket.name):
        return False
    context = {**context, "s3:x-amz-acl": "bucket-owner-full-control"}
    needed = (("s3:GetBucketAcl", bucket.arn), ("s3:PutObject", f"{bucket.arn}/{key}"))
    return all(policy.allows(statements(bucket), action, resource, context, service) for action, resource in needed)
