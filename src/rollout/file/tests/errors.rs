//! Every way in which a rollout file can be wrong.

use std::io;
use std::path::Path;

use jiff::civil::date;
use proptest::prelude::*;
use proptest::sample::Index;

use super::read;
use crate::baseline::tests::catalogue;
use crate::rollout::{RolloutFile, TEMPLATE};

/// Each text with the error it must give, without the name of the file.
fn expect(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        let error = read(text).expect_err(text).to_string();
        assert_eq!(error, format!("conf/rollout.toml:{expected}"), "{text}");
    }
}

fn hint(text: &str) -> String {
    read(text).expect_err(text).hint().unwrap_or_default()
}

#[test]
fn keys() {
    expect(&[
        ("baselines = 1", "1: unknown key `baselines`; did you mean `baseline`?"),
        (
            "[[wave]]\npercentage = 1",
            "2: unknown key `percentage` in [[wave]]; did you mean `percent`?",
        ),
        ("[[wave]]\nrole = \"a\"", "2: unknown key `role` in [[wave]]"),
        ("[wave]", "1: wave: expected tables that begin with `[[wave]]`, found a table"),
        ("role", "1: invalid TOML at column 5: key with no value, expected `=`"),
    ]);
    assert!(hint("[[wave]]\nrole = \"a\"").starts_with("it belongs at the top of the file"));
    assert_eq!(
        hint("[[wave]]\nzzz = 1"),
        "the keys here are `name`, `accounts`, `units`, `percent`"
    );
}

#[test]
fn values_at_the_top() {
    expect(&[
        (
            "\nbaseline = \"level-3\"",
            "2: baseline: no baseline is named `level-3`; the built-in ones are `level-1`, \
             `level-2`, `literal`, `modern`",
        ),
        ("baseline = \"\"", "1: baseline: must not be empty"),
        ("regions = []", "1: regions: must not be empty"),
        ("regions = \"eu-west-1\"", "1: regions: expected an array, found a string"),
        (
            "regions = [\n\"eu-west-1\",\n\"Ireland\"]",
            "3: regions: `Ireland` is not a region like `eu-west-1`",
        ),
        ("regions = [\"eu-west-1\", \"eu-west-1\"]", "1: regions: `eu-west-1` is listed twice"),
        (
            "max_risk = \"high\"",
            "1: max_risk: `high` is not `additive`, `restrictive` or `destructive`",
        ),
        (
            "role = \"service harden\"",
            "1: role: `service harden` is not the name of a role: it has letters, digits, `_`, \
             `+`, `=`, `,`, `.`, `@` and `-`, and `/` where it has a path",
        ),
        (
            "role = \"service/\"",
            "1: role: `service/` is not a path and a name of a role, such as `service/harden`",
        ),
        ("external_id = \"a\"", "1: external_id: a length of 1 is below AWS's 2"),
        (
            "external_id = \"a b\"",
            "1: external_id: `a b` is not an external id: it has letters, digits, `_`, `+`, `=`, \
             `,`, `.`, `@`, `:`, `/` and `-`",
        ),
        ("stop_after_failures = 0", "1: stop_after_failures: 0 is below 1"),
        ("accounts_at_once = 51", "1: accounts_at_once: 51 is above 50"),
        ("calls_per_second = 501", "1: calls_per_second: 501 is above 500"),
        ("calls_per_second = 1.5", "1: calls_per_second: expected an integer, found a float"),
    ]);
    let role = |length: usize| read(&format!("role = \"{}\"", "r".repeat(length)));
    assert!(role(64).is_ok() && role(65).is_err());
    let id = |length: usize| read(&format!("external_id = \"{}\"", "x".repeat(length)));
    assert!(id(1224).is_ok() && id(1225).is_err());
}

#[test]
fn accounts_and_units() {
    const ID: &str = "an account id, which is 12 digits in quotes";
    expect(&[
        (
            "[[wave]]\nname = \"a\"\naccounts = [111122223333]",
            &format!("3: wave.accounts: expected {ID}, found an integer"),
        ),
        (
            "[[wave]]\naccounts = [\n\"111122223333\",\n\"12345678901\"]",
            &format!("4: wave.accounts: `12345678901` is not {ID}"),
        ),
        ("[[wave]]\naccounts = []", "2: wave.accounts: must not be empty"),
        (
            "[[wave]]\naccounts = [\"111122223333\", \"111122223333\"]",
            "2: wave.accounts: `111122223333` is listed twice",
        ),
        (
            "[[wave]]\nunits = [\"ou-ab12\"]",
            "2: wave.units: `ou-ab12` is not a unit like `ou-ab12-11111111` or a root like `r-ab12`",
        ),
    ]);
}

