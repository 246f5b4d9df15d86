use super::*;
use crate::controls::logging::tests_support::{FOREIGN, account, denied, trail};
use crate::controls::monitoring::tests_support::*;
use crate::model::{
    AccountId, CompositeAlarm, Delivery, LogGroup, MetricQuery, Number, Observed, Patterns,
    PolicyText, QueryRest, Regional, Settings, Snapshot, Subscription, Trail, TrailArn, Watched,
};

/// The one finding after a change to an account in which 3.4 passes.
#[track_caller]
fn after(change: impl FnOnce(&mut Snapshot)) -> String {
    let mut snapshot = whole(4);
    assert_eq!(passes(4, &snapshot), Vec::<String>::new());
    change(&mut snapshot);
    let Finding { region, resource, summary } = broken(4, &snapshot);
    let region = region.map_or(String::new(), |region| format!("{region}/"));
    format!("{region}{resource}: {summary}")
}

/// What could not be read after a change, as places and reasons.
#[track_caller]
fn dark(change: impl FnOnce(&mut Snapshot)) -> Vec<String> {
    let mut snapshot = whole(4);
    change(&mut snapshot);
    let outcome = verdict(4, &snapshot);
    let Outcome::Judged { findings, missing, pending, .. } = &outcome else { panic!() };
    assert!(findings.is_empty() && pending.is_empty(), "{outcome:?}");
    let told = missing
        .iter()
        .map(|one| format!("{}: {}", one.resource.as_deref().unwrap_or("all"), one.gap.reason));
    told.collect()
}

type Change = fn(&mut Trail);

fn trail_of(snapshot: &mut Snapshot) -> &mut Trail {
    snapshot.logging.trails.values_mut().next().unwrap()
}

#[test]
fn each_control_has_a_chain_of_its_own() {
    for number in 1..=14 {
        let mut snapshot = whole(number);
        let limit = f64::from(row(number).threshold);
        bell(&mut snapshot).threshold = Some(Number::new(limit));
        assert_eq!(passes(number, &snapshot), Vec::<String>::new(), "3.{number}");
        let other = if number == 1 { 2 } else { 1 };
        let finding = broken(other, &snapshot);
        let nothing = "no metric filter of log group trail is made for this";
        assert_eq!((finding.resource.as_str(), finding.summary.as_str()), (GROUP, nothing));
    }
}

#[test]
fn a_trail_has_to_record_all_and_fill_a_group_of_the_account() {
    assert_eq!(broken(4, &account(vec![])).summary, "there is no trail");
    let table: [(Change, &str); 4] = [
        (|trail| trail.multi_region = false, "eu-west-1/main: records one region only"),
        (|trail| trail.status.ok_mut().unwrap().logging = false, "eu-west-1/main: is stopped"),
        (|trail| trail.log_group = None, "eu-west-1/main: does not deliver to CloudWatch Logs"),
        (
            |trail| {
                let error = Some("AccessDenied".to_owned());
                trail.status.ok_mut().unwrap().delivered_to_logs = Delivery { at: None, error };
            },
            "eu-west-1/main: failed to deliver to CloudWatch Logs: AccessDenied",
        ),
    ];
    for (change, words) in table {
        assert_eq!(after(|snapshot| change(trail_of(snapshot))), words);
    }
    let gone = after(|snapshot| {
        here(snapshot).log_groups.insert(GROUP.to_owned(), Observed::Known(None));
    });
    assert_eq!(gone, "eu-west-1/main: delivers to log group trail, which does not exist");
}

#[test]
fn a_trail_without_the_events_of_kms_is_blind_for_3_7_alone() {
    let blind = |number| {
        let mut snapshot = whole(number);
        let events = trail_of(&mut snapshot).events.ok_mut().unwrap();
        events.excluded.insert("kms.amazonaws.com".to_owned());
        snapshot
    };
    assert_eq!(broken(7, &blind(7)).summary, "leaves out the events of kms.amazonaws.com");
    passes(4, &blind(4));
}

