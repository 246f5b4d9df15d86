//! No file, however broken, does more than give an error of one printable line.

use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::{builtin, load_text};
use crate::baseline::{BUILTIN, to_toml};
use crate::model::fixture;

/// A file with every key.
fn full() -> String {
    let waiver = "[[waiver]]\ncontrol = \"4.1\"\nresource = \"sg-1\"\nregion = \"eu-west-1\"\n\
                  reason = \"é\"\nowner = \"o\"\nexpires = 2027-03-31\n";
    let head =
        "extends = \"level-1\"\ndescription = \"\"\ncontrols.level = 1\ncontrols.skip = []\n";
    let mut every = builtin("modern");
    every.settings.contact = Some(fixture::contact());
    every.settings.monitoring.notify = vec!["email:security@acme.dev".parse().unwrap()];
    every.settings.sns.allowed = Some(vec!["email:*@acme.dev".parse().unwrap()]);
    let shown = to_toml(&every);
    let settings = shown.split_once("[password_policy]").unwrap().1;
    format!("{head}[password_policy]{settings}{waiver}")
}

fn originals() -> Vec<String> {
    BUILTIN.iter().map(|entry| entry.text.to_owned()).chain([full()]).collect()
}

fn survives(text: &str) -> Result<(), TestCaseError> {
    if let Err(error) = load_text(text) {
        let lines = text.split('\n').count();
        let (said, hint) = (error.to_string(), error.hint().unwrap_or_default());
        prop_assert!(!said.chars().chain(hint.chars()).any(char::is_control), "{said:?} {hint:?}");
        let line = said.split(':').nth(1).and_then(|line| line.parse::<usize>().ok());
        prop_assert!(line.is_none_or(|line| (1..=lines).contains(&line)), "{said}");
    }
    Ok(())
}

#[test]
fn the_full_file_is_valid() {
    assert_eq!(load_text(&full()).map(|baseline| baseline.waivers.len()).unwrap(), 1);
}

#[test]
fn line_ends_and_marks_of_other_systems_are_fine() {
    let text = format!("\u{feff}{}", full().replace('\n', "\r\n"));
    assert_eq!(load_text(&text).unwrap(), load_text(&full()).unwrap());
    let error = load_text("\u{feff}# a\r\n# b\r\nplans = 1\r\n").unwrap_err().to_string();
    assert_eq!(error, "mine.toml:3: unknown key `plans`; did you mean `plan`?");
}

#[test]
fn deep_nesting_is_an_error() {
    survives(&format!("controls = {}", "[".repeat(100_000))).unwrap();
    survives(&format!("{}x = 1", "a.".repeat(10_000))).unwrap();
}

proptest! {
    #[test]
    fn any_text(text in "(?s).{0,200}") {
        survives(&text)?;
    }

    #[test]
    fn any_value_of_any_key(
        key in select(vec![
            "extends", "description", "controls", "controls.level", "controls.only",
            "controls.skip", "password_policy.minimum_length", "contact", "contact.email",
            "contact.phone", "network.ipv6",
            "network.trusted_cidrs", "network.wide_rules", "plan", "plan.valid_hours", "waiver",
            "trail", "trail.name", "trail.bucket", "trail.log_group", "trail.retention_days",
            "trail.role", "trail.key_alias", "config.bucket", "config.exclusions",
            "monitoring.topic", "monitoring.notify", "monitoring.namespace",
            "monitoring.patterns", "sns", "sns.allowed",
        ]),
        value in prop_oneof![
            any::<i64>().prop_map(|n| n.to_string()),
            "0x[0-9a-f]{1,40}|-[1-9][0-9]{0,40}|inf|nan|1e999|true|[0-9]{4}-[0-9]{2}-[0-9]{2}",
            any::<String>().prop_map(|text| toml::Value::from(text).to_string()),
            any::<Vec<String>>().prop_map(|texts| toml::Value::from(texts).to_string()),
            "\\[\"[0-9a-f.:/]{0,20}\"\\]",
            "\"[a-z.{}-]{0,9}(\\{account\\})?[a-z.{}-]{0,9}\"",
            "\\[\"(https?|sms|email|sqs|\\*):[a-z0-9@:/.*+\\[\\]-]{0,20}\"\\]",
            "\\[\\{ (control|expires|region) = \"[0-9.-]{0,10}\" \\}\\]",
        ],
    ) {
        survives(&format!("{key} = {value}"))?;
    }

    #[test]
    fn a_valid_file_with_something_replaced(
        original in select(originals()),
        from in any::<Index>(),
        length in 0_usize..12,
        with in prop_oneof!["(?s).{0,6}", "[\\[\\]{}\"'=.,#\\n\\\\0-9-]{0,6}"],
    ) {
        let chars: Vec<char> = original.chars().collect();
        let from = from.index(chars.len());
        let to = (from + length).min(chars.len());
        let (head, tail) = (chars[..from].iter(), chars[to..].iter());
        let text: String = head.copied().chain(with.chars()).chain(tail.copied()).collect();
        survives(&text)?;
    }
}
