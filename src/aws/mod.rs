//! All that talks to AWS: the session, the clients and their limits, one short function per call.
//!
//! Nothing outside this module names a crate of the SDK, and nothing here judges, prints, reads the
//! environment (the SDK's own loader excepted) or touches the disk.

mod alarm;
mod budget;
mod classify;
mod clients;
mod cloudtrail_write;
mod cloudwatch_write;
mod config_write;
mod connections;
mod credentials;
mod delay;
mod ec2_rule;
mod ec2_write;
mod errors;
mod execute;
mod flow_logs_write;
mod identity;
mod kms_reread;
mod kms_write;
mod limits;
mod logs_write;
mod member;
mod organization;
mod people_write;
mod profile;
mod provider;
mod report_csv;
mod s3_locate;
mod s3_write;
mod session;
mod session_error;
mod sns_write;
mod text;

#[cfg(test)]
pub(crate) mod fake;

pub(crate) mod cloudtrail;
pub(crate) mod cloudwatch;
pub(crate) mod config;
pub(crate) mod contacts;
pub(crate) mod ec2;
pub(crate) mod flow_logs;
pub(crate) mod iam;
pub(crate) mod kms;
pub(crate) mod logs;
pub(crate) mod mfa;
pub(crate) mod people;
pub(crate) mod regions;
pub(crate) mod report;
pub(crate) mod roles;
pub(crate) mod root;
pub(crate) mod s3;
pub(crate) mod sns;
pub(crate) mod user_credentials;

pub use budget::Budget;
pub use clients::Clients;
pub use delay::Delay;
pub use errors::{ErrorKind, ServiceError};
pub use execute::{Handle, Reread, execute, reread};
pub use member::{EnterError, Entry, enter, enter_patiently};
pub use organization::{Member, Organization, OrganizationError, members, named, organization};
pub use provider::OwnKeys;
pub use session::{Options, Session, connect};
pub use session_error::{Renewal, SessionError};

pub(crate) use errors::observed;
