//! A large account on paper: 100,000 security group rules, 10,000 keys, 5,000 users.
//!
//! `cargo bench` prints how long judging and planning take, and the most memory the process held. Nothing
//! is asserted: figures belong in notes, not in tests.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a bench prints, and ends at the first error"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use harden::assess::{Rules, judge};
use harden::change::Risk;
use harden::controls;
use harden::model::{
    AccessKey, AccessKeyId, Account, AccountId, AccountSummary, CredentialReport, Group, GroupId,
    Iam, IamQuotas, Interface, InterfaceId, Key, KeyDetail, KeyId, KeyRow, KeyStatus, Logging,
    Observed, Own, Partition, Password, PasswordPolicy, People, Policies, Region, Regional,
    ReportRow, Rotation, Rule, RuleId, SNAPSHOT_FORMAT, Settings, Snapshot, Source, Traffic, User,
    UserCredentials, When,
};
use harden::plan::{build, to_json};
use harden::ui;

const REGIONS: usize = 10;
const GROUPS: usize = 200;
const RULES: usize = 50;
const KEYS: usize = 1_000;
const USERS: usize = 5_000;
const ROUNDS: usize = 11;

fn main() {
    let snapshot = account();
    println!(
        "{} rules in {} groups, {} keys, {USERS} users, {REGIONS} regions",
        REGIONS * GROUPS * RULES,
        REGIONS * GROUPS,
        REGIONS * KEYS
    );
    let rules = Rules {
        controls: controls::all().map(|control| control.id).collect(),
        settings: Settings::default(),
        waivers: Vec::new(),
    };
    let plan = build(snapshot.clone(), "bench", &rules, Risk::Destructive).unwrap();
    println!("{} access keys and passwords would go", plan.credential_changes());
    println!("{} changes planned", plan.changes.len());
    measure("assess", || judge(&snapshot, &rules).len());
    measure("plan", || {
        build(snapshot.clone(), "bench", &rules, Risk::Destructive).unwrap().changes.len()
    });
    let of_users = ["1.3", "1.4"].map(|id| id.parse().unwrap()).into();
    let of_users = Rules { controls: of_users, ..rules.clone() };
    let mut people = snapshot.clone();
    people.regional.clear();
    measure("assess keys and passwords", || judge(&people, &of_users).len());
    measure("plan keys and passwords", || {
        build(people.clone(), "bench", &of_users, Risk::Destructive).unwrap().changes.len()
    });
    measure("plan to JSON", || to_json(&plan).unwrap().len());
    measure("plan to text", || ui::plan(&plan, 80).len());
    println!("peak memory so far: {}", peak_memory());
    let text = serde_json::to_string_pretty(&snapshot).unwrap();
    let parse = || serde_json::from_str::<Snapshot>(&text).unwrap().regional.len();
    measure(&format!("snapshot of {} MiB from JSON", text.len() >> 20), parse);
    println!("peak memory with that text: {}", peak_memory());
}

/// Prints the median and the worst of some rounds.
fn measure(what: &str, mut work: impl FnMut() -> usize) {
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        std::hint::black_box(work());
        times.push(begun.elapsed());
    }
    times.sort();
    println!("{what}: median {:.1?}, worst {:.1?}", times[ROUNDS / 2], times[ROUNDS - 1]);
}

fn peak_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib: Option<u64> = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok());
    kib.map_or("unknown".to_owned(), |kib| format!("{} MiB", kib >> 10))
}

fn account() -> Snapshot {
    let regions: Vec<Region> = (0..REGIONS).map(|n| Region::new(format!("region-{n}"))).collect();
    Snapshot {
        home: None,
        narrowed: false,
        format: SNAPSHOT_FORMAT.to_owned(),
        harden: "bench".to_owned(),
        account: Account {
            id: AccountId::new("111122223333"),
            alias: None,
            partition: Partition::of_arn("arn:aws:iam::1:root").unwrap(),
        },
        caller: "arn:aws:iam::111122223333:user/bench".to_owned(),
        behind: Own::default(),
        taken_at: "2026-11-25T12:00:00Z".parse().unwrap(),
        regions: Observed::Known(regions.iter().cloned().collect()),
        iam: iam(),
        contact: Observed::Known(None),
        logging: Logging::default(),
        central: None,
        regional: regions.into_iter().map(|region| (region, regional())).collect(),
    }
}

