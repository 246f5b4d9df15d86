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
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::aws::fake::{Fake, fake, iam_error};
    use crate::model::{Action, PolicyText, Settings, Snapshot, Topic};
    use crate::observe::observe;

    const EVERY: [Read; 8] = [
        Read::Trails,
        Read::LogGroups,
        Read::MetricFilters,
        Read::Alarms,
        Read::Topics,
        Read::TopicAttributes,
        Read::Subscribers,
        Read::KeyPolicies,
    ];

    fn home() -> Region {
        Region::new("eu-west-1")
    }

    fn far() -> Region {
        Region::new("us-west-2")
    }

    fn arn(region: &str, account: &str, name: &str) -> String {
        format!("arn:aws:sns:{region}:{account}:{name}")
    }

    /// A trail at home in us-west-2 that delivers to `trail` there, another that delivers to another
    /// account, and one of another account. A filter of `trail` counts into `n m`; alarms on that tell
    /// `alarms`, which is listed and encrypted, and a topic of another account.
    fn account(request: &str) -> (u16, String) {
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        let far = head.contains("/us-west-2/");
        let asked = |action: &str| head.contains(&format!(".{action}\r\n"));
        let json = if asked("DescribeTrails") {
            trails()
        } else if asked("DescribeLogGroups") {
            let groups = if far { r#"{"logGroupName":"trail","retentionInDays":90}"# } else { "" };
            format!(r#"{{"logGroups":[{groups}]}}"#)
        } else if asked("DescribeMetricFilters") {
            let metric = r#"{"metricNamespace":"n","metricName":"m","metricValue":"1"}"#;
            let filter = format!(r#"{{"filterName":"f","metricTransformations":[{metric}]}}"#);
            format!(r#"{{"metricFilters":[{filter}]}}"#)
        } else if head.contains("/operation/DescribeAlarms") {
            if far { alarms() } else { "{}".to_owned() }
        } else if asked("DescribeKey") {
            r#"{"KeyMetadata":{"KeyId":"1","Arn":"arn:aws:kms:us-west-2:111122223333:key/1"}}"#
                .to_owned()
        } else if asked("GetKeyPolicy") && body.contains("key/1") {
            r#"{"Policy":"of the key"}"#.to_owned()
        } else if body.contains("Action=") {
            return sns(far, body);
        } else {
            return (400, r#"{"__type":"AccessDeniedException"}"#.to_owned());
        };
        (200, json)
    }

    fn trails() -> String {
        let trail = |region: &str, account: &str, group: &str| {
            format!(
                r#"{{"TrailARN":"arn:aws:cloudtrail:{region}:{account}:trail/{group}","Name":"t",
                    "HomeRegion":"{region}","S3BucketName":"b","CloudWatchLogsLogGroupArn":
                    "arn:aws:logs:{region}:{account}:log-group:{group}:*"}}"#
            )
        };
        let trails = [
            trail("us-west-2", "111122223333", "trail"),
            trail("us-east-1", "111122223333", "unselected"),
            trail("eu-west-1", "444455556666", "foreign"),
        ];
        format!(r#"{{"trailList":[{}]}}"#, trails.join(","))
    }

    fn alarms() -> String {
        let alarm = |name: &str, watched: &str, topic: &str| {
            format!(
                r#"{{"AlarmName":"{name}","ActionsEnabled":true,"EvaluationPeriods":1,
                    "ComparisonOperator":"GreaterThanThreshold",{watched},
                    "AlarmActions":["{topic}","arn:aws:lambda:us-west-2:111122223333:function:f"]}}"#
            )
        };
        let metric = r#"{"Namespace":"n","MetricName":"m"}"#;
        let fetched =
            format!(r#""Metrics":[{{"Id":"a","MetricStat":{{"Metric":{metric},"Stat":"Sum"}}}}]"#);
        let ours = arn("us-west-2", "111122223333", "alarms");
        let metric = [
            alarm("plain", r#""Namespace":"n","MetricName":"m""#, &ours),
            alarm("math", &fetched, &arn("us-west-2", "444455556666", "theirs")),
            alarm(
                "of-somebody",
                r#""Namespace":"n","MetricName":"o""#,
                &arn("us-west-2", "111122223333", "other"),
            ),
        ];
        let composite = format!(
            r#"{{"AlarmName":"both","AlarmRule":"ALARM(plain)","ActionsEnabled":true,
                "AlarmActions":["{}","{ours}"]}}"#,
            arn("us-west-2", "111122223333", "composite")
        );
        format!(r#"{{"MetricAlarms":[{}],"CompositeAlarms":[{composite}]}}"#, metric.join(","))
    }

    /// Everything is listed in us-west-2, and nothing elsewhere.
    fn sns(far: bool, body: &str) -> (u16, String) {
        let answer = |operation: &str, result: &str| {
            let result = format!("<{operation}Result>{result}</{operation}Result>");
            (200, format!("<{operation}Response>{result}</{operation}Response>"))
        };
        if body.contains("ListTopics") {
            let topics = ["alarms", "quiet"].map(|name| {
                let arn = arn("us-west-2", "111122223333", name);
                format!("<member><TopicArn>{arn}</TopicArn></member>")
            });
            let topics = if far { topics.concat() } else { String::new() };
            return answer("ListTopics", &format!("<Topics>{topics}</Topics>"));
        }
        if body.contains("444455556666") {
            return iam_error(403, "AuthorizationError", "not authorized");
        }
        if body.contains("harden-alarms") {
            return iam_error(404, "NotFound", "Topic does not exist");
        }
        if body.contains("ListSubscriptionsByTopic") {
            return answer("ListSubscriptionsByTopic", "<Subscriptions></Subscriptions>");
        }
        let entry = |key: &str, value: &str| {
            format!("<entry><key>{key}</key><value>{value}</value></entry>")
        };
        let key = if body.contains("alarms") { "alias/topics" } else { "alias/aws/sns" };
        let entries = entry("Policy", "of the topic") + &entry("KmsMasterKeyId", key);
        answer("GetTopicAttributes", &format!("<Attributes>{entries}</Attributes>"))
    }

    async fn read(fake: &Fake, reads: &[Read]) -> Snapshot {
        let request = Request {
            reads: reads.iter().copied().chain([Read::Topics]).collect(),
            regions: Some([home(), far()].into()),
            settings: Settings::default(),
            version: "0.1.0".to_owned(),
            taken_at: Timestamp::UNIX_EPOCH,
        };
        observe(&fake.session, &fake.clients, &request, &|_| ()).await.unwrap()
    }

    fn topic<'a>(
        snapshot: &'a Snapshot,
        region: &Region,
        name: &str,
    ) -> &'a Observed<Option<Topic>> {
        let named = |arn: &&TopicArn| arn.name() == name;
        let topics = &snapshot.regional[region].topics;
        &topics[topics.keys().find(named).unwrap()]
    }

    #[tokio::test]
    async fn log_groups_are_read_where_alarms_can_be() {
        let fake = fake(account);
        let snapshot = read(&fake, &EVERY).await;
        let at = |region: &Region| &snapshot.regional[region].log_groups;
        let names = |region: &Region| at(region).keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&home()), ["harden/cloudtrail"], "nothing of another account");
        assert_eq!(names(&far()), ["harden/cloudtrail", "trail"]);
        assert_eq!(at(&home())["harden/cloudtrail"], Observed::Known(None));
        let trail = at(&far())["trail"].ok().unwrap().as_ref().unwrap();
        assert_eq!(trail.retention_days, Some(90));
        assert!(trail.filters.ok().unwrap().contains_key("f"));
        assert_eq!(fake.requests("DescribeMetricFilters").len(), 1);
        // In the region without a group too, and once in that with two.
        assert_eq!(fake.requests("/operation/DescribeAlarms").len(), 2);
        assert_eq!(
            snapshot.regional[&home()].alarms,
            Observed::Known(crate::model::Alarms::default())
        );
        assert_eq!(snapshot.regional[&far()].alarms.ok().unwrap().metric.len(), 3);
        assert_eq!(fake.requests("/us-east-1/").len(), 0, "a region that is not selected");
    }

    #[tokio::test]
    async fn topics_are_read_once_whoever_names_them() {
        let fake = fake(account);
        let snapshot = read(&fake, &EVERY).await;
        let names = |region: &Region| {
            let topics = &snapshot.regional[region].topics;
            topics.keys().map(TopicArn::name).collect::<BTreeSet<_>>()
        };
        assert_eq!(names(&home()), ["harden-alarms"].into());
        let expected = ["alarms", "composite", "harden-alarms", "quiet", "theirs"];
        assert_eq!(names(&far()), expected.into());
        for region in [home(), far()] {
            assert_eq!(*topic(&snapshot, &region, "harden-alarms"), Observed::Known(None));
        }
        let known = |name| topic(&snapshot, &far(), name).ok().unwrap().as_ref().unwrap();
        let quiet = known("quiet");
        assert_eq!(quiet.attributes, Observed::Unread, "listed, and told by no alarm");
        assert_eq!(quiet.subscriptions, Observed::Known(Vec::new()));
        let action = |name| Action::new(name);
        let theirs = Topic {
            attributes: Observed::Denied { action: action("sns:GetTopicAttributes") },
            subscriptions: Observed::Denied { action: action("sns:ListSubscriptionsByTopic") },
        };
        assert_eq!(*known("theirs"), theirs);
        assert_eq!(fake.requests("Action=ListTopics").len(), 2);
        assert_eq!(fake.requests("Action=ListSubscriptionsByTopic").len(), 6);
        assert_eq!(fake.requests("Action=GetTopicAttributes").len(), 5);
    }

    #[tokio::test]
    async fn the_policy_of_a_key_of_ours_is_read() {
        let fake = fake(account);
        let snapshot = read(&fake, &EVERY).await;
        let policy = |name| {
            let topic = topic(&snapshot, &far(), name).ok().unwrap().as_ref().unwrap();
            topic.attributes.ok().unwrap().key_policy.clone()
        };
        assert_eq!(policy("alarms"), Observed::Known(Some(PolicyText::new("of the key"))));
        assert_eq!(policy("composite"), Observed::Unread, "AWS keeps that key");
        assert_eq!(fake.requests("TrentService.GetKeyPolicy").len(), 1);
        let without: Vec<Read> =
            EVERY.into_iter().filter(|read| *read != Read::KeyPolicies).collect();
        read(&fake, &without).await;
        assert_eq!(fake.requests("TrentService.GetKeyPolicy").len(), 1);
    }

    #[tokio::test]
    async fn nothing_is_read_unasked() {
        let lists = fake(account);
        let snapshot = read(&lists, &[Read::Trails, Read::Subscribers]).await;
        assert!(snapshot.regional.values().all(|regional| regional.log_groups.is_empty()));
        assert_eq!(snapshot.regional[&far()].alarms, Observed::Unread);
        assert_eq!(snapshot.regional[&far()].topics.len(), 2);
        // The regions, two lists of trails, two of topics, and who receives what the two send.
        assert_eq!(lists.requests("").len(), 7);

        let some = fake(account);
        let snapshot = read(&some, &[Read::Trails, Read::LogGroups, Read::Alarms]).await;
        let group = &snapshot.regional[&far()].log_groups["trail"];
        assert_eq!(group.ok().unwrap().as_ref().unwrap().filters, Observed::Unread);
        let known = topic(&snapshot, &far(), "alarms").ok().unwrap().as_ref().unwrap();
        let unread = Topic { attributes: Observed::Unread, subscriptions: Observed::Unread };
        assert_eq!(*known, unread);
        for action in ["DescribeMetricFilters", "GetTopicAttributes", "ListSubscriptionsByTopic"] {
            assert_eq!(some.requests(action).len(), 0, "{action}");
        }
    }

    #[tokio::test]
    async fn what_fails_is_a_value() {
        let closed = fake(|request| {
            if request.contains("Action=") {
                return iam_error(403, "AuthorizationError", "not authorized");
            }
            (403, r#"{"__type":"AccessDeniedException"}"#.to_owned())
        });
        let snapshot = read(&closed, &EVERY).await;
        let regional = &snapshot.regional[&home()];
        assert!(regional.log_groups["harden/cloudtrail"].is_gap());
        let action = Action::new("cloudwatch:DescribeAlarms");
        assert_eq!(regional.alarms, Observed::Denied { action });
        let action = Action::new("sns:ListTopics");
        assert_eq!(regional.topic_list, Observed::Denied { action });
        let ours = topic(&snapshot, &home(), "harden-alarms").ok().unwrap().as_ref().unwrap();
        assert!(ours.attributes.is_gap() && ours.subscriptions.is_gap());
    }
}
