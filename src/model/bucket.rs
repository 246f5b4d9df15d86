//! The S3 buckets that trails deliver to.

use serde::{Deserialize, Serialize};

use super::{BucketName, Observed, PolicyText, Region};

/// A bucket that a trail names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bucket {
    /// There is no bucket of this name.
    Absent,
    /// It belongs to another account, and S3 does not say to which.
    Foreign {
        /// Where it is.
        region: Region,
    },
    /// It belongs to the account.
    Ours(Box<OwnBucket>),
}

/// What is to know about a bucket of the account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnBucket {
    /// Where it is.
    pub region: Region,
    /// `GetBucketAcl`: the grants that apply.
    pub acl: Observed<Vec<Grant>>,
    /// `GetBucketPolicy`, to the byte.
    pub policy: Observed<Option<PolicyText>>,
    /// `GetBucketPolicyStatus`: whether AWS calls the policy public. Without a policy it is not.
    pub policy_is_public: Observed<bool>,
    /// `GetPublicAccessBlock`; `None`: the bucket has no such settings of its own.
    pub public_access: Observed<Option<PublicAccessBlock>>,
    /// `GetBucketOwnershipControls`, such as `BucketOwnerEnforced`; `None`: from before there were any.
    pub ownership: Observed<Option<String>>,
    /// `GetBucketLogging`; `None`: requests are not logged.
    pub logging: Observed<Option<LogTarget>>,
}

impl OwnBucket {
    /// A bucket of which nothing is known but where it is.
    pub const fn unread(region: Region) -> Self {
        Self {
            region,
            acl: Observed::Unread,
            policy: Observed::Unread,
            policy_is_public: Observed::Unread,
            public_access: Observed::Unread,
            ownership: Observed::Unread,
            logging: Observed::Unread,
        }
    }

    /// Whether ACLs are known to count for nothing.
    pub fn ignores_acls(&self) -> bool {
        matches!(self.ownership.ok(), Some(Some(rule)) if rule == "BucketOwnerEnforced")
    }
}

/// One line of an ACL.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Grant {
    /// To whom.
    pub to: Grantee,
    /// `FULL_CONTROL`, `WRITE`, `WRITE_ACP`, `READ` or `READ_ACP`.
    pub permission: String,
}

/// To whom an ACL grants.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grantee {
    /// A group of AWS's own, by its URI.
    Group(String),
    /// An account, by its canonical id or its mail address.
    Account(String),
}

impl Grantee {
    /// What the public is called, if this is the public.
    pub fn public(&self) -> Option<&'static str> {
        match self {
            Self::Group(uri) if uri.ends_with("/groups/global/AllUsers") => Some("anyone"),
            Self::Group(uri) if uri.ends_with("/groups/global/AuthenticatedUsers") => {
                Some("anyone with an AWS account")
            }
            Self::Group(_) | Self::Account(_) => None,
        }
    }
}

/// Settings that override what ACLs and policies say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "S3's own fields, each on its own")]
pub struct PublicAccessBlock {
    /// New public ACLs are refused.
    pub block_acls: bool,
    /// Public ACLs count for nothing.
    pub ignore_acls: bool,
    /// New public policies are refused.
    pub block_policy: bool,
    /// A public policy lets in the account and AWS services only.
    pub restrict: bool,
}

/// Where the requests to a bucket are logged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogTarget {
    /// In which bucket.
    pub bucket: BucketName,
    /// The first part of the names of the objects.
    pub prefix: String,
}
