use std::collections::BTreeMap;

use super::*;
use crate::approval::{Confirmed, by_flag};
use crate::aws::fake::{Fake, fake};
use crate::change::Tags;
use crate::plan::tests_support::plan_of_two;
use crate::plan::{Origin, Plan};

fn region() -> Region {
    Region::new("eu-west-1")
}

fn group() -> String {
    "trail".to_owned()
}

fn filter() -> MetricFilter {
    MetricFilter {
        pattern: "{ $.a = 1 }".to_owned(),
        metrics: vec![FilterMetric {
            namespace: "n".to_owned(),
            name: "m".to_owned(),
            value: "1".to_owned(),
            default: None,
            dimensions: BTreeMap::new(),
            unit: None,
        }],
        rest: FilterRest::default(),
    }
}

fn put(to: MetricFilter) -> Operation {
    Operation::PutMetricFilter { region: region(), group: group(), filter: "f".to_owned(), to }
}

/// What is sent to carry out an operation: its body.
async fn sent(operation: &Operation) -> String {
    let fake = fake(|_| (200, "{}".to_owned()));
    let now = Reread::of(Document::Presence(false));
    let (approval, at) = (Approval::for_test(), Timestamp::UNIX_EPOCH);
    execute(operation, &now, &fake.clients, &approval, at).await.unwrap();
    let requests = fake.requests("");
    assert_eq!(requests.len(), 1);
    requests[0].split_once("\r\n\r\n").unwrap().1.to_owned()
}

#[tokio::test]
async fn each_call_says_what_it_is_about() {
    let (region, group) = (region(), group());
    let tags = Tags::from([("harden:version".to_owned(), "1".to_owned())]);
    let create =
        |tags| Operation::CreateLogGroup { region: region.clone(), group: group.clone(), tags };
    let (r, g) = (region.clone(), group.clone());
    let table = [
        (
            create(tags),
            r#"{"logGroupName":"trail","tags":{"harden:version":"1"},"logGroupClass":"STANDARD"}"#,
        ),
        (create(Tags::new()), r#"{"logGroupName":"trail","logGroupClass":"STANDARD"}"#),
        (
            Operation::DeleteLogGroup { region: r.clone(), group: g.clone() },
            r#"{"logGroupName":"trail"}"#,
        ),
        (
            Operation::PutRetentionPolicy {
                region: r.clone(),
                group: g.clone(),
                days: 365,
                made_since: None,
            },
            r#"{"logGroupName":"trail","retentionInDays":365}"#,
        ),
        (
            Operation::DeleteRetentionPolicy { region: r.clone(), group: g.clone() },
            r#"{"logGroupName":"trail"}"#,
        ),
        (
            Operation::DeleteMetricFilter { region: r, group: g, filter: "f".to_owned() },
            r#"{"logGroupName":"trail","filterName":"f"}"#,
        ),
    ];
    for (operation, body) in table {
        assert_eq!(sent(&operation).await, body, "{operation:?}");
    }
}

#[tokio::test]
async fn a_filter_is_sent_whole() {
    let plain = sent(&put(filter())).await;
    assert_eq!(
        plain,
        r#"{"logGroupName":"trail","filterName":"f","filterPattern":"{ $.a = 1 }","metricTransformations":[{"metricName":"m","metricNamespace":"n","metricValue":"1"}]}"#
    );
    let mut rich = filter();
    rich.metrics[0].default = Some(Number::new(0.0));
    rich.metrics[0].unit = Some("Count".to_owned());
    rich.metrics[0].dimensions = [("who".to_owned(), "$.user".to_owned())].into();
    rich.rest = FilterRest {
        selection: Some("s".to_owned()),
        transformed: true,
        system_dimensions: ["@aws.account".to_owned()].into(),
    };
    let rich = sent(&put(rich)).await;
    for field in [
        r#""defaultValue":0"#,
        r#""unit":"Count""#,
        r#""dimensions":{"who":"$.user"}"#,
        r#""fieldSelectionCriteria":"s""#,
        r#""applyOnTransformedLogs":true"#,
        r#""emitSystemFieldDimensions":["@aws.account"]"#,
    ] {
        assert!(rich.contains(field), "{field} in {rich}");
    }
}

async fn read(fake: &Fake, operation: &Operation) -> Result<Document, ServiceError> {
    reread(operation, &fake.clients).await.map(|now| now.document)
}

#[tokio::test]
async fn what_is_written_is_read_again_as_it_was_meant() {
    let fake = fake(|request| {
        let answer = if request.contains("DescribeLogGroups") {
            r#"{"logGroups":[{"logGroupName":"trail","retentionInDays":30}]}"#
        } else {
            r#"{"metricFilters":[{"filterName":"f","filterPattern":"{ $.a = 1 }",
                    "metricTransformations":[{"metricName":"m","metricNamespace":"n",
                    "metricValue":"1","unit":"None"}],"logGroupName":"trail","creationTime":1,
                    "applyOnTransformedLogs":false}]}"#
        };
        (200, answer.to_owned())
    });
    let (region, group) = (region(), group());
    let (tags, made) = (Tags::new(), (region.clone(), group.clone()));
    let there = Operation::CreateLogGroup { region: made.0, group: made.1, tags };
    assert_eq!(read(&fake, &there).await, Ok(Document::Presence(true)));
    // Somebody else counts something in it.
    let gone = Operation::DeleteLogGroup { region: region.clone(), group: group.clone() };
    let spared = read(&fake, &gone).await.unwrap_err();
    assert_eq!(spared.to_string(), "metric filter `f` is not of harden: the log group stays");
    let kept = Operation::PutRetentionPolicy { region, group, days: 365, made_since: None };
    assert_eq!(read(&fake, &kept).await, Ok(Document::Retention(Some(30))));
    let now = read(&fake, &put(filter())).await.unwrap();
    assert_eq!(now, Document::Filter(Some(filter())));
    let (after, _) = put(filter()).effect_on(&Document::Filter(None)).unwrap();
    assert_eq!(now, after);
}

