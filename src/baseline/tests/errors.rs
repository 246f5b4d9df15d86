//! Every way in which a file can be wrong.

use std::error::Error;
use std::io;

use super::{TODAY, catalogue, load_files, load_text};
use crate::baseline::{BaselineError, Source, load};

/// Each text with the error it must give, without the name of the file.
pub(super) fn expect(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        let error = load_text(text).expect_err(text).to_string();
        assert_eq!(error, format!("mine.toml:{expected}"), "{text}");
    }
}

pub(super) fn hint(text: &str) -> String {
    load_text(text).expect_err(text).hint().unwrap_or_default()
}

#[test]
fn syntax() {
    expect(&[
        ("[plan]\nvalid_hours", "2: invalid TOML at column 12: key with no value, expected `=`"),
        (
            "\n\nextends = \"é\" x",
            "3: invalid TOML at column 15: unexpected key or value, expected newline, `#`",
        ),
        ("[plan]\nvalid_hours = 1\nvalid_hours = 2", "3: invalid TOML at column 1: duplicate key"),
    ]);
}

#[test]
fn unknown_keys() {
    expect(&[
        (
            "[password_policy]\n\nminimum_lenght = 14",
            "3: unknown key `minimum_lenght` in [password_policy]; did you mean `minimum_length`?",
        ),
        ("[pasword_policy]", "1: unknown key `pasword_policy`; did you mean `password_policy`?"),
        ("\n[secrets]\nmax_unused_days = 90", "2: unknown key `secrets`"),
        ("[plan]\nextends = \"level-1\"", "2: unknown key `extends` in [plan]"),
        ("plan.valid_hours = 1\nplan.hours = 1", "2: unknown key `hours` in [plan]"),
        (
            "\n[[waiver]]\nexpiry = 2027-01-01",
            "3: unknown key `expiry` in [[waiver]]; did you mean `expires`?",
        ),
        ("[controls]\n\"\\u001b[2J\" = 1", "2: unknown key `\\u{1b}[2J` in [controls]"),
    ]);
    assert_eq!(hint("[plan]\nhours = 1"), "the keys here are `valid_hours`");
    assert!(hint("[plan]\nextends = \"level-1\"").starts_with("it belongs at the top of the file"));
}

#[test]
fn types() {
    expect(&[
        ("extends = 1", "1: extends: expected a string, found an integer"),
        ("description = []", "1: description: expected a string, found an array"),
        ("\ncontrols = 1", "2: controls: expected a table, found an integer"),
        ("[controls]\nlevel = \"1\"", "2: controls.level: expected an integer, found a string"),
        ("[controls]\nskip = \"3\"", "2: controls.skip: expected an array, found a string"),
        (
            "[controls]\nskip = [\n\"3\",\n1.10]",
            "4: controls.skip: expected a control in quotes, found a float",
        ),
        ("[plan]\nvalid_hours = 2.0", "2: plan.valid_hours: expected an integer, found a float"),
        ("[network]\nipv6 = \"no\"", "2: network.ipv6: expected true or false, found a string"),
        (
            "[network]\ntrusted_cidrs = [8]",
            "2: network.trusted_cidrs: expected a CIDR range in quotes, found an integer",
        ),
        (
            "[network]\nwide_rules = true",
            "2: network.wide_rules: expected a string, found a boolean",
        ),
        ("[waiver]", "1: waiver: expected tables that begin with `[[waiver]]`, found a table"),
        ("waiver = [\n1]", "2: waiver: expected a table, found an integer"),
        (
            "[[waiver]]\ncontrol = 4.1",
            "2: waiver.control: expected a control in quotes, found a float",
        ),
        ("[[waiver]]\nexpires = 2027", "2: waiver.expires: expected a date, found an integer"),
    ]);
}

#[test]
fn controls() {
    expect(&[
        ("[controls]\nlevel = 3", "2: controls.level: `3` is not 1 or 2"),
        ("[controls]\nskip = [\n  \"9.9\",\n]", "3: controls.skip: unknown control 9.9"),
        ("[controls]\nonly = [\"5\"]", "2: controls.only: unknown section 5"),
        (
            "[controls]\nskip = [\"1.11-1.5\"]",
            "2: controls.skip: `1.11-1.5` is not a control like `1.5`, a range like `1.5-1.11` or a section like `3`",
        ),
        ("\n[controls]\nonly = []", "2: controls: no control is left"),
        ("controls.only = [\"2.2\"]\ncontrols.level = 1", "1: controls: no control is left"),
    ]);
    assert_eq!(hint("[controls]\nskip = [\"9.9\"]"), "`harden list` shows every control");
}

