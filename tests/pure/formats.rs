//! Files: what is written can be read again, and what is not right is refused in one sentence.

use harden::assess::{Rules, Verdict, judge};
use harden::change::Risk;
use harden::controls;
use harden::model::{Settings, Snapshot};
use harden::plan::{Plan, PlanFileError, build, read, to_json};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::Value;

use crate::generate::{rules, snapshots};

fn some_plan() -> Plan {
    let mut runner = TestRunner::deterministic();
    let everything = Rules {
        controls: controls::all().map(|control| control.id).collect(),
        settings: Settings::default(),
        waivers: Vec::new(),
    };
    loop {
        let snapshot = snapshots().new_tree(&mut runner).unwrap().current();
        let plan = build(&snapshot, "test", &everything, Risk::Destructive).unwrap();
        if plan.changes.len() > 3 {
            return plan;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn snapshots_survive_the_disk(snapshot in snapshots()) {
        let text = serde_json::to_string_pretty(&snapshot).unwrap();
        prop_assert_eq!(serde_json::from_str::<Snapshot>(&text).unwrap(), snapshot);
    }

    /// Files from before trails, buckets and recorders were read.
    #[test]
    fn older_snapshots_are_read_and_judged_unknown(snapshot in snapshots(), rules in rules()) {
        let mut value = serde_json::to_value(&snapshot).unwrap();
        value.as_object_mut().unwrap().remove("logging");
        for regional in value["regional"].as_object_mut().unwrap().values_mut() {
            for part in ["trails", "recorders", "channels"] {
                regional.as_object_mut().unwrap().remove(part);
            }
        }
        let older: Snapshot = serde_json::from_value(value).unwrap();
        let somewhere = !older.regional.is_empty();
        for judged in judge(&older, &rules) {
            let id = judged.control.id;
            if somewhere && id.section() == 2 && id.number() < 8 {
                prop_assert_eq!(judged.report.verdict, Verdict::Unknown, "{}", id);
            }
        }
    }

    #[test]
    fn plans_survive_the_disk(snapshot in snapshots(), rules in rules()) {
        let plan = build(&snapshot, "test", &rules, Risk::Destructive).unwrap();
        prop_assert_eq!(read(&to_json(&plan).unwrap()).unwrap(), plan);
    }

    #[test]
    fn a_cut_plan_is_refused(cut in any::<prop::sample::Index>()) {
        let text = to_json(&some_plan()).unwrap();
        let mut at = cut.index(text.len());
        while !text.is_char_boundary(at) { at -= 1; }
        let refused = read(&text[..at]);
        let cleanly = matches!(refused, Err(PlanFileError::Broken { .. } | PlanFileError::NotAPlan));
        prop_assert!(cleanly || at + 1 >= text.len());
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC*") {
        let _ = read(&text);
        let _ = harden::journal::Journal::parse(&text);
    }
}

fn edited(edit: impl FnOnce(&mut Value)) -> Result<Plan, PlanFileError> {
    let mut value = serde_json::to_value(some_plan()).unwrap();
    edit(&mut value);
    read(&value.to_string())
}

#[test]
fn every_edit_is_noticed() {
    let edits: [fn(&mut Value); 5] = [
        |plan| plan["changes"][0]["risk"] = "additive-ish".into(),
        |plan| plan["account"]["id"] = "999999999999".into(),
        |plan| plan["expires_at"] = "2099-01-01T00:00:00Z".into(),
        |plan| plan["note"] = "something new".into(),
        |plan| {
            plan["changes"].as_array_mut().unwrap().pop();
        },
    ];
    for edit in edits {
        assert!(matches!(edited(edit), Err(PlanFileError::Changed)));
    }
    assert!(edited(|_| {}).is_ok());
}

#[test]
fn a_plan_of_the_future_is_refused_as_such() {
    let refused = edited(|plan| plan["format"] = "harden.plan/2".into());
    assert!(matches!(refused, Err(PlanFileError::UnknownFormat { .. })));
    let refused = edited(|plan| plan["format"] = "something.else/1".into());
    assert!(matches!(refused, Err(PlanFileError::NotAPlan)));
}

/// A plan whose digest is right can still contradict itself.
#[test]
fn a_forged_plan_must_at_least_be_consistent() {
    let forge = |edit: fn(&mut Plan)| {
        let mut plan = some_plan();
        edit(&mut plan);
        read(&to_json(&plan.sealed()).unwrap())
    };
    let forgeries: [fn(&mut Plan); 3] = [
        |plan| plan.changes[0].resource = "sg-other".to_owned(),
        |plan| {
            let twice = plan.changes[0].clone();
            plan.changes.push(twice);
        },
        |plan| {
            let last = plan.changes.last().unwrap().id.clone();
            plan.changes[0].requires.insert(last);
        },
    ];
    for forgery in forgeries {
        assert!(matches!(forge(forgery), Err(PlanFileError::Inconsistent { .. })));
    }
    assert!(forge(|_| {}).is_ok());
}
