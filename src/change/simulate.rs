//! What an operation would do, worked out on a snapshot.

use std::collections::BTreeMap;

use super::rules::held;
use super::{Document, InboundRule, Inverse, Operation};
use crate::model::{
    GroupId, KeyDetail, KeyId, PasswordPolicy, Region, Rotation, Rule, RuleId, SecurityContact,
    Snapshot,
};

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
        match self {
            Self::UpdateAccountPasswordPolicy { .. } | Self::DeleteAccountPasswordPolicy => {
                let policy =
                    on.iam.password_policy.known().map_err(|gap| self.misfit(gap.reason))?;
                Ok(Document::PasswordPolicy(policy.clone()))
            }
            Self::PutAlternateContact { .. } | Self::DeleteAlternateContact => {
                let contact = on.contact.known().map_err(|gap| self.misfit(gap.reason))?;
                Ok(Document::SecurityContact(contact.clone()))
            }
            Self::EnableKeyRotation { region, key, .. }
            | Self::DisableKeyRotation { region, key } => {
                let rotation = key_detail(on, region, key)
                    .and_then(|detail| detail.rotation.ok())
                    .ok_or_else(|| self.misfit(format!("key {key} in {region}")))?;
                Ok(Document::KeyRotation(*rotation))
            }
            Self::AuthorizeSecurityGroupIngress { region, group, rules }
            | Self::RevokeSecurityGroupIngress { region, group, rules } => {
                let known = on
                    .regional
                    .get(region)
                    .and_then(|regional| regional.rules.ok())
                    .ok_or_else(|| self.misfit(format!("rules in {region}")))?;
                let held = known.get(group).map_or(Vec::new(), |group| held(group, rules));
                Ok(Document::InboundRules(held))
            }
        }
    }

    /// The state of the target among the rules of its group, as just read; for operations on groups.
    pub fn document_of_rules(&self, group: &BTreeMap<RuleId, Rule>) -> Document {
        let rules = match self {
            Self::AuthorizeSecurityGroupIngress { rules, .. }
            | Self::RevokeSecurityGroupIngress { rules, .. } => held(group, rules),
            Self::UpdateAccountPasswordPolicy { .. }
            | Self::DeleteAccountPasswordPolicy
            | Self::PutAlternateContact { .. }
            | Self::DeleteAlternateContact
            | Self::EnableKeyRotation { .. }
            | Self::DisableKeyRotation { .. } => Vec::new(),
        };
        Document::InboundRules(rules)
    }

    /// Changes the snapshot as the call would change the account, and gives the way back.
    pub fn simulate(&self, on: &mut Snapshot) -> Result<Inverse, Misfit> {
        match self {
            Self::UpdateAccountPasswordPolicy { policy } => {
                self.set_password_policy(on, Some(policy.clone()))
            }
            Self::DeleteAccountPasswordPolicy => self.set_password_policy(on, None),
            Self::PutAlternateContact { contact } => self.set_contact(on, Some(contact.clone())),
            Self::DeleteAlternateContact => self.set_contact(on, None),
            Self::EnableKeyRotation { region, key, period_days } => {
                self.set_rotation(on, region, key, Rotation::On { period_days: *period_days })
            }
            Self::DisableKeyRotation { region, key } => {
                self.set_rotation(on, region, key, Rotation::Off)
            }
            Self::AuthorizeSecurityGroupIngress { region, group, rules } => {
                self.authorize(on, region, group, rules)
            }
            Self::RevokeSecurityGroupIngress { region, group, rules } => {
                self.revoke(on, region, group, rules)
            }
        }
    }

    fn misfit(&self, missing: String) -> Misfit {
        Misfit { operation: self.name(), missing }
    }

    fn set_password_policy(
        &self,
        on: &mut Snapshot,
        to: Option<PasswordPolicy>,
    ) -> Result<Inverse, Misfit> {
        let policy = on
            .iam
            .password_policy
            .ok_mut()
            .ok_or_else(|| self.misfit("password policy".to_owned()))?;
        let before = std::mem::replace(policy, to);
        Ok(Inverse::Run(before.map_or(Self::DeleteAccountPasswordPolicy, |policy| {
            Self::UpdateAccountPasswordPolicy { policy }
        })))
    }

    fn set_contact(
        &self,
        on: &mut Snapshot,
        to: Option<SecurityContact>,
    ) -> Result<Inverse, Misfit> {
        let contact =
            on.contact.ok_mut().ok_or_else(|| self.misfit("security contact".to_owned()))?;
        let before = std::mem::replace(contact, to);
        Ok(Inverse::Run(
            before.map_or(Self::DeleteAlternateContact, |contact| Self::PutAlternateContact {
                contact,
            }),
        ))
    }

    fn set_rotation(
        &self,
        on: &mut Snapshot,
        region: &Region,
        key: &KeyId,
        to: Rotation,
    ) -> Result<Inverse, Misfit> {
        let rotation = on
            .regional
            .get_mut(region)
            .and_then(|regional| regional.keys.ok_mut()?.get_mut(key)?.detail.ok_mut())
            .and_then(|detail| detail.rotation.ok_mut())
            .ok_or_else(|| self.misfit(format!("key {key} in {region}")))?;
        Ok(Inverse::Run(match std::mem::replace(rotation, to) {
            Rotation::Off => Self::DisableKeyRotation { region: region.clone(), key: key.clone() },
            Rotation::On { period_days } => {
                Self::EnableKeyRotation { region: region.clone(), key: key.clone(), period_days }
            }
        }))
    }

    fn rules_of<'a>(&self, on: &'a mut Snapshot, region: &Region) -> Result<&'a mut Rules, Misfit> {
        on.regional
            .get_mut(region)
            .and_then(|regional| regional.rules.ok_mut())
            .ok_or_else(|| self.misfit(format!("rules in {region}")))
    }

    fn authorize(
        &self,
        on: &mut Snapshot,
        region: &Region,
        group: &GroupId,
        rules: &[InboundRule],
    ) -> Result<Inverse, Misfit> {
        let owner = on.account.id.clone();
        let known = self.rules_of(on, region)?.entry(group.clone()).or_default();
        if let Some(twice) = held(known, rules).first() {
            return Err(self.misfit(format!("{group} already allows {}", twice.traffic)));
        }
        for rule in rules {
            let id = RuleId::new(format!("planned:{}:{}", rule.traffic, rule.source));
            known.insert(id, rule.clone().owned_by(owner.clone()));
        }
        Ok(Inverse::Run(Self::RevokeSecurityGroupIngress {
            region: region.clone(),
            group: group.clone(),
            rules: rules.to_vec(),
        }))
    }

    fn revoke(
        &self,
        on: &mut Snapshot,
        region: &Region,
        group: &GroupId,
        rules: &[InboundRule],
    ) -> Result<Inverse, Misfit> {
        let groups = self.rules_of(on, region)?;
        let gone = groups.get(group).map_or(Vec::new(), |known| held(known, rules));
        if gone.len() != rules.len() {
            return Err(self.misfit(format!("a rule of {group}")));
        }
        if let Some(known) = groups.get_mut(group) {
            known.retain(|_, rule| !rules.iter().any(|revoked| revoked.is_same_as(rule)));
            if known.is_empty() {
                groups.remove(group);
            }
        }
        Ok(Inverse::Run(Self::AuthorizeSecurityGroupIngress {
            region: region.clone(),
            group: group.clone(),
            rules: gone,
        }))
    }
}

/// The rules of a region, by group.
type Rules = BTreeMap<GroupId, BTreeMap<RuleId, Rule>>;

fn key_detail<'a>(on: &'a Snapshot, region: &Region, key: &KeyId) -> Option<&'a KeyDetail> {
    on.regional.get(region)?.keys.ok()?.get(key)?.detail.ok()
}
