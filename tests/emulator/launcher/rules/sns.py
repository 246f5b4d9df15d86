"""SNS subscriptions, which wait for their recipient."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .. import moto_server
from ..call import Answer, AwsError, Call, Params, Proceed
from ..rulebook import rule

_NEED_CONFIRMATION = ("email", "email-json", "http", "https")
_IN_ACCOUNT = ("sqs", "lambda")
_PROTOCOLS = (*_NEED_CONFIRMATION, *_IN_ACCOUNT, "application", "firehose", "sms")
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
    _check_endpoint(params)
    subscriptions = moto_server.state("sns", call.account, call.region).subscriptions
    _check_attributes(subscriptions.values(), params)
    known = set(subscriptions)
    answer = proceed()
    arn = answer.data["SubscriptionArn"]
    one = subscriptions[arn]
    if arn not in known and _needs_confirmation(params):
        one.attributes.update({_PENDING: True, "ConfirmationWasAuthenticated": False})
    if _is_pending(one) and not params.get("ReturnSubscriptionArn"):
        answer.data["SubscriptionArn"] = "pending confirmation"
    return answer


def _check_endpoint(params: Params) -> None:
    protocol = params["Protocol"]
    if protocol not in _PROTOCOLS:
        message = f"Invalid parameter: Does not support this protocol string: {protocol}"
        raise AwsError("InvalidParameter", message)
    if protocol.startswith("email") and "@" not in params.get("Endpoint", ""):
        raise AwsError("InvalidParameter", "Invalid parameter: Email address")


def _check_attributes(subscriptions: Iterable[Any], params: Params) -> None:
    """Somebody who subscribes a second time has to want the same."""
    place = tuple(params.get(name) for name in ("TopicArn", "Protocol", "Endpoint"))
    wanted = params.get("Attributes") or {}
    for one in subscriptions:
        if (one.topic.arn, one.protocol, one.endpoint) != place:
            continue
        if any(str(one.attributes.get(name, "")).lower() != value.lower() for name, value in wanted.items()):
            message = "Invalid parameter: Attributes Reason: Subscription already exists with different attributes"
            raise AwsError("InvalidParameter", message)


def _needs_confirmation(params: Params) -> bool:
    """A person or a foreign machine has to say yes first; queues and functions of the account are asked at once."""
    if params["Protocol"] in _IN_ACCOUNT:
        owner = str(params.get("Endpoint", "")).split(":")[4:5]
        return owner != params["TopicArn"].split(":")[4:5]
    return params["Protocol"] in _NEED_CONFIRMATION


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


def _is_pending(one: Any | None) -> bool:
    return one is not None and bool(one.attributes.get(_PENDING))
