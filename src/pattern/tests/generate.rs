//! Small patterns of all kinds, and the events that tell them apart.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};

use super::super::Pattern;
use super::super::ast::{Check, Constant, Expr, Number, Relation, Selector, Step, Test};
use super::super::glob::Glob;

const SELECTORS: [&str; 9] =
    ["$.a", "$.a.b", "$.a.c", "$.a[0]", "$.a[1]", "$.a[1].b", "$.b", "$.c", "$[0]"];
const NUMBERS: [&str; 7] = ["0", "-0", "1", "1.0", "2", "1e1", "1e999"];
const RELATIONS: [Relation; 6] = [
    Relation::Equal,
    Relation::NotEqual,
    Relation::Less,
    Relation::LessOrEqual,
    Relation::Greater,
    Relation::GreaterOrEqual,
];

fn text() -> impl Strategy<Value = Check> {
    (any::<bool>(), "[xy*]{0,3}")
        .prop_map(|(negated, text)| Check::Text { negated, text: Glob::new(&text) })
}

fn check() -> impl Strategy<Value = Check> {
    let number = (select(&RELATIONS[..]), select(&NUMBERS[..])).prop_map(|(relation, number)| {
        Check::Number { relation, number: Number::parse(number).unwrap() }
    });
    let constant = select(&Constant::ALL[..]).prop_map(Check::Is);
    prop_oneof![5 => text(), 2 => number, 1 => constant, 1 => Just(Check::NotExists)]
}

fn regex() -> impl Strategy<Value = Check> {
    let texts = select(&["p", "q"][..]);
    (any::<bool>(), texts)
        .prop_map(|(negated, regex)| Check::Regex { negated, regex: regex.into() })
}

fn condition(
    selectors: Vec<&'static str>,
    check: impl Strategy<Value = Check> + 'static,
) -> impl Strategy<Value = Expr> {
    let test = (select(selectors), check).prop_map(|(selector, check)| {
        Expr::Test(Test { selector: Selector::parse(selector).unwrap(), check })
    });
    test.prop_recursive(3, 10, 4, |inner| {
        let parts = || prop::collection::vec(inner.clone(), 2..4);
        prop_oneof![parts().prop_map(Expr::all), parts().prop_map(Expr::any)]
    })
}

/// Three patterns over the same few selectors.
fn related(
    check: impl Strategy<Value = Check> + Clone + 'static,
) -> impl Strategy<Value = [Pattern; 3]> {
    subsequence(&SELECTORS[..], 1..=3).prop_flat_map(move |selectors| {
        let one = || condition(selectors.clone(), check.clone()).boxed();
        [one(), one(), one()].prop_map(|exprs| exprs.map(|expr| Pattern { expr }))
    })
}

/// Three patterns; the first often covers the second, and the second the third.
pub(super) fn three() -> impl Strategy<Value = [Pattern; 3]> {
    (related(check().boxed()), 0..5_u8).prop_map(|([x, y, z], shape)| match shape {
        0 => [or(&or(&x, &y), &z), or(&z, &y), z],
        1 => [x.clone(), x.and(&y), z.and(&x.and(&y))],
        2 => [or(&x, &y), or(&y.and(&z), &x), y.and(&z)],
        3 => [or(&x, &y).and(&or(&x, &z)), or(&x, &y.and(&z)), x],
        _ => [x, y, z],
    })
}

/// Two patterns with regular expressions among their tests.
pub(super) fn two_with_regexes() -> impl Strategy<Value = [Pattern; 2]> {
    let check = prop_oneof![2 => check(), 1 => regex()].boxed();
    (related(check), any::<bool>())
        .prop_map(|([x, y, z], or_all)| if or_all { [or(&x, &y), y.and(&z)] } else { [x, y] })
}

fn or(a: &Pattern, b: &Pattern) -> Pattern {
    Pattern { expr: Expr::any(vec![a.expr.clone(), b.expr.clone()]) }
}