#[test]
fn a_group_of_another_account_is_for_that_account_to_judge() {
    let there = format!("arn:aws:logs:eu-west-1:{FOREIGN}:log-group:central:*");
    let organization = Trail {
        owner: AccountId::new(FOREIGN),
        organization: true,
        log_group: Some(there),
        ..trail("org")
    };
    let words = format!("the alarms live in account {FOREIGN}, which owns the trail");
    let outcome = verdict(4, &account(vec![organization.clone()]));
    let Outcome::Judged { findings, missing, .. } = outcome else { panic!() };
    assert!(findings.is_empty());
    assert_eq!(missing[0].gap.reason, words);
    // A chain of our own settles it.
    let mut both = whole(4);
    let arn = TrailArn::new(format!("arn:aws:cloudtrail:eu-west-1:{FOREIGN}:trail/org"));
    both.logging.trails.insert(arn.clone(), organization);
    for regional in both.regional.values_mut() {
        regional.trails.ok_mut().unwrap().insert(arn.clone());
    }
    passes(4, &both);
}

#[test]
fn the_nearest_filter_is_told() {
    let one_missing = row(4).pattern.replace("DeleteRolePolicy", "DeleteRole");
    let misses = after(|snapshot| {
        let other = filter("{ $.eventName = ConsoleLogin }", "Logins");
        filters(snapshot).insert("a".to_owned(), other);
        filters(snapshot).insert("f".to_owned(), filter(&one_missing, "Count"));
    });
    assert_eq!(misses, "eu-west-1/f: filter f misses DeleteRolePolicy");
    let ours = after(|snapshot| {
        filters(snapshot).insert("f".to_owned(), filter(&one_missing, "Count"));
        let drifted = filter("{ $.eventName = x }", "Count");
        filters(snapshot).insert("harden-IamPolicyChanges".to_owned(), drifted);
    });
    assert!(ours.starts_with(
        "eu-west-1/harden-IamPolicyChanges: filter harden-IamPolicyChanges: misses Delete"
    ));
    let class = after(|snapshot| group(snapshot).class = "INFREQUENT_ACCESS".to_owned());
    assert!(class.ends_with("is of class INFREQUENT_ACCESS, which has no metric filters"));
}

#[test]
fn filters_that_do_not_count_are_told_in_notes() {
    let mut snapshot = whole(4);
    let all = filters(&mut snapshot);
    all.insert("f".to_owned(), filter("{ $.eventName = * }", "Count"));
    all.insert("g".to_owned(), filter("{ $.eventName = %Policy% }", "Count"));
    all.insert("h".to_owned(), filter("{ $.a = 1 && $.a = 2 }", "Count"));
    let Outcome::Judged { findings, notes, .. } = verdict(4, &snapshot) else { panic!() };
    assert_eq!(findings[0].resource, GROUP);
    let never = "filter f does not count: it matches what happens all day, such as \
                     DescribeInstances: its alarm never rests";
    assert_eq!(notes[0], never);
    assert!(notes[1].starts_with("filter g does not count: it cannot be judged"), "{notes:?}");
    assert!(notes[2].starts_with("filter h does not count: it matches nothing"), "{notes:?}");
    // Where something better is there, nobody has to know.
    filters(&mut snapshot).insert("i".to_owned(), filter(row(4).pattern, "Count"));
    assert_eq!(passes(4, &snapshot), Vec::<String>::new());
}

#[test]
fn later_editions_pass_with_a_note_and_the_letter_only_on_request() {
    let mut later = whole(1);
    filters(&mut later).insert("f".to_owned(), filter(row(1).accepted[0].pattern, "Count"));
    let notes = passes(1, &later);
    assert!(notes[0].starts_with("filter f is enough by v5.0.0, without"), "{notes:?}");
    // An exact one beside it needs no note.
    filters(&mut later).insert("g".to_owned(), filter(row(1).pattern, "Count"));
    assert_eq!(passes(1, &later), Vec::<String>::new());

    let mut letter = whole(2);
    filters(&mut letter).insert("f".to_owned(), filter(row(2).literal.unwrap(), "Count"));
    let summary = broken(2, &letter).summary;
    assert_eq!(summary, "filter f has the pattern of v1.0.0, which matches no sign-in");
    let mut settings = Settings::default();
    settings.monitoring.patterns = Patterns::Literal;
    let by_letter = |snapshot| row(2).assess(&Case { snapshot, settings: &settings });
    assert_eq!(by_letter(&letter), Outcome::PASS);
    assert_ne!(by_letter(&whole(2)), Outcome::PASS);
}

