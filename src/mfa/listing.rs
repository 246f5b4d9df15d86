//! Whom a list of devices shows, and which of them have to be asked about one by one.

use std::collections::BTreeMap;

use serde::Serialize;

use super::device::Device;
use super::user::user_of_arn;
use crate::model::{CredentialReport, VirtualMfaDevice};

/// A user whom the list may show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The name.
    pub user: String,
    /// Whether there is a console password; `None` where AWS does not say.
    pub password: Option<bool>,
    /// Whether there may be a device: then only the user's own list tells which.
    pub ask: bool,
}

/// A user with a console password or a device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// The name.
    pub user: String,
    /// Whether there is a console password; `None` where AWS does not say.
    pub password: Option<bool>,
    /// The devices.
    pub devices: Vec<Device>,
}

/// Everybody who has a password or may have a device, by name.
///
/// The credential report may be hours old, the list of virtual devices is of now: whoever has a device in
/// either is asked about.
pub fn candidates(report: &CredentialReport, assigned: &[VirtualMfaDevice]) -> Vec<Candidate> {
    let mut found: BTreeMap<&str, Candidate> = BTreeMap::new();
    for row in &report.users {
        let (password, ask) = (row.password_enabled, row.mfa_active != Some(false));
        if ask || password != Some(false) {
            found.insert(&row.user, Candidate { user: row.user.clone(), password, ask });
        }
    }
    let users = assigned.iter().filter(|device| !device.is_roots());
    for user in users.filter_map(|device| user_of_arn(device.user.as_deref()?).ok()) {
        let row = report.users.iter().find(|row| row.user == user);
        // Whoever is newer than the report may have a password or none.
        let password = row.and_then(|row| row.password_enabled);
        let new = || Candidate { user: user.to_owned(), password, ask: true };
        found.entry(user).or_insert_with(new).ask = true;
    }
    found.into_values().collect()
}

/// The list, once everybody was asked about: `None` are users that there are no more.
pub fn listed(asked: Vec<(Candidate, Option<Vec<Device>>)>) -> Vec<Listed> {
    let all = asked.into_iter().filter_map(|(candidate, devices)| {
        let Candidate { user, password, .. } = candidate;
        Some(Listed { user, password, devices: devices? })
    });
    all.filter(|one| one.password != Some(false) || !one.devices.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::super::device::DeviceKind;
    use super::*;
    use crate::model::{KeyRow, ReportRow, When};

    fn row(user: &str, password: Option<bool>, mfa: Option<bool>) -> ReportRow {
        ReportRow {
            user: user.to_owned(),
            arn: None,
            password_enabled: password,
            password_last_used: When::NotApplicable,
            password_last_changed: When::NotApplicable,
            mfa_active: mfa,
            access_keys: [KeyRow::NONE, KeyRow::NONE],
        }
    }

    fn held(user: &str) -> VirtualMfaDevice {
        let arn = |resource: &str| format!("arn:aws:iam::111122223333:{resource}");
        VirtualMfaDevice { serial: arn("mfa/x"), user: Some(arn(user)) }
    }

    #[test]
    fn whoever_has_neither_is_not_asked_about() {
        let report = CredentialReport {
            generated_at: Timestamp::UNIX_EPOCH,
            root: Some(row("<root_account>", None, Some(true))),
            users: vec![
                row("bare", Some(true), Some(false)),
                row("fresh", Some(true), Some(false)),
                row("keyed", Some(false), Some(false)),
                row("robot", Some(false), Some(false)),
                row("token", Some(false), Some(true)),
                row("unclear", None, None),
            ],
        };
        let assigned =
            [held("user/fresh"), held("user/team/keyed"), held("user/newer"), held("root")];
        let found = candidates(&report, &assigned);
        let found: Vec<_> =
            found.iter().map(|one| (one.user.as_str(), one.password, one.ask)).collect();
        assert_eq!(
            found,
            [
                ("bare", Some(true), false),
                ("fresh", Some(true), true),
                ("keyed", Some(false), true),
                ("newer", None, true),
                ("token", Some(false), true),
                ("unclear", None, true),
            ]
        );
    }

    #[test]
    fn only_who_has_something_is_listed() {
        let asked = |user: &str, password, devices: Option<usize>| {
            let device =
                Device { serial: "GAHT1".to_owned(), kind: DeviceKind::Hardware, enabled_at: None };
            let candidate = Candidate { user: user.to_owned(), password, ask: true };
            (candidate, devices.map(|number| vec![device; number]))
        };
        let list = listed(vec![
            asked("gone", Some(true), None),
            asked("bare", Some(true), Some(0)),
            asked("token", Some(false), Some(1)),
            asked("robot", Some(false), Some(0)),
            asked("newer", None, Some(0)),
        ]);
        let list: Vec<_> = list.iter().map(|one| (one.user.as_str(), one.devices.len())).collect();
        assert_eq!(list, [("bare", 0), ("token", 1), ("newer", 0)]);
    }
}