/// The same with texts in place of the regular expressions.
pub(super) fn without_regexes(pattern: &Pattern, texts: [&str; 2]) -> Pattern {
    fn replaced(expr: &Expr, texts: [&str; 2]) -> Expr {
        let all = |parts: &[Expr]| parts.iter().map(|part| replaced(part, texts)).collect();
        match expr {
            Expr::All(parts) => Expr::all(all(parts)),
            Expr::Any(parts) => Expr::any(all(parts)),
            Expr::Test(Test { selector, check: Check::Regex { negated, regex } }) => {
                let text = Glob::new(if regex == "p" { texts[0] } else { texts[1] });
                let check = Check::Text { negated: *negated, text };
                Expr::Test(Test { selector: selector.clone(), check })
            }
            Expr::Test(test) => Expr::Test(test.clone()),
        }
    }
    Pattern { expr: replaced(&pattern.expr, texts) }
}

/// Every kind of event that these patterns tell apart, and more: each combination of values of their
/// selectors. Knows nothing of the decision procedure.
pub(super) fn events(patterns: &[&Pattern]) -> Vec<Value> {
    let tests: Vec<&Test> = patterns.iter().flat_map(|pattern| pattern.expr.tests()).collect();
    let mut selectors: Vec<&Selector> = Vec::new();
    for test in &tests {
        if !selectors.contains(&&test.selector) {
            selectors.push(&test.selector);
        }
    }
    selectors.sort_by_key(|selector| selector.steps.len());
    let mut events = vec![json!({})];
    for selector in selectors {
        let checks: Vec<&Check> =
            tests.iter().filter(|t| t.selector == *selector).map(|t| &t.check).collect();
        let values = distinct(values(), &checks);
        let with = |event: &Value| {
            let with = values.iter().filter_map(|value| put(event.clone(), selector, value));
            with.collect::<Vec<_>>()
        };
        let more: Vec<Value> = events.iter().flat_map(with).collect();
        events.extend(more);
    }
    events
}

/// Strings of up to four of three letters, numbers around the constants, and all the rest.
fn values() -> Vec<Value> {
    let mut strings: Vec<String> = vec![String::new()];
    for at in 0..40 {
        strings.extend(["x", "y", "z"].map(|letter| format!("{}{letter}", strings[at])));
    }
    strings.extend(NUMBERS.map(ToOwned::to_owned));
    let numbers = [-1.0, -0.5, -0.0, 0.0, 0.5, 1.0, 1.5, 2.0, 9.5, 10.0, 11.0, f64::MAX];
    let rest = [json!(null), json!(true), json!(false), json!({}), json!([]), json!(1), json!(10)];
    strings.into_iter().map(Value::String).chain(numbers.map(Value::from)).chain(rest).collect()
}

/// One of each kind that the checks tell apart. Containers stay: something may be put below them.
fn distinct(values: Vec<Value>, checks: &[&Check]) -> Vec<Value> {
    let mut seen = BTreeSet::new();
    let mut kept = values;
    kept.retain(|value| {
        let answers: Vec<_> = checks.iter().map(|check| check.holds(Some(value))).collect();
        value.is_object() || value.is_array() || seen.insert(answers)
    });
    kept
}

/// An event with a value put at a place, if that can be.
fn put(mut event: Value, selector: &Selector, value: &Value) -> Option<Value> {
    let mut at = &mut event;
    for (n, step) in selector.steps.iter().enumerate() {
        if n > 0 && at.is_null() {
            *at = if matches!(step, Step::Name(_)) { json!({}) } else { json!([]) };
        }
        at = match (step, at) {
            (Step::Name(name), Value::Object(fields)) => {
                fields.entry(name.clone()).or_insert(Value::Null)
            }
            (Step::Index(index), Value::Array(items)) => {
                let index = usize::try_from(*index).unwrap();
                items.resize(items.len().max(index + 1), Value::Null);
                &mut items[index]
            }
            _ => return None,
        };
    }
    *at = value.clone();
    Some(event)
}
