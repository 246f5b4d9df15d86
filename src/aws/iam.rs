//! IAM: the account-wide reads, and the password policy.

use aws_sdk_iam::types::{AssignmentStatusType, SummaryKeyType};

use super::{Clients, ServiceError};
use crate::approval::Approval;
use crate::model::{AccountSummary, Action, IamQuotas, PasswordPolicy, VirtualMfaDevice};

/// The most entries of a page.
pub(super) const PAGE: i32 = 1000;
/// The minimum length of a policy that was made without one.
const DEFAULT_MINIMUM_LENGTH: u16 = 6;

/// The account alias; an account has one at most.
pub(crate) async fn alias(clients: &Clients) -> Result<Option<String>, ServiceError> {
    let answer = clients
        .iam()
        .call("iam:ListAccountAliases", |iam| iam.list_account_aliases().send())
        .await?;
    Ok(answer.account_aliases.into_iter().next())
}

/// The password policy; `None` where the account has none of its own.
pub(crate) async fn password_policy(
    clients: &Clients,
) -> Result<Option<PasswordPolicy>, ServiceError> {
    let action = "iam:GetAccountPasswordPolicy";
    let answer = clients.iam().call(action, |iam| iam.get_account_password_policy().send()).await;
    match answer {
        Ok(answer) => match answer.password_policy {
            Some(policy) => Ok(Some(policy_of(&policy))),
            None => Err(ServiceError::ours(Action::new(action), "an answer without a policy")),
        },
        // Exactly this code: what other things are not found, such as a wrong endpoint, is no absence.
        Err(error) if error.code.as_deref() == Some("NoSuchEntity") => Ok(None),
        Err(error) => Err(error),
    }
}

fn policy_of(policy: &aws_sdk_iam::types::PasswordPolicy) -> PasswordPolicy {
    // IAM writes "none" as an absent number, and some have seen 0.
    let number = |value: Option<i32>| value.and_then(|n| u16::try_from(n).ok()).filter(|n| *n > 0);
    PasswordPolicy {
        minimum_length: number(policy.minimum_password_length).unwrap_or(DEFAULT_MINIMUM_LENGTH),
        require_uppercase: policy.require_uppercase_characters,
        require_lowercase: policy.require_lowercase_characters,
        require_symbols: policy.require_symbols,
        require_numbers: policy.require_numbers,
        reuse_prevention: number(policy.password_reuse_prevention),
        max_age_days: number(policy.max_password_age),
        allow_users_to_change: policy.allow_users_to_change_password,
        hard_expiry: policy.hard_expiry.unwrap_or(false),
    }
}

/// What the account summary tells of root, and of quotas.
pub(crate) async fn account_summary(clients: &Clients) -> Result<AccountSummary, ServiceError> {
    let action = "iam:GetAccountSummary";
    let answer = clients.iam().call(action, |iam| iam.get_account_summary().send()).await?;
    let map = answer.summary_map.unwrap_or_default();
    let flag = |key: &SummaryKeyType| map.get(key).map(|value| *value > 0);
    let number = |key: &SummaryKeyType| map.get(key).and_then(|n| u32::try_from(*n).ok());
    let needed = |key: &SummaryKeyType| {
        let message = format!("an answer without {}", key.as_str());
        flag(key).ok_or_else(|| ServiceError::ours(Action::new(action), message))
    };
    Ok(AccountSummary {
        root_mfa_enabled: needed(&SummaryKeyType::AccountMfaEnabled)?,
        root_access_key_present: needed(&SummaryKeyType::AccountAccessKeysPresent)?,
        root_password_present: flag(&SummaryKeyType::AccountPasswordPresent),
        quotas: IamQuotas {
            most_groups: number(&SummaryKeyType::GroupsQuota),
            groups_per_user: number(&SummaryKeyType::GroupsPerUserQuota),
            policies_per_group: number(&SummaryKeyType::AttachedPoliciesPerGroupQuota),
            group_policy_size: number(&SummaryKeyType::GroupPolicySizeQuota),
        },
    })
}

/// The virtual MFA devices that are assigned to somebody.
pub(crate) async fn virtual_mfa_devices(
    clients: &Clients,
) -> Result<Vec<VirtualMfaDevice>, ServiceError> {
    virtual_devices(clients, AssignmentStatusType::Assigned).await
}

