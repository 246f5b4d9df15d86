//! Patterns that say the same in other words, and patterns that do not.

use super::super::{Coverage, Liveness, Pattern, Reason, covers};
use super::{missed, names, parse};

const WANTED: [&str; 3] = ["DeleteRolePolicy", "PutRolePolicy", "CreatePolicy"];

#[test]
fn other_words_for_the_same_cover() {
    let same = [
        // Order, quotes, blanks, parentheses, repetition.
        "{ ($.eventName = CreatePolicy) || ($.eventName = PutRolePolicy) || ($.eventName = DeleteRolePolicy) }",
        r#"{ ($.eventName = "DeleteRolePolicy") || ($.eventName = "PutRolePolicy") || ($.eventName = "CreatePolicy") }"#,
        "{$.eventName=DeleteRolePolicy||$.eventName=PutRolePolicy||$.eventName=CreatePolicy}",
        "{ ((($.eventName = DeleteRolePolicy)) || (($.eventName = PutRolePolicy) || ((($.eventName = CreatePolicy))))) }",
        "{ $.eventName=CreatePolicy || $.eventName=DeleteRolePolicy || $.eventName=PutRolePolicy || $.eventName=CreatePolicy }",
        // Said in a roundabout way.
        "{ ($.eventName = *RolePolicy && ($.eventName = Put* || $.eventName = Delete*) && $.eventName != *RolePolicy*RolePolicy) || $.eventName = CreatePolicy }",
        "{ $.eventName = CreatePolicy && $.eventName != PutRolePolicy || $.eventName = DeleteRolePolicy || $.eventName = PutRolePolicy }",
    ];
    let wanted = names(&WANTED);
    for text in same {
        assert_eq!(missed(&parse(text), &wanted), None, "{text}");
    }
    for text in &same[..5] {
        assert_eq!(missed(&wanted, &parse(text)), None, "{text}");
    }
}

#[test]
fn more_than_is_wanted_covers() {
    let wanted = names(&WANTED);
    for text in [
        "{ $.eventName = CreatePolicy || $.eventName = *RolePolicy }",
        "{ $.eventName = *Policy }",
        "{ $.eventName = *Pol*cy* || $.errorCode = X }",
        "{ $.eventName = Delete* || $.eventName = Put* || $.eventName = Create* }",
        "{ $.eventName != ConsoleLogin }",
        "{ $.eventName != 5 }",
        "{ $.eventName = DeleteRolePolicy || $.eventName = PutRolePolicy || $.eventName = CreatePolicy || $.eventSource = x }",
        "{ $.eventName.x NOT EXISTS }",
        "{ $.a = x || $.a != x || $.a NOT EXISTS || $.eventName = * }",
    ] {
        assert_eq!(missed(&parse(text), &wanted), None, "{text}");
    }
    let pair = parse("{ $.errorCode = AccessDenied || $.errorCode = AccessDeniedException }");
    assert_eq!(missed(&parse("{ $.errorCode = AccessDenied* }"), &pair), None);
    let words = missed(&pair, &parse("{ $.errorCode = AccessDenied* }")).unwrap();
    assert!(words.starts_with("errorCode = AccessDenied"), "{words}");
}

#[test]
fn less_than_is_wanted_does_not_cover_and_the_gap_is_named() {
    let wanted = names(&WANTED);
    let narrower = [
        // A clause is missing.
        (
            "{ $.eventName = PutRolePolicy || $.eventName = CreatePolicy }",
            "eventName = DeleteRolePolicy",
        ),
        // The names are joined with the wrong operator.
        (
            "{ $.eventName = DeleteRolePolicy && $.eventName = PutRolePolicy && $.eventName = CreatePolicy }",
            "eventName = DeleteRolePolicy",
        ),
        // Nothing can be both.
        (
            "{ $.eventName = * && ($.eventSource = x && $.eventSource = y) }",
            "eventName = DeleteRolePolicy",
        ),
        (
            "{ $.eventName = *Policy && $.errorCode NOT EXISTS }",
            "eventName = DeleteRolePolicy, errorCode = other",
        ),
        (
            "{ $.eventName = *Policy && $.eventSource = iam }",
            "eventName = DeleteRolePolicy, eventSource = other",
        ),
        (
            "{ $.eventName = *Policy && $.sourceIPAddress != 10.* }",
            "eventName = DeleteRolePolicy, sourceIPAddress = 10.",
        ),
        ("{ $.eventName = *Role* || $.eventName = Create*x }", "eventName = CreatePolicy"),
        ("{ $.eventName = deleterolepolicy }", "eventName = DeleteRolePolicy"),
        ("{ $.eventname = *Policy }", "eventName = DeleteRolePolicy, eventname = other"),
        ("{ $.eventName.x = *Policy }", "eventName = DeleteRolePolicy, no eventName.x"),
    ];
    for (text, words) in narrower {
        assert_eq!(missed(&parse(text), &wanted).as_deref(), Some(words), "{text}");
    }
}

