//! Carries out operations, and reads their targets again.

use jiff::Timestamp;

use super::{
    Clients, ServiceError, cloudtrail_write, cloudwatch_write, config_write, contacts, ec2,
    ec2_write, flow_logs_write, iam, kms_reread, kms_write, logs_write, people_write, roles, root,
    s3_write, sns_write, user_credentials,
};
use crate::approval::Approval;
use crate::change::{Document, GroupRule, Operation, Target};
use crate::model::{Action, Rule, RuleId};

/// The target of an operation as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reread {
    /// To compare with what the plan was made from, and with what it is to become.
    pub document: Document,
    /// By which the call takes hold of it.
    pub handle: Handle,
}

/// What a call needs of its target besides what the operation says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Handle {
    /// Nothing.
    None,
    /// The ids of those rules that the document lists.
    Rules(Vec<RuleId>),
    /// Such as the id of a key that the operation knows by another name.
    Id(String),
    /// When what is there was made, as far as AWS tells.
    Made(Option<Timestamp>),
}

impl Reread {
    /// Of a target that the operation names as its call does.
    pub(super) fn of(document: Document) -> Self {
        Self { document, handle: Handle::None }
    }
}

/// Whose calls an operation is made of.
#[derive(Clone, Copy)]
enum Keeper {
    Passwords,
    Users,
    Root,
    Contacts,
    Groups,
    Buckets,
    Roles,
    People,
    Keys,
    Logs,
    Alarms,
    Topics,
    Trails,
    Config,
    FlowLogs,
}

impl Keeper {
    const fn of(target: &Target) -> Self {
        match target {
            Target::PasswordPolicy => Self::Passwords,
            Target::AccessKey(..) | Target::Password(_) => Self::Users,
            Target::RootKey(_) => Self::Root,
            Target::SecurityContact => Self::Contacts,
            Target::Inbound(..) | Target::Outbound(..) => Self::Groups,
            Target::Bucket(..)
            | Target::BucketPolicy(..)
            | Target::PublicAccess(..)
            | Target::BucketAcl(..)
            | Target::AccessLog(..) => Self::Buckets,
            Target::Role(_) | Target::RolePolicy(..) | Target::ServiceLinkedRole(_) => Self::Roles,
            Target::UserGroup(_)
            | Target::GroupPolicy(..)
            | Target::GroupInline(..)
            | Target::Member(..)
            | Target::UserPolicy(..)
            | Target::UserInline(..) => Self::People,
            Target::Key(..) | Target::NewKey(..) | Target::Alias(..) | Target::KeyPolicy(..) => {
                Self::Keys
            }
            Target::LogGroup(..) | Target::Retention(..) | Target::Filter(..) => Self::Logs,
            Target::Alarm(..) => Self::Alarms,
            Target::Topic(..) | Target::TopicPolicy(..) | Target::Subscription(..) => Self::Topics,
            Target::Trail(..) | Target::TrailLogging(..) => Self::Trails,
            Target::Recorder(..) | Target::Channel(..) | Target::Recording(..) => Self::Config,
            Target::FlowLog(..) => Self::FlowLogs,
        }
    }
}

/// Reads the target of an operation, to be done just before it and whenever its outcome is unclear.
pub async fn reread(operation: &Operation, clients: &Clients) -> Result<Reread, ServiceError> {
    match Keeper::of(&operation.target()) {
        Keeper::Passwords => {
            Ok(Reread::of(Document::PasswordPolicy(iam::password_policy(clients).await?)))
        }
        Keeper::Users => user_credentials::reread(operation, clients).await,
        Keeper::Root => root::reread(operation, clients).await,
        Keeper::Contacts => {
            Ok(Reread::of(Document::SecurityContact(contacts::security_contact(clients).await?)))
        }
        Keeper::Groups => reread_rules(operation, clients).await,
        Keeper::Buckets => s3_write::reread(operation, clients).await,
        Keeper::Roles => roles::reread(operation, clients).await,
        Keeper::People => people_write::reread(operation, clients).await,
        Keeper::Keys => kms_reread::reread(operation, clients).await,
        Keeper::Logs => logs_write::reread(operation, clients).await,
        Keeper::Alarms => cloudwatch_write::reread(operation, clients).await,
        Keeper::Topics => sns_write::reread(operation, clients).await,
        Keeper::Trails => cloudtrail_write::reread(operation, clients).await,
        Keeper::Config => config_write::reread(operation, clients).await,
        Keeper::FlowLogs => flow_logs_write::reread(operation, clients).await,
    }
}

