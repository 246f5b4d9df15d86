//! What an event must be to match.

use serde_json::{Value, json};

use super::parse;

/// The value at `$.a` for which a condition on it holds and fails.
fn check(condition: &str, holds: &[Value], fails: &[Value]) {
    let pattern = parse(&format!("{{ {condition} }}"));
    for value in holds {
        assert!(pattern.matches(&json!({ "a": value })), "{condition} with {value}");
    }
    for value in fails {
        assert!(!pattern.matches(&json!({ "a": value })), "{condition} with {value}");
    }
    let only_this = condition.ends_with("NOT EXISTS");
    assert_eq!(pattern.matches(&json!({})), only_this, "{condition} with nothing");
    assert!(!pattern.matches(&json!([1])) && !pattern.matches(&json!(null)));
}

#[test]
fn comparisons_are_about_strings_and_numbers() {
    let never = || [json!(null), json!(true), json!({}), json!([]), json!({"b": 1})];
    check("$.a = \"x*\"", &[json!("x"), json!("xy")], &[json!("X"), json!("yx"), json!(5)]);
    check("$.a = x", &[json!("x")], &never());
    check("$.a != x", &[json!("y"), json!("")], &never());
    check("$.a != x", &[json!(5)], &[json!("x")]);
    check("$.a = 200", &[json!(200), json!(200.0), json!(2e2), json!("200")], &[json!("200.0")]);
    check("$.a != 200", &[json!(201), json!("200.0"), json!("x")], &[json!(200), json!("200")]);
    check("$.a = 200", &[], &never());
    check("$.a != 200", &[], &never());
    check("$.a = \"200\"", &[json!("200")], &[json!(200)]);
    check("$.a < 1.5", &[json!(1), json!(-2.5)], &[json!(1.5), json!(2), json!("1")]);
    check("$.a <= 1.5", &[json!(1.5)], &[json!(2), json!("1.5")]);
    check("$.a > 1e3", &[json!(1001)], &[json!(1000), json!("2000")]);
    check("$.a >= 1e3", &[json!(1000)], &[json!(999)]);
    check("$.a >= -1", &[json!(0)], &never());
    check("$.a < 1e999", &[json!(f64::MAX)], &[]);
}

#[test]
fn what_is_there_is_told_from_what_is_not() {
    let present = [json!(null), json!(false), json!(""), json!(0), json!({}), json!([])];
    check("$.a NOT EXISTS", &[], &present);
    check("$.a IS NULL", &[json!(null)], &[json!("null"), json!(false), json!({})]);
    check("$.a IS TRUE", &[json!(true)], &[json!(false), json!("true"), json!(1), json!(null)]);
    check("$.a IS FALSE", &[json!(false)], &[json!(true), json!(null), json!("false")]);
}

#[test]
fn selectors_lead_through_objects_and_arrays() {
    let event = json!({ "a": { "b": [{ "c": "x" }, "y"], "0": "zero" }, "d": "text" });
    for text in [
        "{ $.a.b[0].c = x }",
        "{ $.a.b[1] = y }",
        "{ $.a.0 = zero }",
        "{ $.a.b[2] NOT EXISTS }",
        "{ $.a.b.c NOT EXISTS }",
        "{ $.a[0] NOT EXISTS }",
        "{ $.d.e NOT EXISTS }",
        "{ $[0] NOT EXISTS }",
    ] {
        assert!(parse(text).matches(&event), "{text}");
    }
    for text in ["{ $.a.b != x }", "{ $.a.b[2] != x }", "{ $.A NOT EXISTS && $.a = x }"] {
        assert!(!parse(text).matches(&event), "{text}");
    }
}

#[test]
fn and_binds_tighter_than_or() {
    let pattern = parse("{ $.a = 1 || $.b = 1 && $.c = 1 }");
    assert!(pattern.matches(&json!({ "a": 1 })));
    assert!(!pattern.matches(&json!({ "b": 1 })));
    assert!(pattern.matches(&json!({ "b": 1, "c": 1 })));
    assert!(!parse("{ ($.a = 1 || $.b = 1) && $.c = 1 }").matches(&json!({ "a": 1 })));
}

#[test]
fn a_regular_expression_matches_nothing_here() {
    check("$.a = %x%", &[], &[json!("x"), json!(1)]);
    check("$.a != %x%", &[], &[json!("y"), json!(1)]);
}
