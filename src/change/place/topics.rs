//! Topics, their policies and their subscribers.

use super::{Document, Target, regional, regional_mut};
use crate::model::{
    Account, Observed, Region, Snapshot, Subscriber, Subscription, Topic, TopicArn, TopicAttributes,
};

#[expect(clippy::wildcard_enum_match_arm, reason = "the caller has sorted the targets")]
pub(super) fn get(target: &Target, on: &Snapshot) -> Result<Document, String> {
    let (region, name) = named(target)?;
    let arn = arn(&on.account, region, name);
    let topic = regional(on, region)?.topics.get(&arn).ok_or_else(|| format!("topic {name}"))?;
    let topic = topic.known().map_err(|gap| gap.reason)?.as_ref();
    let Some(topic) = topic else {
        return match target {
            Target::Topic(..) => Ok(Document::Policy(None)),
            _ => Err(format!("topic {name}")),
        };
    };
    if let Target::Subscription(_, _, whom) = target {
        let subscriptions = topic.subscriptions.known().map_err(|gap| gap.reason)?;
        return Ok(Document::Presence(subscriptions.iter().any(|one| is(one, whom))));
    }
    let attributes = topic.attributes.known().map_err(|gap| gap.reason)?;
    // SNS gives every topic a policy.
    let none = || crate::model::PolicyText::of(&[]);
    Ok(Document::Policy(Some(attributes.policy.clone().unwrap_or_else(none))))
}

pub(super) fn set(target: &Target, on: &mut Snapshot, to: Document) -> Result<(), String> {
    let (region, name) = named(target)?;
    let (arn, owner) = (arn(&on.account, region, name), on.account.id.clone());
    let regional = regional_mut(on, region)?;
    if let (Target::Topic(..), Document::Policy(policy)) = (target, &to) {
        if let Some(list) = regional.topic_list.ok_mut() {
            if policy.is_some() {
                list.insert(arn.clone())
            } else {
                list.remove(&arn)
            };
        }
        let attributes = |policy| TopicAttributes {
            policy: Some(policy),
            key: None,
            key_policy: Observed::Unread,
        };
        let topic = policy.clone().map(|policy| Topic {
            attributes: Observed::Known(attributes(policy)),
            subscriptions: Observed::Known(Vec::new()),
        });
        regional.topics.insert(arn, Observed::Known(topic));
        return Ok(());
    }
    let topic = regional.topics.get_mut(&arn).and_then(Observed::ok_mut).and_then(Option::as_mut);
    let topic = topic.ok_or_else(|| format!("topic {name}"))?;
    match (target, to) {
        (Target::Subscription(_, _, whom), Document::Presence(there)) => {
            let list = topic.subscriptions.ok_mut().ok_or_else(|| format!("who has {name}"))?;
            list.retain(|one| !is(one, whom));
            if there {
                let (protocol, endpoint) = whom.split_once(':').unwrap_or((whom, ""));
                let (protocol, endpoint) = (protocol.to_owned(), endpoint.to_owned());
                let subscriber = Subscriber { protocol, endpoint };
                let arn = (!subscriber.needs_confirmation()).then(|| format!("{arn}:planned"));
                let Subscriber { protocol, endpoint } = subscriber;
                list.push(Subscription { protocol, endpoint, owner, arn });
            }
        }
        (_, Document::Policy(policy)) => {
            topic.attributes.ok_mut().ok_or_else(|| format!("policy of {name}"))?.policy = policy;
        }
        _ => return Err(format!("another kind of document for topic {name}")),
    }
    Ok(())
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the caller has sorted the targets")]
fn named(target: &Target) -> Result<(&Region, &str), String> {
    match target {
        Target::Topic(region, name)
        | Target::TopicPolicy(region, name)
        | Target::Subscription(region, name, _) => Ok((region, name)),
        other => Err(format!("{} is no topic", other.resource())),
    }
}

fn arn(account: &Account, region: &Region, name: &str) -> TopicArn {
    TopicArn::new(account.arn("sns", region.as_str(), name))
}

fn is(one: &Subscription, whom: &str) -> bool {
    whom.split_once(':') == Some((one.protocol.as_str(), one.endpoint.as_str()))
}
