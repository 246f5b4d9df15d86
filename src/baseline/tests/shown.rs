//! What is shown loads again as it was.

use std::collections::BTreeSet;

use jiff::civil::date;
use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::{builtin, catalogue, load_text};
use crate::baseline::{BUILTIN, Baseline, to_toml};
use crate::model::{
    ControlId, NetworkSettings, PasswordSettings, PlanSettings, SecurityContact, Settings, Waiver,
    WideRules,
};

fn reloaded(baseline: &Baseline) -> Baseline {
    let text = to_toml(baseline);
    let again = load_text(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    Baseline { name: baseline.name.clone(), ..again }
}

#[test]
fn builtin_baselines_survive_being_shown() {
    for entry in BUILTIN {
        let baseline = builtin(entry.name);
        assert_eq!(reloaded(&baseline), baseline);
        let json = serde_json::to_string(&baseline).unwrap();
        assert_eq!(serde_json::from_str::<Baseline>(&json).unwrap(), baseline);
    }
}

#[test]
fn a_name_cannot_leave_its_comment() {
    let name = "x\nextends = \"level-1\" \u{1b}[2J".to_owned();
    let shown = to_toml(&Baseline { name, ..builtin("level-2") });
    assert!(shown.starts_with("# The effective settings of the baseline x\\u{a}extends"));
    assert!(!shown.contains('\u{1b}'));
}

fn controls() -> impl Strategy<Value = BTreeSet<ControlId>> {
    let all: Vec<ControlId> = catalogue().into_keys().collect();
    let count = all.len();
    subsequence(all, 1..=count).prop_map(|ids| ids.into_iter().collect())
}

fn contact() -> impl Strategy<Value = SecurityContact> {
    let words = || {
        let trimmed = "(?s).{1,12}".prop_map(|text| text.trim().to_owned());
        trimmed.prop_filter("blank", |text| !text.is_empty())
    };
    let email = "[A-Za-z0-9_+=.#|!&-]{1,9}@[A-Za-z0-9_.-]{1,9}\\.[A-Za-z0-9_]{1,9}";
    (words(), words(), email, "[0-9()+-][0-9()+ -]{0,9}[0-9()+-]")
        .prop_map(|(name, title, email, phone)| SecurityContact { name, title, email, phone })
}

fn settings() -> impl Strategy<Value = Settings> {
    let cidrs =
        vec!["10.0.0.0/8", "192.0.2.0/24", "198.51.100.7/32", "2001:db8::/32", "2001:db8::1/128"];
    let trusted = subsequence(cidrs, 0..=5)
        .prop_map(|texts| texts.iter().map(|text| text.parse().unwrap()).collect());
    let wide = select(vec![WideRules::Split, WideRules::Revoke, WideRules::Hold]);
    let contact = option::of(contact());
    (14_u16..=128, 1_u16..=90, contact, any::<bool>(), trusted, wide, 1_u16..=720).prop_map(
        |(minimum_length, max_age_days, contact, ipv6, trusted_cidrs, wide_rules, valid_hours)| {
            Settings {
                password_policy: PasswordSettings {
                    minimum_length,
                    reuse_prevention: 24,
                    max_age_days,
                },
                contact,
                network: NetworkSettings { ipv6, trusted_cidrs, wide_rules },
                plan: PlanSettings { valid_hours },
                ..Settings::default()
            }
        },
    )
}

fn waivers() -> impl Strategy<Value = Vec<Waiver>> {
    let all: Vec<ControlId> = catalogue().into_keys().collect();
    let words = || "(?s).{1,12}".prop_filter("blank", |text| !text.trim().is_empty());
    let region = option::of(select(vec!["eu-west-1".to_owned(), "us-gov-east-1".to_owned()]));
    let findings = btree_set((select(all), words(), region), 0..5);
    (findings, vec((words(), words()), 5)).prop_map(|(findings, told)| {
        let waiver = |(control, resource, region), (reason, owner)| Waiver {
            control,
            resource,
            region,
            reason,
            owner,
            expires: date(2027, 2, 28),
        };
        findings.into_iter().zip(told).map(|(finding, told)| waiver(finding, told)).collect()
    })
}

proptest! {
    #[test]
    fn any_baseline_survives_being_shown(
        controls in controls(), settings in settings(), waivers in waivers(),
    ) {
        let baseline = Baseline { name: "mine".to_owned(), controls, settings, waivers };
        prop_assert_eq!(reloaded(&baseline), baseline);
    }
}
