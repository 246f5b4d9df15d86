//! What operations change, and where.

use crate::model::{
    AccessKeyId, Account, BucketName, GroupId, KeyId, Region, Service, UserName, VpcId,
};

/// What an operation changes, and where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// The one password policy of the account.
    PasswordPolicy,
    /// An access key of a user.
    AccessKey(UserName, AccessKeyId),
    /// The password of a user.
    Password(UserName),
    /// An access key of root.
    RootKey(AccessKeyId),
    /// The one security contact of the account.
    SecurityContact,
    /// The rotation of a KMS key.
    Key(Region, KeyId),
    /// The inbound rules of a security group.
    Inbound(Region, GroupId),
    /// The outbound rules of a security group.
    Outbound(Region, GroupId),
    /// A bucket as such.
    Bucket(Region, BucketName),
    /// The policy of a bucket.
    BucketPolicy(Region, BucketName),
    /// The public access block of a bucket.
    PublicAccess(Region, BucketName),
    /// The ACL of a bucket.
    BucketAcl(Region, BucketName),
    /// Where the requests to a bucket are logged.
    AccessLog(Region, BucketName),
    /// A role as such, by its name.
    Role(String),
    /// One of a role's own policies, by the names of both.
    RolePolicy(String, String),
    /// The role that a service has made for itself.
    ServiceLinkedRole(Service),
    /// A group of users as such, by its name.
    UserGroup(String),
    /// A policy attached to a group, by the name of the group and its ARN.
    GroupPolicy(String, String),
    /// One of a group's own policies, by the names of both.
    GroupInline(String, String),
    /// A user in a group, by the names of the group and the user.
    Member(String, String),
    /// A policy attached to a user, by the name of the user and its ARN.
    UserPolicy(String, String),
    /// One of a user's own policies, by the names of both.
    UserInline(String, String),
    /// A log group as such.
    LogGroup(Region, String),
    /// How long a log group keeps events.
    Retention(Region, String),
    /// A metric filter, by its group and its name.
    Filter(Region, String, String),
    /// A key that is yet to be made, by its description.
    NewKey(Region, String),
    /// An alias.
    Alias(Region, String),
    /// The policy of a key.
    KeyPolicy(Region, KeyId),
    /// A trail, in its home region.
    Trail(Region, String),
    /// Whether a trail records.
    TrailLogging(Region, String),
    /// An alarm.
    Alarm(Region, String),
    /// A topic as such, by its name.
    Topic(Region, String),
    /// The policy of a topic.
    TopicPolicy(Region, String),
    /// A subscriber of a topic, as `protocol:endpoint`.
    Subscription(Region, String, String),
    /// A configuration recorder.
    Recorder(Region, String),
    /// A delivery channel.
    Channel(Region, String),
    /// Whether a configuration recorder records.
    Recording(Region, String),
    /// One of the flow logs of a VPC: which, the operation tells.
    FlowLog(Region, VpcId),
}

impl Target {
    /// The region, where it is in one.
    pub const fn region(&self) -> Option<&Region> {
        match self {
            Self::PasswordPolicy
            | Self::AccessKey(..)
            | Self::Password(_)
            | Self::RootKey(_)
            | Self::SecurityContact
            | Self::Role(_)
            | Self::RolePolicy(..)
            | Self::ServiceLinkedRole(_)
            | Self::UserGroup(_)
            | Self::GroupPolicy(..)
            | Self::GroupInline(..)
            | Self::Member(..)
            | Self::UserPolicy(..)
            | Self::UserInline(..) => None,
            Self::Key(region, _)
            | Self::Inbound(region, _)
            | Self::Outbound(region, _)
            | Self::Bucket(region, _)
            | Self::BucketPolicy(region, _)
            | Self::PublicAccess(region, _)
            | Self::BucketAcl(region, _)
            | Self::AccessLog(region, _)
            | Self::LogGroup(region, _)
            | Self::Retention(region, _)
            | Self::Filter(region, ..)
            | Self::NewKey(region, _)
            | Self::Alias(region, _)
            | Self::KeyPolicy(region, _)
            | Self::Trail(region, _)
            | Self::TrailLogging(region, _)
            | Self::Alarm(region, _)
            | Self::Topic(region, _)
            | Self::TopicPolicy(region, _)
            | Self::Subscription(region, ..)
            | Self::Recorder(region, _)
            | Self::Channel(region, _)
            | Self::Recording(region, _)
            | Self::FlowLog(region, _) => Some(region),
        }
    }

    /// Whether any operation may need an earlier change of it.
    pub const fn can_be_needed(&self) -> bool {
        !matches!(
            self,
            Self::PasswordPolicy
                | Self::AccessKey(..)
                | Self::Password(_)
                | Self::RootKey(_)
                | Self::SecurityContact
                | Self::Inbound(..)
                | Self::Outbound(..)
                | Self::FlowLog(..)
        )
    }

