//! A metric filter and an alarm on what it counts.

use std::collections::{BTreeMap, BTreeSet};

use super::work::{Work, additive, instead};
use crate::change::{Cost, Operation, Tags};
use crate::controls::monitoring::chain::{
    Feed, Place, feed, filters, fires, fit, topics_of, watch,
};
use crate::controls::monitoring::{Alarm, Fit, USD_PER_ALARM, USD_PER_FILTER, names};
use crate::controls::obstacle::Obstacle;
use crate::controls::{Step, Why};
use crate::model::{
    AlarmRest, Alarms, FilterMetric, FilterRest, Metric, MetricAlarm, MetricFilter, Number,
    Patterns, TopicArn, Watched,
};

/// The most metric filters that CloudWatch Logs takes on a log group.
const MOST_FILTERS: usize = 100;

/// The most actions that CloudWatch takes for a state of an alarm.
const MOST_ACTIONS: usize = 5;

/// Pairs of filter and alarm that tell one topic.
pub(super) struct Pairs<'w, 'a> {
    work: &'w Work<'a>,
    topic: TopicArn,
    /// The filters that are to be made.
    new: BTreeMap<Place, BTreeSet<String>>,
}

impl<'w, 'a> Pairs<'w, 'a> {
    pub(super) fn new(work: &'w Work<'a>, topic: TopicArn) -> Self {
        Self { work, topic, new: BTreeMap::new() }
    }

    /// The steps after which filter and alarm are right.
    pub(super) fn steps(&mut self, row: &Alarm, place: &Place) -> Result<Vec<Step>, Obstacle> {
        let what = format!("the filters of log group {}", place.group);
        let filters = filters(self.work.case, place).map_err(|end| instead(&what, &end))?;
        let alarms = self.work.regional(&place.region)?.alarms.known();
        let what = format!("the alarms in {}", place.region);
        let alarms = alarms.map_err(|gap| Obstacle::unread(&what, &gap))?;
        let feeds = self.feeds(row, filters);
        if feeds.iter().any(|feed| self.is_watched(row, feed, alarms)) {
            return Ok(Vec::new());
        }
        if let Some(feed) = best(row, &feeds) {
            return Ok(vec![self.alarm(row, place, metric_of(feed.metric), alarms)?]);
        }
        let filter = self.filter(row, place, filters)?;
        Ok(vec![filter, self.alarm(row, place, metric_of(&self.made(row)), alarms)?])
    }

