//! The closed list of AWS write calls, one variant per call.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{AliasOf, FlowLogConfig, GroupRule, KeyName, RecorderConfig, TrailConfig};
use crate::model::{
    AccessKeyId, BucketName, DeliveryChannel, Grant, GroupId, KeyId, KeyStatus, LogTarget,
    MetricAlarm, MetricFilter, PasswordPolicy, PolicyText, PublicAccessBlock, Region,
    SecurityContact, Service, UserName, VpcId,
};

/// Tags, by key.
pub type Tags = BTreeMap<String, String>;

/// One AWS write call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "kebab-case", deny_unknown_fields)]
#[expect(clippy::large_enum_variant, reason = "there are two for each change, and few of these")]
pub enum Operation {
    /// `iam:UpdateAccountPasswordPolicy`, always with every field.
    UpdateAccountPasswordPolicy {
        /// The whole policy.
        policy: PasswordPolicy,
    },
    /// `iam:DeleteAccountPasswordPolicy`
    DeleteAccountPasswordPolicy,
    /// `iam:UpdateAccessKey`
    UpdateAccessKey {
        /// Whose it is. IAM takes that of whoever asks where none is named.
        user: UserName,
        /// The key.
        key: AccessKeyId,
        /// Whether it opens the account from then on.
        to: KeyStatus,
        /// Nobody was known to have used it after this: with a later use it is left alone. `None`: however
        /// it is used.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unused_since: Option<Timestamp>,
    },
    /// `iam:DeleteLoginProfile`: the password is gone.
    DeleteLoginProfile {
        /// Whose it is.
        user: UserName,
        /// Nobody was known to have used it, or set it anew, after this: then it is left alone.
        unused_since: Timestamp,
    },
    /// `iam:DeleteAccessKey` as root of a member account, by `sts:AssumeRoot`: the key is gone.
    DeleteRootAccessKey {
        /// The key.
        key: AccessKeyId,
        /// Nobody was known to have used it after this: with a later use it is left alone.
        unused_since: Timestamp,
    },
    /// `account:PutAlternateContact` for security, always with every field.
    PutAlternateContact {
        /// The whole contact.
        contact: SecurityContact,
    },
    /// `account:DeleteAlternateContact` for security
    DeleteAlternateContact,
    /// `kms:EnableKeyRotation`
    EnableKeyRotation {
        /// Where the key is.
        region: Region,
        /// The key.
        key: KeyId,
        /// Days from one rotation to the next.
        period_days: u16,
    },
    /// `kms:DisableKeyRotation`
    DisableKeyRotation {
        /// Where the key is.
        region: Region,
        /// The key.
        key: KeyId,
    },
    /// `ec2:AuthorizeSecurityGroupIngress`
    AuthorizeSecurityGroupIngress {
        /// Where the group is.
        region: Region,
        /// The group.
        group: GroupId,
        /// The rules to add.
        rules: Vec<GroupRule>,
    },
    /// `ec2:RevokeSecurityGroupIngress`, by the ids that these rules have just before the call.
    RevokeSecurityGroupIngress {
        /// Where the group is.
        region: Region,
        /// The group.
        group: GroupId,
        /// The rules to take away.
        rules: Vec<GroupRule>,
    },
    /// `ec2:AuthorizeSecurityGroupEgress`
    AuthorizeSecurityGroupEgress {
        /// Where the group is.
        region: Region,
        /// The group.
        group: GroupId,
        /// The rules to add.
        rules: Vec<GroupRule>,
    },
    /// `ec2:RevokeSecurityGroupEgress`, by the ids that these rules have just before the call.
    RevokeSecurityGroupEgress {
        /// Where the group is.
        region: Region,
        /// The group.
        group: GroupId,
        /// The rules to take away.
        rules: Vec<GroupRule>,
    },
    /// `s3:CreateBucket`
    CreateBucket {
        /// Where it is made.
        region: Region,
        /// Its name.
        bucket: BucketName,
        /// Its tags.
        #[serde(default, skip_serializing_if = "Tags::is_empty")]
        tags: Tags,
    },
    /// `s3:DeleteBucket`, which S3 refuses while there is anything in it.
    DeleteBucket {
        /// Where it is.
        region: Region,
        /// Its name.
        bucket: BucketName,
    },
    /// `s3:PutBucketPolicy`
    PutBucketPolicy {
        /// Where the bucket is.
        region: Region,
        /// Its name.
        bucket: BucketName,
        /// The whole policy.
        policy: PolicyText,
    },
    /// `s3:DeleteBucketPolicy`
    DeleteBucketPolicy {
        /// Where the bucket is.
        region: Region,
        /// Its name.
        bucket: BucketName,
    },
    /// `PutPublicAccessBlock`, always with all four settings.
    PutPublicAccessBlock {
        /// Where the bucket is.
        region: Region,
        /// Its name.
        bucket: BucketName,
        /// The settings.
        block: PublicAccessBlock,
    },
    /// `DeletePublicAccessBlock`
    DeletePublicAccessBlock {
        /// Where the bucket is.
        region: Region,
        /// Its name.
        bucket: BucketName,
    },
    /// `s3:PutBucketAcl`, with all grants that shall be.
    PutBucketAcl {
        /// Where the bucket is.
        region: Region,
        /// Its name.
        bucket: BucketName,
        /// All of them.
        grants: Vec<Grant>,
    },
    /// `s3:PutBucketLogging`
    PutBucketLogging {
        /// Where the bucket is.
        region: Region,
        /// Its name.
        bucket: BucketName,
        /// Where its requests are logged; `None`: nowhere.
        to: Option<LogTarget>,
    },
    /// `iam:CreateRole`
    CreateRole {
        /// Its name.
        role: String,
        /// Who may take it on.
        trust: PolicyText,
        /// Its tags.
        #[serde(default, skip_serializing_if = "Tags::is_empty")]
        tags: Tags,
    },
    /// `iam:DeleteRole`
    DeleteRole {
        /// Its name.
        role: String,
    },
    /// `iam:PutRolePolicy`
    PutRolePolicy {
        /// The role.
        role: String,
        /// The name of the policy.
        name: String,
        /// The policy.
        policy: PolicyText,
    },
    /// `iam:DeleteRolePolicy`
    DeleteRolePolicy {
        /// The role.
        role: String,
        /// The name of the policy.
        name: String,
    },
    /// `iam:CreateServiceLinkedRole`
    CreateServiceLinkedRole {
        /// The service.
        service: Service,
    },
    /// `iam:DeleteServiceLinkedRole`
    DeleteServiceLinkedRole {
        /// The service.
        service: Service,
    },
    /// `iam:CreateGroup`
    CreateGroup {
        /// Its name.
        group: String,
    },
    /// `iam:DeleteGroup`, which IAM refuses while it has users or policies.
    DeleteGroup {
        /// Its name.
        group: String,
    },
    /// `iam:AttachGroupPolicy`, only while nobody is in the group.
    AttachGroupPolicy {
        /// The group.
        group: String,
        /// The ARN of the policy.
        policy: String,
    },
    /// `iam:DetachGroupPolicy`, only while nobody is in the group.
    DetachGroupPolicy {
        /// The group.
        group: String,
        /// The ARN of the policy.
        policy: String,
    },
    /// `iam:PutGroupPolicy`, only while nobody is in the group.
    PutGroupPolicy {
        /// The group.
        group: String,
        /// The name of the policy.
        name: String,
        /// The policy.
        policy: PolicyText,
    },
    /// `iam:DeleteGroupPolicy`, only while nobody is in the group.
    DeleteGroupPolicy {
        /// The group.
        group: String,
        /// The name of the policy.
        name: String,
    },
    /// `iam:AddUserToGroup`, only while the user has all that the group has.
    AddUserToGroup {
        /// The user.
        user: String,
        /// The group.
        group: String,
    },
    /// `iam:RemoveUserFromGroup`, only while the user has all that the group has.
    RemoveUserFromGroup {
        /// The user.
        user: String,
        /// The group.
        group: String,
    },
    /// `iam:AttachUserPolicy`
    AttachUserPolicy {
        /// The user.
        user: String,
        /// The ARN of the policy.
        policy: String,
        /// The group by which the user has it besides.
        group: String,
    },
    /// `iam:DetachUserPolicy`, only while the user has it by the group.
    DetachUserPolicy {
        /// The user.
        user: String,
        /// The ARN of the policy.
        policy: String,
        /// The group by which the user has it besides.
        group: String,
    },
    /// `iam:PutUserPolicy`
    PutUserPolicy {
        /// The user.
        user: String,
        /// The name of the policy.
        name: String,
        /// The policy.
        policy: PolicyText,
        /// The group by which the user has it besides.
        group: String,
    },
    /// `iam:DeleteUserPolicy`, only while the user has it by the group.
    DeleteUserPolicy {
        /// The user.
        user: String,
        /// The name of the policy.
        name: String,
        /// The group by which the user has it besides.
        group: String,
    },
    /// `logs:CreateLogGroup`
    CreateLogGroup {
        /// Where it is made.
        region: Region,
        /// Its name.
        group: String,
        /// Its tags.
        #[serde(default, skip_serializing_if = "Tags::is_empty")]
        tags: Tags,
    },
    /// `logs:DeleteLogGroup`, with all events in it.
    DeleteLogGroup {
        /// Where it is.
        region: Region,
        /// Its name.
        group: String,
    },
    /// `logs:PutRetentionPolicy`
    PutRetentionPolicy {
        /// Where the group is.
        region: Region,
        /// Its name.
        group: String,
        /// Days that events are kept.
        days: u16,
        /// Only of a group that was made since; `None`: of whatever group has the name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        made_since: Option<Timestamp>,
    },
    /// `logs:DeleteRetentionPolicy`: events are kept for ever.
    DeleteRetentionPolicy {
        /// Where the group is.
        region: Region,
        /// Its name.
        group: String,
    },
    /// `logs:PutMetricFilter`
    PutMetricFilter {
        /// Where the group is.
        region: Region,
        /// Its name.
        group: String,
        /// The name of the filter.
        filter: String,
        /// All of it.
        to: MetricFilter,
    },
    /// `logs:DeleteMetricFilter`
    DeleteMetricFilter {
        /// Where the group is.
        region: Region,
        /// Its name.
        group: String,
        /// The name of the filter.
        filter: String,
    },
    /// `kms:CreateKey`, symmetric.
    CreateKey {
        /// Where it is made.
        region: Region,
        /// What tells it from other keys until it has an alias.
        description: String,
        /// Its policy.
        policy: PolicyText,
        /// Its tags.
        #[serde(default, skip_serializing_if = "Tags::is_empty")]
        tags: Tags,
    },
    /// `kms:CreateAlias`
    CreateAlias {
        /// Where it is made.
        region: Region,
        /// With its `alias/`.
        alias: String,
        /// The key that it names.
        key: KeyName,
    },
    /// `kms:DeleteAlias`
    DeleteAlias {
        /// Where it is.
        region: Region,
        /// With its `alias/`.
        alias: String,
        /// The key that it names.
        key: KeyName,
    },
    /// `kms:PutKeyPolicy`
    PutKeyPolicy {
        /// Where the key is.
        region: Region,
        /// The key.
        key: KeyId,
        /// The whole policy.
        policy: PolicyText,
    },
    /// `cloudtrail:CreateTrail`
    CreateTrail {
        /// Its home.
        region: Region,
        /// Its name.
        name: String,
        /// Its settings.
        to: TrailConfig,
        /// The alias of the key that the same plan makes for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        alias: Option<AliasOf>,
        /// Its tags.
        #[serde(default, skip_serializing_if = "Tags::is_empty")]
        tags: Tags,
    },
    /// `cloudtrail:UpdateTrail`, one call for all that changes.
    UpdateTrail {
        /// Its home.
        region: Region,
        /// Its name.
        name: String,
        /// Its settings.
        to: TrailConfig,
        /// The alias of the key that the same plan makes for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        alias: Option<AliasOf>,
    },
    /// `cloudtrail:DeleteTrail`
    DeleteTrail {
        /// Its home.
        region: Region,
        /// Its name.
        name: String,
        /// The alias of the key that was made with it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        alias: Option<AliasOf>,
    },
    /// `cloudtrail:StartLogging`
    StartLogging {
        /// The home of the trail.
        region: Region,
        /// Its name.
        name: String,
    },
    /// `cloudtrail:StopLogging`
    StopLogging {
        /// The home of the trail.
        region: Region,
        /// Its name.
        name: String,
    },
    /// `cloudwatch:PutMetricAlarm`
    PutMetricAlarm {
        /// Where it is.
        region: Region,
        /// Its name.
        alarm: String,
        /// All of it.
        to: MetricAlarm,
        /// Its tags, which only a new alarm takes.
        #[serde(default, skip_serializing_if = "Tags::is_empty")]
        tags: Tags,
    },
    /// `cloudwatch:DeleteAlarms`, one of them.
    DeleteAlarms {
        /// Where it is.
        region: Region,
        /// Its name.
        alarm: String,
    },
    /// `sns:CreateTopic`
    CreateTopic {
        /// Where it is made.
        region: Region,
        /// Its name.
        topic: String,
        /// Who may publish.
        policy: PolicyText,
        /// Its tags.
        #[serde(default, skip_serializing_if = "Tags::is_empty")]
        tags: Tags,
    },
    /// `sns:DeleteTopic`, with all its subscriptions.
    DeleteTopic {
        /// Where it is.
        region: Region,
        /// Its name.
        topic: String,
    },
    /// `sns:SetTopicAttributes` for the policy.
    SetTopicPolicy {
        /// Where the topic is.
        region: Region,
        /// Its name.
        topic: String,
        /// The whole policy.
        policy: PolicyText,
    },
    /// `sns:Subscribe`
    Subscribe {
        /// Where the topic is.
        region: Region,
        /// Its name.
        topic: String,
        /// How, such as `email`.
        protocol: String,
        /// Where, such as a mail address.
        endpoint: String,
    },
    /// `sns:Unsubscribe`
    Unsubscribe {
        /// Where the topic is.
        region: Region,
        /// Its name.
        topic: String,
        /// How, such as `email`.
        protocol: String,
        /// Where, such as a mail address.
        endpoint: String,
    },
    /// `config:PutConfigurationRecorder`
    PutConfigurationRecorder {
        /// Where it is.
        region: Region,
        /// Its name.
        name: String,
        /// All of it.
        to: RecorderConfig,
    },
    /// `config:DeleteConfigurationRecorder`
    DeleteConfigurationRecorder {
        /// Where it is.
        region: Region,
        /// Its name.
        name: String,
    },
    /// `config:PutDeliveryChannel`
    PutDeliveryChannel {
        /// Where it is.
        region: Region,
        /// Its name.
        name: String,
        /// All of it.
        to: DeliveryChannel,
    },
    /// `config:DeleteDeliveryChannel`
    DeleteDeliveryChannel {
        /// Where it is.
        region: Region,
        /// Its name.
        name: String,
    },
    /// `config:StartConfigurationRecorder`
    StartConfigurationRecorder {
        /// Where it is.
        region: Region,
        /// Its name.
        name: String,
    },
    /// `config:StopConfigurationRecorder`
    StopConfigurationRecorder {
        /// Where it is.
        region: Region,
        /// Its name.
        name: String,
    },
    /// `ec2:CreateFlowLogs`, one for one VPC, to CloudWatch Logs.
    CreateFlowLogs {
        /// Where the VPC is.
        region: Region,
        /// The VPC.
        vpc: VpcId,
        /// All of it.
        to: FlowLogConfig,
        /// Its tags.
        #[serde(default, skip_serializing_if = "Tags::is_empty")]
        tags: Tags,
    },
    /// `ec2:DeleteFlowLogs`, by the id that this one of a VPC has just before the call.
    DeleteFlowLogs {
        /// Where the VPC is.
        region: Region,
        /// The VPC.
        vpc: VpcId,
        /// Which of its flow logs.
        to: FlowLogConfig,
    },
}
