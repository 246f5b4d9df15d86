//! Answers that are none: unreadable, broken off, from somebody else; and pages as short as can be.

use crate::bench::{hit, is_whole, side_by_side};
use crate::counts::{Counts, told};
use crate::proxy::{Fault, Rule};
use crate::scene::{Case, Scene, changes, in_turn, scenes, verdicts};

#[test]
fn an_answer_that_is_none_is_no_pass_and_pages_are_read_to_the_last() {
    let scenes = scenes();
    let faults = [Fault::Garble, Fault::Truncate, Fault::Unavailable, Fault::Refused("error500")];
    let mut cases = Vec::new();
    for fault in faults.into_iter().take(if is_whole() { 4 } else { 1 }) {
        let mut reads: Vec<&String> = scenes.iter().flat_map(|scene| scene.reads.keys()).collect();
        reads.sort();
        reads.dedup();
        cases.extend(reads.into_iter().map(|read| {
            let (read, region) = (read.clone(), None);
            Case { read, region, fault }
        }));
    }
    let (mut counts, mut failures) = side_by_side(&cases, |case| in_turn(&scenes, case).0);
    let (more, of_pages) = side_by_side(&scenes, in_short_pages);
    counts.add(more);
    failures.extend(of_pages);
    told("lied to", counts, &failures);
}

/// The same is said of an account whose pages have one item each.
fn in_short_pages(scene: &Scene) -> Counts {
    let proxy = &scene.bench.proxy;
    proxy.clear();
    proxy.rule(Rule::new(Fault::ShortPages));
    let assessed = scene.bench.world.json(["assess"]);
    let plan = scene.bench.ask(&["plan"]);
    let mut counts = Counts { pages_shrunk: hit(&proxy.seen(), |_| true), ..Counts::default() };
    proxy.clear();
    let now = verdicts(&assessed);
    let passes = now.iter().filter(|(id, one)| *one == "pass" && scene.verdicts[*id] != "pass");
    counts.false_passes += passes.count();
    assert_eq!(now, scene.verdicts);
    assert_eq!(changes(&plan), scene.changes);
    counts
}
