//! Nearly every third call is throttled: all is done all the same, and in few more calls.

use crate::accounts::Kind;
use crate::answers::{changes, same};
use crate::bench::{Bench, hit, is_whole, side_by_side, undisturbed};
use crate::counts::{Counts, told};
use crate::proxy::{Fault, Rule};

#[derive(Debug)]
struct Case {
    kind: Kind,
    seed: u64,
}

#[test]
fn calls_that_are_throttled_are_made_again_and_not_too_often() {
    let seeds = if is_whole() { 1..=8 } else { 1..=1 };
    let cases: Vec<Case> =
        seeds.flat_map(|seed| Kind::ALL.map(|kind| Case { kind, seed })).collect();
    let (counts, failures) = side_by_side(&cases, throttled);
    told("throttled", counts, &failures);
}

fn throttled(case: &Case) -> Counts {
    let bench = Bench::open(case.kind);
    let expected = undisturbed(case.kind);
    bench.proxy.clear();
    bench.proxy.rule(Rule::new(Fault::Refused("throttle")).chance(30, case.seed));
    let plan = bench.ask(&["plan"]);
    let planning = bench.proxy.seen();
    let result = bench.ask(&["apply", "--yes"]);
    let all = bench.proxy.seen();
    bench.proxy.clear();
    assert_eq!(changes(&plan).len(), changes(&expected.plan).len(), "{:#}", plan["not_planned"]);
    assert_eq!(result["outcome"], "complete", "{result:#}");
    same(&bench.reading(), &expected.after);
    let (applying, calls) = (all.len() - planning.len(), expected.calls.len());
    assert!(applying < 3 * calls, "{applying} calls instead of {calls}");
    let is_throttled = |fault: &Fault| matches!(fault, Fault::Refused(_));
    Counts { calls_throttled: hit(&all, is_throttled), ..Counts::default() }
}
