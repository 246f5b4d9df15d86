//! KMS keys, as far as yearly rotation is concerned.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Observed;

/// The id of a KMS key, without its ARN.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyId(String);

impl KeyId {
    /// Takes the id as KMS gave it.
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The id as KMS spells it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is an alias, which stands for a key that the same plan makes.
    pub fn is_alias(&self) -> bool {
        self.0.starts_with("alias/")
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// The description of the key that harden makes for the log files of trails: what it is found by until it
/// has an alias, and after an undo has taken the alias away.
pub const TRAIL_KEY_DESCRIPTION: &str =
    "Encrypts the log files of CloudTrail trails (made by harden)";

/// A key that `ListKeys` names and that AWS does not manage by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// The first alias in alphabetical order, with its `alias/`.
    pub alias: Option<String>,
    /// What `DescribeKey` says; a key policy may refuse it for one key alone.
    pub detail: Observed<KeyDetail>,
}

/// What `DescribeKey` and, for keys that can rotate, `GetKeyRotationStatus` say.
///
/// Vocabularies that AWS extends at will stay text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyDetail {
    /// `KeyState`, such as `Enabled`.
    pub state: String,
    /// `KeySpec`, such as `SYMMETRIC_DEFAULT`.
    pub spec: String,
    /// `KeyUsage`, such as `ENCRYPT_DECRYPT`.
    pub usage: String,
    /// `Origin`, such as `AWS_KMS`.
    pub origin: String,
    /// Whether the key lives in a custom key store.
    pub custom_store: bool,
    /// The part the key plays in a multi-region key, if it is one.
    pub multi_region: Option<MultiRegion>,
    /// What somebody wrote about it. Added after the first snapshots.
    #[serde(default)]
    pub description: String,
    /// `Unread` where the key cannot rotate.
    pub rotation: Observed<Rotation>,
}

impl KeyDetail {
    /// Whether something can be encrypted with it now.
    pub fn is_usable(&self) -> bool {
        self.state == "Enabled"
            && self.spec == "SYMMETRIC_DEFAULT"
            && self.usage == "ENCRYPT_DECRYPT"
    }

    /// Whether KMS can rotate the key material by itself, whatever state the key is in.
    pub fn can_rotate(&self) -> bool {
        self.spec == "SYMMETRIC_DEFAULT"
            && self.usage == "ENCRYPT_DECRYPT"
            && self.origin == "AWS_KMS"
            && !self.custom_store
            && self.multi_region != Some(MultiRegion::Replica)
    }
}

/// The part a key plays in a multi-region key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MultiRegion {
    /// Rotation is set here and copied to the replicas.
    Primary,
    /// Rotates with its primary.
    Replica,
}

/// Automatic rotation of key material.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rotation {
    /// The material is never replaced.
    Off,
    /// The material is replaced again and again.
    On {
        /// Days from one rotation to the next, 90 to 2560.
        period_days: u16,
    },
}

impl Rotation {
    /// The period that KMS takes when none is given.
    pub const DEFAULT_PERIOD_DAYS: u16 = 365;
}
