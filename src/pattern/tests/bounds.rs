//! Contrived patterns: they end, in an answer or in none.

use std::time::{Duration, Instant};

use super::super::{Coverage, Liveness, Pattern, Reason, covers};
use super::parse;

/// Tests joined into one pattern, as many as fit.
fn joined(sign: &str, tests: impl Iterator<Item = String>) -> Pattern {
    let mut text = String::from("{");
    for test in tests {
        if text.len() + test.len() + sign.len() + 1 > Pattern::LONGEST {
            break;
        }
        if text.len() > 1 {
            text.push_str(sign);
        }
        text.push_str(&test);
    }
    parse(&format!("{text}}}"))
}

fn word(mut n: usize, length: usize, letters: &[u8]) -> String {
    let mut word = String::new();
    for _ in 0..length {
        word.push(char::from(letters[n % letters.len()]));
        n /= letters.len();
    }
    word
}

/// Debug builds are some twenty times slower than release builds.
fn soon<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let done = work();
    let limit = Duration::from_secs(if cfg!(debug_assertions) { 60 } else { 1 });
    assert!(start.elapsed() < limit, "{what} took {:?}", start.elapsed());
    done
}

#[test]
fn many_wildcards_on_one_selector_end() {
    let contains = joined("&&", (0..200).map(|n| format!("$.a=*{}*", word(n, 3, b"abcd"))));
    let others = joined("||", (0..200).map(|n| format!("$.a!=*{}*", word(n, 4, b"abcd"))));
    let decided = soon("contains", || covers(&others, &contains));
    assert_eq!(decided, Coverage::Undecided { reason: Reason::TooComplex });
    let prefixes = joined("||", (0..200).map(|n| format!("$.a={}*", word(n, 4, b"abcd"))));
    let suffixes = joined("||", (0..200).map(|n| format!("$.a=*{}", word(n, 4, b"abcd"))));
    assert_eq!(soon("prefixes", || covers(&prefixes, &prefixes)), Coverage::Yes);
    assert_eq!(soon("suffixes", || covers(&suffixes, &suffixes)), Coverage::Yes);
    let decided = soon("both", || covers(&prefixes, &suffixes));
    assert_eq!(decided, Coverage::Undecided { reason: Reason::TooComplex });
    let words = ["Role", "User", "Group", "Policy", "Trail", "Key", "Bucket", "Vpc", "Route"];
    let words = joined("||", words.iter().map(|word| format!("$.a=*{word}*")));
    assert_eq!(soon("words", || covers(&words, &words)), Coverage::Yes);
    let long =
        joined("||", ["$.a=*", "$.a!=*"].iter().map(|s| format!("{s}{}*", "ab".repeat(250))));
    assert_eq!(soon("long", || covers(&long, &parse("{ $.a = x*ab*y }"))), Coverage::Yes);
}

#[test]
fn many_alternatives_end() {
    let pairs = |x: char, y: char| {
        joined("||", (0..60).map(move |n| format!("$.{x}={}&&$.{y}={}", n % 7, n % 11)))
    };
    soon("pairs", || covers(&pairs('a', 'b'), &pairs('b', 'a')));
}

/// More pigeons than holes, one for each: what is hard to refute for any search like this one.
fn pigeons(holes: usize) -> Pattern {
    let at = |pigeon: usize, hole: usize| format!("$.p{pigeon}h{hole}");
    let mut parts: Vec<String> = Vec::new();
    for pigeon in 0..=holes {
        let some: Vec<String> = (0..holes).map(|hole| at(pigeon, hole) + "=1").collect();
        parts.push(format!("{{{}}}", some.join("||")));
        for (other, hole) in (0..pigeon).flat_map(|other| (0..holes).map(move |hole| (other, hole)))
        {
            let (one, two) = (at(pigeon, hole), at(other, hole));
            parts.push(format!("{{{one} NOT EXISTS||{two} NOT EXISTS}}"));
        }
    }
    let all = parts.iter().map(|part| parse(part)).reduce(|all, part| all.and(&part));
    all.unwrap()
}

#[test]
fn a_long_search_ends() {
    assert!(soon("few pigeons", || pigeons(4).is_dead()));
    let decided = soon("many pigeons", || pigeons(10).liveness());
    assert_eq!(decided, Liveness::Undecided { reason: Reason::TooComplex });
}

#[test]
fn deep_and_wide_selectors_end() {
    let deep = parse(&format!("{{ $.a{} = x }}", ".a".repeat(500)));
    assert_eq!(soon("deep", || covers(&deep, &deep)), Coverage::Yes);
    let shallow = parse(&format!("{{ $.a{} NOT EXISTS }}", ".a".repeat(499)));
    assert!(matches!(soon("deep", || covers(&shallow, &deep)), Coverage::No { .. }));
    let wide = joined("&&", (0..100).map(|n| format!("$.a[{n}]=x")));
    assert_eq!(soon("wide", || covers(&wide, &wide)), Coverage::Yes);
    let high = parse("{ $.a[1000] = x || $.b[1001] = x }");
    assert_eq!(high.liveness(), Liveness::Undecided { reason: Reason::HighIndex(1_001) });
    assert!(matches!(parse("{ $.a[1000][1000] = x }").liveness(), Liveness::Alive { .. }));
}

#[test]
fn many_numbers_end() {
    let low = joined("&&", (0..100).map(|n| format!("$.a!={n}")));
    let high = joined("||", (0..100).map(|n| format!("$.a>{n}.5")));
    assert!(matches!(soon("numbers", || covers(&low, &high)), Coverage::No { .. }));
}
