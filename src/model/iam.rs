//! The account-wide side of IAM: password policy, root, summary, quotas.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{AccessKey, AccessKeyId, CredentialReport, Observed, People, Role, UserCredentials};

/// Everything read from IAM.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Iam {
    /// `GetAccountPasswordPolicy`; `None` where the account has no policy of its own.
    pub password_policy: Observed<Option<PasswordPolicy>>,
    /// `GetAccountSummary`.
    pub summary: Observed<AccountSummary>,
    /// `ListVirtualMFADevices`, the assigned ones.
    pub virtual_mfa_devices: Observed<Vec<VirtualMfaDevice>>,
    /// `GetCredentialReport`.
    pub credential_report: Observed<CredentialReport>,
    /// Users of whom more than the report is needed, by name. Added after the first snapshots.
    #[serde(default)]
    pub credentials: BTreeMap<String, UserCredentials>,
    /// `ListAccessKeys` and `GetAccessKeyLastUsed` as root of a member account, where whoever asks can be it and
    /// something tells of a key. Files of before it was read lack it.
    #[serde(default)]
    pub root_keys: Observed<BTreeMap<AccessKeyId, AccessKey>>,
    /// Roles that services use, by name; `None`: there is no such role. Added after the first snapshots.
    #[serde(default)]
    pub roles: BTreeMap<String, Observed<Option<Role>>>,
    /// `GetAccountAuthorizationDetails`, of users and groups. Files of before it was read lack it.
    #[serde(default)]
    pub people: Observed<People>,
}

impl Iam {
    /// Nothing read yet.
    pub const UNREAD: Self = Self {
        password_policy: Observed::Unread,
        summary: Observed::Unread,
        virtual_mfa_devices: Observed::Unread,
        credential_report: Observed::Unread,
        credentials: BTreeMap::new(),
        root_keys: Observed::Unread,
        roles: BTreeMap::new(),
        people: Observed::Unread,
    };
}

/// The password policy of an account, every field that `UpdateAccountPasswordPolicy` takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "IAM's own fields, each on its own")]
pub struct PasswordPolicy {
    /// Characters a password must have, 6 to 128.
    pub minimum_length: u16,
    /// At least one upper-case letter.
    pub require_uppercase: bool,
    /// At least one lower-case letter.
    pub require_lowercase: bool,
    /// At least one symbol.
    pub require_symbols: bool,
    /// At least one digit.
    pub require_numbers: bool,
    /// Former passwords that may not be used again, 1 to 24; `None`: none are remembered.
    pub reuse_prevention: Option<u16>,
    /// Days until a password must be changed, 1 to 1095; `None`: never.
    pub max_age_days: Option<u16>,
    /// Users may change their own password.
    pub allow_users_to_change: bool,
    /// An expired password locks the user out until an administrator sets a new one.
    pub hard_expiry: bool,
}

impl PasswordPolicy {
    /// The mildest policy that is at least as strict as what AWS enforces where an account has none
    /// (8 characters, three of the four character classes).
    pub const IN_PLACE_OF_NONE: Self = Self {
        minimum_length: 8,
        require_uppercase: true,
        require_lowercase: true,
        require_symbols: true,
        require_numbers: true,
        reuse_prevention: None,
        max_age_days: None,
        allow_users_to_change: true,
        hard_expiry: false,
    };
}

impl PasswordPolicy {
    /// Whether no field is laxer than in the other.
    pub fn is_as_strict_as(&self, other: &Self) -> bool {
        let age = |policy: &Self| policy.max_age_days.unwrap_or(u16::MAX);
        self.minimum_length >= other.minimum_length
            && self.require_uppercase >= other.require_uppercase
            && self.require_lowercase >= other.require_lowercase
            && self.require_symbols >= other.require_symbols
            && self.require_numbers >= other.require_numbers
            && self.reuse_prevention >= other.reuse_prevention
            && age(self) <= age(other)
            && self.hard_expiry >= other.hard_expiry
    }
}

/// The parts of `GetAccountSummary` that tell of root, and of how much there may be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountSummary {
    /// Root has an MFA device of any kind.
    pub root_mfa_enabled: bool,
    /// Root has an access key.
    pub root_access_key_present: bool,
    /// Root has a password; `None` where AWS does not say.
    pub root_password_present: Option<bool>,
    /// How much IAM lets the account have. Added after the first snapshots.
    #[serde(default)]
    pub quotas: IamQuotas,
}

/// How much IAM lets an account have; `None` where AWS does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IamQuotas {
    /// How many groups there may be.
    pub most_groups: Option<u32>,
    /// How many groups a user may be in.
    pub groups_per_user: Option<u32>,
    /// How many policies may be attached to a group.
    pub policies_per_group: Option<u32>,
    /// How many characters a group's own policies may have together, blanks not counted.
    pub group_policy_size: Option<u32>,
}

/// A virtual MFA device that is assigned to somebody.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct VirtualMfaDevice {
    /// The ARN of the device.
    pub serial: String,
    /// The ARN of its user; ends in `:root` for root.
    pub user: Option<String>,
}

impl VirtualMfaDevice {
    /// Whether root holds this device.
    pub fn is_roots(&self) -> bool {
        self.user.as_deref().is_some_and(|arn| arn.ends_with(":root"))
    }
}
