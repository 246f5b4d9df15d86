//! The connection breaks after the effect: it is looked whether there was one, and nothing is done again, for
//! every operation there is.

use std::collections::{BTreeMap, BTreeSet};

use harden::change::ALL_FACTS;
use serde_json::{Value, json};

use crate::accounts::Kind;
use crate::answers::{call_of, count, same};
use crate::bench::{Bench, is_whole, side_by_side, that_comes_back, too_often, undisturbed};
use crate::counts::{Counts, told};
use crate::proxy::{Fault, Rule};

/// An account, what becomes of answers there, and to which operations: one, or each.
#[derive(Debug)]
struct Case {
    kind: Kind,
    fault: Fault,
    only: Option<&'static String>,
}

#[test]
fn an_answer_that_is_lost_is_looked_for_whatever_the_operation() {
    let covered = std::sync::Mutex::new(BTreeSet::new());
    let (counts, failures) = side_by_side(&cases(), |case| {
        let (counts, operations) = lost(case);
        if matches!(case.fault, Fault::DropAfter) {
            covered.lock().unwrap().extend(operations);
        }
        counts
    });
    told("dropped", counts, &failures);
    // What takes another account has a test of its own: `tests/live/rollout/root_keys.rs`.
    let here = ALL_FACTS.iter().filter(|facts| !facts.is_from_above());
    let every: BTreeSet<String> = here.map(|facts| facts.name.to_owned()).collect();
    let covered = covered.into_inner().unwrap();
    assert_eq!(every.difference(&covered).collect::<Vec<_>>(), [""; 0], "never dropped");
    assert_eq!(covered, every);
}

/// All operations of an account in one go; whole: each by itself besides.
fn cases() -> Vec<Case> {
    let faults = [Fault::DropAfter, Fault::Truncate, Fault::Garble, Fault::DropBefore];
    let mut cases = Vec::new();
    for kind in Kind::ALL {
        let all = faults.map(|fault| Case { kind, fault, only: None });
        cases.extend(all.into_iter().take(if is_whole() { 4 } else { 1 }));
        if is_whole() {
            let each = undisturbed(kind).effects.keys();
            let each = each.map(|name| Case { kind, fault: Fault::DropAfter, only: Some(name) });
            cases.extend(each);
            // It is waited for half a minute.
            let only = undisturbed(kind).effects.keys().next();
            cases.push(Case { kind, fault: Fault::Hang, only });
        }
    }
    cases
}

fn lost(case: &Case) -> (Counts, BTreeSet<String>) {
    let bench = Bench::open(case.kind);
    let expected = undisturbed(case.kind);
    let (before, mut counts) = (bench.reading(), Counts::default());
    let mut covered = BTreeSet::new();

    lose(&bench, case, &expected.effects.keys().cloned().collect());
    let result = bench.ask(&["apply", "--yes"]);
    assert_eq!(result["outcome"], "complete", "{result:#}");
    counts.duplicates += too_often(&bench.effects(), &expected.effects);
    assert_eq!(bench.effects(), expected.effects, "{result:#}");
    let run = bench.world.runs().pop().unwrap();
    counts.lost_entries += Bench::lost(&run, &bench.effects());
    covered.extend(hit(&bench, &expected.plan, "operation", &mut counts));
    bench.proxy.clear();
    assert_eq!(bench.ask(&["plan"])["changes"], json!([]));
    same(&bench.reading(), &expected.after);

    case.kind.confirm(&bench.world.account);
    let changes = expected.plan["changes"].as_array().unwrap();
    let inverses: BTreeSet<String> = changes.iter().filter_map(inverse_of).collect();
    lose(&bench, case, &inverses);
    let undone = bench.world.json(["undo", "last", "--yes"]);
    let outcomes = undone["changes"].as_array().unwrap().iter();
    assert!(outcomes.clone().all(|one| one["outcome"] == "applied"), "{undone:#}");
    covered.extend(hit(&bench, &expected.plan, "undo", &mut counts));
    // The id of a change begins with its operation.
    let made = outcomes.map(|one| one["id"].as_str().unwrap().split('/').next().unwrap());
    let made = count(made.map(call_of));
    let calls = bench.effects().into_iter();
    let calls = calls.map(|(name, times)| (name.split_once(':').unwrap().1.to_owned(), times));
    let mut calls: BTreeMap<String, usize> = calls.collect();
    // It begins a task; whoever asks again is told of the same task.
    calls.entry("DeleteServiceLinkedRole".to_owned()).and_modify(|times| *times = 1);
    assert_eq!(calls, made, "{undone:#}");
    bench.proxy.clear();
    case.kind.confirm_again(&bench.world.account);
    same(&that_comes_back(bench.reading()), &that_comes_back(before));
    (counts, covered)
}

/// The call that takes a change back, such as `iam:DeleteRole`.
fn inverse_of(change: &Value) -> Option<String> {
    let facts = ALL_FACTS.iter().find(|facts| change["undo"]["op"] == facts.name)?;
    let (service, _) = facts.action.as_str().split_once(':').unwrap();
    Some(format!("{service}:{}", call_of(facts.name)))
}

/// Loses the first answer to each of the calls.
fn lose(bench: &Bench, case: &Case, calls: &BTreeSet<String>) {
    bench.proxy.clear();
    // Whether they took effect cannot be told from what is there, so they are not made again.
    let is_once = |call: &str| ["kms:CreateKey", "sns:Subscribe"].contains(&call);
    let is_lost = |call: &&String| {
        case.only.is_none_or(|only| only == *call)
            && !(matches!(case.fault, Fault::DropBefore) && is_once(call))
    };
    for call in calls.iter().filter(is_lost) {
        bench.proxy.rule(Rule::new(case.fault).on(call).nth(1));
    }
}

/// The operations of which an answer was lost.
fn hit(bench: &Bench, plan: &Value, part: &str, counts: &mut Counts) -> BTreeSet<String> {
    let seen = bench.proxy.seen().into_iter();
    let lost = seen.filter(|one| one.fault.is_some() && one.call.succeeded);
    let lost: Vec<String> = lost.map(|one| one.call.operation).collect();
    counts.operations_dropped += lost.len();
    let changes = plan["changes"].as_array().unwrap().iter();
    let operations = changes.filter_map(|change| change[part]["op"].as_str());
    operations.filter(|name| lost.contains(&call_of(name))).map(ToOwned::to_owned).collect()
}