#[test]
fn a_filter_has_to_count() {
    let counting = |value: &str, default: Option<f64>| {
        after(|snapshot| {
            let metric = &mut filters(snapshot).get_mut("f").unwrap().metrics[0];
            metric.value = value.to_owned();
            metric.default = default.map(Number::new);
        })
    };
    for value in ["$.size", "0", "-1", "NaN", ""] {
        let words = format!("eu-west-1/f: filter f adds `{value}` for an event: that counts none");
        assert_eq!(counting(value, None), words);
    }
    assert!(counting("1", Some(5.0)).ends_with("publishes 5 while nothing happens"));
    let half = "alarm bell has a threshold of 1: 1 event does not reach it";
    assert!(counting("0.5", Some(0.0)).ends_with(half));
    let nothing = after(|snapshot| filters(snapshot).get_mut("f").unwrap().metrics.clear());
    assert_eq!(nothing, "eu-west-1/f: filter f feeds no metric");
}

#[test]
fn an_alarm_has_to_watch_the_same_metric() {
    let none = after(|snapshot| bells(snapshot).metric.clear());
    assert_eq!(
        none,
        "eu-west-1/f: no alarm watches what filter f counts: Count in namespace Audit"
    );
    let watching = |change: fn(&mut crate::model::Metric)| {
        after(|snapshot| match &mut bell(snapshot).watches {
            Watched::Metric { metric, .. } => change(metric),
            Watched::Queries(_) => panic!(),
        })
    };
    assert_eq!(
        watching(|metric| metric.namespace = "Other".to_owned()),
        "eu-west-1/bell: alarm bell watches Count in namespace Other, and filter f feeds Audit"
    );
    let region = ("Region".to_owned(), "eu-west-1".to_owned());
    let dimension = after(|snapshot| match &mut bell(snapshot).watches {
        Watched::Metric { metric, .. } => metric.dimensions.extend([region.clone()]),
        Watched::Queries(_) => panic!(),
    });
    assert_eq!(
        dimension,
        "eu-west-1/bell: alarm bell watches a dimension that filter f does not have"
    );
    let by_dimension = |watches: bool| {
        after(|snapshot| {
            let selector = ("Region".to_owned(), "$.awsRegion".to_owned());
            filters(snapshot).get_mut("f").unwrap().metrics[0].dimensions.extend([selector]);
            if let (Watched::Metric { metric, .. }, true) = (&mut bell(snapshot).watches, watches) {
                metric.dimensions.extend([region.clone()]);
            }
        })
    };
    assert!(
        by_dimension(false).ends_with("watches no dimension, and filter f counts by dimension")
    );
    assert!(by_dimension(true).contains("watches only what has Region = eu-west-1: a person"));
}

#[test]
fn two_filters_may_feed_one_metric() {
    let mut snapshot = whole(4);
    filters(&mut snapshot).insert("a".to_owned(), filter(row(5).pattern, "Count"));
    passes(4, &snapshot);
    passes(5, &snapshot);
    // An average or a minimum may drown in what the other adds.
    match &mut bell(&mut snapshot).watches {
        Watched::Metric { statistic, .. } => *statistic = Some("Average".to_owned()),
        Watched::Queries(_) => panic!(),
    }
    assert_eq!(broken(4, &snapshot).summary, "alarm bell watches the average");
}

