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
pub struct DeliveryChannel {
    /// The bucket, without which nothing is delivered.
    pub bucket: Option<BucketName>,
    /// The first part of the names of the objects.
    pub prefix: Option<String>,
    /// The ARN of the SNS topic that is told.
    pub topic: Option<String>,
}
