//! What the controls of passwords and access keys have in common: the credential report, cell by cell.

use jiff::{SignedDuration, Timestamp};

use super::live::as_now;
use crate::controls::words::{count, list};
use crate::controls::{Case, Finding, Missing, Outcome};
use crate::model::{CredentialSettings, Gap, KeyRow, ReportRow, When};

/// The moment from which ages are counted, and how old credentials may be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Now<'a> {
    pub(super) at: Timestamp,
    pub(super) limits: &'a CredentialSettings,
}

impl<'a> Now<'a> {
    pub(super) fn of(case: &Case<'a>) -> Self {
        Self { at: case.snapshot.taken_at, limits: &case.settings.credentials }
    }

    /// How long a moment is past.
    pub(super) fn age(self, of: Timestamp) -> SignedDuration {
        self.at.duration_since(of)
    }
}

/// What is wrong with one user, and what the report does not tell.
#[derive(Debug, Default)]
pub(super) struct Look {
    pub(super) faults: Vec<String>,
    pub(super) gaps: Vec<Gap>,
}

/// Looks at each user of the report as it is by now, root left out: a finding for each that has faults.
pub(super) fn each_user(case: &Case<'_>, look: impl Fn(&ReportRow) -> Look) -> Outcome {
    let report = match case.snapshot.iam.credential_report.known() {
        Ok(report) => report,
        Err(gap) => return Outcome::unknown(gap),
    };
    let (mut findings, mut missing) = (Vec::new(), Vec::new());
    for row in &report.users {
        let Look { faults, gaps } = look(&as_now(&case.snapshot.iam, row));
        if !faults.is_empty() {
            findings
                .push(Finding::of_account(&row.user, format!("{}: {}", row.user, list(&faults))));
        }
        missing.extend(gaps.into_iter().map(|gap| {
            let resource = Some(row.user.clone());
            Missing { region: None, resource, gap }
        }));
    }
    Outcome::Judged { findings, missing, pending: Vec::new(), notes: Vec::new() }
}

/// Something that the report should tell and does not.
pub(super) fn unclear(what: impl Into<String>) -> Gap {
    Gap { action: None, reason: format!("the credential report does not tell {}", what.into()) }
}

/// A time in a cell; `None` where AWS says that there was none.
pub(super) fn time(cell: &When, what: &str) -> Result<Option<Timestamp>, Gap> {
    match cell {
        When::At(time) => Ok(Some(*time)),
        When::NotApplicable | When::NoInformation => Ok(None),
        When::NotSupported | When::Other(_) => Err(unclear(what)),
    }
}

/// The active keys, by their numbers.
pub(super) fn active_keys<'a>(row: &'a ReportRow, look: &mut Look) -> Vec<(u8, &'a KeyRow)> {
    let mut active = Vec::new();
    for (number, key) in (1..).zip(&row.access_keys) {
        match key.active {
            Some(true) => active.push((number, key)),
            Some(false) => {}
            None => look.gaps.push(unclear(format!("whether access key {number} is active"))),
        }
    }
    active
}

/// When a key was made, or last set to active or inactive.
pub(super) fn rotated(number: u8, key: &KeyRow) -> Result<Timestamp, Gap> {
    let what = format!("when access key {number} was made");
    time(&key.last_rotated, &what)?.ok_or_else(|| unclear(what))
}

/// When a key was last used, if ever.
pub(super) fn used(number: u8, key: &KeyRow) -> Result<Option<Timestamp>, Gap> {
    time(&key.last_used, &format!("when access key {number} was last used"))
}

/// A number of days, each of 24 hours.
pub(super) fn days(number: u16) -> SignedDuration {
    SignedDuration::from_hours(24 * i64::from(number))
}

/// How many days something is past.
pub(super) fn ago(age: SignedDuration) -> String {
    let days = usize::try_from(age.as_hours() / 24).unwrap_or_default();
    format!("{} ago", count(days, "day", "days"))
}

/// As a day.
pub(super) fn day(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d").to_string()
}

#[cfg(test)]
pub(super) mod tests_support {
    use super::*;
    use crate::controls::Check;
    use crate::model::{CredentialReport, Observed, Settings, Snapshot, fixture};

    /// So many days and hours before the snapshot was taken.
    pub(in super::super) fn ago(days: i64, hours: i64) -> When {
        let taken = fixture::unread().taken_at;
        When::At(taken - SignedDuration::from_hours(24 * days + hours))
    }

    /// A user without anything.
    pub(in super::super) fn row() -> ReportRow {
        ReportRow {
            user: "al".to_owned(),
            arn: None,
            password_enabled: Some(false),
            password_last_used: When::NotApplicable,
            password_last_changed: When::NotApplicable,
            mfa_active: Some(false),
            access_keys: [KeyRow::NONE, KeyRow::NONE],
        }
    }

    pub(in super::super) fn key(last_rotated: When, last_used: When) -> KeyRow {
        KeyRow { active: Some(true), last_rotated, last_used, used_for: None }
    }

    pub(in super::super) fn account(root: Option<ReportRow>, users: Vec<ReportRow>) -> Snapshot {
        let mut snapshot = fixture::unread();
        let generated_at = snapshot.taken_at;
        snapshot.iam.credential_report =
            Observed::Known(CredentialReport { generated_at, root, users });
        snapshot
    }

    /// The summary of the only finding, the reason of the only gap, or `pass`.
    pub(in super::super) fn judge(check: &dyn Check, snapshot: &Snapshot) -> String {
        let case = Case { snapshot, settings: &Settings::default() };
        match check.assess(&case) {
            Outcome::Judged { findings, .. } if !findings.is_empty() => {
                assert_eq!(findings.len(), 1);
                let summary = &findings[0].summary;
                summary.strip_prefix("al: ").unwrap_or(summary).to_owned()
            }
            Outcome::Judged { missing, .. } if !missing.is_empty() => missing[0].gap.reason.clone(),
            Outcome::Judged { .. } | Outcome::Inherited { .. } => "pass".to_owned(),
            Outcome::NotApplicable { reason } | Outcome::Manual { reason, .. } => reason,
        }
    }

    /// The same of an account with one user.
    pub(in super::super) fn judge_user(check: &dyn Check, row: ReportRow) -> String {
        judge(check, &account(None, vec![row]))
    }
}
