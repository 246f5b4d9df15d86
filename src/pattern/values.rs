//! The values that the tests on one selector tell apart: one of each class.
//!
//! A class is the set of values that give the same answers to all of these tests. For each class that has a
//! value there is one here, with the answers that the evaluator gives for it. Missing values, objects and
//! arrays are classes of their own, whatever the tests say: they decide what may stand below.

use std::collections::BTreeSet;

use serde_json::{Number, Value};

use super::ast::Check;
use super::budget::{Budget, Exhausted, REGEXES};
use super::glob::Glob;
use super::set::Set;
use super::tree::Node;
use super::{numbers, strings};

/// What a selector finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Missing,
    /// A value with nothing below it.
    Flat(Value),
    Object,
    Array,
}

/// How much is taken to be known of regular expressions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Regexes {
    /// Each matches or does not match, as it suits, but all with the same text alike. Whatever is
    /// impossible even so is impossible.
    Free,
    /// Tests with them neither hold nor fail. Whatever is possible even so is possible.
    Unknown,
}

/// The classes of the values of one selector, in the order in which they make good examples.
#[derive(Debug)]
pub(super) struct Classes {
    pub(super) kinds: Vec<Kind>,
    /// For each test on the selector, the classes for which it holds.
    pub(super) holding: Vec<Set>,
    /// For each test on the selector, the classes for which it fails.
    pub(super) failing: Vec<Set>,
}

/// A class, and the answers of all tests.
struct Class {
    kind: Kind,
    answers: Vec<Option<bool>>,
}

impl Classes {
    pub(super) fn of(
        node: &Node,
        regexes: Regexes,
        budget: &mut Budget,
    ) -> Result<Self, Exhausted> {
        let checks = &node.checks;
        let texts = regex_texts(checks);
        let variants: Vec<Vec<bool>> = match regexes {
            Regexes::Free if texts.len() > REGEXES => return Err(Exhausted),
            Regexes::Free => choices(texts.len()),
            Regexes::Unknown => Vec::new(),
        };
        let mut classes = Vec::new();
        let mut known = BTreeSet::new();
        for value in flat_values(checks, budget)? {
            budget.spend(checks.len() * COST * variants.len().max(1))?;
            let plain: Vec<Option<bool>> = checks.iter().map(|c| c.holds(Some(&value))).collect();
            for answers in with_choices(&plain, checks, &texts, &variants) {
                if known.insert(answers.clone()) {
                    classes.push(Class { kind: Kind::Flat(value.clone()), answers });
                }
            }
        }
        // A container without tests of its own stands in for all that is present.
        let empty = Value::Array(Vec::new());
        let containers = [(Kind::Object, node.may_be_object()), (Kind::Array, node.may_be_array())];
        let containers = containers.into_iter().filter_map(|(kind, fits)| fits.then_some(kind));
        for kind in [Kind::Missing].into_iter().chain(containers) {
            let found = if kind == Kind::Missing { None } else { Some(&empty) };
            let answers = checks.iter().map(|check| check.holds(found)).collect();
            classes.push(Class { kind, answers });
        }
        classes.sort_by_key(|class| rank(&class.kind));
        Ok(Self::new(classes, checks.len()))
    }

    fn new(classes: Vec<Class>, checks: usize) -> Self {
        let with = |check: usize, answer: bool| {
            let fits = |class: &Class| class.answers.get(check) == Some(&Some(answer));
            Set::of(classes.len(), |at| classes.get(at).is_some_and(fits))
        };
        let holding = (0..checks).map(|check| with(check, true)).collect();
        let failing = (0..checks).map(|check| with(check, false)).collect();
        Self { kinds: classes.into_iter().map(|class| class.kind).collect(), holding, failing }
    }

    /// The classes of a kind.
    pub(super) fn set(&self, fits: impl Fn(&Kind) -> bool) -> Set {
        Set::of(self.kinds.len(), |at| self.kinds.get(at).is_some_and(&fits))
    }
}

/// What a class costs for each test, in steps: a comparison of texts.
const COST: usize = 16;

/// Where a class stands among the examples: people write texts and numbers, or nothing.
fn rank(kind: &Kind) -> u8 {
    match kind {
        Kind::Flat(Value::String(_) | Value::Number(_)) => 0,
        Kind::Missing => 1,
        Kind::Flat(_) => 2,
        Kind::Object | Kind::Array => 3,
    }
}

/// The different regular expressions.
fn regex_texts(checks: &[Check]) -> Vec<&str> {
    let texts = checks.iter().filter_map(|check| match check {
        Check::Regex { regex, .. } => Some(regex.as_str()),
        Check::NotExists | Check::Is(_) | Check::Text { .. } | Check::Number { .. } => None,
    });
    texts.collect::<BTreeSet<_>>().into_iter().collect()
}

/// All ways to answer so many questions.
fn choices(questions: usize) -> Vec<Vec<bool>> {
    (0..questions).fold(vec![Vec::new()], |all, _| {
        let longer = |way: Vec<bool>| [false, true].map(|last| [way.clone(), vec![last]].concat());
        all.into_iter().flat_map(longer).collect()
    })
}

/// The answers, once for each way to choose those that are up to regular expressions.
fn with_choices(
    plain: &[Option<bool>],
    checks: &[Check],
    texts: &[&str],
    variants: &[Vec<bool>],
) -> Vec<Vec<Option<bool>>> {
    if variants.is_empty() || plain.iter().all(Option::is_some) {
        return vec![plain.to_vec()];
    }
    let chosen = |check: &Check, matching: &[bool]| match check {
        Check::Regex { negated, regex } => {
            let at = texts.iter().position(|text| text == regex);
            at.and_then(|at| matching.get(at)).map(|matches| matches != negated)
        }
        Check::NotExists | Check::Is(_) | Check::Text { .. } | Check::Number { .. } => None,
    };
    let answers = |matching: &Vec<bool>| {
        let both = plain.iter().zip(checks);
        both.map(|(answer, check)| answer.or_else(|| chosen(check, matching))).collect()
    };
    variants.iter().map(answers).collect()
}

/// Values that are no containers, of every class; none if nothing is asked.
fn flat_values(checks: &[Check], budget: &mut Budget) -> Result<Vec<Value>, Exhausted> {
    if checks.is_empty() {
        return Ok(Vec::new());
    }
    let mut texts = Vec::new();
    let mut constants = Vec::new();
    for check in checks {
        match check {
            Check::Text { text, .. } => texts.push(text.clone()),
            Check::Number { number, .. } => {
                texts.push(Glob::new(&number.text));
                constants.push(number.value);
            }
            Check::NotExists | Check::Is(_) | Check::Regex { .. } => {}
        }
    }
    // First what people write, with nothing for the wildcards; then whatever else there is.
    let written = texts.iter().map(|text| text.as_str().replace('*', ""));
    let mut found: Vec<String> = written.filter(|text| !text.is_empty()).collect();
    found.push("other".to_owned());
    found.extend(strings::witnesses(&texts.iter().collect::<Vec<_>>(), budget)?);
    let mut values: Vec<Value> = found.into_iter().map(Value::String).collect();
    values.extend(numbers::witnesses(&constants).into_iter().filter_map(number));
    values.extend([Value::Bool(true), Value::Bool(false), Value::Null]);
    Ok(values)
}

/// As JSON, without a point where none is needed.
fn number(value: f64) -> Option<Value> {
    let whole = value.to_string().parse::<i64>().ok().map(Number::from);
    whole
        .filter(|n| n.as_f64() == Some(value))
        .or_else(|| Number::from_f64(value))
        .map(Value::Number)
}
