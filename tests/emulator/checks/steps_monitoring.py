"""The steps of controls 3.1 to 3.14."""

from __future__ import annotations

import json

from .documents import document
from .steps import GROUP, TAGS, Stage, Step

_CONTROLS = range(1, 15)


class Monitoring(Stage):
    """Topic, filters and alarms."""

    def steps(self) -> list[Step]:
        """All of them, in the order that AWS needs."""
        return [*self.topic(), *map(self.filter, _CONTROLS), *map(self.alarm, _CONTROLS)]

    def topic(self) -> list[Step]:
        sns, topic = self.client("sns"), {"TopicArn": self.names.topic}
        policy = {**topic, "AttributeName": "Policy"}
        saved: list[str] = []

        def current() -> str:
            text: str = sns.get_topic_attributes(**topic)["Attributes"]["Policy"]
            return text

        def let_alarms_in() -> None:
            saved.append(current())
            statements = [*json.loads(current())["Statement"], *self.names.lets_alarms_publish()]
            sns.set_topic_attributes(**policy, AttributeValue=document(*statements))

        def confirmed() -> list[str]:
            listed = sns.list_subscriptions_by_topic(**topic)["Subscriptions"]
            return [one["SubscriptionArn"] for one in listed if one["SubscriptionArn"].startswith("arn:")]

        queue = {"Protocol": "sqs", "Endpoint": f"arn:aws:sqs:{self.region}:{self.names.account}:alarms"}
        return [
            Step(
                "topic",
                lambda: sns.create_topic(Name="harden-alarms", Tags=TAGS),
                lambda: sns.delete_topic(**topic),
                lambda: sns.get_topic_attributes(**topic),
            ),
            Step(
                "policy of the topic",
                let_alarms_in,
                lambda: sns.set_topic_attributes(**policy, AttributeValue=saved.pop()),
                lambda: "cloudwatch.amazonaws.com" in current(),
            ),
            Step(
                "subscription",
                lambda: sns.subscribe(**topic, **queue),
                lambda: sns.unsubscribe(SubscriptionArn=confirmed()[0]),
                confirmed,
            ),
        ]

    def filter(self, number: int) -> Step:
        logs, name = self.client("logs"), f"harden-3.{number}"
        metric = [{"metricName": name, "metricNamespace": "CISBenchmark", "metricValue": "1"}]
        pattern = f'{{ $.eventName = "Event{number}" }}'

        def shown() -> bool:
            # Sorted by name: what has this very name comes first.
            listed = logs.describe_metric_filters(logGroupName=GROUP, filterNamePrefix=name)["metricFilters"]
            return name in [one["filterName"] for one in listed]

        return Step(
            f"filter {name}",
            lambda: logs.put_metric_filter(
                logGroupName=GROUP, filterName=name, filterPattern=pattern, metricTransformations=metric
            ),
            lambda: logs.delete_metric_filter(logGroupName=GROUP, filterName=name),
            shown,
        )

    def alarm(self, number: int) -> Step:
        cloudwatch, name = self.client("cloudwatch"), f"harden-3.{number}"
        wanted = {
            "AlarmName": name,
            "Namespace": "CISBenchmark",
            "MetricName": name,
            "Statistic": "Sum",
            "Period": 300,
            "EvaluationPeriods": 1,
            "Threshold": 1.0,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "TreatMissingData": "notBreaching",
            "AlarmActions": [self.names.topic],
            "Tags": TAGS,
        }
        return Step(
            f"alarm {name}",
            lambda: cloudwatch.put_metric_alarm(**wanted),
            lambda: cloudwatch.delete_alarms(AlarmNames=[name]),
            lambda: cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"],
        )
