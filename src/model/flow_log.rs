//! VPCs and their flow logs.

use serde::{Deserialize, Serialize};

use super::AccountId;

/// A VPC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vpc {
    /// The account that owns it: others may share one with us.
    pub owner: AccountId,
    /// Its tag `Name`, for the words about it.
    pub name: Option<String>,
}

/// A flow log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlowLog {
    /// The VPC, subnet, network interface or gateway whose traffic it records.
    pub resource: String,
    /// `FlowLogStatus` is `ACTIVE`.
    pub active: bool,
    /// `TrafficType`, as EC2 spells it; empty where it has none.
    pub traffic: String,
    /// The ARN of where it delivers to, that of a log group without `:*`.
    pub destination: String,
    /// The ARN of the role with which it delivers; not every destination takes one.
    pub role: Option<String>,
    /// Why it delivers nothing, as AWS says it; `None`: as far as AWS knows, it does.
    pub failure: Option<String>,
}

/// The traffic that flow logs of harden's own record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FlowTraffic {
    /// What security groups and network ACLs turned away.
    Reject,
    /// Everything.
    All,
}

impl FlowTraffic {
    /// As EC2 spells it.
    pub const fn as_ec2(self) -> &'static str {
        match self {
            Self::Reject => "REJECT",
            Self::All => "ALL",
        }
    }

    /// As a baseline spells it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Reject => "reject",
            Self::All => "all",
        }
    }
}
