use std::collections::BTreeSet;

use super::*;
use crate::change::{Operation, Risk};
use crate::controls::logging::tests_support::{account, trail};
use crate::controls::monitoring::tests_support::*;
use crate::controls::{Check, Finding, Outcome, Why};
use crate::model::{
    ControlId, Metric, MetricAlarm, Observed, Patterns, PolicyText, Settings, Snapshot, Watched,
};

/// What is left of a snapshot and of the controls by a proposal.
struct Done {
    proposal: Proposal,
    after: Snapshot,
    /// Controls that neither pass nor wait, with what is found.
    open: BTreeMap<ControlId, Vec<Finding>>,
    waiting: usize,
}

fn telling(notify: &[&str]) -> Settings {
    let mut settings = Settings::default();
    settings.monitoring.notify = notify.iter().map(|one| one.parse().unwrap()).collect();
    settings
}

fn assessed(
    snapshot: &Snapshot,
    settings: &Settings,
) -> (BTreeMap<ControlId, Vec<Finding>>, usize) {
    let (mut open, mut waiting) = (BTreeMap::new(), 0);
    for alarm in alarms() {
        let outcome = alarm.assess(&Case { snapshot, settings });
        let Outcome::Judged { findings, missing, pending, .. } = outcome else { panic!() };
        assert!(missing.is_empty(), "{missing:?}");
        waiting += usize::from(findings.is_empty() && !pending.is_empty());
        if !findings.is_empty() {
            open.insert(alarm.id(), findings);
        }
    }
    (open, waiting)
}

fn proposed(snapshot: &Snapshot, settings: &Settings, scope: &Scope<'_>) -> Proposal {
    let (open, _) = assessed(snapshot, settings);
    let wanted = open.iter().map(|(id, found)| (*id, found.iter().collect())).collect();
    propose(&Case { snapshot, settings }, &wanted, scope)
}

/// Plans, carries out, and checks the laws: whatever is still open has an entry of its own, and there is
/// nothing more to plan.
#[track_caller]
fn done(snapshot: &Snapshot, settings: &Settings) -> Done {
    let proposal = proposed(snapshot, settings, &Scope::whole());
    let mut after = snapshot.clone();
    for step in proposal.bundles.iter().flat_map(|bundle| &bundle.steps) {
        assert_eq!(step.risk, Risk::Additive);
        step.operation.simulate(&mut after).unwrap();
    }
    let (open, waiting) = assessed(&after, settings);
    for (id, finding) in open.iter().flat_map(|(id, all)| all.iter().map(move |one| (id, one))) {
        let is_told = proposal.not_planned.iter().any(|entry| {
            entry.control == *id
                && entry.resource.as_deref() == Some(finding.resource.as_str())
                && entry.region == finding.region
        });
        assert!(is_told, "{id}: {finding:?}");
    }
    let again = proposed(&after, settings, &Scope::whole());
    assert!(again.bundles.is_empty(), "{:#?}", again.bundles);
    let left = |of: &Proposal| -> Vec<_> {
        let entries = of.not_planned.iter();
        entries.map(|entry| (entry.control, entry.why, entry.resource.clone())).collect()
    };
    assert_eq!(left(&again), left(&proposal));
    Done { proposal, after, open, waiting }
}

/// The operations, by their names and targets.
fn told(proposal: &Proposal) -> Vec<String> {
    let steps = proposal.bundles.iter().flat_map(|bundle| &bundle.steps);
    let told = steps
        .map(|step| format!("{} {}", step.operation.name(), step.operation.target().resource()));
    told.collect()
}

