//! IAM users and groups, and the policies that each has.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::PolicyText;

/// The users and the groups of an account, by their names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct People {
    /// The users.
    pub users: BTreeMap<String, User>,
    /// The groups.
    pub groups: BTreeMap<String, UserGroup>,
}

/// A user. A permissions boundary is no policy that gives rights, and is not among these.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// The groups that the user is in.
    pub groups: BTreeSet<String>,
    /// What sits directly on the user.
    pub policies: Policies,
}

/// A group of users.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserGroup {
    /// What its users may do by it.
    pub policies: Policies,
}

/// The policies of a user or a group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policies {
    /// The ARNs of the attached ones.
    pub attached: BTreeSet<String>,
    /// Its own, by their names.
    pub inline: BTreeMap<String, PolicyText>,
}

impl People {
    /// The users that are in a group.
    pub fn members<'a>(&'a self, group: &'a str) -> impl Iterator<Item = &'a str> {
        let members = self.users.iter().filter(move |(_, user)| user.groups.contains(group));
        members.map(|(name, _)| name.as_str())
    }

    /// The name of a group that has this name but for case: IAM does not tell them apart.
    pub fn group_like(&self, name: &str) -> Option<&str> {
        self.groups.keys().map(String::as_str).find(|known| known.eq_ignore_ascii_case(name))
    }
}

impl Policies {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.attached.is_empty() && self.inline.is_empty()
    }

    /// Whether it has all that the other has: an own policy by its name, and saying the same.
    pub fn has_all_of(&self, other: &Self) -> bool {
        other.attached.is_subset(&self.attached)
            && other.inline.iter().all(|(name, text)| self.inline.get(name) == Some(text))
    }

    /// What its own policies hold together of what IAM counts: all but blanks.
    pub fn inline_size(&self) -> usize {
        self.inline.values().map(PolicyText::size).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policies(attached: &[&str], inline: &[(&str, &str)]) -> Policies {
        let text = |statement: &str| {
            PolicyText::new(format!(r#"{{"Version":"2012-10-17", "Statement":{statement}}}"#))
        };
        Policies {
            attached: attached.iter().copied().map(str::to_owned).collect(),
            inline: inline.iter().map(|(name, one)| ((*name).to_owned(), text(one))).collect(),
        }
    }

    #[test]
    fn policies_hold_others_by_what_they_say() {
        let one = r#"[{"Effect":"Allow","Action":["a:B"],"Resource":"*"}]"#;
        let same = r#"{ "Effect":"Allow", "Action":"a:B", "Resource":"*" }"#;
        let other = r#"{"Effect":"Deny","Action":"a:B","Resource":"*"}"#;
        let all = policies(&["arn:1", "arn:2"], &[("p", one), ("q", other)]);
        assert!(all.has_all_of(&policies(&["arn:2"], &[("p", same)])));
        assert!(all.has_all_of(&Policies::default()));
        assert!(!all.has_all_of(&policies(&["arn:3"], &[])));
        assert!(!all.has_all_of(&policies(&[], &[("p", other)])));
        assert!(!all.has_all_of(&policies(&[], &[("x", one)])));
        assert!(Policies::default().is_empty() && !all.is_empty());
    }

    #[test]
    fn blanks_have_no_size() {
        let size = |statement| policies(&[], &[("p", statement)]).inline_size();
        let around = r#"{"Version":"2012-10-17","Statement":}"#.len();
        assert_eq!(size("[]"), around + 2);
        assert_eq!(size("[ \n\t ]"), around + 2);
        let two = policies(&[], &[("p", "[]"), ("q", "[]")]);
        assert_eq!(two.inline_size(), 2 * (around + 2));
    }

    #[test]
    fn groups_are_found_whatever_their_case() {
        let mut people = People::default();
        people.groups.insert("Admins".to_owned(), UserGroup::default());
        assert_eq!(people.group_like("admins"), Some("Admins"));
        assert_eq!(people.group_like("admin"), None);
        let user = User { groups: ["Admins".to_owned()].into(), ..User::default() };
        people.users.insert("al".to_owned(), user);
        people.users.insert("bo".to_owned(), User::default());
        assert_eq!(people.members("Admins").collect::<Vec<_>>(), ["al"]);
    }
}
