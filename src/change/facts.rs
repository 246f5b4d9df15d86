//! What is to say of each kind of operation: one row each.

use super::{Operation, Risk};
use crate::model::{ASSUME_ROOT, Action, Service};

/// The permission to hand on a role.
pub const PASS_ROLE: &str = "iam:PassRole";

/// What is to say of a kind of operation.
#[derive(Debug)]
pub struct Facts {
    /// The name of the variant, as plans spell it.
    pub name: &'static str,
    /// The permission that the call itself takes: in the account, or [from above](Facts::is_from_above).
    pub action: Action,
    /// Permissions that it takes besides, where it writes tags or hands on a role.
    pub also: &'static [Action],
    /// The permissions that reading its target again takes.
    pub recheck: &'static [Action],
    /// Whether only an undo does this: no baseline asks for it.
    pub only_undo: bool,
    /// What it can do to people and workloads where it takes something back.
    pub undo_risk: Risk,
    /// What it means to take something back by it.
    pub told: &'static str,
}

impl Facts {
    /// Whether it is made as root of the account, by whoever enters it from the one that manages the
    /// organization: the permission is theirs, and nothing is taken of the role in the account.
    pub fn is_from_above(&self) -> bool {
        self.action == ASSUME_ROOT
    }

    /// The service that the call hands a role to.
    pub fn passes_role_to(&self) -> Option<Service> {
        self.also.iter().find(|action| action.as_str() == PASS_ROLE)?;
        Some(match self.action.as_str() {
            "ec2:CreateFlowLogs" => Service::VpcFlowLogs,
            "config:PutConfigurationRecorder" => Service::Config,
            _ => Service::CloudTrail,
        })
    }
}

macro_rules! rows {
    ($($row:ident: $variant:ident, $name:literal, $action:literal + [$($also:literal),*],
       [$($recheck:literal),*], $only_undo:literal, $risk:ident, $told:literal;)+) => {
        $(static $row: Facts = Facts {
            name: $name,
            action: Action::new($action),
            also: &[$(Action::new($also)),*],
            recheck: &[$(Action::new($recheck)),*],
            only_undo: $only_undo,
            undo_risk: Risk::$risk,
            told: $told,
        };)+

        /// One row for each kind of operation.
        pub static ALL_FACTS: &[&Facts] = &[$(&$row),+];

        impl Operation {
            /// What is to say of its kind.
            pub const fn facts(&self) -> &'static Facts {
                match self {
                    $(Self::$variant { .. } => &$row),+
                }
            }
        }
    };
}

