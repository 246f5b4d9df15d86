"""Config: the order of its steps, and what it checks on the other side."""

from __future__ import annotations

from .lab import Lab, check, refused, same
from .trails import document


@check
def config_recorder_and_channel(lab: Lab) -> None:
    config, s3, name = lab.client("config"), lab.client("s3"), f"config-{lab.account}"
    linked = f"arn:aws:iam::{lab.account}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
    group = {"allSupported": True, "includeGlobalResourceTypes": True}
    recorder = {"name": "default", "roleARN": linked, "recordingGroup": group}
    refused("InvalidRoleException", config.put_configuration_recorder, ConfigurationRecorder=recorder)
    lab.client("iam").create_service_linked_role(AWSServiceName="config.amazonaws.com")
    refused(
        "InvalidRoleException", config.put_configuration_recorder, ConfigurationRecorder={**recorder, "roleARN": ""}
    )
    channel = {"name": "default", "s3BucketName": name}
    refused("NoAvailableConfigurationRecorderException", config.put_delivery_channel, DeliveryChannel=channel)
    config.put_configuration_recorder(ConfigurationRecorder=recorder)
    refused(
        "NoAvailableDeliveryChannelException", config.start_configuration_recorder, ConfigurationRecorderName="default"
    )
    refused("NoSuchBucketException", config.put_delivery_channel, DeliveryChannel=channel)
    s3.create_bucket(Bucket=name)
    refused("InsufficientDeliveryPolicyException", config.put_delivery_channel, DeliveryChannel=channel)
    account = {"AWS:SourceAccount": lab.account}
    base = {"Effect": "Allow", "Principal": {"Service": "config.amazonaws.com"}}
    statements = [
        {
            **base,
            "Action": ["s3:GetBucketAcl", "s3:ListBucket"],
            "Resource": f"arn:aws:s3:::{name}",
            "Condition": {"StringEquals": account},
        },
        {
            **base,
            "Action": "s3:PutObject",
            "Resource": f"arn:aws:s3:::{name}/AWSLogs/{lab.account}/Config/*",
            "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control", **account}},
        },
    ]
    s3.put_bucket_policy(Bucket=name, Policy=document(*statements))
    refused(
        "InsufficientDeliveryPolicyException",
        config.put_delivery_channel,
        DeliveryChannel={**channel, "s3KeyPrefix": "p"},
    )
    config.put_delivery_channel(DeliveryChannel=channel)
    config.start_configuration_recorder(ConfigurationRecorderName="default")
    (status,) = config.describe_configuration_recorder_status()["ConfigurationRecordersStatus"]
    same((status["recording"], status["lastStatus"]), (True, "SUCCESS"))
    (sent,) = config.describe_delivery_channel_status()["DeliveryChannelsStatus"]
    same(sent["configHistoryDeliveryInfo"]["lastStatus"], "SUCCESS")
    config.stop_configuration_recorder(ConfigurationRecorderName="default")
    config.delete_delivery_channel(DeliveryChannelName="default")
    config.delete_configuration_recorder(ConfigurationRecorderName="default")
