//! Reads what alarms rest on: log groups and their filters, the alarms, and whom these tell.
//!
//! All but the lists of topics depends on what was found before.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::{join, join_all};

use super::topics::{Ask, read_topic};
use super::{Request, when};
use crate::aws::{Clients, cloudwatch, logs};
use crate::model::{
    AccountId, LogGroup, Logging, Metric, MetricAlarm, Observed, Read, Region, Regional, TopicArn,
    Watched,
};

/// The reads that are made here, and the lists that they begin with.
const READS: [Read; 6] = [
    Read::LogGroups,
    Read::MetricFilters,
    Read::Alarms,
    Read::Topics,
    Read::TopicAttributes,
    Read::Subscribers,
];

/// Whether there is anything to read.
pub(super) fn is_needed(reads: &BTreeSet<Read>) -> bool {
    READS.iter().any(|read| reads.contains(read))
}

/// What has been read so far, and is to be completed.
pub(super) struct Monitoring<'a> {
    pub(super) clients: &'a Clients,
    pub(super) request: &'a Request,
    pub(super) logging: &'a Logging,
    pub(super) regional: &'a mut BTreeMap<Region, Regional>,
}

impl Monitoring<'_> {
    /// Reads what is asked for, and nothing a second time.
    pub(super) async fn complete(self) {
        let watched = join_all(self.groups().into_iter().map(async |(region, names)| {
            let groups = self.read_groups(&region, names);
            let alarms = when(self.wants(Read::Alarms), cloudwatch::alarms(self.clients, &region));
            let read = join(groups, alarms).await;
            (region, read)
        }));
        for (region, (groups, alarms)) in watched.await {
            if let Some(regional) = self.regional.get_mut(&region) {
                // That of flow logs has been read for itself, and one of these may have its name.
                for (name, group) in groups {
                    let held = regional.log_groups.entry(name).or_default();
                    if group != Observed::Unread {
                        *held = group;
                    }
                }
                regional.alarms = alarms;
            }
        }
        let topics = join_all(self.topics().into_iter().map(async |(arn, ask)| {
            let topic = read_topic(self.clients, &arn, &ask).await;
            (arn, ask.region, topic)
        }));
        for (arn, region, topic) in topics.await {
            if let Some(regional) = self.regional.get_mut(&region) {
                regional.topics.insert(arn, topic);
            }
        }
    }

    fn wants(&self, read: Read) -> bool {
        self.request.reads.contains(&read)
    }

    /// Where alarms of the baseline belong: at home with each trail, and where a plan makes one if there
    /// is none.
    fn homes(&self) -> BTreeSet<Region> {
        let account = self.clients.account();
        let trails = self.logging.trails.values().filter(|trail| trail.owner == *account);
        let home = self.clients.home();
        let first = self.regional.keys().next().filter(|_| !self.regional.contains_key(home));
        let homes = trails.map(|trail| &trail.home).chain([home]).chain(first);
        homes.filter(|home| self.regional.contains_key(*home)).cloned().collect()
    }

    /// The log groups that trails deliver to, and those that the baseline names.
    fn groups(&self) -> BTreeMap<Region, BTreeSet<String>> {
        let mut groups: BTreeMap<Region, BTreeSet<String>> = BTreeMap::new();
        if ![Read::LogGroups, Read::Alarms].into_iter().any(|read| self.wants(read)) {
            return groups;
        }
        let ours = &self.request.settings.trail.log_group;
        let named = self.homes().into_iter().map(|home| (home, ours.clone()));
        let trails = self.logging.trails.values().filter_map(|trail| trail.log_group.as_deref());
        let delivered = trails.filter_map(|arn| group_of(arn, self.clients.account()));
        for (region, name) in named.chain(delivered) {
            if self.regional.contains_key(&region) {
                groups.entry(region).or_default().insert(name);
            }
        }
        groups
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "one kind of error is looked for")]
    async fn read_groups(
        &self,
        region: &Region,
        names: BTreeSet<String>,
    ) -> BTreeMap<String, Observed<Option<LogGroup>>> {
        let groups = join_all(names.into_iter().map(async |name| {
            let wanted = self.wants(Read::LogGroups);
            let group = when(wanted, logs::log_group(self.clients, region, &name)).await;
            let group = match group {
                Observed::Known(Some(group)) => {
                    let filters = logs::metric_filters(self.clients, region, &name);
                    let filters = when(self.wants(Read::MetricFilters), filters).await;
                    Observed::Known(Some(LogGroup { filters, ..group }))
                }
                other => other,
            };
            (name, group)
        }));
        groups.await.into_iter().collect()
    }

    /// The topics to read, each once: those that are listed, that alarms tell or that the baseline names.
    fn topics(&self) -> BTreeMap<TopicArn, Ask> {
        let [attributes, subscribers, key_policy] =
            [Read::TopicAttributes, Read::Subscribers, Read::KeyPolicies]
                .map(|read| self.wants(read));
        let mut topics = BTreeMap::new();
        for (region, regional) in &*self.regional {
            for arn in regional.topic_list.ok().into_iter().flatten() {
                let region = region.clone();
                let ask = Ask { region, attributes: false, subscribers, key_policy: false };
                topics.insert(arn.clone(), ask);
            }
        }
        let told = self.regional.values().flat_map(told).filter(|_| attributes || subscribers);
        let homes = if attributes { self.homes() } else { BTreeSet::new() };
        let ours = homes.iter().map(|home| {
            TopicArn::new(self.clients.arn("sns", home, &self.request.settings.monitoring.topic))
        });
        for arn in told.chain(ours) {
            if let Some(region) = arn.region().filter(|at| self.regional.contains_key(at)) {
                topics.insert(arn, Ask { region, attributes, subscribers, key_policy });
            }
        }
        topics
    }
}

