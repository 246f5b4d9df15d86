//! Killed right after a write: the run is found, settled and gone on with, and nothing is made twice.

use std::collections::BTreeSet;

use serde_json::json;

use crate::accounts::Kind;
use crate::answers::same;
use crate::bench::{
    Bench, Effects, is_whole, name_of, side_by_side, that_comes_back, too_often, undisturbed,
};
use crate::counts::{Counts, told};
use crate::proxy::{Fault, Rule};
use crate::world::Answer;

const BEFORE: Fault = Fault::SignalBeforeAnswer("KILL");
const AFTER: Fault = Fault::SignalAfterAnswer("KILL");

/// Where a run is killed.
#[derive(Debug)]
enum Case {
    /// After the n-th write.
    Nth(Kind, Fault, usize),
    /// After the first write of each kind: run after run in one account, until one comes to its end. What
    /// is left, because it was made while another was killed, has its turn in the next account.
    Each(Kind),
}

#[test]
fn a_run_that_is_killed_after_any_write_is_gone_on_with() {
    let (counts, failures) = side_by_side(&cases(), |case| match *case {
        Case::Nth(kind, fault, n) => nth(kind, fault, n),
        Case::Each(kind) => each(kind),
    });
    told("killed", counts, &failures);
}

fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = Kind::ALL.into_iter().map(Case::Each).collect();
    if is_whole() {
        for kind in Kind::ALL {
            let writes = undisturbed(kind).calls.iter().filter(|one| one.call.is_write).count();
            let all = (1..=writes).flat_map(|n| [BEFORE, AFTER].map(|fault| (fault, n)));
            cases.extend(all.map(|(fault, n)| Case::Nth(kind, fault, n)));
        }
    }
    cases
}

fn nth(kind: Kind, fault: Fault, n: usize) -> Counts {
    let mut kills = vec![Rule::new(fault).writes().nth(n)];
    let (counts, killed) = account(kind, |_| kills.pop());
    assert_eq!(killed.len(), 1, "the run came to its end");
    counts
}

fn each(kind: Kind) -> Counts {
    let mut left: BTreeSet<String> = undisturbed(kind).effects.keys().cloned().collect();
    let mut sum = Counts::default();
    while !left.is_empty() {
        let (counts, killed) = account(kind, |killed| {
            left.retain(|name| !killed.contains(name));
            let fault = if left.len() % 4 == 3 { AFTER } else { BEFORE };
            Some(Rule::new(fault).among(&left).nth(1))
        });
        sum.add(counts);
        left.retain(|name| !killed.contains(name));
        assert!(!killed.is_empty(), "nothing was killed at {left:?}");
    }
    sum
}

/// One account in which runs are killed as long as there are rules to do so, and what they were killed at.
fn account(kind: Kind, mut next: impl FnMut(&[String]) -> Option<Rule>) -> (Counts, Vec<String>) {
    let bench = Bench::open(kind);
    let expected = undisturbed(kind);
    let before = bench.reading();
    let (mut counts, mut all, mut killed) = (Counts::default(), Effects::new(), Vec::new());
    let mut note = |effects: Effects| {
        for (name, times) in effects {
            *all.entry(name).or_default() += times;
        }
    };
    loop {
        bench.proxy.clear();
        if let Some(rule) = next(&killed) {
            bench.proxy.rule(rule);
        }
        let runs = bench.world.runs().len();
        let answer = bench.apply_as_victim();
        let effects = bench.effects();
        if let Some(run) = bench.world.runs().get(runs) {
            counts.lost_entries += Bench::lost(run, &effects);
        }
        note(effects);
        if answer.code.is_some() {
            goes_on(&bench, &answer, killed.len());
            break;
        }
        let hit = bench.proxy.seen().into_iter().find(|one| one.fault.is_some());
        killed.push(hit.unwrap().call.name());
        counts.writes_killed += 1;
        is_found(&bench);
    }
    bench.proxy.clear();
    counts.duplicates += too_often(&all, &expected.effects);
    assert_eq!(all, expected.effects, "what took effect in all runs, and in one; {killed:?}");
    same(&bench.reading(), &expected.after);
    assert_eq!(bench.ask(&["plan"])["changes"], json!([]));
    bench.undo_all();
    same(&that_comes_back(bench.reading()), &that_comes_back(before));
    (counts, killed)
}

/// The last run is known to have been killed.
fn is_found(bench: &Bench) {
    let run = bench.world.runs().pop().unwrap();
    bench.world.harden(["runs"]).expect(0).says("killed");
    bench.world.harden(["show", name_of(&run)]).expect(0).says("was killed before its end");
    assert!(!run.join("result.json").exists());
}

/// Those that were killed are settled by whoever came next, and the last of them is told of.
fn goes_on(bench: &Bench, answer: &Answer, killed: usize) {
    assert_eq!(answer.code, Some(0), "{answer:?}");
    let said = answer.all().split_whitespace().collect::<Vec<_>>().join(" ");
    let runs = bench.world.runs();
    for (run, place) in runs.iter().take(killed).zip(1..) {
        assert!(run.join("result.json").exists(), "{}", run.display());
        let told = format!("run {} was killed before its end, and is settled now", name_of(run));
        assert_eq!(said.contains(&told), place == killed, "{told}: {said}");
    }
}