    /// Whether it is a policy, which is written as a whole whoever has something to say in it.
    pub const fn is_policy(&self) -> bool {
        matches!(
            self,
            Self::BucketPolicy(..)
                | Self::RolePolicy(..)
                | Self::KeyPolicy(..)
                | Self::TopicPolicy(..)
        )
    }

    /// The name findings and waivers use for it.
    pub fn resource(&self) -> &str {
        match self {
            Self::PasswordPolicy => "password-policy",
            Self::AccessKey(user, _) | Self::Password(user) => user.name(),
            Self::RootKey(_) => "root",
            Self::SecurityContact => "security-contact",
            Self::Key(_, key) | Self::KeyPolicy(_, key) => key.as_str(),
            Self::Inbound(_, group) | Self::Outbound(_, group) => group.as_str(),
            Self::FlowLog(_, vpc) => vpc.as_str(),
            Self::Bucket(_, bucket)
            | Self::BucketPolicy(_, bucket)
            | Self::PublicAccess(_, bucket)
            | Self::BucketAcl(_, bucket)
            | Self::AccessLog(_, bucket) => bucket.as_str(),
            Self::ServiceLinkedRole(service) => service.linked_role(),
            Self::Role(name)
            | Self::RolePolicy(name, _)
            | Self::UserGroup(name)
            | Self::GroupPolicy(name, _)
            | Self::GroupInline(name, _)
            | Self::Member(_, name)
            | Self::UserPolicy(name, _)
            | Self::UserInline(name, _)
            | Self::LogGroup(_, name)
            | Self::Retention(_, name)
            | Self::Filter(_, _, name)
            | Self::NewKey(_, name)
            | Self::Alias(_, name)
            | Self::Trail(_, name)
            | Self::TrailLogging(_, name)
            | Self::Alarm(_, name)
            | Self::Topic(_, name)
            | Self::TopicPolicy(_, name)
            | Self::Subscription(_, name, _)
            | Self::Recorder(_, name)
            | Self::Channel(_, name)
            | Self::Recording(_, name) => name,
        }
    }

    /// The resource element for a policy that allows changing this and nothing else.
    pub fn arn(&self, account: &Account) -> String {
        let of = |service: &str, region: &Region, resource: String| {
            account.arn(service, region.as_str(), &resource)
        };
        match self {
            // These have no ARN, or none before they are made.
            Self::PasswordPolicy
            | Self::NewKey(..)
            | Self::Recorder(..)
            | Self::Channel(..)
            | Self::Recording(..) => "*".to_owned(),
            Self::AccessKey(user, _) | Self::Password(user) => {
                account.arn("iam", "", &format!("user/{}", user.as_str()))
            }
            Self::RootKey(_) => account.arn("iam", "", "root"),
            // Contacts have none of their own: permissions are given for the account.
            Self::SecurityContact => account.arn("account", "", "account"),
            // An alias does not do for a permission on its key.
            Self::Key(region, key) | Self::KeyPolicy(region, key) if key.is_alias() => {
                of("kms", region, "key/*".to_owned())
            }
            Self::Key(region, key) | Self::KeyPolicy(region, key) => {
                of("kms", region, format!("key/{key}"))
            }
            Self::Inbound(region, group) | Self::Outbound(region, group) => {
                of("ec2", region, format!("security-group/{group}"))
            }
            // Its id is not known before it is made.
            Self::FlowLog(region, _) => of("ec2", region, "vpc-flow-log/*".to_owned()),
            Self::Bucket(_, bucket)
            | Self::BucketPolicy(_, bucket)
            | Self::PublicAccess(_, bucket)
            | Self::BucketAcl(_, bucket)
            | Self::AccessLog(_, bucket) => format!("arn:{}:s3:::{bucket}", account.partition),
            Self::Role(name) | Self::RolePolicy(name, _) => {
                account.arn("iam", "", &format!("role/{name}"))
            }
            Self::ServiceLinkedRole(service) => service.linked_role_arn(account),
            // A membership is a matter of the group.
            Self::UserGroup(name)
            | Self::GroupPolicy(name, _)
            | Self::GroupInline(name, _)
            | Self::Member(name, _) => account.arn("iam", "", &format!("group/{name}")),
            Self::UserPolicy(name, _) | Self::UserInline(name, _) => {
                account.arn("iam", "", &format!("user/{name}"))
            }
            Self::LogGroup(region, group)
            | Self::Retention(region, group)
            | Self::Filter(region, group, _) => of("logs", region, format!("log-group:{group}:*")),
            Self::Alias(region, alias) => of("kms", region, alias.clone()),
            Self::Trail(region, name) | Self::TrailLogging(region, name) => {
                of("cloudtrail", region, format!("trail/{name}"))
            }
            Self::Alarm(region, name) => of("cloudwatch", region, format!("alarm:{name}")),
            Self::Topic(region, name)
            | Self::TopicPolicy(region, name)
            | Self::Subscription(region, name, _) => of("sns", region, name.clone()),
        }
    }
}
