//! Names: controls, accounts, partitions, regions.

use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The number of a recommendation of the benchmark, such as `1.10`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ControlId {
    section: u8,
    number: u8,
}

impl ControlId {
    /// The recommendation `section.number`.
    pub const fn new(section: u8, number: u8) -> Self {
        Self { section, number }
    }

    /// The section, 1 to 4.
    pub const fn section(self) -> u8 {
        self.section
    }

    /// The number within the section.
    pub const fn number(self) -> u8 {
        self.number
    }
}

impl fmt::Display for ControlId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}.{}", self.section, self.number))
    }
}

/// The text is not of the form `SECTION.NUMBER`.
#[derive(Debug, thiserror::Error)]
#[error("a control is written SECTION.NUMBER, such as `1.5`")]
pub struct ControlIdError;

impl FromStr for ControlId {
    type Err = ControlIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = |part: &str| -> Result<u8, ControlIdError> {
            let plain = part.bytes().all(|b| b.is_ascii_digit()) && !part.starts_with('0');
            if plain { part.parse().map_err(|_| ControlIdError) } else { Err(ControlIdError) }
        };
        let (section, rest) = text.split_once('.').ok_or(ControlIdError)?;
        Ok(Self::new(number(section)?, number(rest)?))
    }
}

impl Serialize for ControlId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ControlId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// The profile level of a control.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Sensible everywhere, breaks little.
    One,
    /// Defence in depth, may cost money or convenience.
    Two,
}

impl Level {
    /// The level as the benchmark prints it.
    pub const fn number(self) -> u8 {
        match self {
            Self::One => 1,
            Self::Two => 2,
        }
    }
}

/// A twelve-digit AWS account id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccountId(String);

impl AccountId {
    /// Takes the id as AWS gave it.
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The twelve digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reads the account that a file is about, and nothing else for it.
    pub(super) fn whole<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let id = Self::deserialize(from)?;
        if id.is_well_formed() {
            Ok(id)
        } else {
            Err(D::Error::custom("an account id is 12 digits"))
        }
    }

    /// Whether the text has the form of an account id: files may claim anything.
    pub fn is_well_formed(&self) -> bool {
        self.0.len() == 12 && self.0.bytes().all(|b| b.is_ascii_digit())
    }
}

/// The text is no account id.
#[derive(Debug, thiserror::Error)]
#[error("an account id is 12 digits")]
pub struct AccountIdError;

impl FromStr for AccountId {
    type Err = AccountIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let id = Self::new(text);
        if id.is_well_formed() { Ok(id) } else { Err(AccountIdError) }
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// An AWS partition: the second field of every ARN in the account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Partition(String);

/// The text cannot be a partition.
#[derive(Debug, thiserror::Error)]
#[error("a partition is lower-case letters, digits and hyphens, such as `aws-cn`")]
pub struct PartitionError;

/// Files may claim anything, and what is built of it has to stay an ARN.
impl TryFrom<String> for Partition {
    type Error = PartitionError;

    fn try_from(text: String) -> Result<Self, PartitionError> {
        let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if !text.is_empty() && text.bytes().all(fits) {
            Ok(Self(text))
        } else {
            Err(PartitionError)
        }
    }
}

impl From<Partition> for String {
    fn from(partition: Partition) -> Self {
        partition.0
    }
}

impl Partition {
    /// Reads the partition from an ARN, such as that of the caller.
    pub fn of_arn(arn: &str) -> Option<Self> {
        let mut fields = arn.split(':');
        match (fields.next(), fields.next()) {
            (Some("arn"), Some(partition)) if !partition.is_empty() => {
                Some(Self(partition.to_owned()))
            }
            _ => None,
        }
    }

    /// The partition as ARNs spell it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the commercial partition, where root signs in to the console.
    pub fn is_commercial(&self) -> bool {
        self.0 == "aws"
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// The code of an AWS region.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Region(String);

/// The text cannot be a region code.
#[derive(Debug, thiserror::Error)]
#[error("a region is lower-case letters, digits and hyphens, such as `eu-west-1`")]
pub struct RegionError;

impl Region {
    /// Takes the code as AWS gave it.
    pub fn new(code: impl Into<String>) -> Self {
        Self(code.into())
    }

    /// The region code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Region {
    type Err = RegionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let looks_right = text.len() <= 32
            && text.contains('-')
            && text.bytes().all(plain)
            && text.ends_with(|c: char| c.is_ascii_digit());
        if looks_right { Ok(Self(text.to_owned())) } else { Err(RegionError) }
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Account;

    #[test]
    fn control_numbers_are_not_decimals() {
        let ids: Vec<ControlId> = ["1.10", "1.1", "1.9"].map(|t| t.parse().unwrap()).to_vec();
        assert!(ids[1] < ids[2] && ids[2] < ids[0]);
        assert_ne!(ids[0], ids[1]);
        for bad in ["", "1", "1.", ".1", "1.1.1", "1.01", "+1.1", "1.256", "one.two"] {
            assert!(bad.parse::<ControlId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn the_partition_comes_from_an_arn() {
        let of = |arn| Partition::of_arn(arn).map(|p| p.as_str().to_owned());
        assert_eq!(of("arn:aws-cn:iam::1:root").as_deref(), Some("aws-cn"));
        assert_eq!(of("aws:iam"), None);
        assert_eq!(of("arn::iam"), None);
    }

    /// Found by fuzzing: a plan for such an account could not be read again.
    #[test]
    fn a_file_cannot_make_up_a_partition_or_an_account() {
        let partition = |text| serde_json::from_value::<Partition>(text).is_ok();
        assert!(partition("aws-us-gov".into()));
        for bad in ["", "aws:x", "aws{\"Statement\":[{}]}", "AWS", "aws\u{202e}"] {
            assert!(!partition(bad.into()), "{bad}");
        }
        let account = |id: &str| {
            let account = serde_json::json!({"id": id, "alias": null, "partition": "aws"});
            serde_json::from_value::<Account>(account).is_ok()
        };
        assert!(account("111122223333"));
        for bad in ["", "1", "1111:2222333", "../111122223", "11112222333é"] {
            assert!(!account(bad), "{bad}");
        }
    }

    #[test]
    fn regions_look_like_regions() {
        for good in ["eu-west-1", "us-gov-east-1", "mx-central-1", "eusc-de-east-1"] {
            assert!(good.parse::<Region>().is_ok(), "{good}");
        }
        for bad in ["", "euwest1", "EU-WEST-1", "eu-west", "eu-west-1\u{1b}[31m"] {
            assert!(bad.parse::<Region>().is_err(), "{bad}");
        }
    }
}
