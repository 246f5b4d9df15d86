//! Arbitrary accounts, settings and selections.

use std::collections::{BTreeMap, BTreeSet};

use harden::assess::Rules;
use harden::change::Risk;
use harden::controls;
use harden::model::{
    Account, AccountId, AccountSummary, Cidr, ConfigSettings, CredentialReport, CredentialSettings,
    DefaultGroup, Exclusions, Group, GroupId, Iam, Interface, InterfaceId, Key, KeyDetail, KeyId,
    KeyRow, MultiRegion, NetworkSettings, Observed, Own, Partition, PasswordPolicy,
    PasswordSettings, PrefixListId, Region, Regional, ReportRow, Rotation, Rule, RuleId,
    SNAPSHOT_FORMAT, SecurityContact, Settings, Snapshot, Source, TRAIL_KEY_DESCRIPTION, Traffic,
    TrailSettings, VirtualMfaDevice, Waiver, When, WideRules,
};
use jiff::Timestamp;
use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;

use crate::{generate_credentials, generate_flow_logs, generate_logging, generate_people};

/// The account that all tests are about.
pub(crate) const ACCOUNT: &str = "111122223333";

/// The time at which all snapshots are taken.
pub(crate) fn taken_at() -> Timestamp {
    "2026-11-25T12:00:00Z".parse().unwrap()
}

/// Any account.
pub(crate) fn snapshots() -> BoxedStrategy<Snapshot> {
    // Some that AWS took when it asked for less.
    let contact = option::of(contact(prop_oneof![2 => email(), 1 => Just(String::new())]));
    let regional = btree_map(region(), regional(), 0..3);
    let whose = (option::of("[a-z]{3,8}"), option::weighted(0.9, region()));
    (iam(), contact, regional, generate_logging::parts(), whose)
        .prop_map(|(iam, contact, mut regional, parts, (alias, home))| {
            let (logging, central) = parts.settle(&mut regional);
            Snapshot {
                home,
                narrowed: false,
                format: SNAPSHOT_FORMAT.to_owned(),
                harden: "0.0.0".to_owned(),
                account: Account {
                    id: AccountId::new(ACCOUNT),
                    alias,
                    partition: Partition::of_arn("arn:aws:iam::1:root").unwrap(),
                },
                caller: format!("arn:aws:iam::{ACCOUNT}:user/engineer"),
                behind: Own::default(),
                taken_at: taken_at(),
                regions: Observed::Known(regional.keys().cloned().collect()),
                iam,
                contact: Observed::Known(contact),
                logging,
                central,
                regional,
            }
        })
        .boxed()
}

/// Any settings, selection and waivers.
pub(crate) fn rules() -> BoxedStrategy<Rules> {
    let all: Vec<_> = controls::all().map(|control| control.id).collect();
    let some = proptest::sample::subsequence(all.clone(), 1..=all.len());
    (some, any::<bool>(), settings(), vec(waiver(), 0..3))
        .prop_map(move |(some, every, settings, waivers)| Rules {
            controls: if every {
                all.iter().copied().collect()
            } else {
                some.into_iter().collect()
            },
            settings,
            waivers,
        })
        .boxed()
}

/// Any limit.
pub(crate) fn risks() -> impl Strategy<Value = Risk> {
    prop_oneof![Just(Risk::Additive), Just(Risk::Restrictive), Just(Risk::Destructive)]
}

fn settings() -> BoxedStrategy<Settings> {
    let trusted = proptest::sample::subsequence(
        vec!["10.0.0.0/8", "203.0.113.0/24", "203.0.113.7/32", "2001:db8::/32"],
        0..=3,
    );
    let wide = prop_oneof![Just(WideRules::Split), Just(WideRules::Revoke), Just(WideRules::Hold)];
    let contact = option::of(contact(email()));
    let credentials = (1_u16..=90, 1_u16..=90);
    // One bucket for the trail and for AWS Config, now and then.
    let logging = (any::<bool>(), prop::bool::weighted(0.2));
    let network = ((trusted, wide), generate_flow_logs::settings());
    let passwords = (14_u16..=20, 30_u16..=90);
    (passwords, credentials, contact, any::<bool>(), network, logging)
        .prop_map(|(passwords, credentials, contact, ipv6, network, (warn, one))| {
            let ((trusted, wide_rules), flow_logs) = network;
            let (minimum_length, max_age_days) = passwords;
            let (max_unused_days, max_key_age_days) = credentials;
            Settings {
                flow_logs,
                config: ConfigSettings {
                    bucket: if one {
                        TrailSettings::default().bucket
                    } else {
                        ConfigSettings::default().bucket
                    },
                    exclusions: if warn { Exclusions::Warn } else { Exclusions::Fail },
                },
                password_policy: PasswordSettings {
                    minimum_length,
                    reuse_prevention: 24,
                    max_age_days,
                },
                credentials: CredentialSettings {
                    max_unused_days,
                    max_key_age_days,
                    ..CredentialSettings::default()
                },
                contact,
                network: NetworkSettings {
                    ipv6,
                    trusted_cidrs: trusted.into_iter().map(cidr).collect(),
                    wide_rules,
                },
                ..Settings::default()
            }
        })
        .boxed()
}

