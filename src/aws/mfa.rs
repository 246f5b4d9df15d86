//! IAM: the MFA devices of users, and the three calls of an enrolment.
//!
//! The answer that holds a seed is taken apart here: the seed goes on in memory that is wiped, all else of it
//! is wiped at once.

use aws_sdk_iam::types::AssignmentStatusType;
use jiff::Timestamp;
use secrecy::zeroize::Zeroizing;

use super::iam::{PAGE, virtual_devices};
use super::{Clients, ServiceError};
use crate::approval::Consent;
use crate::mfa::{Codes, Device, DeviceKind, NewDevice, Seed};
use crate::model::{Action, VirtualMfaDevice};

const CREATE: &str = "iam:CreateVirtualMFADevice";
const ENABLE: &str = "iam:EnableMFADevice";
const DELETE: &str = "iam:DeleteVirtualMFADevice";

/// Every permission that enrolling and listing take, beside those that the credential report takes.
pub(crate) const ACTIONS: [Action; 5] = [
    Action::new(CREATE),
    Action::new(DELETE),
    Action::new(ENABLE),
    Action::new("iam:ListMFADevices"),
    Action::new("iam:ListVirtualMFADevices"),
];

/// What became of codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Enabled {
    /// The device is the user's.
    Yes,
    /// AWS does not take the codes.
    WrongCodes,
    /// The device is somebody's already.
    Before,
}

/// What became of a device that was to be deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deleted {
    /// It is gone.
    Yes,
    /// AWS knows no such device: it is gone, or so new that AWS does not see it everywhere yet.
    Absent,
    /// It is somebody's.
    InUse,
}

/// The devices of a user; `None`: there is no such user.
pub(crate) async fn devices_of(
    clients: &Clients,
    user: &str,
) -> Result<Option<Vec<Device>>, ServiceError> {
    let listed = clients.iam().call("iam:ListMFADevices", |iam| {
        let list = iam.list_mfa_devices().user_name(user).max_items(PAGE);
        list.into_paginator().items().send().try_collect()
    });
    match listed.await {
        Ok(devices) => Ok(Some(devices.into_iter().map(device_of).collect())),
        Err(error) if has_code(&error, "NoSuchEntity") => Ok(None),
        Err(error) => Err(error),
    }
}

fn device_of(device: aws_sdk_iam::types::MfaDevice) -> Device {
    Device {
        kind: DeviceKind::of_serial(&device.serial_number),
        enabled_at: Timestamp::from_second(device.enable_date.secs()).ok(),
        serial: device.serial_number,
    }
}

/// All virtual devices, somebody's and nobody's.
pub(crate) async fn all_virtual(clients: &Clients) -> Result<Vec<VirtualMfaDevice>, ServiceError> {
    virtual_devices(clients, AssignmentStatusType::Any).await
}

/// Makes a virtual device; `None`: there is one of that name.
pub(crate) async fn create(
    clients: &Clients,
    name: &str,
    _: &Consent,
) -> Result<Option<NewDevice>, ServiceError> {
    let answer = clients
        .once()
        .iam()
        .call(CREATE, |iam| iam.create_virtual_mfa_device().virtual_mfa_device_name(name).send());
    let device = match answer.await {
        Ok(answer) => answer.virtual_mfa_device,
        Err(error) if has_code(&error, "EntityAlreadyExists") => return Ok(None),
        Err(error) => return Err(error),
    };
    let doubtful = |message| ServiceError::doubtful(Action::new(CREATE), message);
    let device = device.ok_or_else(|| doubtful("an answer without a device"))?;
    // A picture of the same secret: harden draws its own.
    drop(device.qr_code_png.map(|picture| Zeroizing::new(picture.into_inner())));
    let bytes = device.base32_string_seed.map(aws_smithy_types::Blob::into_inner);
    let text = bytes.and_then(|bytes| {
        String::from_utf8(bytes).map_err(|error| Zeroizing::new(error.into_bytes())).ok()
    });
    let seed = text.and_then(Seed::new).ok_or_else(|| doubtful("an answer without a seed"))?;
    Ok(Some(NewDevice { serial: device.serial_number, seed }))
}

