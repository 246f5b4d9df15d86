//! What 1.1 to 1.4 and 1.12 say to every combination of cells of a credential report, against the rules as
//! one would say them aloud. The limits are those of the default settings: 90 days, and 7 for a new key.

use std::collections::BTreeSet;

use jiff::SignedDuration;

use super::report::tests_support::account;
use crate::controls::{Assess, Case, Control, Outcome};
use crate::model::{
    AccountSummary, IamQuotas, KeyRow, Observed, ReportRow, Settings, Snapshot, When, fixture,
};

/// A cell that tells a time, by the hours since then; or other text.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Cell {
    Hours(i64),
    Text(&'static str),
}
use Cell::{Hours, Text};

const DAY: i64 = 24;
const NEVER: [Cell; 2] = [Text("N/A"), Text("no_information")];
const DAYS: [Cell; 3] = [Hours(89 * DAY), Hours(90 * DAY), Hours(91 * DAY)];
/// Text that tells nothing, and the hours at which a verdict turns.
const RARE: [Cell; 6] = [
    Text("not_supported"),
    Text("soon"),
    Hours(7 * DAY - 1),
    Hours(7 * DAY),
    Hours(90 * DAY - 1),
    Hours(90 * DAY + 1),
];
/// A cell that tells yes, no, or neither.
const BOOLEANS: [Option<bool>; 3] = [Some(true), Some(false), None];

#[derive(Clone, Copy, Debug, PartialEq)]
enum Verdict {
    Pass,
    Fail,
    Unknown,
}
use Verdict::{Fail, Pass, Unknown};

#[derive(Clone, Copy, Debug)]
struct Login {
    enabled: Option<bool>,
    used: Cell,
    changed: Cell,
    mfa: Option<bool>,
}

#[derive(Clone, Copy, Debug)]
struct Key {
    active: Option<bool>,
    rotated: Cell,
    used: Cell,
}

type Rule = fn(Login, [Key; 2]) -> Verdict;

const NO_LOGIN: Login =
    Login { enabled: Some(false), used: Text("N/A"), changed: Text("N/A"), mfa: Some(false) };
const NO_KEY: Key = Key { active: Some(false), rotated: Text("N/A"), used: Text("N/A") };

// The rules.

/// Age in hours: `Ok(None)` is never, and an error is what nobody can tell.
fn age(cell: Cell) -> Result<Option<i64>, ()> {
    match cell {
        Hours(hours) => Ok(Some(hours)),
        Text("N/A" | "no_information") => Ok(None),
        Text(_) => Err(()),
    }
}

/// 1.1: root has not been used for 90 days, by password or key. Never used is fine.
fn root_rests(login: Login, keys: [Key; 2]) -> Verdict {
    all([login.used, keys[0].used, keys[1].used].map(|used| match age(used) {
        Ok(Some(hours)) if hours < 90 * DAY => Fail,
        Ok(_) => Pass,
        Err(()) => Unknown,
    }))
}

/// 1.2: whoever has a password has a device. With a device, the password does not matter.
fn has_device(login: Login) -> Verdict {
    match (login.enabled, login.mfa) {
        (Some(false), _) | (_, Some(true)) => Pass,
        (Some(true), Some(false)) => Fail,
        _ => Unknown,
    }
}

/// 1.3: no password that is enabled and no key that is active has been idle for 90 days or more. What was
/// never used is idle since it was made.
fn in_use(login: Login, keys: [Key; 2]) -> Verdict {
    let [first, second] = keys.map(|key| idle(key.active, key.used, key.rotated));
    all([idle(login.enabled, login.used, login.changed), first, second])
}

fn idle(on: Option<bool>, used: Cell, made: Cell) -> Verdict {
    let since = match age(used) {
        Ok(None) => age(made),
        told => told,
    };
    match (on, since) {
        (Some(false), _) => Pass,
        (Some(true), Ok(Some(hours))) => pass_if(hours < 90 * DAY),
        (None, _) | (Some(true), Ok(None) | Err(())) => Unknown,
    }
}

