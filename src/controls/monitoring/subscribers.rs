//! 3.16: who receives what SNS topics send.

use std::collections::BTreeMap;

use super::allowed::is_fine;
use super::chain::is_confirmed;
use crate::change::{Operation, Risk};
use crate::controls::regions::part_of_each;
use crate::controls::words::count;
use crate::controls::{
    Assess, Bundle, Case, Check, Control, Finding, Fix, Missing, NotPlanned, Outcome, Proposal,
    Remedy, Scope, Step, Wanted, Why,
};
use crate::model::{
    AccountId, ControlId, Gap, Level, Observed, Read, Region, Subscription, TopicArn,
};

const ID: ControlId = ControlId::new(3, 16);

/// 3.16
pub(super) static SUBSCRIBERS: Control = Control {
    id: ID,
    level: Level::One,
    scored: false,
    title: "SNS topics have only intended subscribers",
    why: "A forgotten or foreign subscriber reads every message of the topic, alarms included.",
    assess: Assess::Automatic {
        reads: &[Read::Topics, Read::Subscribers],
        context: &[],
        check: &Intended,
    },
    remedy: Remedy::Automatic(&UNSUBSCRIBE),
};

static UNSUBSCRIBE: Fix = Fix {
    name: "subscribers",
    turn: 35,
    reads: &[],
    changes: "sns:Unsubscribe for every subscriber that neither `sns.allowed` nor \
              `monitoring.notify` names. Without `sns.allowed` a person has to judge, and nothing is \
              changed.",
    breaks: "Whoever is unsubscribed gets nothing more: a program that lives on the topic stops \
             without an error.",
    undo: "They are subscribed again, without the filter policies and the like that they had. \
           Addresses and URLs have to confirm once more.",
    propose,
};

#[derive(Debug)]
struct Intended;

/// A topic of the account, and who has subscribed to it.
struct Listed<'a> {
    region: &'a Region,
    arn: &'a TopicArn,
    subscriptions: &'a [Subscription],
}

impl Check for Intended {
    fn assess(&self, case: &Case<'_>) -> Outcome {
        let (topics, missing) = listed(case);
        let pending = Vec::new();
        if case.settings.sns.allowed.is_some() {
            let findings = topics.iter().flat_map(|topic| topic.findings(case)).collect();
            return Outcome::Judged { findings, missing, pending, notes: Vec::new() };
        }
        let notes = topics.iter().map(|topic| topic.note(case)).collect();
        if !missing.is_empty() {
            return Outcome::Judged { findings: Vec::new(), missing, pending, notes };
        }
        if topics.iter().all(|topic| topic.subscriptions.is_empty()) {
            return Outcome::NotApplicable { reason: "no SNS topic has a subscriber".to_owned() };
        }
        Outcome::Manual { reason: reason(&topics), notes }
    }
}

fn reason(topics: &[Listed<'_>]) -> String {
    let all: usize = topics.iter().map(|topic| topic.subscriptions.len()).sum();
    let pending = topics.iter().flat_map(|topic| topic.subscriptions);
    let pending = pending.filter(|one| !is_confirmed(one)).count();
    let waiting = if pending == 0 { String::new() } else { format!(", {pending} of them pending") };
    format!(
        "{} with {}{waiting}: a person has to judge whether all of them shall receive what is sent. \
         `sns.allowed` in a baseline can name those that are fine",
        count(topics.len(), "topic", "topics"),
        count(all, "subscriber", "subscribers"),
    )
}

/// Every topic that could be looked at, and what could not be.
fn listed<'a>(case: &Case<'a>) -> (Vec<Listed<'a>>, Vec<Missing>) {
    let snapshot = case.snapshot;
    let mut missing = Vec::new();
    let lists = part_of_each(snapshot, &mut missing, |regional| &regional.topic_list);
    let mut topics = Vec::new();
    for (region, list) in lists {
        let read = snapshot.regional.get(region).map(|regional| &regional.topics);
        for arn in list {
            let topic = read.and_then(|read| read.get(arn)).unwrap_or(&Observed::Unread);
            let subscriptions = match topic.known() {
                // It is listed, and gone by now.
                Ok(None) => continue,
                Ok(Some(topic)) => topic.subscriptions.known(),
                Err(gap) => Err(gap),
            };
            match subscriptions {
                Ok(subscriptions) => topics.push(Listed { region, arn, subscriptions }),
                Err(gap) => missing.push(gone_dark(region, arn, gap)),
            }
        }
    }
    (topics, missing)
}

