//! Text about one account as it would read about any.

use crate::model::AccountId;

/// What stands for the account's own id.
const ACCOUNT: &str = "{account}";

/// The text without what only this account has: its id, and the ids that AWS gave its things.
pub(super) fn general(text: &str, account: &AccountId) -> String {
    let text = text.replace(account.as_str(), ACCOUNT);
    let is_of_word = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (word, after) = rest.split_at(rest.find(|c| !is_of_word(c)).unwrap_or(rest.len()));
        let (between, next) = after.split_at(after.find(is_of_word).unwrap_or(after.len()));
        match id(word) {
            Some(kind) => out.extend([kind, "*"]),
            None => out.push_str(word),
        }
        out.push_str(between);
        rest = next;
    }
    out
}

/// Whether a word is an id that AWS made up, and what such ids begin with.
fn id(word: &str) -> Option<&str> {
    let is_hex =
        |text: &str| text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    // A KMS key, or its multi-region sister.
    if word.len() == 36 && word.bytes().filter(|b| *b == b'-').count() == 4 {
        return is_hex(&word.replace('-', "")).then_some("");
    }
    if let Some(rest) = word.strip_prefix("mrk-") {
        return (rest.len() == 32 && is_hex(rest)).then_some("mrk-");
    }
    if word.len() == 20 && (word.starts_with("AKIA") || word.starts_with("ASIA")) {
        return word.get(..4);
    }
    // `sg-`, `vpc-`, `eni-`: things of EC2, whose ids were shorter once.
    let (kind, rest) = word.rsplit_once('-')?;
    let is_kind = !kind.is_empty() && kind.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    (is_kind && matches!(rest.len(), 8 | 17) && is_hex(rest)).then(|| word.get(..=kind.len()))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_one_account_has_is_left_out() {
        let account = AccountId::new("111122223333");
        for (text, expected) in [
            ("sg-0abc1234def567890 in vpc-1a2b3c4d", "sg-* in vpc-*"),
            ("arn:aws:s3:::logs-111122223333/*", "arn:aws:s3:::logs-{account}/*"),
            ("key/1234abcd-12ab-34cd-56ef-1234567890ab", "key/*"),
            ("mrk-1234abcd12ab34cd56ef1234567890ab", "mrk-*"),
            ("AKIAIOSFODNN7EXAMPLE of al", "AKIA* of al"),
            ("harden-cloudtrail", "harden-cloudtrail"),
            ("the facade-deadbeef, 444455556666", "the facade-*, 444455556666"),
            ("eu-west-1 Zürich – ü", "eu-west-1 Zürich – ü"),
            ("", ""),
        ] {
            assert_eq!(general(text, &account), expected);
        }
    }
}
