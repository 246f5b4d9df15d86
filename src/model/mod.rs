//! What an account is, as values: names, and everything that one reading of the account found.
//!
//! Imports nothing else of this crate, performs no call and no file access.

mod action;
mod bucket;
mod cidr;
mod contact;
mod ec2;
#[cfg(test)]
pub(crate) mod fixture;
mod iam;
mod id;
mod kms;
mod logging;
mod observed;
mod policy;
mod read;
mod recorder;
mod report;
mod settings;
mod snapshot;
mod subscriber;
mod template;
mod trail;

pub use action::Action;
pub use bucket::{Bucket, Grant, Grantee, LogTarget, OwnBucket, PublicAccessBlock};
pub use cidr::{Cidr, CidrError};
pub use contact::SecurityContact;
pub use ec2::{
    Group, GroupId, Interface, InterfaceId, PrefixListId, Rule, RuleId, Source, Traffic, Transport,
};
pub use iam::{AccountSummary, Iam, PasswordPolicy, VirtualMfaDevice};
pub use id::{AccountId, ControlId, ControlIdError, Level, Partition, Region, RegionError};
pub use kms::{Key, KeyDetail, KeyId, MultiRegion, Rotation};
pub use logging::Logging;
pub use observed::{Gap, Observed};
pub use policy::{OpenStatement, open_statements};
pub use read::{Read, ReadScope};
pub use recorder::{DeliveryChannel, LastStatus, Recorder, RecorderStatus, Records};
pub use report::{CredentialReport, KeyRow, ReportRow, When};
pub use settings::{
    ConfigSettings, Exclusions, MonitoringSettings, NetworkSettings, PasswordSettings, Patterns,
    PlanSettings, RETENTION_DAYS, Settings, SnsSettings, TrailSettings, Waiver, WideRules,
};
pub use snapshot::{Account, Regional, SNAPSHOT_FORMAT, Snapshot};
pub use subscriber::{Subscriber, SubscriberError, SubscriberPattern};
pub(crate) use template::looks_like_an_address;
pub use template::{NameTemplate, TemplateError};
pub use trail::{
    BucketName, Delivery, KeyArn, ManagementEvents, Trail, TrailArn, TrailKey, TrailStatus,
};
