//! 1.4: access keys that are too old, or that nobody needs.

use super::credentials::OLD;
use super::report::{Look, Now, active_keys, ago, day, days, each_user, rotated, used};
use crate::controls::{Assess, Case, Check, Control, Outcome, Remedy};
use crate::model::{ControlId, Gap, KeyRow, Level, Read, ReportRow};

/// The benchmark wants each key used since it was made; a new one is given so many days for it.
const GRACE_DAYS: u16 = 7;

pub(super) const ID: ControlId = ControlId::new(1, 4);

/// 1.4
pub(super) static CONTROL: Control = Control {
    id: ID,
    level: Level::One,
    scored: true,
    title: "Active access keys are at most 90 days old",
    why: "Keys leak into code, logs and laptops. The older a key, the more copies of it there are.",
    assess: Assess::Automatic { reads: &[Read::CredentialReport], context: &[], check: &Young },
    remedy: Remedy::Automatic(&OLD),
};

#[derive(Debug)]
struct Young;

impl Check for Young {
    fn assess(&self, case: &Case<'_>) -> Outcome {
        each_user(case, |row| look(Now::of(case), row))
    }
}

fn look(now: Now<'_>, row: &ReportRow) -> Look {
    let mut look = Look::default();
    for (number, key) in active_keys(row, &mut look) {
        match key_fault(now, number, key) {
            Ok(fault) => look.faults.extend(fault),
            Err(gap) => look.gaps.push(gap),
        }
    }
    look
}

/// What is wrong with an active key: its age before its use.
pub(super) fn key_fault(now: Now<'_>, number: u8, key: &KeyRow) -> Result<Option<String>, Gap> {
    let made = rotated(number, key)?;
    let old = now.age(made);
    let so_old = format!("{}, on {}", ago(old), day(made));
    if old > days(now.limits.max_key_age_days) {
        return Ok(Some(format!("access key {number} made {so_old}")));
    }
    if old < days(GRACE_DAYS) {
        return Ok(None);
    }
    let unused = used(number, key)?.is_none_or(|last| last < made);
    Ok(unused.then(|| format!("access key {number} never used since it was made {so_old}")))
}

#[cfg(test)]
mod tests {
    use super::super::report::tests_support::{ago, judge_user, key, row};
    use super::*;
    use crate::model::When;

    fn with_key(rotated: When, used: When) -> String {
        judge_user(&Young, ReportRow { access_keys: [key(rotated, used), KeyRow::NONE], ..row() })
    }

    #[test]
    fn a_finding_tells_since_when() {
        let text = with_key(ago(120, 3), ago(1, 0));
        assert!(text.starts_with("access key 1 made 120 days ago, on 20"), "{text}");
        let text = with_key(ago(7, 0), ago(60, 0));
        let start = "access key 1 never used since it was made 7 days ago";
        assert!(text.starts_with(start), "{text}");
    }

    #[test]
    fn what_is_not_told_is_not_known() {
        let odd = || When::Other("x".to_owned());
        let tell = "the credential report does not tell when access key 1 was";
        assert_eq!(with_key(odd(), ago(1, 0)), format!("{tell} made"));
        assert_eq!(with_key(When::NotApplicable, ago(1, 0)), format!("{tell} made"));
        assert_eq!(with_key(ago(8, 0), odd()), format!("{tell} last used"));
        // Too old is too old, however it was used.
        assert!(with_key(ago(91, 0), odd()).starts_with("access key 1 made 91 days ago"));
    }
}