/// The region and the name of a log group of the account.
fn group_of(arn: &str, account: &AccountId) -> Option<(Region, String)> {
    let fields: Vec<&str> = arn.split(':').collect();
    match fields[..] {
        ["arn", _, "logs", region, owner, "log-group", name, ..] if owner == account.as_str() => {
            Some((Region::new(region), name.to_owned()))
        }
        _ => None,
    }
}

/// The topics that are told by alarms on what the filters count, and by alarms on other alarms.
fn told(regional: &Regional) -> BTreeSet<TopicArn> {
    let Some(alarms) = regional.alarms.ok() else { return BTreeSet::new() };
    let groups = regional.log_groups.values().filter_map(|group| group.ok()?.as_ref());
    let filters = groups.filter_map(|group| group.filters.ok()).flat_map(BTreeMap::values);
    let counted: BTreeSet<(&str, &str)> = filters
        .flat_map(|filter| &filter.metrics)
        .map(|metric| (metric.namespace.as_str(), metric.name.as_str()))
        .collect();
    let counts = |metric: &Metric| counted.contains(&(&*metric.namespace, &*metric.name));
    let metric = alarms.metric.values().filter(|alarm| watched(alarm).any(counts));
    let composite = alarms.composite.values().flat_map(|alarm| &alarm.alarm_actions);
    let actions = metric.flat_map(|alarm| &alarm.alarm_actions).chain(composite);
    actions.filter(|arn| is_topic(arn)).map(TopicArn::new).collect()
}

/// The metrics that an alarm watches.
fn watched(alarm: &MetricAlarm) -> impl Iterator<Item = &Metric> {
    let (one, queries) = match &alarm.watches {
        Watched::Metric { metric, .. } => (Some(metric), &[][..]),
        Watched::Queries(queries) => (None, &queries[..]),
    };
    let fetched = queries.iter().filter_map(|query| Some(&query.metric.as_ref()?.0));
    one.into_iter().chain(fetched)
}

/// Alarms act on other things than topics too.
fn is_topic(arn: &str) -> bool {
    arn.starts_with("arn:") && arn.split(':').nth(2) == Some("sns")
}

#[cfg(test)]
mod tests;
