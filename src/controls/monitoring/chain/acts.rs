//! Through whom an alarm acts: by itself, or by a composite alarm that goes off whenever it does.

use super::link::{End, Link, finding};
use super::rule::goes_off_with;
use crate::model::{Alarms, Region, TopicArn};

/// A topic that is told when an alarm goes off, and the alarm that tells it.
pub(in crate::controls::monitoring) type Act<'a> = (&'a str, TopicArn);

/// Every way from an alarm to a topic, and those that end before one.
pub(in crate::controls::monitoring) fn acts<'a>(
    region: &Region,
    alarms: &'a Alarms,
    name: &'a str,
) -> (Vec<Act<'a>>, Vec<End>) {
    let (mut acts, mut ends) = (Vec::new(), Vec::new());
    if let Some(alarm) = alarms.metric.get(name) {
        match topics(region, name, alarm.actions_enabled, &alarm.alarm_actions) {
            Ok(topics) => acts.extend(topics.into_iter().map(|topic| (name, topic))),
            Err(end) => ends.push(end),
        }
    }
    for (over, composite) in &alarms.composite {
        if !goes_off_with(&composite.rule, name) {
            continue;
        }
        if let Some(suppressor) = &composite.suppressor {
            let words = format!("composite alarm {over} is silent while {suppressor} is in alarm");
            ends.push(End::broken(Link::Acts, 1, finding(region, over, words)));
            continue;
        }
        match topics(region, over, composite.actions_enabled, &composite.alarm_actions) {
            Ok(topics) => acts.extend(topics.into_iter().map(|topic| (over.as_str(), topic))),
            Err(end) => ends.push(end),
        }
    }
    (acts, ends)
}

/// The topics that an alarm tells: SNS takes messages of CloudWatch only from its own region.
fn topics(
    region: &Region,
    name: &str,
    enabled: bool,
    actions: &[String],
) -> Result<Vec<TopicArn>, End> {
    let topics = topics_of(actions);
    let here: Vec<TopicArn> =
        topics.iter().filter(|topic| topic.region().as_ref() == Some(region)).cloned().collect();
    let words = match (topics.first(), here.is_empty()) {
        (None, _) => format!("alarm {name} tells no topic"),
        (Some(topic), true) => format!("alarm {name} tells only topic {topic}, of another region"),
        (Some(_), false) if !enabled => format!("the actions of alarm {name} are off"),
        (Some(_), false) => return Ok(here),
    };
    let weight = if here.is_empty() { 0 } else { 2 };
    Err(End::broken(Link::Acts, weight, finding(region, name, words)))
}

/// The topics among the actions of an alarm.
pub(in crate::controls::monitoring) fn topics_of(actions: &[String]) -> Vec<TopicArn> {
    let is_topic = |arn: &&String| {
        let mut fields = arn.split(':');
        fields.next() == Some("arn") && fields.nth(1) == Some("sns")
    };
    actions.iter().filter(is_topic).map(TopicArn::new).collect()
}
