//! Reads one topic: who may publish to it, who receives what it sends, and whether what it encrypts with
//! stands in the way.

use futures::future::join;

use super::when;
use crate::aws::{Clients, ErrorKind, ServiceError, kms, observed, sns};
use crate::model::{KeyArn, Observed, PolicyText, Region, Topic, TopicArn, TopicAttributes};

/// What to read of a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ask {
    /// Where it is.
    pub(super) region: Region,
    pub(super) attributes: bool,
    pub(super) subscribers: bool,
    pub(super) key_policy: bool,
}

/// Reads what is asked for. What is not ours, its owner shows or not.
pub(super) async fn read_topic(
    clients: &Clients,
    arn: &TopicArn,
    ask: &Ask,
) -> Observed<Option<Topic>> {
    let (attributes, subscriptions) = join(
        when(ask.attributes, sns::attributes(clients, &ask.region, arn)),
        when(ask.subscribers, sns::subscribers(clients, &ask.region, arn)),
    )
    .await;
    // Either of the two tells that there is no such topic.
    let (Some(mut attributes), Some(subscriptions)) = (there(attributes), there(subscriptions))
    else {
        return Observed::Known(None);
    };
    if let Some(TopicAttributes { key: Some(key), key_policy, .. }) = attributes.ok_mut()
        && ask.key_policy
    {
        *key_policy = read_key(clients, &ask.region, key).await;
    }
    Observed::Known(Some(Topic { attributes, subscriptions }))
}

/// Without the case that it is not there.
fn there<T>(part: Observed<Option<T>>) -> Option<Observed<T>> {
    match part {
        Observed::Known(None) => None,
        Observed::Known(Some(part)) => Some(Observed::Known(part)),
        Observed::Denied { action } => Some(Observed::Denied { action }),
        Observed::Failed { action, reason } => Some(Observed::Failed { action, reason }),
        Observed::Unread => Some(Observed::Unread),
    }
}

/// The key that AWS keeps for SNS: nobody can let a service use it.
const KEPT_BY_AWS: &str = "alias/aws/sns";

async fn read_key(clients: &Clients, region: &Region, key: &str) -> Observed<Option<PolicyText>> {
    let foreign = KeyArn::new(key).is_foreign_to(clients.account());
    if foreign || key == KEPT_BY_AWS || key.ends_with(&format!(":{KEPT_BY_AWS}")) {
        return Observed::Unread;
    }
    observed(key_policy(clients, region, key).await)
}

/// The policy of a key by its id, its ARN or an alias; `None` if there is no such key.
async fn key_policy(
    clients: &Clients,
    region: &Region,
    key: &str,
) -> Result<Option<PolicyText>, ServiceError> {
    let mut id = key.to_owned();
    // KMS gives the policy of a key by no alias.
    if key.starts_with("alias/") || key.contains(":alias/") {
        match kms::key_of_alias(clients, region, key).await? {
            Some(named) => named.arn.as_str().clone_into(&mut id),
            None => return Ok(None),
        }
    }
    match kms::policy(clients, region, &id).await {
        Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
        other => other.map(Some),
    }
}