async fn reread_rules(operation: &Operation, clients: &Clients) -> Result<Reread, ServiceError> {
    let (Target::Inbound(region, group) | Target::Outbound(region, group)) = operation.target()
    else {
        return Err(misplaced(operation));
    };
    let (direction, rules) = operation.group_rules().ok_or_else(|| misplaced(operation))?;
    let held = ec2::rules_of_group(clients, &region, &group).await?;
    let document = operation.document_of_rules(&held);
    let is_ours = |held: &Rule| rules.iter().any(|rule| rule.is_same_as(direction, held));
    let ours = held.into_iter().filter(|(_, held)| is_ours(held));
    Ok(Reread { document, handle: Handle::Rules(ours.map(|(id, _)| id).collect()) })
}

/// Carries out one operation, by one API call that is sent once.
///
/// `now` is the target as just read, and `at` the time: what is revoked is revoked by the ids in it. After an
/// error that is [ambiguous](ServiceError::ambiguous) the target must be read again before anything else.
#[expect(clippy::wildcard_enum_match_arm, reason = "all other operations are not of this service")]
pub async fn execute(
    operation: &Operation,
    now: &Reread,
    clients: &Clients,
    approval: &Approval,
    at: Timestamp,
) -> Result<(), ServiceError> {
    // The plan may be somebody else's.
    if let Some(own) = operation.principal().filter(|who| clients.own().has(*who)) {
        let message = format!("harden runs as {own}, and leaves whoever runs it alone");
        return Err(ServiceError::ours(operation.action(), message));
    }
    // What is looked at before a call may be asked for again; the call is not.
    let (looking, clients) = (clients, clients.once());
    match Keeper::of(&operation.target()) {
        Keeper::Passwords => match operation {
            Operation::UpdateAccountPasswordPolicy { policy } => {
                iam::update_password_policy(clients, policy, approval).await
            }
            Operation::DeleteAccountPasswordPolicy => {
                iam::delete_password_policy(clients, approval).await
            }
            _ => Err(misplaced(operation)),
        },
        Keeper::Users => user_credentials::execute(operation, clients, approval).await,
        Keeper::Root => root::execute(operation, looking, approval).await,
        Keeper::Contacts => match operation {
            Operation::PutAlternateContact { contact } => {
                contacts::put_security_contact(clients, contact, approval).await
            }
            Operation::DeleteAlternateContact => {
                contacts::delete_security_contact(clients, approval).await
            }
            _ => Err(misplaced(operation)),
        },
        Keeper::Groups => match operation {
            Operation::AuthorizeSecurityGroupIngress { region, group, rules } => {
                ec2_write::let_in(clients, region, group, rules, approval).await
            }
            Operation::AuthorizeSecurityGroupEgress { region, group, rules } => {
                ec2_write::let_out(clients, region, group, rules, approval).await
            }
            Operation::RevokeSecurityGroupIngress { region, group, rules } => {
                let ids = ids_of(operation.action(), rules, now)?;
                ec2_write::shut_out(clients, region, group, ids, approval).await
            }
            Operation::RevokeSecurityGroupEgress { region, group, rules } => {
                let ids = ids_of(operation.action(), rules, now)?;
                ec2_write::shut_in(clients, region, group, ids, approval).await
            }
            _ => Err(misplaced(operation)),
        },
        Keeper::Buckets => s3_write::execute(operation, now, clients, approval).await,
        Keeper::Roles => roles::execute(operation, clients, approval).await,
        Keeper::People => people_write::execute(operation, now, looking, approval).await,
        Keeper::Keys => kms_write::execute(operation, now, clients, approval).await,
        Keeper::Logs => logs_write::execute(operation, now, clients, approval, at).await,
        Keeper::Alarms => cloudwatch_write::execute(operation, now, clients, approval).await,
        Keeper::Topics => sns_write::execute(operation, now, clients, approval).await,
        Keeper::Trails => cloudtrail_write::execute(operation, now, clients, approval).await,
        Keeper::Config => config_write::execute(operation, clients, approval).await,
        Keeper::FlowLogs => flow_logs_write::execute(operation, now, clients, approval).await,
    }
}