fn contact(email: impl Strategy<Value = String>) -> impl Strategy<Value = SecurityContact> {
    ("[A-Za-z ]{1,9}", email).prop_map(|(name, email)| SecurityContact {
        name,
        title: "on call".to_owned(),
        email,
        phone: "+49 30 1".to_owned(),
    })
}

fn email() -> impl Strategy<Value = String> {
    "[a-z]{1,3}@(acme\\.dev|example\\.org|corp\\.invalid)"
}

fn waiver() -> impl Strategy<Value = Waiver> {
    let controls = [
        "1.3", "1.4", "1.9", "1.15", "2.1", "2.2", "2.3", "2.4", "2.5", "2.6", "2.7", "2.8",
        "3.15", "4.1", "4.2", "4.3", "4.4",
    ];
    let control = proptest::sample::select(controls.to_vec());
    let resources = [
        "password-policy",
        "al",
        "bo",
        "trails",
        "trail-0",
        "harden",
        "bucket-0",
        "harden-trail-111122223333-us-east-1",
        "recorder",
        "default",
        "global-resource-types",
        "key-0",
        "security-contact",
        "someone-1",
        "sg-0",
        "sg-1",
        "vpc-0",
        "vpc-1",
    ];
    let resource = proptest::sample::select(resources.to_vec());
    (control, resource, option::of(region())).prop_map(|(control, resource, region)| Waiver {
        control: control.parse().unwrap(),
        resource: resource.to_owned(),
        region: region.map(|region| region.to_string()),
        reason: "reviewed".to_owned(),
        owner: "network team".to_owned(),
        expires: jiff::civil::date(2027, 3, 31),
    })
}

/// Any of the regions that accounts have.
pub(crate) fn region() -> impl Strategy<Value = Region> {
    prop_oneof![Just("eu-west-1"), Just("us-east-1"), Just("ap-south-1")].prop_map(Region::new)
}

fn iam() -> BoxedStrategy<Iam> {
    let root = (any::<bool>(), any::<bool>(), option::of(any::<bool>()));
    let summary = (root, generate_people::quotas()).prop_map(
        |((root_mfa_enabled, root_access_key_present, root_password_present), quotas)| {
            AccountSummary {
                root_mfa_enabled,
                root_access_key_present,
                root_password_present,
                quotas,
            }
        },
    );
    let devices = prop_oneof![
        Just(Vec::new()),
        Just(vec![VirtualMfaDevice {
            serial: format!("arn:aws:iam::{ACCOUNT}:mfa/root"),
            user: Some(format!("arn:aws:iam::{ACCOUNT}:root")),
        }]),
    ];
    let roles = generate_logging::roles();
    let report = (report(), generate_credentials::live(), generate_credentials::of_root());
    let people = generate_people::people();
    (option::of(password_policy()), summary, devices, report, roles, people)
        .prop_map(|(policy, summary, devices, (report, live, root_keys), roles, people)| Iam {
            roles,
            people: Observed::Known(people),
            root_keys,
            password_policy: Observed::Known(policy),
            summary: Observed::Known(summary),
            virtual_mfa_devices: Observed::Known(devices),
            credentials: live.settle(&report),
            credential_report: Observed::Known(report),
        })
        .boxed()
}

fn password_policy() -> impl Strategy<Value = PasswordPolicy> {
    (
        6_u16..=30,
        any::<[bool; 6]>(),
        option::of(1_u16..=24),
        option::of(prop_oneof![1_u16..=120, Just(1095)]),
    )
        .prop_map(|(minimum_length, flags, reuse_prevention, max_age_days)| {
            let [upper, lower, symbols, numbers, change, hard] = flags;
            PasswordPolicy {
                minimum_length,
                require_uppercase: upper,
                require_lowercase: lower,
                require_symbols: symbols,
                require_numbers: numbers,
                reuse_prevention,
                max_age_days,
                allow_users_to_change: change,
                hard_expiry: hard,
            }
        })
}

