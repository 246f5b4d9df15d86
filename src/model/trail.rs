//! CloudTrail trails, and the KMS keys they encrypt with.

use std::collections::BTreeSet;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{AccountId, Observed, PolicyText, Region};

/// The ARN of a trail.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TrailArn(String);

impl TrailArn {
    /// Takes the ARN as CloudTrail gave it.
    pub fn new(arn: impl Into<String>) -> Self {
        Self(arn.into())
    }

    /// The ARN as CloudTrail spells it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The account that the trail belongs to.
    pub fn owner(&self) -> Option<AccountId> {
        account_of(&self.0)
    }
}

impl fmt::Display for TrailArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Where ARNs hold the region and the account.
const REGION: usize = 3;
const ACCOUNT: usize = 4;

/// The region in an ARN, if it has one.
pub(super) fn region_of(arn: &str) -> Option<Region> {
    field(arn, REGION).filter(|region| !region.is_empty()).map(Region::new)
}

/// The account in an ARN, if it has one.
pub(super) fn account_of(arn: &str) -> Option<AccountId> {
    field(arn, ACCOUNT).filter(|account| !account.is_empty()).map(AccountId::new)
}

fn field(arn: &str, number: usize) -> Option<&str> {
    let mut fields = arn.split(':');
    (fields.next() == Some("arn")).then(|| fields.nth(number - 1)).flatten()
}

/// A trail, as `DescribeTrails` shows it from wherever it is seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "CloudTrail's own fields, each on its own")]
pub struct Trail {
    /// Its name; unique in its home region and account.
    pub name: String,
    /// The only region in which it can be changed.
    pub home: Region,
    /// Whose it is: for an organization's trail, the management account.
    pub owner: AccountId,
    /// Whether it records every account of an organization.
    pub organization: bool,
    /// Whether it records every enabled region of the partition.
    pub multi_region: bool,
    /// Whether it records the events of services without a region, such as IAM.
    pub global_events: bool,
    /// Whether digests of the log files are signed.
    pub validation: bool,
    /// The bucket it delivers to.
    pub bucket: BucketName,
    /// The first part of the names of its objects.
    pub prefix: Option<String>,
    /// The ARN of the log group it delivers to.
    pub log_group: Option<String>,
    /// The ARN of the role with which it writes there.
    pub role: Option<String>,
    /// The KMS key it encrypts with.
    pub key: Option<KeyArn>,
    /// `GetTrailStatus`.
    pub status: Observed<TrailStatus>,
    /// Which management events it records, by `GetEventSelectors`.
    pub events: Observed<ManagementEvents>,
}

/// What a trail is doing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrailStatus {
    /// Whether it records at all.
    pub logging: bool,
    /// When it was started last. Added after the first snapshots.
    #[serde(default)]
    pub started: Option<Timestamp>,
    /// Its last delivery to the bucket.
    pub delivered: Delivery,
    /// Its last delivery to CloudWatch Logs.
    pub delivered_to_logs: Delivery,
}

/// The last delivery to one place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// When, if ever.
    pub at: Option<Timestamp>,
    /// What went wrong with the last one.
    pub error: Option<String>,
}

/// Which management events a trail records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManagementEvents {
    /// Those that only read.
    pub read: bool,
    /// Those that change something.
    pub write: bool,
    /// Services whose events are left out.
    pub excluded: BTreeSet<String>,
}

impl ManagementEvents {
    /// What a trail records whose selectors nobody has touched.
    pub const ALL: Self = Self { read: true, write: true, excluded: BTreeSet::new() };
}

/// The name of an S3 bucket, unique in its partition.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BucketName(String);

impl BucketName {
    /// Takes the name as AWS gave it.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name as S3 spells it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BucketName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// What a trail says of its key: the ARN of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyArn(String);

impl KeyArn {
    /// Takes the ARN as CloudTrail gave it.
    pub fn new(arn: impl Into<String>) -> Self {
        Self(arn.into())
    }

    /// The ARN as CloudTrail spells it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Where the key is.
    pub fn region(&self) -> Option<Region> {
        region_of(&self.0)
    }

    /// The account that the key belongs to.
    pub fn owner(&self) -> Option<AccountId> {
        account_of(&self.0)
    }

    /// Whether the key belongs to another account. What does not say whose it is, is ours.
    pub fn is_foreign_to(&self, account: &AccountId) -> bool {
        self.owner().is_some_and(|owner| owner != *account)
    }
}

impl fmt::Display for KeyArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A KMS key that a trail encrypts with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrailKey {
    /// Whether it is the account's own and not kept by AWS for a service.
    pub customer_managed: bool,
    /// `KeyState`, such as `Enabled`.
    pub state: String,
    /// `GetKeyPolicy`. Added after the first snapshots.
    #[serde(default)]
    pub policy: Observed<PolicyText>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_tell_owner_and_region() {
        let trail = TrailArn::new("arn:aws-cn:cloudtrail:cn-north-1:111122223333:trail/main");
        assert_eq!(trail.owner(), Some(AccountId::new("111122223333")));
        let key = KeyArn::new("arn:aws:kms:eu-west-1:444455556666:key/1");
        assert_eq!(key.region(), Some(Region::new("eu-west-1")));
        assert!(key.is_foreign_to(&AccountId::new("111122223333")));
        let id = KeyArn::new("0d8e3c4a");
        assert_eq!((id.region(), id.owner()), (None, None));
        assert!(!id.is_foreign_to(&AccountId::new("111122223333")));
    }
}
