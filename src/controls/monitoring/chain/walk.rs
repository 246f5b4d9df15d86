//! All chains of an alarm of the benchmark, from every trail to every topic.

use std::collections::BTreeMap;

use super::acts::acts;
use super::feed::{Feed, feed};
use super::fires::fires;
use super::link::{End, Link, finding, unread};
use super::source::{Place, Sources};
use super::told::told;
use super::watched::watch;
use crate::controls::Case;
use crate::controls::logging::Named;
use crate::controls::monitoring::memo::judged;
use crate::controls::monitoring::{Alarm, Fit, names};
use crate::controls::words::list;
use crate::model::{Alarms, LogGroup, MetricAlarm, MetricFilter, Patterns, Region, Watched};

/// Where the chains by way of one log group end.
#[derive(Debug, Default)]
pub(in crate::controls::monitoring) struct Walked {
    pub(in crate::controls::monitoring) ends: Vec<End>,
    /// What was passed over, and should be known where nothing better is there.
    pub(super) doubts: Vec<String>,
}

/// Follows all chains by way of the log groups that trails fill.
pub(super) fn walk(case: &Case<'_>, alarm: &Alarm, sources: Sources<'_>) -> Walked {
    let mut all = Walked { ends: sources.ends, doubts: Vec::new() };
    for (place, trails) in &sources.filled {
        let Walked { ends, doubts } = by_way_of(case, alarm, place, trails);
        all.ends.extend(ends);
        all.doubts.extend(doubts);
    }
    all
}

/// Follows all chains by way of one log group.
pub(in crate::controls::monitoring) fn by_way_of(
    case: &Case<'_>,
    alarm: &Alarm,
    place: &Place,
    trails: &[Named<'_>],
) -> Walked {
    let mut walked = Walked::default();
    match filters(case, place) {
        Err(End::Broken(broken)) if broken.link == Link::Trail => {
            // The group is gone, and it is the trail that names it.
            let mut finding = broken.finding;
            finding.resource = trails.first().map_or(finding.resource, |one| one.name().to_owned());
            walked.ends.push(End::broken(Link::Trail, u8::MAX, finding));
        }
        Err(end) => walked.ends.push(end),
        Ok(filters) => Group { case, alarm, place, filters }.follow(&mut walked),
    }
    if alarm.threshold > 1 && trails.len() > 1 {
        let names: Vec<String> = trails.iter().map(|named| named.name().to_owned()).collect();
        let group = &place.group;
        let note = format!(
            "{} all deliver to log group {group}: each event counts once for each",
            list(&names)
        );
        for end in &mut walked.ends {
            if let End::Whole { notes } = end {
                notes.push(note.clone());
            }
        }
    }
    walked
}

/// The filters of a log group, as far as it can have any.
pub(in crate::controls::monitoring) fn filters<'a>(
    case: &Case<'a>,
    place: &Place,
) -> Result<&'a BTreeMap<String, MetricFilter>, End> {
    let Place { region, group: name } = place;
    let group =
        case.snapshot.regional.get(region).and_then(|regional| regional.log_groups.get(name));
    let dark = |gap| End::dark(region, Some(name), gap);
    let group = group.ok_or_else(|| dark(unread()))?.known().map_err(dark)?;
    let Some(LogGroup { class, filters, .. }) = group else {
        let words = format!("delivers to log group {name}, which does not exist");
        return Err(End::broken(Link::Trail, 0, finding(region, name, words)));
    };
    if class != "STANDARD" {
        let words = format!("log group {name} is of class {class}, which has no metric filters");
        return Err(End::broken(Link::Filter, 0, finding(region, name, words)));
    }
    filters.known().map_err(dark)
}

/// What a pattern is to an alarm, by the patterns that the baseline wants.
pub(in crate::controls::monitoring) fn fit(case: &Case<'_>, alarm: &Alarm, pattern: &str) -> Fit {
    judged(alarm, pattern, case.settings.monitoring.patterns == Patterns::Literal)
}

/// One log group, looked at for one alarm.
struct Group<'a> {
    case: &'a Case<'a>,
    alarm: &'a Alarm,
    place: &'a Place,
    filters: &'a BTreeMap<String, MetricFilter>,
}

