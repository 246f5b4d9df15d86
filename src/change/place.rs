//! Where the document of an operation is found in a snapshot, and how it is put there.

mod bucket;
mod credentials;
mod flow_logs;
mod keys;
mod logs;
mod people;
mod recording;
mod rules;
mod topics;

use std::collections::BTreeMap;

use super::group_rule::held;
use super::{Document, Inverse, Operation, Target};
use crate::model::{Direction, Observed, Region, Regional, Role, Rule, RuleId, Snapshot};

/// The operation has no target in the snapshot it was to be simulated on.
#[derive(Debug, thiserror::Error)]
#[error("{operation} has no target in this snapshot: {missing}")]
pub struct Misfit {
    operation: &'static str,
    missing: String,
}

impl Operation {
    /// The state of the target in a snapshot.
    pub fn document(&self, on: &Snapshot) -> Result<Document, Misfit> {
        self.get(on).map_err(|missing| self.misfit(missing))
    }

    /// Changes the snapshot as the call would change the account, and gives the way back.
    pub fn simulate(&self, on: &mut Snapshot) -> Result<Inverse, Misfit> {
        let before = self.document(on)?;
        let (after, undo) = self
            .effect_on(&before)
            .ok_or_else(|| self.misfit(format!("{} as it should be", self.target().resource())))?;
        self.set(on, after).map_err(|missing| self.misfit(missing))?;
        Ok(undo)
    }

    fn misfit(&self, missing: String) -> Misfit {
        Misfit { operation: self.name(), missing }
    }

    /// The state of the target among the rules of its group, as just read; for operations on groups.
    pub fn document_of_rules(&self, group: &BTreeMap<RuleId, Rule>) -> Document {
        let (direction, rules) = self.group_rules().unwrap_or((Direction::Inbound, &[]));
        let rules = held(group, direction, rules);
        match direction {
            Direction::Inbound => Document::InboundRules(rules),
            Direction::Outbound => Document::OutboundRules(rules),
        }
    }

    fn get(&self, on: &Snapshot) -> Result<Document, String> {
        let target = self.target();
        match &target {
            Target::PasswordPolicy => part(&on.iam.password_policy).map(Document::PasswordPolicy),
            Target::AccessKey(..) | Target::Password(_) | Target::RootKey(_) => {
                credentials::get(self, on)
            }
            Target::SecurityContact => part(&on.contact).map(Document::SecurityContact),
            Target::Key(region, key) => keys::rotation(on, region, key).map(Document::KeyRotation),
            Target::Inbound(region, group) | Target::Outbound(region, group) => {
                rules::get(self, on, region, group)
            }
            Target::Bucket(_, name)
            | Target::BucketPolicy(_, name)
            | Target::PublicAccess(_, name)
            | Target::BucketAcl(_, name)
            | Target::AccessLog(_, name) => bucket::get(&target, on, name),
            Target::Role(name) => {
                Ok(Document::Policy(role(on, name)?.map(|role| role.trust.clone())))
            }
            Target::RolePolicy(name, policy) => {
                let role = role(on, name)?.ok_or_else(|| format!("role {name}"))?;
                Ok(Document::Policy(role.inline.get(policy).cloned()))
            }
            Target::ServiceLinkedRole(service) => {
                Ok(Document::Presence(role(on, service.linked_role())?.is_some()))
            }
            Target::UserGroup(_)
            | Target::GroupPolicy(..)
            | Target::GroupInline(..)
            | Target::Member(..)
            | Target::UserPolicy(..)
            | Target::UserInline(..) => people::get(&target, on),
            Target::LogGroup(..) | Target::Retention(..) | Target::Filter(..) => {
                logs::get(&target, on)
            }
            Target::NewKey(..) | Target::Alias(..) | Target::KeyPolicy(..) => {
                keys::get(self, &target, on)
            }
            Target::Alarm(region, name) => {
                let alarms = regional(on, region)?.alarms.ok();
                let alarms = alarms.ok_or_else(|| format!("alarms in {region}"))?;
                Ok(Document::Alarm(alarms.metric.get(name).cloned()))
            }
            Target::Topic(..) | Target::TopicPolicy(..) | Target::Subscription(..) => {
                topics::get(&target, on)
            }
            Target::Trail(..)
            | Target::TrailLogging(..)
            | Target::Recorder(..)
            | Target::Channel(..)
            | Target::Recording(..) => recording::get(self, &target, on),
            Target::FlowLog(region, vpc) => flow_logs::get(self, on, region, vpc),
        }
    }

