//! Names of buckets, in which account and region are left open.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{AccountId, BucketName, Region};

const ACCOUNT: &str = "{account}";
const REGION: &str = "{region}";

// What fills a name as far as it will ever be filled: the longest part of a code that a partition
// begins with, and the longest word for where it is.
const ANY_ACCOUNT: &str = "111122223333";
const LONGEST_REGION: &str = "us-isof-southeast-1";

/// What S3 keeps for itself.
const RESERVED_STARTS: &[&str] = &["xn--", "sthree-", "amzn-s3-demo-"];
const RESERVED_ENDS: &[&str] = &["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];

/// The name of a bucket with `{account}` and `{region}` in it. Whatever fills it, S3 takes the name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NameTemplate(String);

/// Why a text names no bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// Braces around something else.
    #[error("only `{{account}}` and `{{region}}` may stand in braces")]
    Placeholder,
    /// A character that no bucket has.
    #[error("it has lower-case letters, digits, hyphens and dots")]
    Character,
    /// Too short or too long.
    #[error("it has 3 to 63 characters, and this one {0} in the longest region")]
    Length(usize),
    /// A hyphen or a dot at an end.
    #[error("it begins and ends with a letter or a digit")]
    Ends,
    /// An empty label.
    #[error("it has no two dots side by side")]
    Dots,
    /// Digits like an IP address.
    #[error("it does not look like an IP address")]
    Address,
    /// A beginning that S3 reserves.
    #[error("S3 keeps names that begin with `{0}`")]
    ReservedStart(&'static str),
    /// An end that S3 reserves.
    #[error("S3 keeps names that end with `{0}`")]
    ReservedEnd(&'static str),
}

impl NameTemplate {
    /// A template of ours, known to be good: a test says so.
    pub(super) fn ours(text: &'static str) -> Self {
        Self(text.to_owned())
    }

    /// The template as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name for an account and a region.
    pub fn fill(&self, account: &AccountId, region: &Region) -> BucketName {
        BucketName::new(filled(&self.0, account.as_str(), region.as_str()))
    }
}

fn filled(text: &str, account: &str, region: &str) -> String {
    text.replace(ACCOUNT, account).replace(REGION, region)
}

impl FromStr for NameTemplate {
    type Err = TemplateError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if filled(text, "", "").contains(['{', '}']) {
            return Err(TemplateError::Placeholder);
        }
        check(&filled(text, ANY_ACCOUNT, LONGEST_REGION))?;
        Ok(Self(text.to_owned()))
    }
}

/// S3's rules for the names of general purpose buckets.
fn check(name: &str) -> Result<(), TemplateError> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let start = RESERVED_STARTS.iter().find(|start| name.starts_with(**start));
    let end = RESERVED_ENDS.iter().find(|end| name.ends_with(**end));
    match (start, end) {
        _ if !name.chars().all(|c| plain(c) || matches!(c, '-' | '.')) => {
            Err(TemplateError::Character)
        }
        _ if !(3..=63).contains(&name.len()) => Err(TemplateError::Length(name.len())),
        _ if !(name.starts_with(plain) && name.ends_with(plain)) => Err(TemplateError::Ends),
        _ if name.contains("..") => Err(TemplateError::Dots),
        _ if looks_like_an_address(name) => Err(TemplateError::Address),
        (Some(start), _) => Err(TemplateError::ReservedStart(start)),
        (None, Some(end)) => Err(TemplateError::ReservedEnd(end)),
        (None, None) => Ok(()),
    }
}

/// Whether a name is four numbers with dots between: AWS does not ask how large they are.
pub(crate) fn looks_like_an_address(name: &str) -> bool {
    let number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    name.split('.').count() == 4 && name.split('.').all(number)
}

impl fmt::Display for NameTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl Serialize for NameTemplate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for NameTemplate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<NameTemplate, TemplateError> {
        text.parse()
    }

    #[test]
    fn account_and_region_are_filled_in() {
        let fill = |text: &str| {
            let name = parse(text).unwrap().fill(&AccountId::new("1"), &Region::new("eu-west-1"));
            name.as_str().to_owned()
        };
        assert_eq!(fill("t-{account}-{region}-{account}"), "t-1-eu-west-1-1");
        assert_eq!(fill("acme.logs"), "acme.logs", "whoever writes this knows that it is free");
    }

    #[test]
    fn each_rule_has_its_error() {
        use TemplateError as E;
        let long = "a".repeat(64);
        let table = [
            ("t-{acount}", E::Placeholder),
            ("t-{account", E::Placeholder),
            ("t-}", E::Placeholder),
            ("t-{Account}", E::Placeholder),
            ("{acc{region}ount}", E::Placeholder),
            ("Trail", E::Character),
            ("a_b", E::Character),
            ("a b", E::Character),
            ("ä-{account}", E::Character),
            ("", E::Length(0)),
            ("ab", E::Length(2)),
            (&long, E::Length(64)),
            ("a-trail-whose-name-is-too-long--{account}-{region}", E::Length(64)),
            ("-{account}", E::Ends),
            ("{account}.", E::Ends),
            ("a..b", E::Dots),
            ("192.168.5.4", E::Address),
            ("999.0.0.{account}", E::Address),
            ("xn--{account}", E::ReservedStart("xn--")),
            ("{account}-s3alias", E::ReservedEnd("-s3alias")),
            ("{account}.mrap", E::ReservedEnd(".mrap")),
        ];
        for (text, error) in table {
            assert_eq!(parse(text), Err(error), "{text}");
        }
        for good in ["abc", &"a".repeat(63), "{account}", "1.2.3", "1.2.3.a", "a.{region}-b"] {
            assert!(parse(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn a_template_is_saved_as_its_text() {
        let template = parse("t-{account}").unwrap();
        let json = serde_json::to_string(&template).unwrap();
        assert_eq!(json, "\"t-{account}\"");
        assert_eq!(serde_json::from_str::<NameTemplate>(&json).unwrap(), template);
        assert!(serde_json::from_str::<NameTemplate>("\"T\"").is_err());
    }
}