impl<'a> Group<'a> {
    fn region(&self) -> &'a Region {
        &self.place.region
    }

    fn follow(&self, walked: &mut Walked) {
        let mut covered = false;
        for (name, filter) in self.filters {
            let fit = fit(self.case, self.alarm, &filter.pattern);
            if let Fit::Covers { variant } = fit {
                covered = true;
                let note = variant.map(|_| format!("filter {name} {fit}"));
                self.through_filter(name, filter, note.as_slice(), walked);
            } else {
                self.passed_over(name, filter, &fit, walked);
            }
        }
        if !covered {
            let group = &self.place.group;
            let words = format!("no metric filter of log group {group} is made for this");
            walked.ends.push(End::broken(Link::Filter, 0, finding(self.region(), group, words)));
        }
    }

    /// A filter that does not do.
    fn passed_over(&self, name: &str, filter: &MetricFilter, fit: &Fit, walked: &mut Walked) {
        let by_letter = || {
            let letter =
                self.alarm.literal.is_some().then(|| judged(self.alarm, &filter.pattern, true));
            matches!(letter, Some(Fit::Covers { .. }))
        };
        let told = match fit {
            Fit::Unrelated { .. } if by_letter() => Some((
                3,
                format!("filter {name} has the pattern of v1.0.0, which matches no sign-in"),
            )),
            _ if name == names::filter(self.alarm) => Some((4, format!("filter {name}: {fit}"))),
            Fit::Misses { .. } => Some((3, format!("filter {name} {fit}"))),
            Fit::Broad { .. } | Fit::Dead | Fit::Undecided { .. } => {
                walked.doubts.push(format!("filter {name} does not count: it {fit}"));
                None
            }
            Fit::Covers { .. }
            | Fit::Unrelated { .. }
            | Fit::Invalid { .. }
            | Fit::NotJson { .. } => None,
        };
        if let Some((weight, words)) = told {
            walked.ends.push(End::broken(
                Link::Filter,
                weight,
                finding(self.region(), name, words),
            ));
        }
    }

    fn through_filter(
        &self,
        name: &'a str,
        filter: &'a MetricFilter,
        notes: &[String],
        walked: &mut Walked,
    ) {
        let broken = |words| End::broken(Link::Metric, 0, finding(self.region(), name, words));
        if filter.metrics.is_empty() {
            walked.ends.push(broken(format!("filter {name} feeds no metric")));
        }
        for metric in &filter.metrics {
            match feed(self.filters, name, metric) {
                Err(words) => walked.ends.push(broken(words)),
                Ok(feed) => self.through_metric(&feed, notes, walked),
            }
        }
    }

    fn through_metric(&self, feed: &Feed<'_>, notes: &[String], walked: &mut Walked) {
        let region = self.region();
        let regional = self.case.snapshot.regional.get(region);
        let alarms = match regional.map(|regional| regional.alarms.known()) {
            Some(Ok(alarms)) => alarms,
            Some(Err(gap)) => return walked.ends.push(End::dark(region, None, gap)),
            None => return walked.ends.push(End::dark(region, None, unread())),
        };
        let mut watched = false;
        for (name, alarm) in &alarms.metric {
            match watch(alarm, feed) {
                None => continue,
                Some(Err((link, words))) => {
                    let words = format!("alarm {name} {words}");
                    walked.ends.push(End::broken(link, 2, finding(region, name, words)));
                }
                Some(Ok(watch)) => match fires(alarm, &watch, feed, self.alarm.threshold) {
                    Err(words) => {
                        let words = format!("alarm {name} {words}");
                        walked.ends.push(End::broken(Link::Fires, 3, finding(region, name, words)));
                    }
                    Ok(more) => {
                        let more = more.iter().map(|words| format!("alarm {name} {words}"));
                        let added = watch.added.then(|| {
                            format!("alarm {name} watches a sum of several metrics: each has to have data")
                        });
                        let notes: Vec<String> =
                            notes.iter().cloned().chain(more).chain(added).collect();
                        self.through_alarm(alarms, name, &notes, walked);
                    }
                },
            }
            watched = true;
        }
        if !watched {
            walked.ends.push(unwatched(region, alarms, feed));
        }
    }

    fn through_alarm(&self, alarms: &Alarms, name: &str, notes: &[String], walked: &mut Walked) {
        let region = self.region();
        let (acts, ends) = acts(region, alarms, name);
        walked.ends.extend(ends);
        for (by, topic) in acts {
            let mut end = told(self.case, region, &topic, by);
            if let End::Whole { notes: of_topic } = &mut end {
                of_topic.extend(notes.iter().cloned());
            }
            walked.ends.push(end);
        }
    }
}

/// No alarm watches the metric; perhaps one watches another of its name.
fn unwatched(region: &Region, alarms: &Alarms, feed: &Feed<'_>) -> End {
    let (filter, metric) = (feed.filter, feed.metric);
    let namespace = |alarm: &MetricAlarm| match &alarm.watches {
        Watched::Metric { metric: other, .. } if other.name == metric.name => {
            Some(other.namespace.clone())
        }
        Watched::Metric { .. } | Watched::Queries(_) => None,
    };
    let namesake = alarms.metric.iter().find_map(|(name, one)| Some((name, namespace(one)?)));
    if let Some((name, other)) = namesake {
        let words = format!(
            "alarm {name} watches {} in namespace {other}, and filter {filter} feeds {}",
            metric.name, metric.namespace
        );
        return End::broken(Link::Metric, 1, finding(region, name, words));
    }
    let words = format!(
        "no alarm watches what filter {filter} counts: {} in namespace {}",
        metric.name, metric.namespace
    );
    End::broken(Link::Metric, 1, finding(region, filter, words))
}
