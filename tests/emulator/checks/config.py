"""Config: the order of its steps, and what it checks on the other side."""

from __future__ import annotations

import time
from typing import Any

from .lab import REGION, Lab, check, refused, same
from .trails import document


def everything(lab: Lab) -> dict[str, Any]:
    """A recorder that records everything, with the service-linked role."""
    linked = f"arn:aws:iam::{lab.account}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
    group = {"allSupported": True, "includeGlobalResourceTypes": True}
    return {"name": "default", "roleARN": linked, "recordingGroup": group}


def delivery(lab: Lab, name: str) -> list[Any]:
    """Document D2: what Config needs of a bucket."""
    account = {"AWS:SourceAccount": lab.account}
    base = {"Effect": "Allow", "Principal": {"Service": "config.amazonaws.com"}}
    return [
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


def recording(lab: Lab, region: str = REGION) -> str:
    """A recorder at work; the name of its bucket."""
    config, s3, name = lab.client("config", region), lab.client("s3"), f"config-{lab.account}"
    lab.client("iam").create_service_linked_role(AWSServiceName="config.amazonaws.com")
    s3.create_bucket(Bucket=name)
    s3.put_bucket_policy(Bucket=name, Policy=document(*delivery(lab, name)))
    config.put_configuration_recorder(ConfigurationRecorder=everything(lab))
    config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": name})
    config.start_configuration_recorder(ConfigurationRecorderName="default")
    return name


def status(lab: Lab) -> Any:
    return lab.client("config").describe_configuration_recorder_status()["ConfigurationRecordersStatus"][0]


@check
def config_recorder_and_channel(lab: Lab) -> None:
    config, s3, name = lab.client("config"), lab.client("s3"), f"config-{lab.account}"
    recorder = everything(lab)
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
    s3.put_bucket_policy(Bucket=name, Policy=document(*delivery(lab, name)))
    refused(
        "InsufficientDeliveryPolicyException",
        config.put_delivery_channel,
        DeliveryChannel={**channel, "s3KeyPrefix": "p"},
    )
    config.put_delivery_channel(DeliveryChannel=channel)
    config.start_configuration_recorder(ConfigurationRecorderName="default")
    (shown,) = config.describe_configuration_recorder_status()["ConfigurationRecordersStatus"]
    same((shown["recording"], shown["lastStatus"]), (True, "SUCCESS"))
    (sent,) = config.describe_delivery_channel_status()["DeliveryChannelsStatus"]
    same(sent["configHistoryDeliveryInfo"]["lastStatus"], "SUCCESS")
    refused("LastDeliveryChannelDeleteFailedException", config.delete_delivery_channel, DeliveryChannelName="default")
    config.stop_configuration_recorder(ConfigurationRecorderName="default")
    config.delete_delivery_channel(DeliveryChannelName="default")
    config.delete_configuration_recorder(ConfigurationRecorderName="default")
    same(config.describe_configuration_recorders()["ConfigurationRecorders"], [])
    same(config.describe_delivery_channels()["DeliveryChannels"], [])


@check
def recorders_are_replaced_as_a_whole(lab: Lab) -> None:
    config, recorder = lab.client("config"), everything(lab)
    recording(lab)

    def shown() -> Any:
        return config.describe_configuration_recorders()["ConfigurationRecorders"][0]

    same(shown()["recordingMode"], {"recordingFrequency": "CONTINUOUS"})
    daily = {"recordingFrequency": "DAILY"}
    config.put_configuration_recorder(ConfigurationRecorder={**recorder, "recordingMode": daily})
    same((shown()["recordingMode"], status(lab)["recording"]), (daily, True))
    config.put_configuration_recorder(ConfigurationRecorder=recorder)
    same(shown()["recordingMode"], {"recordingFrequency": "CONTINUOUS"})
    both = {"allSupported": True, "resourceTypes": ["AWS::EC2::Instance"]}
    refused(
        "InvalidRecordingGroupException",
        config.put_configuration_recorder,
        ConfigurationRecorder={**recorder, "recordingGroup": both},
    )
    second = {**recorder, "name": "second"}
    refused(
        "MaxNumberOfConfigurationRecordersExceededException",
        config.put_configuration_recorder,
        ConfigurationRecorder=second,
    )
    channel = {"name": "second", "s3BucketName": f"config-{lab.account}"}
    refused("MaxNumberOfDeliveryChannelsExceededException", config.put_delivery_channel, DeliveryChannel=channel)


@check
def recorders_deliver_after_a_while(lab: Lab) -> None:
    config = lab.client("config")
    lab.configure(delivery_seconds=2)
    recording(lab)
    same(status(lab)["lastStatus"], "PENDING")
    (sent,) = config.describe_delivery_channel_status()["DeliveryChannelsStatus"]
    same(sent["configHistoryDeliveryInfo"]["lastStatus"], "NOT_APPLICABLE")
    time.sleep(2.1)
    same(status(lab)["lastStatus"], "SUCCESS")
    # Starting what is started changes nothing.
    config.start_configuration_recorder(ConfigurationRecorderName="default")
    same(status(lab)["lastStatus"], "SUCCESS")


@check
def recorders_fail_when_the_bucket_is_gone(lab: Lab) -> None:
    config, s3 = lab.client("config"), lab.client("s3")
    name = recording(lab)
    same(status(lab)["lastStatus"], "SUCCESS")
    s3.delete_bucket_policy(Bucket=name)
    same((status(lab)["lastStatus"], status(lab)["lastErrorCode"]), ("FAILURE", "AccessDenied"))
    s3.delete_bucket(Bucket=name)
    same((status(lab)["recording"], status(lab)["lastErrorCode"]), (True, "NoSuchBucket"))
    (sent,) = config.describe_delivery_channel_status()["DeliveryChannelsStatus"]
    same(sent["configHistoryDeliveryInfo"]["lastStatus"], "FAILURE")


@check
def bucket_policies_need_a_moment(lab: Lab) -> None:
    lab.configure(propagation={"bucket_policy": 1})
    refused("InsufficientDeliveryPolicyException", recording, lab=lab)
    time.sleep(1.1)
    channel = {"name": "default", "s3BucketName": f"config-{lab.account}"}
    lab.client("config").put_delivery_channel(DeliveryChannel=channel)
