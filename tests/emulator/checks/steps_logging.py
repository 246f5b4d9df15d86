"""The steps of controls 2.1 to 2.7."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from .documents import document
from .lab import REGION, same
from .steps import GROUP, TAGS, Stage, Step

_ROLE = "harden-cloudtrail"
_ALIAS = "alias/harden-trail"
_LINKED_ROLE = "AWSServiceRoleForConfig"
_RECORDER = {"ConfigurationRecorderName": "default"}


class Logging(Stage):
    """Buckets, key, log group, trail and recorder."""

    def steps(self) -> list[Step]:
        """All of them, in the order that AWS needs."""
        return [*self.buckets(), *self.key(), *self.logs(), *self.trail(), *self.recorder()]

    def buckets(self) -> list[Step]:
        names, s3 = self.names, self.client("s3")
        ours = {"Bucket": names.bucket, "ExpectedBucketOwner": names.account}
        logging = {"LoggingEnabled": {"TargetBucket": names.access, "TargetPrefix": "trail/"}}
        return [
            self.bucket(names.access),
            self.bucket_policy(names.access, names.lets_access_logs_in()),
            self.bucket(names.bucket),
            Step(
                "tags of the bucket",
                lambda: s3.put_bucket_tagging(**ours, Tagging={"TagSet": TAGS}),
                lambda: s3.delete_bucket_tagging(**ours),
                lambda: s3.get_bucket_tagging(**ours)["TagSet"],
            ),
            self.bucket_policy(names.bucket, [*names.lets_trail_in(), *names.lets_config_in()]),
            Step(
                "access logging",
                lambda: s3.put_bucket_logging(**ours, BucketLoggingStatus=logging),
                lambda: s3.put_bucket_logging(**ours, BucketLoggingStatus={}),
                lambda: s3.get_bucket_logging(**ours).get("LoggingEnabled"),
            ),
        ]

    def bucket(self, name: str) -> Step:
        s3, ours = self.client("s3"), {"Bucket": name, "ExpectedBucketOwner": self.names.account}
        place = {"CreateBucketConfiguration": {"LocationConstraint": self.region}} if self.region != REGION else {}
        return Step(
            f"bucket {name}",
            lambda: s3.create_bucket(Bucket=name, **place),
            lambda: s3.delete_bucket(**ours),
            lambda: s3.head_bucket(**ours),
        )

    def bucket_policy(self, name: str, statements: list[Any]) -> Step:
        s3, ours = self.client("s3"), {"Bucket": name, "ExpectedBucketOwner": self.names.account}
        return Step(
            f"policy of {name}",
            lambda: s3.put_bucket_policy(**ours, Policy=document(*statements)),
            lambda: s3.delete_bucket_policy(**ours),
            lambda: s3.get_bucket_policy(**ours),
        )

    def key(self) -> list[Step]:
        kms = self.client("kms")
        return [
            Step(
                "alias",
                lambda: kms.create_alias(AliasName=_ALIAS, TargetKeyId=self.key_id),
                lambda: kms.delete_alias(AliasName=_ALIAS),
                lambda: kms.describe_key(KeyId=_ALIAS),
            ),
            Step(
                "rotation",
                lambda: kms.enable_key_rotation(KeyId=self.key_id),
                lambda: kms.disable_key_rotation(KeyId=self.key_id),
                lambda: kms.get_key_rotation_status(KeyId=self.key_id)["KeyRotationEnabled"],
            ),
        ]

    @cached_property
    def key_id(self) -> str:
        """Made once, and there to stay."""
        policy = document(*self.names.lets_trail_encrypt())
        tags = [{"TagKey": one["Key"], "TagValue": one["Value"]} for one in TAGS]
        made = self.client("kms").create_key(Policy=policy, Description="trail", Tags=tags)
        identifier: str = made["KeyMetadata"]["KeyId"]
        return identifier

    def logs(self) -> list[Step]:
        names, logs, iam = self.names, self.client("logs"), self.client("iam")
        trust, may = document(*names.trust()), document(*names.may_log())
        inline = {"RoleName": _ROLE, "PolicyName": "logs"}

        def group() -> Any:
            return next(iter(logs.describe_log_groups(logGroupNamePrefix=GROUP)["logGroups"]), {})

        return [
            Step(
                "log group",
                lambda: logs.create_log_group(logGroupName=GROUP, tags={"harden:baseline": "level-2"}),
                lambda: logs.delete_log_group(logGroupName=GROUP),
                group,
            ),
            Step(
                "retention",
                lambda: logs.put_retention_policy(logGroupName=GROUP, retentionInDays=365),
                lambda: logs.delete_retention_policy(logGroupName=GROUP),
                lambda: group().get("retentionInDays"),
            ),
            Step(
                "role",
                lambda: iam.create_role(RoleName=_ROLE, AssumeRolePolicyDocument=trust, Tags=TAGS),
                lambda: iam.delete_role(RoleName=_ROLE),
                lambda: iam.get_role(RoleName=_ROLE),
            ),
            Step(
                "policy of the role",
                lambda: iam.put_role_policy(**inline, PolicyDocument=may),
                lambda: iam.delete_role_policy(**inline),
                lambda: iam.get_role_policy(**inline),
            ),
        ]

    def trail(self) -> list[Step]:
        names, cloudtrail, name = self.names, self.client("cloudtrail"), {"Name": self.names.trail}
        everywhere = {"IsMultiRegionTrail": True, "IncludeGlobalServiceEvents": True}
        group = {"CloudWatchLogsLogGroupArn": f"{names.group}:*", "CloudWatchLogsRoleArn": names.role}

        def shown() -> Any:
            return cloudtrail.get_trail(**name)["Trail"]

        return [
            Step(
                "trail",
                lambda: cloudtrail.create_trail(
                    Name="harden", S3BucketName=names.bucket, **everywhere, KmsKeyId=_ALIAS, TagsList=TAGS
                ),
                lambda: cloudtrail.delete_trail(**name),
                shown,
            ),
            Step(
                "log validation",
                lambda: cloudtrail.update_trail(**name, EnableLogFileValidation=True),
                lambda: cloudtrail.update_trail(**name, EnableLogFileValidation=False),
                lambda: shown()["LogFileValidationEnabled"],
            ),
            Step(
                "log group of the trail",
                lambda: cloudtrail.update_trail(**name, **group),
                lambda: cloudtrail.update_trail(**name, **dict.fromkeys(group, "")),
                lambda: shown().get("CloudWatchLogsLogGroupArn"),
            ),
            Step(
                "logging",
                lambda: cloudtrail.start_logging(**name),
                lambda: cloudtrail.stop_logging(**name),
                lambda: cloudtrail.get_trail_status(**name)["IsLogging"],
            ),
        ]

    def recorder(self) -> list[Step]:
        names, config, iam = self.names, self.client("config"), self.client("iam")
        group = {"allSupported": True, "includeGlobalResourceTypes": True}
        recorder = {"name": "default", "roleARN": names.recorder_role, "recordingGroup": group}
        channel = {"name": "default", "s3BucketName": names.bucket}
        return [
            Step(
                "role of Config",
                lambda: iam.create_service_linked_role(AWSServiceName="config.amazonaws.com"),
                self.delete_linked_role,
                lambda: iam.get_role(RoleName=_LINKED_ROLE),
            ),
            Step(
                "recorder",
                lambda: config.put_configuration_recorder(ConfigurationRecorder=recorder),
                lambda: config.delete_configuration_recorder(**_RECORDER),
                lambda: config.describe_configuration_recorders()["ConfigurationRecorders"],
            ),
            Step(
                "delivery channel",
                lambda: config.put_delivery_channel(DeliveryChannel=channel),
                lambda: config.delete_delivery_channel(DeliveryChannelName="default"),
                lambda: config.describe_delivery_channels()["DeliveryChannels"],
            ),
            Step(
                "recording",
                lambda: config.start_configuration_recorder(**_RECORDER),
                lambda: config.stop_configuration_recorder(**_RECORDER),
                lambda: config.describe_configuration_recorder_status()["ConfigurationRecordersStatus"][0]["recording"],
            ),
        ]

    def delete_linked_role(self) -> None:
        iam = self.client("iam")
        task = iam.delete_service_linked_role(RoleName=_LINKED_ROLE)["DeletionTaskId"]
        while (answer := iam.get_service_linked_role_deletion_status(DeletionTaskId=task))["Status"] == "IN_PROGRESS":
            pass
        same(answer["Status"], "SUCCEEDED")
