//! Devices: what kind one is, and what a new one is called.

use jiff::Timestamp;
use serde::Serialize;

use crate::model::VirtualMfaDevice;

/// The most devices that AWS lets a user have.
pub const MOST_DEVICES: usize = 8;

/// A device that a user signs in with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Device {
    /// The ARN, or the number that is printed on the device.
    pub serial: String,
    /// What it is.
    pub kind: DeviceKind,
    /// Since when it is the user's.
    pub enabled_at: Option<Timestamp>,
}

/// What a device is, as far as its serial tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DeviceKind {
    /// An app that shows codes.
    Virtual,
    /// A passkey or a security key: its serial does not tell which.
    Passkey,
    /// A token that shows codes.
    Hardware,
    /// An ARN of a form that this version does not know.
    Other,
}

impl DeviceKind {
    /// Reads the kind from the serial: only hardware tokens have one that is no ARN.
    pub fn of_serial(serial: &str) -> Self {
        if !serial.starts_with("arn:") {
            return Self::Hardware;
        }
        let resource = serial.splitn(6, ':').nth(5).unwrap_or_default();
        match resource.split('/').next() {
            Some("mfa") => Self::Virtual,
            Some("u2f") => Self::Passkey,
            _ => Self::Other,
        }
    }

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Virtual => "virtual",
            Self::Passkey => "passkey",
            Self::Hardware => "hardware",
            Self::Other => "other",
        }
    }
}

/// What a new device is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameChoice {
    /// The name.
    pub name: String,
    /// Nobody's device that has the user's name: it stays as it is.
    pub nobodys: Option<String>,
}

/// Takes the user's name, or the first free one that begins with it; `taken` are all virtual devices.
pub fn choose_name(user: &str, taken: &[VirtualMfaDevice]) -> NameChoice {
    // The path does not count: two devices that are told apart by it only would confuse people.
    let taken: Vec<(&str, &VirtualMfaDevice)> = taken
        .iter()
        .map(|device| (device.serial.rsplit('/').next().unwrap_or(&device.serial), device))
        .collect();
    let is_taken = |name: &str| taken.iter().any(|(other, _)| other.eq_ignore_ascii_case(name));
    let nobodys = taken
        .iter()
        .find(|(name, device)| device.user.is_none() && name.eq_ignore_ascii_case(user))
        .map(|(_, device)| device.serial.clone());
    let mut name = user.to_owned();
    let mut number = 2_u32;
    while is_taken(&name) {
        name = format!("{user}-{number}");
        number += 1;
    }
    NameChoice { name, nobodys }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_serial_tells_the_kind() {
        let table = [
            ("arn:aws:iam::111122223333:mfa/al", DeviceKind::Virtual),
            ("arn:aws-cn:iam::111122223333:mfa/path/al", DeviceKind::Virtual),
            ("arn:aws:iam::111122223333:u2f/user/al/blue-ABC", DeviceKind::Passkey),
            ("arn:aws:iam::111122223333:sms-mfa/al", DeviceKind::Other),
            ("arn:aws:iam", DeviceKind::Other),
            ("GAHT12345678", DeviceKind::Hardware),
        ];
        for (serial, kind) in table {
            assert_eq!(DeviceKind::of_serial(serial), kind, "{serial}");
        }
    }

    #[test]
    fn a_free_name_is_taken() {
        let arn = |name: &str| format!("arn:aws:iam::111122223333:mfa/{name}");
        let chosen = |taken: &[(&str, bool)]| {
            let device = |(name, held): &(&str, bool)| VirtualMfaDevice {
                serial: arn(name),
                user: held.then(|| "arn:aws:iam::111122223333:user/someone".to_owned()),
            };
            choose_name("al", &taken.iter().map(device).collect::<Vec<_>>())
        };
        let named = |name: &str| NameChoice { name: name.to_owned(), nobodys: None };
        assert_eq!(chosen(&[("alba", true)]), named("al"));
        assert_eq!(chosen(&[("AL", true), ("x/al-2", true)]), named("al-3"));
        assert_eq!(chosen(&[("al-2", false), ("al", true)]), named("al-3"));
        let nobodys = chosen(&[("AL", false)]);
        assert_eq!(nobodys, NameChoice { nobodys: Some(arn("AL")), ..named("al-2") });
    }
}
