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
    let entry =
        |key: &str, value: &str| format!("<entry><key>{key}</key><value>{value}</value></entry>");
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

fn topic<'a>(snapshot: &'a Snapshot, region: &Region, name: &str) -> &'a Observed<Option<Topic>> {
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
    assert_eq!(snapshot.regional[&home()].alarms, Observed::Known(crate::model::Alarms::default()));
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
    let without: Vec<Read> = EVERY.into_iter().filter(|read| *read != Read::KeyPolicies).collect();
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
