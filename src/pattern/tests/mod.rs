//! The language as a whole: syntax, meaning, coverage, and laws over generated patterns.

mod bounds;
mod coverage;
mod generate;
mod laws;
mod meaning;
mod recommended;
mod syntax;

use super::{Coverage, Pattern, covers};

fn parse(text: &str) -> Pattern {
    Pattern::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// A condition on the name of an event, which is one of these.
fn names(names: &[&str]) -> Pattern {
    let tests: Vec<String> = names.iter().map(|name| format!("($.eventName = {name})")).collect();
    parse(&format!("{{ {} }}", tests.join(" || ")))
}

/// What a pattern misses of another one, in words; the example is checked.
fn missed(a: &Pattern, b: &Pattern) -> Option<String> {
    match covers(a, b) {
        Coverage::Yes => None,
        Coverage::No { misses, words } => {
            assert!(b.matches(&misses) && !a.matches(&misses), "{a} / {b}: {misses}");
            Some(words)
        }
        Coverage::Undecided { reason } => panic!("{a} / {b}: {reason}"),
    }
}