fn report() -> BoxedStrategy<CredentialReport> {
    (option::of(row()), vec(row(), 0..4), any::<bool>())
        .prop_map(|(root, users, caller)| {
            let root = root.map(|row| ReportRow { user: "<root_account>".to_owned(), ..row });
            // The first of them now and then is whoever asks.
            let name = |number| match number {
                0 if caller => "engineer".to_owned(),
                number => format!("someone-{number}"),
            };
            let path = |user: &str| Some(format!("arn:aws:iam::{ACCOUNT}:user/team/{user}"));
            let named = |(number, row)| {
                let user = name(number);
                ReportRow { arn: path(&user), user, ..row }
            };
            let users = (0..).zip(users).map(named).collect();
            CredentialReport { generated_at: taken_at(), root, users }
        })
        .boxed()
}

fn row() -> BoxedStrategy<ReportRow> {
    let flag = || option::of(any::<bool>());
    let key = || {
        (flag(), when(), when()).prop_map(|(active, last_rotated, last_used)| KeyRow {
            active,
            last_rotated,
            last_used,
            used_for: None,
        })
    };
    (flag(), when(), when(), flag(), key(), key())
        .prop_map(|(password_enabled, last_used, last_changed, mfa_active, first, second)| {
            ReportRow {
                user: String::new(),
                arn: None,
                password_enabled,
                password_last_used: last_used,
                password_last_changed: last_changed,
                mfa_active,
                access_keys: [first, second],
            }
        })
        .boxed()
}

fn when() -> impl Strategy<Value = When> {
    prop_oneof![
        (0_i64..400)
            .prop_map(|days| When::At(taken_at() - jiff::SignedDuration::from_hours(24 * days))),
        Just(When::NotApplicable),
        Just(When::NoInformation),
        Just(When::NotSupported),
        Just(When::Other("\u{1b}[31m".to_owned())),
    ]
}

fn regional() -> BoxedStrategy<Regional> {
    let config = (generate_logging::recorders(), generate_logging::channels());
    let groups = (vec(vec(rule(), 0..6), 0..4), default_groups(), btree_set(0_u8..3, 0..2));
    (vec(key(), 0..4), groups, generate_flow_logs::parts(), config)
        .prop_map(
            |(
                keys,
                (groups, default_groups, attached),
                (vpcs, flow_logs),
                (recorders, channels),
            )| {
                Regional {
                    vpcs,
                    flow_logs,
                    trails: Observed::Unread,
                    recorders: Observed::Known(recorders),
                    channels: Observed::Known(channels),
                    keys: Observed::Known(numbered(keys, "key", KeyId::new)),
                    prefix_lists: Observed::Known(prefix_lists()),
                    interfaces: Observed::Known(interfaces(&attached)),
                    groups: Observed::Known(named(groups.len())),
                    default_groups: Observed::Known(default_groups),
                    rules: Observed::Known(rules_of(groups)),
                    ..Regional::UNREAD
                }
            },
        )
        .boxed()
}

fn numbered<K: Ord, V>(values: Vec<V>, name: &str, id: impl Fn(String) -> K) -> BTreeMap<K, V> {
    values.into_iter().enumerate().map(|(n, value)| (id(format!("{name}-{n}")), value)).collect()
}

/// As EC2 keeps them: no two rules of a group with the same traffic and source, no empty groups.
fn rules_of(groups: Vec<Vec<Rule>>) -> BTreeMap<GroupId, BTreeMap<RuleId, Rule>> {
    let mut all = BTreeMap::new();
    for (group, rules) in groups.into_iter().enumerate() {
        let mut seen = BTreeSet::new();
        let rules: Vec<Rule> = rules
            .into_iter()
            .filter(|rule| seen.insert((rule.egress, rule.traffic.clone(), rule.source.clone())))
            .collect();
        if !rules.is_empty() {
            let rules = numbered(rules, &format!("sgr-{group}"), RuleId::new);
            all.insert(GroupId::new(format!("sg-{group}")), rules);
        }
    }
    all
}

fn named(groups: usize) -> BTreeMap<GroupId, Group> {
    let group = |n: usize| Group { name: format!("group {n}"), vpc: Some("vpc-0".to_owned()) };
    (0..groups).map(|n| (GroupId::new(format!("sg-{n}")), group(n))).collect()
}

/// Some groups are those of their VPCs, and some of these VPCs are shared by somebody else.
fn default_groups() -> impl Strategy<Value = BTreeMap<GroupId, DefaultGroup>> {
    let owner = prop_oneof![8 => Just(ACCOUNT), 1 => Just("444455556666")];
    btree_map(0_u8..4, owner, 0..3).prop_map(|numbers| {
        let group = |(number, owner): (u8, &str)| {
            let vpc = Some(format!("vpc-{number}"));
            let group = DefaultGroup { owner: AccountId::new(owner), vpc };
            (GroupId::new(format!("sg-{number}")), group)
        };
        numbers.into_iter().map(group).collect()
    })
}

