"""IAM roles: those of the account's own, and those that belong to a service."""

from __future__ import annotations

import time
from typing import Any

from .config import recording
from .lab import OTHER_REGION, Lab, check, refused, same, status
from .trails import document, permit, role

LINKED = "AWSServiceRoleForConfig"


def deletion(lab: Lab) -> Any:
    """Deletes the role of Config and waits for how that ends."""
    iam = lab.client("iam")
    task = iam.delete_service_linked_role(RoleName=LINKED)["DeletionTaskId"]
    same(iam.get_service_linked_role_deletion_status(DeletionTaskId=task)["Status"], "IN_PROGRESS")
    return iam.get_service_linked_role_deletion_status(DeletionTaskId=task)


@check
def of_our_own(lab: Lab) -> None:
    iam, tags = lab.client("iam"), [{"Key": "harden:version", "Value": "1"}]
    same(status(refused("NoSuchEntity", iam.get_role, RoleName="logs")), 404)
    trust = {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "sts:AssumeRole"}
    iam.create_role(RoleName="logs", AssumeRolePolicyDocument=document(trust), Tags=tags)
    same(iam.get_role(RoleName="logs")["Role"]["Tags"], tags)
    same(status(refused("EntityAlreadyExists", role, lab=lab)), 409)
    refused("NoSuchEntity", iam.get_role_policy, RoleName="logs", PolicyName="p")
    permit(lab)
    same(iam.list_role_policies(RoleName="logs")["PolicyNames"], ["p"])
    same(status(refused("DeleteConflict", iam.delete_role, RoleName="logs")), 409)
    iam.delete_role_policy(RoleName="logs", PolicyName="p")
    refused("NoSuchEntity", iam.delete_role_policy, RoleName="logs", PolicyName="p")
    managed = "arn:aws:iam::aws:policy/CloudWatchLogsFullAccess"
    iam.attach_role_policy(RoleName="logs", PolicyArn=managed)
    refused("DeleteConflict", iam.delete_role, RoleName="logs")
    iam.detach_role_policy(RoleName="logs", PolicyArn=managed)
    iam.delete_role(RoleName="logs")
    refused("NoSuchEntity", iam.get_role, RoleName="logs")
    refused("NoSuchEntity", iam.delete_role, RoleName="logs")


@check
def of_services_are_theirs(lab: Lab) -> None:
    iam = lab.client("iam")
    refused("NoSuchEntity", iam.get_role, RoleName=LINKED)
    made = iam.create_service_linked_role(AWSServiceName="config.amazonaws.com")["Role"]
    same((made["RoleName"], made["Path"]), (LINKED, "/aws-service-role/config.amazonaws.com/"))
    same(iam.get_role(RoleName=LINKED)["Role"]["Arn"], made["Arn"])
    same(status(refused("InvalidInput", iam.create_service_linked_role, AWSServiceName="config.amazonaws.com")), 400)
    refused("UnmodifiableEntity", iam.delete_role, RoleName=LINKED)
    refused("UnmodifiableEntity", permit, lab=lab, name=LINKED)


@check
def of_services_are_deleted_in_the_end(lab: Lab) -> None:
    iam = lab.client("iam")
    refused("NoSuchEntity", iam.delete_service_linked_role, RoleName=LINKED)
    refused("NoSuchEntity", iam.get_service_linked_role_deletion_status, DeletionTaskId="task/none")
    iam.create_service_linked_role(AWSServiceName="config.amazonaws.com")
    task = iam.delete_service_linked_role(RoleName=LINKED)["DeletionTaskId"]
    assert task.startswith(f"task/aws-service-role/config.amazonaws.com/{LINKED}/"), task
    same(iam.delete_service_linked_role(RoleName=LINKED)["DeletionTaskId"], task)
    same(iam.get_service_linked_role_deletion_status(DeletionTaskId=task)["Status"], "IN_PROGRESS")
    iam.get_role(RoleName=LINKED)
    for _ in range(2):
        same(iam.get_service_linked_role_deletion_status(DeletionTaskId=task)["Status"], "SUCCEEDED")
    refused("NoSuchEntity", iam.get_role, RoleName=LINKED)
    refused("NoSuchEntity", iam.delete_service_linked_role, RoleName=LINKED)
    role(lab, name="plain")
    refused("NoSuchEntity", iam.delete_service_linked_role, RoleName="plain")
    iam.create_service_linked_role(AWSServiceName="config.amazonaws.com")
    iam.get_role(RoleName=LINKED)


@check
def of_services_in_use_stay(lab: Lab) -> None:
    recording(lab, OTHER_REGION)
    ended = deletion(lab)
    same(ended["Status"], "FAILED")
    (used,) = ended["Reason"]["RoleUsageList"]
    same((used["Region"], len(used["Resources"])), (OTHER_REGION, 1))
    lab.client("iam").get_role(RoleName=LINKED)
    config = lab.client("config", OTHER_REGION)
    config.delete_configuration_recorder(ConfigurationRecorderName="default")
    same(deletion(lab)["Status"], "SUCCEEDED")


@check
def are_not_known_at_once(lab: Lab) -> None:
    lab.configure(propagation={"role": 1})
    made = role(lab, "config.amazonaws.com", "recorder")
    recorder = {"name": "default", "roleARN": made, "recordingGroup": {"allSupported": True}}
    put = lab.client("config").put_configuration_recorder
    refused("InvalidRoleException", put, ConfigurationRecorder=recorder)
    time.sleep(1.1)
    put(ConfigurationRecorder=recorder)
