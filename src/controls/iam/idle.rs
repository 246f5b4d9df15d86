//! 1.3: credentials that nobody uses.

use jiff::Timestamp;

use super::credentials::IDLE;
use super::report::{
    Look, Now, active_keys, ago, day, days, each_user, rotated, time, unclear, used,
};
use crate::controls::{Assess, Case, Check, Control, Outcome, Remedy};
use crate::model::{ControlId, Gap, KeyRow, Level, Read, ReportRow};

pub(super) const ID: ControlId = ControlId::new(1, 3);

/// 1.3
pub(super) static CONTROL: Control = Control {
    id: ID,
    level: Level::One,
    scored: true,
    title: "No active credential has been idle for 90 days",
    why: "A forgotten password or key still opens the account, and nobody watches for its misuse.",
    assess: Assess::Automatic { reads: &[Read::CredentialReport], context: &[], check: &InUse },
    remedy: Remedy::Automatic(&IDLE),
};

#[derive(Debug)]
struct InUse;

impl Check for InUse {
    fn assess(&self, case: &Case<'_>) -> Outcome {
        each_user(case, |row| look(Now::of(case), row))
    }
}

fn look(now: Now<'_>, row: &ReportRow) -> Look {
    let mut look = Look::default();
    match row.password_enabled {
        Some(false) => {}
        Some(true) => match password(now, row) {
            Ok(fault) => look.faults.extend(fault),
            Err(gap) => look.gaps.push(gap),
        },
        None => look.gaps.push(unclear("whether there is a password")),
    }
    for (number, key) in active_keys(row, &mut look) {
        match key_fault(now, number, key) {
            Ok(fault) => look.faults.extend(fault),
            Err(gap) => look.gaps.push(gap),
        }
    }
    look
}

/// What is wrong with an active key.
pub(super) fn key_fault(now: Now<'_>, number: u8, key: &KeyRow) -> Result<Option<String>, Gap> {
    let what = format!("access key {number}");
    Ok(match used(number, key)? {
        Some(last) => since(now, &what, "last used", last),
        None => since(now, &what, "never used, made", rotated(number, key)?),
    })
}

/// What is wrong with a password. One that was never used is as old as its setting.
pub(super) fn password(now: Now<'_>, row: &ReportRow) -> Result<Option<String>, Gap> {
    if let Some(last) = time(&row.password_last_used, "when the password was last used")? {
        return Ok(since(now, "password", "last used", last));
    }
    let what = "when the password was set";
    let set = time(&row.password_last_changed, what)?.ok_or_else(|| unclear(what))?;
    Ok(since(now, "password", "never used, set", set))
}

/// Ninety days are too many, if that is the limit.
fn since(now: Now<'_>, what: &str, how: &str, at: Timestamp) -> Option<String> {
    let idle = now.age(at);
    let too_long = idle >= days(now.limits.max_unused_days);
    too_long.then(|| format!("{what} {how} {}, on {}", ago(idle), day(at)))
}

#[cfg(test)]
mod tests {
    use super::super::report::tests_support::{ago, judge_user, key, row};
    use super::*;
    use crate::model::{KeyRow, When};

    fn with_password(used: When, changed: When) -> String {
        judge_user(
            &InUse,
            ReportRow {
                password_enabled: Some(true),
                password_last_used: used,
                password_last_changed: changed,
                ..row()
            },
        )
    }

    fn with_key(rotated: When, used: When) -> String {
        judge_user(&InUse, ReportRow { access_keys: [KeyRow::NONE, key(rotated, used)], ..row() })
    }

    const PASS: &str = "pass";

    #[test]
    fn a_finding_tells_since_when() {
        let text = with_password(ago(123, 5), ago(500, 0));
        assert!(text.starts_with("password last used 123 days ago, on 20"), "{text}");
        let text = with_key(ago(200, 0), When::NotApplicable);
        assert!(text.starts_with("access key 2 never used, made 200 days ago, on 20"), "{text}");
    }

    #[test]
    fn what_is_not_told_is_not_known() {
        let tell = "the credential report does not tell ";
        let told = |row, what: &str| assert_eq!(judge_user(&InUse, row), format!("{tell}{what}"));
        told(ReportRow { password_enabled: None, ..row() }, "whether there is a password");
        let keys = [KeyRow { active: None, ..KeyRow::NONE }, KeyRow::NONE];
        told(ReportRow { access_keys: keys, ..row() }, "whether access key 1 is active");
        let odd = || When::Other("x".to_owned());
        let password = format!("{tell}when the password was");
        assert_eq!(with_password(odd(), ago(1, 0)), format!("{password} last used"));
        assert_eq!(with_password(When::NoInformation, odd()), format!("{password} set"));
        assert_eq!(
            with_password(When::NoInformation, When::NotApplicable),
            format!("{password} set")
        );
        let second = format!("{tell}when access key 2 was");
        assert_eq!(with_key(ago(1, 0), odd()), format!("{second} last used"));
        assert_eq!(with_key(odd(), When::NotApplicable), format!("{second} made"));
        // It was used, and that is enough.
        assert_eq!(with_key(odd(), ago(1, 0)), PASS);
    }

    #[test]
    fn all_of_a_user_is_one_finding() {
        let old = || key(ago(400, 0), ago(300, 0));
        let text = judge_user(
            &InUse,
            ReportRow {
                password_enabled: Some(true),
                password_last_used: ago(100, 0),
                access_keys: [old(), old()],
                ..row()
            },
        );
        assert_eq!(text.matches(" days ago").count(), 3, "{text}");
    }
}