    /// What the filters that match all that they should feed their metrics with.
    fn feeds<'f>(&self, row: &Alarm, filters: &'f BTreeMap<String, MetricFilter>) -> Vec<Feed<'f>> {
        let covers = |filter: &MetricFilter| {
            matches!(fit(self.work.case, row, &filter.pattern), Fit::Covers { .. })
        };
        let covering = filters.iter().filter(|(_, filter)| covers(filter));
        let feeds = covering.flat_map(|(name, filter)| {
            filter.metrics.iter().filter_map(|metric| feed(filters, name, metric).ok())
        });
        feeds.collect()
    }

    /// Whether an alarm is right but for what becomes of the topic that it tells.
    fn is_watched(&self, row: &Alarm, feed: &Feed<'_>, alarms: &Alarms) -> bool {
        alarms.metric.values().any(|alarm| {
            let goes_off = match watch(alarm, feed) {
                Some(Ok(watch)) => fires(alarm, &watch, feed, row.threshold).is_ok(),
                Some(Err(_)) | None => false,
            };
            goes_off
                && alarm.actions_enabled
                && topics_of(&alarm.alarm_actions).contains(&self.topic)
        })
    }

    /// The metric of a filter that harden makes.
    fn made(&self, row: &Alarm) -> FilterMetric {
        FilterMetric {
            namespace: self.work.case.settings.monitoring.namespace.clone(),
            name: row.metric.to_owned(),
            value: "1".to_owned(),
            default: None,
            dimensions: BTreeMap::new(),
            unit: None,
        }
    }

    fn filter(
        &mut self,
        row: &Alarm,
        place: &Place,
        filters: &BTreeMap<String, MetricFilter>,
    ) -> Result<Step, Obstacle> {
        let name = names::filter(row);
        let new = self.new.entry(place.clone()).or_default();
        if !filters.contains_key(&name) {
            let (there, planned) = (filters.len(), new.len());
            if there + planned >= MOST_FILTERS {
                let adds = match planned {
                    0 => String::new(),
                    _ => format!(", this plan adds {planned}"),
                };
                let detail = format!(
                    "log group {} has {there} metric filters{adds}, and AWS takes no more than \
                     {MOST_FILTERS}: delete one that nobody needs",
                    place.group
                );
                return Err(Obstacle::new(Why::Unsupported, detail));
            }
            new.insert(name.clone());
        }
        let metric = self.made(row);
        let is_fed =
            |other: &FilterMetric| other.namespace == metric.namespace && other.name == metric.name;
        let is_new = !filters.values().flat_map(|filter| &filter.metrics).any(is_fed);
        let literal = self.work.case.settings.monitoring.patterns == Patterns::Literal;
        let pattern = row.literal.filter(|_| literal).unwrap_or(row.pattern).to_owned();
        let operation = Operation::PutMetricFilter {
            region: place.region.clone(),
            group: place.group.clone(),
            filter: name,
            to: MetricFilter { pattern, metrics: vec![metric], rest: FilterRest::default() },
        };
        let cost = Cost {
            usd_per_month: USD_PER_FILTER,
            note: "a custom metric, while there are events; the first 10 of the account are free"
                .to_owned(),
        };
        Ok(additive(operation, Vec::new(), is_new.then_some(cost)))
    }

    fn alarm(
        &self,
        row: &Alarm,
        place: &Place,
        metric: Metric,
        alarms: &Alarms,
    ) -> Result<Step, Obstacle> {
        let name = names::alarm(row);
        if alarms.composite.contains_key(&name) {
            let detail =
                format!("{name} is a composite alarm: an alarm of this name cannot be made");
            return Err(Obstacle::new(Why::Unsupported, detail));
        }
        let before = alarms.metric.get(&name);
        if let Some(kept) = before.filter(|alarm| !alarm.rest.unkept.is_empty()) {
            let fields = kept.rest.unkept.join(", ");
            let detail =
                format!("alarm {name} has {fields}, which harden would lose: delete it first");
            return Err(Obstacle::new(Why::Manual, detail));
        }
        // Whoever was added to it stays.
        let mut actions = before.map(|alarm| alarm.alarm_actions.clone()).unwrap_or_default();
        if !topics_of(&actions).contains(&self.topic) {
            actions.push(self.topic.to_string());
        }
        if actions.len() > MOST_ACTIONS {
            let detail = format!("alarm {name} has {MOST_ACTIONS} actions, and AWS takes no more");
            return Err(Obstacle::new(Why::Unsupported, detail));
        }
        let operation = Operation::PutMetricAlarm {
            region: place.region.clone(),
            alarm: name,
            to: rung_by(metric, row.threshold, actions, before),
            // AWS takes tags only with a new one.
            tags: if before.is_none() { self.work.scope.tags.clone() } else { Tags::new() },
        };
        let cost = Cost {
            usd_per_month: USD_PER_ALARM,
            note: "an alarm; the first 10 of the account are free".to_owned(),
        };
        let impact = vec![format!("noise: {}", row.noise)];
        Ok(additive(operation, impact, before.is_none().then_some(cost)))
    }
}

/// The filter whose metric an alarm of ours can watch: ours before others, and none that shares it.
fn best<'f, 'p>(row: &Alarm, feeds: &'f [Feed<'p>]) -> Option<&'f Feed<'p>> {
    let ours = names::filter(row);
    let counts = |feed: &&Feed<'_>| {
        feed.value >= 1.0
            && feed.metric.dimensions.is_empty()
            && (!feed.shared || feed.filter == ours)
    };
    feeds.iter().filter(counts).min_by_key(|feed| feed.filter != ours)
}

fn metric_of(metric: &FilterMetric) -> Metric {
    let (namespace, name) = (metric.namespace.clone(), metric.name.clone());
    Metric { namespace, name, dimensions: BTreeMap::new() }
}

/// An alarm at so many events within five minutes.
fn rung_by(
    metric: Metric,
    threshold: u32,
    alarm_actions: Vec<String>,
    before: Option<&MetricAlarm>,
) -> MetricAlarm {
    // What tells people something stays, what keeps it from going off does not.
    let rest = before.map_or_else(AlarmRest::default, |alarm| AlarmRest {
        description: alarm.rest.description.clone(),
        ok_actions: alarm.rest.ok_actions.clone(),
        insufficient_data_actions: alarm.rest.insufficient_data_actions.clone(),
        ..AlarmRest::default()
    });
    MetricAlarm {
        watches: Watched::Metric { metric, statistic: Some("Sum".to_owned()) },
        period: Some(300),
        evaluation_periods: 1,
        datapoints_to_alarm: None,
        threshold: Some(Number::new(f64::from(threshold))),
        comparison: "GreaterThanOrEqualToThreshold".to_owned(),
        treat_missing_data: Some("notBreaching".to_owned()),
        actions_enabled: true,
        alarm_actions,
        rest,
    }
}