#[test]
fn what_is_missing_equals_nothing_and_differs_from_nothing() {
    let differs = parse("{ $.a != x }");
    assert_eq!(missed(&differs, &parse("{ $.a = y }")), None);
    assert_eq!(missed(&differs, &parse("{ $.b = y }")).as_deref(), Some("b = y, a = x"));
    assert!(missed(&differs, &parse("{ $.a NOT EXISTS }")).unwrap().contains("no a"));
    let all = parse(
        "{ $.a != x || $.a = x || $.a NOT EXISTS || $.a IS NULL || $.a IS TRUE || $.a IS FALSE }",
    );
    assert_eq!(missed(&all, &differs), None);
    // An object, or an array.
    assert!(!all.matches_everything());
    assert!(
        parse("{ $.a NOT EXISTS || $.a.b NOT EXISTS || $.a[0] NOT EXISTS }").matches_everything()
    );
    assert!(!parse("{ $.a NOT EXISTS || $.a.b NOT EXISTS }").matches_everything());
}

#[test]
fn selectors_in_each_other_are_understood() {
    let deep = parse("{ $.a.b = x }");
    assert_eq!(
        missed(&parse("{ $.a.c NOT EXISTS || $.a.c != y || $.a.c = y }"), &deep).as_deref(),
        Some("a.b = x, a.c = true")
    );
    assert!(parse("{ $.a.b = x && $.a = y }").is_dead());
    assert!(parse("{ $.a.b = x && $.a NOT EXISTS }").is_dead());
    assert!(parse("{ $.a.b = x && $.a[0] = y }").is_dead());
    assert!(parse("{ $.a[1] = x && $.a[0] NOT EXISTS }").is_dead());
    let root = parse("{ $[0] = x }");
    assert!(root.is_dead() && !root.matches_everything());
    assert!(parse("{ $[0] NOT EXISTS }").matches_everything());
    assert!(!parse("{ $.a[3] = x && $.a[1] IS NULL && $.a[0].b NOT EXISTS }").is_dead());
    let first = parse("{ $.a[0] IS NULL || $.a[0] != x || $.a[0] = x }");
    assert!(missed(&first, &parse("{ $.a[1] = z }")).is_some());
    assert_eq!(missed(&first, &parse("{ $.a[1] = z && $.a[0] > 1 }")), None);
    let Liveness::Alive { matches, words } = parse("{ $.a[2].b = x }").liveness() else { panic!() };
    assert_eq!(matches.to_string(), r#"{"a":[null,null,{"b":"x"}]}"#);
    assert_eq!(words, "a[2].b = x");
}

#[test]
fn numbers_are_compared_by_value_and_strings_by_text() {
    assert_eq!(missed(&parse("{ $.a >= 400 }"), &parse("{ $.a > 400 && $.a < 500 }")), None);
    assert_eq!(
        missed(&parse("{ $.a > 400 }"), &parse("{ $.a >= 400 }")).as_deref(),
        Some("a = 400")
    );
    assert_eq!(missed(&parse("{ $.a > 1 || $.a < 2 }"), &parse("{ $.a <= 1e3 }")), None);
    // `400` is the text of a string too, and `4e2` is another text.
    assert_eq!(
        missed(&parse("{ $.a = 4e2 }"), &parse("{ $.a = 400 }")).as_deref(),
        Some("a = 400")
    );
    assert_eq!(missed(&parse("{ $.a = \"400\" || $.a >= 400 }"), &parse("{ $.a = 400 }")), None);
    assert!(parse("{ $.a > 1 && $.a < 1.0000000000000002 }").is_dead());
    assert!(!parse("{ $.a > 1 && $.a < 1.0000000000000005 }").is_dead());
}

#[test]
fn too_broad_and_dead_are_known() {
    assert!(parse("{ $.a NOT EXISTS || $.a.b NOT EXISTS || $.a != x || $.a.b.c NOT EXISTS || $.a.b = * || $.a.b.c = * || $.c = x || $.a.b.c IS NULL || $.a.b.c != x || $.a.b.c[0] NOT EXISTS || $.a.b.c.d NOT EXISTS }").matches_everything());
    let Coverage::No { words, .. } = parse("{ $.a = * }").universality() else { panic!() };
    assert_eq!(words, "a = 0");
    let Liveness::Alive { words, .. } = parse("{ $.a NOT EXISTS }").liveness() else { panic!() };
    assert_eq!(words, "no a");
    assert!(parse("{ $.a = x && $.a != x }").is_dead());
    assert!(parse("{ $.a = ab* && $.a = *cd && $.a != ab*cd }").is_dead());
    assert!(!parse("{ $.a = ab* && $.a = *bc && $.a != ab*bc }").is_dead());
}

#[test]
fn a_regular_expression_is_equal_to_itself_and_unknown_otherwise() {
    let regex = parse("{ $.a = %x.z% }");
    assert_eq!(covers(&regex, &regex), Coverage::Yes);
    assert_eq!(covers(&parse("{ $.b = x || $.a = %x.z% }"), &regex), Coverage::Yes);
    assert_eq!(covers(&regex, &parse("{ $.a = %x.z% && $.b = x }")), Coverage::Yes);
    assert_eq!(covers(&parse("{ $.a = * || $.a != x }"), &regex), Coverage::Yes);
    assert!(parse("{ $.a = %x% && $.a != %x% }").is_dead());
    let reason = |texts: &[&str]| {
        let texts = texts.iter().map(|text| (*text).to_owned()).collect();
        Coverage::Undecided { reason: Reason::Regex(texts) }
    };
    assert_eq!(covers(&regex, &parse("{ $.a = xyz }")), reason(&["x.z"]));
    assert_eq!(covers(&regex, &parse("{ $.a = %x[y]z% }")), reason(&["x.z", "x[y]z"]));
    // Whatever it matches, it is not about what is missing.
    assert_eq!(missed(&regex, &parse("{ $.a NOT EXISTS || $.a = x }")).as_deref(), Some("no a"));
    assert_eq!(missed(&regex, &parse("{ $.b = x }")).as_deref(), Some("b = x, no a"));
    let Coverage::Undecided { reason } = covers(&regex, &parse("{ $.a = xyz }")) else { panic!() };
    assert_eq!(reason.to_string(), "it depends on what the regex `%x.z%` matches");
}

#[test]
fn an_assumption_is_added_to_what_is_wanted() {
    let wanted = names(&WANTED);
    let candidate = parse("{ $.eventSource = iam && $.eventName = *Policy }");
    assert!(missed(&candidate, &wanted).is_some());
    let assumed: Pattern = parse("{ $.eventSource = iam }");
    assert_eq!(missed(&candidate, &wanted.and(&assumed)), None);
}

#[test]
fn examples_are_put_into_words() {
    let words = [
        (
            r#"{ $.errorMessage = "Failed authentication" }"#,
            r#"errorMessage = "Failed authentication""#,
        ),
        (r#"{ $.a = "" }"#, r#"a = """#),
        ("{ $.a IS NULL && $.b[0].c IS FALSE }", "a = null, b[0].c = false"),
        ("{ $.a > 1.5 && $.b < -3 && $.c != 1 }", "a = 2, b = -4, c = other"),
        (
            "{ $.a NOT EXISTS && $.b = s3.example*.com && $.c = *-x_y }",
            "no a, b = s3.example.com, c = -x_y",
        ),
    ];
    for (text, expected) in words {
        let Liveness::Alive { words, .. } = parse(text).liveness() else { panic!("{text}") };
        assert_eq!(words, expected);
    }
    let flat = parse(
        "{ $.a NOT EXISTS || $.a = 1 || $.a != 1 || $.a IS NULL || $.a IS TRUE || $.a IS FALSE }",
    );
    let Coverage::No { words, .. } = flat.universality() else { panic!() };
    assert_eq!(words, "a is an object");
    let event = parse("{ $.a NOT EXISTS || $.b NOT EXISTS }").liveness();
    assert!(matches!(event, Liveness::Alive { words, .. } if words == "no a"));
}
