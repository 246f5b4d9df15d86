//! The closed list of things harden reads.

use super::Action;

/// The permission to be root of another account. It is one of the account that manages the organization.
pub const ASSUME_ROOT: Action = Action::new("sts:AssumeRoot");

macro_rules! actions {
    ($($name:literal),+) => {
        const { &[$(Action::new($name)),+] }
    };
}

/// One thing that is read, by one API call or a paged series of the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Read {
    /// `iam:GetAccountPasswordPolicy`
    PasswordPolicy,
    /// `iam:GetAccountSummary`
    AccountSummary,
    /// `iam:ListVirtualMFADevices`
    VirtualMfaDevices,
    /// `iam:GenerateCredentialReport`, then `iam:GetCredentialReport`
    CredentialReport,
    /// `iam:ListAccessKeys` and `iam:GetAccessKeyLastUsed`, for users with keys that nobody uses
    IdleKeys,
    /// The same, for users with keys that are too old
    OldKeys,
    /// `iam:GetLoginProfile` and `iam:GetUser`, for users with passwords that nobody uses
    IdlePasswords,
    /// `iam:ListAccessKeys` and `iam:GetAccessKeyLastUsed` as root of a member account, where something tells of
    /// a key
    RootKeys,
    /// `iam:GetAccountAuthorizationDetails`, users and groups with their policies
    People,
    /// `account:GetAlternateContact`, the one for security
    SecurityContact,
    /// `kms:ListKeys`, `kms:DescribeKey`, `kms:GetKeyRotationStatus`
    Keys,
    /// `ec2:DescribeSecurityGroupRules`
    Rules,
    /// `ec2:GetManagedPrefixListEntries`, for the lists that inbound rules name
    PrefixLists,
    /// `ec2:DescribeSecurityGroups`, where a rule is open to the world
    Groups,
    /// `ec2:DescribeSecurityGroups`, those that VPCs have from the start
    DefaultGroups,
    /// `ec2:DescribeNetworkInterfaces`, where a rule is open to the world or a default group has one
    Interfaces,
    /// `kms:ListAliases`, where there is a key
    Aliases,
    /// `cloudtrail:DescribeTrails`
    Trails,
    /// `cloudtrail:GetTrailStatus`
    TrailStatus,
    /// `cloudtrail:GetEventSelectors`
    TrailSelectors,
    /// `kms:DescribeKey`, for the keys that trails encrypt with
    TrailKeys,
    /// `HeadBucket`, for the buckets that trails deliver to
    Buckets,
    /// `s3:GetBucketAcl`
    BucketAcl,
    /// `s3:GetBucketPolicy`
    BucketPolicy,
    /// `s3:GetBucketPolicyStatus`
    BucketPolicyStatus,
    /// `GetPublicAccessBlock`
    BucketPublicAccess,
    /// `s3:GetBucketOwnershipControls`
    BucketOwnership,
    /// `s3:GetBucketLogging`
    BucketLogging,
    /// `config:DescribeConfigurationRecorders`
    Recorders,
    /// `config:DescribeConfigurationRecorderStatus`
    RecorderStatus,
    /// `config:DescribeDeliveryChannels`
    DeliveryChannels,
    /// `iam:GetRole` and `iam:GetRolePolicy`, for the roles that services need
    Roles,
    /// `HeadBucket`, for the buckets that the baseline names
    BaselineBuckets,
    /// `kms:DescribeKey`, for the alias that the baseline names
    BaselineKeys,
    /// `kms:GetKeyPolicy`, for the keys that trails encrypt with, or may, and those of topics
    KeyPolicies,
    /// `logs:DescribeLogGroups`, for those that trails deliver to and those that the baseline names
    LogGroups,
    /// `logs:DescribeMetricFilters`, for these log groups
    MetricFilters,
    /// `cloudwatch:DescribeAlarms`, where there is such a log group
    Alarms,
    /// `sns:ListTopics`
    Topics,
    /// `sns:GetTopicAttributes`, for the topics that alarms and the baseline name
    TopicAttributes,
    /// `sns:ListSubscriptionsByTopic`, for these topics and those that are listed
    Subscribers,
    /// `ec2:DescribeVpcs`
    Vpcs,
    /// `ec2:DescribeFlowLogs`
    FlowLogs,
    /// `logs:DescribeLogGroups`, for the one that the baseline names for flow logs, where there is a VPC
    FlowLogGroups,
    /// `iam:GetRole` and `iam:GetRolePolicy`, for the role that the baseline names for flow logs
    FlowLogRole,
}