fn iam() -> Iam {
    let made = When::At("2026-07-01T00:00:00Z".parse().unwrap());
    let key = || KeyRow { active: Some(true), last_rotated: made.clone(), ..KeyRow::NONE };
    let user = |n: usize| ReportRow {
        user: format!("user-{n}"),
        arn: Some(format!("arn:aws:iam::111122223333:user/staff/user-{n}")),
        password_enabled: Some(n.is_multiple_of(2)),
        password_last_used: When::NoInformation,
        password_last_changed: made.clone(),
        mfa_active: Some(!n.is_multiple_of(4)),
        access_keys: [key(), key()],
    };
    Iam {
        roles: BTreeMap::new(),
        root_keys: Observed::Unread,
        credentials: (0..USERS).map(credentials).collect(),
        people: Observed::Known(people()),
        password_policy: Observed::Known(Some(PasswordPolicy {
            require_symbols: false,
            ..PasswordPolicy::IN_PLACE_OF_NONE
        })),
        summary: Observed::Known(AccountSummary {
            root_mfa_enabled: true,
            root_access_key_present: false,
            root_password_present: Some(true),
            quotas: IamQuotas::default(),
        }),
        virtual_mfa_devices: Observed::Known(Vec::new()),
        credential_report: Observed::Known(CredentialReport {
            generated_at: "2026-11-25T11:00:00Z".parse().unwrap(),
            root: None,
            users: (0..USERS).map(user).collect(),
        }),
    }
}

/// Two old keys of each user, and a password of every second.
fn credentials(number: usize) -> (String, UserCredentials) {
    let made = "2026-07-01T00:00:00Z".parse().unwrap();
    let key = || AccessKey {
        status: KeyStatus::Active,
        made,
        last_used: Observed::Known(None),
        signs: false,
    };
    let named = |key_number: usize| AccessKeyId::new(format!("AKIA{number:08}{key_number:08}"));
    let password = number.is_multiple_of(2).then_some(Password { made, last_used: None });
    let keys = Observed::Known((0..2).map(|n| (named(n), key())).collect());
    (format!("user-{number}"), UserCredentials { keys, password: Observed::Known(password) })
}

/// Every tenth user has a policy of its own.
fn people() -> People {
    let user = |n: usize| {
        let direct = n.is_multiple_of(10).then(|| format!("arn:aws:iam::aws:policy/P{}", n % 7));
        let policies = Policies { attached: direct.into_iter().collect(), ..Policies::default() };
        (format!("user-{n:05}"), User { policies, ..User::default() })
    };
    People { users: (0..USERS).map(user).collect(), ..People::default() }
}

fn regional() -> Regional {
    let groups = || (0..GROUPS).map(|n| GroupId::new(format!("sg-{n:017}")));
    let interface = |group: GroupId| Interface {
        groups: BTreeSet::from([group]),
        instance: Some("i-0123456789abcdef0".to_owned()),
        description: String::new(),
    };
    Regional {
        keys: Observed::Known((0..KEYS).map(key).collect()),
        rules: Observed::Known(groups().map(|group| (group, rules())).collect()),
        prefix_lists: Observed::Known(BTreeMap::new()),
        groups: Observed::Known(
            groups().map(|id| (id, Group { name: "a group".to_owned(), vpc: None })).collect(),
        ),
        interfaces: Observed::Known(
            groups()
                .enumerate()
                .map(|(n, id)| (InterfaceId::new(format!("eni-{n:017}")), interface(id)))
                .collect(),
        ),
        ..Regional::UNREAD
    }
}

/// Every third key does not rotate.
fn key(number: usize) -> (KeyId, Key) {
    let rotation =
        if number.is_multiple_of(3) { Rotation::Off } else { Rotation::On { period_days: 365 } };
    let detail = KeyDetail {
        description: String::new(),
        state: "Enabled".to_owned(),
        spec: "SYMMETRIC_DEFAULT".to_owned(),
        usage: "ENCRYPT_DECRYPT".to_owned(),
        origin: "AWS_KMS".to_owned(),
        custom_store: false,
        multi_region: None,
        rotation: Observed::Known(rotation),
    };
    let alias = Some(format!("alias/key-{number}"));
    (KeyId::new(format!("key-{number:032}")), Key { alias, detail: Observed::Known(detail) })
}

/// One rule of each group is open to the world, and too wide.
fn rules() -> BTreeMap<RuleId, Rule> {
    let rule = |number: u16| {
        let open = number == 0;
        let source = if open { "0.0.0.0/0".to_owned() } else { format!("10.{number}.0.0/16") };
        let rule = Rule {
            owner: AccountId::new("111122223333"),
            egress: false,
            traffic: Traffic::Tcp { from: 0, to: if open { 4098 } else { 443 } },
            source: Source::Cidr(source.parse().unwrap()),
            description: Some("made by somebody".to_owned()),
            tags: BTreeMap::new(),
        };
        (RuleId::new(format!("sgr-{number:017}")), rule)
    };
    (0..u16::try_from(RULES).unwrap()).map(rule).collect()
}
