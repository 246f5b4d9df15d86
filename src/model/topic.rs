//! SNS topics and their subscribers.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::trail::{account_of, region_of};
use super::{AccountId, Observed, PolicyText, Region};

/// The ARN of a topic.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TopicArn(String);

impl TopicArn {
    /// Takes the ARN as AWS gave it.
    pub fn new(arn: impl Into<String>) -> Self {
        Self(arn.into())
    }

    /// The ARN as SNS spells it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Where the topic is.
    pub fn region(&self) -> Option<Region> {
        region_of(&self.0)
    }

    /// The account that the topic belongs to.
    pub fn owner(&self) -> Option<AccountId> {
        account_of(&self.0)
    }

    /// Its name: what stands last.
    pub fn name(&self) -> &str {
        self.0.rsplit(':').next().unwrap_or(&self.0)
    }
}

impl fmt::Display for TopicArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A topic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topic {
    /// `GetTopicAttributes`
    pub attributes: Observed<TopicAttributes>,
    /// `ListSubscriptionsByTopic`
    pub subscriptions: Observed<Vec<Subscription>>,
}

/// What is to know about a topic but for its subscribers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopicAttributes {
    /// Who may publish and subscribe.
    pub policy: Option<PolicyText>,
    /// The KMS key that it encrypts with, as it was given: an id, an ARN or an alias.
    pub key: Option<String>,
    /// The policy of that key; `None`: there is no such key any more. `Unread` where it is the key that
    /// AWS keeps for SNS, or that of another account.
    #[serde(default)]
    pub key_policy: Observed<Option<PolicyText>>,
}

/// Somebody who receives what a topic sends.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Subscription {
    /// How, such as `email`.
    pub protocol: String,
    /// Where, such as a mail address.
    pub endpoint: String,
    /// The account that subscribed.
    pub owner: AccountId,
    /// Its ARN; `None` until somebody confirms.
    pub arn: Option<String>,
}