/// An operation on what another service keeps: a fault of harden.
pub(super) fn misplaced(operation: &Operation) -> ServiceError {
    ServiceError::ours(operation.action(), "no such call on this target")
}

/// One id for each rule, or nothing is revoked.
fn ids_of<'a>(
    action: Action,
    rules: &[GroupRule],
    now: &'a Reread,
) -> Result<&'a [RuleId], ServiceError> {
    let ids = match &now.handle {
        Handle::Rules(ids) => ids.as_slice(),
        Handle::None | Handle::Id(_) | Handle::Made(_) => &[],
    };
    if rules.is_empty() || rules.len() != ids.len() {
        let (asked, found) = (rules.len(), ids.len());
        let message = format!("the group holds {found} of the {asked} rules to revoke");
        return Err(ServiceError::ours(action, message));
    }
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;
    use crate::aws::fake::{fake, iam_error};
    use crate::model::{Source, Traffic};

    /// A saved plan, or a run to take back, may be somebody else's. The session of the fake is of user `a`,
    /// who took on role `own`.
    #[tokio::test]
    async fn nothing_is_done_to_whoever_runs_harden() {
        let (since, trust) = ("2026-01-01T00:00:00Z", r#"{"Statement":[]}"#);
        let of_user = json!([
            {"op": "update-access-key", "key": "k", "to": "inactive", "unused_since": since},
            {"op": "delete-login-profile", "unused_since": since},
            {"op": "add-user-to-group", "group": "g"},
            {"op": "remove-user-from-group", "group": "g"},
            {"op": "attach-user-policy", "policy": "p", "group": "g"},
            {"op": "detach-user-policy", "policy": "p", "group": "g"},
            {"op": "put-user-policy", "name": "n", "policy": trust, "group": "g"},
            {"op": "delete-user-policy", "name": "n", "group": "g"},
        ]);
        let of_role = json!([
            {"op": "create-role", "trust": trust},
            {"op": "delete-role"},
            {"op": "put-role-policy", "name": "n", "policy": trust},
            {"op": "delete-role-policy", "name": "n"},
        ]);
        for (all, field, name, told) in
            [(of_user, "user", "A", "A"), (of_role, "role", "Own", "role Own")]
        {
            for call in all.as_array().unwrap() {
                let mut call = call.clone();
                call[field] = name.into();
                let operation: Operation = serde_json::from_value(call).unwrap();
                let fake = fake(|_| iam_error(500, "ServiceFailure", "called"));
                let now = Reread::of(Document::Presence(true));
                let approval = Approval::for_test();
                let at = Timestamp::UNIX_EPOCH;
                let done = execute(&operation, &now, &fake.clients, &approval, at).await;
                let words = format!("harden runs as {told}, and leaves whoever runs it alone");
                assert_eq!(done.unwrap_err().to_string(), words);
                assert_eq!(fake.requests(""), [""; 0]);
            }
        }
    }

    #[test]
    fn every_rule_must_have_its_id() {
        let rule = GroupRule {
            id: None,
            traffic: Traffic::All,
            source: Source::Cidr("0.0.0.0/0".parse().unwrap()),
            description: None,
            tags: BTreeMap::new(),
        };
        let action = || Action::new("ec2:RevokeSecurityGroupIngress");
        let document = Document::InboundRules(vec![rule.clone()]);
        let now = Reread { document, handle: Handle::Rules(vec![RuleId::new("sgr-1")]) };
        let one = ids_of(action(), std::slice::from_ref(&rule), &now);
        assert_eq!(one, Ok(&[RuleId::new("sgr-1")][..]));
        assert!(ids_of(action(), &[rule.clone(), rule], &now).is_err());
        assert!(ids_of(action(), &[], &now).is_err());
    }
}
