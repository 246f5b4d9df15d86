"""Controls 2.1 to 3.14, applied in the order that AWS needs, and taken back in reverse.

Each step is a thing that is not there, is made, is there, is unmade, and is not there again.
"""

from __future__ import annotations

from .lab import REGION, Lab, check, refused
from .steps_logging import Logging
from .steps_monitoring import Monitoring

FAR = "eu-central-1"


def rehearse(lab: Lab, region: str) -> None:
    """There, back, and there again: what is left behind would be in the way the second time."""
    steps = [*Logging(lab, region).steps(), *Monitoring(lab, region).steps()]
    for _ in range(2):
        for step in steps:
            assert not step.is_there(), f"{step.name} is there already"
            step.do()
            assert step.is_there(), f"{step.name} is not there"
        for step in reversed(steps):
            assert step.is_there(), f"{step.name} is gone before its time"
            step.undo()
            assert not step.is_there(), f"{step.name} is still there"


@check
def at_home(lab: Lab) -> None:
    rehearse(lab, REGION)


@check
def elsewhere(lab: Lab) -> None:
    rehearse(lab, FAR)


@check
def in_the_wrong_order(lab: Lab) -> None:
    """What AWS refuses as long as what it builds on is missing."""
    logging = Logging(lab, FAR)
    steps = {step.name: step for step in (*logging.steps(), *Monitoring(lab, FAR).steps())}
    names = logging.names

    def refuse(code: str, step: str) -> None:
        refused(code, steps[step].do)

    refuse("NoSuchBucket", f"policy of {names.bucket}")
    refuse("S3BucketDoesNotExistException", "trail")
    steps[f"bucket {names.bucket}"].do()
    refuse("InsufficientS3BucketPolicyException", "trail")
    refuse("InvalidTargetBucketForLogging", "access logging")
    steps[f"policy of {names.bucket}"].do()
    refuse("KmsKeyNotFoundException", "trail")
    steps["alias"].do()
    steps["trail"].do()
    refuse("TrailAlreadyExistsException", "trail")
    refuse("InvalidCloudWatchLogsRoleArnException", "log group of the trail")
    steps["role"].do()
    refuse("InvalidCloudWatchLogsLogGroupArnException", "log group of the trail")
    refuse("ResourceNotFoundException", "filter harden-3.1")
    refuse("ResourceNotFoundException", "retention")
    steps["log group"].do()
    refuse("InvalidCloudWatchLogsLogGroupArnException", "log group of the trail")
    steps["policy of the role"].do()
    steps["log group of the trail"].do()
    refuse("InvalidRoleException", "recorder")
    refuse("NoAvailableConfigurationRecorderException", "delivery channel")
    refuse("NoSuchConfigurationRecorderException", "recording")
    steps["role of Config"].do()
    steps["recorder"].do()
    refuse("NoAvailableDeliveryChannelException", "recording")
    refuse("NotFound", "policy of the topic")
    refuse("NotFound", "subscription")
