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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controls::logging::tests_support::{FOREIGN, denied};
    use crate::controls::monitoring::tests_support::{
        here, ops, security, topic, topic_arn, whole,
    };
    use crate::model::{Settings, Snapshot, fixture};

    /// An account with a topic that tells three, and one that tells nobody.
    fn account() -> Snapshot {
        let mut snapshot = whole(4);
        let hook = Subscription {
            protocol: "https".to_owned(),
            endpoint: "https://hooks.example.net/x".to_owned(),
            owner: AccountId::new(FOREIGN),
            ..ops(true)
        };
        let waits = Subscription { endpoint: "new@example.org".to_owned(), ..ops(false) };
        security(&mut snapshot).subscriptions = Observed::Known(vec![ops(true), hook, waits]);
        let here = here(&mut snapshot);
        here.topics.insert(topic_arn("quiet"), Observed::Known(Some(topic("quiet", vec![]))));
        here.topic_list = Observed::Known([topic_arn("security"), topic_arn("quiet")].into());
        for (region, regional) in &mut snapshot.regional {
            if *region != fixture::region() {
                regional.topic_list = Observed::Known([].into());
            }
        }
        snapshot
    }

    fn allowing(allowed: &[&str], notify: &[&str]) -> Settings {
        let mut settings = Settings::default();
        settings.sns.allowed = Some(allowed.iter().map(|one| one.parse().unwrap()).collect());
        settings.monitoring.notify = notify.iter().map(|one| one.parse().unwrap()).collect();
        settings
    }

    fn assess(snapshot: &Snapshot, settings: &Settings) -> Outcome {
        Intended.assess(&Case { snapshot, settings })
    }

    #[test]
    fn without_the_setting_all_are_shown_to_a_person() {
        let outcome = assess(&account(), &Settings::default());
        let Outcome::Manual { reason, notes } = outcome else { panic!("{outcome:?}") };
        assert!(reason.starts_with("2 topics with 3 subscribers, 1 of them pending: a person"));
        assert_eq!(
            notes,
            [
                "quiet in eu-west-1 tells nobody",
                "security in eu-west-1 tells email:ops@example.org, \
                 https:https://hooks.example.net/x (of account 444455556666), \
                 email:new@example.org (pending)"
            ]
        );
        let mut nobody = account();
        security(&mut nobody).subscriptions = Observed::Known(vec![]);
        assert!(matches!(assess(&nobody, &Settings::default()), Outcome::NotApplicable { .. }));
    }

    #[test]
    fn what_could_not_be_listed_is_unknown() {
        for settings in [Settings::default(), allowing(&["*:*"], &[])] {
            let missing = |change: &dyn Fn(&mut Snapshot)| {
                let mut snapshot = account();
                change(&mut snapshot);
                let outcome = assess(&snapshot, &settings);
                let Outcome::Judged { findings, missing, .. } = outcome else { panic!() };
                assert!(findings.is_empty());
                let [missing] = missing.as_slice() else { panic!("{missing:?}") };
                (missing.resource.clone(), missing.gap.reason.clone())
            };
            let lists = missing(&|s| here(s).topic_list = denied("sns:ListTopics"));
            assert_eq!(lists, (None, "sns:ListTopics is denied".to_owned()));
            let list = "sns:ListSubscriptionsByTopic";
            let one = missing(&|s| security(s).subscriptions = denied(list));
            assert_eq!(one, (Some("security".to_owned()), format!("{list} is denied")));
            let unread = missing(&|s| drop(here(s).topics.remove(&topic_arn("quiet"))));
            assert_eq!(unread, (Some("quiet".to_owned()), "not read".to_owned()));
        }
        // What is gone since it was listed tells nobody.
        let mut gone = account();
        here(&mut gone).topics.insert(topic_arn("quiet"), Observed::Known(None));
        assert_eq!(assess(&gone, &allowing(&["*:*"], &[])), Outcome::PASS);
    }

    #[test]
    fn whom_no_pattern_covers_is_a_finding() {
        assert_eq!(assess(&account(), &allowing(&["*:*"], &[])), Outcome::PASS);
        let settings = allowing(&["email:*@example.net"], &["email:ops@example.org"]);
        let Outcome::Judged { findings, missing, .. } = assess(&account(), &settings) else {
            panic!()
        };
        assert!(missing.is_empty());
        let told: Vec<&str> = findings.iter().map(|one| one.summary.as_str()).collect();
        assert_eq!(
            told,
            [
                "`sns.allowed` does not cover https:https://hooks.example.net/x (of account \
                 444455556666)",
                "`sns.allowed` does not cover email:new@example.org (pending)"
            ]
        );
        assert_eq!(findings[0].resource, "security");
        assert_eq!(findings[0].region, Some(fixture::region()));
    }

    #[test]
    fn those_go_and_what_is_pending_stays() {
        let settings = allowing(&["email:ops@*"], &[]);
        let mut snapshot = account();
        let Outcome::Judged { findings, .. } = assess(&snapshot, &settings) else { panic!() };
        let wanted = Wanted::from([(ID, findings.iter().collect())]);
        let case = Case { snapshot: &snapshot, settings: &settings };
        let proposal = propose(&case, &wanted, &Scope::whole());
        let [bundle] = proposal.bundles.as_slice() else { panic!("{proposal:?}") };
        let [step] = bundle.steps.as_slice() else { panic!("{bundle:?}") };
        assert_eq!((step.risk, step.impact.len()), (Risk::Destructive, 2));
        let [entry] = proposal.not_planned.as_slice() else { panic!("{proposal:?}") };
        assert_eq!((entry.why, entry.resource.as_deref()), (Why::Unsupported, Some("security")));
        assert!(entry.detail.starts_with("email:new@example.org has not confirmed"));
        step.operation.simulate(&mut snapshot).unwrap();
        let Outcome::Judged { findings, .. } = assess(&snapshot, &settings) else { panic!() };
        assert_eq!(findings.len(), 1);
        // Nothing is asked for, nothing is proposed.
        let case = Case { snapshot: &snapshot, settings: &settings };
        assert!(propose(&case, &Wanted::new(), &Scope::whole()).bundles.is_empty());
    }
}
