//! Where operations act, what they need before them, and what goes with what.

use std::time::Duration;

use super::{KeyName, Operation, PASS_ROLE, Target};
use crate::model::{Account, Action, BucketName, Region};

impl Operation {
    /// What it changes.
    #[expect(clippy::too_many_lines, reason = "one arm for each kind of operation")]
    pub fn target(&self) -> Target {
        match self {
            Self::UpdateAccountPasswordPolicy { .. } | Self::DeleteAccountPasswordPolicy => {
                Target::PasswordPolicy
            }
            Self::UpdateAccessKey { user, key, .. } => Target::AccessKey(user.clone(), key.clone()),
            Self::DeleteLoginProfile { user, .. } => Target::Password(user.clone()),
            Self::DeleteRootAccessKey { key, .. } => Target::RootKey(key.clone()),
            Self::PutAlternateContact { .. } | Self::DeleteAlternateContact => {
                Target::SecurityContact
            }
            Self::EnableKeyRotation { region, key, .. }
            | Self::DisableKeyRotation { region, key } => Target::Key(region.clone(), key.clone()),
            Self::AuthorizeSecurityGroupIngress { region, group, .. }
            | Self::RevokeSecurityGroupIngress { region, group, .. } => {
                Target::Inbound(region.clone(), group.clone())
            }
            Self::AuthorizeSecurityGroupEgress { region, group, .. }
            | Self::RevokeSecurityGroupEgress { region, group, .. } => {
                Target::Outbound(region.clone(), group.clone())
            }
            Self::CreateBucket { region, bucket, .. } | Self::DeleteBucket { region, bucket } => {
                Target::Bucket(region.clone(), bucket.clone())
            }
            Self::PutBucketPolicy { region, bucket, .. }
            | Self::DeleteBucketPolicy { region, bucket } => {
                Target::BucketPolicy(region.clone(), bucket.clone())
            }
            Self::PutPublicAccessBlock { region, bucket, .. }
            | Self::DeletePublicAccessBlock { region, bucket } => {
                Target::PublicAccess(region.clone(), bucket.clone())
            }
            Self::PutBucketAcl { region, bucket, .. } => {
                Target::BucketAcl(region.clone(), bucket.clone())
            }
            Self::PutBucketLogging { region, bucket, .. } => {
                Target::AccessLog(region.clone(), bucket.clone())
            }
            Self::CreateRole { role, .. } | Self::DeleteRole { role } => Target::Role(role.clone()),
            Self::PutRolePolicy { role, name, .. } | Self::DeleteRolePolicy { role, name } => {
                Target::RolePolicy(role.clone(), name.clone())
            }
            Self::CreateServiceLinkedRole { service }
            | Self::DeleteServiceLinkedRole { service } => Target::ServiceLinkedRole(*service),
            Self::CreateGroup { group } | Self::DeleteGroup { group } => {
                Target::UserGroup(group.clone())
            }
            Self::AttachGroupPolicy { group, policy }
            | Self::DetachGroupPolicy { group, policy } => {
                Target::GroupPolicy(group.clone(), policy.clone())
            }
            Self::PutGroupPolicy { group, name, .. } | Self::DeleteGroupPolicy { group, name } => {
                Target::GroupInline(group.clone(), name.clone())
            }
            Self::AddUserToGroup { user, group } | Self::RemoveUserFromGroup { user, group } => {
                Target::Member(group.clone(), user.clone())
            }
            Self::AttachUserPolicy { user, policy, .. }
            | Self::DetachUserPolicy { user, policy, .. } => {
                Target::UserPolicy(user.clone(), policy.clone())
            }
            Self::PutUserPolicy { user, name, .. } | Self::DeleteUserPolicy { user, name, .. } => {
                Target::UserInline(user.clone(), name.clone())
            }
            Self::CreateLogGroup { region, group, .. } | Self::DeleteLogGroup { region, group } => {
                Target::LogGroup(region.clone(), group.clone())
            }
            Self::PutRetentionPolicy { region, group, .. }
            | Self::DeleteRetentionPolicy { region, group } => {
                Target::Retention(region.clone(), group.clone())
            }
            Self::PutMetricFilter { region, group, filter, .. }
            | Self::DeleteMetricFilter { region, group, filter } => {
                Target::Filter(region.clone(), group.clone(), filter.clone())
            }
            Self::CreateKey { region, description, .. } => {
                Target::NewKey(region.clone(), description.clone())
            }
            Self::CreateAlias { region, alias, .. } | Self::DeleteAlias { region, alias, .. } => {
                Target::Alias(region.clone(), alias.clone())
            }
            Self::PutKeyPolicy { region, key, .. } => {
                Target::KeyPolicy(region.clone(), key.clone())
            }
            Self::CreateTrail { region, name, .. }
            | Self::UpdateTrail { region, name, .. }
            | Self::DeleteTrail { region, name, .. } => Target::Trail(region.clone(), name.clone()),
            Self::StartLogging { region, name } | Self::StopLogging { region, name } => {
                Target::TrailLogging(region.clone(), name.clone())
            }
            Self::PutMetricAlarm { region, alarm, .. } | Self::DeleteAlarms { region, alarm } => {
                Target::Alarm(region.clone(), alarm.clone())
            }
            Self::CreateTopic { region, topic, .. } | Self::DeleteTopic { region, topic } => {
                Target::Topic(region.clone(), topic.clone())
            }
            Self::SetTopicPolicy { region, topic, .. } => {
                Target::TopicPolicy(region.clone(), topic.clone())
            }
            Self::Subscribe { region, topic, protocol, endpoint }
            | Self::Unsubscribe { region, topic, protocol, endpoint } => {
                let whom = format!("{protocol}:{endpoint}");
                Target::Subscription(region.clone(), topic.clone(), whom)
            }
            Self::PutConfigurationRecorder { region, name, .. }
            | Self::DeleteConfigurationRecorder { region, name } => {
                Target::Recorder(region.clone(), name.clone())
            }
            Self::PutDeliveryChannel { region, name, .. }
            | Self::DeleteDeliveryChannel { region, name } => {
                Target::Channel(region.clone(), name.clone())
            }
            Self::StartConfigurationRecorder { region, name }
            | Self::StopConfigurationRecorder { region, name } => {
                Target::Recording(region.clone(), name.clone())
            }
            Self::CreateFlowLogs { region, vpc, .. } | Self::DeleteFlowLogs { region, vpc, .. } => {
                Target::FlowLog(region.clone(), vpc.clone())
            }
        }
    }

