//! The remedy of 1.5 to 1.11: one merged write, only upward.

use super::RULES;
use crate::change::{Operation, Risk};
use crate::controls::words::count;
use crate::controls::{Bundle, Case, Fix, Proposal, Scope, Step, Wanted};
use crate::model::{CredentialReport, PasswordPolicy, Snapshot};

pub(super) static RAISE: Fix = Fix {
    name: "password-policy",
    turn: 50,
    reads: &[],
    changes: "One iam:UpdateAccountPasswordPolicy with every field: those that fall short are raised \
              to the baseline, all others stay as they are. Where the account has no policy, one is \
              made that is at least as strict as what AWS enforces without one.",
    breaks: "Users whose password is older than the new age must change it when they next sign in. \
             The other rules count from the next change of a password. Access keys and root's \
             password are not concerned.",
    undo: "The former policy is set again, field by field, or deleted where there was none.",
    propose,
};

pub(super) fn propose(case: &Case<'_>, wanted: &Wanted<'_>, _: &Scope<'_>) -> Proposal {
    let Some(current) = case.snapshot.iam.password_policy.ok() else {
        return Proposal::default();
    };
    let mut policy = current.clone().unwrap_or(PasswordPolicy::IN_PLACE_OF_NONE);
    for rule in RULES.iter().filter(|rule| wanted.contains_key(&rule.id)) {
        (rule.raise)(&mut policy, &case.settings.password_policy);
    }
    let (risk, impact) = effect(case.snapshot, current.as_ref(), &policy);
    let operation = Operation::UpdateAccountPasswordPolicy { policy };
    Proposal {
        bundles: vec![Bundle {
            controls: wanted.keys().copied().collect(),
            title: "account password policy".to_owned(),
            steps: vec![Step { operation, risk, impact, cost: None }],
        }],
        not_planned: Vec::new(),
    }
}

/// What the new policy means for the users of the account.
fn effect(
    snapshot: &Snapshot,
    before: Option<&PasswordPolicy>,
    after: &PasswordPolicy,
) -> (Risk, Vec<String>) {
    let mut impact = Vec::new();
    if before.is_none() {
        impact.push(
            "replaces AWS's own rule for accounts without a policy: 8 characters, three of the four \
             character classes"
                .to_owned(),
        );
    }
    let former_age = before.and_then(|policy| policy.max_age_days);
    let Some(days) = after.max_age_days.filter(|days| former_age.is_none_or(|was| was > *days))
    else {
        return (Risk::Restrictive, impact);
    };
    let report = snapshot.iam.credential_report.known();
    let hit = report.as_ref().ok().map(|report| older_than(report, days, snapshot));
    impact.push(match (&report, hit) {
        (Ok(report), Some(hit)) => {
            let all = report.users.iter().filter(|row| row.password_enabled == Some(true)).count();
            let users = count(all, "user with a password", "users with a password");
            match (all, hit) {
                (0, _) => "there are no users with a password".to_owned(),
                (_, 0) => format!("none of {users} has one that is older than {days} days"),
                _ => format!(
                    "{hit} of {users} must set a new password at the next sign-in: older than {days} \
                     days"
                ),
            }
        }
        (Err(gap), _) => {
            format!("how many users must change their password is unknown: {}", gap.reason)
        }
        (Ok(_), None) => String::new(),
    });
    if after.hard_expiry && hit != Some(0) {
        impact.push(
            "expiry locks out: these users cannot sign in until an administrator sets a new password"
                .to_owned(),
        );
        return (Risk::Destructive, impact);
    }
    (Risk::Restrictive, impact)
}

/// Users whose password is older than this many days, or of unknown age.
fn older_than(report: &CredentialReport, days: u16, snapshot: &Snapshot) -> usize {
    let limit = jiff::SignedDuration::from_hours(i64::from(days) * 24);
    report
        .users
        .iter()
        .filter(|row| row.password_enabled == Some(true))
        .filter(|row| {
            row.password_last_changed
                .at()
                .is_none_or(|changed| snapshot.taken_at.duration_since(changed) > limit)
        })
        .count()
}
