//! The laws over arbitrary halves of chains: whatever is there, the fix completes it or says why not, plans
//! nothing twice, touches nothing of others, and can be taken back.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::super::tests_support::{
    GROUP, alarm, bare, bells, default_policy, filter, filters, here, ops, topic, topic_arn,
};
use super::super::{alarms, names};
use super::propose;
use crate::change::{Inverse, Operation};
use crate::controls::logging::tests_support::trail;
use crate::controls::{Case, Check, Finding, Outcome, Proposal, Scope, Wanted};
use crate::model::{
    Action, CompositeAlarm, ControlId, MetricAlarm, MetricFilter, Number, Observed, Patterns,
    PolicyText, Regional, Settings, Snapshot, Topic, Trail, TrailArn, Watched, fixture,
};

/// Choices, one after the other; the first ones once they are used up.
struct Dice(std::vec::IntoIter<u8>);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        usize::from(self.0.next().unwrap_or(0)) % most
    }

    fn one_of<T: Clone>(&mut self, of: &[T]) -> T {
        let at = self.below(of.len());
        of[at].clone()
    }

    /// Seldom.
    fn odd(&mut self) -> bool {
        self.below(5) == 1
    }

    fn filter(&mut self, row: usize) -> MetricFilter {
        let row = &alarms()[row];
        let narrowed = row.pattern.replacen(" }", " && $.a = b }", 1);
        let accepted = row.accepted.first().map_or(row.pattern, |variant| variant.pattern);
        let letter = row.literal.unwrap_or(row.pattern);
        let texts = [row.pattern, row.pattern, accepted, letter, "{ $.eventName = * }", &narrowed];
        let mut filter = filter(self.one_of(&texts), self.one_of(&["A", "B"]));
        let metric = &mut filter.metrics[0];
        metric.value = self.one_of(&["1", "1", "0.5", "20", "$.size"]).to_owned();
        metric.default = self.one_of(&[None, None, Some(0.0), Some(5.0)]).map(Number::new);
        if self.odd() {
            metric.dimensions.insert("Region".to_owned(), "$.awsRegion".to_owned());
        }
        filter
    }

    fn alarm(&mut self, metric: &str) -> MetricAlarm {
        let mut alarm = alarm(metric);
        if let Watched::Metric { metric, statistic } = &mut alarm.watches {
            let statistics = ["Sum", "Sum", "SampleCount", "Average", "Maximum", "p90"];
            *statistic = Some(self.one_of(&statistics).to_owned());
            if self.odd() {
                metric.namespace = "Other".to_owned();
            }
            if self.odd() {
                metric.dimensions.insert("Region".to_owned(), "x".to_owned());
            }
        }
        alarm.threshold = Some(Number::new(self.one_of(&[1.0, 1.0, 0.0, 10.0])));
        alarm.evaluation_periods = self.one_of(&[1, 1, 3]);
        let missing = [None, Some("notBreaching"), Some("ignore"), Some("breaching")];
        alarm.treat_missing_data = self.one_of(&missing).map(ToOwned::to_owned);
        alarm.actions_enabled = !self.odd();
        let named = ["security", "harden-alarms", "gone"];
        alarm.alarm_actions =
            (0..self.below(3)).map(|_| topic_arn(self.one_of(&named)).to_string()).collect();
        alarm
    }

    fn topic(&mut self, name: &str) -> Option<Topic> {
        let subscriptions =
            [vec![], vec![ops(false)], vec![ops(true)], vec![ops(true), ops(false)]];
        let mut topic = topic(name, self.one_of(&subscriptions));
        let deny = default_policy(name).as_str().replace("Allow", "Deny");
        let policies = [
            default_policy(name),
            PolicyText::of(&[]),
            PolicyText::new(deny),
            PolicyText::new("{"),
        ];
        let attributes = topic.attributes.ok_mut().unwrap();
        let mild = self.below(2) == 0;
        attributes.policy = Some(if mild { default_policy(name) } else { self.one_of(&policies) });
        attributes.key = self.odd().then(|| "alias/aws/sns".to_owned());
        (!self.odd()).then_some(topic)
    }

    /// What is in a region beside its trails.
    fn fill(&mut self, snapshot: &mut Snapshot) {
        for number in 0..self.below(5) {
            let row = self.below(alarms().len());
            let mut made = self.filter(row);
            let row = &alarms()[row];
            // What has our name and serves another control is not thought of: it would be taken from it.
            if self.odd() {
                made.metrics[0].name = row.metric.to_owned();
                filters(snapshot).insert(names::filter(row), made);
            } else {
                filters(snapshot).insert(format!("f{number}"), made);
            }
        }
        for number in 0..self.below(5) {
            let row = &alarms()[self.below(alarms().len())];
            if self.odd() {
                let made = self.alarm(row.metric);
                bells(snapshot).metric.insert(names::alarm(row), made);
            } else {
                let metric = self.one_of(&["A", "B"]);
                let made = self.alarm(metric);
                bells(snapshot).metric.insert(format!("bell{number}"), made);
            }
        }
        if self.odd() {
            let composite = CompositeAlarm {
                rule: "ALARM(bell0) OR ALARM(bell1)".to_owned(),
                actions_enabled: !self.odd(),
                alarm_actions: vec![topic_arn("security").to_string()],
                suppressor: self.odd().then(|| "night".to_owned()),
            };
            bells(snapshot).composite.insert("any".to_owned(), composite);
        }
        for name in ["security", "harden-alarms"] {
            let made = self.topic(name);
            here(snapshot).topics.insert(topic_arn(name), Observed::Known(made));
        }
        here(snapshot).topics.insert(topic_arn("gone"), Observed::Known(None));
    }

    fn snapshot(&mut self) -> Snapshot {
        let mut snapshot = bare();
        self.fill(&mut snapshot);
        if self.odd() {
            let events = snapshot.logging.trails.values_mut().next().unwrap().events.ok_mut();
            events.unwrap().excluded.insert(alarms()[6].blind_without.unwrap().to_owned());
        }
        if self.odd() {
            self.second(&mut snapshot);
        }
        if self.odd() {
            here(&mut snapshot).alarms =
                Observed::Denied { action: Action::new("cloudwatch:DescribeAlarms") };
        }
        snapshot
    }

    /// A second trail, which fills another log group of the region.
    fn second(&mut self, snapshot: &mut Snapshot) {
        let main = trail("main");
        let group = main.log_group.as_ref().map(|arn| arn.replace(":trail:", ":second:"));
        let (home, owner) = (fixture::region(), fixture::account());
        let arn = snapshot.account.arn("cloudtrail", home.as_str(), "trail/second");
        let arn = TrailArn::new(arn);
        let second = Trail { name: "second".to_owned(), log_group: group, home, owner, ..main };
        snapshot.logging.trails.insert(arn.clone(), second);
        for regional in snapshot.regional.values_mut() {
            regional.trails.ok_mut().unwrap().insert(arn.clone());
        }
        let mut other = bare();
        let row = self.below(alarms().len());
        let made = self.filter(row);
        filters(&mut other).insert("g".to_owned(), made);
        let group = here(&mut other).log_groups.remove(GROUP).unwrap();
        here(snapshot).log_groups.insert("second".to_owned(), group);
    }

    fn settings(&mut self) -> Settings {
        let mut settings = Settings::default();
        let notify = ["email:ops@example.org", "email:security@example.org"];
        settings.monitoring.notify =
            (0..self.below(3)).map(|_| self.one_of(&notify).parse().unwrap()).collect();
        let allowed = [None, None, Some("email:*@example.net"), Some("*:*")];
        settings.sns.allowed = self.one_of(&allowed).map(|one| vec![one.parse().unwrap()]);
        if self.odd() {
            settings.monitoring.patterns = Patterns::Literal;
        }
        settings
    }
}

