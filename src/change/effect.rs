//! What an operation makes of a document: the same as [`Operation::simulate`] on a whole snapshot, for
//! those who have only the document, such as a saved plan.

use super::{Document, InboundRule, Inverse, Operation};
use crate::model::{GroupId, PasswordPolicy, Region, Rotation, SecurityContact};

impl Operation {
    /// The document after the operation, and the way back; `None` where it does not fit the document.
    pub fn effect_on(&self, before: &Document) -> Option<(Document, Inverse)> {
        let (after, undo) = match (self, before) {
            (Self::UpdateAccountPasswordPolicy { policy }, Document::PasswordPolicy(was)) => {
                (Document::PasswordPolicy(Some(policy.clone())), restore(was.clone()))
            }
            (Self::DeleteAccountPasswordPolicy, Document::PasswordPolicy(was)) => {
                (Document::PasswordPolicy(None), restore(was.clone()))
            }
            (Self::PutAlternateContact { contact }, Document::SecurityContact(was)) => {
                (Document::SecurityContact(Some(contact.clone())), register(was.clone()))
            }
            (Self::DeleteAlternateContact, Document::SecurityContact(was)) => {
                (Document::SecurityContact(None), register(was.clone()))
            }
            (Self::EnableKeyRotation { period_days, .. }, Document::KeyRotation(was)) => {
                let on = Rotation::On { period_days: *period_days };
                (Document::KeyRotation(on), self.rotate(*was)?)
            }
            (Self::DisableKeyRotation { .. }, Document::KeyRotation(was)) => {
                (Document::KeyRotation(Rotation::Off), self.rotate(*was)?)
            }
            (
                Self::AuthorizeSecurityGroupIngress { region, group, rules },
                Document::InboundRules(was),
            ) if was.is_empty() => add(region.clone(), group.clone(), rules.clone()),
            (
                Self::RevokeSecurityGroupIngress { region, group, rules },
                Document::InboundRules(was),
            ) if same(rules, was) => {
                let (region, group, rules) = (region.clone(), group.clone(), was.clone());
                let undo = Self::AuthorizeSecurityGroupIngress { region, group, rules };
                (Document::InboundRules(Vec::new()), undo)
            }
            _ => return None,
        };
        Some((after, Inverse::Run(undo)))
    }

    /// The rotation of this operation's key as it was.
    fn rotate(&self, was: Rotation) -> Option<Self> {
        let (Self::EnableKeyRotation { region, key, .. }
        | Self::DisableKeyRotation { region, key }) = self
        else {
            return None;
        };
        let (region, key) = (region.clone(), key.clone());
        Some(match was {
            Rotation::Off => Self::DisableKeyRotation { region, key },
            Rotation::On { period_days } => Self::EnableKeyRotation { region, key, period_days },
        })
    }
}

fn restore(was: Option<PasswordPolicy>) -> Operation {
    was.map_or(Operation::DeleteAccountPasswordPolicy, |policy| {
        Operation::UpdateAccountPasswordPolicy { policy }
    })
}

fn register(was: Option<SecurityContact>) -> Operation {
    was.map_or(Operation::DeleteAlternateContact, |contact| Operation::PutAlternateContact {
        contact,
    })
}

fn add(region: Region, group: GroupId, rules: Vec<InboundRule>) -> (Document, Operation) {
    let mut after: Vec<InboundRule> = rules.iter().map(InboundRule::nameless).collect();
    after.sort();
    let undo = Operation::RevokeSecurityGroupIngress { region, group, rules };
    (Document::InboundRules(after), undo)
}

fn same(rules: &[InboundRule], held: &[InboundRule]) -> bool {
    let mut rules: Vec<InboundRule> = rules.iter().map(InboundRule::nameless).collect();
    rules.sort();
    rules == held
}
