//! A run that ended anywhere, for whatever reason: the next one does the rest, and nothing else.

use harden::assess::{Verdict, judge};
use harden::change::Risk;
use harden::model::{ControlId, Snapshot};
use harden::plan::{Came, Plan, build, left_by, resume};
use proptest::prelude::*;

use crate::account::simulated;
use crate::generate::{rules, snapshots};
use crate::laws::difference;

/// The account after the first changes of a plan.
fn cut(snapshot: &Snapshot, plan: &Plan, at: usize) -> Snapshot {
    let mut after = snapshot.clone();
    for change in &plan.changes[..at] {
        change.operation.simulate(&mut after).unwrap();
    }
    after
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn the_next_run_ends_where_one_run_would_have(
        snapshot in snapshots(),
        rules in rules(),
        at in any::<prop::sample::Index>(),
        in_doubt in any::<bool>(),
    ) {
        let first = build(snapshot.clone(), "test", &rules, Risk::Destructive).unwrap();
        let at = at.index(first.changes.len() + 1);
        let half = cut(&snapshot, &first, at);
        let came = |id: &_| match first.changes.iter().position(|change| change.id == *id) {
            // Killed while this call was under way: it took effect, or it did not.
            Some(place) if in_doubt && (place + 1 == at || place == at) => Came::Perhaps,
            Some(place) if place < at => Came::Through,
            _ => Came::Not,
        };
        let left = left_by("run", &first, came, &rules);
        let rest = resume(half.clone(), "test", &rules, Risk::Destructive, left).unwrap();
        let saved = harden::plan::read(&harden::plan::to_json(&rest).unwrap());
        prop_assert_eq!(saved.unwrap(), rest.clone());
        let after = simulated(&half, &rest);
        let whole = simulated(&snapshot, &first);
        // A waiver may name what a run makes, as it is half made: it counts from then on.
        let is_waived =
            |id: ControlId| rules.waivers.iter().any(|waiver| waiver.control == id);
        let verdicts = |of: &Snapshot| -> Vec<Verdict> {
            let judged = judge(of, &rules).into_iter();
            let strict = judged.filter(|one| !is_waived(one.control.id));
            strict.map(|one| one.report.verdict).collect()
        };
        prop_assert_eq!(verdicts(&after), verdicts(&whole));
        // Of several trails, another may be the better one by now; and where something is waived, nothing is
        // made up for. All else is as one run would have left it.
        if snapshot.logging.trails.len() < 2 && rules.waivers.is_empty() {
            prop_assert_eq!(difference(after.clone(), whole), "");
        }
        let again = build(after, "test", &rules, Risk::Destructive).unwrap();
        prop_assert!(again.changes.is_empty(), "{:?}", again.changes);
    }
}
