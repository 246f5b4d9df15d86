//! Whoever runs harden.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::Account;

/// A user or a role, by its name without the path: no two of an account have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Principal<'a> {
    /// A user.
    User(&'a str),
    /// A role.
    Role(&'a str),
}

impl<'a> Principal<'a> {
    /// The account's user or role that an ARN of IAM names, or whose session an ARN of STS is.
    pub fn of_arn(account: &Account, arn: &'a str) -> Option<Self> {
        let within = |service: &str| arn.strip_prefix(&account.arn(service, "", ""));
        let name = |path: &'a str| path.rsplit('/').next().filter(|name| !name.is_empty());
        if let Some(session) = within("sts") {
            let role = session.strip_prefix("assumed-role/")?.split('/').next()?;
            return (!role.is_empty()).then_some(Self::Role(role));
        }
        let resource = within("iam")?;
        match resource.strip_prefix("user/") {
            Some(user) => name(user).map(Self::User),
            None => resource.strip_prefix("role/").and_then(name).map(Self::Role),
        }
    }
}

impl fmt::Display for Principal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(name) => f.write_str(name),
            Self::Role(name) => write!(f, "role {name}"),
        }
    }
}

/// Whoever runs harden: whose session it is, and those by whose keys and roles the session was had, as far as
/// AWS and the configuration tell. Nothing of theirs is changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Own {
    /// Names of users.
    #[serde(default)]
    users: BTreeSet<String>,
    /// Names of roles.
    #[serde(default)]
    roles: BTreeSet<String>,
}

impl Own {
    /// Those whom ARNs name; what is of other accounts, or nobody, is left out.
    pub fn of(account: &Account, arns: &[&str]) -> Self {
        let named = arns.iter().filter_map(|arn| Principal::of_arn(account, arn));
        named.fold(Self::default(), Self::and)
    }

    /// The same, and this one.
    #[must_use]
    pub fn and(mut self, who: Principal<'_>) -> Self {
        match who {
            Principal::User(name) => self.users.insert(name.to_owned()),
            Principal::Role(name) => self.roles.insert(name.to_owned()),
        };
        self
    }

    /// Whether it is one of them. IAM knows no case in names.
    pub fn has(&self, who: Principal<'_>) -> bool {
        let (names, name) = match who {
            Principal::User(name) => (&self.users, name),
            Principal::Role(name) => (&self.roles, name),
        };
        names.iter().any(|own| own.eq_ignore_ascii_case(name))
    }

    /// Whether no user is known to stand behind the session.
    pub fn is_without_user(&self) -> bool {
        self.users.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixture;

    #[test]
    fn users_and_roles_are_known_by_their_arns() {
        let account = fixture::unread().account;
        let own = |arn: &str| Own::of(&account, &[arn]);
        let of = |service: &str, resource: &str| own(&account.arn(service, "", resource));
        for arn in ["user/al", "user/team/AL", "user/a/b:c/al"] {
            assert_eq!((of("iam", arn).has(Principal::User("al")), arn), (true, arn));
            assert!(!of("iam", arn).has(Principal::Role("al")));
        }
        for (service, arn) in [
            ("sts", "assumed-role/Admin/al"),
            ("iam", "role/admin"),
            ("iam", "role/aws-reserved/sso.amazonaws.com/eu-west-1/ADMIN"),
        ] {
            assert!(of(service, arn).has(Principal::Role("admin")), "{arn}");
            assert!(!of(service, arn).has(Principal::User("al")), "{arn}");
        }
        for (service, arn) in [
            ("iam", "root"),
            ("iam", "user/"),
            ("iam", "role/"),
            ("sts", "assumed-role/"),
            ("sts", "federated-user/al"),
            ("iam", "group/al"),
        ] {
            assert_eq!(of(service, arn), Own::default(), "{arn}");
        }
        assert_eq!(own("arn:aws:iam::444455556666:user/al"), Own::default());
        assert_eq!(own("arn:aws-cn:iam::111122223333:user/al"), Own::default());
    }

    #[test]
    fn several_stand_behind_one_session() {
        let own = Own::default().and(Principal::Role("admin")).and(Principal::User("al"));
        assert!(own.has(Principal::Role("admin")) && own.has(Principal::User("Al")));
        assert!(!own.has(Principal::User("admin")) && !own.is_without_user());
    }
}
