//! Every way in which `[trail]` and `[config]` can be wrong.

use super::errors::{expect, hint};
use super::load_text;
use crate::model::Exclusions;

/// A key of a table, with the values it does not take and why.
fn refused(table: &str, key: &str, cases: &[(&str, &str)]) {
    for (value, expected) in cases {
        let text = format!("[{table}]\n{key} = {value}");
        expect(&[(&text, &format!("2: {table}.{key}: {expected}"))]);
    }
}

/// A key of a table, with strings that it takes.
fn taken(table: &str, key: &str, values: &[&str]) {
    for value in values {
        let text = format!("[{table}]\n{key} = \"{value}\"");
        assert!(load_text(&text).is_ok(), "{text}");
    }
}

fn letters(count: usize) -> String {
    format!("\"{}\"", "a".repeat(count))
}

#[test]
fn trails() {
    let edge = "is not the name of a trail: it begins and ends with a letter or a digit";
    let side = "is not the name of a trail: no two of `.`, `_` and `-` stand side by side";
    refused(
        "trail",
        "name",
        &[
            ("1", "expected a string, found an integer"),
            ("\" \"", "must not be empty"),
            ("\"ab\"", "a length of 2 is below AWS's 3"),
            (&letters(129), "a length of 129 is above AWS's 128"),
            (
                "\"a trail\"",
                "`a trail` is not the name of a trail: it has letters, digits, `.`, `_` and `-`",
            ),
            ("\"-ab\"", &format!("`-ab` {edge}")),
            ("\"ab_\"", &format!("`ab_` {edge}")),
            ("\"a._b\"", &format!("`a._b` {side}")),
            ("\"a--b\"", &format!("`a--b` {side}")),
            (
                "\"192.168.5.4\"",
                "`192.168.5.4` is not the name of a trail: it does not look like an IP address",
            ),
        ],
    );
    taken("trail", "name", &["abc", "a.b_c-d", "1.2.3", &"a".repeat(128)]);
}

#[test]
fn buckets() {
    let is_not = "is not the name of a bucket:";
    for (table, key) in [("trail", "bucket"), ("trail", "access_log_bucket"), ("config", "bucket")]
    {
        refused(
            table,
            key,
            &[
                ("true", "expected a string, found a boolean"),
                ("\"\"", "must not be empty"),
                (
                    "\"t-{acount}\"",
                    &format!(
                        "`t-{{acount}}` {is_not} only `{{account}}` and `{{region}}` may stand in \
                         braces"
                    ),
                ),
                (
                    "\"Trail-{account}\"",
                    &format!(
                        "`Trail-{{account}}` {is_not} it has lower-case letters, digits, \
                         hyphens and dots"
                    ),
                ),
                (
                    "\"this-is-the-bucket-of-the-trail-of-{account}-{region}\"",
                    &format!(
                        "`this-is-the-bucket-of-the-trail-of-{{account}}-{{region}}` {is_not} it \
                         has 3 to 63 characters, and this one 67 in the longest region"
                    ),
                ),
                (
                    "\"-{account}\"",
                    &format!("`-{{account}}` {is_not} it begins and ends with a letter or a digit"),
                ),
                ("\"a..b\"", &format!("`a..b` {is_not} it has no two dots side by side")),
                (
                    "\"10.0.0.1\"",
                    &format!("`10.0.0.1` {is_not} it does not look like an IP address"),
                ),
                ("\"xn--a\"", &format!("`xn--a` {is_not} S3 keeps names that begin with `xn--`")),
                (
                    "\"a-s3alias\"",
                    &format!("`a-s3alias` {is_not} S3 keeps names that end with `-s3alias`"),
                ),
            ],
        );
        taken(table, key, &["acme-audit", "{account}.{region}.acme"]);
    }
    let same = "`bucket` and `access_log_bucket` are the same: the logs would log themselves";
    expect(&[(
        "\n[trail]\nbucket = \"a-{account}\"\naccess_log_bucket = \"a-{account}\"",
        &format!("2: trail: {same}"),
    )]);
}

#[test]
fn log_groups() {
    let letters_of = "it has letters, digits, `_`, `/`, `.`, `#` and `-`";
    refused(
        "trail",
        "log_group",
        &[
            ("\"\"", "must not be empty"),
            (&letters(513), "a length of 513 is above AWS's 512"),
            ("\"a:b\"", &format!("`a:b` is not the name of a log group: {letters_of}")),
            (
                "\"aws/cloudtrail\"",
                "`aws/cloudtrail` is not free: AWS keeps log groups that begin with `aws/`",
            ),
        ],
    );
    taken("trail", "log_group", &["/aws/cloudtrail", "a#b.c_d/e-f", &"a".repeat(512)]);
}

#[test]
fn retention() {
    let cannot = |days: i64| format!("CloudWatch Logs cannot keep events for {days} days");
    refused(
        "trail",
        "retention_days",
        &[
            ("\"365\"", "expected an integer, found a string"),
            ("364", &cannot(364)),
            ("0", &cannot(0)),
            ("-1", &cannot(-1)),
            ("65901", &cannot(65901)),
        ],
    );
    assert_eq!(
        hint("trail.retention_days = 360"),
        "it can for 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, \
         2192, 2557, 2922, 3288, 3653"
    );
    let longest = load_text("trail.retention_days = 3653").unwrap();
    assert_eq!(longest.settings.trail.retention_days, 3653);
}

#[test]
fn roles_and_aliases() {
    refused(
        "trail",
        "role",
        &[
            ("\"\"", "must not be empty"),
            (&letters(65), "a length of 65 is above AWS's 64"),
            (
                "\"service/role\"",
                "`service/role` is not the name of a role: it has letters, digits, `_`, `+`, `=`, `,`, \
                 `.`, `@` and `-`",
            ),
        ],
    );
    taken("trail", "role", &["a", "a_b+c=d,e.f@g-h", &"a".repeat(64)]);
    let form = "is not an alias: it is `alias/` and a name";
    let long = format!("\"alias/{}\"", "a".repeat(251));
    refused(
        "trail",
        "key_alias",
        &[
            ("\"\"", "must not be empty"),
            (&long, "a length of 257 is above AWS's 256"),
            (
                "\"alias/a.b\"",
                "`alias/a.b` is not an alias: it has letters, digits, `/`, `_` and `-`",
            ),
            ("\"trail\"", &format!("`trail` {form}")),
            ("\"alias/\"", &format!("`alias/` {form}")),
            (
                "\"alias/aws/trail\"",
                "`alias/aws/trail` is not free: AWS keeps aliases that begin with `alias/aws/`",
            ),
        ],
    );
    taken("trail", "key_alias", &["alias/a", "alias/a/b_c-d"]);
}

#[test]
fn exclusions() {
    refused(
        "config",
        "exclusions",
        &[
            ("false", "expected a string, found a boolean"),
            ("\"pass\"", "`pass` is not `fail` or `warn`"),
        ],
    );
    let warn = load_text("config.exclusions = \"warn\"").unwrap();
    assert_eq!(warn.settings.config.exclusions, Exclusions::Warn);
    expect(&[
        ("trail = 1", "1: trail: expected a table, found an integer"),
        ("config = []", "1: config: expected a table, found an array"),
        ("[trail]\nbuckets = 1", "2: unknown key `buckets` in [trail]; did you mean `bucket`?"),
        ("[config]\nname = 1", "2: unknown key `name` in [config]"),
    ]);
}