#[test]
fn an_account_without_any_gets_all_fourteen() {
    let done = done(&bare(), &telling(&["email:security@example.org"]));
    assert_eq!((done.open.len(), done.waiting), (0, 14));
    assert_eq!(done.proposal.not_planned, Vec::new());
    let told = told(&done.proposal);
    assert_eq!(told.len(), 2 + 2 * 14);
    assert_eq!(told[0], "create-topic harden-alarms");
    assert_eq!(told[1], "subscribe harden-alarms");
    assert_eq!(told[2], "put-metric-filter harden-UnauthorizedApiCalls");
    assert_eq!(told[3], "put-metric-alarm harden-UnauthorizedApiCalls");
    let [topic, first, ..] = done.proposal.bundles.as_slice() else { panic!() };
    assert_eq!((topic.title.as_str(), topic.controls.len()), ("topic harden-alarms", 14));
    assert_eq!(topic.steps[1].impact.len(), 1);
    assert!(topic.steps[1].impact[0].contains("confirm within 3 days"));
    assert_eq!((first.title.as_str(), first.controls.len()), (row(1).title, 1));
    let steps = done.proposal.bundles.iter().flat_map(|bundle| &bundle.steps);
    let cost: f64 = steps.filter_map(|step| Some(step.cost.as_ref()?.usd_per_month)).sum();
    assert!((cost - 5.60).abs() < 0.001, "{cost}");
    assert!(first.steps[1].impact[0].starts_with("noise: Much"));
}

#[test]
fn the_pair_is_as_the_benchmark_has_it() {
    let done = done(&bare(), &telling(&[]));
    let mut after = done.after;
    let made = filters(&mut after)["harden-ConsoleSignInFailures"].clone();
    assert_eq!(made.pattern, row(6).pattern);
    let metric = &made.metrics[0];
    assert_eq!((metric.namespace.as_str(), metric.value.as_str()), ("CISBenchmark", "1"));
    assert_eq!((metric.default, metric.dimensions.len()), (None, 0));
    let alarm = &bells(&mut after).metric["harden-ConsoleSignInFailures"];
    let Watched::Metric { metric, statistic } = &alarm.watches else { panic!() };
    assert_eq!(
        (metric.name.as_str(), statistic.as_deref()),
        ("ConsoleSignInFailures", Some("Sum"))
    );
    assert_eq!(alarm.threshold.unwrap().to_string(), "10");
    assert_eq!((alarm.period, alarm.datapoints_to_alarm), (Some(300), None));
    assert_eq!(alarm.treat_missing_data.as_deref(), Some("notBreaching"));
    assert_eq!(alarm.alarm_actions, [topic_arn("harden-alarms").to_string()]);
}

#[test]
fn without_anybody_to_tell_all_is_made_and_the_setting_is_asked_for() {
    let done = done(&bare(), &telling(&[]));
    assert_eq!((done.open.len(), done.waiting), (14, 0));
    assert_eq!(told(&done.proposal).len(), 1 + 2 * 14);
    assert_eq!(done.proposal.not_planned.len(), 14);
    for entry in &done.proposal.not_planned {
        assert_eq!(entry.why, Why::NeedsSetting);
        assert_eq!(entry.resource.as_deref(), Some("harden-alarms"));
        assert!(entry.detail.contains("`--notify email:ADDRESS`"));
    }
    // Once somebody is named, the subscription is all that is missing.
    let proposal = proposed(&done.after, &telling(&["email:a@example.org"]), &Scope::whole());
    assert_eq!(told(&proposal), ["subscribe harden-alarms"]);
    assert_eq!(proposal.bundles[0].controls.len(), 14);
}

#[test]
fn what_is_right_is_used() {
    let whole = whole(4);
    let done = done(&whole, &telling(&[]));
    assert!(done.open.is_empty());
    let told = told(&done.proposal);
    assert_eq!(told.len(), 2 * 13);
    assert!(!told.iter().any(|one| one.contains("topic") || one.contains("IamPolicy")));
    // The topic that works is told by the others, too.
    let mut after = done.after;
    let alarm = &bells(&mut after).metric["harden-RootUsage"];
    assert_eq!(alarm.alarm_actions, [topic_arn("security").to_string()]);
}

