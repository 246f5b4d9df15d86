//! The digest that binds a confirmation, and a file, to one plan.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::Plan;

/// SHA-256 over a plan without its digest, in JSON with sorted keys.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Digest(String);

impl Digest {
    /// The digest of nothing yet.
    pub fn unset() -> Self {
        Self(String::new())
    }

    /// The digest that a plan should carry.
    pub fn of(plan: &Plan) -> Self {
        Self::of_value(plan)
    }

    /// The digest that a plan should carry, from its JSON: nothing in the file escapes it.
    pub fn of_json(mut plan: Value) -> Self {
        if let Value::Object(fields) = &mut plan {
            fields.remove("digest");
        }
        Self(sha256(plan.to_string().as_bytes()))
    }

    /// The digest that any other file of this kind should carry.
    pub fn of_value(value: &impl Serialize) -> Self {
        serde_json::to_value(value).map_or_else(|_| Self::unset(), Self::of_json)
    }

    /// The digest as hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// SHA-256 as hexadecimal digits.
pub(super) fn sha256(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
