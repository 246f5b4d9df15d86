"""The policy documents that harden writes, for one account and region."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any


def document(*statements: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(service: str, action: Any, resource: Any, **conditions: Any) -> dict[str, Any]:
    """A statement that lets a service do something."""
    may = {"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}, "Action": action}
    return {**may, "Resource": resource, **({"Condition": conditions} if conditions else {})}


@dataclass(frozen=True)
class Names:
    """What harden would call things."""

    account: str
    region: str

    @property
    def bucket(self) -> str:
        return f"harden-trail-{self.account}-{self.region}"

    @property
    def access(self) -> str:
        return f"harden-access-{self.account}-{self.region}"

    @property
    def trail(self) -> str:
        return f"arn:aws:cloudtrail:{self.region}:{self.account}:trail/harden"

    @property
    def group(self) -> str:
        return f"arn:aws:logs:{self.region}:{self.account}:log-group:harden/cloudtrail"

    @property
    def role(self) -> str:
        return f"arn:aws:iam::{self.account}:role/harden-cloudtrail"

    @property
    def topic(self) -> str:
        return f"arn:aws:sns:{self.region}:{self.account}:harden-alarms"

    @property
    def recorder_role(self) -> str:
        return f"arn:aws:iam::{self.account}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"

    def lets_trail_in(self) -> list[Any]:
        """D1."""
        arn, source = f"arn:aws:s3:::{self.bucket}", {"aws:SourceArn": self.trail}
        write = {"s3:x-amz-acl": "bucket-owner-full-control", **source}
        return [
            allow("cloudtrail", "s3:GetBucketAcl", arn, StringEquals=source),
            allow("cloudtrail", "s3:PutObject", f"{arn}/AWSLogs/{self.account}/*", StringEquals=write),
        ]

    def lets_config_in(self) -> list[Any]:
        """D2."""
        arn, source = f"arn:aws:s3:::{self.bucket}", {"AWS:SourceAccount": self.account}
        write = {"s3:x-amz-acl": "bucket-owner-full-control", **source}
        return [
            allow("config", "s3:GetBucketAcl", arn, StringEquals=source),
            allow("config", "s3:ListBucket", arn, StringEquals=source),
            allow("config", "s3:PutObject", f"{arn}/AWSLogs/{self.account}/Config/*", StringEquals=write),
        ]

    def lets_access_logs_in(self) -> list[Any]:
        """D3."""
        logged, ours = {"aws:SourceArn": f"arn:aws:s3:::{self.bucket}"}, {"aws:SourceAccount": self.account}
        objects = f"arn:aws:s3:::{self.access}/trail/*"
        return [allow("logging.s3", "s3:PutObject", objects, ArnLike=logged, StringEquals=ours)]

    def trust(self) -> list[Any]:
        """D4: who may assume the role."""
        statement = allow("cloudtrail", "sts:AssumeRole", None)
        del statement["Resource"]
        return [statement]

    def may_log(self) -> list[Any]:
        """D4: what the role may do."""
        stream = f"{self.group}:log-stream:{self.account}_CloudTrail_{self.region}*"
        actions = ["logs:CreateLogStream", "logs:PutLogEvents"]
        return [{"Effect": "Allow", "Action": actions, "Resource": [stream]}]

    def lets_trail_encrypt(self) -> list[Any]:
        """D5, with the statement that keeps the key manageable."""
        root = {"AWS": f"arn:aws:iam::{self.account}:root"}
        source = {"aws:SourceArn": self.trail}
        context = {"kms:EncryptionContext:aws:cloudtrail:arn": f"arn:aws:cloudtrail:*:{self.account}:trail/*"}
        return [
            {"Effect": "Allow", "Principal": root, "Action": "kms:*", "Resource": "*"},
            allow("cloudtrail", "kms:GenerateDataKey*", "*", StringEquals=source, StringLike=context),
            allow("cloudtrail", "kms:DescribeKey", "*", StringEquals=source),
        ]

    def lets_alarms_publish(self) -> list[Any]:
        """D6a."""
        alarms = {"aws:SourceArn": f"arn:aws:cloudwatch:{self.region}:{self.account}:alarm:*"}
        ours = {"aws:SourceAccount": self.account}
        return [allow("cloudwatch", "sns:Publish", self.topic, StringEquals=ours, ArnLike=alarms)]
