//! What operations set as a whole, where that is less than what is read.

use serde::{Deserialize, Serialize};

use super::Target;
use crate::model::{BucketName, FlowLog, FlowTraffic, KeyId, RecordingMode, Records, Region};

/// The settings of a trail that harden sets, all in one call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrailConfig {
    /// The bucket it delivers to.
    pub bucket: BucketName,
    /// The first part of the names of its objects.
    pub prefix: Option<String>,
    /// Whether it records every enabled region.
    pub multi_region: bool,
    /// Whether it records the events of services without a region.
    pub global_events: bool,
    /// Whether digests of the log files are signed.
    pub validation: bool,
    /// The log group it delivers to.
    pub logs: Option<LogDelivery>,
    /// The key it encrypts with: an ARN, or an alias for a key that the same plan makes.
    pub key: Option<String>,
}

impl TrailConfig {
    /// Whether AWS takes these settings only once an earlier change of this target has been made.
    #[expect(clippy::wildcard_enum_match_arm, reason = "all others are no part of a trail")]
    pub(super) fn needs(&self, earlier: &Target) -> bool {
        let in_arn = |arn: &str, name: &str| arn.contains(&format!(":{name}:"));
        let logs = self.logs.as_ref();
        match earlier {
            Target::Role(role) | Target::RolePolicy(role, _) => logs
                .and_then(|logs| logs.role.as_ref())
                .is_some_and(|arn| arn.ends_with(&format!("/{role}"))),
            Target::LogGroup(region, group) | Target::Retention(region, group) => {
                logs.is_some_and(|logs| {
                    in_arn(&logs.group, group) && in_arn(&logs.group, region.as_str())
                })
            }
            Target::KeyPolicy(region, key) => self.key.as_ref().is_some_and(|arn| {
                in_arn(arn, region.as_str()) && arn.ends_with(&format!("/{key}"))
            }),
            _ => false,
        }
    }
}

/// A log group to deliver to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogDelivery {
    /// The ARN of the group, with its `:*`.
    pub group: String,
    /// The ARN of the role that writes there.
    pub role: Option<String>,
}

/// An alias, and where it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AliasOf {
    /// Where it is.
    pub region: Region,
    /// Its name, with its `alias/`.
    pub name: String,
}

/// A key, by its id, or by its description where the same plan makes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyName {
    /// By its id.
    Id(KeyId),
    /// By its description.
    Described(String),
}

/// The settings of a configuration recorder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecorderConfig {
    /// The ARN of the role it reads with.
    pub role: Option<String>,
    /// What it records.
    pub records: Records,
    /// Whether that includes IAM's users, groups, roles and policies.
    pub global_types: bool,
    /// How often; `None`: continuously.
    pub mode: Option<RecordingMode>,
}

/// What tells a flow log of a VPC from its others, and how it delivers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlowLogConfig {
    /// What it records.
    pub traffic: FlowTraffic,
    /// The ARN of the log group that it delivers to, without `:*`.
    pub destination: String,
    /// The ARN of the role with which it does.
    pub role: Option<String>,
}

impl FlowLogConfig {
    /// The same of a flow log that records and delivers to the same; `None` of any other.
    pub fn found(&self, log: &FlowLog) -> Option<Self> {
        let same = log.traffic == self.traffic.as_ec2() && log.destination == self.destination;
        same.then(|| Self { role: log.role.clone(), ..self.clone() })
    }

    /// Whether AWS takes it, or what it delivers is kept as it should be, only once an earlier change of
    /// this target has been made.
    #[expect(clippy::wildcard_enum_match_arm, reason = "all others are no part of a flow log")]
    pub(super) fn needs(&self, at: &Region, earlier: &Target) -> bool {
        match earlier {
            Target::Role(role) | Target::RolePolicy(role, _) => {
                self.role.as_ref().is_some_and(|arn| arn.ends_with(&format!("/{role}")))
            }
            Target::LogGroup(region, group) | Target::Retention(region, group) => {
                region == at && self.destination.ends_with(&format!(":log-group:{group}"))
            }
            _ => false,
        }
    }
}