#[test]
fn an_alarm_on_a_sum_is_on_each_part() {
    let computing = |expression: Option<&str>| {
        let mut snapshot = whole(4);
        let Watched::Metric { metric, .. } = bell(&mut snapshot).watches.clone() else { panic!() };
        let other = crate::model::Metric { name: "Other".to_owned(), ..metric.clone() };
        let query = |id: &str, metric| MetricQuery {
            id: id.to_owned(),
            expression: None,
            metric: Some((metric, "Sum".to_owned())),
            returned: expression.is_none() && id == "m1",
            rest: QueryRest::default(),
        };
        let mut queries = vec![query("m1", metric), query("m2", other)];
        queries.extend(expression.map(|expression| MetricQuery {
            id: "e1".to_owned(),
            expression: Some(expression.to_owned()),
            metric: None,
            returned: true,
            rest: QueryRest::default(),
        }));
        bell(&mut snapshot).watches = Watched::Queries(queries);
        bell(&mut snapshot).period = None;
        snapshot
    };
    assert_eq!(passes(4, &computing(None)), Vec::<String>::new());
    assert_eq!(passes(4, &computing(Some("m1"))), Vec::<String>::new());
    for sum in ["m1 + m2", "m2+m1", "SUM([m1, m2])", "SUM(METRICS())"] {
        let notes = passes(4, &computing(Some(sum)));
        assert!(notes[0].contains("watches a sum of several metrics"), "{sum}");
    }
    for other in ["m2", "m1 / m2", "m1 - 1", "RATE(m1)", "IF(m1 > 1, 1, 0)", "m1 + 1"] {
        let finding = broken(4, &computing(Some(other)));
        let words = format!("alarm bell computes `{other}`: a person has to judge");
        assert!(finding.summary.starts_with(&words), "{}", finding.summary);
        assert_eq!(finding.resource, "bell");
    }
}

#[test]
fn actions_lead_to_a_topic() {
    let off = after(|snapshot| bell(snapshot).actions_enabled = false);
    assert_eq!(off, "eu-west-1/bell: the actions of alarm bell are off");
    let none = after(|snapshot| bell(snapshot).alarm_actions.clear());
    assert_eq!(none, "eu-west-1/bell: alarm bell tells no topic");
    let away = topic_arn("security").to_string().replace("eu-west-1", "us-west-2");
    let away = after(|snapshot| bell(snapshot).alarm_actions = vec![away]);
    assert!(away.ends_with("security, of another region"), "{away}");
    let gone = after(|snapshot| {
        here(snapshot).topics.insert(topic_arn("security"), Observed::Known(None));
    });
    assert_eq!(gone, "eu-west-1/security: alarm bell tells topic security, which does not exist");
}

#[test]
fn a_composite_alarm_acts_for_those_in_its_or() {
    let under = |rule: &str, suppressor: Option<&str>, enabled: bool| {
        let mut snapshot = whole(4);
        let composite = CompositeAlarm {
            rule: rule.to_owned(),
            actions_enabled: enabled,
            alarm_actions: bell(&mut snapshot).alarm_actions.clone(),
            suppressor: suppressor.map(ToOwned::to_owned),
        };
        bells(&mut snapshot).composite.insert("any".to_owned(), composite);
        bell(&mut snapshot).alarm_actions.clear();
        snapshot
    };
    passes(4, &under("ALARM(bell) OR ALARM(other)", None, true));
    for (rule, suppressor, enabled, words) in [
        ("ALARM(bell) AND ALARM(other)", None, true, "alarm bell tells no topic"),
        ("ALARM(bell)", None, false, "the actions of alarm any are off"),
        (
            "ALARM(bell)",
            Some("night"),
            true,
            "composite alarm any is silent while night is in alarm",
        ),
    ] {
        assert_eq!(broken(4, &under(rule, suppressor, enabled)).summary, words);
    }
}

