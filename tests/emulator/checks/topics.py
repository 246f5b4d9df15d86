"""SNS: topics, their policies, and who has subscribed."""

from __future__ import annotations

import json
from typing import Any

from .lab import OTHER_REGION, REGION, Lab, check, flat, pages, refused, same, status


@check
def subscriptions_wait(lab: Lab) -> None:
    sns = lab.client("sns")
    topic = sns.create_topic(Name="alarms")["TopicArn"]
    refused("InvalidParameter", sns.subscribe, TopicArn=topic, Protocol="email", Endpoint="nobody")
    answer = sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="sec@example.org")
    same(answer["SubscriptionArn"], "pending confirmation")
    arn = sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="sec@example.org", ReturnSubscriptionArn=True)[
        "SubscriptionArn"
    ]
    assert arn.startswith(topic), arn
    sns.subscribe(TopicArn=topic, Protocol="https", Endpoint="https://example.org/hook")
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:{REGION}:{lab.account}:q")
    shown = flat(pages(sns.list_subscriptions_by_topic, "Subscriptions", "NextToken", "NextToken", TopicArn=topic))
    same([one["SubscriptionArn"].startswith("arn:") for one in shown], [False, False, True])
    same({one["SubscriptionArn"] for one in shown[:2]}, {"PendingConfirmation"})
    refused("InvalidParameter", sns.unsubscribe, SubscriptionArn="PendingConfirmation")
    refused("InvalidParameter", sns.unsubscribe, SubscriptionArn=arn)
    same(sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]["PendingConfirmation"], "true")
    counts = sns.get_topic_attributes(TopicArn=topic)["Attributes"]
    same((counts["SubscriptionsPending"], counts["SubscriptionsConfirmed"]), ("2", "1"))
    done = lab.control(
        "POST", "sns/confirm", {"account": lab.account, "region": REGION, "topic": topic, "endpoint": "sec@example.org"}
    )
    same(done, {"confirmed": [arn]})
    shown = flat(pages(sns.list_subscriptions, "Subscriptions", "NextToken", "NextToken"))
    same([one["SubscriptionArn"].startswith("arn:") for one in shown], [True, False, True])
    same(sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="sec@example.org")["SubscriptionArn"], arn)
    sns.unsubscribe(SubscriptionArn=arn)


@check
def topics_are_not_made_twice(lab: Lab) -> None:
    sns = lab.client("sns")
    wanted = {"Name": "t", "Attributes": {"DisplayName": "one"}, "Tags": [{"Key": "a", "Value": "b"}]}
    arn = sns.create_topic(**wanted)["TopicArn"]
    same(sns.create_topic(**wanted)["TopicArn"], arn)
    same(sns.create_topic(Name="t")["TopicArn"], arn)
    refused("InvalidParameter", sns.create_topic, **{**wanted, "Attributes": {"DisplayName": "two"}})
    refused("InvalidParameter", sns.create_topic, **{**wanted, "Tags": [{"Key": "a", "Value": "c"}]})
    for number in range(6):
        sns.create_topic(Name=f"t{number}")
    same([len(one) for one in pages(sns.list_topics, "Topics", "NextToken", "NextToken")], [3, 3, 1])
    refused("InvalidParameter", sns.list_topics, NextToken="garbage")


@check
def subscriptions_of_machines(lab: Lab) -> None:
    sns = lab.client("sns")
    topic = sns.create_topic(Name="alarms")["TopicArn"]

    def subscribe(protocol: str, endpoint: str, **attributes: str) -> str:
        answer = sns.subscribe(TopicArn=topic, Protocol=protocol, Endpoint=endpoint, Attributes=attributes)
        return answer["SubscriptionArn"]

    queue = f"arn:aws:sqs:{REGION}:{lab.account}:q"
    arn = subscribe("sqs", queue, RawMessageDelivery="true")
    assert arn.startswith(f"{topic}:"), arn
    same(subscribe("sqs", queue, RawMessageDelivery="true"), arn)
    refused("InvalidParameter", subscribe, protocol="sqs", endpoint=queue, RawMessageDelivery="false")
    same(subscribe("sqs", queue.replace(lab.account, "111111111111")), "pending confirmation")
    refused("InvalidParameter", subscribe, protocol="sqs", endpoint="q")
    refused("InvalidParameter", subscribe, protocol="pigeon", endpoint="loft")
    for _ in range(2):
        sns.unsubscribe(SubscriptionArn=arn)
    (shown,) = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    same(shown["SubscriptionArn"], "PendingConfirmation")