/// Where a read is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadScope {
    /// Once for the account.
    Global,
    /// In every region.
    Regional,
    /// Once for each thing that another read has named.
    Named,
}

impl Read {
    /// Every read there is.
    pub const ALL: [Self; 45] = [
        Self::PasswordPolicy,
        Self::AccountSummary,
        Self::VirtualMfaDevices,
        Self::CredentialReport,
        Self::IdleKeys,
        Self::OldKeys,
        Self::IdlePasswords,
        Self::RootKeys,
        Self::People,
        Self::SecurityContact,
        Self::Keys,
        Self::Rules,
        Self::PrefixLists,
        Self::Groups,
        Self::DefaultGroups,
        Self::Interfaces,
        Self::Aliases,
        Self::Trails,
        Self::TrailStatus,
        Self::TrailSelectors,
        Self::TrailKeys,
        Self::Buckets,
        Self::BucketAcl,
        Self::BucketPolicy,
        Self::BucketPolicyStatus,
        Self::BucketPublicAccess,
        Self::BucketOwnership,
        Self::BucketLogging,
        Self::Recorders,
        Self::RecorderStatus,
        Self::DeliveryChannels,
        Self::Roles,
        Self::BaselineBuckets,
        Self::BaselineKeys,
        Self::KeyPolicies,
        Self::LogGroups,
        Self::MetricFilters,
        Self::Alarms,
        Self::Topics,
        Self::TopicAttributes,
        Self::Subscribers,
        Self::Vpcs,
        Self::FlowLogs,
        Self::FlowLogGroups,
        Self::FlowLogRole,
    ];

    /// What every command reads: the account's regions and alias. Who is asking, AWS tells everybody.
    pub const ALWAYS: &'static [Action] =
        &[Action::new("ec2:DescribeRegions"), Action::new("iam:ListAccountAliases")];

