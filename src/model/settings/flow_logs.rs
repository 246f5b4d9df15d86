//! How flow logs are made where a VPC lacks one.

use serde::{Deserialize, Serialize};

use super::super::FlowTraffic;

/// What flow logs of harden's own record, and what they deliver to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowLogSettings {
    /// What they record.
    pub traffic: FlowTraffic,
    /// The log group that they deliver to, in each region.
    pub log_group: String,
    /// Days that a log group that is made keeps records, one of [`RETENTION_DAYS`](super::RETENTION_DAYS).
    pub retention_days: u16,
    /// The role with which they write there.
    pub role: String,
}

impl Default for FlowLogSettings {
    fn default() -> Self {
        Self {
            traffic: FlowTraffic::Reject,
            log_group: "harden/flow-logs".to_owned(),
            retention_days: 365,
            role: "harden-flow-logs".to_owned(),
        }
    }
}