#[test]
fn numbers() {
    let policy = |text: &str, expected: &str| {
        expect(&[(
            &format!("[password_policy]\n{text}"),
            &format!("2: password_policy.{expected}"),
        )]);
    };
    policy(
        "minimum_length = 8",
        "minimum_length: 8 is below the benchmark's 14; to accept less, waive 1.9",
    );
    policy("minimum_length = 129", "minimum_length: 129 is above AWS's 128");
    policy(
        "reuse_prevention = 0x17",
        "reuse_prevention: 23 is below the benchmark's 24; to accept less, waive 1.10",
    );
    policy("reuse_prevention = 25", "reuse_prevention: 25 is above AWS's 24");
    policy("max_age_days = 0", "max_age_days: 0 is below AWS's 1");
    policy(
        "max_age_days = 9_999_999",
        "max_age_days: 9999999 is above the benchmark's 90; to accept more, waive 1.11",
    );
    let credentials = |text: &str, expected: &str| {
        expect(&[(&format!("[credentials]\n{text}"), &format!("2: credentials.{expected}"))]);
    };
    credentials(
        "max_unused_days = 91",
        "max_unused_days: 91 is above the benchmark's 90; to accept more, waive 1.3",
    );
    credentials(
        "max_key_age_days = 365",
        "max_key_age_days: 365 is above the benchmark's 90; to accept more, waive 1.4",
    );
    credentials("max_key_age_days = 0", "max_key_age_days: 0 is below 1");
    credentials("max_changes = -1", "max_changes: -1 is below 0");
    credentials("max_changes = 1001", "max_changes: 1001 is above 1000");
    credentials("root_max_days = 366", "root_max_days: 366 is above 365");
    expect(&[
        ("[plan]\nvalid_hours = -1", "2: plan.valid_hours: -1 is below 1"),
        ("[plan]\nvalid_hours = 721", "2: plan.valid_hours: 721 is above 720"),
        (
            "[plan]\nvalid_hours = 99999999999999999999",
            "2: plan.valid_hours: the number does not fit into 64 bits",
        ),
    ]);
}

#[test]
fn network() {
    let trusted = |ranges: &str, expected: &str| {
        let text = format!("[network]\ntrusted_cidrs = [\n{ranges}]");
        expect(&[(&text, &format!("3: network.trusted_cidrs: {expected}"))]);
    };
    trusted("\"10.0.0.1\"", "`10.0.0.1` is not a CIDR range like `192.0.2.0/24`");
    trusted("\"0.0.0.0/0\"", "0.0.0.0/0 lets in the whole world");
    trusted("\"::/0\"", "::/0 lets in the whole world");
    trusted("\"10.0.0.0/7\"", "10.0.0.0/7 lets in too much: /8 is the broadest IPv4 range taken");
    trusted("\"2001::/15\"", "2000::/15 lets in too much: /16 is the broadest IPv6 range taken");
    trusted("\"10.1.2.3/8\"", "`10.1.2.3/8` is not the first address of its range, 10.0.0.0/8");
    trusted("\"10.0.0.0/8\", \"10.0.0.0/8\"", "10.0.0.0/8 is listed twice");
    trusted("\"2001:db8::/32\", \"2001:DB8:0::/32\"", "2001:db8::/32 is listed twice");
    assert_eq!(
        hint("network.trusted_cidrs = [\"10.1.2.3/8\"]"),
        "write `10.0.0.0/8`, or `10.1.2.3/32` for the one address"
    );
    expect(&[(
        "[network]\nwide_rules = \"drop\"",
        "2: network.wide_rules: `drop` is not `split`, `revoke` or `hold`",
    )]);
}

