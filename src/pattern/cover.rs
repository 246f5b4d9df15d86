//! Whether a pattern matches all that another one matches, nothing, or everything.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;

use super::ast::{Check, Expr, Pattern, Step, Test};
use super::budget::{Budget, Exhausted, LAST_INDEX};
use super::fit::Fit;
use super::formula::{Builder, Formula, Side};
use super::search::{Search, State};
use super::tree::Tree;
use super::values::{Classes, Kind, Regexes};
use super::words::words;

/// Whether a pattern matches every event that it should.
#[derive(Clone, Debug, PartialEq)]
pub enum Coverage {
    /// It does: there is no event that it misses.
    Yes,
    /// It does not.
    No {
        /// An event that it should match and does not.
        misses: Value,
        /// What is special about that event, such as `eventName = DeleteRolePolicy`.
        words: String,
    },
    /// It is not known.
    Undecided {
        /// Why.
        reason: Reason,
    },
}

/// Whether a pattern matches anything.
#[derive(Clone, Debug, PartialEq)]
pub enum Liveness {
    /// It does.
    Alive {
        /// An event that it matches.
        matches: Value,
        /// What is special about that event.
        words: String,
    },
    /// It does not: there is no event that it matches.
    Dead,
    /// It is not known.
    Undecided {
        /// Why.
        reason: Reason,
    },
}

/// Why something is not known about patterns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It depends on what these regular expressions match.
    Regex(Vec<String>),
    /// Working it out takes more steps than are spent on it.
    TooComplex,
    /// A selector has an index so high that no counter-example can be shown.
    HighIndex(u32),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Regex(texts) => {
                let shown: Vec<String> = texts.iter().map(|text| format!("`%{text}%`")).collect();
                write!(f, "it depends on what the regex {} matches", shown.join(" and "))
            }
            Self::TooComplex => f.write_str("too many wildcards and alternatives to compare"),
            Self::HighIndex(index) => write!(f, "the array index {index} is too high to compare"),
        }
    }
}

impl From<Exhausted> for Reason {
    fn from(_: Exhausted) -> Self {
        Self::TooComplex
    }
}

/// Whether `a` matches every event that `b` matches.
pub fn covers(a: &Pattern, b: &Pattern) -> Coverage {
    coverage(example(Some(&b.expr), Some(&a.expr)))
}

impl Pattern {
    /// Whether this matches every event, as `{ ($.a != "x") || ($.a NOT EXISTS) || … }` may.
    pub fn universality(&self) -> Coverage {
        coverage(example(None, Some(&self.expr)))
    }

    /// Whether this is known to match every event.
    pub fn matches_everything(&self) -> bool {
        self.universality() == Coverage::Yes
    }

    /// Whether this matches any event.
    pub fn liveness(&self) -> Liveness {
        match example(Some(&self.expr), None) {
            Ok(None) => Liveness::Dead,
            Ok(Some(Example { event, words })) => Liveness::Alive { matches: event, words },
            Err(reason) => Liveness::Undecided { reason },
        }
    }

    /// Whether this is known to match nothing, as `{ ($.a = "x") && ($.a = "y") }`.
    pub fn is_dead(&self) -> bool {
        self.liveness() == Liveness::Dead
    }
}

fn coverage(found: Result<Option<Example>, Reason>) -> Coverage {
    match found {
        Ok(None) => Coverage::Yes,
        Ok(Some(Example { event, words })) => Coverage::No { misses: event, words },
        Err(reason) => Coverage::Undecided { reason },
    }
}

/// An event, and what is special about it.
struct Example {
    event: Value,
    words: String,
}

/// An event that matches one condition and not the other, if there is one.
fn example(wanted: Option<&Expr>, unwanted: Option<&Expr>) -> Result<Option<Example>, Reason> {
    let tests: Vec<&Test> = wanted.into_iter().chain(unwanted).flat_map(Expr::tests).collect();
    let steps = tests.iter().flat_map(|test| &test.selector.steps);
    let high = steps.filter_map(|step| match step {
        Step::Index(index) => Some(*index).filter(|index| *index > LAST_INDEX),
        Step::Name(_) => None,
    });
    if let Some(index) = high.max() {
        return Err(Reason::HighIndex(index));
    }
    let tree = Tree::of(&tests);
    let mut budget = Budget::new();
    let regexes = regexes(&tests);
    let Some(found) = search(&tree, wanted, unwanted, Regexes::Free, &mut budget)? else {
        return Ok(None);
    };
    let sure = if regexes.is_empty() {
        Some(found)
    } else {
        search(&tree, wanted, unwanted, Regexes::Unknown, &mut budget)?
    };
    let is_one = |event: &Value| {
        wanted.is_none_or(|expr| expr.matches(event))
            && !unwanted.is_some_and(|expr| expr.matches(event))
    };
    debug_assert!(sure.as_ref().is_none_or(|example| is_one(&example.event)), "no example");
    sure.map(Some).ok_or(Reason::Regex(regexes))
}

fn search(
    tree: &Tree,
    wanted: Option<&Expr>,
    unwanted: Option<&Expr>,
    regexes: Regexes,
    budget: &mut Budget,
) -> Result<Option<Example>, Exhausted> {
    let classes: Vec<Classes> = tree
        .nodes
        .iter()
        .map(|node| Classes::of(node, regexes, budget))
        .collect::<Result<_, _>>()?;
    let builder = Builder { tree, classes: &classes };
    let wanted = wanted.map(|expr| builder.build(expr, Side::Holds));
    let unwanted = unwanted.map(|expr| builder.build(expr, Side::Fails));
    let formulas: Vec<Formula> = wanted.into_iter().chain(unwanted).collect();
    let fit = Fit::new(tree, &classes);
    let start = State::new(fit.all(&classes), &formulas);
    let Some(end) = Search { fit: &fit, budget }.solve(start)? else { return Ok(None) };
    let chosen = fit.choose(&end.domains, &end.asked);
    let kinds: Vec<&Kind> =
        classes.iter().zip(chosen).filter_map(|(classes, at)| classes.kinds.get(at)).collect();
    Ok(Some(Example { event: tree.event(&kinds), words: words(tree, &kinds, &end.asked) }))
}

/// The different regular expressions.
fn regexes(tests: &[&Test]) -> Vec<String> {
    let found = tests.iter().filter_map(|test| match &test.check {
        Check::Regex { regex, .. } => Some(regex.clone()),
        Check::NotExists | Check::Is(_) | Check::Text { .. } | Check::Number { .. } => None,
    });
    found.collect::<BTreeSet<_>>().into_iter().collect()
}
