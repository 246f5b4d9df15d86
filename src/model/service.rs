//! The AWS services that act in the account by themselves, as policies name them.

use serde::{Deserialize, Serialize};

use super::Account;

/// A service that delivers or publishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Service {
    /// CloudTrail.
    CloudTrail,
    /// AWS Config.
    Config,
    /// S3 where it writes access logs.
    S3Logging,
    /// CloudWatch where alarms act.
    CloudWatch,
    /// Flow logs of VPCs.
    VpcFlowLogs,
}

impl Service {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::CloudTrail, Self::Config, Self::S3Logging, Self::CloudWatch, Self::VpcFlowLogs];

    /// Its principal: the same in the partitions of AWS, China and the US government.
    pub const fn principal(self) -> &'static str {
        match self {
            Self::CloudTrail => "cloudtrail.amazonaws.com",
            Self::Config => "config.amazonaws.com",
            Self::S3Logging => "logging.s3.amazonaws.com",
            Self::CloudWatch => "cloudwatch.amazonaws.com",
            Self::VpcFlowLogs => "vpc-flow-logs.amazonaws.com",
        }
    }

    /// The name of the role that AWS makes for the service to read the account with.
    pub const fn linked_role(self) -> &'static str {
        match self {
            Self::CloudTrail => "AWSServiceRoleForCloudTrail",
            Self::Config => "AWSServiceRoleForConfig",
            Self::S3Logging => "AWSServiceRoleForS3Logging",
            Self::CloudWatch => "AWSServiceRoleForCloudWatch",
            Self::VpcFlowLogs => "AWSServiceRoleForVPCFlowLogs",
        }
    }

    /// The ARN of that role.
    pub fn linked_role_arn(self, account: &Account) -> String {
        let (principal, name) = (self.principal(), self.linked_role());
        account.arn("iam", "", &format!("role/aws-service-role/{principal}/{name}"))
    }
}
