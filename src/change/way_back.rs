//! How an operation is taken back, given what it found.

use super::{Document, Inverse, Operation, Tags};
use crate::model::{Region, Rotation};

impl Operation {
    /// The way back to the document that the operation fits.
    pub(super) fn way_back(&self, before: &Document) -> Inverse {
        match self.inverse(before) {
            Ok(operation) => Inverse::Run(operation),
            Err(why) => Inverse::Impossible { impossible: why.to_owned() },
        }
    }

    fn inverse(&self, before: &Document) -> Result<Self, &'static str> {
        use Document as Doc;
        Ok(match (self, before) {
            (_, Doc::PasswordPolicy(was)) => {
                was.clone().map_or(Self::DeleteAccountPasswordPolicy, |policy| {
                    Self::UpdateAccountPasswordPolicy { policy }
                })
            }
            (Self::UpdateAccessKey { user, key, unused_since, .. }, Doc::AccessKey(Some(was))) => {
                let (user, key) = (user.clone(), key.clone());
                let (to, unused_since) = (was.status, *unused_since);
                Self::UpdateAccessKey { user, key, to, unused_since }
            }
            (Self::DeleteLoginProfile { .. }, _) => {
                return Err(
                    "the password cannot be given back: an administrator can only set a new one",
                );
            }
            (Self::DeleteRootAccessKey { .. }, _) => {
                return Err("the key cannot be given back: root can only make a new one");
            }
            (_, Doc::SecurityContact(was)) => {
                was.clone().map_or(Self::DeleteAlternateContact, |contact| {
                    Self::PutAlternateContact { contact }
                })
            }
            (
                Self::EnableKeyRotation { region, key, .. }
                | Self::DisableKeyRotation { region, key },
                Doc::KeyRotation(was),
            ) => {
                if key.is_alias() {
                    return Err("the key stays, and keeps rotating");
                }
                let (region, key) = (region.clone(), key.clone());
                match *was {
                    Rotation::Off => Self::DisableKeyRotation { region, key },
                    Rotation::On { period_days } => {
                        Self::EnableKeyRotation { region, key, period_days }
                    }
                }
            }
            (Self::AuthorizeSecurityGroupIngress { region, group, rules }, _) => {
                let (region, group, rules) = (region.clone(), group.clone(), rules.clone());
                Self::RevokeSecurityGroupIngress { region, group, rules }
            }
            (Self::RevokeSecurityGroupIngress { region, group, .. }, Doc::InboundRules(was)) => {
                let (region, group, rules) = (region.clone(), group.clone(), was.clone());
                Self::AuthorizeSecurityGroupIngress { region, group, rules }
            }
            (Self::AuthorizeSecurityGroupEgress { region, group, rules }, _) => {
                let (region, group, rules) = (region.clone(), group.clone(), rules.clone());
                Self::RevokeSecurityGroupEgress { region, group, rules }
            }
            (Self::RevokeSecurityGroupEgress { region, group, .. }, Doc::OutboundRules(was)) => {
                let (region, group, rules) = (region.clone(), group.clone(), was.clone());
                Self::AuthorizeSecurityGroupEgress { region, group, rules }
            }
            (Self::CreateKey { .. }, _) => {
                return Err(
                    "a KMS key can only be scheduled for deletion, which harden never does: \
                            it stays, at 1 USD a month",
                );
            }
            (Self::CreateFlowLogs { region, vpc, to, .. }, Doc::FlowLog(None)) => {
                let (region, vpc, to) = (region.clone(), vpc.clone(), to.clone());
                Self::DeleteFlowLogs { region, vpc, to }
            }
            (Self::DeleteFlowLogs { region, vpc, .. }, Doc::FlowLog(Some(was))) => {
                let (region, vpc, to) = (region.clone(), vpc.clone(), was.clone());
                Self::CreateFlowLogs { region, vpc, to, tags: Tags::new() }
            }
            (_, Doc::Filter(_) | Doc::Retention(_) | Doc::Alarm(_)) => {
                return self.in_cloudwatch(before);
            }
            (_, Doc::Trail(_) | Doc::Recording(_) | Doc::Recorder(_) | Doc::Channel(_)) => {
                return self.in_recording(before);
            }
            (_, Doc::Attached(_) | Doc::OwnPolicy(_) | Doc::Member(_)) => {
                return self.among_people(before);
            }
            _ => return self.in_s3(before).or_else(|_| self.elsewhere(before)),
        })
    }

    fn in_s3(&self, before: &Document) -> Result<Self, &'static str> {
        use Document as Doc;
        let at =
            |region: &Region, bucket: &crate::model::BucketName| (region.clone(), bucket.clone());
        Ok(match (self, before) {
            (Self::CreateBucket { region, bucket, .. }, _) => {
                let (region, bucket) = at(region, bucket);
                Self::DeleteBucket { region, bucket }
            }
            (Self::DeleteBucket { region, bucket }, _) => {
                let (region, bucket) = at(region, bucket);
                Self::CreateBucket { region, bucket, tags: Tags::new() }
            }
            (
                Self::PutBucketPolicy { region, bucket, .. }
                | Self::DeleteBucketPolicy { region, bucket },
                Doc::Policy(was),
            ) => {
                let (region, bucket) = at(region, bucket);
                match was.clone() {
                    Some(policy) => Self::PutBucketPolicy { region, bucket, policy },
                    None => Self::DeleteBucketPolicy { region, bucket },
                }
            }
            (
                Self::PutPublicAccessBlock { region, bucket, .. }
                | Self::DeletePublicAccessBlock { region, bucket },
                Doc::PublicAccess(was),
            ) => {
                let (region, bucket) = at(region, bucket);
                match *was {
                    Some(block) => Self::PutPublicAccessBlock { region, bucket, block },
                    None => Self::DeletePublicAccessBlock { region, bucket },
                }
            }
            (Self::PutBucketAcl { region, bucket, .. }, Doc::Acl(was)) => {
                let (region, bucket) = at(region, bucket);
                Self::PutBucketAcl { region, bucket, grants: was.clone() }
            }
            (Self::PutBucketLogging { region, bucket, .. }, Doc::AccessLog(was)) => {
                let (region, bucket) = at(region, bucket);
                Self::PutBucketLogging { region, bucket, to: was.clone() }
            }
            _ => return Err(NO_WAY),
        })
    }

    /// In IAM, KMS and SNS, and of log groups.
    fn elsewhere(&self, before: &Document) -> Result<Self, &'static str> {
        use Document as Doc;
        Ok(match (self.clone(), before.clone()) {
            (Self::CreateRole { role, .. }, _) => Self::DeleteRole { role },
            (Self::DeleteRole { role }, Doc::Policy(Some(trust))) => {
                Self::CreateRole { role, trust, tags: Tags::new() }
            }
            (
                Self::PutRolePolicy { role, name, .. } | Self::DeleteRolePolicy { role, name },
                Doc::Policy(was),
            ) => match was {
                Some(policy) => Self::PutRolePolicy { role, name, policy },
                None => Self::DeleteRolePolicy { role, name },
            },
            (Self::CreateServiceLinkedRole { service }, _) => {
                Self::DeleteServiceLinkedRole { service }
            }
            (Self::DeleteServiceLinkedRole { service }, _) => {
                Self::CreateServiceLinkedRole { service }
            }
            (Self::CreateGroup { group }, _) => Self::DeleteGroup { group },
            (Self::DeleteGroup { group }, _) => Self::CreateGroup { group },
            (Self::CreateLogGroup { region, group, .. }, _) => {
                Self::DeleteLogGroup { region, group }
            }
            (Self::DeleteLogGroup { region, group }, _) => {
                Self::CreateLogGroup { region, group, tags: Tags::new() }
            }
            (Self::CreateAlias { region, alias, key }, _) => {
                Self::DeleteAlias { region, alias, key }
            }
            (Self::DeleteAlias { region, alias, key }, _) => {
                Self::CreateAlias { region, alias, key }
            }
            (Self::PutKeyPolicy { region, key, .. }, Doc::Policy(Some(policy))) => {
                Self::PutKeyPolicy { region, key, policy }
            }
            (Self::CreateTopic { region, topic, .. }, _) => Self::DeleteTopic { region, topic },
            (Self::DeleteTopic { .. }, _) => {
                return Err("its subscribers do not come back: `harden apply` makes a topic anew");
            }
            (Self::SetTopicPolicy { region, topic, .. }, Doc::Policy(Some(policy))) => {
                Self::SetTopicPolicy { region, topic, policy }
            }
            (Self::Subscribe { region, topic, protocol, endpoint }, _) => {
                Self::Unsubscribe { region, topic, protocol, endpoint }
            }
            (Self::Unsubscribe { region, topic, protocol, endpoint }, _) => {
                Self::Subscribe { region, topic, protocol, endpoint }
            }
            _ => return Err(NO_WAY),
        })
    }

    /// Of users, groups and their policies.
    fn among_people(&self, before: &Document) -> Result<Self, &'static str> {
        use Document as Doc;
        Ok(match (self.clone(), before.clone()) {
            (Self::AttachGroupPolicy { group, policy }, _) => {
                Self::DetachGroupPolicy { group, policy }
            }
            (Self::DetachGroupPolicy { group, policy }, _) => {
                Self::AttachGroupPolicy { group, policy }
            }
            (Self::AttachUserPolicy { user, policy, group }, _) => {
                Self::DetachUserPolicy { user, policy, group }
            }
            (Self::DetachUserPolicy { user, policy, group }, _) => {
                Self::AttachUserPolicy { user, policy, group }
            }
            (Self::AddUserToGroup { user, group }, _) => Self::RemoveUserFromGroup { user, group },
            (Self::RemoveUserFromGroup { user, group }, _) => Self::AddUserToGroup { user, group },
            (
                Self::PutGroupPolicy { group, name, .. } | Self::DeleteGroupPolicy { group, name },
                Doc::OwnPolicy(was),
            ) => match was {
                Some(was) => Self::PutGroupPolicy { group, name, policy: was.policy },
                None => Self::DeleteGroupPolicy { group, name },
            },
            (
                Self::PutUserPolicy { user, name, group, .. }
                | Self::DeleteUserPolicy { user, name, group },
                Doc::OwnPolicy(was),
            ) => match was {
                Some(was) => Self::PutUserPolicy { user, name, policy: was.policy, group },
                None => Self::DeleteUserPolicy { user, name, group },
            },
            _ => return Err(NO_WAY),
        })
    }

    fn in_cloudwatch(&self, before: &Document) -> Result<Self, &'static str> {
        use Document as Doc;
        Ok(match (self.clone(), before.clone()) {
            (
                Self::PutMetricFilter { region, group, filter, .. }
                | Self::DeleteMetricFilter { region, group, filter },
                Doc::Filter(was),
            ) => match was {
                Some(to) => Self::PutMetricFilter { region, group, filter, to },
                None => Self::DeleteMetricFilter { region, group, filter },
            },
            (
                Self::PutRetentionPolicy { region, group, .. }
                | Self::DeleteRetentionPolicy { region, group },
                Doc::Retention(was),
            ) => match was {
                Some(days) => Self::PutRetentionPolicy { region, group, days, made_since: None },
                None => Self::DeleteRetentionPolicy { region, group },
            },
            (
                Self::PutMetricAlarm { region, alarm, .. } | Self::DeleteAlarms { region, alarm },
                Doc::Alarm(was),
            ) => match was {
                Some(to) => Self::PutMetricAlarm { region, alarm, to, tags: Tags::new() },
                None => Self::DeleteAlarms { region, alarm },
            },
            _ => return Err(NO_WAY),
        })
    }

    fn in_recording(&self, before: &Document) -> Result<Self, &'static str> {
        use Document as Doc;
        Ok(match (self.clone(), before.clone()) {
            (Self::CreateTrail { region, name, alias, .. }, Doc::Trail(None)) => {
                Self::DeleteTrail { region, name, alias }
            }
            (Self::UpdateTrail { region, name, alias, .. }, Doc::Trail(Some(to))) => {
                Self::UpdateTrail { region, name, to, alias }
            }
            (Self::DeleteTrail { region, name, alias }, Doc::Trail(Some(to))) => {
                Self::CreateTrail { region, name, to, alias, tags: Tags::new() }
            }
            (
                Self::StartLogging { region, name } | Self::StopLogging { region, name },
                Doc::Recording(was),
            ) => {
                if was {
                    Self::StartLogging { region, name }
                } else {
                    Self::StopLogging { region, name }
                }
            }
            (
                Self::StartConfigurationRecorder { region, name }
                | Self::StopConfigurationRecorder { region, name },
                Doc::Recording(was),
            ) => {
                if was {
                    Self::StartConfigurationRecorder { region, name }
                } else {
                    Self::StopConfigurationRecorder { region, name }
                }
            }
            (
                Self::PutConfigurationRecorder { region, name, .. }
                | Self::DeleteConfigurationRecorder { region, name },
                Doc::Recorder(was),
            ) => match was {
                Some(to) => Self::PutConfigurationRecorder { region, name, to },
                None => Self::DeleteConfigurationRecorder { region, name },
            },
            (
                Self::PutDeliveryChannel { region, name, .. }
                | Self::DeleteDeliveryChannel { region, name },
                Doc::Channel(was),
            ) => match was {
                Some(to) => Self::PutDeliveryChannel { region, name, to },
                None => Self::DeleteDeliveryChannel { region, name },
            },
            _ => return Err(NO_WAY),
        })
    }
}

/// Of an operation that does not fit: `after` has refused it before.
const NO_WAY: &str = "the operation does not fit";
