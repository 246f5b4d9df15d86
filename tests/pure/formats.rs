//! Files: what is written can be read again, and what is not right is refused in one sentence.

use harden::assess::{Rules, Verdict, judge};
use harden::change::{Change, ChangeId, Document, Inverse, Operation, Risk};
use harden::controls;
use harden::model::{ControlId, Observed, PasswordPolicy, SecurityContact, Settings, Snapshot};
use harden::plan::{Digest, Origin, Plan, PlanFileError, build, cents, read, to_json};
use harden::rollout::{Manifest, ManifestError};
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
        let plan = build(snapshot.clone(), "test", &everything, Risk::Destructive).unwrap();
        let has_policy = plan.changes.iter().any(|change| change.resource == "password-policy");
        if has_policy && plan.changes.len() > 3 {
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
        let plan = build(snapshot.clone(), "test", &rules, Risk::Destructive).unwrap();
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

/// Whoever reads the file before it is applied sees all of it.
#[test]
fn nothing_in_a_saved_plan_is_hidden() {
    let mut plan = some_plan();
    plan.changes[0].title = "a\u{202e}b\u{1b}[2J\u{200b}".to_owned();
    let plan = plan.sealed();
    let text = to_json(&plan).unwrap();
    assert!(text.contains(r"a\u202eb\u001b[2J\u200b"), "{text}");
    assert_eq!(read(&text).unwrap(), plan);
}

fn edited(edit: impl FnOnce(&mut Value)) -> Result<Plan, PlanFileError> {
    let mut value = serde_json::to_value(some_plan()).unwrap();
    edit(&mut value);
    read(&value.to_string())
}

/// What was saved before 3.15 was read says nothing of a contact: neither that there is one nor that
/// there is none.
#[test]
fn files_of_before_the_contact_was_read_still_load() {
    let mut runner = TestRunner::deterministic();
    let snapshot = snapshots().new_tree(&mut runner).unwrap().current();
    let mut value = serde_json::to_value(&snapshot).unwrap();
    value.as_object_mut().unwrap().remove("contact").unwrap();
    let expected = Snapshot { contact: Observed::Unread, ..snapshot };
    assert_eq!(serde_json::from_value::<Snapshot>(value).unwrap(), expected);

    let mut value = serde_json::to_value(Settings::default()).unwrap();
    value.as_object_mut().unwrap().remove("contact").unwrap();
    assert_eq!(serde_json::from_value::<Settings>(value).unwrap(), Settings::default());
}

/// A run keeps its plan: one of an older harden has to be readable again for `undo`.
#[test]
fn an_older_plan_can_be_saved_again() {
    let plan = some_plan();
    let mut older = serde_json::to_value(&plan).unwrap();
    let settings = older["origin"]["baseline"]["settings"].as_object_mut().unwrap();
    for table in ["trail", "monitoring", "config", "sns"] {
        settings.remove(table).unwrap();
    }
    let digest = Digest::of_json(older.clone());
    assert_ne!(digest, plan.digest);
    older["digest"] = digest.as_str().into();
    let again = read(&older.to_string()).unwrap();
    assert_eq!(again, plan);
    assert_eq!(read(&to_json(&again).unwrap()).unwrap(), plan);
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

/// What a plan shows is what it does, whoever made up the digest; and no plan from a baseline weakens.
#[test]
fn a_forged_plan_cannot_hide_a_weaker_password_policy() {
    fn policy_change(plan: &mut Plan) -> &mut Change {
        plan.changes.iter_mut().find(|change| change.resource == "password-policy").unwrap()
    }
    let forge = |edit: fn(&mut Change)| {
        let mut plan = some_plan();
        edit(policy_change(&mut plan));
        read(&to_json(&plan.sealed()).unwrap())
    };
    let hidden = forge(|change| {
        change.operation = Operation::UpdateAccountPasswordPolicy {
            policy: PasswordPolicy { minimum_length: 6, ..PasswordPolicy::IN_PLACE_OF_NONE },
        };
    });
    assert!(matches!(hidden, Err(PlanFileError::Inconsistent { .. })));
    let shown = forge(|change| {
        let policy = PasswordPolicy { minimum_length: 6, ..PasswordPolicy::IN_PLACE_OF_NONE };
        change.operation = Operation::UpdateAccountPasswordPolicy { policy: policy.clone() };
        change.after = Document::PasswordPolicy(Some(policy));
    });
    assert!(matches!(shown, Err(PlanFileError::Inconsistent { .. })));
}

/// No plan from a baseline replaces a contact or takes one away; one that takes back a run may.
#[test]
fn a_forged_plan_takes_no_contact_away() {
    let contact = SecurityContact {
        name: "Security team".to_owned(),
        title: "Incident response".to_owned(),
        email: "security@acme.dev".to_owned(),
        phone: "1".to_owned(),
    };
    let forge = |origin: fn(&mut Plan)| {
        let mut plan = some_plan();
        plan.changes.truncate(1);
        plan.changes[0] = Change {
            id: ChangeId::new("delete-alternate-contact/security-contact"),
            controls: [ControlId::new(3, 15)].into(),
            region: None,
            resource: "security-contact".to_owned(),
            operation: Operation::DeleteAlternateContact,
            before: Document::SecurityContact(Some(contact.clone())),
            after: Document::SecurityContact(None),
            undo: Inverse::Run(Operation::PutAlternateContact { contact: contact.clone() }),
            ..plan.changes[0].clone()
        };
        origin(&mut plan);
        read(&to_json(&plan.sealed()).unwrap())
    };
    assert!(matches!(forge(|_| {}), Err(PlanFileError::Inconsistent { .. })));
    assert!(forge(|plan| plan.origin = Origin::UndoOf("run".to_owned())).is_ok());
}

/// The rollout of the accounts in `tests/cli/fleet`.
#[test]
fn the_example_rollout_can_be_read_and_every_edit_of_it_is_noticed() {
    let text = include_str!("../../plans/example-rollout.json");
    let example = Manifest::read(text).unwrap();
    assert_eq!((example.accounts.len(), example.waves.len()), (4, 3));
    assert_eq!(example.to_json().unwrap(), text);
    let whole: Value = serde_json::from_str(text).unwrap();
    let edits: [fn(&mut Value); 4] = [
        |rollout| rollout["pace"]["stop_after_failures"] = 100.into(),
        |rollout| rollout["accounts"][0]["planned"]["plan"]["credentials"] = 0.into(),
        |rollout| rollout["waves"].as_array_mut().unwrap().truncate(1),
        |rollout| rollout["note"] = "something new".into(),
    ];
    for edit in edits {
        let mut edited = whole.clone();
        edit(&mut edited);
        assert_ne!(edited, whole);
        let refused = Manifest::read(&edited.to_string()).unwrap_err();
        assert!(matches!(refused, ManifestError::Changed), "{refused}");
    }
}

/// Sums of floats have digits that do not survive being written down.
#[test]
fn what_plans_cost_in_all_is_read_as_it_was_written() {
    for times in 1..=2_000_u16 {
        for cost in [0.1, 0.3, 0.5, 0.7, 1.0 / 3.0] {
            let sum = cents((0..times).map(|_| cost).sum());
            let read: f64 = serde_json::from_str(&serde_json::to_string(&sum).unwrap()).unwrap();
            assert_eq!(read.to_bits(), sum.to_bits(), "{times} times {cost}");
        }
    }
}