fn interfaces(attached: &BTreeSet<u8>) -> BTreeMap<InterfaceId, Interface> {
    let interface = |n: &u8| Interface {
        groups: [GroupId::new(format!("sg-{n}"))].into(),
        instance: Some(format!("i-{n}")),
        description: String::new(),
    };
    attached.iter().map(|n| (InterfaceId::new(format!("eni-{n}")), interface(n))).collect()
}

fn prefix_lists() -> BTreeMap<PrefixListId, Observed<BTreeSet<String>>> {
    [("pl-open", "0.0.0.0/0"), ("pl-shut", "10.0.0.0/8")]
        .map(|(id, entry)| (PrefixListId::new(id), Observed::Known([entry.to_owned()].into())))
        .into()
}

fn key() -> impl Strategy<Value = Key> {
    let state = prop_oneof![
        6 => Just("Enabled"), 1 => Just("Disabled"), 1 => Just("PendingDeletion")
    ];
    let spec = prop_oneof![4 => Just("SYMMETRIC_DEFAULT"), 1 => Just("RSA_2048")];
    let multi_region = prop_oneof![
        3 => Just(None),
        1 => Just(Some(MultiRegion::Primary)),
        1 => Just(Some(MultiRegion::Replica)),
    ];
    let rotation = prop_oneof![
        Just(Rotation::Off),
        (90_u16..=2560).prop_map(|period_days| Rotation::On { period_days }),
    ];
    // Some are left behind by an undo.
    let description = prop_oneof![3 => Just(""), 1 => Just(TRAIL_KEY_DESCRIPTION)];
    (option::of("alias/[a-z]{3}"), state, spec, multi_region, rotation, description).prop_map(
        |(alias, state, spec, multi_region, rotation, description)| Key {
            alias,
            detail: Observed::Known(KeyDetail {
                description: description.to_owned(),
                state: state.to_owned(),
                spec: spec.to_owned(),
                usage: "ENCRYPT_DECRYPT".to_owned(),
                origin: "AWS_KMS".to_owned(),
                custom_store: false,
                multi_region,
                rotation: Observed::Known(rotation),
            }),
        },
    )
}

fn rule() -> impl Strategy<Value = Rule> {
    let owner = prop_oneof![8 => Just(ACCOUNT), 1 => Just("444455556666")];
    let tags = prop_oneof![
        3 => Just(BTreeMap::new()),
        1 => Just(BTreeMap::from([("team".to_owned(), "web".to_owned())])),
    ];
    (owner, prop::bool::weighted(0.2), traffic(), source(), option::of("[a-z ]{0,8}"), tags)
        .prop_map(|(owner, egress, traffic, source, description, tags)| Rule {
            owner: AccountId::new(owner),
            egress,
            traffic,
            source,
            description,
            tags,
        })
}

/// Ports around the two that matter.
pub(crate) fn port() -> impl Strategy<Value = u16> {
    prop_oneof![
        Just(0),
        Just(21),
        Just(22),
        Just(23),
        Just(443),
        Just(3388),
        Just(3389),
        Just(3390),
        Just(u16::MAX),
        any::<u16>(),
    ]
}

fn traffic() -> impl Strategy<Value = Traffic> {
    let range = || (port(), port()).prop_map(|(a, b)| (a.min(b), a.max(b)));
    prop_oneof![
        6 => range().prop_map(|(from, to)| Traffic::Tcp { from, to }),
        3 => range().prop_map(|(from, to)| Traffic::Udp { from, to }),
        1 => Just(Traffic::All),
        1 => (any::<bool>(), -1_i16..=22, -1_i16..=22)
            .prop_map(|(v6, kind, code)| Traffic::Icmp { v6, kind, code }),
        1 => Just(Traffic::Other { number: "47".to_owned() }),
    ]
}

fn source() -> impl Strategy<Value = Source> {
    prop_oneof![
        4 => Just(Source::Cidr(cidr("0.0.0.0/0"))),
        2 => Just(Source::Cidr(cidr("::/0"))),
        1 => Just(Source::Cidr(cidr("0.0.0.0/1"))),
        1 => Just(Source::Cidr(cidr("128.0.0.0/1"))),
        2 => Just(Source::Cidr(cidr("10.0.0.0/8"))),
        1 => Just(Source::PrefixList(PrefixListId::new("pl-open"))),
        1 => Just(Source::PrefixList(PrefixListId::new("pl-shut"))),
        1 => Just(Source::Group(GroupId::new("sg-0"))),
        1 => Just(Source::Group(GroupId::new("sg-1"))),
        1 => Just(Source::Group(GroupId::new("444455556666/sg-1"))),
    ]
}

/// A range known to be right.
pub(crate) fn cidr(text: &str) -> Cidr {
    text.parse().unwrap()
}
