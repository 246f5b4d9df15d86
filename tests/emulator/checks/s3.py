"""S3: what new buckets are like, what is refused, and whose buckets they are."""

from __future__ import annotations

import json
from typing import Any

from .lab import OTHER_REGION, Lab, check, refused, same, status

PUBLIC = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}
OPEN = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), False)


def bucket(lab: Lab, name: str = "logs", **more: Any) -> str:
    full = f"{name}-{lab.account}"
    lab.client("s3").create_bucket(Bucket=full, **more)
    return full


def put(lab: Lab, name: str, *statements: dict[str, Any]) -> None:
    filled = [{"Resource": f"arn:aws:s3:::{name}/*", **one} for one in statements]
    lab.client("s3").put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": filled}))


@check
def new_buckets(lab: Lab) -> None:
    s3, name = lab.client("s3"), bucket(lab)
    same(set(s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"].values()), {True})
    same(
        s3.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"]["Rules"],
        [{"ObjectOwnership": "BucketOwnerEnforced"}],
    )
    (rule,) = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
    same(rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"], "AES256")
    refused("NoSuchBucketPolicy", s3.get_bucket_policy, Bucket=name)
    refused("NoSuchBucketPolicy", s3.get_bucket_policy_status, Bucket=name)
    refused("InvalidBucketAclWithObjectOwnership", s3.create_bucket, Bucket=f"x-{lab.account}", ACL="public-read")
    s3.delete_public_access_block(Bucket=name)
    s3.create_bucket(Bucket=name)
    refused("NoSuchPublicAccessBlockConfiguration", s3.get_public_access_block, Bucket=name)
    for wrong in ("Upper-case", "under_score", "a..b", "-abc", "ab", "192.168.5.4"):
        refused("InvalidBucketName", s3.create_bucket, Bucket=wrong)
    s3.delete_bucket_encryption(Bucket=name)
    s3.get_bucket_encryption(Bucket=name)


@check
def public_policies(lab: Lab) -> None:
    s3, name = lab.client("s3"), bucket(lab)
    same(status(refused("AccessDenied", lambda: put(lab, name, PUBLIC))), 403)
    pinned = {**PUBLIC, "Condition": {"StringEquals": {"aws:SourceAccount": lab.account}}}
    put(lab, name, pinned, {**PUBLIC, "Effect": "Deny"})
    same(s3.get_bucket_policy_status(Bucket=name)["PolicyStatus"]["IsPublic"], False)
    s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=OPEN)
    put(lab, name, PUBLIC)
    same(s3.get_bucket_policy_status(Bucket=name)["PolicyStatus"]["IsPublic"], True)
    lab.configure(public_access_block={"BlockPublicPolicy": True})
    refused("AccessDenied", lambda: put(lab, name, PUBLIC))
    lab.configure(public_access_block=None)
    put(lab, name, PUBLIC)


@check
def malformed_policies(lab: Lab) -> None:
    s3, name = lab.client("s3"), bucket(lab)
    good = {"Effect": "Allow", "Principal": {"AWS": lab.account}, "Action": "s3:GetObject"}
    for wrong in (
        {**good, "Resource": "arn:aws:s3:::somebody-else/*"},
        {**good, "Principal": {"AWS": f"arn:aws:iam::{lab.account}:role/none-such"}},
        {**good, "Principal": {"AWS": "AROAEXAMPLEEXAMPLE"}},
        {**good, "Sid": "x" * 21000},
        {"Effect": "Allow", "Action": "s3:GetObject"},
    ):
        refused("MalformedPolicy", lambda given=wrong: put(lab, name, given))
    for text in ("rubbish", "{}", '{"Version":"2012-10-17","Statement":[]}'):
        refused("MalformedPolicy", s3.put_bucket_policy, Bucket=name, Policy=text)
    put(lab, name, good)
    same(json.loads(s3.get_bucket_policy(Bucket=name)["Policy"])["Statement"][0]["Action"], "s3:GetObject")


@check
def acls(lab: Lab) -> None:
    s3, name = lab.client("s3"), bucket(lab)
    refused("AccessControlListNotSupported", s3.put_bucket_acl, Bucket=name, ACL="private")
    s3.put_bucket_ownership_controls(Bucket=name, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]})
    same(status(refused("AccessDenied", s3.put_bucket_acl, Bucket=name, ACL="public-read")), 403)
    s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=OPEN)
    s3.put_bucket_acl(Bucket=name, ACL="public-read")
    uris = [one["Grantee"].get("URI") for one in s3.get_bucket_acl(Bucket=name)["Grants"]]
    assert "http://acs.amazonaws.com/groups/global/AllUsers" in uris, uris
    s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration={**OPEN, "IgnorePublicAcls": True})
    same([one["Grantee"].get("URI") for one in s3.get_bucket_acl(Bucket=name)["Grants"]], [None])
    enforced = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    refused(
        "InvalidBucketAclWithObjectOwnership", s3.put_bucket_ownership_controls, Bucket=name, OwnershipControls=enforced
    )