fn open(snapshot: &Snapshot, settings: &Settings) -> BTreeMap<ControlId, Vec<Finding>> {
    let found = alarms().iter().filter_map(|alarm| {
        let Outcome::Judged { findings, missing, pending, .. } =
            alarm.assess(&Case { snapshot, settings })
        else {
            panic!()
        };
        // One thing at a time: what is not known is not said to be wrong.
        let said = [findings.is_empty(), missing.is_empty(), pending.is_empty()];
        assert!(said.into_iter().filter(|empty| !empty).count() <= 1);
        (!findings.is_empty()).then(|| (alarm.id(), findings))
    });
    found.collect()
}

fn proposed(snapshot: &Snapshot, settings: &Settings) -> Proposal {
    let open = open(snapshot, settings);
    let wanted: Wanted<'_> = open.iter().map(|(id, found)| (*id, found.iter().collect())).collect();
    propose(&Case { snapshot, settings }, &wanted, &Scope::whole())
}

fn operations(proposal: &Proposal) -> impl Iterator<Item = &Operation> {
    proposal.bundles.iter().flat_map(|bundle| &bundle.steps).map(|step| &step.operation)
}

#[derive(Debug, PartialEq)]
struct OfOthers {
    filters: Vec<(String, MetricFilter)>,
    alarms: Vec<(String, MetricAlarm)>,
}

/// What nobody but its owner changes: names that are not harden's.
fn of_others(regional: &Regional) -> OfOthers {
    let groups = regional.log_groups.values().filter_map(|group| group.ok()?.as_ref());
    let filters = groups.filter_map(|group| group.filters.ok()).flatten();
    let theirs = |name: &str| !name.starts_with("harden-");
    let filters = filters.filter(|(name, _)| theirs(name));
    let alarms = regional.alarms.ok().into_iter().flat_map(|alarms| &alarms.metric);
    let alarms = alarms.filter(|(name, _)| theirs(name));
    OfOthers {
        filters: filters.map(|(name, one)| (name.clone(), one.clone())).collect(),
        alarms: alarms.map(|(name, one)| (name.clone(), one.clone())).collect(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn chains_are_completed(choices in prop::collection::vec(any::<u8>(), 200)) {
        let mut dice = Dice(choices.into_iter());
        let (snapshot, settings) = (dice.snapshot(), dice.settings());
        let proposal = proposed(&snapshot, &settings);
        let mut after = snapshot.clone();
        let mut back = Vec::new();
        for operation in operations(&proposal) {
            let undo = operation.simulate(&mut after).unwrap();
            let Inverse::Run(undo) = undo else { panic!("{undo:?}") };
            back.push(undo);
        }
        for (id, findings) in open(&after, &settings) {
            for finding in findings {
                let told = proposal.not_planned.iter().any(|entry| {
                    entry.control == id
                        && entry.resource.as_deref() == Some(finding.resource.as_str())
                        && entry.region == finding.region
                });
                prop_assert!(told, "{id}: {finding:?}");
            }
        }
        let again = proposed(&after, &settings);
        prop_assert!(again.bundles.is_empty(), "{:#?}", again.bundles);
        for (region, regional) in &snapshot.regional {
            prop_assert_eq!(of_others(regional), of_others(&after.regional[region]));
        }
        for undo in back.into_iter().rev() {
            undo.simulate(&mut after).unwrap();
        }
        prop_assert_eq!(after, snapshot);
    }
}