#[test]
fn a_topic_has_to_take_messages_of_cloudwatch() {
    type Text = Option<&'static str>;
    let with = |policy: &'static str, key: Text, key_policy: Text| {
        move |snapshot: &mut Snapshot| {
            let attributes = security(snapshot).attributes.ok_mut().unwrap();
            if !policy.is_empty() {
                attributes.policy = Some(PolicyText::new(policy));
            }
            attributes.key = key.map(ToOwned::to_owned);
            attributes.key_policy = Observed::Known(key_policy.map(PolicyText::new));
        }
    };
    let root = r#"{"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"*","Resource":"*"}]}"#;
    let shut = r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"},{"Sid":"No","Effect":"Deny","Principal":"*","Action":"sns:Publish","Resource":"*"}]}"#;
    let open = r#"{"Statement":[{"Effect":"Allow","Principal":{"Service":"cloudwatch.amazonaws.com"},"Action":["kms:Decrypt","kms:GenerateDataKey*"],"Resource":"*"}]}"#;
    for (change, words) in [
        (with(root, None, None), "the policy of topic security does not let CloudWatch publish"),
        (
            with(shut, None, None),
            "statement No in the policy of topic security keeps CloudWatch out",
        ),
        (
            with("", Some("alias/aws/sns"), None),
            "topic security encrypts with alias/aws/sns, which CloudWatch cannot use",
        ),
        (with("", Some("k"), None), "topic security encrypts with key k, which does not exist"),
        (
            with("", Some("k"), Some(root)),
            "topic security encrypts with key k, whose policy does not let CloudWatch use it",
        ),
    ] {
        assert_eq!(after(change), format!("eu-west-1/security: {words}"));
    }
    let mut snapshot = whole(4);
    with("", Some("k"), Some(open))(&mut snapshot);
    passes(4, &snapshot);
}

#[test]
fn somebody_has_to_have_confirmed() {
    let nobody = after(|snapshot| security(snapshot).subscriptions = Observed::Known(vec![]));
    assert_eq!(nobody, "eu-west-1/security: nobody has subscribed to topic security");
    let deleted = Subscription { arn: Some("Deleted".to_owned()), ..ops(true) };
    after(|snapshot| security(snapshot).subscriptions = Observed::Known(vec![deleted]));

    let mut waits = whole(4);
    security(&mut waits).subscriptions = Observed::Known(vec![ops(false)]);
    let Outcome::Judged { findings, missing, pending, .. } = verdict(4, &waits) else { panic!() };
    assert!(findings.is_empty() && missing.is_empty());
    assert_eq!(pending[0].resource.as_deref(), Some("security"));
    assert_eq!(pending[0].on, "waits until ops@example.org confirms");

    // Of those who have confirmed, one has to be one that is meant.
    let mut settings = Settings::default();
    settings.sns.allowed = Some(vec!["email:*@example.net".parse().unwrap()]);
    let case = Case { snapshot: &whole(4), settings: &settings };
    let Outcome::Judged { findings, .. } = row(4).assess(&case) else { panic!() };
    assert!(findings[0].summary.starts_with("nobody whom `sns.allowed` covers"));
}

#[test]
fn what_could_not_be_read_is_unknown_unless_something_is_certain() {
    assert_eq!(dark(|s| trail_of(s).status = denied("a:Status")), ["main: a:Status is denied"]);
    assert_eq!(dark(|s| trail_of(s).events = denied("a:Events")), ["main: a:Events is denied"]);
    assert_eq!(
        dark(|s| drop(here(s).log_groups.insert(GROUP.to_owned(), denied("a:Groups")))),
        ["trail: a:Groups is denied"]
    );
    assert_eq!(dark(|s| here(s).log_groups.clear()), ["trail: not read"]);
    assert_eq!(dark(|s| group(s).filters = denied("a:Filters")), ["trail: a:Filters is denied"]);
    assert_eq!(dark(|s| here(s).alarms = denied("a:Alarms")), ["all: a:Alarms is denied"]);
    let arn = topic_arn("security");
    assert_eq!(
        dark(|s| drop(here(s).topics.insert(arn.clone(), denied("a:Topic")))),
        ["security: a:Topic is denied"]
    );
    assert_eq!(dark(|s| drop(here(s).topics.remove(&arn))), ["security: not read"]);
    assert_eq!(
        dark(|s| {
            security(s).attributes = denied("a:Attributes");
            security(s).subscriptions = denied("a:List");
        }),
        ["security: a:Attributes is denied", "security: a:List is denied"]
    );
    assert_eq!(
        dark(|s| {
            let attributes = security(s).attributes.ok_mut().unwrap();
            attributes.key = Some("k".to_owned());
            attributes.key_policy = denied("kms:GetKeyPolicy");
        }),
        ["security: kms:GetKeyPolicy is denied"]
    );
    // Whatever the policy says: nobody is there.
    after(|snapshot| {
        security(snapshot).attributes = denied("a:Attributes");
        security(snapshot).subscriptions = Observed::Known(vec![]);
    });
    // Whatever the alarms are: there is nothing to watch.
    after(|snapshot| {
        filters(snapshot).clear();
        here(snapshot).alarms = denied("a:Alarms");
    });
    // Whatever the groups are: the trail is stopped.
    after(|snapshot| {
        trail_of(snapshot).status.ok_mut().unwrap().logging = false;
        here(snapshot).log_groups.clear();
    });
}