@check
def grants(lab: Lab) -> None:
    s3, name = lab.client("s3"), bucket(lab)
    s3.put_bucket_ownership_controls(Bucket=name, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]})
    s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=OPEN)

    def shown() -> list[tuple[str, str]]:
        listed = s3.get_bucket_acl(Bucket=name)["Grants"]
        return [(one["Grantee"].get("URI", "owner").rsplit("/", 1)[-1], one["Permission"]) for one in listed]

    s3.put_bucket_acl(Bucket=name, ACL="public-read-write")
    same(shown(), [("owner", "FULL_CONTROL"), ("AllUsers", "READ"), ("AllUsers", "WRITE")])
    # Made again, which is a success in this region alone, the bucket is private.
    s3.create_bucket(Bucket=name)
    same(shown(), [("owner", "FULL_CONTROL")])
    owner = s3.get_bucket_acl(Bucket=name)["Owner"]
    delivery = {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/s3/LogDelivery"}
    kept = [{"Grantee": delivery, "Permission": "WRITE"}, {"Grantee": delivery, "Permission": "READ_ACP"}]
    everybody = {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"}
    for given in ([*kept, {"Grantee": everybody, "Permission": "READ"}], kept, []):
        s3.put_bucket_acl(Bucket=name, AccessControlPolicy={"Owner": owner, "Grants": given})
        same(len(shown()), len(given))
    refused("MalformedACLError", s3.put_bucket_acl, Bucket=name, AccessControlPolicy={"Grants": kept})


@check
def owners(lab: Lab) -> None:
    s3, name = lab.client("s3"), bucket(lab)
    s3.get_bucket_acl(Bucket=name, ExpectedBucketOwner=lab.account)
    same(status(refused("AccessDenied", s3.get_bucket_acl, Bucket=name, ExpectedBucketOwner="111111111111")), 403)
    refused(
        "AccessDenied",
        s3.put_bucket_versioning,
        Bucket=name,
        VersioningConfiguration={"Status": "Enabled"},
        ExpectedBucketOwner="111111111111",
    )
    refused("InvalidBucketOwnerAWSAccountID", s3.get_bucket_acl, Bucket=name, ExpectedBucketOwner="me")
    foreign = Lab(lab.url, "288888888888").client("s3")
    refused("AccessDenied", foreign.get_bucket_policy, Bucket=name)
    error = refused("403", foreign.head_bucket, Bucket=name)
    same(error.response["ResponseMetadata"]["HTTPHeaders"]["x-amz-bucket-region"], "us-east-1")
    refused("BucketAlreadyExists", foreign.create_bucket, Bucket=name)


@check
def regions(lab: Lab) -> None:
    name = f"far-{lab.account}"
    far = lab.client("s3", OTHER_REGION)
    far.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": OTHER_REGION})
    near = lab.client("s3")
    same(near.get_bucket_location(Bucket=name)["LocationConstraint"], OTHER_REGION)
    # boto3 goes by the region that the refusal names, asks again, and remembers it.
    refused("NoSuchBucketPolicy", near.get_bucket_policy, Bucket=name)
    same(near.head_bucket(Bucket=name)["BucketRegion"], OTHER_REGION)
    wanted = ("GetBucketPolicy", "HeadBucket")
    asked = [(one["region"], one["status"]) for one in lab.calls() if one["operation"] in wanted]
    same(asked, [("us-east-1", 301), (OTHER_REGION, 404), (OTHER_REGION, 200)])
    same(far.head_bucket(Bucket=name)["BucketRegion"], OTHER_REGION)
