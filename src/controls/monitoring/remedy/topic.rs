//! The topic that alarms tell: one that works already, or else the baseline's.

use std::collections::BTreeSet;

use super::work::{Work, additive};
use crate::change::Operation;
use crate::controls::monitoring::allowed::is_fine;
use crate::controls::monitoring::chain::{
    End, Feed, Place, acts, feed, filters, fit, is_confirmed, publishes, told, topics_of, watch,
};
use crate::controls::monitoring::{Alarm, Fit, alarms, names};
use crate::controls::obstacle::{Obstacle, not_a_policy, takes};
use crate::controls::statements::alarm_topic;
use crate::controls::{Step, Why};
use crate::model::{MetricFilter, PolicyText, Region, Subscriber, Subscription, Topic, TopicArn};

/// The topic for a region.
pub(super) struct Listening {
    pub(super) arn: TopicArn,
    /// After these it takes messages, and tells whom the baseline names.
    pub(super) steps: Vec<Step>,
    /// Whether it tells nobody even then.
    pub(super) untold: bool,
}

/// The topic that the alarms of a region shall tell.
pub(super) fn listening(
    work: &Work<'_>,
    region: &Region,
    wanted: &[(&'static Alarm, Place)],
) -> Result<Listening, Obstacle> {
    let works = |arn: &TopicArn| {
        wanted.iter().all(|(alarm, _)| {
            let end = told(work.case, region, arn, &names::alarm(alarm));
            matches!(end, End::Whole { .. })
        })
    };
    let ours = named_by_the_baseline(work, region);
    let in_use = in_use(work, region, wanted)?;
    // The baseline's own before others that work.
    let used = in_use.get(&ours).into_iter().chain(&in_use).find(|arn| works(arn));
    match used {
        Some(arn) => adopted(work, region, arn),
        None => from_baseline(work, region, ours, wanted),
    }
}

fn named_by_the_baseline(work: &Work<'_>, region: &Region) -> TopicArn {
    let name = &work.case.settings.monitoring.topic;
    TopicArn::new(work.case.snapshot.account.arn("sns", region.as_str(), name))
}

/// The topics of the account that alarms on these log groups tell: other alarms have other listeners.
fn in_use(
    work: &Work<'_>,
    region: &Region,
    wanted: &[(&'static Alarm, Place)],
) -> Result<BTreeSet<TopicArn>, Obstacle> {
    let known = work.regional(region)?.alarms.known();
    let known = known.map_err(|gap| Obstacle::unread(&format!("the alarms in {region}"), &gap))?;
    let places: BTreeSet<&Place> = wanted.iter().map(|(_, place)| place).collect();
    let feeds: Vec<Feed<'_>> = places.into_iter().flat_map(|place| feeds(work, place)).collect();
    // Those of ours will be in the chain, whatever they watch now.
    let ours: BTreeSet<String> = alarms().iter().map(names::alarm).collect();
    let in_chain = known.metric.iter().filter(|(name, alarm)| {
        ours.contains(*name) || feeds.iter().any(|feed| watch(alarm, feed).is_some())
    });
    let topics = in_chain.flat_map(|(name, alarm)| {
        let through = acts(region, known, name).0.into_iter().map(|(_, topic)| topic);
        through.chain(topics_of(&alarm.alarm_actions))
    });
    let account = &work.case.snapshot.account.id;
    let here = |arn: &TopicArn| {
        arn.owner().as_ref() == Some(account) && arn.region().as_ref() == Some(region)
    };
    Ok(topics.filter(here).collect())
}

/// What the filters for any alarm of the benchmark count, those too that miss some of what they are for.
fn feeds<'a>(work: &Work<'a>, place: &Place) -> Vec<Feed<'a>> {
    let Ok(filters) = filters(work.case, place) else { return Vec::new() };
    let is_meant = |filter: &MetricFilter| {
        let fits = |row| {
            let fit = fit(work.case, row, &filter.pattern);
            matches!(fit, Fit::Covers { .. } | Fit::Misses { .. })
        };
        alarms().iter().any(fits)
    };
    let meant = filters.iter().filter(|(_, filter)| is_meant(filter));
    let feeds = meant.flat_map(|(name, filter)| {
        filter.metrics.iter().filter_map(|metric| feed(filters, name, metric).ok())
    });
    feeds.collect()
}

/// A topic that works: whom the baseline names is subscribed to it besides.
fn adopted(work: &Work<'_>, region: &Region, arn: &TopicArn) -> Result<Listening, Obstacle> {
    let topic = topic(work, region, arn)?;
    let steps = subscribe(work, region, arn, subscriptions(topic, arn)?);
    Ok(Listening { arn: arn.clone(), steps, untold: false })
}

fn topic<'a>(
    work: &Work<'a>,
    region: &Region,
    arn: &TopicArn,
) -> Result<Option<&'a Topic>, Obstacle> {
    let what = format!("topic {} in {region}", arn.name());
    let topic = work.regional(region)?.topics.get(arn);
    let unread = || Obstacle::new(Why::Unknown, format!("{what} was not read"));
    let topic = topic.ok_or_else(unread)?.known();
    Ok(topic.map_err(|gap| Obstacle::unread(&what, &gap))?.as_ref())
}

