//! The closed list of AWS write calls, one variant per call.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::{
    Account, AccountId, Action, GroupId, KeyId, PasswordPolicy, Region, Rule, RuleId,
    SecurityContact, Source, Traffic,
};

/// One AWS write call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Operation {
    /// `iam:UpdateAccountPasswordPolicy`, always with every field.
    UpdateAccountPasswordPolicy {
        /// The whole policy.
        policy: PasswordPolicy,
    },
    /// `iam:DeleteAccountPasswordPolicy`
    DeleteAccountPasswordPolicy,
    /// `account:PutAlternateContact` for security, always with every field.
    PutAlternateContact {
        /// The whole contact.
        contact: SecurityContact,
    },
    /// `account:DeleteAlternateContact` for security
    DeleteAlternateContact,
    /// `kms:EnableKeyRotation`
    EnableKeyRotation {
        /// Where the key is.
        region: Region,
        /// The key.
        key: KeyId,
        /// Days from one rotation to the next.
        period_days: u16,
    },
    /// `kms:DisableKeyRotation`
    DisableKeyRotation {
        /// Where the key is.
        region: Region,
        /// The key.
        key: KeyId,
    },
    /// `ec2:AuthorizeSecurityGroupIngress`
    AuthorizeSecurityGroupIngress {
        /// Where the group is.
        region: Region,
        /// The group.
        group: GroupId,
        /// The rules to add.
        rules: Vec<InboundRule>,
    },
    /// `ec2:RevokeSecurityGroupIngress`, by the ids that these rules have just before the call.
    RevokeSecurityGroupIngress {
        /// Where the group is.
        region: Region,
        /// The group.
        group: GroupId,
        /// The rules to take away.
        rules: Vec<InboundRule>,
    },
}

/// An inbound rule. EC2 gives a new id to a rule that is put back, so what a rule is does not hang on it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InboundRule {
    /// The id, for rules to revoke: whoever changes the rule in place keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<RuleId>,
    /// What it lets through.
    pub traffic: Traffic,
    /// The other end.
    pub source: Source,
    /// What somebody wrote about it.
    pub description: Option<String>,
    /// The tags of the rule.
    pub tags: BTreeMap<String, String>,
}

impl InboundRule {
    /// Takes the rule out of a snapshot.
    pub fn of(rule: &Rule) -> Self {
        Self {
            id: None,
            traffic: rule.traffic.clone(),
            source: rule.source.clone(),
            description: rule.description.clone(),
            tags: rule.tags.clone(),
        }
    }

    /// The rule without its id.
    #[must_use]
    pub fn nameless(&self) -> Self {
        Self { id: None, ..self.clone() }
    }

    /// The rule as a group of this account holds it.
    pub fn owned_by(self, owner: AccountId) -> Rule {
        let Self { traffic, source, description, tags, id: _ } = self;
        Rule { owner, egress: false, traffic, source, description, tags }
    }

    /// Whether the operation is about this rule: the same, or what somebody has made of it since.
    pub fn is_about(&self, id: &RuleId, rule: &Rule) -> bool {
        !rule.egress && (self.id.as_ref() == Some(id) || self.is_same_as(rule))
    }

    /// Whether EC2 would call the two the same rule: it knows no two with the same traffic and source.
    pub fn is_same_as(&self, rule: &Rule) -> bool {
        !rule.egress && self.traffic == rule.traffic && self.source == rule.source
    }
}

/// What an operation changes, and where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// The one password policy of the account.
    PasswordPolicy,
    /// The one security contact of the account.
    SecurityContact,
    /// A KMS key.
    Key(Region, KeyId),
    /// The inbound rules of a security group.
    Inbound(Region, GroupId),
}

impl Target {
    /// The region, where it is in one.
    pub fn region(&self) -> Option<&Region> {
        match self {
            Self::PasswordPolicy | Self::SecurityContact => None,
            Self::Key(region, _) | Self::Inbound(region, _) => Some(region),
        }
    }

    /// The name findings and waivers use for it.
    pub fn resource(&self) -> &str {
        match self {
            Self::PasswordPolicy => "password-policy",
            Self::SecurityContact => "security-contact",
            Self::Key(_, key) => key.as_str(),
            Self::Inbound(_, group) => group.as_str(),
        }
    }

    /// The resource element for a policy that allows changing this and nothing else.
    pub fn arn(&self, account: &Account) -> String {
        match self {
            // The password policy has no ARN.
            Self::PasswordPolicy => "*".to_owned(),
            // Contacts have none of their own: permissions are given for the account.
            Self::SecurityContact => account.arn("account", "", "account"),
            Self::Key(region, key) => account.arn("kms", region.as_str(), &format!("key/{key}")),
            Self::Inbound(region, group) => {
                account.arn("ec2", region.as_str(), &format!("security-group/{group}"))
            }
        }
    }
}