/// An account with a second trail in another region, which fills a group there.
fn with_second(change: impl FnOnce(&mut Regional)) -> Snapshot {
    let region = crate::model::Region::new("us-west-2");
    let group = "arn:aws:logs:us-west-2:111122223333:log-group:second:*".to_owned();
    let second = Trail { home: region.clone(), log_group: Some(group), ..trail("a-second") };
    let mut snapshot = whole(4);
    let arn = TrailArn::new("arn:aws:cloudtrail:us-west-2:111122223333:trail/a-second");
    snapshot.logging.trails.insert(arn.clone(), second);
    for regional in snapshot.regional.values_mut() {
        regional.trails.ok_mut().unwrap().insert(arn.clone());
    }
    change(snapshot.regional.get_mut(&region).unwrap());
    snapshot
}

#[test]
fn one_whole_chain_is_enough_and_else_the_furthest_is_told() {
    let dark = |there: &mut Regional| {
        there.log_groups.insert("second".to_owned(), denied("a:Groups"));
    };
    passes(4, &with_second(dark));
    let empty = |there: &mut Regional| {
        let group = LogGroup {
            class: "STANDARD".to_owned(),
            retention_days: None,
            filters: Observed::Known([].into()),
        };
        there.log_groups.insert("second".to_owned(), Observed::Known(Some(group)));
    };
    let mut both = with_second(empty);
    passes(4, &both);
    bell(&mut both).actions_enabled = false;
    assert_eq!(broken(4, &both).resource, "bell");
    let mut hope = with_second(dark);
    bell(&mut hope).actions_enabled = false;
    let Outcome::Judged { findings, missing, .. } = verdict(4, &hope) else { panic!() };
    assert_eq!((findings.len(), missing[0].resource.as_deref()), (0, Some("second")));
}

#[test]
fn a_region_whose_trails_are_hidden_is_named() {
    let mut snapshot = whole(4);
    let second = crate::model::Region::new("us-west-2");
    snapshot.regional.get_mut(&second).unwrap().trails = denied("cloudtrail:DescribeTrails");
    let Outcome::Judged { findings, missing, .. } = verdict(4, &snapshot) else { panic!() };
    assert_eq!((findings.len(), missing[0].region.as_ref()), (0, Some(&second)));
    // It can hold no trail of every region that the other would not show.
    bell(&mut snapshot).actions_enabled = false;
    let Outcome::Judged { findings, .. } = verdict(4, &snapshot) else { panic!() };
    assert_eq!(findings[0].resource, "bell");
}

#[test]
fn trails_that_fill_one_group_count_twice() {
    let mut snapshot = whole(6);
    bell(&mut snapshot).threshold = Some(Number::new(10.0));
    assert_eq!(passes(6, &snapshot), Vec::<String>::new());
    let arn = TrailArn::new("arn:aws:cloudtrail:eu-west-1:111122223333:trail/other");
    snapshot.logging.trails.insert(arn.clone(), trail("other"));
    here(&mut snapshot).trails.ok_mut().unwrap().insert(arn);
    let notes = passes(6, &snapshot);
    assert!(notes[0].starts_with("main and other all deliver to log group trail"), "{notes:?}");
}
