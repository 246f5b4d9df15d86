//! Passwords and access keys as they are read for plans: the credential report may be hours old, and knows
//! no access key by its id.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{KeyRow, Observed, UsedFor, When};

/// A user, with the path before the name where there is one: `team/al`, as in the ARN.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UserName(String);

impl UserName {
    /// Takes the name, or path and name.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The user whose ARN it is; `None` where it is the ARN of something else.
    pub fn of_arn(arn: &str) -> Option<Self> {
        let mut fields = arn.splitn(6, ':');
        let is_iam = fields.nth(2) == Some("iam");
        let user = fields.nth(2)?.strip_prefix("user/")?;
        (is_iam && !user.is_empty()).then(|| Self::new(user))
    }

    /// The name alone: no two users of an account have the same.
    pub fn name(&self) -> &str {
        self.0.rsplit_once('/').map_or(self.0.as_str(), |(_, name)| name)
    }

    /// Path and name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether both are the same user: IAM knows no case in names.
    pub fn is(&self, other: &Self) -> bool {
        self.name().eq_ignore_ascii_case(other.name())
    }
}

/// The id of an access key. It is no secret: it says which key, and opens nothing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccessKeyId(String);

impl AccessKeyId {
    /// Takes the id as AWS gave it.
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The id as AWS spells it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccessKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// What is read of one user beyond the report.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserCredentials {
    /// `ListAccessKeys`: all of them.
    #[serde(default)]
    pub keys: Observed<BTreeMap<AccessKeyId, AccessKey>>,
    /// `GetLoginProfile` and `GetUser`; `None`: no password.
    #[serde(default)]
    pub password: Observed<Option<Password>>,
}

/// An access key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessKey {
    /// Whether it opens the account.
    pub status: KeyStatus,
    /// When it was made.
    pub made: Timestamp,
    /// `GetAccessKeyLastUsed`, of those that are active and those of root; `None`: never.
    pub last_used: Observed<Option<KeyUse>>,
    /// Whether whoever read the account signed with it.
    pub signs: bool,
}

/// Whether an access key opens the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyStatus {
    /// It does.
    Active,
    /// It does not, and can be made to again.
    Inactive,
}

impl KeyStatus {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
        }
    }
}

/// The last use of an access key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyUse {
    /// When, within about a quarter of an hour.
    pub at: Timestamp,
    /// What for, where AWS tells it.
    pub used_for: Option<UsedFor>,
}

impl fmt::Display for KeyUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.at.strftime("%Y-%m-%d %H:%M UTC"))?;
        match &self.used_for {
            Some(UsedFor { service, region }) => write!(f, " for {service} in {region}"),
            None => Ok(()),
        }
    }
}

/// The password of a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Password {
    /// When it was made.
    pub made: Timestamp,
    /// When somebody last signed in with it, if ever.
    pub last_used: Option<Timestamp>,
}

impl AccessKey {
    /// Whether it opens the account.
    pub fn is_active(&self) -> bool {
        self.status == KeyStatus::Active
    }

    /// The key as the report would tell of it by now; `None` where its last use is not known and matters.
    pub fn row(&self) -> Option<KeyRow> {
        let last = match self.last_used.ok() {
            Some(last) => last.as_ref(),
            None if self.is_active() => return None,
            None => None,
        };
        Some(KeyRow {
            active: Some(self.is_active()),
            last_rotated: When::At(self.made),
            last_used: last.map_or(When::NotApplicable, |last| When::At(last.at)),
            used_for: last.and_then(|last| last.used_for.clone()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_known_by_their_arns() {
        let user = |arn| UserName::of_arn(arn).map(|user| user.as_str().to_owned());
        assert_eq!(user("arn:aws:iam::111122223333:user/al"), Some("al".to_owned()));
        let deep = UserName::of_arn("arn:aws-cn:iam::111122223333:user/a/b:c/al").unwrap();
        assert_eq!((deep.as_str(), deep.name()), ("a/b:c/al", "al"));
        assert!(deep.is(&UserName::new("AL")) && !deep.is(&UserName::new("b:c")));
        for other in [
            "arn:aws:iam::111122223333:root",
            "arn:aws:sts::111122223333:assumed-role/user/al",
            "arn:aws:sts::111122223333:federated-user/al",
            "arn:aws:iam::111122223333:user/",
            "",
        ] {
            assert_eq!(user(other), None, "{other}");
        }
    }
}
