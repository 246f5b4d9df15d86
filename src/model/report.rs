//! The IAM credential report, as AWS writes it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

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
    /// `password_enabled`; `None` where AWS does not say (as for root).
    pub password_enabled: Option<bool>,
    /// `password_last_changed`.
    pub password_last_changed: When,
    /// `access_key_1_*` and `access_key_2_*`.
    pub access_keys: [KeyRow; 2],
}

/// One of the two access keys that the report tells of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRow {
    /// `access_key_n_active`; `None` where the cell has other text.
    pub active: Option<bool>,
    /// `access_key_n_last_rotated`.
    pub last_rotated: When,
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
