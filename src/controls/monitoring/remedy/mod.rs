//! The fix of 3.1 to 3.14: what is right stays, what is missing is added beside it.

#[cfg(test)]
mod laws;
mod pair;
mod site;
mod topic;
mod work;

use std::collections::BTreeMap;

use self::pair::Pairs;
use self::site::Sites;
use self::work::Work;
use super::chain::Place;
use super::{Alarm, alarms};
use crate::controls::logging::{Answer, Seen};
use crate::controls::obstacle::Obstacle;
use crate::controls::{Bundle, Case, Fix, Proposal, Scope, Step, Wanted};
use crate::model::Region;

/// 3.1 to 3.14
pub(super) static ALARMS: Fix = Fix {
    name: "alarms",
    turn: 30,
    reads: &[],
    changes: "logs:PutMetricFilter and cloudwatch:PutMetricAlarm, on the log group of a trail that \
              records every region. The alarm tells a topic that somebody already listens to, or else \
              the one that the baseline names: sns:CreateTopic, sns:SetTopicAttributes for its policy \
              and sns:Subscribe for whom `monitoring.notify` names, where these are missing. A filter \
              or an alarm that does the same under another name is used; one that does not stays as \
              it is, and `harden-…` is made beside it.",
    breaks: "Nothing. Whoever is subscribed gets messages, as many as the noise says. Mail addresses \
             and URLs are asked to confirm within three days, and get nothing until they do.",
    undo: "The alarm, the filter, the subscriptions and the topic are deleted, or are again what they \
           were. Whoever has confirmed has to confirm again after that.",
    propose,
};

/// An alarm of the benchmark, and the steps after which its filter and its alarm are right.
type Planned = (&'static Alarm, Vec<Step>);

fn propose(case: &Case<'_>, wanted: &Wanted<'_>, scope: &Scope<'_>) -> Proposal {
    let mut work = Work::new(case, wanted, scope);
    let sites = Sites::of(case);
    let mut here: BTreeMap<Region, Vec<(&'static Alarm, Place)>> = BTreeMap::new();
    for alarm in alarms().iter().filter(|alarm| wanted.contains_key(&alarm.id())) {
        if let Some(obstacle) = of_organization(&work, alarm) {
            work.leave(alarm, &obstacle);
            continue;
        }
        match sites.best(case, alarm) {
            Some(place) => here.entry(place.region.clone()).or_default().push((alarm, place)),
            None => work.leave(alarm, &site::no_trail(&work, alarm)),
        }
    }
    for (region, alarms) in here {
        in_region(&mut work, &region, &alarms);
    }
    work.proposal
}

/// What keeps an alarm from being made here that the organization's trail is to raise in the account of its
/// owner.
fn of_organization(work: &Work<'_>, alarm: &Alarm) -> Option<Obstacle> {
    let findings = work.wanted.get(&alarm.id())?;
    let seen = Seen::of(work.case);
    let named = seen.trails.iter().find(|named| match named.answer(alarm.id()) {
        Some(Answer::Fails(finding)) => findings.contains(&&finding),
        Some(Answer::Passes(_) | Answer::Waits(_) | Answer::Dark(_)) | None => false,
    })?;
    Some(named.is_for_its_owner())
}

/// The topic first, then each pair: none of them without the topic, and no topic without a pair.
fn in_region(work: &mut Work<'_>, region: &Region, alarms: &[(&'static Alarm, Place)]) {
    let listening = match topic::listening(work, region, alarms) {
        Ok(listening) => listening,
        Err(obstacle) => return work.leave_all(alarms, &obstacle),
    };
    let mut pairs = Pairs::new(work, listening.arn.clone());
    let mut planned: Vec<Planned> = Vec::new();
    let mut left: Vec<(&'static Alarm, Obstacle)> = Vec::new();
    for (alarm, place) in alarms {
        match pairs.steps(alarm, place) {
            Ok(steps) => planned.push((alarm, steps)),
            Err(obstacle) => left.push((alarm, obstacle)),
        }
    }
    for (alarm, obstacle) in left {
        work.leave(alarm, &obstacle);
    }
    let controls: Vec<_> = planned.iter().map(|(alarm, _)| alarm.id()).collect();
    if controls.is_empty() {
        return;
    }
    let title = format!("topic {}", listening.arn.name());
    work.bundle(Bundle { controls: controls.clone(), title, steps: listening.steps });
    if listening.untold {
        work.untold(controls, region, listening.arn.name());
    }
    for (alarm, steps) in planned {
        let title = alarm.title.to_owned();
        work.bundle(Bundle { controls: vec![alarm.id()], title, steps });
    }
}

#[cfg(test)]
mod tests;