fn subscriptions<'a>(
    topic: Option<&'a Topic>,
    arn: &TopicArn,
) -> Result<&'a [Subscription], Obstacle> {
    let list = topic.map(|topic| topic.subscriptions.known()).transpose();
    let what = || format!("who has subscribed to topic {}", arn.name());
    let list = list.map_err(|gap| Obstacle::unread(&what(), &gap))?;
    Ok(list.map_or(&[], Vec::as_slice))
}

/// The topic that the baseline names, made or made to work.
fn from_baseline(
    work: &Work<'_>,
    region: &Region,
    arn: TopicArn,
    wanted: &[(&'static Alarm, Place)],
) -> Result<Listening, Obstacle> {
    let there = topic(work, region, &arn)?;
    let subscribed = subscriptions(there, &arn)?;
    let mut steps = match there {
        None => vec![made(work, region, &arn)],
        Some(topic) => opened(work, region, &arn, topic, wanted)?,
    };
    steps.extend(subscribe(work, region, &arn, subscribed));
    let settings = work.case.settings;
    let listens =
        |one: &Subscription| is_fine(settings, one) && (one.arn.is_none() || is_confirmed(one));
    let untold = settings.monitoring.notify.is_empty() && !subscribed.iter().any(listens);
    Ok(Listening { arn, steps, untold })
}

fn made(work: &Work<'_>, region: &Region, arn: &TopicArn) -> Step {
    let policy = alarm_topic(&work.case.snapshot.account, region, arn.name());
    let operation = Operation::CreateTopic {
        region: region.clone(),
        topic: arn.name().to_owned(),
        policy: PolicyText::of(&[policy]),
        tags: work.scope.tags.clone(),
    };
    additive(operation, Vec::new(), None)
}

/// The step after which a topic takes messages of every alarm, if it does not yet.
fn opened(
    work: &Work<'_>,
    region: &Region,
    arn: &TopicArn,
    topic: &Topic,
    wanted: &[(&'static Alarm, Place)],
) -> Result<Vec<Step>, Obstacle> {
    let what = format!("topic {} in {region}", arn.name());
    let mut attributes = topic
        .attributes
        .known()
        .map_err(|gap| Obstacle::unread(&format!("the policy of {what}"), &gap))?
        .clone();
    let closed = |attributes: &_| {
        for (alarm, _) in wanted {
            let answer = publishes(work.case, arn, attributes, &names::alarm(alarm));
            let answer =
                answer.map_err(|gap| Obstacle::unread(&format!("the key of {what}"), &gap));
            if let Some(words) = answer? {
                return Ok(Some(words));
            }
        }
        Ok(None)
    };
    if closed(&attributes)?.is_none() {
        return Ok(Vec::new());
    }
    let ours = [alarm_topic(&work.case.snapshot.account, region, arn.name())];
    let merged = match &attributes.policy {
        None => PolicyText::of(&ours),
        Some(policy) => policy.with(&ours).ok_or_else(|| not_a_policy(&what))?,
    };
    takes(&merged, &what)?;
    attributes.policy = Some(merged.clone());
    // What the statement does not mend is not harden's to change: a denial, or a key.
    if let Some(words) = closed(&attributes)? {
        let detail = format!("{words}. Mend that, or name another in `monitoring.topic`");
        return Err(Obstacle::new(Why::Manual, detail));
    }
    let (at, name) = (region.clone(), arn.name().to_owned());
    let operation = Operation::SetTopicPolicy { region: at, topic: name, policy: merged };
    Ok(vec![additive(operation, Vec::new(), None)])
}

/// A step for each that the baseline names and that is not subscribed: nobody is asked twice.
fn subscribe(
    work: &Work<'_>,
    region: &Region,
    arn: &TopicArn,
    subscribed: &[Subscription],
) -> Vec<Step> {
    let is_there = |one: &&Subscriber| {
        subscribed.iter().any(|is| is.protocol == one.protocol && is.endpoint == one.endpoint)
    };
    let mut named: Vec<&Subscriber> = Vec::new();
    for one in work.case.settings.monitoring.notify.iter().filter(|one| !is_there(one)) {
        if !named.contains(&one) {
            named.push(one);
        }
    }
    let is_ours = arn.name() == work.case.settings.monitoring.topic;
    let step = |one: &Subscriber| {
        let mut impact = vec![what_follows(one)];
        if !is_ours {
            impact.push("receives whatever else this topic sends, too".to_owned());
        }
        let operation = Operation::Subscribe {
            region: region.clone(),
            topic: arn.name().to_owned(),
            protocol: one.protocol.clone(),
            endpoint: one.endpoint.clone(),
        };
        additive(operation, impact, None)
    };
    named.into_iter().map(step).collect()
}

fn what_follows(one: &Subscriber) -> String {
    let endpoint = &one.endpoint;
    match one.protocol.as_str() {
        "email" | "email-json" => format!(
            "AWS mails {endpoint}, once to ask and the alarms after that: the recipient has to confirm \
             within 3 days"
        ),
        "http" | "https" => format!(
            "AWS sends {endpoint} a request that asks, and the alarms after that: whoever is there has \
             to confirm within 3 days"
        ),
        "sqs" => format!("{endpoint} gets the alarms if the queue's own policy lets SNS send"),
        "lambda" => format!("{endpoint} is called if the function's own policy lets SNS do so"),
        _ => format!("{endpoint} gets the alarms, at the price of each message"),
    }
}
