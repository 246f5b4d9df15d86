//! The IAM credential report, as AWS writes it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::UserName;

/// A credential report; AWS serves the same one for up to four hours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialReport {
    /// When AWS made it.
    pub generated_at: Timestamp,
    /// The row of `<root_account>`; some sources leave it out.
    pub root: Option<ReportRow>,
    /// All other rows.
    pub users: Vec<ReportRow>,
}

/// One user, or root.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportRow {
    /// `user`.
    pub user: String,
    /// `arn`. Added after the first snapshots.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    /// `password_enabled`; `None` where AWS does not say (as for root).
    pub password_enabled: Option<bool>,
    /// `password_last_used`.
    pub password_last_used: When,
    /// `password_last_changed`.
    pub password_last_changed: When,
    /// `mfa_active`; `None` where the cell has other text.
    pub mfa_active: Option<bool>,
    /// `access_key_1_*` and `access_key_2_*`.
    pub access_keys: [KeyRow; 2],
}

impl ReportRow {
    /// The user, with the path.
    pub fn name(&self) -> UserName {
        let told = self.arn.as_deref().and_then(UserName::of_arn);
        told.unwrap_or_else(|| UserName::new(&self.user))
    }
}

/// One of the two access keys that the report tells of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRow {
    /// `access_key_n_active`; `None` where the cell has other text.
    pub active: Option<bool>,
    /// `access_key_n_last_rotated`.
    pub last_rotated: When,
    /// `access_key_n_last_used_date`.
    pub last_used: When,
    /// `access_key_n_last_used_service` and `_region`, where it was used at all.
    pub used_for: Option<UsedFor>,
}

/// What an access key was last used for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsedFor {
    /// The service, such as `s3`.
    pub service: String,
    /// The region.
    pub region: String,
}

impl KeyRow {
    /// A key that there is not, as AWS writes it.
    pub const NONE: Self = Self {
        active: Some(false),
        last_rotated: When::NotApplicable,
        last_used: When::NotApplicable,
        used_for: None,
    };
}

/// A cell that holds a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// A time.
    At(Timestamp),
    /// `N/A`: does not apply, or never.
    NotApplicable,
    /// `no_information`: never, or AWS has no data.
    NoInformation,
    /// `not_supported`: AWS does not tell this of root.
    NotSupported,
    /// Text this version does not know.
    Other(String),
}

impl When {
    /// Reads a cell.
    pub fn parse(cell: &str) -> Self {
        match cell {
            "N/A" => Self::NotApplicable,
            "no_information" => Self::NoInformation,
            "not_supported" => Self::NotSupported,
            text => text.parse().map_or_else(|_| Self::Other(text.to_owned()), Self::At),
        }
    }

    /// The time, if the cell holds one.
    pub fn at(&self) -> Option<Timestamp> {
        match self {
            Self::At(time) => Some(*time),
            Self::NotApplicable | Self::NoInformation | Self::NotSupported | Self::Other(_) => None,
        }
    }
}
