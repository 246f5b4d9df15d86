//! The part of an account that an operation touches, as a readable document.
//!
//! A document is what plans show as before and after, and what is compared with the account just
//! before a write.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{FlowLogConfig, GroupRule, KeyName, RecorderConfig, TrailConfig};
use crate::model::{
    DeliveryChannel, Grant, KeyStatus, KeyUse, LogTarget, MetricAlarm, MetricFilter,
    PasswordPolicy, PolicyText, PublicAccessBlock, Rotation, SecurityContact,
};

/// The state of a target, as far as one operation is concerned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "there are two for each change, and few of these")]
pub enum Document {
    /// The account's password policy, or none.
    PasswordPolicy(Option<PasswordPolicy>),
    /// An access key, or none.
    AccessKey(Option<KeyState>),
    /// The password of a user, or none.
    Password(Option<PasswordState>),
    /// The account's security contact, or none.
    SecurityContact(Option<SecurityContact>),
    /// Rotation of one key.
    KeyRotation(Rotation),
    /// Those of an operation's inbound rules that the group holds, sorted.
    InboundRules(Vec<GroupRule>),
    /// Those of an operation's outbound rules that the group holds, sorted.
    OutboundRules(Vec<GroupRule>),
    /// Whether it is there.
    Presence(bool),
    /// A policy, or none. Of what is made with a policy: none means that it is not there.
    Policy(Option<PolicyText>),
    /// The ARN of a policy where it is attached, or none.
    Attached(Option<String>),
    /// One of a user's or a group's own policies, or none.
    OwnPolicy(Option<OwnPolicy>),
    /// The group that a user is in, or none.
    Member(Option<String>),
    /// The public access block of a bucket, or none.
    PublicAccess(Option<PublicAccessBlock>),
    /// The grants of a bucket's ACL, sorted.
    Acl(Vec<Grant>),
    /// Where requests to a bucket are logged, if anywhere.
    AccessLog(Option<LogTarget>),
    /// Days that events are kept; `None`: for ever.
    Retention(Option<u16>),
    /// A metric filter, or none.
    Filter(Option<MetricFilter>),
    /// The key that an alias names, if there is such an alias.
    Alias(Option<KeyName>),
    /// A trail, or none.
    Trail(Option<TrailConfig>),
    /// Whether it records.
    Recording(bool),
    /// An alarm, or none.
    Alarm(Option<MetricAlarm>),
    /// A configuration recorder, or none.
    Recorder(Option<RecorderConfig>),
    /// A delivery channel, or none.
    Channel(Option<DeliveryChannel>),
    /// A flow log that records what the operation says and delivers to where it says, or none.
    FlowLog(Option<FlowLogConfig>),
}

impl Document {
    /// Whether there is no such thing.
    pub const fn is_absent(&self) -> bool {
        matches!(
            self,
            Self::Presence(false)
                | Self::AccessKey(None)
                | Self::Password(None)
                | Self::Policy(None)
                | Self::Attached(None)
                | Self::OwnPolicy(None)
                | Self::Member(None)
                | Self::Filter(None)
                | Self::Alias(None)
                | Self::Trail(None)
                | Self::Alarm(None)
                | Self::Recorder(None)
                | Self::Channel(None)
                | Self::FlowLog(None)
        )
    }
}

/// An access key, as far as an operation is about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyState {
    /// Whether it opens the account.
    pub status: KeyStatus,
    /// A use that the operation did not know of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_again: Option<KeyUse>,
}

/// A password, as far as an operation is about it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PasswordState {
    /// A use that the operation did not know of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_again: Option<Timestamp>,
    /// That somebody has set another since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set_again: Option<Timestamp>,
}

/// One of a user's or a group's own policies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnPolicy {
    /// Its name.
    pub name: String,
    /// What it says.
    pub policy: PolicyText,
}

/// One line of a document: what, and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What it is; empty where the value says all.
    pub name: String,
    /// Its value.
    pub value: String,
}

impl Row {
    pub(super) fn new(name: &str, value: impl Into<String>) -> Self {
        Self { name: name.to_owned(), value: value.into() }
    }
}
