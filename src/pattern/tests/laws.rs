//! What holds for all patterns and events.

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use super::super::{Coverage, Liveness, Pattern, Reason, covers};
use super::generate::{events, three, two_with_regexes, without_regexes};

/// The decision is the same as trying every kind of event, and its examples are examples.
fn decision_agrees_with_events(a: &Pattern, b: &Pattern) -> Result<(), TestCaseError> {
    let events = events(&[a, b]);
    let missed = events.iter().find(|event| b.matches(event) && !a.matches(event));
    match covers(a, b) {
        Coverage::Yes => prop_assert!(missed.is_none(), "{} / {}: {:?}", a, b, missed),
        Coverage::No { misses, .. } => {
            prop_assert!(b.matches(&misses), "{} / {}: {}", a, b, misses);
            prop_assert!(!a.matches(&misses), "{} / {}: {}", a, b, misses);
        }
        Coverage::Undecided { reason } => prop_assert!(false, "{} / {}: {}", a, b, reason),
    }
    match a.liveness() {
        Liveness::Dead => prop_assert!(!events.iter().any(|event| a.matches(event)), "{}", a),
        Liveness::Alive { matches, .. } => prop_assert!(a.matches(&matches), "{}: {}", a, matches),
        Liveness::Undecided { reason } => prop_assert!(false, "{}: {}", a, reason),
    }
    match a.universality() {
        Coverage::Yes => prop_assert!(events.iter().all(|event| a.matches(event)), "{}", a),
        Coverage::No { misses, .. } => prop_assert!(!a.matches(&misses), "{}: {}", a, misses),
        Coverage::Undecided { reason } => prop_assert!(false, "{}: {}", a, reason),
    }
    Ok(())
}

fn coverage_is_an_order([a, b, c]: &[Pattern; 3]) -> Result<(), TestCaseError> {
    let yes = |a: &Pattern, b: &Pattern| covers(a, b) == Coverage::Yes;
    prop_assert!(yes(a, a), "{}", a);
    prop_assert!(yes(a, &a.and(b)), "{} {}", a, b);
    prop_assert!(!(yes(a, b) && yes(b, c)) || yes(a, c), "{} {} {}", a, b, c);
    Ok(())
}

/// A regular expression is some set of strings: what is said of all of them holds for any.
fn regexes_are_not_guessed([a, b]: &[Pattern; 2], texts: [&str; 2]) -> Result<(), TestCaseError> {
    let (plain_a, plain_b) = (without_regexes(a, texts), without_regexes(b, texts));
    match covers(a, b) {
        Coverage::Yes => prop_assert_eq!(covers(&plain_a, &plain_b), Coverage::Yes),
        Coverage::No { misses, .. } => {
            prop_assert!(plain_b.matches(&misses) && !plain_a.matches(&misses), "{}", misses);
        }
        Coverage::Undecided { reason } => {
            prop_assert!(matches!(reason, Reason::Regex(_)), "{}", reason);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn covering_is_what_trying_every_event_shows([a, b, _] in three()) {
        decision_agrees_with_events(&a, &b)?;
    }

    #[test]
    fn covering_orders_the_patterns(patterns in three()) {
        coverage_is_an_order(&patterns)?;
    }

    #[test]
    fn what_is_printed_is_read_again([a, _, _] in three(), [b, _] in two_with_regexes()) {
        for pattern in [a, b] {
            let read = Pattern::parse(&pattern.to_string());
            let too_many = read.as_ref().is_err_and(|error| error.to_string().contains("two regular"));
            prop_assert!(too_many || read == Ok(pattern));
        }
    }

    #[test]
    fn regexes_are_left_open(patterns in two_with_regexes(), p in "[xy*]{0,3}", q in "[xy*]{0,3}") {
        regexes_are_not_guessed(&patterns, [&p, &q])?;
    }

    #[test]
    fn any_text_is_read_or_refused(parts in prop::collection::vec(
        prop::sample::select(&[
            "{", "}", "(", ")", "&&", "||", "|", "&", "=", "!=", "!", "<", ">=", " ", "$.a", "$[0]", "$a", "$.b.c[1]",
            "x", "1.5", "\"", "\"q*\"", "%", "%r%", "NOT", "EXISTS", "IS", "NULL", "é", "*", "[", "\\", "\n", ",",
        ][..]),
        0..30,
    ), wrap in any::<bool>()) {
        let inner = parts.concat();
        let text = if wrap { format!("{{ $.a = x || {inner} }}") } else { inner };
        match Pattern::parse(&text) {
            Ok(pattern) => prop_assert_eq!(Pattern::parse(&pattern.to_string()), Ok(pattern)),
            Err(error) => {
                let last = text.chars().count() + 1;
                prop_assert!(error.column().is_none_or(|column| (1..=last).contains(&column)));
                prop_assert!(!error.to_string().is_empty());
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100_000))]

    #[test]
    #[ignore = "100,000 cases"]
    fn covering_is_what_trying_every_event_shows_in_many_cases(patterns in three()) {
        decision_agrees_with_events(&patterns[0], &patterns[1])?;
        coverage_is_an_order(&patterns)?;
    }

    #[test]
    #[ignore = "100,000 cases"]
    fn regexes_are_left_open_in_many_cases(
        patterns in two_with_regexes(),
        p in "[xy*]{0,3}",
        q in "[xy*]{0,3}",
    ) {
        regexes_are_not_guessed(&patterns, [&p, &q])?;
    }
}