    /// Whether AWS takes the call only once an earlier change of this target has been made.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "what is not named here needs nothing of the kind"
    )]
    pub fn needs(&self, earlier: &Target) -> bool {
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
            Self::PutBucketPolicy { bucket: name, .. }
            | Self::DeleteBucketPolicy { bucket: name, .. }
            | Self::PutPublicAccessBlock { bucket: name, .. }
            | Self::PutBucketAcl { bucket: name, .. } => {
                matches!(earlier, Target::Bucket(_, other) if other == name)
            }
            Self::PutBucketLogging { bucket: name, to, .. } => {
                matches!(earlier, Target::Bucket(_, other) if other == name)
                    || to.as_ref().is_some_and(|to| bucket(&to.bucket))
            }
            Self::PutRolePolicy { role, .. } => {
                matches!(earlier, Target::Role(other) if other == role)
            }
            Self::AttachGroupPolicy { group, .. } | Self::PutGroupPolicy { group, .. } => {
                *earlier == Target::UserGroup(group.clone())
            }
            Self::AddUserToGroup { group, .. } => matches!(
                earlier,
                Target::UserGroup(name) | Target::GroupPolicy(name, _) | Target::GroupInline(name, _)
                    if name == group
            ),
            // What the user keeps it by.
            Self::DetachUserPolicy { user, policy, group } => {
                *earlier == Target::Member(group.clone(), user.clone())
                    || *earlier == Target::GroupPolicy(group.clone(), policy.clone())
            }
            Self::DeleteUserPolicy { user, name, group } => {
                *earlier == Target::Member(group.clone(), user.clone())
                    || *earlier == Target::GroupInline(group.clone(), name.clone())
            }
            Self::PutRetentionPolicy { region, group, .. }
            | Self::PutMetricFilter { region, group, .. } => {
                *earlier == Target::LogGroup(region.clone(), group.clone())
            }
            Self::CreateAlias { region, key: KeyName::Described(text), .. } => {
                *earlier == Target::NewKey(region.clone(), text.clone())
            }
            Self::EnableKeyRotation { region, key, .. } => {
                matches!(earlier, Target::Alias(at, alias) if at == region && alias == key.as_str())
            }
            Self::CreateTrail { to, alias, .. } | Self::UpdateTrail { to, alias, .. } => {
                bucket(&to.bucket)
                    || to.needs(earlier)
                    || alias.as_ref().is_some_and(|alias| {
                        to.key.as_ref() == Some(&alias.name)
                            && *earlier == Target::Alias(alias.region.clone(), alias.name.clone())
                    })
            }
            Self::StartLogging { region, name } => {
                *earlier == Target::Trail(region.clone(), name.clone())
            }
            Self::PutMetricAlarm { to, .. } => to.alarm_actions.iter().any(|arn| {
                matches!(earlier, Target::Topic(region, name) | Target::TopicPolicy(region, name)
                    if arn.ends_with(&format!(":{name}")) && arn.contains(&format!(":{region}:")))
            }),
            Self::SetTopicPolicy { region, topic, .. } => {
                *earlier == Target::Topic(region.clone(), topic.clone())
            }
            Self::Subscribe { region, topic: name, .. } => topic(region, name),
            Self::PutConfigurationRecorder { to, .. } => match earlier {
                Target::ServiceLinkedRole(service) => {
                    to.role.as_ref().is_some_and(|role| role.ends_with(service.linked_role()))
                }
                _ => false,
            },
            Self::PutDeliveryChannel { region, to, .. } => {
                matches!(earlier, Target::Recorder(at, _) if at == region)
                    || to.bucket.as_ref().is_some_and(bucket)
            }
            Self::StartConfigurationRecorder { region, .. } => matches!(
                earlier,
                Target::Recorder(at, _) | Target::Channel(at, _) if at == region
            ),
            Self::CreateFlowLogs { region, to, .. } => to.needs(region, earlier),
            _ => false,
        }
    }

    /// What it goes with: when that is deleted, this is gone too, and needs no undo of its own. SNS lets
    /// nobody take away a subscription that is not confirmed. All else goes by itself, so that an undo can
    /// be taken back as well.
    pub fn goes_with(&self) -> Option<Target> {
        let Self::Subscribe { region, topic, .. } = self else { return None };
        Some(Target::Topic(region.clone(), topic.clone()))
    }

    /// Whether nothing is found to be wrong any more once what it belongs to has been made or put right,
    /// though this was not.
    pub const fn is_told_by_no_finding(&self) -> bool {
        matches!(
            self,
            Self::PutRetentionPolicy { .. }
                | Self::PutPublicAccessBlock { .. }
                | Self::PutBucketPolicy { .. }
        )
    }

    /// How long AWS is given to go by what the change requires before it is made. IAM shows a new right at
    /// once, and answers by it everywhere a while later.
    pub const fn settles_in(&self) -> Duration {
        let takes_away = matches!(
            self,
            Self::DetachUserPolicy { .. }
                | Self::DeleteUserPolicy { .. }
                | Self::RemoveUserFromGroup { .. }
        );
        if takes_away { SETTLING } else { Duration::ZERO }
    }

    /// Whether it may be called again where nobody knows whether it has been made: what it makes is not
    /// found by a name, or mails somebody each time.
    pub const fn is_repeatable(&self) -> bool {
        !matches!(self, Self::CreateKey { .. } | Self::Subscribe { .. })
    }

    /// Every permission the call takes, each with the resource that it is needed on.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "what is not named here needs nothing of the kind"
    )]
    pub fn permissions(&self, account: &Account) -> Vec<(Action, String)> {
        let own = self.target().arn(account);
        let mut all = vec![(self.action(), own.clone())];
        let mut also =
            |on: &str| all.extend(self.facts().also.iter().map(|a| (a.clone(), on.to_owned())));
        match self {
            Self::AuthorizeSecurityGroupIngress { region, rules, .. }
            | Self::AuthorizeSecurityGroupEgress { region, rules, .. } => {
                // A new rule is a resource of its own, and its tags are on it.
                let rule = account.arn("ec2", region.as_str(), "security-group-rule/*");
                if rules.iter().any(|rule| !rule.tags.is_empty()) {
                    also(&own);
                    also(&rule);
                }
                all.push((self.action(), rule));
            }
            Self::CreateTrail { to, .. } | Self::UpdateTrail { to, .. } => {
                let role = to.logs.as_ref().and_then(|logs| logs.role.clone());
                for action in self.facts().also {
                    let on =
                        if action.as_str() == PASS_ROLE { role.clone() } else { Some(own.clone()) };
                    all.extend(on.map(|on| (action.clone(), on)));
                }
            }
            Self::PutConfigurationRecorder { to, .. } => {
                if let Some(role) = &to.role {
                    also(role);
                }
            }
            Self::CreateFlowLogs { region, vpc, to, tags } => {
                let vpc = account.arn("ec2", region.as_str(), &format!("vpc/{vpc}"));
                for action in self.facts().also {
                    let on = if action.as_str() == PASS_ROLE {
                        to.role.clone()
                    } else {
                        (!tags.is_empty()).then(|| own.clone())
                    };
                    all.extend(on.map(|on| (action.clone(), on)));
                }
                all.push((self.action(), vpc));
            }
            Self::AddUserToGroup { user, group }
            | Self::RemoveUserFromGroup { user, group }
            | Self::AttachUserPolicy { user, group, .. }
            | Self::DetachUserPolicy { user, group, .. }
            | Self::PutUserPolicy { user, group, .. }
            | Self::DeleteUserPolicy { user, group, .. } => {
                let of_group = account.arn("iam", "", &format!("group/{group}"));
                // A user may have a path, which the name alone does not tell; there is one of a name.
                let of_user = ["user/", "user/*/"].map(|path| format!("{path}{user}"));
                let of_user = of_user.map(|user| account.arn("iam", "", &user));
                let first = self.facts();
                for action in std::iter::once(&first.action).chain(first.also) {
                    if is_about_groups(action) {
                        all.push((action.clone(), of_group.clone()));
                    } else {
                        all.extend(of_user.iter().map(|on| (action.clone(), on.clone())));
                    }
                }
            }
            // No narrower resource is judged.
            Self::Unsubscribe { .. } => all = vec![(self.action(), "*".to_owned())],
            // Tags are for the group itself, without the streams in it.
            Self::CreateLogGroup { .. } => also(own.strip_suffix(":*").unwrap_or(&own)),
            // On the key as well as on the alias, and the id of a new key is not known yet.
            Self::CreateAlias { region, .. } | Self::DeleteAlias { region, .. } => {
                all.push((self.action(), account.arn("kms", region.as_str(), "key/*")));
            }
            _ => also(&own),
        }
        all
    }
}

/// Whether a permission that concerns users and groups is one on the group.
fn is_about_groups(action: &Action) -> bool {
    action.as_str().contains("Group") && action.as_str() != "iam:ListGroupsForUser"
}

/// What IAM is given to go by a new right. Others have seen it take 10 to 15 seconds.
const SETTLING: Duration = Duration::from_secs(15);
