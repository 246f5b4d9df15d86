//! The report as it would be by now: AWS serves it for up to four hours, and what was read of a user since
//! is newer.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::model::{AccessKey, AccessKeyId, Iam, KeyRow, Password, ReportRow, When};

/// The row of a user, with what was read since in place of what the report tells.
pub(super) fn as_now<'a>(iam: &Iam, row: &'a ReportRow) -> Cow<'a, ReportRow> {
    let Some(live) = iam.credentials.get(&row.user) else { return Cow::Borrowed(row) };
    let mut now = row.clone();
    if let Some(keys) = live.keys.ok().and_then(rows) {
        now.access_keys = keys;
    }
    match live.password.ok() {
        Some(None) => {
            now.password_enabled = Some(false);
            now.password_last_used = When::NotApplicable;
            now.password_last_changed = When::NotApplicable;
        }
        Some(Some(Password { made, last_used })) => {
            now.password_enabled = Some(true);
            if let Some(last_used) = last_used {
                now.password_last_used = later(&row.password_last_used, When::At(*last_used));
            }
            now.password_last_changed = later(&row.password_last_changed, When::At(*made));
        }
        None => {}
    }
    Cow::Owned(now)
}

/// The keys in the order in which they were made. `None`: not all that matters is known, or there are more
/// than IAM allows.
fn rows(keys: &BTreeMap<AccessKeyId, AccessKey>) -> Option<[KeyRow; 2]> {
    let mut keys: Vec<&AccessKey> = keys.values().collect();
    keys.sort_by_key(|key| key.made);
    let mut rows = keys.into_iter().map(AccessKey::row);
    let mut next = || rows.next().unwrap_or(Some(KeyRow::NONE));
    let two = [next()?, next()?];
    rows.next().is_none().then_some(two)
}

/// The later of what the report told and what was read. The report may know what IAM no longer tells.
fn later(told: &When, read: When) -> When {
    if told.at() > read.at() { told.clone() } else { read }
}

#[cfg(test)]
mod tests {
    use super::super::report::tests_support::{ago, key, row};
    use super::*;
    use crate::model::{KeyStatus, KeyUse, Observed, UserCredentials};

    fn live(keys: Vec<AccessKey>, password: Observed<Option<Password>>) -> Iam {
        let named = |(number, key)| (AccessKeyId::new(format!("AKIA{number}")), key);
        let keys = Observed::Known((0..).zip(keys).map(named).collect());
        let mut iam = Iam::UNREAD;
        iam.credentials.insert("al".to_owned(), UserCredentials { keys, password });
        iam
    }

    fn read(made: &When, last_used: Observed<Option<KeyUse>>) -> AccessKey {
        let made = made.at().unwrap();
        AccessKey { status: KeyStatus::Active, made, last_used, signs: false }
    }

    fn used(when: &When) -> Observed<Option<KeyUse>> {
        Observed::Known(Some(KeyUse { at: when.at().unwrap(), used_for: None }))
    }

    #[test]
    fn keys_are_as_they_are_listed() {
        let told =
            ReportRow { access_keys: [key(ago(300, 0), ago(200, 0)), KeyRow::NONE], ..row() };
        let (old, new) = (ago(300, 0), ago(10, 0));
        // The newer one is listed first.
        let keys = vec![read(&new, Observed::Known(None)), read(&old, used(&ago(1, 0)))];
        let now = as_now(&live(keys, Observed::Unread), &told).into_owned();
        let expected = [key(old.clone(), ago(1, 0)), key(new, When::NotApplicable)];
        assert_eq!(now, ReportRow { access_keys: expected, ..row() });
        // Off is off, whatever its last use.
        let off = AccessKey { status: KeyStatus::Inactive, ..read(&old, Observed::Unread) };
        let now = as_now(&live(vec![off], Observed::Unread), &told).into_owned();
        assert_eq!(now.access_keys[0].active, Some(false));
        let gone = as_now(&live(vec![], Observed::Unread), &told).into_owned();
        assert_eq!(gone.access_keys, [KeyRow::NONE, KeyRow::NONE]);
    }

    #[test]
    fn what_is_not_known_is_as_the_report_tells() {
        let told =
            ReportRow { access_keys: [key(ago(300, 0), ago(200, 0)), KeyRow::NONE], ..row() };
        let half = read(&ago(300, 0), Observed::Unread);
        let three = || vec![read(&ago(300, 0), used(&ago(1, 0))); 3];
        for keys in [vec![half], three()] {
            assert_eq!(*as_now(&live(keys, Observed::Unread), &told), told);
        }
        assert_eq!(*as_now(&Iam::UNREAD, &told), told);
    }

    #[test]
    fn passwords_are_as_they_are_by_now() {
        let told = ReportRow {
            password_enabled: Some(true),
            password_last_used: ago(100, 0),
            password_last_changed: ago(200, 0),
            ..row()
        };
        let password = |made: When, last_used: Option<When>| {
            let made = made.at().unwrap();
            let last_used = last_used.and_then(|when| when.at());
            Observed::Known(Some(Password { made, last_used }))
        };
        let now = |password| as_now(&live(vec![], password), &told).into_owned();
        let later = now(password(ago(300, 0), Some(ago(1, 0))));
        assert_eq!(later.password_last_used, ago(1, 0));
        assert_eq!(later.password_last_changed, ago(200, 0));
        let anew = now(password(ago(2, 0), None));
        assert_eq!(anew.password_last_used, ago(100, 0));
        assert_eq!(anew.password_last_changed, ago(2, 0));
        assert_eq!(
            now(Observed::Known(None)),
            ReportRow { password_enabled: Some(false), ..row() }
        );
        assert_eq!(
            now(Observed::Unread),
            ReportRow { access_keys: row().access_keys, ..told.clone() }
        );
    }
}
