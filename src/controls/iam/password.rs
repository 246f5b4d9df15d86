//! 1.5 to 1.11: the password policy of the account. Seven rules, one read, one merged write.

mod raise;

use crate::controls::{Assess, Case, Check, Control, Outcome, Remedy};
use crate::model::{ControlId, Level, PasswordPolicy, PasswordSettings, Read};
use raise::RAISE;

const RESOURCE: &str = "password-policy";

/// One rule of the policy.
#[derive(Debug)]
struct Rule {
    id: ControlId,
    level: Level,
    title: &'static str,
    why: &'static str,
    /// What is wrong with a policy, if anything.
    lacks: fn(&PasswordPolicy, &PasswordSettings) -> Option<String>,
    /// Raises a policy to the rule, and never lowers it.
    raise: fn(&mut PasswordPolicy, &PasswordSettings),
}

static RULES: [Rule; 7] = [
    Rule {
        id: ControlId::new(1, 5),
        level: Level::One,
        title: "Passwords hold an upper-case letter",
        why: "A larger set of characters makes a password slower to guess.",
        lacks: |policy, _| unless(policy.require_uppercase, "upper-case letters"),
        raise: |policy, _| policy.require_uppercase = true,
    },
    Rule {
        id: ControlId::new(1, 6),
        level: Level::One,
        title: "Passwords hold a lower-case letter",
        why: "A larger set of characters makes a password slower to guess.",
        lacks: |policy, _| unless(policy.require_lowercase, "lower-case letters"),
        raise: |policy, _| policy.require_lowercase = true,
    },
    Rule {
        id: ControlId::new(1, 7),
        level: Level::One,
        title: "Passwords hold a symbol",
        why: "A larger set of characters makes a password slower to guess.",
        lacks: |policy, _| unless(policy.require_symbols, "symbols"),
        raise: |policy, _| policy.require_symbols = true,
    },
    Rule {
        id: ControlId::new(1, 8),
        level: Level::One,
        title: "Passwords hold a number",
        why: "A larger set of characters makes a password slower to guess.",
        lacks: |policy, _| unless(policy.require_numbers, "numbers"),
        raise: |policy, _| policy.require_numbers = true,
    },
    Rule {
        id: ControlId::new(1, 9),
        level: Level::Two,
        title: "Passwords are at least 14 characters long",
        why: "Every further character multiplies the work of guessing.",
        lacks: |policy, settings| {
            let (is, least) = (policy.minimum_length, settings.minimum_length);
            (is < least).then(|| format!("the minimum length is {is}, not {least}"))
        },
        raise: |policy, settings| {
            policy.minimum_length = policy.minimum_length.max(settings.minimum_length);
        },
    },
    Rule {
        id: ControlId::new(1, 10),
        level: Level::One,
        title: "The last 24 passwords cannot be used again",
        why: "A password that leaked once should not come back.",
        lacks: |policy, settings| {
            let (is, least) = (policy.reuse_prevention.unwrap_or(0), settings.reuse_prevention);
            (is < least).then(|| match is {
                0 => format!("no former password is remembered, not {least}"),
                1 => format!("1 former password is remembered, not {least}"),
                is => format!("{is} former passwords are remembered, not {least}"),
            })
        },
        raise: |policy, settings| {
            policy.reuse_prevention = policy.reuse_prevention.max(Some(settings.reuse_prevention));
        },
    },
    Rule {
        id: ControlId::new(1, 11),
        level: Level::One,
        title: "Passwords expire within 90 days",
        why: "A password that leaked unnoticed stops working after a while.",
        lacks: |policy, settings| {
            let most = settings.max_age_days;
            match policy.max_age_days {
                None => Some(format!("passwords never expire; they should within {most} days")),
                Some(is) if is > most => {
                    Some(format!("passwords expire after {is} days, not {most}"))
                }
                Some(_) => None,
            }
        },
        raise: |policy, settings| {
            let most = settings.max_age_days;
            policy.max_age_days = Some(policy.max_age_days.map_or(most, |is| is.min(most)));
        },
    },
];

/// 1.5 to 1.11, in order.
pub(super) static CONTROLS: [Control; 7] = [
    control(&RULES[0]),
    control(&RULES[1]),
    control(&RULES[2]),
    control(&RULES[3]),
    control(&RULES[4]),
    control(&RULES[5]),
    control(&RULES[6]),
];

const fn control(rule: &'static Rule) -> Control {
    Control {
        id: rule.id,
        level: rule.level,
        scored: true,
        title: rule.title,
        why: rule.why,
        assess: Assess::Automatic {
            reads: &[Read::PasswordPolicy],
            // Tells how many users a shorter password age hits.
            context: &[Read::CredentialReport],
            check: rule,
        },
        remedy: Remedy::Automatic(&RAISE),
    }
}

fn unless(required: bool, what: &str) -> Option<String> {
    (!required).then(|| format!("{what} are not required"))
}

impl Check for Rule {
    fn assess(&self, case: &Case<'_>) -> Outcome {
        let lacking = match case.snapshot.iam.password_policy.known() {
            Err(gap) => return Outcome::unknown(gap),
            Ok(None) => Some("the account has no password policy of its own".to_owned()),
            Ok(Some(policy)) => (self.lacks)(policy, &case.settings.password_policy),
        };
        lacking.map_or(Outcome::PASS, |summary| Outcome::fail(RESOURCE, summary))
    }
}

