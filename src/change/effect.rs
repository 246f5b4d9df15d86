//! What an operation makes of a document. This is the one place that knows it: simulation, saved plans
//! and undo all rest on it.

use super::{Document, InboundRule, Inverse, Operation};
use crate::model::Rotation;

impl Operation {
    /// The document after the operation, and the way back; `None` where it does not fit the document.
    pub fn effect_on(&self, before: &Document) -> Option<(Document, Inverse)> {
        let after = self.after(before)?;
        Some((after, self.way_back(before)))
    }

    /// The document after the operation.
    fn after(&self, before: &Document) -> Option<Document> {
        use Document as Doc;
        use Operation as Op;
        Some(match (self, before) {
            (Op::UpdateAccountPasswordPolicy { policy }, Doc::PasswordPolicy(_)) => {
                Doc::PasswordPolicy(Some(policy.clone()))
            }
            (Op::DeleteAccountPasswordPolicy, Doc::PasswordPolicy(_)) => Doc::PasswordPolicy(None),
            (Op::PutAlternateContact { contact }, Doc::SecurityContact(_)) => {
                Doc::SecurityContact(Some(contact.clone()))
            }
            (Op::DeleteAlternateContact, Doc::SecurityContact(_)) => Doc::SecurityContact(None),
            (Op::EnableKeyRotation { period_days, .. }, Doc::KeyRotation(_)) => {
                Doc::KeyRotation(Rotation::On { period_days: *period_days })
            }
            (Op::DisableKeyRotation { .. }, Doc::KeyRotation(_)) => Doc::KeyRotation(Rotation::Off),
            (Op::AuthorizeSecurityGroupIngress { rules, .. }, Doc::InboundRules(was))
                if was.is_empty() =>
            {
                Doc::InboundRules(nameless(rules))
            }
            (Op::RevokeSecurityGroupIngress { rules, .. }, Doc::InboundRules(was))
                if nameless(rules) == *was =>
            {
                Doc::InboundRules(Vec::new())
            }
            // What is there is not made, and what is not there is not deleted.
            (
                Op::CreateBucket { .. }
                | Op::CreateServiceLinkedRole { .. }
                | Op::CreateLogGroup { .. }
                | Op::Subscribe { .. },
                Doc::Presence(false),
            ) => Doc::Presence(true),
            (
                Op::DeleteBucket { .. }
                | Op::DeleteServiceLinkedRole { .. }
                | Op::DeleteLogGroup { .. }
                | Op::Unsubscribe { .. },
                Doc::Presence(true),
            ) => Doc::Presence(false),
            (
                Op::CreateRole { trust: policy, .. }
                | Op::CreateKey { policy, .. }
                | Op::CreateTopic { policy, .. },
                Doc::Policy(None),
            )
            | (
                Op::PutBucketPolicy { policy, .. }
                | Op::PutRolePolicy { policy, .. }
                | Op::PutKeyPolicy { policy, .. }
                | Op::SetTopicPolicy { policy, .. },
                Doc::Policy(_),
            ) => Doc::Policy(Some(policy.clone())),
            (
                Op::DeleteRole { .. }
                | Op::DeleteRolePolicy { .. }
                | Op::DeleteTopic { .. }
                | Op::DeleteBucketPolicy { .. },
                Doc::Policy(Some(_)),
            ) => Doc::Policy(None),
            (Op::PutPublicAccessBlock { block, .. }, Doc::PublicAccess(_)) => {
                Doc::PublicAccess(Some(*block))
            }
            (Op::DeletePublicAccessBlock { .. }, Doc::PublicAccess(_)) => Doc::PublicAccess(None),
            (Op::PutBucketAcl { grants, .. }, Doc::Acl(_)) => {
                let mut grants = grants.clone();
                grants.sort();
                Doc::Acl(grants)
            }
            (Op::PutBucketLogging { to, .. }, Doc::AccessLog(_)) => Doc::AccessLog(to.clone()),
            (Op::PutRetentionPolicy { days, .. }, Doc::Retention(_)) => Doc::Retention(Some(*days)),
            (Op::DeleteRetentionPolicy { .. }, Doc::Retention(_)) => Doc::Retention(None),
            (Op::PutMetricFilter { to, .. }, Doc::Filter(_)) => Doc::Filter(Some(to.clone())),
            (Op::DeleteMetricFilter { .. }, Doc::Filter(Some(_))) => Doc::Filter(None),
            (Op::CreateAlias { key, .. }, Doc::Alias(None)) => Doc::Alias(Some(key.clone())),
            (Op::DeleteAlias { .. }, Doc::Alias(Some(_))) => Doc::Alias(None),
            (Op::CreateTrail { to, .. }, Doc::Trail(None))
            | (Op::UpdateTrail { to, .. }, Doc::Trail(Some(_))) => Doc::Trail(Some(to.clone())),
            (Op::DeleteTrail { .. }, Doc::Trail(Some(_))) => Doc::Trail(None),
            (
                Op::StartLogging { .. } | Op::StartConfigurationRecorder { .. },
                Doc::Recording(_),
            ) => Doc::Recording(true),
            (Op::StopLogging { .. } | Op::StopConfigurationRecorder { .. }, Doc::Recording(_)) => {
                Doc::Recording(false)
            }
            (Op::PutMetricAlarm { to, .. }, Doc::Alarm(_)) => Doc::Alarm(Some(to.clone())),
            (Op::DeleteAlarms { .. }, Doc::Alarm(Some(_))) => Doc::Alarm(None),
            (Op::PutConfigurationRecorder { to, .. }, Doc::Recorder(_)) => {
                Doc::Recorder(Some(to.clone()))
            }
            (Op::DeleteConfigurationRecorder { .. }, Doc::Recorder(Some(_))) => Doc::Recorder(None),
            (Op::PutDeliveryChannel { to, .. }, Doc::Channel(_)) => Doc::Channel(Some(to.clone())),
            (Op::DeleteDeliveryChannel { .. }, Doc::Channel(Some(_))) => Doc::Channel(None),
            _ => return None,
        })
    }
}

fn nameless(rules: &[InboundRule]) -> Vec<InboundRule> {
    let mut rules: Vec<InboundRule> = rules.iter().map(InboundRule::nameless).collect();
    rules.sort();
    rules
}