/// Whatever the plan says of the group: what AWS says of its age, just read, decides.
#[tokio::test]
async fn no_retention_is_given_to_a_group_that_is_older_than_it() {
    let at: Timestamp = "2026-11-25T12:00:00Z".parse().unwrap();
    let keep = Operation::PutRetentionPolicy {
        region: region(),
        group: group(),
        days: 30,
        made_since: None,
    };
    let undo = Plan { origin: Origin::UndoOf("run".to_owned()), ..plan_of_two() };
    let Confirmed::Go(_, to_take_back) = by_flag(undo.sealed(), None) else { panic!() };
    let (days_ago, kept) = (|days: i64| days * 86_400_000, r#","retentionInDays":365"#);
    for (approval, settings, age, is_put) in [
        (&Approval::for_test(), "", Some(29), true),
        (&Approval::for_test(), "", Some(30), false),
        (&Approval::for_test(), "", None, false),
        (&Approval::for_test(), kept, Some(400), false),
        // It was so once.
        (&to_take_back, "", Some(400), true),
    ] {
        let made = age.map(|age| at.as_millisecond() - days_ago(age));
        let made = made.map_or_else(String::new, |made| format!(r#","creationTime":{made}"#));
        let groups = format!(r#"{{"logGroups":[{{"logGroupName":"trail"{settings}{made}}}]}}"#);
        let fake = fake(move |_| (200, groups.clone()));
        let now = reread(&keep, &fake.clients).await.unwrap();
        let done = execute(&keep, &now, &fake.clients, approval, at).await;
        let told =
            "this retention may delete events: the log group is not known to be younger than that";
        let told = if is_put { Ok(()) } else { Err(told.to_owned()) };
        assert_eq!(done.map_err(|error| error.to_string()), told, "{age:?}");
        assert_eq!(fake.requests("DescribeLogGroups").len(), 1);
        assert_eq!(fake.requests("PutRetentionPolicy").len(), usize::from(is_put));
    }
    // AWS does not list yet what was made a moment ago.
    let fake = fake(|_| (200, r#"{"logGroups":[]}"#.to_owned()));
    let now = reread(&keep, &fake.clients).await.unwrap();
    assert_eq!(now.document, Document::Retention(None));
    let done = execute(&keep, &now, &fake.clients, &Approval::for_test(), at).await;
    assert_eq!(done, Ok(()));
}

#[tokio::test]
async fn a_group_that_is_gone_has_no_filter_and_no_retention() {
    let fake = fake(|request| {
        if request.contains("DescribeLogGroups") {
            (200, r#"{"logGroups":[]}"#.to_owned())
        } else {
            (400, r#"{"__type":"ResourceNotFoundException","message":"gone"}"#.to_owned())
        }
    });
    let (region, group) = (region(), group());
    assert_eq!(read(&fake, &put(filter())).await, Ok(Document::Filter(None)));
    let create = Operation::CreateLogGroup {
        region: region.clone(),
        group: group.clone(),
        tags: Tags::new(),
    };
    assert_eq!(read(&fake, &create).await, Ok(Document::Presence(false)));
    let kept = Operation::DeleteRetentionPolicy { region, group };
    assert_eq!(read(&fake, &kept).await, Ok(Document::Retention(None)));
}

#[tokio::test]
async fn a_refusal_is_told() {
    let fake = fake(|_| (400, r#"{"__type":"AccessDeniedException","message":"no"}"#.to_owned()));
    let now = Reread::of(Document::Filter(None));
    let (approval, at) = (Approval::for_test(), Timestamp::UNIX_EPOCH);
    let error = execute(&put(filter()), &now, &fake.clients, &approval, at).await;
    let error = error.unwrap_err();
    assert_eq!((error.kind, error.action.as_str()), (ErrorKind::Denied, "logs:PutMetricFilter"));
    assert_eq!(read(&fake, &put(filter())).await.unwrap_err().kind, ErrorKind::Denied);
}