    fn set(&self, on: &mut Snapshot, to: Document) -> Result<(), String> {
        let target = self.target();
        match (&target, to) {
            (Target::PasswordPolicy, Document::PasswordPolicy(to)) => {
                put(&mut on.iam.password_policy, to)
            }
            (Target::AccessKey(..) | Target::Password(_) | Target::RootKey(_), to) => {
                credentials::set(&target, on, to)
            }
            (Target::SecurityContact, Document::SecurityContact(to)) => put(&mut on.contact, to),
            (Target::Key(region, key), Document::KeyRotation(to)) => {
                keys::set_rotation(on, region, key, to)
            }
            (Target::Inbound(region, group) | Target::Outbound(region, group), _) => {
                rules::set(self, on, region, group)
            }
            (
                Target::Bucket(region, name)
                | Target::BucketPolicy(region, name)
                | Target::PublicAccess(region, name)
                | Target::BucketAcl(region, name)
                | Target::AccessLog(region, name),
                to,
            ) => bucket::set(&target, on, (region, name), to),
            (Target::Role(name), Document::Policy(trust)) => {
                let arn = on.account.arn("iam", "", &format!("role/{name}"));
                let role = trust.map(|trust| Role { arn, trust, inline: BTreeMap::new() });
                on.iam.roles.insert(name.clone(), Observed::Known(role));
                Ok(())
            }
            (Target::RolePolicy(name, policy), Document::Policy(to)) => {
                let role = on.iam.roles.get_mut(name).and_then(Observed::ok_mut);
                let inline = &mut role.and_then(Option::as_mut).ok_or("role")?.inline;
                match to {
                    Some(to) => inline.insert(policy.clone(), to),
                    None => inline.remove(policy),
                };
                Ok(())
            }
            (Target::ServiceLinkedRole(service), Document::Presence(there)) => {
                let arn = service.linked_role_arn(&on.account);
                let trust = crate::model::PolicyText::of(&[]);
                let role = there.then(|| Role { arn, trust, inline: BTreeMap::new() });
                on.iam.roles.insert(service.linked_role().to_owned(), Observed::Known(role));
                Ok(())
            }
            (
                Target::UserGroup(_)
                | Target::GroupPolicy(..)
                | Target::GroupInline(..)
                | Target::Member(..)
                | Target::UserPolicy(..)
                | Target::UserInline(..),
                to,
            ) => people::set(&target, on, to),
            (Target::LogGroup(..) | Target::Retention(..) | Target::Filter(..), to) => {
                logs::set(&target, on, to)
            }
            (Target::NewKey(..) | Target::Alias(..) | Target::KeyPolicy(..), to) => {
                keys::set(&target, on, to)
            }
            (Target::Alarm(region, name), Document::Alarm(to)) => {
                let alarms = regional_mut(on, region)?.alarms.ok_mut().ok_or("alarms")?;
                match to {
                    Some(to) => alarms.metric.insert(name.clone(), to),
                    None => alarms.metric.remove(name),
                };
                Ok(())
            }
            (Target::Topic(..) | Target::TopicPolicy(..) | Target::Subscription(..), to) => {
                topics::set(&target, on, to)
            }
            (
                Target::Trail(..)
                | Target::TrailLogging(..)
                | Target::Recorder(..)
                | Target::Channel(..)
                | Target::Recording(..),
                to,
            ) => recording::set(self, &target, on, to),
            (Target::FlowLog(region, vpc), Document::FlowLog(to)) => {
                flow_logs::set(self, on, (region, vpc), to)
            }
            (target, _) => Err(format!("another kind of document for {}", target.resource())),
        }
    }
}

fn part<T: Clone>(part: &Observed<T>) -> Result<T, String> {
    part_of(part).cloned()
}

fn part_of<T>(part: &Observed<T>) -> Result<&T, String> {
    part.known().map_err(|gap| gap.reason)
}

fn put<T>(part: &mut Observed<T>, to: T) -> Result<(), String> {
    *part.ok_mut().ok_or("it was not read")? = to;
    Ok(())
}

fn regional<'a>(on: &'a Snapshot, region: &Region) -> Result<&'a Regional, String> {
    on.regional.get(region).ok_or_else(|| format!("region {region}"))
}

fn regional_mut<'a>(on: &'a mut Snapshot, region: &Region) -> Result<&'a mut Regional, String> {
    on.regional.get_mut(region).ok_or_else(|| format!("region {region}"))
}

fn role<'a>(on: &'a Snapshot, name: &str) -> Result<Option<&'a Role>, String> {
    let role = on.iam.roles.get(name).ok_or_else(|| format!("role {name}"))?;
    role.known().map(Option::as_ref).map_err(|gap| gap.reason)
}
