//! 1.13: root has a hardware MFA device.

use crate::controls::{Assess, Case, Check, Control, Outcome, Remedy};
use crate::model::{AccountSummary, ControlId, Level, Read};

const RESOURCE: &str = "root";

/// 1.13
pub(super) static HARDWARE_MFA: Control = Control {
    id: ControlId::new(1, 13),
    level: Level::Two,
    scored: true,
    title: "Root has a hardware MFA device",
    why: "A seed kept in a telephone can be copied with it; a hardware device cannot be copied unseen.",
    assess: Assess::Automatic {
        reads: &[Read::AccountSummary, Read::VirtualMfaDevices],
        context: &[],
        check: &HardwareMfa,
    },
    remedy: Remedy::Manual(
        "Sign in as root, open \"Security credentials\", add a security key or a hardware token under \
         \"Multi-factor authentication\", then remove the virtual device, if there is one.",
    ),
};

#[derive(Debug)]
struct HardwareMfa;

impl Check for HardwareMfa {
    fn assess(&self, case: &Case<'_>) -> Outcome {
        if !case.snapshot.account.partition.is_commercial() {
            let reason = "outside the commercial partition root has no console sign-in that an API \
                          could tell of";
            return Outcome::manual(reason);
        }
        let iam = &case.snapshot.iam;
        let none = Vec::new();
        let (summary, devices) = match (iam.summary.known(), iam.virtual_mfa_devices.known()) {
            (Ok(summary), Ok(devices)) => (summary, devices),
            // Without any device the virtual ones do not matter.
            (Ok(summary), Err(_)) if !summary.root_mfa_enabled && !is_bare(summary) => {
                (summary, &none)
            }
            (Err(gap), _) | (_, Err(gap)) => return Outcome::unknown(gap),
        };
        match devices.iter().find(|device| device.is_roots()) {
            Some(device) => {
                Outcome::fail(RESOURCE, format!("root's MFA device is virtual: {}", device.serial))
            }
            None if summary.root_mfa_enabled => Outcome::PASS,
            None if is_bare(summary) => Outcome::NotApplicable {
                reason: "root has neither a password nor an access key".to_owned(),
            },
            None => Outcome::fail(RESOURCE, "root has no MFA device"),
        }
    }
}

/// Whether root has nothing to sign in with.
fn is_bare(summary: &AccountSummary) -> bool {
    summary.root_password_present == Some(false) && !summary.root_access_key_present
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{
        Action, IamQuotas, Observed, Partition, Settings, Snapshot, VirtualMfaDevice, fixture,
    };

    fn account(mfa: bool, key: bool, password: Option<bool>) -> Snapshot {
        let mut snapshot = fixture::unread();
        snapshot.iam.summary = Observed::Known(AccountSummary {
            root_mfa_enabled: mfa,
            root_access_key_present: key,
            root_password_present: password,
            quotas: IamQuotas::default(),
        });
        snapshot.iam.virtual_mfa_devices = Observed::Known(Vec::new());
        snapshot
    }

    fn judge(check: &dyn Check, snapshot: &Snapshot) -> &'static str {
        match check.assess(&Case { snapshot, settings: &Settings::default() }) {
            Outcome::Judged { findings, .. } if !findings.is_empty() => "fail",
            Outcome::Judged { missing, .. } if !missing.is_empty() => "unknown",
            Outcome::Judged { .. } | Outcome::Inherited { .. } => "pass",
            Outcome::NotApplicable { .. } => "not applicable",
            Outcome::Manual { .. } => "manual",
        }
    }

    #[test]
    fn a_virtual_device_is_no_hardware() {
        let device = |user: &str| VirtualMfaDevice {
            serial: "arn:aws:iam::111122223333:mfa/x".to_owned(),
            user: Some(format!("arn:aws:iam::111122223333:{user}")),
        };
        let judged = |mfa, key, password, devices| {
            let mut snapshot = account(mfa, key, password);
            snapshot.iam.virtual_mfa_devices = Observed::Known(devices);
            judge(&HardwareMfa, &snapshot)
        };
        assert_eq!(judged(true, false, Some(true), vec![]), "pass");
        assert_eq!(judged(true, false, Some(true), vec![device("user/alice")]), "pass");
        assert_eq!(judged(true, false, Some(true), vec![device("root")]), "fail");
        assert_eq!(judged(false, false, Some(true), vec![]), "fail");
        assert_eq!(judged(false, true, Some(false), vec![]), "fail");
        assert_eq!(judged(false, false, None, vec![]), "fail", "what is not told is not absent");
        assert_eq!(judged(false, false, Some(false), vec![]), "not applicable");
    }

    #[test]
    fn without_the_devices_nothing_passes() {
        let mut snapshot = account(true, false, Some(true));
        let action = Action::new("iam:ListVirtualMFADevices");
        snapshot.iam.virtual_mfa_devices = Observed::Denied { action };
        assert_eq!(judge(&HardwareMfa, &snapshot), "unknown");
        snapshot.account.partition = Partition::of_arn("arn:aws-us-gov:iam::1:root").unwrap();
        assert_eq!(judge(&HardwareMfa, &snapshot), "manual");
    }
}
