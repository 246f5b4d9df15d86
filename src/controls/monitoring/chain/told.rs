//! The last two links: whether a topic takes messages of CloudWatch, and whether somebody receives them.

use super::link::{End, Link, finding, unread};
use crate::controls::monitoring::allowed::is_fine;
use crate::controls::permits::{Answer, Call, answer};
use crate::controls::words::some;
use crate::controls::{Case, Missing, Waiting};
use crate::model::{Gap, Region, Service, Subscription, Topic, TopicArn, TopicAttributes};

/// The key that nobody can open to a service.
const KEY_OF_SNS: &str = "alias/aws/sns";

/// Where a chain ends that has come to a topic, by way of an alarm.
pub(in crate::controls::monitoring) fn told(
    case: &Case<'_>,
    region: &Region,
    arn: &TopicArn,
    alarm: &str,
) -> End {
    let name = label(case, arn);
    let topics = case.snapshot.regional.get(region).map(|regional| &regional.topics);
    let Some(topic) = topics.and_then(|topics| topics.get(arn)) else {
        return End::dark(region, Some(name), unread());
    };
    match topic.known() {
        Err(gap) => End::dark(region, Some(name), gap),
        Ok(None) => {
            let words = format!("alarm {alarm} tells topic {name}, which does not exist");
            End::broken(Link::Acts, 3, finding(region, name, words))
        }
        Ok(Some(topic)) => of_topic(case, region, (arn, topic), alarm),
    }
}

/// How findings name a topic: another account may have one of the same name.
fn label<'a>(case: &Case<'_>, arn: &'a TopicArn) -> &'a str {
    let is_ours = arn.owner().is_none_or(|owner| owner == case.snapshot.account.id);
    if is_ours { arn.name() } else { arn.as_str() }
}

/// What is certainly broken decides; then what is not known; then what is waited for.
fn of_topic(
    case: &Case<'_>,
    region: &Region,
    (arn, topic): (&TopicArn, &Topic),
    alarm: &str,
) -> End {
    let name = label(case, arn);
    // Of several topics that nobody has subscribed to, the baseline's is the one to mend.
    let weight = u8::from(arn.name() == case.settings.monitoring.topic);
    let broken = |link, words| End::broken(link, weight, finding(region, name, words));
    let mut gaps = Vec::new();
    match topic.attributes.known().and_then(|attributes| publishes(case, arn, attributes, alarm)) {
        Ok(None) => {}
        Ok(Some(words)) => return broken(Link::Publishes, words),
        Err(gap) => gaps.push(gap),
    }
    let receives = match topic.subscriptions.known() {
        Ok(list) => Some(receives(case, name, list)),
        Err(gap) => {
            gaps.push(gap);
            None
        }
    };
    let dark = |gaps: Vec<Gap>| {
        let missing =
            |gap| Missing { region: Some(region.clone()), resource: Some(name.to_owned()), gap };
        End::Dark(gaps.into_iter().map(missing).collect())
    };
    match receives {
        Some(Receives::Nobody(words)) => broken(Link::Told, words),
        _ if !gaps.is_empty() => dark(gaps),
        Some(Receives::Later(on)) => {
            let (region, resource) = (Some(region.clone()), Some(name.to_owned()));
            End::Waits(Waiting { region, resource, on })
        }
        Some(Receives::Somebody) | None => End::Whole { notes: Vec::new() },
    }
}

/// Who receives what a topic sends.
enum Receives {
    Somebody,
    /// Whoever confirms.
    Later(String),
    Nobody(String),
}

fn receives(case: &Case<'_>, name: &str, subscriptions: &[Subscription]) -> Receives {
    let (fine, others): (Vec<_>, Vec<_>) =
        subscriptions.iter().partition(|one| is_fine(case.settings, one));
    if fine.iter().any(|one| is_confirmed(one)) {
        return Receives::Somebody;
    }
    let waiting: Vec<String> =
        fine.iter().filter(|one| one.arn.is_none()).map(|one| one.endpoint.clone()).collect();
    if waiting.is_empty() {
        return Receives::Nobody(if others.is_empty() {
            format!("nobody has subscribed to topic {name}")
        } else {
            format!("nobody whom `sns.allowed` covers has subscribed to topic {name}")
        });
    }
    let verb = if waiting.len() == 1 { "confirms" } else { "confirm" };
    Receives::Later(format!("waits until {} {verb}", some(&waiting, 3)))
}

/// Whether messages are delivered. What waits, or is deleted, has words in place of an ARN.
pub(in crate::controls::monitoring) fn is_confirmed(subscription: &Subscription) -> bool {
    subscription.arn.as_ref().is_some_and(|arn| arn.starts_with("arn:"))
}

/// What keeps the messages of an alarm out of a topic, if anything does.
pub(in crate::controls::monitoring) fn publishes(
    case: &Case<'_>,
    arn: &TopicArn,
    attributes: &TopicAttributes,
    alarm: &str,
) -> Result<Option<String>, Gap> {
    let name = label(case, arn);
    if let Some(words) = shut_out(case, arn, attributes, alarm) {
        return Ok(Some(words));
    }
    let Some(key) = &attributes.key else { return Ok(None) };
    if key.ends_with(KEY_OF_SNS) {
        return Ok(Some(format!(
            "topic {name} encrypts with {KEY_OF_SNS}, which CloudWatch cannot use"
        )));
    }
    let Some(policy) = attributes.key_policy.known()? else {
        return Ok(Some(format!("topic {name} encrypts with key {key}, which does not exist")));
    };
    let region = arn.region();
    let source = source(case, region.as_ref(), alarm);
    let lets = |action| {
        let call = Call {
            service: Service::CloudWatch,
            action,
            resource: None,
            account: &case.snapshot.account.id,
            source: &source,
        };
        answer(policy, &call) == Answer::Yes
    };
    let opens = lets("kms:Decrypt") && lets("kms:GenerateDataKey");
    Ok((!opens).then(|| {
        format!("topic {name} encrypts with key {key}, whose policy does not let CloudWatch use it")
    }))
}

/// What in the topic's own policy keeps an alarm out.
fn shut_out(
    case: &Case<'_>,
    arn: &TopicArn,
    attributes: &TopicAttributes,
    alarm: &str,
) -> Option<String> {
    let region = arn.region();
    let call = Call {
        service: Service::CloudWatch,
        action: "sns:Publish",
        resource: Some(arn.as_str()),
        account: &case.snapshot.account.id,
        source: &source(case, region.as_ref(), alarm),
    };
    let name = label(case, arn);
    match attributes.policy.as_ref().map_or(Answer::Silent, |policy| answer(policy, &call)) {
        Answer::Yes => None,
        Answer::Silent => {
            Some(format!("the policy of topic {name} does not let CloudWatch publish"))
        }
        Answer::No { statement } => Some(format!(
            "statement {statement} in the policy of topic {name} keeps CloudWatch out"
        )),
    }
}

/// The ARN of an alarm.
fn source(case: &Case<'_>, region: Option<&Region>, alarm: &str) -> String {
    let region = region.map_or("", Region::as_str);
    case.snapshot.account.arn("cloudwatch", region, &format!("alarm:{alarm}"))
}
