//! What an operation makes of a document. This is the one place that knows it: simulation, saved plans
//! and undo all rest on it.

use super::{Document, GroupRule, Inverse, KeyState, Operation, OwnPolicy, PasswordState};
use crate::model::Rotation;

impl Operation {
    /// The document after the operation, and the way back; `None` where it does not fit the document.
    pub fn effect_on(&self, before: &Document) -> Option<(Document, Inverse)> {
        let after = self.after(before)?;
        Some((after, self.way_back(before)))
    }

    /// The document after the operation.
    #[expect(clippy::too_many_lines, reason = "one arm for each kind of operation")]
    fn after(&self, before: &Document) -> Option<Document> {
        use Document as Doc;
        Some(match (self, before) {
            (Self::UpdateAccountPasswordPolicy { policy }, Doc::PasswordPolicy(_)) => {
                Doc::PasswordPolicy(Some(policy.clone()))
            }
            (Self::DeleteAccountPasswordPolicy, Doc::PasswordPolicy(_)) => {
                Doc::PasswordPolicy(None)
            }
            // What is there, has not been used again, and is not so already.
            (Self::UpdateAccessKey { to, .. }, Doc::AccessKey(Some(was)))
                if was.used_again.is_none() && was.status != *to =>
            {
                Doc::AccessKey(Some(KeyState { status: *to, used_again: None }))
            }
            (Self::DeleteRootAccessKey { .. }, Doc::AccessKey(Some(was)))
                if was.used_again.is_none() =>
            {
                Doc::AccessKey(None)
            }
            (Self::DeleteLoginProfile { .. }, Doc::Password(Some(was)))
                if *was == PasswordState::default() =>
            {
                Doc::Password(None)
            }
            (Self::PutAlternateContact { contact }, Doc::SecurityContact(_)) => {
                Doc::SecurityContact(Some(contact.clone()))
            }
            (Self::DeleteAlternateContact, Doc::SecurityContact(_)) => Doc::SecurityContact(None),
            (Self::EnableKeyRotation { period_days, .. }, Doc::KeyRotation(_)) => {
                Doc::KeyRotation(Rotation::On { period_days: *period_days })
            }
            (Self::DisableKeyRotation { .. }, Doc::KeyRotation(_)) => {
                Doc::KeyRotation(Rotation::Off)
            }
            (Self::AuthorizeSecurityGroupIngress { rules, .. }, Doc::InboundRules(was))
                if was.is_empty() =>
            {
                Doc::InboundRules(nameless(rules))
            }
            (Self::RevokeSecurityGroupIngress { rules, .. }, Doc::InboundRules(was))
                if nameless(rules) == *was =>
            {
                Doc::InboundRules(Vec::new())
            }
            (Self::AuthorizeSecurityGroupEgress { rules, .. }, Doc::OutboundRules(was))
                if was.is_empty() =>
            {
                Doc::OutboundRules(nameless(rules))
            }
            (Self::RevokeSecurityGroupEgress { rules, .. }, Doc::OutboundRules(was))
                if nameless(rules) == *was =>
            {
                Doc::OutboundRules(Vec::new())
            }
            // What is there is not made, and what is not there is not deleted.
            (
                Self::CreateBucket { .. }
                | Self::CreateServiceLinkedRole { .. }
                | Self::CreateLogGroup { .. }
                | Self::CreateGroup { .. }
                | Self::Subscribe { .. },
                Doc::Presence(false),
            ) => Doc::Presence(true),
            (
                Self::DeleteBucket { .. }
                | Self::DeleteServiceLinkedRole { .. }
                | Self::DeleteLogGroup { .. }
                | Self::DeleteGroup { .. }
                | Self::Unsubscribe { .. },
                Doc::Presence(true),
            ) => Doc::Presence(false),
            (
                Self::CreateRole { trust: policy, .. }
                | Self::CreateKey { policy, .. }
                | Self::CreateTopic { policy, .. },
                Doc::Policy(None),
            )
            | (
                Self::PutBucketPolicy { policy, .. }
                | Self::PutRolePolicy { policy, .. }
                | Self::PutKeyPolicy { policy, .. }
                | Self::SetTopicPolicy { policy, .. },
                Doc::Policy(_),
            ) => Doc::Policy(Some(policy.clone())),
            (
                Self::DeleteRole { .. }
                | Self::DeleteRolePolicy { .. }
                | Self::DeleteTopic { .. }
                | Self::DeleteBucketPolicy { .. },
                Doc::Policy(Some(_)),
            ) => Doc::Policy(None),
            (
                Self::AttachGroupPolicy { policy, .. } | Self::AttachUserPolicy { policy, .. },
                Doc::Attached(None),
            ) => Doc::Attached(Some(policy.clone())),
            (
                Self::DetachGroupPolicy { policy, .. } | Self::DetachUserPolicy { policy, .. },
                Doc::Attached(Some(was)),
            ) if was == policy => Doc::Attached(None),
            (
                Self::PutGroupPolicy { name, policy, .. }
                | Self::PutUserPolicy { name, policy, .. },
                Doc::OwnPolicy(_),
            ) => {
                let (name, policy) = (name.clone(), policy.clone());
                Doc::OwnPolicy(Some(OwnPolicy { name, policy }))
            }
            (
                Self::DeleteGroupPolicy { name, .. } | Self::DeleteUserPolicy { name, .. },
                Doc::OwnPolicy(Some(was)),
            ) if was.name == *name => Doc::OwnPolicy(None),
            (Self::AddUserToGroup { group, .. }, Doc::Member(None)) => {
                Doc::Member(Some(group.clone()))
            }
            (Self::RemoveUserFromGroup { group, .. }, Doc::Member(Some(was))) if was == group => {
                Doc::Member(None)
            }
            (Self::PutPublicAccessBlock { block, .. }, Doc::PublicAccess(_)) => {
                Doc::PublicAccess(Some(*block))
            }
            (Self::DeletePublicAccessBlock { .. }, Doc::PublicAccess(_)) => Doc::PublicAccess(None),
            (Self::PutBucketAcl { grants, .. }, Doc::Acl(_)) => {
                let mut grants = grants.clone();
                grants.sort();
                Doc::Acl(grants)
            }
            (Self::PutBucketLogging { to, .. }, Doc::AccessLog(_)) => Doc::AccessLog(to.clone()),
            (Self::PutRetentionPolicy { days, .. }, Doc::Retention(_)) => {
                Doc::Retention(Some(*days))
            }
            (Self::DeleteRetentionPolicy { .. }, Doc::Retention(_)) => Doc::Retention(None),
            (Self::PutMetricFilter { to, .. }, Doc::Filter(_)) => Doc::Filter(Some(to.clone())),
            (Self::DeleteMetricFilter { .. }, Doc::Filter(Some(_))) => Doc::Filter(None),
            (Self::CreateAlias { key, .. }, Doc::Alias(None)) => Doc::Alias(Some(key.clone())),
            (Self::DeleteAlias { .. }, Doc::Alias(Some(_))) => Doc::Alias(None),
            (Self::CreateTrail { to, .. }, Doc::Trail(None))
            | (Self::UpdateTrail { to, .. }, Doc::Trail(Some(_))) => Doc::Trail(Some(to.clone())),
            (Self::DeleteTrail { .. }, Doc::Trail(Some(_))) => Doc::Trail(None),
            (
                Self::StartLogging { .. } | Self::StartConfigurationRecorder { .. },
                Doc::Recording(_),
            ) => Doc::Recording(true),
            (
                Self::StopLogging { .. } | Self::StopConfigurationRecorder { .. },
                Doc::Recording(_),
            ) => Doc::Recording(false),
            (Self::PutMetricAlarm { to, .. }, Doc::Alarm(_)) => Doc::Alarm(Some(to.clone())),
            (Self::DeleteAlarms { .. }, Doc::Alarm(Some(_))) => Doc::Alarm(None),
            (Self::PutConfigurationRecorder { to, .. }, Doc::Recorder(_)) => {
                Doc::Recorder(Some(to.clone()))
            }
            (Self::DeleteConfigurationRecorder { .. }, Doc::Recorder(Some(_))) => {
                Doc::Recorder(None)
            }
            (Self::PutDeliveryChannel { to, .. }, Doc::Channel(_)) => {
                Doc::Channel(Some(to.clone()))
            }
            (Self::DeleteDeliveryChannel { .. }, Doc::Channel(Some(_))) => Doc::Channel(None),
            (Self::CreateFlowLogs { to, .. }, Doc::FlowLog(None)) => Doc::FlowLog(Some(to.clone())),
            (Self::DeleteFlowLogs { .. }, Doc::FlowLog(Some(_))) => Doc::FlowLog(None),
            _ => return None,
        })
    }
}

fn nameless(rules: &[GroupRule]) -> Vec<GroupRule> {
    let mut rules: Vec<GroupRule> = rules.iter().map(GroupRule::nameless).collect();
    rules.sort();
    rules
}
