//! SNS: makes and deletes topics, settles who may publish, and subscribes and unsubscribes.

use aws_sdk_sns::types::Tag;

use super::execute::Handle;
use super::sns::{attributes, subscribers};
use super::{Clients, Reread, ServiceError};
use crate::approval::Approval;
use crate::change::{Document, Operation};
use crate::model::{PolicyText, Region, TopicArn};

const NOT_OURS: &str = "it is not about a topic";
const POLICY: &str = "Policy";

/// Reads the target of an operation on topics again.
pub(super) async fn reread(
    operation: &Operation,
    clients: &Clients,
) -> Result<Reread, ServiceError> {
    use Operation as Op;
    match operation {
        Op::CreateTopic { region, topic, .. }
        | Op::DeleteTopic { region, topic }
        | Op::SetTopicPolicy { region, topic, .. } => {
            let found = attributes(clients, region, &arn(clients, region, topic)).await?;
            // SNS gives every topic a policy.
            let none = || PolicyText::of(&[]);
            let policy = found.map(|found| found.policy.unwrap_or_else(none));
            Ok(Reread::of(Document::Policy(policy)))
        }
        Op::Subscribe { region, topic, protocol, endpoint }
        | Op::Unsubscribe { region, topic, protocol, endpoint } => {
            let listed = subscribers(clients, region, &arn(clients, region, topic)).await?;
            let mut document = Document::Presence(false);
            let mut handle = Handle::None;
            for one in listed.into_iter().flatten() {
                if one.protocol == *protocol && one.endpoint == *endpoint {
                    document = Document::Presence(true);
                    handle = one.arn.map_or(handle, Handle::Id);
                }
            }
            Ok(Reread { document, handle })
        }
        other => Err(ServiceError::ours(other.action(), NOT_OURS)),
    }
}

fn arn(clients: &Clients, region: &Region, topic: &str) -> TopicArn {
    TopicArn::new(clients.arn("sns", region, topic))
}

/// Carries out an operation on topics.
pub(super) async fn execute(
    operation: &Operation,
    now: &Reread,
    clients: &Clients,
    _: &Approval,
) -> Result<(), ServiceError> {
    use Operation as Op;
    match operation {
        Op::CreateTopic { region, topic, policy, tags } => {
            let tags = tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
            let tags: Result<Vec<Tag>, _> = tags.collect();
            let tags =
                tags.map_err(|error| ServiceError::ours(operation.action(), error.to_string()))?;
            let call = clients.sns(region);
            let call = call.call("sns:CreateTopic", |sns| {
                let create = sns.create_topic().name(topic).attributes(POLICY, policy.as_str());
                create.set_tags((!tags.is_empty()).then_some(tags)).send()
            });
            call.await.map(drop)
        }
        Op::DeleteTopic { region, topic } => {
            let topic = arn(clients, region, topic);
            let call = clients.sns(region);
            let call = call
                .call("sns:DeleteTopic", |sns| sns.delete_topic().topic_arn(topic.as_str()).send());
            call.await.map(drop)
        }
        Op::SetTopicPolicy { region, topic, policy } => {
            let topic = arn(clients, region, topic);
            let call = clients.sns(region);
            let call = call.call("sns:SetTopicAttributes", |sns| {
                let set = sns.set_topic_attributes().topic_arn(topic.as_str());
                set.attribute_name(POLICY).attribute_value(policy.as_str()).send()
            });
            call.await.map(drop)
        }
        Op::Subscribe { region, topic, protocol, endpoint } => {
            let topic = arn(clients, region, topic);
            let call = clients.sns(region);
            let call = call.call("sns:Subscribe", |sns| {
                let subscribe = sns.subscribe().topic_arn(topic.as_str()).protocol(protocol);
                subscribe.endpoint(endpoint).return_subscription_arn(true).send()
            });
            call.await.map(drop)
        }
        Op::Unsubscribe { region, .. } => {
            let Handle::Id(subscription) = &now.handle else {
                return Err(ServiceError::ours(operation.action(), PENDING));
            };
            let call = clients.sns(region);
            let call = call.call("sns:Unsubscribe", |sns| {
                sns.unsubscribe().subscription_arn(subscription).send()
            });
            call.await.map(drop)
        }
        other => Err(ServiceError::ours(other.action(), NOT_OURS)),
    }
}

const PENDING: &str = "nobody has confirmed the subscription yet, and SNS removes none before that: it \
                       goes by itself after three days";
