//! Where operations act, what they need before them, and what goes with what.

use super::{KeyName, Operation, Target};
use crate::model::{Account, Action, BucketName, Region};

impl Operation {
    /// What it changes.
    pub fn target(&self) -> Target {
        use Operation as Op;
        match self {
            Op::UpdateAccountPasswordPolicy { .. } | Op::DeleteAccountPasswordPolicy => {
                Target::PasswordPolicy
            }
            Op::PutAlternateContact { .. } | Op::DeleteAlternateContact => Target::SecurityContact,
            Op::EnableKeyRotation { region, key, .. } | Op::DisableKeyRotation { region, key } => {
                Target::Key(region.clone(), key.clone())
            }
            Op::AuthorizeSecurityGroupIngress { region, group, .. }
            | Op::RevokeSecurityGroupIngress { region, group, .. } => {
                Target::Inbound(region.clone(), group.clone())
            }
            Op::CreateBucket { region, bucket, .. } | Op::DeleteBucket { region, bucket } => {
                Target::Bucket(region.clone(), bucket.clone())
            }
            Op::PutBucketPolicy { region, bucket, .. }
            | Op::DeleteBucketPolicy { region, bucket } => {
                Target::BucketPolicy(region.clone(), bucket.clone())
            }
            Op::PutPublicAccessBlock { region, bucket, .. }
            | Op::DeletePublicAccessBlock { region, bucket } => {
                Target::PublicAccess(region.clone(), bucket.clone())
            }
            Op::PutBucketAcl { region, bucket, .. } => {
                Target::BucketAcl(region.clone(), bucket.clone())
            }
            Op::PutBucketLogging { region, bucket, .. } => {
                Target::AccessLog(region.clone(), bucket.clone())
            }
            Op::CreateRole { role, .. } | Op::DeleteRole { role } => Target::Role(role.clone()),
            Op::PutRolePolicy { role, name, .. } | Op::DeleteRolePolicy { role, name } => {
                Target::RolePolicy(role.clone(), name.clone())
            }
            Op::CreateServiceLinkedRole { service } | Op::DeleteServiceLinkedRole { service } => {
                Target::ServiceLinkedRole(*service)
            }
            Op::CreateLogGroup { region, group, .. } | Op::DeleteLogGroup { region, group } => {
                Target::LogGroup(region.clone(), group.clone())
            }
            Op::PutRetentionPolicy { region, group, .. }
            | Op::DeleteRetentionPolicy { region, group } => {
                Target::Retention(region.clone(), group.clone())
            }
            Op::PutMetricFilter { region, group, filter, .. }
            | Op::DeleteMetricFilter { region, group, filter } => {
                Target::Filter(region.clone(), group.clone(), filter.clone())
            }
            Op::CreateKey { region, description, .. } => {
                Target::NewKey(region.clone(), description.clone())
            }
            Op::CreateAlias { region, alias, .. } | Op::DeleteAlias { region, alias, .. } => {
                Target::Alias(region.clone(), alias.clone())
            }
            Op::PutKeyPolicy { region, key, .. } => Target::KeyPolicy(region.clone(), key.clone()),
            Op::CreateTrail { region, name, .. }
            | Op::UpdateTrail { region, name, .. }
            | Op::DeleteTrail { region, name, .. } => Target::Trail(region.clone(), name.clone()),
            Op::StartLogging { region, name } | Op::StopLogging { region, name } => {
                Target::TrailLogging(region.clone(), name.clone())
            }
            Op::PutMetricAlarm { region, alarm, .. } | Op::DeleteAlarms { region, alarm } => {
                Target::Alarm(region.clone(), alarm.clone())
            }
            Op::CreateTopic { region, topic, .. } | Op::DeleteTopic { region, topic } => {
                Target::Topic(region.clone(), topic.clone())
            }
            Op::SetTopicPolicy { region, topic, .. } => {
                Target::TopicPolicy(region.clone(), topic.clone())
            }
            Op::Subscribe { region, topic, protocol, endpoint }
            | Op::Unsubscribe { region, topic, protocol, endpoint } => {
                let whom = format!("{protocol}:{endpoint}");
                Target::Subscription(region.clone(), topic.clone(), whom)
            }
            Op::PutConfigurationRecorder { region, name, .. }
            | Op::DeleteConfigurationRecorder { region, name } => {
                Target::Recorder(region.clone(), name.clone())
            }
            Op::PutDeliveryChannel { region, name, .. }
            | Op::DeleteDeliveryChannel { region, name } => {
                Target::Channel(region.clone(), name.clone())
            }
            Op::StartConfigurationRecorder { region, name }
            | Op::StopConfigurationRecorder { region, name } => {
                Target::Recording(region.clone(), name.clone())
            }
        }
    }

