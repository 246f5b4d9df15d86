//! Two patterns are grown from the input and compared.

#![no_main]

use harden_fuzz::pattern::{Coverage, Liveness, Pattern, covers};
use libfuzzer_sys::fuzz_target;

const SELECTORS: [&str; 10] =
    ["$.a", "$.b", "$.c", "$.a.b", "$.a.c", "$.a[0]", "$.a[1]", "$.a[1].b", "$[0]", "$.d[3][1]"];
const NUMBERS: [&str; 6] = ["0", "-0", "1", "1.0", "1e1", "1e999"];
const RELATIONS: [&str; 6] = ["=", "!=", "<", "<=", ">", ">="];
const LETTERS: [char; 4] = ['x', 'y', '*', 'é'];

/// Grows a condition; the input decides at each turn, and ends it when it ends.
fn grow(input: &mut impl Iterator<Item = usize>, depth: usize) -> String {
    let mut turn = |choices: usize| input.next().unwrap_or(0) % choices;
    let shape = if depth == 0 { 0 } else { turn(4) };
    if shape > 1 {
        let sign = if shape == 2 { "&&" } else { "||" };
        let parts = 2 + turn(3);
        let parts: Vec<String> =
            (0..parts).map(|_| format!("({})", grow(input, depth - 1))).collect();
        return parts.join(sign);
    }
    let selector = SELECTORS[turn(SELECTORS.len())];
    match turn(9) {
        0 => format!("{selector} NOT EXISTS"),
        1 => format!("{selector} IS {}", ["NULL", "TRUE", "FALSE"][turn(3)]),
        2 | 3 => format!("{selector} {} {}", RELATIONS[turn(6)], NUMBERS[turn(6)]),
        4 if depth == 0 => format!("{selector} {} %{}%", RELATIONS[turn(2)], ["p", "q"][turn(2)]),
        _ => {
            let relation = RELATIONS[turn(2)];
            let length = turn(9);
            let text: String = (0..length).map(|_| LETTERS[turn(4)]).collect();
            format!("{selector} {relation} \"{text}\"")
        }
    }
}

fuzz_target!(|input: &[u8]| {
    let mut input = input.iter().copied().map(usize::from);
    let mut next = || Pattern::parse(&format!("{{{}}}", grow(&mut input, 4)));
    // Too long, or too many regular expressions.
    let (Ok(a), Ok(b)) = (next(), next()) else { return };
    match covers(&a, &b) {
        Coverage::No { misses, .. } => assert!(b.matches(&misses) && !a.matches(&misses)),
        Coverage::Yes => assert!(!matches!(covers(&a, &a.and(&b)), Coverage::No { .. })),
        Coverage::Undecided { reason } => assert!(!reason.to_string().is_empty()),
    }
    assert!(!matches!(covers(&a, &a), Coverage::No { .. }));
    if let Liveness::Alive { matches, .. } = b.liveness() {
        assert!(b.matches(&matches));
    }
    if let Coverage::No { misses, .. } = a.universality() {
        assert!(!a.matches(&misses));
    }
});
