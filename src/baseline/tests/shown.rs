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
    ConfigSettings, ControlId, CredentialSettings, Exclusions, FlowLogSettings, FlowTraffic,
    MonitoringSettings, NetworkSettings, PasswordSettings, Patterns, PlanSettings, RETENTION_DAYS,
    SecurityContact, Settings, SnsSettings, TrailSettings, Waiver, WideRules,
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

fn trail() -> impl Strategy<Value = TrailSettings> {
    let buckets = vec!["{account}.{region}", "acme", "a-{region}-{account}"];
    let days = select(RETENTION_DAYS);
    let group = "[A-Za-z0-9_/.#-]{1,20}".prop_filter("reserved", |name| !name.starts_with("aws/"));
    let role = "[A-Za-z0-9_+=,.@-]{1,20}";
    ("[a-z0-9]{2}[._-][A-Z]", select(buckets), group, days, role, "alias/[a-z_-]{1,9}").prop_map(
        |(name, bucket, log_group, retention_days, role, key_alias)| TrailSettings {
            name,
            bucket: bucket.parse().unwrap(),
            log_group,
            retention_days,
            role,
            key_alias,
            ..TrailSettings::default()
        },
    )
}

fn config() -> impl Strategy<Value = ConfigSettings> {
    let bucket = select(vec!["{account}-config", "acme.config"]);
    (bucket, select(vec![Exclusions::Fail, Exclusions::Warn])).prop_map(|(bucket, exclusions)| {
        ConfigSettings { bucket: bucket.parse().unwrap(), exclusions }
    })
}

fn monitoring() -> impl Strategy<Value = MonitoringSettings> {
    let notify = btree_set("(email|email-json):[a-z'+{}|]{1,9}@[a-z]{1,9}\\.example", 0..3);
    let namespace =
        "[A-Z]([A-Za-z ._/#-]{0,9}[a-z])?".prop_filter("AWS's", |name| !name.starts_with("AWS/"));
    let patterns = select(vec![Patterns::Repaired, Patterns::Literal]);
    ("[A-Za-z0-9_-]{1,20}", notify, namespace, patterns).prop_map(
        |(topic, notify, namespace, patterns)| MonitoringSettings {
            topic,
            notify: notify.iter().rev().map(|text| text.parse().unwrap()).collect(),
            namespace,
            patterns,
        },
    )
}

fn sns() -> impl Strategy<Value = SnsSettings> {
    let pattern = "(email|sqs|firehose|\\*):[^\\s\\p{Cc}]{1,12}";
    option::of(btree_set(pattern, 0..3)).prop_map(|allowed| SnsSettings {
        allowed: allowed.map(|them| them.iter().map(|text| text.parse().unwrap()).collect()),
    })
}

fn flow_logs() -> impl Strategy<Value = FlowLogSettings> {
    let traffic = select(vec![FlowTraffic::Reject, FlowTraffic::All]);
    let group = "/[A-Za-z0-9_/.#-]{1,20}";
    (traffic, group, select(RETENTION_DAYS), "[A-Za-z0-9_+=,.@-]{1,20}").prop_map(
        |(traffic, log_group, retention_days, role)| FlowLogSettings {
            traffic,
            log_group,
            retention_days,
            role,
        },
    )
}

fn credentials() -> impl Strategy<Value = CredentialSettings> {
    (1_u16..=90, 1_u16..=90, 1_u16..=365, 0_u16..=1000).prop_map(
        |(max_unused_days, max_key_age_days, root_max_days, max_changes)| CredentialSettings {
            max_unused_days,
            max_key_age_days,
            root_max_days,
            max_changes,
        },
    )
}

fn settings() -> impl Strategy<Value = Settings> {
    (older(), credentials(), trail(), config(), monitoring(), (sns(), flow_logs())).prop_map(
        |(older, credentials, trail, config, monitoring, (sns, flow_logs))| Settings {
            credentials,
            trail,
            monitoring,
            config,
            sns,
            flow_logs,
            ..older
        },
    )
}

fn older() -> impl Strategy<Value = Settings> {
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