/// 1.4: an active key is at most 90 days old, and was used since it was made; a new one has 7 days for that.
fn young(keys: [Key; 2]) -> Verdict {
    all(keys.map(|key| match (key.active, age(key.rotated)) {
        (Some(false), _) => Pass,
        (Some(true), Ok(Some(old))) if old > 90 * DAY => Fail,
        (Some(true), Ok(Some(old))) => match age(key.used) {
            Ok(used) => pass_if(old < 7 * DAY || used.is_some_and(|used| used <= old)),
            Err(()) => {
                if old < 7 * DAY {
                    Pass
                } else {
                    Unknown
                }
            }
        },
        (None, _) | (Some(true), Ok(None) | Err(())) => Unknown,
    }))
}

/// 1.12: neither the report nor the account summary knows of a key of root.
fn no_root_key(keys: [Key; 2], summary: Option<bool>) -> Verdict {
    all([keys[0].active, keys[1].active, summary].map(|key| match key {
        Some(true) => Fail,
        Some(false) => Pass,
        None => Unknown,
    }))
}

/// What fails is a fail, whatever else nobody can tell.
fn all(parts: impl IntoIterator<Item = Verdict>) -> Verdict {
    let parts: Vec<Verdict> = parts.into_iter().collect();
    if parts.contains(&Fail) {
        Fail
    } else if parts.contains(&Unknown) {
        Unknown
    } else {
        Pass
    }
}

fn pass_if(right: bool) -> Verdict {
    if right { Pass } else { Fail }
}

// The rows.

fn logins(used: &[Cell], changed: &[Cell], mfa: &[Option<bool>]) -> Vec<Login> {
    let mut logins = Vec::new();
    for enabled in BOOLEANS {
        for &used in used {
            for &changed in changed {
                logins.extend(mfa.iter().map(|&mfa| Login { enabled, used, changed, mfa }));
            }
        }
    }
    logins
}

fn keys(active: &[Option<bool>], rotated: &[Cell], used: &[Cell]) -> Vec<Key> {
    let mut keys = Vec::new();
    for &active in active {
        for &rotated in rotated {
            keys.extend(used.iter().map(|&used| Key { active, rotated, used }));
        }
    }
    keys
}

fn row(user: String, login: Login, keys: [Key; 2]) -> ReportRow {
    let taken = fixture::unread().taken_at;
    let when = |cell| match cell {
        Hours(hours) => When::At(taken - SignedDuration::from_hours(hours)),
        Text(text) => When::parse(text),
    };
    ReportRow {
        user,
        arn: None,
        password_enabled: login.enabled,
        password_last_used: when(login.used),
        password_last_changed: when(login.changed),
        mfa_active: login.mfa,
        access_keys: keys.map(|key| KeyRow {
            active: key.active,
            last_rotated: when(key.rotated),
            last_used: when(key.used),
            used_for: None,
        }),
    }
}

fn assess(control: &Control, snapshot: &Snapshot) -> Outcome {
    let Assess::Automatic { check, .. } = &control.assess else { panic!("{}", control.id) };
    check.assess(&Case { snapshot, settings: &Settings::default() })
}

