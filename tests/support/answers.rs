//! Answers of harden in JSON, and what tests look for in them.

use std::collections::BTreeMap;

use serde_json::Value;

/// The numbers of the alarms that the benchmark asks for.
pub(crate) const ALARMS: std::ops::RangeInclusive<u8> = 1..=14;

/// A control in an assessment.
#[track_caller]
pub(crate) fn control<'a>(assessed: &'a Value, id: &str) -> &'a Value {
    let controls = assessed["controls"].as_array().unwrap();
    controls.iter().find(|control| control["id"] == id).unwrap_or_else(|| panic!("no {id}"))
}

/// The verdicts of controls, in the order asked for.
pub(crate) fn verdicts<'a>(assessed: &'a Value, ids: &[&str]) -> Vec<&'a str> {
    ids.iter().map(|id| control(assessed, id)["verdict"].as_str().unwrap()).collect()
}

/// Each finding of a control as `REGION RESOURCE: SUMMARY`; that of an account has `-` for a region.
pub(crate) fn findings(assessed: &Value, id: &str) -> Vec<String> {
    let findings = control(assessed, id)["findings"].as_array().unwrap().iter();
    findings
        .map(|finding| {
            let text = |field: &str| finding[field].as_str().unwrap_or("-");
            format!("{} {}: {}", text("region"), text("resource"), text("summary"))
        })
        .collect()
}

/// Why a control is neither pass nor fail.
pub(crate) fn reason<'a>(assessed: &'a Value, id: &str) -> &'a str {
    control(assessed, id)["reason"].as_str().unwrap_or_default()
}

/// What is to say besides the verdict of a control, as one text.
pub(crate) fn notes(assessed: &Value, id: &str) -> String {
    let notes = control(assessed, id)["notes"].as_array().into_iter().flatten();
    notes.filter_map(Value::as_str).collect::<Vec<_>>().join("\n")
}

/// Each change of a plan as `OPERATION RESOURCE`, in order.
pub(crate) fn changes(plan: &Value) -> Vec<String> {
    let changes = plan["changes"].as_array().unwrap_or_else(|| panic!("{plan:#}")).iter();
    changes
        .map(|change| {
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            format!("{} {}", text(&change["operation"]["op"]), text(&change["resource"]))
        })
        .collect()
}

/// How often a plan does what.
pub(crate) fn operations(plan: &Value) -> BTreeMap<&str, usize> {
    count(plan["changes"].as_array().unwrap().iter().map(|one| {
        let operation = one["operation"]["op"].as_str();
        operation.unwrap()
    }))
}

/// Each entry of what was not planned for a control as `WHY RESOURCE: DETAIL`.
pub(crate) fn left(plan: &Value, id: &str) -> Vec<String> {
    let entries = plan["not_planned"].as_array().unwrap().iter();
    let entries = entries.filter(|entry| entry["control"] == id);
    entries
        .map(|entry| {
            let text = |field: &str| entry[field].as_str().unwrap_or("-");
            format!("{} {}: {}", text("why"), text("resource"), text("detail"))
        })
        .collect()
}

/// How often each outcome is in the answer of an apply or an undo.
pub(crate) fn outcomes(result: &Value) -> BTreeMap<&str, usize> {
    count(result["changes"].as_array().unwrap().iter().map(|one| one["outcome"].as_str().unwrap()))
}

/// The errors in the answer of an apply or an undo, as one text.
pub(crate) fn errors(result: &Value) -> String {
    let changes = result["changes"].as_array().unwrap().iter();
    changes.filter_map(|change| change["error"].as_str()).collect::<Vec<_>>().join("\n")
}

/// How often each thing occurs.
pub(crate) fn count<T: Ord>(things: impl Iterator<Item = T>) -> BTreeMap<T, usize> {
    let mut counted = BTreeMap::new();
    for thing in things {
        *counted.entry(thing).or_default() += 1;
    }
    counted
}

/// Asserts that two readings of an account are the same, showing only where they are not.
#[track_caller]
pub(crate) fn same(now: &Value, before: &Value) {
    let mut differences = Vec::new();
    compare("", now, before, &mut differences);
    assert!(differences.is_empty(), "now and before:\n{}", differences.join("\n"));
}

fn compare(path: &str, now: &Value, before: &Value, differences: &mut Vec<String>) {
    let (Some(fields), Some(others)) = (now.as_object(), before.as_object()) else {
        if now != before {
            differences.push(format!("{path}: {now} and {before}"));
        }
        return;
    };
    for name in fields.keys().chain(others.keys().filter(|name| !fields.contains_key(*name))) {
        compare(&format!("{path}/{name}"), &now[name], &before[name], differences);
    }
}

/// The API's name for an operation.
pub(crate) fn call_of(operation: &str) -> String {
    let renamed = [
        ("set-topic-policy", "SetTopicAttributes"),
        ("put-public-access-block", "PutPublicAccessBlock"),
        ("delete-alarm", "DeleteAlarms"),
    ];
    if let Some((_, call)) = renamed.iter().find(|(name, _)| *name == operation) {
        return (*call).to_owned();
    }
    let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
    operation.split('-').map(capital).collect()
}