fn gone_dark(region: &Region, arn: &TopicArn, gap: Gap) -> Missing {
    Missing { region: Some(region.clone()), resource: Some(arn.name().to_owned()), gap }
}

impl Listed<'_> {
    fn note(&self, case: &Case<'_>) -> String {
        let told: Vec<String> = self
            .subscriptions
            .iter()
            .map(|one| described(one, &case.snapshot.account.id))
            .collect();
        let told = if told.is_empty() { "nobody".to_owned() } else { told.join(", ") };
        format!("{} in {} tells {told}", self.arn.name(), self.region)
    }

    /// A finding for each subscriber that is not fine.
    fn findings(&self, case: &Case<'_>) -> Vec<Finding> {
        let others = self.subscriptions.iter().filter(|one| !is_fine(case.settings, one));
        let finding = |one: &Subscription| Finding {
            region: Some(self.region.clone()),
            resource: self.arn.name().to_owned(),
            summary: format!(
                "`sns.allowed` does not cover {}",
                described(one, &case.snapshot.account.id)
            ),
        };
        others.map(finding).collect()
    }
}

/// `email:a@example.org (pending)`
fn described(one: &Subscription, account: &AccountId) -> String {
    let mut facts = Vec::new();
    if one.owner != *account {
        facts.push(format!("of account {}", one.owner));
    }
    if !is_confirmed(one) {
        facts.push("pending".to_owned());
    }
    let facts = if facts.is_empty() { String::new() } else { format!(" ({})", facts.join(", ")) };
    format!("{}:{}{facts}", one.protocol, one.endpoint)
}

fn propose(case: &Case<'_>, wanted: &Wanted<'_>, _: &Scope<'_>) -> Proposal {
    let mut proposal = Proposal::default();
    let found = wanted.get(&ID).into_iter().flatten();
    let is_wanted = |topic: &Listed<'_>| {
        found.clone().any(|finding| {
            finding.resource == topic.arn.name() && finding.region.as_ref() == Some(topic.region)
        })
    };
    for topic in listed(case).0.iter().filter(|topic| is_wanted(topic)) {
        // One endpoint may stand in the list twice: asked again, and confirmed before.
        let mut others: BTreeMap<(&str, &str), Vec<&Subscription>> = BTreeMap::new();
        for one in topic.subscriptions.iter().filter(|one| !is_fine(case.settings, one)) {
            others.entry((&one.protocol, &one.endpoint)).or_default().push(one);
        }
        let (goes, waits): (Vec<_>, Vec<_>) = others
            .into_values()
            .filter_map(|mut all| {
                all.sort_by_key(|one| !is_confirmed(one));
                all.first().copied()
            })
            .partition(|one| is_confirmed(one));
        let title = format!("topic {}", topic.arn.name());
        proposal.bundles.extend(goes.into_iter().map(|one| Bundle {
            controls: vec![ID],
            title: title.clone(),
            steps: vec![unsubscribe(topic, one, &case.snapshot.account.id)],
        }));
        proposal.not_planned.extend(waits.into_iter().map(|one| pending(topic, one)));
    }
    proposal
}

fn unsubscribe(topic: &Listed<'_>, one: &Subscription, account: &AccountId) -> Step {
    let mut impact = vec![format!(
        "{}:{} receives nothing more from this topic, and has to confirm to be told again",
        one.protocol, one.endpoint
    )];
    if one.owner != *account {
        impact.push(format!("account {} has subscribed it, and alone can do so again", one.owner));
    }
    let operation = Operation::Unsubscribe {
        region: topic.region.clone(),
        topic: topic.arn.name().to_owned(),
        protocol: one.protocol.clone(),
        endpoint: one.endpoint.clone(),
    };
    Step { operation, risk: Risk::Destructive, impact, cost: None }
}

fn pending(topic: &Listed<'_>, one: &Subscription) -> NotPlanned {
    NotPlanned {
        control: ID,
        resource: Some(topic.arn.name().to_owned()),
        region: Some(topic.region.clone()),
        why: Why::Unsupported,
        detail: format!(
            "{}:{} has not confirmed: AWS cannot unsubscribe it, and forgets it after three days",
            one.protocol, one.endpoint
        ),
    }
}