impl Operation {
    /// What it changes.
    pub fn target(&self) -> Target {
        match self {
            Self::UpdateAccountPasswordPolicy { .. } | Self::DeleteAccountPasswordPolicy => {
                Target::PasswordPolicy
            }
            Self::PutAlternateContact { .. } | Self::DeleteAlternateContact => {
                Target::SecurityContact
            }
            Self::EnableKeyRotation { region, key, .. }
            | Self::DisableKeyRotation { region, key } => Target::Key(region.clone(), key.clone()),
            Self::AuthorizeSecurityGroupIngress { region, group, .. }
            | Self::RevokeSecurityGroupIngress { region, group, .. } => {
                Target::Inbound(region.clone(), group.clone())
            }
        }
    }

    /// The name of the variant, as plans spell it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::UpdateAccountPasswordPolicy { .. } => "update-account-password-policy",
            Self::DeleteAccountPasswordPolicy => "delete-account-password-policy",
            Self::PutAlternateContact { .. } => "put-alternate-contact",
            Self::DeleteAlternateContact => "delete-alternate-contact",
            Self::EnableKeyRotation { .. } => "enable-key-rotation",
            Self::DisableKeyRotation { .. } => "disable-key-rotation",
            Self::AuthorizeSecurityGroupIngress { .. } => "authorize-security-group-ingress",
            Self::RevokeSecurityGroupIngress { .. } => "revoke-security-group-ingress",
        }
    }

    /// The permission the call itself takes.
    pub const fn action(&self) -> Action {
        match self {
            Self::UpdateAccountPasswordPolicy { .. } => {
                Action::new("iam:UpdateAccountPasswordPolicy")
            }
            Self::DeleteAccountPasswordPolicy => Action::new("iam:DeleteAccountPasswordPolicy"),
            Self::PutAlternateContact { .. } => Action::new("account:PutAlternateContact"),
            Self::DeleteAlternateContact => Action::new("account:DeleteAlternateContact"),
            Self::EnableKeyRotation { .. } => Action::new("kms:EnableKeyRotation"),
            Self::DisableKeyRotation { .. } => Action::new("kms:DisableKeyRotation"),
            Self::AuthorizeSecurityGroupIngress { .. } => {
                Action::new("ec2:AuthorizeSecurityGroupIngress")
            }
            Self::RevokeSecurityGroupIngress { .. } => {
                Action::new("ec2:RevokeSecurityGroupIngress")
            }
        }
    }

    /// Every permission the call takes, the tags it writes included.
    pub fn permissions(&self) -> Vec<Action> {
        let mut actions = vec![self.action()];
        if let Self::AuthorizeSecurityGroupIngress { rules, .. } = self
            && rules.iter().any(|rule| !rule.tags.is_empty())
        {
            actions.push(Action::new("ec2:CreateTags"));
        }
        actions
    }

    /// The permissions that reading the target again just before the call takes.
    pub const fn recheck_actions(&self) -> &'static [Action] {
        match self {
            Self::UpdateAccountPasswordPolicy { .. } | Self::DeleteAccountPasswordPolicy => {
                const { &[Action::new("iam:GetAccountPasswordPolicy")] }
            }
            Self::PutAlternateContact { .. } | Self::DeleteAlternateContact => {
                const { &[Action::new("account:GetAlternateContact")] }
            }
            Self::EnableKeyRotation { .. } | Self::DisableKeyRotation { .. } => {
                const { &[Action::new("kms:GetKeyRotationStatus")] }
            }
            Self::AuthorizeSecurityGroupIngress { .. }
            | Self::RevokeSecurityGroupIngress { .. } => {
                const { &[Action::new("ec2:DescribeSecurityGroupRules")] }
            }
        }
    }

    /// Every permission that any operation may take.
    pub const ALL_PERMISSIONS: &'static [Action] = &[
        Action::new("account:DeleteAlternateContact"),
        Action::new("account:PutAlternateContact"),
        Action::new("ec2:AuthorizeSecurityGroupIngress"),
        Action::new("ec2:CreateTags"),
        Action::new("ec2:RevokeSecurityGroupIngress"),
        Action::new("iam:DeleteAccountPasswordPolicy"),
        Action::new("iam:UpdateAccountPasswordPolicy"),
        Action::new("kms:DisableKeyRotation"),
        Action::new("kms:EnableKeyRotation"),
    ];

    /// Where it stands among others that need nothing of each other: what adds first, what cuts off
    /// somebody last.
    pub const fn rank(&self) -> u8 {
        match self {
            Self::EnableKeyRotation { .. } | Self::DisableKeyRotation { .. } => 10,
            Self::UpdateAccountPasswordPolicy { .. } | Self::DeleteAccountPasswordPolicy => 20,
            Self::PutAlternateContact { .. } | Self::DeleteAlternateContact => 30,
            Self::AuthorizeSecurityGroupIngress { .. } => 80,
            Self::RevokeSecurityGroupIngress { .. } => 90,
        }
    }
}
