//! Nearly every third call is throttled, here and there another one fails: it is all done, and in few more calls.

use crate::accounts::Kind;
use crate::bench::{Bench, hit, is_whole, side_by_side, undisturbed};
use crate::counts::{Counts, told};
use crate::proxy::{Fault, Rule};
use crate::support::answers::{changes, same};

#[derive(Debug)]
struct Case {
    kind: Kind,
    fault: Fault,
    seed: u64,
}

#[test]
fn calls_that_are_throttled_are_made_again_and_not_too_often() {
    let seeds = if is_whole() { 1..=8 } else { 1..=1 };
    let cases: Vec<Case> = seeds
        .flat_map(|seed| {
            Kind::ALL.map(|kind| Case { kind, fault: Fault::Refused("throttle"), seed })
        })
        .collect();
    let (counts, failures) = side_by_side(&cases, throttled);
    told("throttled", counts, &failures);
}

fn throttled(case: &Case) -> Counts {
    let bench = Bench::open(case.kind);
    let expected = undisturbed(case.kind);
    bench.proxy.clear();
    bench.proxy.rule(Rule::new(case.fault).chance(30, case.seed));
    let plan = bench.ask(&["plan"]);
    let planned = bench.proxy.seen();
    let result = bench.ask(&["apply", "--yes"]);
    let all = bench.proxy.seen();
    let counts = Counts { calls_throttled: hit(&all, |_| true), ..Counts::default() };
    bench.proxy.clear();
    let named = |plan: &serde_json::Value| {
        changes(plan).into_iter().map(|one| one.replace(&bench.world.account.id, "")).count()
    };
    assert_eq!(named(&plan), named(&expected.plan), "{:#}", plan["not_planned"]);
    assert_eq!(result["outcome"], "complete", "{result:#}");
    same(&bench.reading(), &expected.after);
    let (applying, most) = (all.len() - planned.len(), 3 * expected.calls.len());
    assert!(applying < most, "{applying} calls instead of {}", expected.calls.len());
    counts
}
