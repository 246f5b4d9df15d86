//! IAM roles, as far as services use them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::PolicyText;

/// A role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// Its ARN.
    pub arn: String,
    /// Who may take it on.
    pub trust: PolicyText,
    /// Its own policies, as far as somebody asked for them by name.
    pub inline: BTreeMap<String, PolicyText>,
}