#[test]
fn every_row_of_a_user() {
    let used: Vec<Cell> = NEVER.into_iter().chain(DAYS).collect();
    let every: Vec<Cell> = used.iter().copied().chain(RARE).collect();
    let two = [Some(true), Some(false)];
    let mut rows = Vec::new();
    // The whole product of the usual cells; the rare ones for each credential by itself.
    let usual = keys(&two, &DAYS, &used);
    for login in logins(&used, &DAYS, &two) {
        for first in &usual {
            rows.extend(usual.iter().map(|second| (login, [*first, *second])));
        }
    }
    rows.extend(logins(&every, &every, &BOOLEANS).into_iter().map(|login| (login, [NO_KEY; 2])));
    for key in keys(&BOOLEANS, &every, &every) {
        rows.extend([(NO_LOGIN, [key, NO_KEY]), (NO_LOGIN, [NO_KEY, key])]);
    }
    assert_eq!(rows.len(), 90 * 30 * 30 + 3 * 11 * 11 * 3 + 2 * 3 * 11 * 11);

    let named = rows.iter().zip(0..);
    let users = named.map(|(&(login, keys), number)| row(format!("{number}"), login, keys));
    let snapshot = account(None, users.collect());
    let rules: [(&Control, Rule); 3] = [
        (&super::people::CONSOLE_MFA, |login, _| has_device(login)),
        (&super::idle::CONTROL, in_use),
        (&super::key_age::CONTROL, |_, keys| young(keys)),
    ];
    for (control, rule) in rules {
        let Outcome::Judged { findings, missing, .. } = assess(control, &snapshot) else {
            panic!("{}", control.id)
        };
        let failing: BTreeSet<&str> = findings.iter().map(|one| one.resource.as_str()).collect();
        let unclear: BTreeSet<&str> =
            missing.iter().filter_map(|one| one.resource.as_deref()).collect();
        let mut seen = [0, 0, 0];
        for ((login, keys), number) in rows.iter().zip(0..) {
            let name = format!("{number}");
            let verdict = match (failing.contains(&*name), unclear.contains(&*name)) {
                (true, _) => Fail,
                (false, true) => Unknown,
                (false, false) => Pass,
            };
            assert_eq!(verdict, rule(*login, *keys), "{}: {login:?} {keys:?}", control.id);
            seen[usize::from(verdict != Pass) + usize::from(verdict == Unknown)] += 1;
        }
        assert!(seen.iter().all(|times| *times > 100), "{}: {seen:?}", control.id);
    }
}

#[test]
fn every_row_of_root() {
    let cells: Vec<Cell> =
        NEVER.into_iter().chain(DAYS).chain([Text("soon"), Hours(90 * DAY - 1)]).collect();
    let keys = keys(&BOOLEANS, &[Hours(100 * DAY)], &cells);
    let mut looked_at = 0;
    for login in logins(&cells, &[Text("not_supported")], &[Some(false)]) {
        for first in &keys {
            for second in &keys {
                let keys = [*first, *second];
                let root = row("<root_account>".to_owned(), login, keys);
                let mut snapshot = account(Some(root), Vec::new());
                let told = |snapshot: &Snapshot, control: &Control| verdict(control, snapshot);
                let root_use = told(&snapshot, &super::root_use::CONTROL);
                assert_eq!(root_use, root_rests(login, keys), "1.1: {login:?} {keys:?}");
                // Root is no user.
                for control in
                    [&super::people::CONSOLE_MFA, &super::idle::CONTROL, &super::key_age::CONTROL]
                {
                    assert_eq!(
                        told(&snapshot, control),
                        Pass,
                        "{}: {login:?} {keys:?}",
                        control.id
                    );
                }
                for present in BOOLEANS {
                    snapshot.iam.summary = summary(present);
                    let key = told(&snapshot, &super::root_keys::CONTROL);
                    let expected = no_root_key(keys, present);
                    assert_eq!(key, expected, "1.12: {keys:?}, in the summary {present:?}");
                    looked_at += 1;
                }
            }
        }
    }
    assert_eq!(looked_at, 3 * 7 * 21 * 21 * 3);
}

fn verdict(control: &Control, snapshot: &Snapshot) -> Verdict {
    let Outcome::Judged { findings, missing, .. } = assess(control, snapshot) else {
        panic!("{}", control.id)
    };
    match (findings.is_empty(), missing.is_empty()) {
        (false, _) => Fail,
        (true, false) => Unknown,
        (true, true) => Pass,
    }
}

fn summary(key: Option<bool>) -> Observed<AccountSummary> {
    key.map_or(Observed::Unread, |root_access_key_present| {
        Observed::Known(AccountSummary {
            root_mfa_enabled: true,
            root_access_key_present,
            root_password_present: None,
            quotas: IamQuotas::default(),
        })
    })
}
