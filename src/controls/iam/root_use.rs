//! 1.1: root rests.

use super::report::{Now, day, days, time, unclear, used};
use crate::controls::words::list;
use crate::controls::{Assess, Case, Check, Control, Finding, Missing, Outcome, Remedy};
use crate::model::{ControlId, Gap, Level, Read, ReportRow, UsedFor};

const RESOURCE: &str = "root";

/// 1.1
pub(super) static CONTROL: Control = Control {
    id: ControlId::new(1, 1),
    level: Level::One,
    scored: true,
    title: "Root is not used for daily work",
    why: "Root can do anything and no IAM policy holds it back. Nothing tells which person was at \
          work.",
    assess: Assess::Automatic { reads: &[Read::CredentialReport], context: &[], check: &RootRests },
    remedy: Remedy::Manual(
        "Find out who used it, and for what: CloudTrail keeps the events of 90 days under the user name \
         root. Let people and machines do that with roles of their own. It passes once root has rested \
         for `credentials.root_max_days`.",
    ),
};

#[derive(Debug)]
struct RootRests;

impl Check for RootRests {
    fn assess(&self, case: &Case<'_>) -> Outcome {
        let report = match case.snapshot.iam.credential_report.known() {
            Ok(report) => report,
            Err(gap) => return Outcome::unknown(gap),
        };
        let Some(root) = &report.root else { return Outcome::unknown(unclear("anything of root")) };
        let (mut uses, mut missing) = (Vec::new(), Vec::new());
        for told in signs(case, root) {
            match told {
                Ok(sign) => uses.extend(sign),
                Err(gap) => missing.push(Missing { region: None, resource: None, gap }),
            }
        }
        let findings = if uses.is_empty() {
            Vec::new()
        } else {
            vec![Finding::of_account(RESOURCE, format!("root {}", list(&uses)))]
        };
        Outcome::Judged { findings, missing, pending: Vec::new(), notes: Vec::new() }
    }
}

/// What root was lately used by, in words.
fn signs(case: &Case<'_>, root: &ReportRow) -> Vec<Result<Option<String>, Gap>> {
    let now = Now::of(case);
    let rest = days(now.limits.root_max_days);
    let password = time(&root.password_last_used, "when root last signed in").map(|at| {
        let lately = at.filter(|at| now.age(*at) < rest)?;
        Some(format!("signed in with its password on {}", day(lately)))
    });
    let keys = (1..).zip(&root.access_keys).map(|(number, key)| {
        let at = used(number, key)?;
        Ok(at.filter(|at| now.age(*at) < rest).map(|at| {
            let what =
                key.used_for.as_ref().map_or_else(String::new, |UsedFor { service, region }| {
                    format!(", for {service} in {region}")
                });
            format!("used access key {number} on {}{what}", day(at))
        }))
    });
    std::iter::once(password).chain(keys).collect()
}

#[cfg(test)]
mod tests {
    use super::super::report::tests_support::{account, ago, judge, key, row};
    use super::*;
    use crate::model::{Settings, When};

    fn root(password: When, first: When, second: When) -> ReportRow {
        let made = ago(1000, 0);
        ReportRow {
            user: "<root_account>".to_owned(),
            password_enabled: None,
            password_last_used: password,
            password_last_changed: When::NotSupported,
            access_keys: [key(made.clone(), first), key(made, second)],
            ..row()
        }
    }

    fn judged(password: When, first: When, second: When) -> String {
        judge(&RootRests, &account(Some(root(password, first, second)), vec![]))
    }

    #[test]
    fn whatever_root_was_used_by_is_told() {
        let never = When::NotApplicable;
        let none = When::NoInformation;
        let text = judged(ago(89, 23), never.clone(), never.clone());
        assert!(text.starts_with("root signed in with its password on 20"), "{text}");
        let text = judged(none.clone(), never.clone(), ago(0, 1));
        assert!(text.starts_with("root used access key 2 on 20"), "{text}");
        let text = judged(ago(3, 0), ago(2, 0), never);
        assert!(
            text.contains("password on ") && text.contains(" and used access key 1 on "),
            "{text}"
        );
        let odd = When::Other("soon".to_owned());
        let told = "the credential report does not tell when access key 1 was last used";
        assert_eq!(judged(none, odd.clone(), ago(91, 0)), told);
        assert!(judged(ago(1, 0), odd, ago(91, 0)).starts_with("root signed in"));
    }

    #[test]
    fn a_key_tells_what_for() {
        let mut root = root(When::NoInformation, ago(5, 0), When::NotApplicable);
        let (service, region) = ("s3".to_owned(), "eu-west-1".to_owned());
        root.access_keys[0].used_for = Some(UsedFor { service, region });
        let text = judge(&RootRests, &account(Some(root), vec![]));
        assert!(text.ends_with(", for s3 in eu-west-1"), "{text}");
    }

    #[test]
    fn the_days_are_a_setting() {
        let snapshot =
            account(Some(root(ago(10, 0), When::NotApplicable, When::NotApplicable)), vec![]);
        let mut settings = Settings::default();
        settings.credentials.root_max_days = 10;
        let outcome = RootRests.assess(&Case { snapshot: &snapshot, settings: &settings });
        let Outcome::Judged { findings, .. } = outcome else { panic!() };
        assert_eq!(findings, []);
    }

    #[test]
    fn without_the_row_of_root_nothing_is_known() {
        assert_eq!(
            judge(&RootRests, &account(None, vec![])),
            "the credential report does not tell anything of root"
        );
        assert_eq!(judge(&RootRests, &crate::model::fixture::unread()), "not read");
    }
}
