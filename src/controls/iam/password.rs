//! 1.5 to 1.11: the password policy of the account. Seven rules, one read, one merged write.

use crate::change::{Operation, Risk};
use crate::controls::words::count;
use crate::controls::{
    Assess, Bundle, Case, Check, Control, Fix, Outcome, Proposal, Remedy, Step, Wanted,
};
use crate::model::{
    ControlId, CredentialReport, Level, PasswordPolicy, PasswordSettings, Read, Snapshot,
};

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

static RAISE: Fix = Fix {
    name: "password-policy",
    changes: "One iam:UpdateAccountPasswordPolicy with every field: those that fall short are raised \
              to the baseline, all others stay as they are. Where the account has no policy, one is \
              made that is at least as strict as what AWS enforces without one.",
    breaks: "Users whose password is older than the new age must change it when they next sign in. \
             The other rules count from the next change of a password. Access keys and root's \
             password are not concerned.",
    undo: "The former policy is set again, field by field, or deleted where there was none.",
    propose,
};

fn propose(case: &Case<'_>, wanted: &Wanted<'_>) -> Proposal {
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