    /// Whether AWS takes the call only once an earlier change of this target has been made.
    pub fn needs(&self, earlier: &Target) -> bool {
        use Operation as Op;
        let bucket = |name: &BucketName| match earlier {
            Target::Bucket(_, other) | Target::BucketPolicy(_, other) => other == name,
            _ => false,
        };
        let topic = |region: &Region, name: &str| match earlier {
            Target::Topic(at, other) | Target::TopicPolicy(at, other) => {
                at == region && other == name
            }
            _ => false,
        };
        match self {
            Op::PutBucketPolicy { bucket: name, .. }
            | Op::DeleteBucketPolicy { bucket: name, .. }
            | Op::PutPublicAccessBlock { bucket: name, .. }
            | Op::PutBucketAcl { bucket: name, .. } => {
                matches!(earlier, Target::Bucket(_, other) if other == name)
            }
            Op::PutBucketLogging { bucket: name, to, .. } => {
                matches!(earlier, Target::Bucket(_, other) if other == name)
                    || to.as_ref().is_some_and(|to| bucket(&to.bucket))
            }
            Op::PutRolePolicy { role, .. } => {
                matches!(earlier, Target::Role(other) if other == role)
            }
            Op::PutRetentionPolicy { region, group, .. }
            | Op::PutMetricFilter { region, group, .. } => {
                *earlier == Target::LogGroup(region.clone(), group.clone())
            }
            Op::CreateAlias { region, key: KeyName::Described(text), .. } => {
                *earlier == Target::NewKey(region.clone(), text.clone())
            }
            Op::EnableKeyRotation { region, key, .. } => {
                matches!(earlier, Target::Alias(at, alias) if at == region && alias == key.as_str())
            }
            Op::CreateTrail { to, alias, .. } | Op::UpdateTrail { to, alias, .. } => {
                bucket(&to.bucket)
                    || to.needs(earlier)
                    || alias.as_ref().is_some_and(|alias| {
                        to.key.as_ref() == Some(&alias.name)
                            && *earlier == Target::Alias(alias.region.clone(), alias.name.clone())
                    })
            }
            Op::StartLogging { region, name } => {
                *earlier == Target::Trail(region.clone(), name.clone())
            }
            Op::PutMetricAlarm { to, .. } => to.alarm_actions.iter().any(|arn| {
                matches!(earlier, Target::Topic(region, name) | Target::TopicPolicy(region, name)
                    if arn.ends_with(&format!(":{name}")) && arn.contains(&format!(":{region}:")))
            }),
            Op::SetTopicPolicy { region, topic, .. } => {
                *earlier == Target::Topic(region.clone(), topic.clone())
            }
            Op::Subscribe { region, topic: name, .. } => topic(region, name),
            Op::PutConfigurationRecorder { to, .. } => match earlier {
                Target::ServiceLinkedRole(service) => {
                    to.role.as_ref().is_some_and(|role| role.ends_with(service.linked_role()))
                }
                _ => false,
            },
            Op::PutDeliveryChannel { region, to, .. } => {
                matches!(earlier, Target::Recorder(at, _) if at == region)
                    || to.bucket.as_ref().is_some_and(bucket)
            }
            Op::StartConfigurationRecorder { region, .. } => matches!(
                earlier,
                Target::Recorder(at, _) | Target::Channel(at, _) if at == region
            ),
            _ => false,
        }
    }

    /// What it goes with: when that is deleted, this is gone too, and needs no undo of its own.
    pub fn goes_with(&self) -> Option<Target> {
        use Operation as Op;
        match self {
            Op::PutBucketPolicy { region, bucket, .. }
            | Op::PutBucketLogging { region, bucket, .. }
            | Op::PutPublicAccessBlock { region, bucket, .. } => {
                Some(Target::Bucket(region.clone(), bucket.clone()))
            }
            Op::PutRetentionPolicy { region, group, .. }
            | Op::PutMetricFilter { region, group, .. } => {
                Some(Target::LogGroup(region.clone(), group.clone()))
            }
            Op::SetTopicPolicy { region, topic, .. } | Op::Subscribe { region, topic, .. } => {
                Some(Target::Topic(region.clone(), topic.clone()))
            }
            Op::StartLogging { region, name } => Some(Target::Trail(region.clone(), name.clone())),
            _ => None,
        }
    }

    /// Every permission the call takes, each with the resource that it is needed on.
    pub fn permissions(&self, account: &Account) -> Vec<(Action, String)> {
        use Operation as Op;
        let own = self.target().arn(account);
        let mut all = vec![(self.action(), own.clone())];
        let mut also =
            |on: &str| all.extend(self.facts().also.iter().map(|a| (a.clone(), on.to_owned())));
        match self {
            Op::AuthorizeSecurityGroupIngress { region, rules, .. } => {
                // A new rule is a resource of its own, and its tags are on it.
                let rule = account.arn("ec2", region.as_str(), "security-group-rule/*");
                if rules.iter().any(|rule| !rule.tags.is_empty()) {
                    also(&own);
                    also(&rule);
                }
                all.push((self.action(), rule));
            }
            Op::CreateTrail { to, .. } | Op::UpdateTrail { to, .. } => {
                let role = to.logs.as_ref().and_then(|logs| logs.role.clone());
                for action in self.facts().also {
                    let on =
                        if action.as_str() == PASS_ROLE { role.clone() } else { Some(own.clone()) };
                    all.extend(on.map(|on| (action.clone(), on)));
                }
            }
            Op::PutConfigurationRecorder { to, .. } => {
                if let Some(role) = &to.role {
                    also(role);
                }
            }
            // On the key as well as on the alias, and the id of a new key is not known yet.
            Op::CreateAlias { region, .. } | Op::DeleteAlias { region, .. } => {
                all.push((self.action(), account.arn("kms", region.as_str(), "key/*")));
            }
            _ => also(&own),
        }
        all
    }
}

const PASS_ROLE: &str = "iam:PassRole";