/// The virtual MFA devices, somebody's and nobody's.
pub(super) async fn virtual_devices(
    clients: &Clients,
    status: AssignmentStatusType,
) -> Result<Vec<VirtualMfaDevice>, ServiceError> {
    let devices = clients
        .iam()
        .call("iam:ListVirtualMFADevices", |iam| {
            let list = iam.list_virtual_mfa_devices().assignment_status(status).max_items(PAGE);
            list.into_paginator().items().send().try_collect()
        })
        .await?;
    let mut devices: Vec<VirtualMfaDevice> = devices
        .into_iter()
        .map(|device| VirtualMfaDevice {
            serial: device.serial_number,
            user: device.user.map(|user| user.arn),
        })
        .collect();
    devices.sort();
    Ok(devices)
}

/// Sets the password policy: every field, for IAM resets what is left out.
pub(crate) async fn update_password_policy(
    clients: &Clients,
    policy: &PasswordPolicy,
    _: &Approval,
) -> Result<(), ServiceError> {
    clients
        .iam()
        .call("iam:UpdateAccountPasswordPolicy", |iam| {
            iam.update_account_password_policy()
                .minimum_password_length(policy.minimum_length.into())
                .require_uppercase_characters(policy.require_uppercase)
                .require_lowercase_characters(policy.require_lowercase)
                .require_symbols(policy.require_symbols)
                .require_numbers(policy.require_numbers)
                // Left out, not 0: IAM refuses that.
                .set_password_reuse_prevention(policy.reuse_prevention.map(Into::into))
                .set_max_password_age(policy.max_age_days.map(Into::into))
                .allow_users_to_change_password(policy.allow_users_to_change)
                .hard_expiry(policy.hard_expiry)
                .send()
        })
        .await
        .map(drop)
}

/// Removes the password policy: AWS's own default applies from then on.
pub(crate) async fn delete_password_policy(
    clients: &Clients,
    _: &Approval,
) -> Result<(), ServiceError> {
    clients
        .iam()
        .call("iam:DeleteAccountPasswordPolicy", |iam| iam.delete_account_password_policy().send())
        .await
        .map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::ErrorKind;
    use crate::aws::fake::{fake, iam_error};

    #[tokio::test]
    async fn no_policy_is_no_error() {
        let none = fake(|_| iam_error(404, "NoSuchEntity", "none"));
        assert_eq!(password_policy(&none.clients).await, Ok(None));
        let lost = fake(|_| iam_error(404, "ResourceNotFoundException", "no such page"));
        assert!(password_policy(&lost.clients).await.is_err());
        let denied = fake(|_| iam_error(403, "AccessDenied", "no"));
        assert_eq!(password_policy(&denied.clients).await.unwrap_err().kind, ErrorKind::Denied);
    }

    #[tokio::test]
    async fn every_field_is_sent_and_none_as_0() {
        let fake = fake(|_| (200, "<R></R>".to_owned()));
        let approval = Approval::for_test();
        let policy = PasswordPolicy { max_age_days: Some(90), ..PasswordPolicy::IN_PLACE_OF_NONE };
        update_password_policy(&fake.clients, &policy, &approval).await.unwrap();
        let sent = &fake.requests("Action=UpdateAccountPasswordPolicy")[0];
        for field in [
            "MinimumPasswordLength=8",
            "RequireSymbols=true",
            "RequireNumbers=true",
            "RequireUppercaseCharacters=true",
            "RequireLowercaseCharacters=true",
            "AllowUsersToChangePassword=true",
            "MaxPasswordAge=90",
            "HardExpiry=false",
        ] {
            assert!(sent.contains(field), "{field} in {sent}");
        }
        assert!(!sent.contains("PasswordReusePrevention"));
    }

    #[test]
    fn absent_numbers_are_none() {
        let sdk = aws_sdk_iam::types::PasswordPolicy::builder();
        let policy = policy_of(&sdk.require_symbols(true).max_password_age(0).build());
        assert_eq!((policy.minimum_length, policy.max_age_days), (6, None));
        assert_eq!((policy.reuse_prevention, policy.hard_expiry), (None, false));
        assert!(policy.require_symbols && !policy.require_numbers);
    }

    #[test]
    fn present_numbers_are_kept() {
        let sdk = aws_sdk_iam::types::PasswordPolicy::builder();
        let sdk = sdk.minimum_password_length(20).password_reuse_prevention(24);
        let policy = policy_of(&sdk.max_password_age(90).hard_expiry(true).build());
        assert_eq!((policy.minimum_length, policy.max_age_days), (20, Some(90)));
        assert_eq!((policy.reuse_prevention, policy.hard_expiry), (Some(24), true));
    }
}
