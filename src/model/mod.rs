//! What an account is, as values: names, and everything that one reading of the account found.
//!
//! Imports nothing else of this crate, performs no call and no file access.

mod action;
mod alarm;
mod bucket;
mod central;
mod cidr;
mod contact;
mod credentials;
mod ec2;
#[cfg(test)]
pub(crate) mod fixture;
mod flow_log;
mod hidden;
mod iam;
mod id;
mod kms;
mod log_group;
mod logging;
mod number;
mod observed;
mod own;
mod people;
mod policy;
mod policy_text;
mod read;
mod recorder;
mod report;
mod role;
mod root_task;
mod service;
mod settings;
mod snapshot;
mod subscriber;
mod template;
mod topic;
mod trail;
mod unit;

pub use action::Action;
pub use alarm::{
    AlarmRest, Alarms, CompositeAlarm, Metric, MetricAlarm, MetricQuery, QueryRest, Watched,
};
pub use bucket::{Bucket, Grant, Grantee, LogTarget, OwnBucket, PublicAccessBlock};
pub use central::{Central, CentralVerdict};
pub use cidr::{Cidr, CidrError};
pub use contact::SecurityContact;
pub use credentials::{
    AccessKey, AccessKeyId, KeyStatus, KeyUse, Password, UserCredentials, UserName,
};
pub use ec2::{
    DefaultGroup, Direction, FlowLogId, Group, GroupId, Interface, InterfaceId, PrefixListId, Rule,
    RuleId, Source, Traffic, Transport, VpcId,
};
pub use flow_log::{FlowLog, FlowTraffic, Vpc};
pub use hidden::{is_hidden, safe_json};
pub use iam::{AccountSummary, Iam, IamQuotas, PasswordPolicy, VirtualMfaDevice};
pub use id::{
    AccountId, AccountIdError, ControlId, ControlIdError, Level, Partition, PartitionError, Region,
    RegionError,
};
pub use kms::{Key, KeyDetail, KeyId, MultiRegion, Rotation, TRAIL_KEY_DESCRIPTION};
pub use log_group::{FilterMetric, FilterRest, LogGroup, MetricFilter};
pub use logging::Logging;
pub use number::Number;
pub use observed::{Gap, Observed};
pub use own::{Own, Principal};
pub use people::{People, Policies, User, UserGroup};
pub use policy::{OpenStatement, is_open, may_be_public, open_statements};
pub use policy_text::PolicyText;
pub use read::{ASSUME_ROOT, Read, ReadScope};
pub use recorder::{
    DeliveryChannel, LastStatus, ModeOverride, Recorder, RecorderStatus, RecordingMode, Records,
};
pub use report::{CredentialReport, KeyRow, ReportRow, UsedFor, When};
pub use role::Role;
pub use root_task::RootTask;
pub use service::Service;
pub use settings::{
    ConfigSettings, CredentialSettings, Exclusions, FlowLogSettings, MonitoringSettings,
    NetworkSettings, PasswordSettings, Patterns, PlanSettings, RETENTION_DAYS, Settings,
    SnsSettings, TrailSettings, Waiver, WideRules,
};
pub use snapshot::{Account, Regional, SNAPSHOT_FORMAT, Snapshot};
pub use subscriber::{Subscriber, SubscriberError, SubscriberPattern};
pub(crate) use template::looks_like_an_address;
pub use template::{NameTemplate, TemplateError};
pub use topic::{Subscription, Topic, TopicArn, TopicAttributes};
pub use trail::{
    BucketName, Delivery, KeyArn, ManagementEvents, Trail, TrailArn, TrailKey, TrailStatus,
};
pub use unit::OuId;
