"""Policies that everybody in an account acts by: what is needed for a call, and on what."""

from __future__ import annotations

from typing import Any

from .lab import Lab, check, refused, same


def act_by(lab: Lab, *statements: dict[str, Any]) -> None:
    """From now on these statements are all that anybody may do."""
    policies = [{"Version": "2012-10-17", "Statement": list(statements)}]
    lab.control("POST", "account", {"account": lab.account, "policies": policies})


def allow(*actions: str, on: str = "*", **condition: Any) -> dict[str, Any]:
    """A statement."""
    return {"Effect": "Allow", "Action": list(actions), "Resource": on, **condition}


@check
def only_what_is_allowed(lab: Lab) -> None:
    act_by(lab, allow("kms:ListKeys"))
    lab.client("kms").list_keys()
    message = refused("AccessDeniedException", lab.client("kms").list_aliases).response["Error"]["Message"]
    assert "not authorized to perform: kms:ListAliases on resource: *" in message, message
    # Nobody needs a permission to ask who they are.
    lab.client("sts").get_caller_identity()
    lab.control("POST", "account", {"account": lab.account, "policies": None})
    lab.client("kms").list_aliases()


@check
def on_the_resource_that_it_is_about(lab: Lab) -> None:
    iam, path = lab.client("iam"), "/staff/"
    iam.create_user(UserName="al", Path=path)
    act_by(lab, allow("iam:GetUser", on=f"arn:aws:iam::{lab.account}:user/al"))
    refused("AccessDenied", iam.get_user, UserName="al")
    act_by(lab, allow("iam:GetUser", on=f"arn:aws:iam::{lab.account}:user/*/al"))
    iam.get_user(UserName="al")


@check
def what_has_no_resource_needs_all_of_them(lab: Lab) -> None:
    sns = lab.client("sns")
    topic = sns.create_topic(Name="t")["TopicArn"]
    subscription = sns.subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:us-east-1:{lab.account}:q", ReturnSubscriptionArn=True
    )["SubscriptionArn"]
    act_by(lab, allow("sns:Unsubscribe", on=topic))
    refused("AuthorizationError", sns.unsubscribe, SubscriptionArn=subscription)
    act_by(lab, allow("sns:Unsubscribe"))
    sns.unsubscribe(SubscriptionArn=subscription)


@check
def tags_and_roles_beside_the_call(lab: Lab) -> None:
    logs = lab.client("logs")
    act_by(lab, allow("logs:CreateLogGroup"))
    logs.create_log_group(logGroupName="plain")
    refused("AccessDeniedException", logs.create_log_group, logGroupName="tagged", tags={"a": "b"})
    act_by(lab, allow("logs:CreateLogGroup", "logs:TagResource"))
    logs.create_log_group(logGroupName="tagged", tags={"a": "b"})
    config = lab.client("config")
    role = f"arn:aws:iam::{lab.account}:role/config"
    recorder = {"name": "default", "roleARN": role, "recordingGroup": {"allSupported": True}}
    elsewhere = {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}
    put = allow("config:PutConfigurationRecorder")
    act_by(lab, put, allow("iam:PassRole", Condition=elsewhere))
    refused("AccessDeniedException", config.put_configuration_recorder, ConfigurationRecorder=recorder)
    there = {"StringEquals": {"iam:PassedToService": "config.amazonaws.com"}}
    act_by(lab, put, allow("iam:PassRole", on=role, Condition=there))
    # Allowed: it is the role that is not there.
    refused("InvalidRoleException", config.put_configuration_recorder, ConfigurationRecorder=recorder)


@check
def what_was_needed_is_told(lab: Lab) -> None:
    act_by(lab, allow("kms:*"))
    lab.client("kms").list_keys()
    refused("AccessDenied", lab.client("iam").list_users)
    same(lab.control("GET", f"used-actions?account={lab.account}"), ["kms:ListKeys"])