    /// The permissions it takes in the account. Some of S3's differ from the names of the calls.
    pub const fn actions(self) -> &'static [Action] {
        match self {
            Self::PasswordPolicy => actions!["iam:GetAccountPasswordPolicy"],
            Self::AccountSummary => actions!["iam:GetAccountSummary"],
            Self::VirtualMfaDevices => actions!["iam:ListVirtualMFADevices"],
            Self::CredentialReport => {
                actions!["iam:GenerateCredentialReport", "iam:GetCredentialReport"]
            }
            Self::IdleKeys | Self::OldKeys => {
                actions!["iam:ListAccessKeys", "iam:GetAccessKeyLastUsed"]
            }
            Self::IdlePasswords => actions!["iam:GetLoginProfile", "iam:GetUser"],
            // Those of root are given with its session.
            Self::RootKeys => &[],
            Self::People => actions!["iam:GetAccountAuthorizationDetails"],
            Self::SecurityContact => const { &[Action::new("account:GetAlternateContact")] },
            Self::Keys => {
                actions!["kms:ListKeys", "kms:DescribeKey", "kms:GetKeyRotationStatus"]
            }
            Self::Aliases => actions!["kms:ListAliases"],
            Self::Rules => actions!["ec2:DescribeSecurityGroupRules"],
            Self::PrefixLists => actions!["ec2:GetManagedPrefixListEntries"],
            Self::Groups | Self::DefaultGroups => actions!["ec2:DescribeSecurityGroups"],
            Self::Interfaces => actions!["ec2:DescribeNetworkInterfaces"],
            Self::Trails => actions!["cloudtrail:DescribeTrails"],
            Self::TrailStatus => actions!["cloudtrail:GetTrailStatus"],
            Self::TrailSelectors => actions!["cloudtrail:GetEventSelectors"],
            Self::TrailKeys | Self::BaselineKeys => actions!["kms:DescribeKey"],
            Self::Buckets | Self::BaselineBuckets => actions!["s3:ListBucket"],
            Self::BucketAcl => actions!["s3:GetBucketAcl"],
            Self::BucketPolicy => actions!["s3:GetBucketPolicy"],
            Self::BucketPolicyStatus => actions!["s3:GetBucketPolicyStatus"],
            Self::BucketPublicAccess => actions!["s3:GetBucketPublicAccessBlock"],
            Self::BucketOwnership => actions!["s3:GetBucketOwnershipControls"],
            Self::BucketLogging => actions!["s3:GetBucketLogging"],
            Self::Recorders => actions!["config:DescribeConfigurationRecorders"],
            Self::RecorderStatus => actions!["config:DescribeConfigurationRecorderStatus"],
            Self::DeliveryChannels => actions!["config:DescribeDeliveryChannels"],
            Self::Roles | Self::FlowLogRole => actions!["iam:GetRole", "iam:GetRolePolicy"],
            // An alias of a key does not do for its policy.
            Self::KeyPolicies => actions!["kms:GetKeyPolicy", "kms:DescribeKey"],
            Self::LogGroups | Self::FlowLogGroups => actions!["logs:DescribeLogGroups"],
            Self::MetricFilters => actions!["logs:DescribeMetricFilters"],
            Self::Alarms => actions!["cloudwatch:DescribeAlarms"],
            Self::Topics => actions!["sns:ListTopics"],
            Self::TopicAttributes => actions!["sns:GetTopicAttributes"],
            Self::Subscribers => actions!["sns:ListSubscriptionsByTopic"],
            Self::Vpcs => actions!["ec2:DescribeVpcs"],
            Self::FlowLogs => actions!["ec2:DescribeFlowLogs"],
        }
    }

    /// The permissions it takes of whoever enters the account from the one that manages the organization.
    pub const fn actions_from_above(self) -> &'static [Action] {
        if matches!(self, Self::RootKeys) {
            return const { &[ASSUME_ROOT] };
        }
        &[]
    }

    /// Where it is made.
    pub const fn scope(self) -> ReadScope {
        match self {
            Self::PasswordPolicy
            | Self::AccountSummary
            | Self::VirtualMfaDevices
            | Self::CredentialReport
            | Self::People
            | Self::SecurityContact
            | Self::Roles
            | Self::FlowLogRole => ReadScope::Global,
            Self::Keys
            | Self::Aliases
            | Self::Rules
            | Self::PrefixLists
            | Self::Groups
            | Self::DefaultGroups
            | Self::Interfaces
            | Self::Trails
            | Self::Recorders
            | Self::RecorderStatus
            | Self::DeliveryChannels
            | Self::Topics
            | Self::Vpcs
            | Self::FlowLogs => ReadScope::Regional,
            Self::IdleKeys
            | Self::OldKeys
            | Self::IdlePasswords
            | Self::RootKeys
            | Self::TrailStatus
            | Self::TrailSelectors
            | Self::TrailKeys
            | Self::Buckets
            | Self::BucketAcl
            | Self::BucketPolicy
            | Self::BucketPolicyStatus
            | Self::BucketPublicAccess
            | Self::BucketOwnership
            | Self::BucketLogging
            | Self::BaselineBuckets
            | Self::BaselineKeys
            | Self::KeyPolicies
            | Self::LogGroups
            | Self::MetricFilters
            | Self::Alarms
            | Self::TopicAttributes
            | Self::Subscribers
            | Self::FlowLogGroups => ReadScope::Named,
        }
    }
}
