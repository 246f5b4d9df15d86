//! The fourteen patterns of the benchmark, and what later editions made of them.

use super::super::{Coverage, Pattern, covers};
use super::{missed, parse};

/// Each pattern by its name, fourteen first.
fn patterns() -> Vec<(&'static str, Pattern)> {
    let lines = include_str!("benchmark.txt").lines().filter(|line| !line.starts_with('#'));
    let named = lines.map(|line| line.split_once(' ').unwrap());
    named.map(|(name, text)| (name, parse(text))).collect()
}

fn named(name: &str) -> Pattern {
    patterns().into_iter().find(|(other, _)| *other == name).unwrap().1
}

#[test]
fn all_are_read_and_fit_when_printed() {
    let patterns = patterns();
    assert_eq!(patterns.len(), 20);
    for (name, pattern) in patterns {
        let printed = pattern.to_string();
        assert_eq!(parse(&printed), pattern, "{name}");
        assert!(printed.chars().count() <= Pattern::LONGEST, "{name}");
        assert!(!pattern.is_dead(), "{name} matches nothing");
        assert!(!pattern.matches_everything(), "{name} matches everything");
        assert_eq!(covers(&pattern, &pattern), Coverage::Yes, "{name}");
    }
}

/// No pair waits for the budget, and none of the fourteen does another's work.
#[test]
fn all_pairs_are_decided() {
    let all = patterns();
    for (one, a) in &all {
        for (other, b) in &all {
            let same = one.split('-').next() == other.split('-').next();
            let misses = missed(a, b);
            assert!(same || one.starts_with("F1-v1.4") || misses.is_some(), "{one} {other}");
        }
    }
}

#[test]
fn later_editions_are_placed() {
    let yes = [("F10-v5.0", "F10"), ("F1", "F1-v5.0-meant"), ("F1", "F1-v5.0-printed")];
    let yes = yes.into_iter().chain([("F1-v5.0-printed", "F1-v5.0-meant"), ("F2", "F2-narrowed")]);
    for (a, b) in yes {
        assert_eq!(missed(&named(a), &named(b)), None, "{a} {b}");
    }
    let no = [
        ("F10", "F10-v5.0", "eventName = ModifySecurityGroupRules"),
        (
            "F2-narrowed",
            "F2",
            "eventName = ConsoleLogin, additionalEventData.MFAUsed = other, userIdentity.type = other",
        ),
        (
            "F2-literal",
            "F2",
            "eventName = ConsoleLogin, additionalEventData.MFAUsed = other, \
             userIdentity.sessionContext.attributes.mfaAuthenticated = true",
        ),
    ];
    for (a, b, words) in no {
        assert_eq!(missed(&named(a), &named(b)).as_deref(), Some(words), "{a} {b}");
    }
    let words = missed(&named("F1-v5.0-meant"), &named("F1")).unwrap();
    assert!(
        words.starts_with("errorCode = UnauthorizedOperation, sourceIPAddress = delivery.logs.")
    );
    let words = missed(&named("F1-v5.0-meant"), &named("F1-v5.0-printed")).unwrap();
    assert!(
        words.starts_with("errorCode = UnauthorizedOperation, sourceIPAddress = delivery.logs.")
    );
}