@check
def topics_look_like_this(lab: Lab) -> None:
    sns = lab.client("sns")
    topic = f"arn:aws:sns:{REGION}:{lab.account}:alarms"
    for call in (sns.get_topic_attributes, sns.list_subscriptions_by_topic):
        same(status(refused("NotFound", call, TopicArn=topic)), 404)
    tags = [{"Key": "harden:version", "Value": "1"}]
    same(sns.create_topic(Name="alarms", Tags=tags)["TopicArn"], topic)
    shown = sns.get_topic_attributes(TopicArn=topic)["Attributes"]
    same((shown["TopicArn"], shown["Owner"], shown["DisplayName"]), (topic, lab.account, ""))
    same([name for name in ("KmsMasterKeyId", "DeliveryPolicy", "FifoTopic") if name in shown], [])
    (statement,) = json.loads(shown["Policy"])["Statement"]
    assert shown["Policy"].startswith(
        '{"Version":"2008-10-17","Id":"__default_policy_ID","Statement":[{"Sid":"__default_statement_ID","Effect":'
    ), shown["Policy"]
    same((statement["Principal"], statement["Resource"]), ({"AWS": "*"}, topic))
    same(statement["Condition"], {"StringEquals": {"AWS:SourceOwner": lab.account}})
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="sec@example.org")
    for _ in range(2):
        sns.delete_topic(TopicArn=topic)
    refused("NotFound", sns.get_topic_attributes, TopicArn=topic)
    sns.create_topic(Name="alarms")
    same(sns.list_tags_for_resource(ResourceArn=topic)["Tags"], [])
    same(sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"], [])


@check
def topics_may_be_encrypted(lab: Lab) -> None:
    sns = lab.client("sns")
    topic = sns.create_topic(Name="t", Attributes={"KmsMasterKeyId": "alias/aws/sns"})["TopicArn"]
    same(sns.get_topic_attributes(TopicArn=topic)["Attributes"]["KmsMasterKeyId"], "alias/aws/sns")
    sns.set_topic_attributes(TopicArn=topic, AttributeName="KmsMasterKeyId", AttributeValue="")
    assert "KmsMasterKeyId" not in sns.get_topic_attributes(TopicArn=topic)["Attributes"]
    sns.set_topic_attributes(TopicArn=topic, AttributeName="KmsMasterKeyId", AttributeValue="alias/mine")
    same(sns.get_topic_attributes(TopicArn=topic)["Attributes"]["KmsMasterKeyId"], "alias/mine")
    refused("InvalidParameter", sns.set_topic_attributes, TopicArn=topic, AttributeName="Colour", AttributeValue="red")


def alarms_may_publish(lab: Lab, topic: str) -> dict[str, Any]:
    """Document D6a."""
    alarms = f"arn:aws:cloudwatch:{REGION}:{lab.account}:alarm:*"
    ours = {"StringEquals": {"aws:SourceAccount": lab.account}, "ArnLike": {"aws:SourceArn": alarms}}
    service = {"Service": "cloudwatch.amazonaws.com"}
    may = {"Sid": "Alarms", "Effect": "Allow", "Principal": service, "Action": "sns:Publish", "Resource": topic}
    return {**may, "Condition": ours}


@check
def policies_of_topics(lab: Lab) -> None:
    sns = lab.client("sns")
    topic = sns.create_topic(Name="t")["TopicArn"]
    default = sns.get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"]

    def put(*statements: Any) -> None:
        text = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=text)

    good = alarms_may_publish(lab, topic)
    put(*json.loads(default)["Statement"], good)
    shown = sns.get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"]
    same(json.loads(shown)["Statement"][1], good)
    nobody = {"AWS": f"arn:aws:iam::{lab.account}:role/none-such"}
    for wrong in (
        {"Resource": f"{topic}-other"},
        {"Action": "sqs:SendMessage"},
        {"Principal": nobody},
        {"Effect": "Perhaps"},
    ):
        refused("InvalidParameter", lambda given=wrong: put({**good, **given}))
    for text in ("rubbish", "", "{}"):
        given = {"TopicArn": topic, "AttributeName": "Policy", "AttributeValue": text}
        refused("InvalidParameter", sns.set_topic_attributes, **given)
    refused("InvalidParameter", sns.create_topic, Name="u", Attributes={"Policy": "rubbish"})
    same(sns.get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"], shown)
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=default)
    same(sns.get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"], default)


@check
def topics_of_others(lab: Lab) -> None:
    sns, other = lab.client("sns"), Lab(lab.url, "288888888888")
    topic, foreign = sns.create_topic(Name="t")["TopicArn"], other.client("sns")
    for call in (foreign.get_topic_attributes, foreign.list_subscriptions_by_topic, foreign.delete_topic):
        same(status(refused("AuthorizationError", call, TopicArn=topic)), 403)
    may = {"Effect": "Allow", "Action": "sns:GetTopicAttributes", "Resource": topic}
    statement = {**may, "Principal": {"AWS": f"arn:aws:iam::{other.account}:root"}}
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=text)
    same(foreign.get_topic_attributes(TopicArn=topic)["Attributes"]["Owner"], lab.account)
    refused("AuthorizationError", foreign.delete_topic, TopicArn=topic)
    refused("InvalidParameter", lab.client("sns", OTHER_REGION).get_topic_attributes, TopicArn=topic)
    refused("InvalidParameter", sns.get_topic_attributes, TopicArn="t")
