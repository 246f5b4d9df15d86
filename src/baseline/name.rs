//! Names of what harden makes, each as its service takes it.

use super::BaselineProblem;
use crate::model::{NameTemplate, looks_like_an_address};
use crate::settings_file::{Entry, Misread, Rule};

/// A trail.
pub(super) const TRAIL: Rule = Rule {
    least: 3,
    most: 128,
    fits: |c| c.is_ascii_alphanumeric() || is_separator(c),
    made_of: "the name of a trail: it has letters, digits, `.`, `_` and `-`",
    beyond: trail,
};

/// A log group.
pub(super) const LOG_GROUP: Rule = Rule {
    least: 1,
    most: 512,
    fits: |c| c.is_ascii_alphanumeric() || "_/.#-".contains(c),
    made_of: "the name of a log group: it has letters, digits, `_`, `/`, `.`, `#` and `-`",
    beyond: |name| {
        let reserved = name.starts_with("aws/");
        reserved.then_some("free: AWS keeps log groups that begin with `aws/`")
    },
};

/// A role.
pub(super) const ROLE: Rule = Rule {
    least: 1,
    most: 64,
    fits: |c| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c),
    made_of: "the name of a role: it has letters, digits, `_`, `+`, `=`, `,`, `.`, `@` and `-`",
    beyond: |_| None,
};

/// The alias of a key.
pub(super) const ALIAS: Rule = Rule {
    least: 1,
    most: 256,
    fits: |c| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '-'),
    made_of: "an alias: it has letters, digits, `/`, `_` and `-`",
    beyond: |name| match name.strip_prefix("alias/") {
        None | Some("") => Some("an alias: it is `alias/` and a name"),
        Some(name) => {
            let reserved = name.starts_with("aws/");
            reserved.then_some("free: AWS keeps aliases that begin with `alias/aws/`")
        }
    },
};

/// A topic.
pub(super) const TOPIC: Rule = Rule {
    least: 1,
    most: 256,
    // The dot only to say more of FIFO topics.
    fits: |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'),
    made_of: LETTERS_OF_TOPICS,
    beyond: |name| match name.strip_suffix(".fifo") {
        Some(_) => Some("the name of a topic for alarms: a FIFO topic sends no e-mail"),
        None => name.contains('.').then_some(LETTERS_OF_TOPICS),
    },
};

const LETTERS_OF_TOPICS: &str = "the name of a topic: it has letters, digits, `_` and `-`";

/// The namespace of metrics.
pub(super) const NAMESPACE: Rule = Rule {
    least: 1,
    most: 255,
    fits: |c| c.is_ascii_alphanumeric() || " ._/#-".contains(c),
    made_of: "a namespace: it has letters, digits, blanks, `.`, `_`, `/`, `#` and `-`",
    beyond: |name| {
        if name.starts_with("AWS/") {
            return Some("free: AWS keeps namespaces that begin with `AWS/`");
        }
        let edge = name.starts_with(' ') || name.ends_with(' ');
        edge.then_some("a namespace: it has no blank at its ends")
    },
};

fn is_separator(c: char) -> bool {
    matches!(c, '.' | '_' | '-')
}

fn trail(name: &str) -> Option<&'static str> {
    if name.starts_with(is_separator) || name.ends_with(is_separator) {
        return Some("the name of a trail: it begins and ends with a letter or a digit");
    }
    // Between two of them there is an empty piece.
    if name.split(is_separator).any(str::is_empty) {
        return Some("the name of a trail: no two of `.`, `_` and `-` stand side by side");
    }
    looks_like_an_address(name)
        .then_some("the name of a trail: it does not look like an IP address")
}

/// Reads the name of a bucket with `{account}` and `{region}` in it.
pub(super) fn template(entry: &Entry<'_>) -> Result<NameTemplate, Misread> {
    let text = entry.words()?;
    text.parse()
        .map_err(|error| entry.wrong(BaselineProblem::Bucket { value: text.to_owned(), error }))
}