#[test]
fn baselines_for_some() {
    const BOTH: &str = "[[baseline_for]]\naccounts = [\"111122223333\"]\nunits = [\"r-ab12\"]\n\
                        baseline = \"level-1\"\n";
    read(BOTH).unwrap();
    expect(&[
        ("[[baseline_for]]\nbaseline = \"level-1\"", "1: baseline_for: names no accounts"),
        ("[[baseline_for]]\nunits = [\"r-ab12\"]", "1: baseline_for.baseline: missing"),
        (
            &format!("{BOTH}{BOTH}"),
            "6: 111122223333 has a baseline already, at conf/rollout.toml:2",
        ),
        (
            &format!("{BOTH}{}", BOTH.replace("accounts = [\"111122223333\"]", "")),
            "7: r-ab12 has a baseline already, at conf/rollout.toml:3",
        ),
    ]);
    assert!(
        hint("[[baseline_for]]\nbaseline = \"level-1\"").contains("`accounts`, `units` or both")
    );
}

#[test]
fn waivers() {
    const WAIVER: &str = "[[waiver]]\naccounts = [\"111122223333\"]\ncontrol = \"4.1\"\n\
                          resource = \"sg-1\"\nreason = \"r\"\nowner = \"o\"\nexpires = 2026-12-01\n";
    read(WAIVER).unwrap();
    let others = WAIVER.replace("111122223333", "444455556666");
    read(&format!("{WAIVER}{others}")).unwrap();
    let nobody = WAIVER.replace("accounts = [\"111122223333\"]\n", "");
    expect(&[
        (&nobody, "1: waiver.accounts: missing"),
        (&WAIVER.replace("4.1", "9.9"), "3: waiver.control: unknown control 9.9"),
        (&WAIVER.replace("12-01", "11-30"), "7: waiver.expires: expired on 2026-11-30"),
        (&WAIVER.replace("owner = \"o\"\n", ""), "1: waiver.owner: missing"),
        (
            &format!("{WAIVER}{WAIVER}"),
            "8: waiver: same account, control, resource and region as the waiver at \
             conf/rollout.toml:1",
        ),
    ]);
}

#[test]
fn waves() {
    let wave = |name: &str, rest: &str| format!("[[wave]]\nname = \"{name}\"\n{rest}\n");
    let is_no_name = "the name of a wave: it has 1 to 32 lower-case letters, digits and `-`";
    expect(&[
        (&wave("a", ""), "1: wave: names no accounts"),
        ("[[wave]]\npercent = 10", "1: wave.name: missing"),
        (&wave("", "percent = 1"), "2: wave.name: must not be empty"),
        (&wave("A", "percent = 1"), &format!("2: wave.name: `A` is not {is_no_name}")),
        (
            &wave("rest", "percent = 1"),
            "2: wave.name: `rest` is not free: the accounts of no other wave come last under this name",
        ),
        (&wave("a", "percent = 0"), "3: wave.percent: 0 is below 1"),
        (&wave("a", "percent = 101"), "3: wave.percent: 101 is above 100"),
        (
            &wave("a", "percent = 1").repeat(2),
            "4: wave: `a` is the name of another wave, at conf/rollout.toml:1",
        ),
        (
            &(wave("a", "units = [\"r-ab12\"]") + &wave("b", "units = [\"r-ab12\"]")),
            "6: r-ab12 is in a wave already, at conf/rollout.toml:3",
        ),
    ]);
    assert!(read(&wave(&"a".repeat(32), "percent = 1")).is_ok());
    assert!(read(&wave(&"a".repeat(33), "percent = 1")).is_err());
}

#[test]
fn files_that_cannot_be_read() {
    let of = |kind: io::ErrorKind| {
        let read_file = |_: &Path| Err(kind.into());
        let path = Path::new("a\u{1b}.toml");
        RolloutFile::read(path, &read_file, &catalogue(), date(2026, 12, 1)).unwrap_err()
    };
    let missing = of(io::ErrorKind::NotFound);
    assert_eq!(missing.to_string(), "cannot read the rollout file `a\\u{1b}.toml`");
    assert_eq!(missing.hint().as_deref(), Some("`harden rollout init` writes one"));
    let binary = of(io::ErrorKind::InvalidData).hint();
    assert_eq!(binary.as_deref(), Some("save the file as UTF-8"));
}

proptest! {
    #[test]
    fn errors_are_one_printable_line(
        from in any::<Index>(),
        length in 0_usize..12,
        with in prop_oneof!["(?s).{0,6}", "[\\[\\]{}\"'=.,#\\n\\\\0-9-]{0,6}"],
    ) {
        let text = TEMPLATE.replace("\n#", "\n");
        let chars: Vec<char> = text.lines().filter(|line| !line.starts_with(' ')).collect::<Vec<_>>()
            .join("\n").chars().collect();
        let from = from.index(chars.len());
        let to = (from + length).min(chars.len());
        let (head, tail) = (chars[..from].iter(), chars[to..].iter());
        let text: String = head.copied().chain(with.chars()).chain(tail.copied()).collect();
        if let Err(error) = read(&text) {
            let (said, hint) = (error.to_string(), error.hint().unwrap_or_default());
            prop_assert!(!said.chars().chain(hint.chars()).any(char::is_control), "{said:?}");
        }
    }
}
