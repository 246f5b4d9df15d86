//! Whom AWS writes to about security.

use serde::{Deserialize, Serialize};

/// The alternate contact for security, of an account or of a baseline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecurityContact {
    /// Who it is; AWS takes 1 to 64 characters.
    pub name: String,
    /// What they are; 1 to 50.
    pub title: String,
    /// Where AWS writes to; 1 to 254. Empty where the account has a contact without an address.
    pub email: String,
    /// Where AWS calls; 1 to 25.
    pub phone: String,
}
