//! For tests: an account with a chain that is whole, until a test breaks a link.

use std::collections::BTreeMap;

use super::{Alarm, alarms};
use crate::controls::logging::tests_support::{account, trail};
use crate::controls::{Case, Check, Finding, Outcome};
use crate::model::{
    AlarmRest, Alarms, FilterMetric, FilterRest, LogGroup, Metric, MetricAlarm, MetricFilter,
    Number, Observed, PolicyText, Regional, Settings, Snapshot, Subscription, Topic, TopicArn,
    TopicAttributes, Watched, fixture,
};

/// The log group that the trail fills.
pub(in crate::controls) const GROUP: &str = "trail";

/// The ARN of a topic.
pub(in crate::controls) fn topic_arn(name: &str) -> TopicArn {
    TopicArn::new(format!("arn:aws:sns:eu-west-1:111122223333:{name}"))
}

/// The alarm of a control.
pub(in crate::controls) fn row(number: u8) -> &'static Alarm {
    alarms().iter().find(|alarm| alarm.number == number).unwrap()
}

/// A filter of this pattern that feeds a metric with ones.
pub(in crate::controls) fn filter(pattern: &str, metric: &str) -> MetricFilter {
    let metric = FilterMetric {
        namespace: "Audit".to_owned(),
        name: metric.to_owned(),
        value: "1".to_owned(),
        default: None,
        dimensions: BTreeMap::new(),
        unit: None,
    };
    MetricFilter { pattern: pattern.to_owned(), metrics: vec![metric], rest: FilterRest::default() }
}

/// An alarm on such a metric that tells topic `security`.
pub(in crate::controls) fn alarm(metric: &str) -> MetricAlarm {
    let metric = Metric {
        namespace: "Audit".to_owned(),
        name: metric.to_owned(),
        dimensions: BTreeMap::new(),
    };
    MetricAlarm {
        watches: Watched::Metric { metric, statistic: Some("Sum".to_owned()) },
        period: Some(300),
        evaluation_periods: 1,
        datapoints_to_alarm: None,
        threshold: Some(Number::new(1.0)),
        comparison: "GreaterThanOrEqualToThreshold".to_owned(),
        treat_missing_data: None,
        actions_enabled: true,
        alarm_actions: vec![topic_arn("security").to_string()],
        rest: AlarmRest::default(),
    }
}

/// The policy that SNS gives every topic.
pub(in crate::controls) fn default_policy(topic: &str) -> PolicyText {
    PolicyText::of(&[serde_json::json!({
        "Sid": "__default_statement_ID",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": ["SNS:Publish", "SNS:Subscribe"],
        "Resource": topic_arn(topic).as_str(),
        "Condition": {"StringEquals": {"AWS:SourceOwner": fixture::account()}},
    })])
}

/// Somebody at `ops@example.org`.
pub(in crate::controls) fn ops(confirmed: bool) -> Subscription {
    Subscription {
        protocol: "email".to_owned(),
        endpoint: "ops@example.org".to_owned(),
        owner: fixture::account(),
        arn: confirmed.then(|| format!("{}:1", topic_arn("security"))),
    }
}

/// A topic with these subscribers.
pub(in crate::controls) fn topic(name: &str, subscriptions: Vec<Subscription>) -> Topic {
    Topic {
        attributes: Observed::Known(TopicAttributes {
            policy: Some(default_policy(name)),
            key: None,
            key_policy: Observed::Unread,
        }),
        subscriptions: Observed::Known(subscriptions),
    }
}

/// An account with a good trail `main` that fills a group without filters, and the baseline's topic absent.
pub(in crate::controls) fn bare() -> Snapshot {
    let mut snapshot = account(vec![trail("main")]);
    let group = LogGroup {
        class: "STANDARD".to_owned(),
        retention_days: None,
        filters: Observed::Known(BTreeMap::new()),
    };
    let here = here(&mut snapshot);
    here.log_groups.insert(GROUP.to_owned(), Observed::Known(Some(group)));
    here.alarms = Observed::Known(Alarms::default());
    here.topics.insert(topic_arn("harden-alarms"), Observed::Known(None));
    here.topic_list = Observed::Known([].into());
    snapshot
}

/// The same with a chain for one control that is not of harden's making: filter `f`, alarm `bell`, topic
/// `security` that tells `ops@example.org`.
pub(in crate::controls) fn whole(number: u8) -> Snapshot {
    let mut snapshot = bare();
    filters(&mut snapshot).insert("f".to_owned(), filter(row(number).pattern, "Count"));
    bells(&mut snapshot).metric.insert("bell".to_owned(), alarm("Count"));
    let security = topic("security", vec![ops(true)]);
    let here = here(&mut snapshot);
    here.topics.insert(topic_arn("security"), Observed::Known(Some(security)));
    here.topic_list = Observed::Known([topic_arn("security")].into());
    snapshot
}

/// The region in which all of it is.
pub(in crate::controls) fn here(snapshot: &mut Snapshot) -> &mut Regional {
    snapshot.regional.get_mut(&fixture::region()).unwrap()
}

/// The log group.
pub(in crate::controls) fn group(snapshot: &mut Snapshot) -> &mut LogGroup {
    here(snapshot).log_groups.get_mut(GROUP).unwrap().ok_mut().unwrap().as_mut().unwrap()
}

/// Its filters.
pub(in crate::controls) fn filters(snapshot: &mut Snapshot) -> &mut BTreeMap<String, MetricFilter> {
    group(snapshot).filters.ok_mut().unwrap()
}

/// The alarms.
pub(in crate::controls) fn bells(snapshot: &mut Snapshot) -> &mut Alarms {
    here(snapshot).alarms.ok_mut().unwrap()
}

/// The alarm `bell`.
pub(in crate::controls) fn bell(snapshot: &mut Snapshot) -> &mut MetricAlarm {
    bells(snapshot).metric.get_mut("bell").unwrap()
}

/// The topic `security`.
pub(in crate::controls) fn security(snapshot: &mut Snapshot) -> &mut Topic {
    let topics = &mut here(snapshot).topics;
    topics.get_mut(&topic_arn("security")).unwrap().ok_mut().unwrap().as_mut().unwrap()
}

/// The verdict of a control, by the default settings.
pub(in crate::controls) fn verdict(number: u8, snapshot: &Snapshot) -> Outcome {
    row(number).assess(&Case { snapshot, settings: &Settings::default() })
}

/// The one finding of a control.
#[track_caller]
pub(in crate::controls) fn broken(number: u8, snapshot: &Snapshot) -> Finding {
    let outcome = verdict(number, snapshot);
    let Outcome::Judged { findings, missing, pending, .. } = &outcome else {
        panic!("{outcome:?}")
    };
    assert!(missing.is_empty() && pending.is_empty(), "{outcome:?}");
    let [finding] = findings.as_slice() else { panic!("{outcome:?}") };
    finding.clone()
}

/// The notes of a control that passes.
#[track_caller]
pub(in crate::controls) fn passes(number: u8, snapshot: &Snapshot) -> Vec<String> {
    let outcome = verdict(number, snapshot);
    let Outcome::Judged { findings, missing, pending, notes } = &outcome else {
        panic!("{outcome:?}")
    };
    assert!(findings.is_empty() && missing.is_empty() && pending.is_empty(), "{outcome:?}");
    notes.clone()
}
