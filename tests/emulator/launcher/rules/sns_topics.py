"""SNS topics: whose they are and where, what their attributes may be, and how they look."""

from __future__ import annotations

import json
from typing import Any

from moto.core.utils import camelcase_to_underscores, get_service_model
from moto.sns.models import Topic
from moto.sns.utils import make_arn_for_topic

from .. import moto_server, policy, principals
from ..call import Answer, AwsError, Call, Proceed
from ..identity import caller_arn
from ..rulebook import rule

_ATTRIBUTES = {
    "ArchivePolicy", "ContentBasedDeduplication", "DataProtectionPolicy", "DeliveryPolicy", "DisplayName",
    "FifoThroughputScope", "FifoTopic", "KmsMasterKeyId", "Policy", "SignatureVersion", "TracingConfig",
}  # fmt: skip
_FEEDBACK = ("FeedbackRoleArn", "FeedbackSampleRate")


def _topic_operations() -> list[str]:
    model = get_service_model("sns")
    shapes = ((name, model.operation_model(name).input_shape) for name in model.operation_names)
    return [name for name, shape in shapes if shape is not None and "TopicArn" in shape.members]


@rule("sns", *_topic_operations())
def _check_topic(call: Call, proceed: Proceed) -> Answer:
    arn = call.params.get("TopicArn")
    if arn is not None:
        _check_arn(call, arn)
    return proceed()


def _check_arn(call: Call, arn: str) -> None:
    parts = arn.split(":")
    if len(parts) < 6:
        reason = f"An ARN must have at least 6 elements, not {len(parts)}"
        raise _invalid(f"TopicArn Reason: {reason}")
    if parts[3] != call.region:
        raise _invalid("TopicArn")
    owner = parts[4]
    if owner == call.account:
        return
    topic = moto_server.state("sns", owner, call.region).topics.get(arn)
    statements = policy.of_account(policy.parse(topic.policy), call.account) if topic is not None else []
    context = {"aws:SourceOwner": call.account, "aws:PrincipalAccount": call.account}
    if not policy.allows(statements, f"SNS:{call.operation}", arn, context):
        who = f"User: {caller_arn(call)} is not authorized to perform: SNS:{call.operation} on resource: {arn}"
        why = f"because no resource-based policy allows the SNS:{call.operation} action"
        raise AwsError("AuthorizationError", f"{who} {why}", 403)


@rule("sns", "CreateTopic")
def _create(call: Call, proceed: Proceed) -> Answer:
    params = call.params
    wanted = params.get("Attributes") or {}
    arn = make_arn_for_topic(call.account, params["Name"], call.region)
    for name, value in wanted.items():
        _check_attribute(call, arn, name, value)
    existing = moto_server.state("sns", call.account, call.region).topics.get(arn)
    if existing is not None:
        if not _has_attributes(existing, wanted):
            raise _invalid("Attributes Reason: Topic already exists with different attributes")
        tags = {tag["Key"]: tag["Value"] for tag in params.get("Tags") or []}
        if tags and tags != existing._tags:
            raise _invalid("Tags Reason: Topic already exists with different tags")
    return proceed()


@rule("sns", "SetTopicAttributes")
def _set(call: Call, proceed: Proceed) -> Answer:
    params = call.params
    topics = moto_server.state("sns", call.account, call.region).topics
    if params["TopicArn"] in topics:
        _check_attribute(call, params["TopicArn"], params["AttributeName"], params.get("AttributeValue") or "")
    return proceed()


@rule("sns", "GetTopicAttributes")
def _get(_: Call, proceed: Proceed) -> Answer:
    answer = proceed()
    attributes = answer.data["Attributes"]
    if not attributes.get("DeliveryPolicy"):
        attributes.pop("DeliveryPolicy", None)
    return answer


def _check_attribute(call: Call, topic: str, name: str, value: str) -> None:
    if name not in _ATTRIBUTES and not name.endswith(_FEEDBACK):
        raise _invalid("AttributeName")
    if name == "Policy":
        _check_policy(call, topic, value)


def _check_policy(call: Call, topic: str, text: str) -> None:
    try:
        statements = policy.parse(text)
    except ValueError:
        statements = []
    if not statements:
        raise _invalid("Policy Error: null")
    for one in statements:
        actions = [str(action).lower() for action in policy.as_list(one.get("Action"))]
        if not actions or not all(action == "*" or action.startswith("sns:") for action in actions):
            raise _invalid("Policy statement action out of service scope!")
        resources = policy.as_list(one.get("Resource"))
        if not resources or not all(policy.like(str(pattern), topic) for pattern in resources):
            raise _invalid("Policy Error: the resource is not this topic")
        if "Principal" not in one and "NotPrincipal" not in one:
            raise _invalid("Policy Error: null")
    if not principals.all_exist(statements, call.region):
        raise _invalid("Policy Error: PrincipalNotFound")


def _has_attributes(topic: Any, wanted: dict[str, str]) -> bool:
    return all(_same(getattr(topic, camelcase_to_underscores(name), None), value) for name, value in wanted.items())


def _same(left: Any, right: Any) -> bool:
    try:
        return json.loads(left) == json.loads(right)
    except (TypeError, ValueError):
        return str(left) == str(right)


def _invalid(what: str) -> AwsError:
    return AwsError("InvalidParameter", f"Invalid parameter: {what}")


def _word_default_policies() -> None:
    """Puts the members of the default statement in the order that AWS writes them in."""
    create = Topic._create_default_topic_policy

    def create_as_aws(topic: Topic, *place: str) -> dict[str, Any]:
        document = create(topic, *place)
        (statement,) = document["Statement"]
        document["Statement"] = [{"Sid": statement.pop("Sid"), **statement}]
        return document

    Topic._create_default_topic_policy = create_as_aws  # type: ignore[method-assign,assignment]


_word_default_policies()
