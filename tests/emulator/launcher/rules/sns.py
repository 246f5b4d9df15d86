"""SNS: subscriptions that wait for their recipient, and topics that are not made twice."""

from __future__ import annotations

import json
from typing import Any

from moto.core.utils import camelcase_to_underscores

from .. import moto_server
from ..call import Answer, AwsError, Call, Proceed
from ..rulebook import rule

_NEED_CONFIRMATION = ("email", "email-json", "http", "https")
_PENDING = "PendingConfirmation"


def confirm(account: str, region: str, topic: str | None, endpoint: str | None) -> list[str]:
    """Confirms pending subscriptions, as if their recipients had followed the link. Returns their ARNs."""
    confirmed = []
    for one in moto_server.state("sns", account, region).subscriptions.values():
        if _is_pending(one) and topic in (None, one.topic.arn) and endpoint in (None, one.endpoint):
            one.attributes[_PENDING] = False
            confirmed.append(one.arn)
    return confirmed


@rule("sns", "Subscribe")
def _subscribe(call: Call, proceed: Proceed) -> Answer:
    params = call.params
    if params["Protocol"].startswith("email") and "@" not in params.get("Endpoint", ""):
        raise AwsError("InvalidParameter", "Invalid parameter: Email address")
    subscriptions = moto_server.state("sns", call.account, call.region).subscriptions
    known = set(subscriptions)
    answer = proceed()
    arn = answer.data["SubscriptionArn"]
    one = subscriptions[arn]
    if arn not in known and params["Protocol"] in _NEED_CONFIRMATION:
        one.attributes.update({_PENDING: True, "ConfirmationWasAuthenticated": False})
    if _is_pending(one) and not params.get("ReturnSubscriptionArn"):
        answer.data["SubscriptionArn"] = "pending confirmation"
    return answer


@rule("sns", "ListSubscriptions", "ListSubscriptionsByTopic")
def _list(call: Call, proceed: Proceed) -> Answer:
    answer = proceed()
    subscriptions = moto_server.state("sns", call.account, call.region).subscriptions
    for shown in answer.data.get("Subscriptions") or []:
        if _is_pending(subscriptions.get(shown["SubscriptionArn"])):
            shown["SubscriptionArn"] = _PENDING
    return answer


@rule("sns", "Unsubscribe")
def _unsubscribe(call: Call, proceed: Proceed) -> Answer:
    arn = call.params["SubscriptionArn"]
    if arn.count(":") < 6:
        reason = f"An ARN must have at least 6 elements, not {arn.count(':') + 1}"
        raise AwsError("InvalidParameter", f"Invalid parameter: SubscriptionArn Reason: {reason}")
    one = moto_server.state("sns", call.account, call.region).subscriptions.get(arn)
    if _is_pending(one):
        raise AwsError("InvalidParameter", "Invalid parameter: This operation is not allowed on a pending subscription")
    return proceed()


@rule("sns", "GetSubscriptionAttributes")
def _attributes(_: Call, proceed: Proceed) -> Answer:
    answer = proceed()
    attributes = answer.data["Attributes"]
    # moto prints Python's booleans.
    attributes.update({name: value.lower() for name, value in attributes.items() if value in ("True", "False")})
    return answer


@rule("sns", "GetTopicAttributes")
def _topic_attributes(call: Call, proceed: Proceed) -> Answer:
    answer = proceed()
    subscriptions = moto_server.state("sns", call.account, call.region).subscriptions.values()
    pending = [_is_pending(one) for one in subscriptions if one.topic.arn == call.params["TopicArn"]]
    answer.data["Attributes"].update(
        SubscriptionsPending=str(sum(pending)), SubscriptionsConfirmed=str(len(pending) - sum(pending))
    )
    return answer


@rule("sns", "CreateTopic")
def _create_topic(call: Call, proceed: Proceed) -> Answer:
    topics = moto_server.state("sns", call.account, call.region).topics.values()
    existing = next((topic for topic in topics if topic.name == call.params["Name"]), None)
    if existing is not None:
        attributes = call.params.get("Attributes") or {}
        if any(
            not _same(getattr(existing, camelcase_to_underscores(name), None), value)
            for name, value in attributes.items()
        ):
            raise _exists_with("Attributes", "attributes")
        tags = {tag["Key"]: tag["Value"] for tag in call.params.get("Tags") or []}
        if tags and tags != existing._tags:
            raise _exists_with("Tags", "tags")
    return proceed()


def _is_pending(one: Any | None) -> bool:
    return one is not None and bool(one.attributes.get(_PENDING))


def _same(left: Any, right: Any) -> bool:
    try:
        return json.loads(left) == json.loads(right)
    except (TypeError, ValueError):
        return str(left) == str(right)


def _exists_with(parameter: str, what: str) -> AwsError:
    message = f"Invalid parameter: {parameter} Reason: Topic already exists with different {what}"
    return AwsError("InvalidParameter", message)