#[test]
fn whom_the_baseline_names_is_subscribed_to_a_topic_that_is_used() {
    let mut sqs = whole(4);
    let notify = ["email:ops@example.org", "sqs:arn:aws:sqs:eu-west-1:111122223333:alarms"];
    let proposal = proposed(&sqs, &telling(&notify), &Scope::whole());
    assert_eq!(told(&proposal)[0], "subscribe security");
    let impact = &proposal.bundles[0].steps[0].impact;
    assert!(impact[0].contains("queue's own policy lets SNS send"), "{impact:?}");
    assert!(impact[1].contains("whatever else this topic sends"));
    assert_eq!(proposal.bundles[0].steps.len(), 1);
    // Nobody gets a second mail.
    security(&mut sqs).subscriptions.ok_mut().unwrap().push(ops(false));
    assert!(done(&sqs, &telling(&notify[..1])).open.is_empty());
}

#[test]
fn half_a_chain_is_completed_and_nothing_of_others_is_touched() {
    // A filter without an alarm.
    let mut half = whole(4);
    bells(&mut half).metric.clear();
    let told_of = |snapshot: &Snapshot| {
        let done = done(snapshot, &telling(&["email:a@example.org"]));
        let (mut before, mut after) = (snapshot.clone(), done.after);
        for (name, filter) in filters(&mut before).clone() {
            if !name.starts_with("harden-") {
                assert_eq!(filters(&mut after)[&name], filter);
            }
        }
        for (name, alarm) in bells(&mut before).metric.clone() {
            if !name.starts_with("harden-") {
                assert_eq!(bells(&mut after).metric[&name], alarm);
            }
        }
        let of = |one: &String| one.contains("IamPolicy") || one.contains("topic");
        let told: Vec<String> = told(&done.proposal).into_iter().filter(of).collect();
        (told, after)
    };
    let (told, mut after) = told_of(&half);
    assert_eq!(told, ["create-topic harden-alarms", "put-metric-alarm harden-IamPolicyChanges"]);
    let Watched::Metric { metric, .. } =
        &bells(&mut after).metric["harden-IamPolicyChanges"].watches
    else {
        panic!()
    };
    let theirs = Metric {
        namespace: "Audit".to_owned(),
        name: "Count".to_owned(),
        dimensions: BTreeMap::new(),
    };
    assert_eq!(*metric, theirs);
    // An alarm that is wrong gets one beside it, and its topic is used.
    let changes: [fn(&mut MetricAlarm); 3] = [
        |alarm| alarm.actions_enabled = false,
        |alarm| alarm.threshold = None,
        |alarm| alarm.comparison = "LessThanThreshold".to_owned(),
    ];
    for change in changes {
        let mut wrong = whole(4);
        change(bell(&mut wrong));
        assert_eq!(told_of(&wrong).0, ["put-metric-alarm harden-IamPolicyChanges"]);
    }
    // A filter whose numbers no alarm of ours could go by.
    let mut small = whole(4);
    bell(&mut small).actions_enabled = false;
    filters(&mut small).get_mut("f").unwrap().metrics[0].value = "0.5".to_owned();
    let pair =
        ["put-metric-filter harden-IamPolicyChanges", "put-metric-alarm harden-IamPolicyChanges"];
    assert_eq!(told_of(&small).0, pair);
    // One that counts into the same metric as another: an alarm on that would tell of both.
    let mut shared = whole(4);
    bell(&mut shared).actions_enabled = false;
    let other = crate::model::MetricFilter {
        pattern: row(5).pattern.to_owned(),
        ..filters(&mut shared)["f"].clone()
    };
    filters(&mut shared).insert("other".to_owned(), other);
    assert_eq!(told_of(&shared).0, pair);
    // A topic that nobody has subscribed to is not ours to fill.
    let mut silent = whole(4);
    security(&mut silent).subscriptions = Observed::Known(vec![]);
    assert_eq!(
        told_of(&silent).0,
        ["create-topic harden-alarms", "put-metric-alarm harden-IamPolicyChanges"]
    );
}