#[cfg(test)]
mod tests {
    use super::raise::propose;
    use super::*;
    use crate::change::{Operation, Risk};
    use crate::controls::{Finding, NotPlanned, Scope};
    use crate::model::{
        Action, CredentialReport, KeyRow, Observed, ReportRow, Settings, Snapshot, When, fixture,
    };

    fn account(policy: Observed<Option<PasswordPolicy>>) -> Snapshot {
        let mut snapshot = fixture::unread();
        snapshot.iam.password_policy = policy;
        snapshot
    }

    fn failing(snapshot: &Snapshot) -> Vec<String> {
        let case = Case { snapshot, settings: &Settings::default() };
        let fails = |rule: &&Rule| rule.assess(&case) != Outcome::PASS;
        RULES.iter().filter(fails).map(|rule| rule.id.to_string()).collect()
    }

    fn good() -> PasswordPolicy {
        PasswordPolicy {
            minimum_length: 14,
            reuse_prevention: Some(24),
            max_age_days: Some(90),
            ..PasswordPolicy::IN_PLACE_OF_NONE
        }
    }

    #[test]
    fn each_rule_looks_at_its_own_field() {
        type Spoil = (&'static str, fn(&mut PasswordPolicy));
        let spoil: [Spoil; 9] = [
            ("1.5", |policy| policy.require_uppercase = false),
            ("1.6", |policy| policy.require_lowercase = false),
            ("1.7", |policy| policy.require_symbols = false),
            ("1.8", |policy| policy.require_numbers = false),
            ("1.9", |policy| policy.minimum_length = 13),
            ("1.10", |policy| policy.reuse_prevention = Some(23)),
            ("1.10", |policy| policy.reuse_prevention = None),
            ("1.11", |policy| policy.max_age_days = Some(91)),
            ("1.11", |policy| policy.max_age_days = None),
        ];
        for (id, spoil) in spoil {
            let mut policy = good();
            spoil(&mut policy);
            assert_eq!(failing(&account(Observed::Known(Some(policy)))), [id]);
        }
        assert!(failing(&account(Observed::Known(Some(good())))).is_empty());
    }

    #[test]
    fn no_policy_fails_all_and_an_unread_one_is_unknown() {
        assert_eq!(failing(&account(Observed::Known(None))).len(), 7);
        let action = Action::new("iam:GetAccountPasswordPolicy");
        let denied = account(Observed::Denied { action: action.clone() });
        let case = Case { snapshot: &denied, settings: &Settings::default() };
        let unknown = Outcome::unknown(crate::model::Gap::denied(action));
        assert!(RULES.iter().all(|rule| rule.assess(&case) == unknown));
    }

    fn propose_all(snapshot: &Snapshot) -> (PasswordPolicy, Risk, Vec<String>) {
        let finding =
            Finding { region: None, resource: RESOURCE.to_owned(), summary: String::new() };
        let wanted = RULES.iter().map(|rule| (rule.id, vec![&finding])).collect();
        let proposal =
            propose(&Case { snapshot, settings: &Settings::default() }, &wanted, &Scope::whole());
        assert_eq!(proposal.not_planned, Vec::<NotPlanned>::new());
        let [bundle] = proposal.bundles.as_slice() else { panic!("one write") };
        let [step] = bundle.steps.as_slice() else { panic!("one write") };
        let Operation::UpdateAccountPasswordPolicy { policy } = &step.operation else {
            panic!("{step:?}")
        };
        (policy.clone(), step.risk, step.impact.clone())
    }

    #[test]
    fn one_write_raises_all_and_keeps_what_is_stricter() {
        let strict = PasswordPolicy {
            minimum_length: 20,
            require_symbols: false,
            max_age_days: Some(60),
            hard_expiry: true,
            allow_users_to_change: false,
            ..good()
        };
        let expected = PasswordPolicy { require_symbols: true, ..strict.clone() };
        let (policy, risk, impact) = propose_all(&account(Observed::Known(Some(strict))));
        assert_eq!((policy, risk, impact), (expected, Risk::Restrictive, Vec::new()));
    }

    #[test]
    fn the_users_that_a_shorter_age_hits_are_counted() {
        let user = |enabled, age: i64| ReportRow {
            arn: None,
            user: "someone".to_owned(),
            password_enabled: Some(enabled),
            password_last_changed: When::At(
                fixture::unread().taken_at - jiff::SignedDuration::from_hours(24 * age),
            ),
            password_last_used: When::NoInformation,
            mfa_active: Some(true),
            access_keys: [KeyRow::NONE, KeyRow::NONE],
        };
        let mut policy = PasswordPolicy { max_age_days: Some(180), ..good() };
        for (hard, risk) in [(false, Risk::Restrictive), (true, Risk::Destructive)] {
            policy.hard_expiry = hard;
            let mut snapshot = account(Observed::Known(Some(policy.clone())));
            snapshot.iam.credential_report = Observed::Known(CredentialReport {
                generated_at: snapshot.taken_at,
                root: None,
                users: vec![user(true, 90), user(true, 91), user(false, 400)],
            });
            let (_, planned, impact) = propose_all(&snapshot);
            assert_eq!(planned, risk, "nobody is locked out unasked");
            assert!(impact[0].starts_with("1 of 2 users with a password must"), "{impact:?}");
        }
    }
}
