//! Lists of accounts, from the command line and from files with one id a line.

use std::collections::BTreeMap;
use std::fmt;

use crate::model::AccountId;
use crate::settings_file::{printable, quoted};

/// Accounts of one or several lists, in the order in which they were named; none of them twice.
#[derive(Clone, Debug, Default)]
pub struct AccountList {
    ids: Vec<AccountId>,
    named_at: BTreeMap<AccountId, Origin>,
}

/// Where an account is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// On the command line.
    Flag(&'static str),
    /// In a file.
    Line {
        /// The file, printable.
        file: String,
        /// The line, from 1.
        line: usize,
    },
}

/// A list of accounts cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccountListError {
    /// The number has too few digits, or too many.
    #[error("{at}: {} has {digits} digits, an account id has 12", quoted(text))]
    Digits {
        /// Where.
        at: Origin,
        /// The text as written.
        text: String,
        /// How many digits it has.
        digits: usize,
    },
    /// Not a number at all.
    #[error("{at}: {} is not an account id, which is 12 digits", quoted(text))]
    NotAnId {
        /// Where.
        at: Origin,
        /// The text as written.
        text: String,
    },
    /// The same account again.
    #[error("{at}: {id} is named already, {first}", first = Already(first))]
    Repeated {
        /// Where.
        at: Origin,
        /// The account.
        id: AccountId,
        /// Where it is named first.
        first: Origin,
    },
    /// The list names nobody.
    #[error("{0} names no account")]
    Empty(String),
}

/// Whether the value of a flag is ids rather than the path of a file: it has only digits and commas, and
/// what people write around them. A file of such a name is named by `./`.
pub fn is_ids(value: &str) -> bool {
    value.chars().all(|c| c.is_ascii_digit() || matches!(c, ',' | '-' | ' '))
}

impl AccountList {
    /// Adds the ids of a flag, with commas between them.
    pub fn add_ids(&mut self, flag: &'static str, value: &str) -> Result<(), AccountListError> {
        let before = self.ids.len();
        for text in value.split(',').map(str::trim).filter(|text| !text.is_empty()) {
            self.add(text, Origin::Flag(flag))?;
        }
        self.or_empty(before, || format!("`{flag}`"))
    }

    /// Adds the ids of a file: one a line, with blank lines and comments after `#`.
    pub fn add_file(&mut self, file: &str, text: &str) -> Result<(), AccountListError> {
        let before = self.ids.len();
        let file = printable(file);
        for (at, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let id = line.split('#').next().unwrap_or_default().trim();
            if !id.is_empty() {
                self.add(id, Origin::Line { file: file.clone(), line: at + 1 })?;
            }
        }
        self.or_empty(before, || file)
    }

    /// The accounts.
    pub fn into_ids(self) -> Vec<AccountId> {
        self.ids
    }

    fn add(&mut self, text: &str, at: Origin) -> Result<(), AccountListError> {
        let id = AccountId::new(text);
        if !id.is_well_formed() {
            let text = text.to_owned();
            return Err(if text.bytes().all(|b| b.is_ascii_digit()) {
                AccountListError::Digits { at, digits: text.len(), text }
            } else {
                AccountListError::NotAnId { at, text }
            });
        }
        if let Some(first) = self.named_at.get(&id) {
            return Err(AccountListError::Repeated { at, id, first: first.clone() });
        }
        self.named_at.insert(id.clone(), at);
        self.ids.push(id);
        Ok(())
    }

    fn or_empty(
        &self,
        before: usize,
        list: impl FnOnce() -> String,
    ) -> Result<(), AccountListError> {
        if self.ids.len() > before { Ok(()) } else { Err(AccountListError::Empty(list())) }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => f.write_str(flag),
            Self::Line { file, line } => write!(f, "{file}:{line}"),
        }
    }
}

/// The first origin as the end of a sentence.
struct Already<'a>(&'a Origin);

impl fmt::Display for Already<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.0 {
            Origin::Flag(_) => "by",
            Origin::Line { .. } => "at",
        };
        write!(f, "{word} {}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLAG: &str = "--accounts";

    fn ids(list: AccountList) -> Vec<String> {
        list.into_ids().iter().map(ToString::to_string).collect()
    }

    fn of_flag(value: &str) -> Result<Vec<String>, String> {
        let mut list = AccountList::default();
        list.add_ids(FLAG, value).map(|()| ids(list)).map_err(|error| error.to_string())
    }

    fn of_file(text: &str) -> Result<Vec<String>, String> {
        let mut list = AccountList::default();
        list.add_file("ids.txt", text).map(|()| ids(list)).map_err(|error| error.to_string())
    }

    #[test]
    fn ids_and_paths_are_told_apart() {
        for value in ["111122223333", "111122223333,444455556666", "1", "", ",", "1111-2222-3333"] {
            assert!(is_ids(value), "{value}");
        }
        for value in ["accounts.txt", "./111122223333", "111122223333.txt", "a"] {
            assert!(!is_ids(value), "{value}");
        }
    }

    #[test]
    fn flags_name_accounts_with_commas() {
        let both = ["444455556666", "111122223333"].map(str::to_owned).to_vec();
        assert_eq!(of_flag("444455556666,111122223333"), Ok(both.clone()));
        assert_eq!(of_flag("444455556666, 111122223333,"), Ok(both));
        let cases = [
            ("12345678901", "--accounts: `12345678901` has 11 digits, an account id has 12"),
            (
                "1111-2222-3333",
                "--accounts: `1111-2222-3333` is not an account id, which is 12 digits",
            ),
            (
                "111122223333,111122223333",
                "--accounts: 111122223333 is named already, by --accounts",
            ),
            ("", "`--accounts` names no account"),
            (", ,", "`--accounts` names no account"),
        ];
        for (value, error) in cases {
            assert_eq!(of_flag(value), Err(error.to_owned()));
        }
    }

    #[test]
    fn files_name_accounts_line_by_line() {
        let text = "\u{feff}# ours\r\n444455556666\r\n\r\n  111122223333  # the old one\r\n";
        assert_eq!(of_file(text).unwrap(), ["444455556666", "111122223333"]);
        let cases = [
            ("\n1234567890123\n", "ids.txt:2: `1234567890123` has 13 digits, an account id has 12"),
            (
                "[\"111122223333\"]",
                "ids.txt:1: `[\"111122223333\"]` is not an account id, which is 12 digits",
            ),
            (
                "111122223333\n# again\n111122223333",
                "ids.txt:3: 111122223333 is named already, at ids.txt:1",
            ),
            ("# nobody\n\n", "ids.txt names no account"),
            ("\u{1b}[2J", "ids.txt:1: `\\u{1b}[2J` is not an account id, which is 12 digits"),
        ];
        for (text, error) in cases {
            assert_eq!(of_file(text), Err(error.to_owned()));
        }
    }

    #[test]
    fn several_lists_are_one() {
        let mut list = AccountList::default();
        list.add_ids(FLAG, "111122223333").unwrap();
        list.add_file("a.txt", "444455556666").unwrap();
        let again = list.clone().add_file("b.txt", "\n111122223333").unwrap_err();
        assert_eq!(again.to_string(), "b.txt:2: 111122223333 is named already, by --accounts");
        assert_eq!(ids(list), ["111122223333", "444455556666"]);
    }
}