/// Gives a device to the user who was agreed to.
pub(crate) async fn enable(
    clients: &Clients,
    serial: &str,
    codes: &Codes,
    consent: &Consent,
) -> Result<Enabled, ServiceError> {
    let answer = clients.once().iam().call(ENABLE, |iam| {
        iam.enable_mfa_device()
            .user_name(consent.user())
            .serial_number(serial)
            .authentication_code1(codes.first())
            .authentication_code2(codes.second())
            .send()
    });
    match answer.await {
        Ok(_) => Ok(Enabled::Yes),
        Err(error) if has_code(&error, "InvalidAuthenticationCode") => Ok(Enabled::WrongCodes),
        Err(error) if has_code(&error, "EntityAlreadyExists") => Ok(Enabled::Before),
        Err(error) => Err(error),
    }
}

/// Deletes a device that harden made and that is nobody's: AWS deletes no other.
pub(crate) async fn delete(
    clients: &Clients,
    serial: &str,
    _: &Consent,
) -> Result<Deleted, ServiceError> {
    let answer = clients
        .once()
        .iam()
        .call(DELETE, |iam| iam.delete_virtual_mfa_device().serial_number(serial).send());
    match answer.await {
        Ok(_) => Ok(Deleted::Yes),
        Err(error) if has_code(&error, "NoSuchEntity") => Ok(Deleted::Absent),
        Err(error) if has_code(&error, "DeleteConflict") => Ok(Deleted::InUse),
        Err(error) => Err(error),
    }
}

