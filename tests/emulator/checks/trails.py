"""CloudTrail: what it checks on the other side, and what it says about itself."""

from __future__ import annotations

import json
import time
from typing import Any

from .lab import OTHER_REGION, REGION, Lab, check, refused, same

TRAIL = "main"


def arn(lab: Lab, name: str = TRAIL) -> str:
    return f"arn:aws:cloudtrail:{REGION}:{lab.account}:trail/{name}"


def document(*statements: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def bucket(lab: Lab, statements: Any = None) -> str:
    name = f"trail-{lab.account}"
    s3 = lab.client("s3")
    s3.create_bucket(Bucket=name)
    s3.put_bucket_policy(Bucket=name, Policy=document(*(statements or delivery(lab, name))))
    return name


def delivery(lab: Lab, name: str, trail: str = TRAIL) -> list[Any]:
    """Document D1: what CloudTrail needs of a bucket."""
    source = {"aws:SourceArn": arn(lab, trail)}
    base = {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}}
    return [
        {
            **base,
            "Action": "s3:GetBucketAcl",
            "Resource": f"arn:aws:s3:::{name}",
            "Condition": {"StringEquals": source},
        },
        {
            **base,
            "Action": "s3:PutObject",
            "Resource": f"arn:aws:s3:::{name}/AWSLogs/{lab.account}/*",
            "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control", **source}},
        },
    ]


def role(lab: Lab, service: str = "cloudtrail.amazonaws.com", name: str = "logs") -> str:
    trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    made = lab.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=document(trust))
    return made["Role"]["Arn"]


def permit(lab: Lab, name: str = "logs", resource: str = "*") -> None:
    may = {"Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": resource}
    lab.client("iam").put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=document(may))


