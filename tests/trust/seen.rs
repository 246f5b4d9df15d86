//! The proxy knows of each call what the emulator knows of it.

use crate::accounts::Kind;
use crate::bench::Bench;

#[test]
fn the_proxy_and_the_emulator_see_the_same_calls() {
    let bench = Bench::open(Kind::Unset);
    let world = &bench.world;
    world.account.forget_calls();
    bench.proxy.clear();
    let flags = ["--control", "1.5,1.15,2.1-2.8,3.4,3.15,4.3"];
    let result = world.ask(&[&["apply", "--yes"], flags.as_slice()].concat());
    assert_eq!(result["outcome"], "complete", "{result:#}");
    world.harden(["undo", "last", "--yes"]);
    let sorted = |mut calls: Vec<String>| {
        calls.sort();
        calls
    };
    let ours: Vec<_> =
        bench.proxy.seen().into_iter().map(|one| format!("{:?}", one.call)).collect();
    let theirs: Vec<_> = world.account.calls().iter().map(|call| format!("{call:?}")).collect();
    assert!(ours.len() > 100, "{}", ours.len());
    assert_eq!(sorted(ours), sorted(theirs));
}
