//! What the group of a set of policies is called: the same set, the same name.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use crate::model::Policies;

/// What the names of harden's own groups begin with.
const OURS: &str = "harden-";

/// How much of a name tells of the policies.
const WORDS: usize = 60;

/// The name of the group that has these policies and no others. Whoever finds a group of that name with
/// these policies knows that nobody has changed it.
pub(super) fn group_name(policies: &Policies) -> String {
    let allowed = |c: &char| c.is_ascii_alphanumeric() || "+=,.@_-".contains(*c);
    let words: Vec<String> =
        names(policies).map(|name| name.chars().filter(allowed).collect()).collect();
    let words: String = words.join("+").chars().take(WORDS).collect();
    format!("{OURS}{words}-{}", mark(policies))
}

/// The names of the policies, whoever keeps them.
pub(super) fn names(policies: &Policies) -> impl Iterator<Item = &str> {
    policies.attached.iter().map(|arn| short(arn)).chain(policies.inline.keys().map(String::as_str))
}

/// What a policy is called, without where it is kept.
pub(super) fn short(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// What tells a set from all others, whatever form its texts have.
fn mark(policies: &Policies) -> String {
    let mut hash = Sha256::new();
    let mut add = |part: &str| {
        // Lengths keep apart what stands side by side.
        hash.update(format!("{}:{part}", part.len()));
    };
    for arn in &policies.attached {
        add(arn);
    }
    add("");
    for (name, text) in &policies.inline {
        add(name);
        add(&text.meaning());
    }
    hash.finalize().iter().take(4).fold(String::new(), |mut mark, byte| {
        // Writing to a string does not fail.
        let _ = write!(mark, "{byte:02x}");
        mark
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::PolicyText;

    fn policies(attached: &[&str], inline: &[(&str, &str)]) -> Policies {
        let inline = inline.iter().map(|(name, text)| ((*name).to_owned(), PolicyText::new(*text)));
        Policies {
            attached: attached.iter().copied().map(str::to_owned).collect(),
            inline: inline.collect(),
        }
    }

    const TEXT: &str =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"a:B","Resource":"*"}}"#;

    #[test]
    fn names_tell_what_is_in_the_group() {
        let set = policies(&["arn:aws:iam::aws:policy/job-function/Billing"], &[("own", TEXT)]);
        let name = group_name(&set);
        assert!(name.starts_with("harden-Billing+own-"), "{name}");
        assert_eq!(name.len(), "harden-Billing+own-".len() + 8);
        let long = policies(&[&format!("arn:aws:iam::1:policy/{}", "x".repeat(128))], &[]);
        assert!(group_name(&long).len() <= 128);
        let odd = policies(&[], &[("a\u{1b}[2J\r\n ü/b", TEXT)]);
        assert!(group_name(&odd).starts_with("harden-a2Jb-"), "{}", group_name(&odd));
    }

    #[test]
    fn the_same_set_has_the_same_name_and_no_other_has() {
        let set = policies(&["arn:1", "arn:2"], &[("own", TEXT)]);
        let spaced = TEXT.replace(':', " : ").replace("a : B", "a:B");
        let same = policies(&["arn:2", "arn:1"], &[("own", &spaced)]);
        assert_eq!(group_name(&set), group_name(&same));
        for other in [
            policies(&["arn:1"], &[("own", TEXT)]),
            policies(&["arn:1", "arn:2"], &[]),
            policies(&["arn:1", "arn:2"], &[("own", &TEXT.replace("a:B", "a:C"))]),
            // The same names, kept elsewhere.
            policies(&["arn:1/x", "arn:2"], &[("own", TEXT)]),
        ] {
            assert_ne!(group_name(&set), group_name(&other));
        }
        let attached = policies(&["own"], &[]);
        let inline = policies(&[], &[("own", "")]);
        assert_ne!(group_name(&attached), group_name(&inline));
    }
}