#[test]
fn contact() {
    let keys = ["name = \"A\"", "title = \"B\"", "email = \"a@acme.dev\"", "phone = \"1\""];
    // One key is written differently, or not at all.
    let with = |key: usize, text: &str, expected: &str| {
        let lines = (0..keys.len()).map(|n| if n == key { text } else { keys[n] });
        let file = format!("[contact]\n{}", lines.collect::<Vec<_>>().join("\n"));
        let line = if text.is_empty() { 1 } else { key + 2 };
        expect(&[(&file, &format!("{line}: contact.{expected}"))]);
    };
    for (key, name) in ["name", "title", "email", "phone"].into_iter().enumerate() {
        with(key, "", &format!("{name}: missing"));
        with(key, &format!("{name} = \" \""), &format!("{name}: must not be empty"));
        let wrong = format!("{name}: expected a string, found an integer");
        with(key, &format!("{name} = 1"), &wrong);
        let most = [64, 50, 254, 25][key];
        let long = format!("{name} = \"{}\"", "1".repeat(most + 1));
        with(key, &long, &format!("{name}: a length of {} is above AWS's {most}", most + 1));
    }
    with(
        2,
        "email = \"security at acme\"",
        "email: `security at acme` is not an e-mail address that AWS takes, like `security@example.org`",
    );
    with(
        3,
        "phone = \"call me\"",
        "phone: `call me` is not a phone number of digits, blanks, `+`, `-`, `(` and `)`",
    );
    expect(&[
        (
            "[contact]\nmail = \"a@acme.dev\"",
            "2: unknown key `mail` in [contact]; did you mean `email`?",
        ),
        ("\ncontact = \"a@acme.dev\"", "2: contact: expected a table, found a string"),
    ]);
    assert_eq!(hint("contact.name = \"A\""), "a contact has `name`, `title`, `email` and `phone`");
}

#[test]
fn the_first_problem_of_the_file_is_the_one_reported() {
    expect(&[(
        "[plan]\nvalid_hours = 0\n[controls]\nlevel = 9",
        "2: plan.valid_hours: 0 is below 1",
    )]);
}

#[test]
fn extending() {
    let error = |files: &[(&str, &str)]| load_files(files).unwrap_err();
    expect(&[(
        "\nextends = \"level-3\"",
        "2: extends: no baseline is named `level-3`; the built-in ones are `level-1`, `level-2`, \
         `literal`, `modern`",
    )]);
    expect(&[("extends = \"./mine.toml\"", "1: extends: goes in a circle: mine.toml, mine.toml")]);

    let circle = [
        ("conf/a.toml", "extends = \"b.toml\""),
        ("conf/b.toml", "#\nextends = \"x/../c.toml\""),
        ("conf/x/../c.toml", "extends = \"./b.toml\""),
    ];
    assert_eq!(
        error(&circle).to_string(),
        "conf/x/../c.toml:1: extends: goes in a circle: conf/b.toml, conf/x/../c.toml, conf/b.toml"
    );
    let inherited = [("a.toml", "extends = \"b.toml\""), ("b.toml", "[plan]\nvalid_hours = 0")];
    assert_eq!(error(&inherited).to_string(), "b.toml:2: plan.valid_hours: 0 is below 1");
}

#[test]
fn circles_that_links_hide_end_too() {
    let read = |_: &std::path::Path| Ok("extends = \"link/a.toml\"".to_owned());
    let error = load(&Source::File("a.toml".into()), &read, &catalogue(), TODAY).unwrap_err();
    assert!(
        error.to_string().ends_with("extends: more than 16 files extend each other"),
        "{error}"
    );
}

#[test]
fn files_that_cannot_be_read() {
    let error = load_files(&[("a.toml", "\nextends = \"b\\u001b.toml\"")]).unwrap_err();
    assert_eq!(error.to_string(), "a.toml:2: extends: cannot read `b\\u{1b}.toml`");
    assert!(error.source().is_some());

    let failing = |kind: io::ErrorKind| -> BaselineError {
        let read = move |_: &std::path::Path| Err(kind.into());
        load(&Source::File("a.toml".into()), &read, &catalogue(), TODAY).unwrap_err()
    };
    assert_eq!(failing(io::ErrorKind::NotFound).to_string(), "cannot read the baseline `a.toml`");
    assert_eq!(
        failing(io::ErrorKind::InvalidData).hint().as_deref(),
        Some("save the file as UTF-8")
    );
    assert!(failing(io::ErrorKind::NotFound).hint().is_some_and(|hint| hint.contains("`modern`")));
}
