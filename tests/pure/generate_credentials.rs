//! Arbitrary access keys of root, and access keys and passwords of the users of a report: mostly as the report tells, and sometimes
//! newer, gone, or not to be read.

use std::collections::BTreeMap;

use harden::model::{
    ASSUME_ROOT, AccessKey, AccessKeyId, Action, CredentialReport, KeyRow, KeyStatus, KeyUse,
    Observed, Password, ReportRow, UserCredentials, When,
};
use jiff::{SignedDuration, Timestamp};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::generate::taken_at;

/// How what is read of users differs from what the report tells of them.
#[derive(Clone, Debug)]
pub(crate) struct Live(Vec<[Twist; 3]>);

/// What became of one key, or of the password, since the report was made.
#[derive(Clone, Copy, Debug)]
enum Twist {
    AsTold,
    UsedToday,
    Gone,
    Off,
    Denied,
    Signs,
}

pub(crate) fn live() -> BoxedStrategy<Live> {
    let twist = || {
        prop_oneof![
            6 => Just(Twist::AsTold),
            1 => Just(Twist::UsedToday),
            1 => Just(Twist::Gone),
            1 => Just(Twist::Off),
            1 => Just(Twist::Denied),
            1 => Just(Twist::Signs),
        ]
    };
    vec([twist(), twist(), twist()], 0..5).prop_map(Live).boxed()
}

/// Keys of root, mostly where nobody can be root: they differ from what the report and the summary tell as they
/// like, for these are older.
pub(crate) fn of_root() -> BoxedStrategy<Observed<BTreeMap<AccessKeyId, AccessKey>>> {
    let use_of = prop_oneof![
        1 => Just(Observed::Denied { action: Action::new("iam:GetAccessKeyLastUsed") }),
        2 => Just(Observed::Known(None)),
        4 => (0_i64..400).prop_map(|days| {
            let at = taken_at() - SignedDuration::from_hours(24 * days);
            Observed::Known(Some(KeyUse { at, used_for: None }))
        }),
    ];
    let key = (any::<bool>(), use_of, prop::bool::weighted(0.1)).prop_map(
        |(active, last_used, signs)| AccessKey {
            status: if active { KeyStatus::Active } else { KeyStatus::Inactive },
            made: taken_at() - SignedDuration::from_hours(24 * 400),
            last_used,
            signs,
        },
    );
    let named = |(number, key)| (AccessKeyId::new(format!("AKIAROOT{number}")), key);
    prop_oneof![
        3 => Just(Observed::Unread),
        1 => Just(Observed::Denied { action: ASSUME_ROOT }),
        4 => vec(key, 0..=2)
            .prop_map(move |keys| Observed::Known((0..).zip(keys).map(named).collect())),
    ]
    .boxed()
}

impl Live {
    /// The credentials of the users; of those beyond the list nothing was read.
    pub(crate) fn settle(self, report: &CredentialReport) -> BTreeMap<String, UserCredentials> {
        let users = report.users.iter().zip(self.0);
        users.map(|(row, twists)| (row.user.clone(), of_user(row, twists))).collect()
    }
}

fn of_user(row: &ReportRow, [first, second, password]: [Twist; 3]) -> UserCredentials {
    let mut keys = BTreeMap::new();
    let denied = |action| Action::new(action);
    for (number, (told, twist)) in row.access_keys.iter().zip([first, second]).enumerate() {
        if matches!(twist, Twist::Gone) {
            continue;
        }
        if let Some(key) = key(told, twist) {
            keys.insert(AccessKeyId::new(format!("AKIA{}{number}", row.user)), key);
        }
    }
    let list_denied = matches!((first, second), (Twist::Denied, Twist::Denied));
    UserCredentials {
        keys: if list_denied {
            Observed::Denied { action: denied("iam:ListAccessKeys") }
        } else {
            Observed::Known(keys)
        },
        password: match password {
            Twist::Denied => Observed::Denied { action: denied("iam:GetUser") },
            Twist::Gone => Observed::Known(None),
            _ if row.password_enabled != Some(true) => Observed::Known(None),
            other => Observed::Known(Some(Password {
                made: time(&row.password_last_changed),
                last_used: used(&row.password_last_used, other).map(|last| last.at),
            })),
        },
    }
}

fn key(told: &KeyRow, twist: Twist) -> Option<AccessKey> {
    let active = told.active? && !matches!(twist, Twist::Off);
    Some(AccessKey {
        status: if active { KeyStatus::Active } else { KeyStatus::Inactive },
        made: time(&told.last_rotated),
        last_used: match twist {
            Twist::Denied => Observed::Denied { action: Action::new("iam:GetAccessKeyLastUsed") },
            _ if !active => Observed::Unread,
            other => Observed::Known(used(&told.last_used, other)),
        },
        signs: matches!(twist, Twist::Signs),
    })
}

fn used(told: &When, twist: Twist) -> Option<KeyUse> {
    let at = if matches!(twist, Twist::UsedToday) { Some(taken_at()) } else { told.at() };
    at.map(|at| KeyUse { at, used_for: None })
}

fn time(told: &When) -> Timestamp {
    told.at().unwrap_or(taken_at() - SignedDuration::from_hours(24 * 365))
}
