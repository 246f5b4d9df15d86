//! What is a pattern, how it is printed, and what is said of what is none.

use super::super::{Family, Pattern, PatternError, Problem};
use super::parse;

#[test]
fn the_canonical_form_is_that_of_awss_examples() {
    let forms = [
        ("{$.a=x}", r#"{ $.a = "x" }"#),
        ("{ ( ( $.a = \"x\" ) ) }", r#"{ $.a = "x" }"#),
        ("{$.a=x||$.b!=y}", r#"{ ($.a = "x") || ($.b != "y") }"#),
        ("{($.a=x)||(($.b=y)||$.c=z)}", r#"{ ($.a = "x") || ($.b = "y") || ($.c = "z") }"#),
        ("{$.a=x||$.b=y&&$.c=z}", r#"{ ($.a = "x") || (($.b = "y") && ($.c = "z")) }"#),
        ("{($.a=x||$.b=y)&&$.c=z}", r#"{ (($.a = "x") || ($.b = "y")) && ($.c = "z") }"#),
        ("{$.a-b_c[0][12].d NOT EXISTS}", "{ $.a-b_c[0][12].d NOT EXISTS }"),
        ("{$[0].a IS NULL&&$.b IS TRUE}", "{ ($[0].a IS NULL) && ($.b IS TRUE) }"),
        ("{$.a IS FALSE}", "{ $.a IS FALSE }"),
        ("{$.a<=-1.50&&$.b>1e-3}", "{ ($.a <= -1.50) && ($.b > 1e-3) }"),
        ("{$.a=200 || $.a!=\"200\"}", r#"{ ($.a = 200) || ($.a != "200") }"#),
        ("{$.a=%^[a-z]{2}|x\\d+$%}", "{ $.a = %^[a-z]{2}|x\\d+$% }"),
        ("{$.a=123.123.*}", r#"{ $.a = "123.123.*" }"#),
        ("{$.a=\"\"}", r#"{ $.a = "" }"#),
        ("\t{ $.a\n=\t'é,/;\u{a0}}", r#"{ $.a = "'é,/;" }"#),
        (r#"{$.a="(|&{}) = \n"}"#, r#"{ $.a = "(|&{}) = \n" }"#),
    ];
    for (text, canonical) in forms {
        let pattern = parse(text);
        assert_eq!(pattern.to_string(), canonical);
        assert_eq!(parse(canonical), pattern);
    }
}

#[test]
fn errors_name_the_column_and_the_cause() {
    let errors = [
        ("{ $.eventName = X } }", "unexpected `}` at column 21"),
        ("{ ($.a = X)) }", "unexpected `)` at column 12"),
        ("{ $.a = X ] }", "an unquoted value ends at a blank: write `\"X ]\"`, column 9"),
        ("{ ($.a = X", "the pattern ends where `)` should follow, column 11"),
        ("{ $.a = X", "the pattern ends where `}` should follow, column 10"),
        ("{ $.a", "the pattern ends where an operator should follow, column 6"),
        ("{}", "unexpected `}` at column 2"),
        (
            "{ ($eventName = X) }",
            "`$eventName` is not a selector: it begins with `$.` or `$[`, column 4",
        ),
        ("{ a = X }", "`a` is not a selector: it begins with `$.` or `$[`, column 3"),
        ("{ \"$.a\" = X }", "`\"$.a\"` is not a selector: it begins with `$.` or `$[`, column 3"),
        (
            "{ $.a..b = X }",
            "`$.a..b` is not a selector: a step is `.` and letters, digits, `_` or `-`, or a \
             number in `[ ]`, column 3",
        ),
        (
            "{ $.msg = Failed authentication }",
            "an unquoted value ends at a blank: write `\"Failed authentication\"`, column 11",
        ),
        ("{ $.a = \"X OR $.b = Y }", "the quotes do not end, column 9"),
        ("{ $.a = X OR $.b = Y }", "`OR` is not an operator: write `||`, column 11"),
        ("{ $.a = X | $.b = Y }", "`|` is not an operator: write `||`, column 11"),
        ("{ $.a == X }", "`==` is not an operator: write `=`, column 7"),
        ("{ $.a = \\\"Root\\\" }", "unexpected `\"Root\\\"` at column 10"),
        ("{ $.a = *", "the pattern ends where `}` should follow, column 10"),
        ("{ $.a < X }", "`<` compares numbers, and `X` is none, column 9"),
        ("{ $.a >= \"5\" }", "`>=` compares numbers, and `\"5\"` is none, column 10"),
        ("{ $.a IS NOT NULL }", "unexpected `NOT` at column 10"),
        (
            "{ $.a = %a% || $.a = %b% || $.a = %c% }",
            "a pattern has at most two regular expressions, column 35",
        ),
        ("{ $.a = %a(b)% }", "`(` is not allowed in a regular expression, column 11"),
        ("{ $.a = %% }", "the regular expression is empty, column 9"),
        ("{ $.a = %b }", "the regular expression does not end: `%` is missing, column 9"),
        (
            "{ $.é = b }",
            "`$.é` is not a selector: a step is `.` and letters, digits, `_` or `-`, or a \
             number in `[ ]`, column 3",
        ),
        ("{ $.a = é } x", "unexpected `x` at column 13"),
    ];
    for (text, expected) in errors {
        let Err(error) = Pattern::parse(text) else { panic!("{text}: parsed") };
        assert_eq!(error.to_string(), expected, "{text}");
        assert!(error.column().is_some());
    }
    for text in ["{ $.a EXISTS }", "{ $.a not exists }", "{ $.a is null }", "{ $.a X }"] {
        let error = Pattern::parse(text).unwrap_err();
        assert!(
            matches!(&error, PatternError::Syntax { column: 7, problem: Problem::Operator { .. } }),
            "{error}"
        );
    }
}

#[test]
fn other_families_are_told_apart() {
    let families = [
        ("", Family::Everything),
        ("  ", Family::Everything),
        ("ERROR -info", Family::Terms),
        ("($.eventName = CreateTrail)", Family::Terms),
        ("[ip, user, status = 4*]", Family::SpaceDelimited),
        ("%AUTHORIZED%", Family::Regex),
    ];
    for (text, family) in families {
        assert_eq!(Pattern::parse(text), Err(PatternError::OtherFamily(family)));
    }
    let error = PatternError::OtherFamily(Family::Terms);
    assert_eq!(
        error.to_string(),
        "not a pattern for JSON: it does not begin with `{` and looks for words"
    );
    assert_eq!(error.column(), None);
}

#[test]
fn length_and_depth_are_bounded() {
    let fill = |n: usize| format!("{{ $.a = \"{}\" }}", "é".repeat(n));
    assert!(Pattern::parse(&fill(1_024 - 12)).is_ok());
    let error = Pattern::parse(&fill(1_024 - 11)).unwrap_err();
    assert_eq!(error.to_string(), "1025 characters: a pattern has at most 1024");

    let nest = |n: usize| format!("{{{}$.a=x{}}}", "(".repeat(n), ")".repeat(n));
    assert!(Pattern::parse(&nest(64)).is_ok());
    let error = Pattern::parse(&nest(65)).unwrap_err();
    assert_eq!(error.to_string(), "parentheses stand more than 64 deep, column 66");
    assert!(Pattern::parse(&"(".repeat(1_024)).is_err());
    assert!(Pattern::parse(&format!("{{{}", "(".repeat(1_023))).is_err());
}
