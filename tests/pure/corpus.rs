//! The patterns of 3.1 to 3.14 on records of CloudTrail: each fires on its own, and all are silent on the rest.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use harden::controls::{Alarm, Fit, alarms, judge};
use harden::pattern::Pattern;
use serde_json::Value;

/// The records for one control.
struct Corpus {
    alarm: &'static Alarm,
    fires: Vec<Value>,
    silent: Vec<Value>,
    /// By edition, the ids of what its pattern leaves out.
    left_out: BTreeMap<String, BTreeSet<String>>,
}

fn corpora() -> Vec<Corpus> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let read = |alarm: &'static Alarm| {
        let text = fs::read_to_string(folder.join(format!("{}.json", alarm.id()))).unwrap();
        let file: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(file["control"], alarm.id().to_string());
        let records = |key: &str| file[key].as_array().unwrap().clone();
        let left_out = file.get("left_out").cloned().unwrap_or_default();
        Corpus {
            alarm,
            fires: records("fires"),
            silent: records("silent"),
            left_out: serde_json::from_value::<Option<_>>(left_out).unwrap().unwrap_or_default(),
        }
    };
    alarms().iter().map(read).collect()
}

fn parse(text: &str) -> Pattern {
    Pattern::parse(text).unwrap()
}

fn text<'a>(record: &'a Value, field: &str) -> &'a str {
    record[field].as_str().unwrap_or_else(|| panic!("no {field}: {record}"))
}

/// The controls that fire on a record.
fn firing(record: &Value) -> Vec<String> {
    let firing = alarms().iter().filter(|alarm| parse(alarm.pattern).matches(record));
    firing.map(|alarm| alarm.id().to_string()).collect()
}

#[test]
fn each_record_fires_its_own_alarm_and_no_other() {
    for corpus in corpora() {
        let id = corpus.alarm.id().to_string();
        assert!(corpus.fires.len() >= 10, "{id}: {}", corpus.fires.len());
        for record in &corpus.fires {
            assert_eq!(firing(record), [id.as_str()], "{record:#}");
        }
    }
}

#[test]
fn what_only_looks_like_it_fires_none() {
    for corpus in corpora() {
        assert!(corpus.silent.len() >= 5, "{}: {}", corpus.alarm.id(), corpus.silent.len());
        for record in &corpus.silent {
            assert_eq!(firing(record), [""; 0], "{}: {record:#}", corpus.alarm.id());
        }
    }
}

#[test]
fn every_call_of_every_pattern_occurs() {
    for corpus in corpora() {
        let names = corpus.alarm.pattern.split("$.eventName = \"").skip(1);
        let wanted: BTreeSet<&str> = names.filter_map(|rest| rest.split('"').next()).collect();
        let found: BTreeSet<&str> =
            corpus.fires.iter().map(|record| text(record, "eventName")).collect();
        assert!(wanted.is_subset(&found), "{}: {wanted:?} / {found:?}", corpus.alarm.id());
        assert!(wanted.is_empty() || wanted == found, "{}: {found:?}", corpus.alarm.id());
    }
}

/// A wildcard is shown by more than one of the things that it stands for.
#[test]
fn refusals_come_in_all_their_spellings() {
    let corpus = corpora().remove(0);
    let codes: BTreeSet<&str> =
        corpus.fires.iter().map(|record| text(record, "errorCode")).collect();
    let spellings = ["AccessDenied", "AccessDeniedException", "Client.UnauthorizedOperation"];
    assert_eq!(codes, BTreeSet::from(spellings));
}

#[test]
fn later_editions_fire_on_all_but_what_they_leave_out() {
    for corpus in corpora() {
        let id = corpus.alarm.id();
        let accepted = corpus.alarm.accepted;
        let editions: BTreeSet<&str> = accepted.iter().map(|variant| variant.edition).collect();
        assert_eq!(editions, corpus.left_out.keys().map(String::as_str).collect(), "{id}");
        for variant in accepted {
            let left_out = &corpus.left_out[variant.edition];
            let pattern = parse(variant.pattern);
            let silent = corpus.fires.iter().filter(|record| !pattern.matches(record));
            let silent: BTreeSet<String> = silent.map(|r| text(r, "eventID").to_owned()).collect();
            assert_eq!(&silent, left_out, "{id} {}", variant.edition);
            assert!(!silent.is_empty() && silent.len() < corpus.fires.len(), "{id}");
        }
    }
}

/// What is taken to be true of the records is true of these.
#[test]
fn the_records_are_as_the_alarms_assume() {
    for corpus in corpora() {
        let Some(assumption) = corpus.alarm.assumes else { continue };
        for record in &corpus.fires {
            assert!(parse(assumption).matches(record), "{}: {record:#}", corpus.alarm.id());
        }
    }
}

/// A pattern that covers by judgement matches all that has to fire.
#[test]
fn what_is_judged_to_cover_fires_on_everything() {
    let corpora = corpora();
    let ask = |number: usize, candidate: &str| {
        let corpus = &corpora[number - 1];
        let fit = judge(corpus.alarm, candidate, false);
        assert_eq!(fit, Fit::Covers { variant: None }, "{candidate}");
        let pattern = parse(candidate);
        assert!(corpus.fires.iter().all(|record| pattern.matches(record)), "{candidate}");
    };
    ask(2, "{ $.eventName = ConsoleLogin && $.additionalEventData.MFAUsed = No }");
    ask(4, "{ $.eventSource = iam.amazonaws.com && $.eventName = *Policy* }");
    ask(6, "{ $.eventType = AwsConsoleSignIn && $.responseElements.ConsoleLogin = Failure }");
    ask(7, "{ $.eventSource = kms* && ($.eventName = Disable* || $.eventName = Schedule*) }");
    ask(13, "{ $.eventSource = ec2.amazonaws.com && $.eventName = *Route* }");
}

/// The printed pattern of 3.2 is blind for what it is about: none of its records has the field.
#[test]
fn the_letter_of_3_2_sees_no_sign_in() {
    let corpus = corpora().remove(1);
    let letter = parse(corpus.alarm.literal.unwrap());
    assert!(!corpus.fires.iter().any(|record| letter.matches(record)));
    assert!(corpus.silent.iter().any(|record| letter.matches(record)), "nor what it does see");
}

#[test]
fn records_are_whole_and_told_apart() {
    let mut ids = BTreeSet::new();
    for corpus in corpora() {
        for record in corpus.fires.iter().chain(&corpus.silent) {
            for field in [
                "eventVersion",
                "eventTime",
                "eventSource",
                "eventName",
                "awsRegion",
                "sourceIPAddress",
                "userAgent",
                "eventType",
                "eventCategory",
            ] {
                assert!(!text(record, field).is_empty(), "{field}: {record:#}");
            }
            let fields = record.as_object().unwrap();
            assert!(record["userIdentity"].is_object(), "{record:#}");
            for field in ["requestParameters", "responseElements"] {
                assert!(fields.contains_key(field), "{field}: {record:#}");
            }
            for field in ["readOnly", "managementEvent"] {
                assert!(record[field].is_boolean(), "{field}: {record:#}");
            }
            assert_eq!(text(record, "recipientAccountId"), "111122223333");
            assert!(ids.insert(text(record, "eventID").to_owned()), "twice: {record:#}");
        }
    }
}