#[test]
fn what_has_our_name_is_put_right() {
    let settings = telling(&["email:a@example.org"]);
    let mut after = done(&bare(), &settings).after;
    filters(&mut after).get_mut("harden-RootUsage").unwrap().pattern = "{ $.a = b }".to_owned();
    let alarm = bells(&mut after).metric.get_mut("harden-VpcChanges").unwrap();
    alarm.threshold = None;
    alarm.alarm_actions = vec!["arn:aws:lambda:eu-west-1:111122223333:function:f".to_owned()];
    let done = done(&after, &settings);
    assert_eq!(
        told(&done.proposal),
        [
            "put-metric-filter harden-RootUsage",
            "put-metric-alarm harden-RootUsage",
            "put-metric-alarm harden-VpcChanges"
        ]
    );
    assert!(done.open.is_empty());
    let mut after = done.after;
    assert_eq!(bells(&mut after).metric["harden-VpcChanges"].alarm_actions.len(), 2);
    for step in done.proposal.bundles.iter().flat_map(|bundle| &bundle.steps) {
        assert_eq!(step.cost, None);
    }
}

#[test]
fn the_baselines_topic_is_opened_or_left() {
    let with = |policy: &str, key: Option<&str>| {
        let mut snapshot = bare();
        let mut one = topic("harden-alarms", vec![]);
        let attributes = one.attributes.ok_mut().unwrap();
        attributes.policy = Some(PolicyText::new(policy));
        attributes.key = key.map(ToOwned::to_owned);
        here(&mut snapshot).topics.insert(topic_arn("harden-alarms"), Observed::Known(Some(one)));
        snapshot
    };
    let settings = telling(&["email:a@example.org"]);
    let foreign = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Theirs","Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"sns:Publish","Resource":"*"}]}"#;
    let opened = done(&with(foreign, None), &settings);
    assert_eq!(
        told(&opened.proposal)[..2],
        ["set-topic-policy harden-alarms", "subscribe harden-alarms"]
    );
    let Operation::SetTopicPolicy { policy, .. } = &opened.proposal.bundles[0].steps[0].operation
    else {
        panic!()
    };
    assert!(policy.as_str().contains("Theirs") && policy.as_str().contains("HardenAlarms"));
    // The policy that SNS gives is enough as it is.
    let default = default_policy("harden-alarms");
    let done_by_default = done(&with(default.as_str(), None), &settings);
    assert_eq!(told(&done_by_default.proposal)[0], "subscribe harden-alarms");
    // What the statement does not mend is left, and with it all that would tell the topic.
    let shut = foreign.replace("Allow", "Deny").replace("events", "cloudwatch");
    for (snapshot, words) in [
        (with(&shut, None), "statement Theirs in the policy of topic harden-alarms keeps"),
        (with(foreign, Some("alias/aws/sns")), "encrypts with alias/aws/sns"),
        (with(r#"{"Other":1,"Statement":[]}"#, None), "cannot be read as one"),
    ] {
        let done = done(&snapshot, &settings);
        assert!(done.proposal.bundles.is_empty());
        assert_eq!(done.proposal.not_planned.len(), 14);
        assert!(done.proposal.not_planned[0].detail.contains(words), "{words}");
    }
}

#[test]
fn a_full_log_group_takes_no_more() {
    let mut full = bare();
    for number in 0..88 {
        filters(&mut full).insert(format!("x{number}"), filter("{ $.a = b }", "Other"));
    }
    let done = done(&full, &telling(&["email:a@example.org"]));
    assert_eq!((done.waiting, done.open.len()), (12, 2));
    let entry = &done.proposal.not_planned[0];
    assert_eq!((entry.why, entry.control), (Why::Unsupported, ControlId::new(3, 13)));
    assert!(entry.detail.contains("has 88 metric filters, this plan adds 12"), "{entry:?}");
    assert_eq!(done.proposal.bundles[0].controls.len(), 12);
}

#[test]
fn without_a_log_group_nothing_is_planned() {
    let bare_trail = crate::model::Trail { log_group: None, ..trail("main") };
    let snapshot = account(vec![bare_trail]);
    let left = |selected: &[&str]| {
        let selected: BTreeSet<ControlId> = selected.iter().map(|id| id.parse().unwrap()).collect();
        let tags = crate::change::Tags::new();
        let scope =
            Scope { selected: &selected, max_risk: Risk::Restrictive, tags: &tags, waivers: &[] };
        let proposal = proposed(&snapshot, &telling(&[]), &scope);
        assert!(proposal.bundles.is_empty());
        assert_eq!(proposal.not_planned.len(), 14);
        let entry = proposal.not_planned[0].clone();
        assert_eq!(entry.resource.as_deref(), Some("main"));
        (entry.why, entry.detail)
    };
    let (why, detail) = left(&["3.1"]);
    assert_eq!(why, Why::NeedsSetting);
    assert!(detail.ends_with("That is what 2.1 and 2.4 are about: select them too"));
    let (why, detail) = left(&["2.1", "3.1"]);
    assert_eq!(why, Why::NeedsSetting);
    assert!(detail.ends_with("That is what 2.4 is about: select it too"));
    let (why, detail) = left(&["2.1", "2.4", "3.1"]);
    assert_eq!(why, Why::HeldBack);
    assert!(detail.contains("see what stands in the way of 2.1 and 2.4"));
    done(&snapshot, &telling(&[]));
}

#[test]
fn a_trail_that_is_blind_for_one_alarm_serves_the_others() {
    let mut blind = bare();
    let trail = blind.logging.trails.values_mut().next().unwrap();
    trail.events.ok_mut().unwrap().excluded.insert("kms.amazonaws.com".to_owned());
    let done = done(&blind, &telling(&["email:a@example.org"]));
    assert_eq!((done.waiting, done.open.len()), (13, 1));
    assert!(done.proposal.not_planned[0].detail.contains("the events of kms.amazonaws.com"));
}

#[test]
fn the_letter_is_written_where_it_is_asked_for() {
    let mut settings = telling(&["email:a@example.org"]);
    settings.monitoring.patterns = Patterns::Literal;
    let mut after = done(&bare(), &settings).after;
    let made = &filters(&mut after)["harden-ConsoleSignInWithoutMfa"];
    assert_eq!(Some(made.pattern.as_str()), row(2).literal);
    // And put right where it is not asked for any more.
    let back = done(&after, &telling(&["email:a@example.org"]));
    assert_eq!(told(&back.proposal)[0], "put-metric-filter harden-ConsoleSignInWithoutMfa");
}

#[test]
fn of_several_log_groups_the_one_with_most_is_used() {
    let region = Region::new("us-west-2");
    let group_arn = "arn:aws:logs:us-west-2:111122223333:log-group:second:*".to_owned();
    let second =
        crate::model::Trail { home: region.clone(), log_group: Some(group_arn), ..trail("a") };
    let mut snapshot = account(vec![trail("main"), second]);
    let whole = whole(4).regional.remove(&crate::model::fixture::region()).unwrap();
    let bare_region = bare().regional.remove(&crate::model::fixture::region()).unwrap();
    let trails = here(&mut snapshot).trails.clone();
    *here(&mut snapshot) = crate::model::Regional { trails: trails.clone(), ..whole };
    let mut there = crate::model::Regional { trails, ..bare_region };
    let group = there.log_groups.remove(GROUP).unwrap();
    there.log_groups.insert("second".to_owned(), group);
    snapshot.regional.insert(region, there);
    let done = done(&snapshot, &telling(&[]));
    assert!(done.open.is_empty());
    assert_eq!(told(&done.proposal).len(), 2 * 13);
}
