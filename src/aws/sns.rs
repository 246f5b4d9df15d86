//! SNS: topics, who may publish to them, and who receives what they send. Reads only.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_sns::types as sdk;

use super::{Clients, ErrorKind, ServiceError};
use crate::model::{
    AccountId, Action, Observed, PolicyText, Region, Subscription, TopicArn, TopicAttributes,
};

const TOPICS: &str = "sns:ListTopics";
const ATTRIBUTES: &str = "sns:GetTopicAttributes";
const SUBSCRIBERS: &str = "sns:ListSubscriptionsByTopic";

/// What SNS gives in place of the ARN of a subscription that is no more.
const DELETED: &str = "Deleted";

/// The topics of a region.
pub(crate) async fn topic_list(
    clients: &Clients,
    region: &Region,
) -> Result<BTreeSet<TopicArn>, ServiceError> {
    let topics = clients
        .sns(region)
        .call(TOPICS, |sns| sns.list_topics().into_paginator().items().send().try_collect())
        .await?;
    let nameless = || ServiceError::ours(Action::new(TOPICS), "a topic without an ARN");
    topics
        .into_iter()
        .map(|topic| topic.topic_arn.map(TopicArn::new).ok_or_else(nameless))
        .collect()
}

/// What is to know about a topic but for its subscribers and the policy of its key; `None` if there is
/// no such topic.
pub(crate) async fn attributes(
    clients: &Clients,
    region: &Region,
    topic: &TopicArn,
) -> Result<Option<TopicAttributes>, ServiceError> {
    let answer = clients
        .sns(region)
        .call(ATTRIBUTES, |sns| sns.get_topic_attributes().topic_arn(topic.as_str()).send())
        .await;
    match answer {
        Ok(answer) => {
            let told = answer.attributes.filter(|told| !told.is_empty()).ok_or_else(|| {
                ServiceError::ours(Action::new(ATTRIBUTES), "an answer without attributes")
            })?;
            Ok(Some(attributes_of(told)))
        }
        Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn attributes_of(mut told: HashMap<String, String>) -> TopicAttributes {
    let mut take = |name: &str| told.remove(name).filter(|text| !text.is_empty());
    TopicAttributes {
        policy: take("Policy").map(PolicyText::new),
        key: take("KmsMasterKeyId"),
        key_policy: Observed::Unread,
    }
}

/// Who receives what a topic sends, and who has yet to confirm; `None` if there is no such topic.
pub(crate) async fn subscribers(
    clients: &Clients,
    region: &Region,
    topic: &TopicArn,
) -> Result<Option<Vec<Subscription>>, ServiceError> {
    let listed: Result<Vec<_>, _> = clients
        .sns(region)
        .call(SUBSCRIBERS, |sns| {
            let list = sns.list_subscriptions_by_topic().topic_arn(topic.as_str());
            list.into_paginator().items().send().try_collect()
        })
        .await;
    let listed = match listed {
        Err(error) if error.kind == ErrorKind::NotFound => return Ok(None),
        other => other?,
    };
    let half =
        || ServiceError::ours(Action::new(SUBSCRIBERS), "a subscription without its essentials");
    // For some days SNS goes on listing those that were deleted.
    let held = listed.into_iter().filter(|one| one.subscription_arn.as_deref() != Some(DELETED));
    let held: Result<Vec<_>, _> = held.map(|one| subscription_of(one).ok_or_else(half)).collect();
    let mut held = held?;
    held.sort();
    Ok(Some(held))
}

fn subscription_of(one: sdk::Subscription) -> Option<Subscription> {
    Some(Subscription {
        protocol: one.protocol?,
        endpoint: one.endpoint?,
        owner: one.owner.map(AccountId::new)?,
        // `PendingConfirmation` stands there until somebody confirms.
        arn: one.subscription_arn.filter(|arn| arn.starts_with("arn:")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::fake::{Fake, fake, iam_error};

    const ARN: &str = "arn:aws:sns:eu-west-1:111122223333:alarms";

    fn region() -> Region {
        Region::new("eu-west-1")
    }

    async fn told(fake: &Fake) -> Result<Option<TopicAttributes>, ServiceError> {
        attributes(&fake.clients, &region(), &TopicArn::new(ARN)).await
    }

    async fn listed(fake: &Fake) -> Result<Option<Vec<Subscription>>, ServiceError> {
        subscribers(&fake.clients, &region(), &TopicArn::new(ARN)).await
    }

    fn answer(operation: &str, result: &str) -> (u16, String) {
        let result = format!("<{operation}Result>{result}</{operation}Result>");
        (200, format!("<{operation}Response>{result}</{operation}Response>"))
    }

    #[tokio::test]
    async fn topics_are_listed_to_the_last_page() {
        let fake = fake(|request| {
            let topic = |name: &str| {
                format!("<Topics><member><TopicArn>{name}</TopicArn></member></Topics>")
            };
            if request.contains("NextToken=2") {
                answer("ListTopics", &topic("b"))
            } else {
                answer("ListTopics", &format!("{}<NextToken>2</NextToken>", topic("a")))
            }
        });
        let topics = topic_list(&fake.clients, &region()).await.unwrap();
        assert_eq!(topics, ["a", "b"].map(TopicArn::new).into());
        let nameless =
            crate::aws::fake::fake(|_| answer("ListTopics", "<Topics><member></member></Topics>"));
        assert!(topic_list(&nameless.clients, &region()).await.is_err());
    }

    #[tokio::test]
    async fn attributes_tell_the_policy_and_the_key() {
        let fake = fake(|_| {
            let entry = |key: &str, value: &str| {
                format!("<entry><key>{key}</key><value>{value}</value></entry>")
            };
            let policy = "{&quot;Version&quot;:&quot;2012-10-17&quot;,&quot;Statement&quot;:[]}";
            let entries = entry("Policy", policy) + &entry("KmsMasterKeyId", "alias/topics");
            answer("GetTopicAttributes", &format!("<Attributes>{entries}</Attributes>"))
        });
        let told = told(&fake).await.unwrap().unwrap();
        assert_eq!(told.policy, Some(PolicyText::of(&[])));
        assert_eq!(told.key.as_deref(), Some("alias/topics"));
        assert_eq!(told.key_policy, Observed::Unread);
        let sent = fake.requests("Action=GetTopicAttributes");
        assert!(sent[0].contains("&TopicArn=arn%3Aaws%3Asns%3Aeu-west-1%3A111122223333%3Aalarms"));
    }

    #[tokio::test]
    async fn absent_is_not_denied() {
        let absent = fake(|_| iam_error(404, "NotFound", "Topic does not exist"));
        assert_eq!(told(&absent).await, Ok(None));
        assert_eq!(listed(&absent).await, Ok(None));
        let foreign = fake(|_| iam_error(403, "AuthorizationError", "not authorized"));
        assert_eq!(told(&foreign).await.unwrap_err().kind, ErrorKind::Denied);
        let action = Action::new(SUBSCRIBERS);
        assert_eq!(
            listed(&foreign).await.unwrap_err().observed::<()>(),
            Observed::Denied { action }
        );
        let empty = fake(|_| answer("GetTopicAttributes", "<Attributes></Attributes>"));
        assert_eq!(told(&empty).await.unwrap_err().to_string(), "an answer without attributes");
    }

    fn member(endpoint: &str, arn: &str) -> String {
        format!(
            "<member><Protocol>email</Protocol><Endpoint>{endpoint}</Endpoint>\
             <Owner>111122223333</Owner><SubscriptionArn>{arn}</SubscriptionArn></member>"
        )
    }

    fn page(members: &str, next: &str) -> (u16, String) {
        let members = format!("<Subscriptions>{members}</Subscriptions>{next}");
        answer("ListSubscriptionsByTopic", &members)
    }

    #[tokio::test]
    async fn only_an_arn_is_a_confirmation() {
        let fake = fake(|request| {
            if request.contains("NextToken=2") {
                page(&member("a@acme.dev", &format!("{ARN}:1")), "")
            } else {
                let two =
                    member("b@acme.dev", "PendingConfirmation") + &member("c@acme.dev", "Deleted");
                page(&two, "<NextToken>2</NextToken>")
            }
        });
        let listed = listed(&fake).await.unwrap().unwrap();
        let listed: Vec<_> =
            listed.iter().map(|one| (one.endpoint.as_str(), one.arn.as_deref())).collect();
        let confirmed = format!("{ARN}:1");
        assert_eq!(listed, [("a@acme.dev", Some(confirmed.as_str())), ("b@acme.dev", None)]);
    }

    #[tokio::test]
    async fn half_a_list_is_an_error() {
        let broken = fake(|request| {
            if request.contains("NextToken=2") {
                iam_error(400, "InvalidParameter", "token")
            } else {
                page(&member("a@acme.dev", ARN), "<NextToken>2</NextToken>")
            }
        });
        assert!(listed(&broken).await.is_err());
        let half = fake(|_| page("<member><Protocol>email</Protocol></member>", ""));
        let error = listed(&half).await.unwrap_err();
        assert_eq!(error.to_string(), "a subscription without its essentials");
    }
}