fn has_code(error: &ServiceError, code: &str) -> bool {
    // IAM spells some codes with a suffix.
    error.code.as_deref().is_some_and(|given| given.trim_end_matches("Exception") == code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::ErrorKind;
    use crate::aws::fake::{Fake, fake, iam_error};

    // `JBSWY3DPEHPK3PXP`, as IAM writes bytes.
    const SEED: &str = "SkJTV1kzRFBFSFBLM1BYUA==";

    fn consent() -> Consent {
        Consent::given("al", true).unwrap()
    }

    fn refusing(status: u16, code: &'static str) -> Fake {
        fake(move |_| iam_error(status, code, "no"))
    }

    /// The answer to a call, as IAM wraps it.
    fn result(call: &str, inside: &str) -> (u16, String) {
        let result = format!("<{call}Result>{inside}</{call}Result>");
        (200, format!("<{call}Response>{result}</{call}Response>"))
    }

    fn made(inside: &str) -> Fake {
        let device = format!("<VirtualMFADevice>{inside}</VirtualMFADevice>");
        fake(move |_| result("CreateVirtualMFADevice", &device))
    }

    fn codes() -> Codes {
        Codes::new("123456".parse().unwrap(), "654321".parse().unwrap()).unwrap()
    }

    #[tokio::test]
    async fn devices_come_page_by_page_and_nobody_is_no_error() {
        let fake = fake(|request| {
            let (serial, more) = if request.contains("Marker=next") {
                ("GAHT1", "<IsTruncated>false</IsTruncated>")
            } else {
                ("arn:aws:iam::1:mfa/al", "<IsTruncated>true</IsTruncated><Marker>next</Marker>")
            };
            let device = format!(
                "<member><UserName>al</UserName><SerialNumber>{serial}</SerialNumber>\
                 <EnableDate>2026-11-25T20:00:00Z</EnableDate></member>"
            );
            result("ListMFADevices", &format!("<MFADevices>{device}</MFADevices>{more}"))
        });
        let devices = devices_of(&fake.clients, "al").await.unwrap().unwrap();
        let kinds: Vec<_> = devices.iter().map(|device| device.kind).collect();
        assert_eq!(kinds, [DeviceKind::Virtual, DeviceKind::Hardware]);
        assert_eq!(devices[0].enabled_at, Some("2026-11-25T20:00:00Z".parse().unwrap()));
        assert!(fake.requests("UserName=al").len() == 2);

        let nobody = refusing(404, "NoSuchEntity");
        assert_eq!(devices_of(&nobody.clients, "al").await, Ok(None));
        let denied = refusing(403, "AccessDenied");
        assert_eq!(devices_of(&denied.clients, "al").await.unwrap_err().kind, ErrorKind::Denied);
    }

    #[tokio::test]
    async fn a_new_device_has_a_seed() {
        let serial = "<SerialNumber>arn:aws:iam::1:mfa/al</SerialNumber>";
        let fake = made(&format!(
            "{serial}<Base32StringSeed>{SEED}</Base32StringSeed><QRCodePNG>AAAA</QRCodePNG>"
        ));
        let device = create(&fake.clients, "al", &consent()).await.unwrap().unwrap();
        assert_eq!(device.serial, "arn:aws:iam::1:mfa/al");
        assert_eq!(*device.seed.groups(), "JBSW Y3DP EHPK 3PXP");
        let sent = &fake.requests("Action=CreateVirtualMFADevice")[0];
        assert!(sent.contains("VirtualMFADeviceName=al") && !sent.contains("Tags"), "{sent}");

        let taken = refusing(409, "EntityAlreadyExists");
        assert!(create(&taken.clients, "al", &consent()).await.unwrap().is_none());
        // There is a device then, of which nobody knows the seed.
        for inside in
            [serial.to_owned(), format!("{serial}<Base32StringSeed>AAAA</Base32StringSeed>")]
        {
            let error = create(&made(&inside).clients, "al", &consent()).await.unwrap_err();
            assert!(error.ambiguous, "{error:?}");
        }
    }

    #[tokio::test]
    async fn writes_are_sent_once() {
        let fake = refusing(500, "ServiceFailure");
        assert!(create(&fake.clients, "al", &consent()).await.unwrap_err().ambiguous);
        assert!(enable(&fake.clients, "arn", &codes(), &consent()).await.unwrap_err().ambiguous);
        assert!(delete(&fake.clients, "arn", &consent()).await.unwrap_err().ambiguous);
        assert_eq!(fake.requests("Action=").len(), 3);
    }

    #[tokio::test]
    async fn codes_are_sent_in_order_and_for_the_user_agreed_to() {
        let fake = fake(|_| (200, "<R></R>".to_owned()));
        let done = enable(&fake.clients, "arn:aws:iam::1:mfa/al", &codes(), &consent()).await;
        assert_eq!(done, Ok(Enabled::Yes));
        let sent = &fake.requests("Action=EnableMFADevice")[0];
        for field in [
            "UserName=al",
            "SerialNumber=arn%3Aaws%3Aiam%3A%3A1%3Amfa%2Fal",
            "AuthenticationCode1=123456",
            "AuthenticationCode2=654321",
        ] {
            assert!(sent.contains(field), "{field} in {sent}");
        }
    }

    #[tokio::test]
    async fn refusals_are_told_apart() {
        for (code, expected) in [
            ("InvalidAuthenticationCode", Enabled::WrongCodes),
            ("InvalidAuthenticationCodeException", Enabled::WrongCodes),
            ("EntityAlreadyExists", Enabled::Before),
        ] {
            let fake = refusing(403, code);
            assert_eq!(enable(&fake.clients, "arn", &codes(), &consent()).await, Ok(expected));
        }
        for (code, expected) in
            [("NoSuchEntity", Deleted::Absent), ("DeleteConflict", Deleted::InUse)]
        {
            let fake = refusing(409, code);
            assert_eq!(delete(&fake.clients, "arn", &consent()).await, Ok(expected));
        }
        let busy = refusing(409, "EntityTemporarilyUnmodifiable");
        let error = enable(&busy.clients, "arn", &codes(), &consent()).await.unwrap_err();
        assert_eq!(error.delay(), Some(crate::aws::Delay::Busy));
        assert!(!error.ambiguous);
    }
}
