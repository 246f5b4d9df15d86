//! The part of an account that an operation touches, as a readable document.
//!
//! A document is what plans show as before and after, and what is compared with the account just
//! before a write.

use serde::{Deserialize, Serialize};

use super::InboundRule;
use crate::model::{PasswordPolicy, Rotation, SecurityContact};

/// The state of a target, as far as one operation is concerned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Document {
    /// The account's password policy, or none.
    PasswordPolicy(Option<PasswordPolicy>),
    /// The account's security contact, or none.
    SecurityContact(Option<SecurityContact>),
    /// Rotation of one key.
    KeyRotation(Rotation),
    /// Those of an operation's rules that the group holds, sorted.
    InboundRules(Vec<InboundRule>),
}

/// One line of a document: what, and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What it is; empty where the value says all.
    pub name: &'static str,
    /// Its value.
    pub value: String,
}

impl Document {
    /// The document as lines for a person. An absent thing has no lines.
    pub fn rows(&self) -> Vec<Row> {
        match self {
            Self::PasswordPolicy(None) | Self::SecurityContact(None) => Vec::new(),
            Self::PasswordPolicy(Some(policy)) => password_rows(policy),
            Self::SecurityContact(Some(contact)) => contact_rows(contact),
            Self::KeyRotation(rotation) => vec![Row {
                name: "rotation",
                value: match rotation {
                    Rotation::Off => "off".to_owned(),
                    Rotation::On { period_days } => format!("every {period_days} days"),
                },
            }],
            Self::InboundRules(rules) => {
                rules.iter().map(|rule| Row { name: "allow", value: rule_value(rule) }).collect()
            }
        }
    }
}

fn rule_value(rule: &InboundRule) -> String {
    let mut parts = vec![format!("{} from {}", rule.traffic, rule.source)];
    let description = rule.description.as_deref().filter(|text| !text.is_empty());
    let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
    parts.extend(description.map(|text| format!("\"{}\"", quoted(text))));
    parts.extend(rule.tags.iter().map(|(key, value)| format!("{key}={value}")));
    parts.join("  ")
}

fn contact_rows(contact: &SecurityContact) -> Vec<Row> {
    let SecurityContact { name, title, email, phone } = contact;
    [("name", name), ("title", title), ("e-mail", email), ("phone", phone)]
        .into_iter()
        .map(|(name, value)| Row { name, value: value.clone() })
        .collect()
}

fn password_rows(policy: &PasswordPolicy) -> Vec<Row> {
    let required = |on: bool| if on { "required" } else { "not required" }.to_owned();
    let yes = |on: bool| if on { "yes" } else { "no" }.to_owned();
    let days = policy.max_age_days.map_or("never".to_owned(), |days| format!("after {days} days"));
    let reuse = policy.reuse_prevention.map_or("none".to_owned(), |n| n.to_string());
    [
        ("minimum length", policy.minimum_length.to_string()),
        ("upper-case letter", required(policy.require_uppercase)),
        ("lower-case letter", required(policy.require_lowercase)),
        ("symbol", required(policy.require_symbols)),
        ("number", required(policy.require_numbers)),
        ("passwords remembered", reuse),
        ("expires", days),
        ("users may change it", yes(policy.allow_users_to_change)),
        ("expiry locks out", yes(policy.hard_expiry)),
    ]
    .into_iter()
    .map(|(name, value)| Row { name, value })
    .collect()
}