@check
def the_bucket_has_to_let_the_trail_in(lab: Lab) -> None:
    cloudtrail, name = lab.client("cloudtrail"), f"trail-{lab.account}"
    refused("S3BucketDoesNotExistException", cloudtrail.create_trail, Name=TRAIL, S3BucketName=name)
    s3 = lab.client("s3")
    s3.create_bucket(Bucket=name)
    refused("InsufficientS3BucketPolicyException", cloudtrail.create_trail, Name=TRAIL, S3BucketName=name)
    good = delivery(lab, name)
    for wrong in (good[:1], good[1:], delivery(lab, name, "other"), [*good, {**good[1], "Effect": "Deny"}]):
        s3.put_bucket_policy(Bucket=name, Policy=document(*wrong))
        refused("InsufficientS3BucketPolicyException", cloudtrail.create_trail, Name=TRAIL, S3BucketName=name)
    insecure = {"Bool": {"aws:SecureTransport": "false"}, "BoolIfExists": {"aws:PrincipalIsAWSService": "true"}}
    whole = [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"]
    tls = {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "s3:*", "Resource": whole, "Condition": insecure}
    s3.put_bucket_policy(Bucket=name, Policy=document(*good, tls))
    refused(
        "InsufficientS3BucketPolicyException", cloudtrail.create_trail, Name=TRAIL, S3BucketName=name, S3KeyPrefix="p"
    )
    cloudtrail.create_trail(Name=TRAIL, S3BucketName=name)
    refused("TrailAlreadyExistsException", cloudtrail.create_trail, Name=TRAIL, S3BucketName=name)
    refused("OrganizationsNotInUseException", cloudtrail.update_trail, Name=TRAIL, IsOrganizationTrail=True)


@check
def names(lab: Lab) -> None:
    cloudtrail = lab.client("cloudtrail")
    for wrong in ("ab", "-abc", "abc-", "a..b", "a_-b", "a b c", "192.168.5.4", "x" * 129):
        refused("InvalidTrailNameException", cloudtrail.create_trail, Name=wrong, S3BucketName="any")
    for right in ("abc", "a.b-c_d", "x" * 128):
        refused("S3BucketDoesNotExistException", cloudtrail.create_trail, Name=right, S3BucketName="any")


@check
def tags_go_with_the_trail(lab: Lab) -> None:
    cloudtrail, there, name = lab.client("cloudtrail"), lab.client("cloudtrail", OTHER_REGION), bucket(lab)
    tags = [{"Key": "harden:version", "Value": "1"}]
    refused("ResourceNotFoundException", cloudtrail.list_tags, ResourceIdList=[arn(lab)])
    cloudtrail.create_trail(Name=TRAIL, S3BucketName=name, TagsList=tags)
    (shown,) = cloudtrail.list_tags(ResourceIdList=[arn(lab)])["ResourceTagList"]
    same((shown["ResourceId"], shown["TagsList"]), (arn(lab), tags))
    refused("ResourceNotFoundException", there.list_tags, ResourceIdList=[arn(lab)])
    foreign = arn(lab).replace(lab.account, "111111111111")
    for wrong in (TRAIL, foreign):
        refused("CloudTrailARNInvalidException", cloudtrail.list_tags, ResourceIdList=[wrong])
        refused("CloudTrailARNInvalidException", cloudtrail.add_tags, ResourceId=wrong, TagsList=tags)
    cloudtrail.delete_trail(Name=TRAIL)
    refused("ResourceNotFoundException", cloudtrail.list_tags, ResourceIdList=[arn(lab)])
    cloudtrail.create_trail(Name=TRAIL, S3BucketName=name)
    same(cloudtrail.list_tags(ResourceIdList=[arn(lab)])["ResourceTagList"][0]["TagsList"], [])


@check
def five_trails(lab: Lab) -> None:
    cloudtrail, name = lab.client("cloudtrail"), f"trail-{lab.account}"
    bucket(lab, [one for number in range(6) for one in delivery(lab, name, f"trail{number}")])
    for number in range(5):
        cloudtrail.create_trail(Name=f"trail{number}", S3BucketName=name)
    refused("MaximumNumberOfTrailsExceededException", cloudtrail.create_trail, Name="trail5", S3BucketName=name)


@check
def log_group_and_role(lab: Lab) -> None:
    cloudtrail, logs = lab.client("cloudtrail"), lab.client("logs")
    cloudtrail.create_trail(Name=TRAIL, S3BucketName=bucket(lab))
    prefix = f"arn:aws:logs:{REGION}:{lab.account}:log-group"
    group, named = f"{prefix}:trail:*", f"arn:aws:iam::{lab.account}:role/logs"

    def update(**given: str) -> Any:
        return cloudtrail.update_trail(Name=TRAIL, **given)

    wrong_role, wrong_group = "InvalidCloudWatchLogsRoleArnException", "InvalidCloudWatchLogsLogGroupArnException"
    refused(wrong_role, update, CloudWatchLogsLogGroupArn=group)
    refused(wrong_role, update, CloudWatchLogsLogGroupArn=group, CloudWatchLogsRoleArn=named)
    foreign = role(lab, "ec2.amazonaws.com", "other")
    refused(wrong_role, update, CloudWatchLogsLogGroupArn=group, CloudWatchLogsRoleArn=foreign)
    role(lab)
    refused(wrong_group, update, CloudWatchLogsLogGroupArn=group, CloudWatchLogsRoleArn=named)
    logs.create_log_group(logGroupName="trail")
    refused(wrong_group, update, CloudWatchLogsLogGroupArn=group, CloudWatchLogsRoleArn=named)
    lab.client("iam").attach_role_policy(RoleName="logs", PolicyArn="arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess")
    refused(wrong_group, update, CloudWatchLogsLogGroupArn=group, CloudWatchLogsRoleArn=named)
    permit(lab, resource=f"{prefix}:trail:log-stream:{lab.account}_CloudTrail_{REGION}*")
    refused(wrong_group, update, CloudWatchLogsLogGroupArn=f"{prefix}:trail", CloudWatchLogsRoleArn=named)
    update(CloudWatchLogsLogGroupArn=group, CloudWatchLogsRoleArn=named)
    (shown,) = cloudtrail.describe_trails()["trailList"]
    same((shown["CloudWatchLogsLogGroupArn"], shown["CloudWatchLogsRoleArn"]), (group, named))
    update(CloudWatchLogsLogGroupArn="", CloudWatchLogsRoleArn="")
    role(lab, name="managed")
    lab.client("iam").attach_role_policy(
        RoleName="managed", PolicyArn="arn:aws:iam::aws:policy/CloudWatchLogsFullAccess"
    )
    update(CloudWatchLogsLogGroupArn=group, CloudWatchLogsRoleArn=named.replace("logs", "managed"))
    update(CloudWatchLogsLogGroupArn="", CloudWatchLogsRoleArn="")
    assert "CloudWatchLogsLogGroupArn" not in cloudtrail.describe_trails()["trailList"][0]


@check
def key(lab: Lab) -> None:
    cloudtrail, kms = lab.client("cloudtrail"), lab.client("kms")
    cloudtrail.create_trail(Name=TRAIL, S3BucketName=bucket(lab))
    absent = f"arn:aws:kms:{REGION}:{lab.account}:key/00000000-0000-0000-0000-000000000000"
    refused("KmsKeyNotFoundException", cloudtrail.update_trail, Name=TRAIL, KmsKeyId=absent)
    far = lab.client("kms", OTHER_REGION).create_key()["KeyMetadata"]["Arn"]
    refused("KmsKeyNotFoundException", cloudtrail.update_trail, Name=TRAIL, KmsKeyId=far)
    made = kms.create_key()["KeyMetadata"]
    refused("InsufficientEncryptionPolicyException", cloudtrail.update_trail, Name=TRAIL, KmsKeyId=made["Arn"])
    service = {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Resource": "*"}
    source = {"aws:SourceArn": arn(lab)}
    context = {"kms:EncryptionContext:aws:cloudtrail:arn": f"arn:aws:cloudtrail:*:{lab.account}:trail/*"}
    policy = document(
        {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{lab.account}:root"},
            "Action": "kms:*",
            "Resource": "*",
        },
        {**service, "Action": "kms:GenerateDataKey*", "Condition": {"StringEquals": source, "StringLike": context}},
        {**service, "Action": "kms:DescribeKey", "Condition": {"StringEquals": source}},
    )
    kms.put_key_policy(KeyId=made["KeyId"], PolicyName="default", Policy=policy)
    kms.create_alias(AliasName="alias/trail", TargetKeyId=made["KeyId"])
    same(cloudtrail.update_trail(Name=TRAIL, KmsKeyId="alias/trail")["KmsKeyId"], made["Arn"])
    same(cloudtrail.describe_trails()["trailList"][0]["KmsKeyId"], made["Arn"])
    cloudtrail.update_trail(Name=TRAIL, KmsKeyId="")
    assert "KmsKeyId" not in cloudtrail.describe_trails()["trailList"][0]
    cloudtrail.delete_trail(Name=TRAIL)
    again = cloudtrail.create_trail(Name=TRAIL, S3BucketName=f"trail-{lab.account}", KmsKeyId="alias/trail")
    same(again["KmsKeyId"], made["Arn"])
    refused("KmsKeyNotFoundException", cloudtrail.update_trail, Name=TRAIL, KmsKeyId="alias/none")
    kms.disable_key(KeyId=made["KeyId"])
    refused("KmsException", cloudtrail.update_trail, Name=TRAIL, KmsKeyId=made["KeyId"])


@check
def home_regions(lab: Lab) -> None:
    here, there = lab.client("cloudtrail"), lab.client("cloudtrail", OTHER_REGION)
    here.create_trail(Name=TRAIL, S3BucketName=bucket(lab))
    same(there.describe_trails()["trailList"], [])
    shown = here.update_trail(Name=arn(lab), IsMultiRegionTrail=True, EnableLogFileValidation=True)
    same(
        (shown["IsMultiRegionTrail"], shown["IncludeGlobalServiceEvents"], shown["LogFileValidationEnabled"]),
        (True, True, True),
    )
    (shadow,) = there.describe_trails()["trailList"]
    same((shadow["TrailARN"], shadow["HomeRegion"]), (arn(lab), REGION))
    same(there.describe_trails(includeShadowTrails=False)["trailList"], [])
    for change in (there.update_trail, there.start_logging, there.stop_logging, there.delete_trail):
        refused("InvalidHomeRegionException", change, Name=arn(lab))
        refused("TrailNotFoundException", change, Name=TRAIL)
    there.get_trail_status(Name=arn(lab))
    there.get_event_selectors(TrailName=arn(lab))
    foreign = arn(lab).replace(lab.account, "111111111111")
    refused("CloudTrailARNInvalidException", here.update_trail, Name=foreign)
    refused("CloudTrailARNInvalidException", here.get_event_selectors, TrailName=foreign)
    here.delete_trail(Name=arn(lab))
    same(here.describe_trails()["trailList"], [])
    refused("TrailNotFoundException", here.delete_trail, Name=TRAIL)


@check
def selectors(lab: Lab) -> None:
    cloudtrail = lab.client("cloudtrail")
    cloudtrail.create_trail(Name=TRAIL, S3BucketName=bucket(lab))
    (default,) = cloudtrail.get_event_selectors(TrailName=TRAIL)["EventSelectors"]
    same((default["ReadWriteType"], default["IncludeManagementEvents"]), ("All", True))
    same(cloudtrail.describe_trails()["trailList"][0]["HasCustomEventSelectors"], False)
    field = {"Field": "eventCategory", "Equals": ["Management"]}
    cloudtrail.put_event_selectors(
        TrailName=arn(lab), AdvancedEventSelectors=[{"Name": "all", "FieldSelectors": [field]}]
    )
    answer = cloudtrail.get_event_selectors(TrailName=TRAIL)
    assert "EventSelectors" not in answer and answer["AdvancedEventSelectors"], answer
    same(cloudtrail.describe_trails()["trailList"][0]["HasCustomEventSelectors"], True)
    cloudtrail.put_event_selectors(
        TrailName=TRAIL, EventSelectors=[{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True}]
    )
    answer = cloudtrail.get_event_selectors(TrailName=TRAIL)
    same((answer["EventSelectors"][0]["ReadWriteType"], "AdvancedEventSelectors" in answer), ("WriteOnly", False))


@check
def propagation(lab: Lab) -> None:
    lab.configure(propagation={"role": 1, "bucket_policy": 1})
    cloudtrail, name = lab.client("cloudtrail"), bucket(lab)
    lab.client("logs").create_log_group(logGroupName="trail")
    refused("InsufficientS3BucketPolicyException", cloudtrail.create_trail, Name=TRAIL, S3BucketName=name)
    time.sleep(1.1)
    cloudtrail.create_trail(Name=TRAIL, S3BucketName=name)
    wanted = {
        "CloudWatchLogsRoleArn": role(lab),
        "CloudWatchLogsLogGroupArn": f"arn:aws:logs:{REGION}:{lab.account}:log-group:trail:*",
    }
    permit(lab)
    refused("InvalidCloudWatchLogsRoleArnException", cloudtrail.update_trail, Name=TRAIL, **wanted)
    time.sleep(1.1)
    cloudtrail.update_trail(Name=TRAIL, **wanted)


@check
def trails_of_the_organization(lab: Lab) -> None:
    cloudtrail, organizations = lab.client("cloudtrail"), lab.client("organizations")
    organizations.create_organization(FeatureSet="ALL")
    created = organizations.create_account(Email="m@example.org", AccountName="m")["CreateAccountStatus"]
    member = Lab(lab.url, created["AccountId"])
    cloudtrail.create_trail(Name=TRAIL, S3BucketName=bucket(lab), IsOrganizationTrail=True, IsMultiRegionTrail=True)
    cloudtrail.start_logging(Name=TRAIL)
    seen = member.client("cloudtrail", OTHER_REGION)
    (shown,) = seen.describe_trails()["trailList"]
    same((shown["TrailARN"], shown["IsOrganizationTrail"]), (arn(lab), True))
    same(seen.get_trail_status(Name=arn(lab))["IsLogging"], True)
    refused("CloudTrailARNInvalidException", seen.get_event_selectors, TrailName=arn(lab))
    refused("CloudTrailARNInvalidException", seen.update_trail, Name=arn(lab))
    refused("TrailNotFoundException", seen.update_trail, Name=TRAIL)