rows! {
    UPDATE_ACCOUNT_PASSWORD_POLICY: UpdateAccountPasswordPolicy, "update-account-password-policy", "iam:UpdateAccountPasswordPolicy" + [],
        ["iam:GetAccountPasswordPolicy"], false, Additive,
        "the former policy counts again";
    DELETE_ACCOUNT_PASSWORD_POLICY: DeleteAccountPasswordPolicy, "delete-account-password-policy", "iam:DeleteAccountPasswordPolicy" + [],
        ["iam:GetAccountPasswordPolicy"], true, Additive,
        "AWS's own rule for accounts without a policy counts again";
    UPDATE_ACCESS_KEY: UpdateAccessKey, "update-access-key", "iam:UpdateAccessKey" + [],
        ["iam:ListAccessKeys", "iam:GetAccessKeyLastUsed"], false, Restrictive,
        "the key counts as it did before: where it is active, whoever holds it is let in";
    DELETE_LOGIN_PROFILE: DeleteLoginProfile, "delete-login-profile", "iam:DeleteLoginProfile" + [],
        ["iam:GetLoginProfile", "iam:GetUser"], false, Destructive,
        "the user can no longer sign in with a password";
    DELETE_ROOT_ACCESS_KEY: DeleteRootAccessKey, "delete-root-access-key", "sts:AssumeRoot" + [],
        ["sts:AssumeRoot"], false, Destructive,
        "root no longer has the key";
    PUT_ALTERNATE_CONTACT: PutAlternateContact, "put-alternate-contact", "account:PutAlternateContact" + [],
        ["account:GetAlternateContact"], false, Additive,
        "AWS writes to the former contact again";
    DELETE_ALTERNATE_CONTACT: DeleteAlternateContact, "delete-alternate-contact", "account:DeleteAlternateContact" + [],
        ["account:GetAlternateContact"], true, Additive,
        "AWS writes about security to the address of root only";
    ENABLE_KEY_ROTATION: EnableKeyRotation, "enable-key-rotation", "kms:EnableKeyRotation" + [],
        ["kms:GetKeyRotationStatus", "kms:DescribeKey"], false, Additive,
        "the key rotates again";
    DISABLE_KEY_ROTATION: DisableKeyRotation, "disable-key-rotation", "kms:DisableKeyRotation" + [],
        ["kms:GetKeyRotationStatus", "kms:DescribeKey"], true, Additive,
        "the key no longer rotates";
    AUTHORIZE_SECURITY_GROUP_INGRESS: AuthorizeSecurityGroupIngress, "authorize-security-group-ingress", "ec2:AuthorizeSecurityGroupIngress" + ["ec2:CreateTags"],
        ["ec2:DescribeSecurityGroupRules"], false, Additive,
        "lets in again whom the run shut out";
    REVOKE_SECURITY_GROUP_INGRESS: RevokeSecurityGroupIngress, "revoke-security-group-ingress", "ec2:RevokeSecurityGroupIngress" + [],
        ["ec2:DescribeSecurityGroupRules"], false, Restrictive,
        "shuts out whom the run let in";
    AUTHORIZE_SECURITY_GROUP_EGRESS: AuthorizeSecurityGroupEgress, "authorize-security-group-egress", "ec2:AuthorizeSecurityGroupEgress" + ["ec2:CreateTags"],
        ["ec2:DescribeSecurityGroupRules"], true, Additive,
        "lets out again what the run shut in";
    REVOKE_SECURITY_GROUP_EGRESS: RevokeSecurityGroupEgress, "revoke-security-group-egress", "ec2:RevokeSecurityGroupEgress" + [],
        ["ec2:DescribeSecurityGroupRules"], false, Restrictive,
        "shuts in what the run let out";
    CREATE_BUCKET: CreateBucket, "create-bucket", "s3:CreateBucket" + ["s3:TagResource"],
        ["s3:ListBucket"], false, Additive,
        "the bucket is there again, and empty";
    DELETE_BUCKET: DeleteBucket, "delete-bucket", "s3:DeleteBucket" + [],
        ["s3:ListBucket"], true, Restrictive,
        "S3 refuses while anything has been delivered to it: then the bucket stays";
    PUT_BUCKET_POLICY: PutBucketPolicy, "put-bucket-policy", "s3:PutBucketPolicy" + [],
        ["s3:GetBucketPolicy"], false, Restrictive,
        "the former policy counts again, with whomever it let in";
    DELETE_BUCKET_POLICY: DeleteBucketPolicy, "delete-bucket-policy", "s3:DeleteBucketPolicy" + [],
        ["s3:GetBucketPolicy"], false, Restrictive,
        "what the policy let in is shut out";
    PUT_PUBLIC_ACCESS_BLOCK: PutPublicAccessBlock, "put-public-access-block", "s3:PutBucketPublicAccessBlock" + [],
        ["s3:GetBucketPublicAccessBlock"], false, Additive,
        "the former settings count again: what they let in is let in";
    DELETE_PUBLIC_ACCESS_BLOCK: DeletePublicAccessBlock, "delete-public-access-block", "s3:PutBucketPublicAccessBlock" + [],
        ["s3:GetBucketPublicAccessBlock"], true, Additive,
        "public ACLs and policies of the bucket count again";
    PUT_BUCKET_ACL: PutBucketAcl, "put-bucket-acl", "s3:PutBucketAcl" + [],
        ["s3:GetBucketAcl"], false, Additive,
        "the former grants count again, the public ones too";
    PUT_BUCKET_LOGGING: PutBucketLogging, "put-bucket-logging", "s3:PutBucketLogging" + [],
        ["s3:GetBucketLogging"], false, Additive,
        "requests to the bucket are no longer logged";
    CREATE_ROLE: CreateRole, "create-role", "iam:CreateRole" + ["iam:TagRole"],
        ["iam:GetRole"], false, Additive,
        "the role is there again";
    DELETE_ROLE: DeleteRole, "delete-role", "iam:DeleteRole" + [],
        ["iam:GetRole"], true, Restrictive,
        "nobody can take on the role any more";
    PUT_ROLE_POLICY: PutRolePolicy, "put-role-policy", "iam:PutRolePolicy" + [],
        ["iam:GetRolePolicy"], false, Additive,
        "the role may do again what it could";
    DELETE_ROLE_POLICY: DeleteRolePolicy, "delete-role-policy", "iam:DeleteRolePolicy" + [],
        ["iam:GetRolePolicy"], true, Restrictive,
        "the role may no longer do this";
    CREATE_SERVICE_LINKED_ROLE: CreateServiceLinkedRole, "create-service-linked-role", "iam:CreateServiceLinkedRole" + [],
        ["iam:GetRole"], false, Additive,
        "the service has its role again";
    DELETE_SERVICE_LINKED_ROLE: DeleteServiceLinkedRole, "delete-service-linked-role", "iam:DeleteServiceLinkedRole" + ["iam:GetServiceLinkedRoleDeletionStatus"],
        ["iam:GetRole"], true, Restrictive,
        "AWS refuses while the service uses it in any region";
    CREATE_GROUP: CreateGroup, "create-group", "iam:CreateGroup" + ["iam:GetGroup"],
        ["iam:GetGroup"], false, Additive,
        "the group is there again, and empty";
    DELETE_GROUP: DeleteGroup, "delete-group", "iam:DeleteGroup" + ["iam:GetGroup"],
        ["iam:GetGroup"], true, Additive,
        "IAM refuses while it has users or policies: then the group stays";
    ATTACH_GROUP_POLICY: AttachGroupPolicy, "attach-group-policy", "iam:AttachGroupPolicy" + ["iam:GetGroup", "iam:ListAttachedGroupPolicies"],
        ["iam:GetGroup", "iam:ListAttachedGroupPolicies"], false, Additive,
        "the group has the policy again";
    DETACH_GROUP_POLICY: DetachGroupPolicy, "detach-group-policy", "iam:DetachGroupPolicy" + ["iam:GetGroup", "iam:ListAttachedGroupPolicies"],
        ["iam:GetGroup", "iam:ListAttachedGroupPolicies"], true, Additive,
        "nobody is in the group, so nobody loses anything";
    PUT_GROUP_POLICY: PutGroupPolicy, "put-group-policy", "iam:PutGroupPolicy" + ["iam:GetGroup", "iam:GetGroupPolicy"],
        ["iam:GetGroup", "iam:GetGroupPolicy"], false, Additive,
        "the group has the policy again";
    DELETE_GROUP_POLICY: DeleteGroupPolicy, "delete-group-policy", "iam:DeleteGroupPolicy" + ["iam:GetGroup", "iam:GetGroupPolicy"],
        ["iam:GetGroup", "iam:GetGroupPolicy"], true, Additive,
        "nobody is in the group, so nobody loses anything";
    ADD_USER_TO_GROUP: AddUserToGroup, "add-user-to-group", "iam:AddUserToGroup" + ["iam:GetGroupPolicy", "iam:GetUserPolicy", "iam:ListAttachedGroupPolicies", "iam:ListAttachedUserPolicies", "iam:ListGroupPolicies", "iam:ListGroupsForUser"],
        ["iam:ListGroupsForUser"], false, Additive,
        "the user has the rights of the group again";
    REMOVE_USER_FROM_GROUP: RemoveUserFromGroup, "remove-user-from-group", "iam:RemoveUserFromGroup" + ["iam:GetGroupPolicy", "iam:GetUserPolicy", "iam:ListAttachedGroupPolicies", "iam:ListAttachedUserPolicies", "iam:ListGroupPolicies", "iam:ListGroupsForUser"],
        ["iam:ListGroupsForUser"], true, Restrictive,
        "the user has the same rights without the group";
    ATTACH_USER_POLICY: AttachUserPolicy, "attach-user-policy", "iam:AttachUserPolicy" + ["iam:ListAttachedUserPolicies"],
        ["iam:ListAttachedUserPolicies"], true, Additive,
        "the policy sits on the user again";
    DETACH_USER_POLICY: DetachUserPolicy, "detach-user-policy", "iam:DetachUserPolicy" + ["iam:ListAttachedGroupPolicies", "iam:ListAttachedUserPolicies", "iam:ListGroupsForUser"],
        ["iam:ListAttachedUserPolicies"], false, Restrictive,
        "the user has the policy by the group alone";
    PUT_USER_POLICY: PutUserPolicy, "put-user-policy", "iam:PutUserPolicy" + ["iam:GetUserPolicy"],
        ["iam:GetUserPolicy"], true, Additive,
        "the policy sits on the user again";
    DELETE_USER_POLICY: DeleteUserPolicy, "delete-user-policy", "iam:DeleteUserPolicy" + ["iam:GetGroupPolicy", "iam:GetUserPolicy", "iam:ListGroupsForUser"],
        ["iam:GetUserPolicy"], false, Restrictive,
        "the user has the policy by the group alone";
    CREATE_LOG_GROUP: CreateLogGroup, "create-log-group", "logs:CreateLogGroup" + ["logs:TagResource"],
        ["logs:DescribeLogGroups"], false, Additive,
        "the log group is there again, and empty";
    DELETE_LOG_GROUP: DeleteLogGroup, "delete-log-group", "logs:DeleteLogGroup" + [],
        ["logs:DescribeLogGroups", "logs:DescribeMetricFilters"], true, Destructive,
        "deletes every event that has been delivered to it";
    PUT_RETENTION_POLICY: PutRetentionPolicy, "put-retention-policy", "logs:PutRetentionPolicy" + [],
        ["logs:DescribeLogGroups"], false, Additive,
        "the former retention counts again";
    DELETE_RETENTION_POLICY: DeleteRetentionPolicy, "delete-retention-policy", "logs:DeleteRetentionPolicy" + [],
        ["logs:DescribeLogGroups"], true, Additive,
        "events are kept for ever";
    PUT_METRIC_FILTER: PutMetricFilter, "put-metric-filter", "logs:PutMetricFilter" + [],
        ["logs:DescribeMetricFilters"], false, Additive,
        "the former filter counts again";
    DELETE_METRIC_FILTER: DeleteMetricFilter, "delete-metric-filter", "logs:DeleteMetricFilter" + [],
        ["logs:DescribeMetricFilters"], true, Restrictive,
        "these events are no longer counted";
    CREATE_KEY: CreateKey, "create-key", "kms:CreateKey" + ["kms:TagResource"],
        ["kms:ListKeys", "kms:DescribeKey", "kms:GetKeyPolicy"], false, Additive,
        "there is one key more";
    CREATE_ALIAS: CreateAlias, "create-alias", "kms:CreateAlias" + [],
        ["kms:DescribeKey", "kms:ListKeys"], false, Additive,
        "the key has its alias again";
    DELETE_ALIAS: DeleteAlias, "delete-alias", "kms:DeleteAlias" + [],
        ["kms:DescribeKey", "kms:ListKeys"], true, Additive,
        "the key stays, without its alias";
    PUT_KEY_POLICY: PutKeyPolicy, "put-key-policy", "kms:PutKeyPolicy" + [],
        ["kms:GetKeyPolicy"], false, Restrictive,
        "the former key policy counts again";
    CREATE_TRAIL: CreateTrail, "create-trail", "cloudtrail:CreateTrail" + ["cloudtrail:AddTags", "iam:PassRole"],
        ["cloudtrail:DescribeTrails", "kms:DescribeKey"], false, Additive,
        "the trail is there again";
    UPDATE_TRAIL: UpdateTrail, "update-trail", "cloudtrail:UpdateTrail" + ["iam:PassRole"],
        ["cloudtrail:DescribeTrails", "kms:DescribeKey"], false, Restrictive,
        "the trail records, signs, encrypts and delivers as it did before";
    DELETE_TRAIL: DeleteTrail, "delete-trail", "cloudtrail:DeleteTrail" + [],
        ["cloudtrail:DescribeTrails", "kms:DescribeKey"], true, Restrictive,
        "the account's events are no longer kept by this trail; delivered logs stay";
    START_LOGGING: StartLogging, "start-logging", "cloudtrail:StartLogging" + [],
        ["cloudtrail:GetTrailStatus"], false, Additive,
        "the trail records again";
    STOP_LOGGING: StopLogging, "stop-logging", "cloudtrail:StopLogging" + [],
        ["cloudtrail:GetTrailStatus"], true, Restrictive,
        "the account's events are no longer recorded by this trail";
    PUT_METRIC_ALARM: PutMetricAlarm, "put-metric-alarm", "cloudwatch:PutMetricAlarm" + ["cloudwatch:TagResource"],
        ["cloudwatch:DescribeAlarms"], false, Additive,
        "the former alarm counts again";
    DELETE_ALARMS: DeleteAlarms, "delete-alarms", "cloudwatch:DeleteAlarms" + [],
        ["cloudwatch:DescribeAlarms"], true, Restrictive,
        "nobody is told of these events any more";
    CREATE_TOPIC: CreateTopic, "create-topic", "sns:CreateTopic" + ["sns:TagResource"],
        ["sns:GetTopicAttributes"], false, Additive,
        "the topic is there again";
    DELETE_TOPIC: DeleteTopic, "delete-topic", "sns:DeleteTopic" + [],
        ["sns:GetTopicAttributes"], true, Destructive,
        "its subscribers receive nothing any more, those that others added included";
    SET_TOPIC_POLICY: SetTopicPolicy, "set-topic-policy", "sns:SetTopicAttributes" + [],
        ["sns:GetTopicAttributes"], false, Restrictive,
        "the former policy counts again";
    SUBSCRIBE: Subscribe, "subscribe", "sns:Subscribe" + [],
        ["sns:ListSubscriptionsByTopic"], false, Additive,
        "receives what the topic sends again, after confirming where that is asked for";
    UNSUBSCRIBE: Unsubscribe, "unsubscribe", "sns:Unsubscribe" + [],
        ["sns:ListSubscriptionsByTopic"], false, Destructive,
        "receives nothing any more; SNS keeps what is not confirmed yet for three days";
    PUT_CONFIGURATION_RECORDER: PutConfigurationRecorder, "put-configuration-recorder", "config:PutConfigurationRecorder" + ["iam:PassRole"],
        ["config:DescribeConfigurationRecorders"], false, Restrictive,
        "records what it recorded before";
    DELETE_CONFIGURATION_RECORDER: DeleteConfigurationRecorder, "delete-configuration-recorder", "config:DeleteConfigurationRecorder" + [],
        ["config:DescribeConfigurationRecorders"], true, Restrictive,
        "changes to resources leave no history any more";
    PUT_DELIVERY_CHANNEL: PutDeliveryChannel, "put-delivery-channel", "config:PutDeliveryChannel" + [],
        ["config:DescribeDeliveryChannels"], false, Restrictive,
        "delivers to where it delivered before";
    DELETE_DELIVERY_CHANNEL: DeleteDeliveryChannel, "delete-delivery-channel", "config:DeleteDeliveryChannel" + [],
        ["config:DescribeDeliveryChannels"], true, Restrictive,
        "what is recorded is delivered nowhere";
    START_CONFIGURATION_RECORDER: StartConfigurationRecorder, "start-configuration-recorder", "config:StartConfigurationRecorder" + [],
        ["config:DescribeConfigurationRecorderStatus"], false, Additive,
        "records again";
    STOP_CONFIGURATION_RECORDER: StopConfigurationRecorder, "stop-configuration-recorder", "config:StopConfigurationRecorder" + [],
        ["config:DescribeConfigurationRecorderStatus"], true, Restrictive,
        "changes to resources are no longer recorded";
    CREATE_FLOW_LOGS: CreateFlowLogs, "create-flow-logs", "ec2:CreateFlowLogs" + ["ec2:CreateTags", "iam:PassRole"],
        ["ec2:DescribeFlowLogs"], false, Additive,
        "the traffic of the VPC is recorded again";
    DELETE_FLOW_LOGS: DeleteFlowLogs, "delete-flow-logs", "ec2:DeleteFlowLogs" + [],
        ["ec2:DescribeFlowLogs"], true, Restrictive,
        "the traffic of the VPC is no longer recorded by this flow log; delivered records stay";
}

impl Operation {
    /// The name of the variant, as plans spell it.
    pub const fn name(&self) -> &'static str {
        self.facts().name
    }

    /// The permission the call itself takes.
    pub fn action(&self) -> Action {
        self.facts().action.clone()
    }

    /// The permissions that reading the target again just before the call takes.
    pub const fn recheck_actions(&self) -> &'static [Action] {
        self.facts().recheck
    }

    /// Every permission in the account that any operation may take.
    pub fn all_permissions() -> impl Iterator<Item = &'static Action> {
        let here = ALL_FACTS.iter().filter(|facts| !facts.is_from_above());
        here.flat_map(|facts| std::iter::once(&facts.action).chain(facts.also))
    }
}
