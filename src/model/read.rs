//! The closed list of things harden reads.

use super::Action;

/// One thing that is read, by one API call or a paged series of the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Read {
    /// `iam:GetAccountPasswordPolicy`
    PasswordPolicy,
    /// `iam:GetAccountSummary`
    AccountSummary,
    /// `iam:ListVirtualMFADevices`
    VirtualMfaDevices,
    /// `iam:GenerateCredentialReport`, then `iam:GetCredentialReport`
    CredentialReport,
    /// `account:GetAlternateContact`, the one for security
    SecurityContact,
    /// `kms:ListKeys`, `kms:DescribeKey`, `kms:GetKeyRotationStatus`
    Keys,
    /// `ec2:DescribeSecurityGroupRules`
    Rules,
    /// `ec2:GetManagedPrefixListEntries`, for the lists that inbound rules name
    PrefixLists,
    /// `ec2:DescribeSecurityGroups`, where a rule is open to the world
    Groups,
    /// `ec2:DescribeNetworkInterfaces`, where a rule is open to the world
    Interfaces,
    /// `kms:ListAliases`, where there is a key
    Aliases,
}

/// Where a read is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadScope {
    /// Once for the account.
    Global,
    /// In every region.
    Regional,
}

impl Read {
    /// Every read there is.
    pub const ALL: [Self; 11] = [
        Self::PasswordPolicy,
        Self::AccountSummary,
        Self::VirtualMfaDevices,
        Self::CredentialReport,
        Self::SecurityContact,
        Self::Keys,
        Self::Rules,
        Self::PrefixLists,
        Self::Groups,
        Self::Interfaces,
        Self::Aliases,
    ];

    /// What every command reads: who is asking, and the account's regions and alias.
    pub const ALWAYS: &'static [Action] = &[
        Action::new("ec2:DescribeRegions"),
        Action::new("iam:ListAccountAliases"),
        Action::new("sts:GetCallerIdentity"),
    ];

    /// The permissions it takes.
    pub const fn actions(self) -> &'static [Action] {
        match self {
            Self::PasswordPolicy => const { &[Action::new("iam:GetAccountPasswordPolicy")] },
            Self::AccountSummary => const { &[Action::new("iam:GetAccountSummary")] },
            Self::VirtualMfaDevices => const { &[Action::new("iam:ListVirtualMFADevices")] },
            Self::CredentialReport => {
                const {
                    &[
                        Action::new("iam:GenerateCredentialReport"),
                        Action::new("iam:GetCredentialReport"),
                    ]
                }
            }
            Self::SecurityContact => const { &[Action::new("account:GetAlternateContact")] },
            Self::Keys => {
                const {
                    &[
                        Action::new("kms:ListKeys"),
                        Action::new("kms:DescribeKey"),
                        Action::new("kms:GetKeyRotationStatus"),
                    ]
                }
            }
            Self::Aliases => const { &[Action::new("kms:ListAliases")] },
            Self::Rules => const { &[Action::new("ec2:DescribeSecurityGroupRules")] },
            Self::PrefixLists => const { &[Action::new("ec2:GetManagedPrefixListEntries")] },
            Self::Groups => const { &[Action::new("ec2:DescribeSecurityGroups")] },
            Self::Interfaces => const { &[Action::new("ec2:DescribeNetworkInterfaces")] },
        }
    }

    /// Where it is made.
    pub const fn scope(self) -> ReadScope {
        match self {
            Self::PasswordPolicy
            | Self::AccountSummary
            | Self::VirtualMfaDevices
            | Self::CredentialReport
            | Self::SecurityContact => ReadScope::Global,
            Self::Keys
            | Self::Aliases
            | Self::Rules
            | Self::PrefixLists
            | Self::Groups
            | Self::Interfaces => ReadScope::Regional,
        }
    }
}
