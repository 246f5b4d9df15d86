//! AWS Config: recorders and delivery channels of a region.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{BucketName, Observed};

/// A configuration recorder that is the account's own. Those that AWS services keep are left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorder {
    /// The ARN of the role it reads with.
    pub role: Option<String>,
    /// What it records.
    pub records: Records,
    /// Whether that includes IAM's users, groups, roles and policies.
    pub global_types: bool,
    /// How often it records. Added after the first snapshots.
    #[serde(default)]
    pub mode: Option<RecordingMode>,
    /// `DescribeConfigurationRecorderStatus`.
    pub status: Observed<RecorderStatus>,
}

/// What a recorder records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Records {
    /// Every supported type, and new ones as they come.
    Everything,
    /// Every supported type but these.
    AllBut(BTreeSet<String>),
    /// These types.
    Only(BTreeSet<String>),
}

/// How often a recorder records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordingMode {
    /// `CONTINUOUS` or `DAILY`.
    pub frequency: String,
    /// Types that are recorded otherwise.
    pub overrides: Vec<ModeOverride>,
}

/// Types that a recorder records more or less often than the others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModeOverride {
    /// What somebody wrote about it.
    pub description: Option<String>,
    /// The types.
    pub types: BTreeSet<String>,
    /// `CONTINUOUS` or `DAILY`.
    pub frequency: String,
}

/// What a recorder is doing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecorderStatus {
    /// Whether it records at all.
    pub recording: bool,
    /// How its last attempt ended.
    pub last: LastStatus,
    /// The code of its last error.
    pub error: Option<String>,
}

/// How the last attempt of a recorder ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LastStatus {
    /// Well.
    Success,
    /// Not at all yet.
    Pending,
    /// Badly.
    Failure,
    /// In none of these ways, or there was none.
    Other,
}

/// Where a region's configuration history goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeliveryChannel {
    /// The bucket, without which nothing is delivered.
    pub bucket: Option<BucketName>,
    /// The first part of the names of the objects.
    pub prefix: Option<String>,
    /// The ARN of the SNS topic that is told.
    pub topic: Option<String>,
    /// The ARN of the KMS key that it encrypts with. Added after the first snapshots.
    #[serde(default)]
    pub key: Option<String>,
    /// How often it delivers a snapshot, such as `TwentyFour_Hours`.
    #[serde(default)]
    pub frequency: Option<String>,
}
