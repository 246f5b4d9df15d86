//! 1.2: how people sign in.

use super::report::{Look, each_user, unclear};
use crate::controls::{Assess, Case, Check, Control, Outcome, Remedy};
use crate::model::{ControlId, Level, Read, ReportRow};

/// 1.2
pub(super) static CONSOLE_MFA: Control = Control {
    id: ControlId::new(1, 2),
    level: Level::One,
    scored: true,
    title: "Console users sign in with a second factor",
    why: "With a second factor, a guessed or stolen password alone opens nothing.",
    assess: Assess::Automatic {
        reads: &[Read::CredentialReport],
        context: &[],
        check: &SecondFactor,
    },
    remedy: Remedy::Manual(
        "Only the person who holds the device can enrol it: an authenticator app with `harden mfa enroll \
         USER`, a passkey or a hardware token on the console, under \"Security credentials\", at \
         \"Multi-factor authentication\". Whoever does not need the console needs no password either.",
    ),
};

#[derive(Debug)]
struct SecondFactor;

impl Check for SecondFactor {
    fn assess(&self, case: &Case<'_>) -> Outcome {
        each_user(case, look)
    }
}

fn look(row: &ReportRow) -> Look {
    let mut look = Look::default();
    match (row.password_enabled, row.mfa_active) {
        // Without a password, or with a device, the other does not matter.
        (Some(false), _) | (Some(true) | None, Some(true)) => {}
        (Some(true), Some(false)) => {
            look.faults.push("a password and no MFA device".to_owned());
        }
        (None, Some(false) | None) => look.gaps.push(unclear("whether there is a password")),
        (Some(true), None) => look.gaps.push(unclear("whether there is an MFA device")),
    }
    look
}

#[cfg(test)]
mod tests {
    use super::super::report::tests_support::{judge_user, row};
    use super::*;

    #[test]
    fn what_is_wrong_or_unclear_is_told() {
        let unclear = |what| format!("the credential report does not tell whether there is {what}");
        let judged = |password_enabled, mfa_active| {
            judge_user(&SecondFactor, ReportRow { password_enabled, mfa_active, ..row() })
        };
        assert_eq!(judged(Some(true), Some(false)), "a password and no MFA device");
        assert_eq!(judged(Some(true), None), unclear("an MFA device"));
        assert_eq!(judged(None, Some(false)), unclear("a password"));
        assert_eq!(judged(None, None), unclear("a password"));
    }
}
