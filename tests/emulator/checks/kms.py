"""KMS: what rotates, whose keys they are, and which policies are refused."""

from __future__ import annotations

import json

from .lab import OTHER_REGION, REGION, Lab, check, flat, pages, refused, same


def make(lab: Lab, **wanted: object) -> str:
    return lab.client("kms").create_key(**wanted)["KeyMetadata"]["KeyId"]


@check
def rotation(lab: Lab) -> None:
    kms, key = lab.client("kms"), make(lab)
    shown = kms.describe_key(KeyId=key)["KeyMetadata"]
    expected = ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", "AWS_KMS", False)
    same(tuple(shown[name] for name in ("KeySpec", "KeyUsage", "Origin", "MultiRegion")), expected)
    same(kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"], False)
    kms.enable_key_rotation(KeyId=key)
    same(kms.get_key_rotation_status(KeyId=key)["RotationPeriodInDays"], 365)
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
    same(kms.get_key_rotation_status(KeyId=key)["RotationPeriodInDays"], 90)
    refused("ValidationException", kms.enable_key_rotation, KeyId=key, RotationPeriodInDays=89)
    kms.disable_key_rotation(KeyId=key)
    same(kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"], False)
    refused("NotFoundException", kms.enable_key_rotation, KeyId="00000000-0000-0000-0000-000000000000")


@check
def rotation_of_keys_that_cannot(lab: Lab) -> None:
    kms = lab.client("kms")
    kinds = (
        {"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"},
        {"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"},
        {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"},
        {"Origin": "EXTERNAL"},
        {"Origin": "AWS_CLOUDHSM", "CustomKeyStoreId": "cks-1"},
    )
    for kind in kinds:
        key = make(lab, **kind)
        refused("UnsupportedOperationException", kms.enable_key_rotation, KeyId=key)
        refused("UnsupportedOperationException", kms.get_key_rotation_status, KeyId=key)
    imported = kms.describe_key(KeyId=make(lab, Origin="EXTERNAL"))["KeyMetadata"]
    same((imported["KeyState"], imported["Enabled"]), ("PendingImport", False))


@check
def rotation_in_the_wrong_state(lab: Lab) -> None:
    kms, disabled, going = lab.client("kms"), make(lab), make(lab)
    kms.disable_key(KeyId=disabled)
    refused("DisabledException", kms.enable_key_rotation, KeyId=disabled)
    kms.enable_key_rotation(KeyId=going)
    kms.schedule_key_deletion(KeyId=going, PendingWindowInDays=7)
    refused("KMSInvalidStateException", kms.enable_key_rotation, KeyId=going)
    same(kms.get_key_rotation_status(KeyId=going)["KeyRotationEnabled"], False)


@check
def multi_region_keys(lab: Lab) -> None:
    here, there, key = lab.client("kms"), lab.client("kms", OTHER_REGION), make(lab, MultiRegion=True)
    made = here.replicate_key(KeyId=key, ReplicaRegion=OTHER_REGION)["ReplicaKeyMetadata"]
    same(made["MultiRegionConfiguration"]["MultiRegionKeyType"], "REPLICA")
    kinds = [
        one.describe_key(KeyId=key)["KeyMetadata"]["MultiRegionConfiguration"]["MultiRegionKeyType"]
        for one in (there, here, there)
    ]
    same(kinds, ["REPLICA", "PRIMARY", "REPLICA"])
    refused("UnsupportedOperationException", there.enable_key_rotation, KeyId=key)
    here.enable_key_rotation(KeyId=key)
    same(there.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"], True)


@check
def managed_keys(lab: Lab) -> None:
    kms = lab.client("kms")
    aliases = flat(pages(kms.list_aliases, "Aliases", "Marker", "NextMarker"))
    assert len(aliases) > 5 and not any("TargetKeyId" in one for one in aliases)
    same(kms.list_keys()["Keys"], [])
    lab.configure(aws_managed_keys={"us-east-1": ["alias/aws/ebs"]})
    (listed,) = kms.list_keys()["Keys"]
    same(kms.describe_key(KeyId=listed["KeyId"])["KeyMetadata"]["KeyManager"], "AWS")
    same(kms.describe_key(KeyId=make(lab))["KeyMetadata"]["KeyManager"], "CUSTOMER")
    leading = [one for one in flat(pages(kms.list_aliases, "Aliases", "Marker", "NextMarker")) if "TargetKeyId" in one]
    same([(one["AliasName"], one["TargetKeyId"]) for one in leading], [("alias/aws/ebs", listed["KeyId"])])
    same(kms.get_key_rotation_status(KeyId=listed["KeyId"])["KeyRotationEnabled"], True)
    same(lab.client("kms", OTHER_REGION).list_keys()["Keys"], [])


@check
def pages_of_keys(lab: Lab) -> None:
    kms, made = lab.client("kms"), {make(lab) for _ in range(7)}
    found = pages(kms.list_keys, "Keys", "Marker", "NextMarker", Limit=1000)
    same([len(one) for one in found], [3, 3, 1])
    same({one["KeyId"] for one in flat(found)}, made)
    first = kms.list_keys(Limit=2)
    same((len(first["Keys"]), first["Truncated"]), (2, True))
    refused("InvalidMarkerException", kms.list_keys, Marker="garbage")
    refused("InvalidMarkerException", lab.client("kms", OTHER_REGION).list_keys, Marker=first["NextMarker"])
    refused("ValidationException", kms.list_keys, Limit=1001)


@check
def key_policies(lab: Lab) -> None:
    kms, key = lab.client("kms"), make(lab)
    root = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{lab.account}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    service = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": "kms:Decrypt",
        "Resource": "*",
    }
    nobody = {**root, "Principal": {"AWS": f"arn:aws:iam::{lab.account}:role/none-such"}, "Action": "kms:Decrypt"}

    def put(*statements: object) -> None:
        kms.put_key_policy(
            KeyId=key, PolicyName="default", Policy=json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        )

    put(root, service)
    for statements in ((service,), (root, nobody), ()):
        refused("MalformedPolicyDocumentException", lambda given=statements: put(*given))
    refused("MalformedPolicyDocumentException", kms.put_key_policy, KeyId=key, PolicyName="default", Policy="rubbish")
    same(len(json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])["Statement"]), 2)


@check
def aliases(lab: Lab) -> None:
    kms, key, other, going = lab.client("kms"), make(lab), make(lab), make(lab)
    name = "alias/harden-trail"
    refused("NotFoundException", kms.describe_key, KeyId=name)
    kms.create_alias(AliasName=name, TargetKeyId=key)
    same(kms.describe_key(KeyId=name)["KeyMetadata"]["KeyId"], key)
    same([one["AliasName"] for one in kms.list_aliases(KeyId=key)["Aliases"]], [name])
    for target in (key, other):
        refused("AlreadyExistsException", kms.create_alias, AliasName=name, TargetKeyId=target)
    refused("NotAuthorizedException", kms.create_alias, AliasName="alias/aws/mine", TargetKeyId=key)
    kms.schedule_key_deletion(KeyId=going, PendingWindowInDays=7)
    refused("KMSInvalidStateException", kms.create_alias, AliasName="alias/late", TargetKeyId=going)
    arn = f"arn:aws:kms:{REGION}:{lab.account}:{name}"
    same(kms.describe_key(KeyId=arn)["KeyMetadata"]["KeyId"], key)
    for given in (name, arn):
        refused("NotFoundException", kms.enable_key_rotation, KeyId=given)
        refused("NotFoundException", kms.get_key_rotation_status, KeyId=given)
        refused("NotFoundException", kms.get_key_policy, KeyId=given, PolicyName="default")
    kms.delete_alias(AliasName=name)
    refused("NotFoundException", kms.delete_alias, AliasName=name)
    refused("NotFoundException", kms.describe_key, KeyId=name)
    same(kms.describe_key(KeyId=key)["KeyMetadata"]["KeyManager"], "CUSTOMER")


@check
def keys_of_other_places(lab: Lab) -> None:
    here, there = lab.client("kms"), lab.client("kms", OTHER_REGION)
    arn = here.create_key(Tags=[{"TagKey": "harden:version", "TagValue": "1"}])["KeyMetadata"]["Arn"]
    same(here.list_resource_tags(KeyId=arn)["Tags"], [{"TagKey": "harden:version", "TagValue": "1"}])
    for call in (there.describe_key, there.enable_key_rotation):
        refused("NotFoundException", call, KeyId=arn)
    foreign = Lab(lab.url, "288888888888").client("kms")
    refused("AccessDeniedException", foreign.describe_key, KeyId=arn)
    refused("NotFoundException", foreign.enable_key_rotation, KeyId=arn)
    refused("NotFoundException", foreign.create_alias, AliasName="alias/mine", TargetKeyId=arn)
    here.enable_key_rotation(KeyId=arn)
