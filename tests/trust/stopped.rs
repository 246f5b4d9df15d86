//! Ctrl-C at any moment, or a session that expires: the calls in flight finish, the journal is closed, and the
//! next run does the rest.

use crate::accounts::Kind;
use crate::answers::same;
use crate::bench::{Bench, is_whole, side_by_side, undisturbed};
use crate::counts::{Counts, told};
use crate::proxy::{Fault, Rule, random};

const CTRL_C: Fault = Fault::SignalBeforeAnswer("INT");
const EXPIRED: Fault = Fault::Refused("expired");

/// The moment: while this call of the run is under way.
#[derive(Debug)]
struct Case {
    kind: Kind,
    fault: Fault,
    call: usize,
}

#[test]
fn a_run_that_is_stopped_at_any_moment_closes_its_journal_and_is_gone_on_with() {
    let mut state = 20_161_130;
    let cases: Vec<Case> = (0..if is_whole() { 68 } else { 8 })
        .map(|n| {
            let kind = if n % 3 == 2 { Kind::HalfDone } else { Kind::Unset };
            let calls = u64::try_from(undisturbed(kind).calls.len()).unwrap();
            let call = 1 + usize::try_from(random(&mut state) % calls).unwrap();
            let fault = if n % 4 == 3 { EXPIRED } else { CTRL_C };
            Case { kind, fault, call }
        })
        .collect();
    let (counts, failures) = side_by_side(&cases, stopped);
    told("stopped", counts, &failures);
}

fn stopped(case: &Case) -> Counts {
    let bench = Bench::open(case.kind);
    let mut counts = Counts { runs_stopped: 1, ..Counts::default() };
    bench.proxy.clear();
    let is_expired = matches!(case.fault, Fault::Refused(_));
    let rule = Rule::new(case.fault);
    bench.proxy.rule(if is_expired { rule.from(case.call) } else { rule.nth(case.call) });
    let answer = bench.apply_as_victim();
    let effects = bench.effects();
    bench.proxy.clear();
    // What came too late found the run at its end.
    let codes: &[i32] = if is_expired { &[1, 3] } else { &[130, 0] };
    assert!(codes.contains(&answer.code.unwrap()), "{answer:?}");
    match bench.world.runs().as_slice() {
        [] => {
            assert_eq!(effects.len(), 0);
            let told = if is_expired { "expired" } else { "stopped: nothing was changed" };
            assert!(answer.all().contains(told), "{answer:?}");
        }
        [run] => {
            counts.lost_entries += Bench::lost(run, &effects);
            let journal = std::fs::read_to_string(run.join("journal.jsonl")).unwrap();
            assert!(journal.ends_with("\"event\":\"end\"}\n"), "{journal}");
            assert!(run.join("result.json").exists());
        }
        runs => panic!("{runs:?}"),
    }
    let next = bench.ask(&["apply", "--yes"]);
    let outcome = next["outcome"].as_str().unwrap();
    assert!(matches!(outcome, "complete" | "nothing_to_do"), "{next:#}");
    same(&bench.reading(), &undisturbed(case.kind).after);
    counts
}
