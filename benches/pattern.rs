//! Comparing the fourteen patterns of the benchmark, each with each: how long the slowest pair takes.
//!
//! Nothing is asserted: figures belong in notes, not in tests.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench prints, and ends at the first error"
)]

use std::time::{Duration, Instant};

use harden::pattern::{Pattern, covers};

const ROUNDS: usize = 11;

fn main() {
    let lines = include_str!("../src/pattern/tests/benchmark.txt").lines();
    let named = lines.filter_map(|line| line.split_once(' ').filter(|(name, _)| *name != "#"));
    let patterns: Vec<(&str, Pattern)> =
        named.map(|(name, text)| (name, Pattern::parse(text).unwrap())).collect();
    let mut times: Vec<(Duration, String)> = Vec::new();
    for (one, a) in &patterns {
        for (other, b) in &patterns {
            times.push((median(|| covers(a, b)), format!("{one} over {other}")));
        }
    }
    times.sort();
    let total: Duration = times.iter().map(|(time, _)| *time).sum();
    println!("{} pairs in {total:?}", times.len());
    for (time, pair) in times.iter().rev().take(5) {
        println!("{time:>12.1?}  {pair}");
    }
}

/// The median of some rounds.
fn median<T>(mut work: impl FnMut() -> T) -> Duration {
    let mut round = || {
        let start = Instant::now();
        drop(work());
        start.elapsed()
    };
    let mut rounds: Vec<Duration> = (0..ROUNDS).map(|_| round()).collect();
    rounds.sort();
    rounds.get(ROUNDS / 2).copied().unwrap_or_default()
}
