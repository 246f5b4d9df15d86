//! One of several machines that share the accounts of a rollout.

use std::fmt;

use super::rank::rank;
use crate::model::AccountId;
use crate::settings_file::{listed, quoted};

/// Where `auto/N` finds the index, from 0, in this order: our own, that of an indexed job of Kubernetes,
/// that of an array job of AWS Batch.
pub const INDEX_VARIABLES: [&str; 3] =
    ["HARDEN_SHARD_INDEX", "JOB_COMPLETION_INDEX", "AWS_BATCH_JOB_ARRAY_INDEX"];

const MOST: u64 = 10_000;

/// A part of the accounts. An account stays in its part when others come or go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// Which part, from 0.
    index: u64,
    of: u64,
}

/// The text names no shard.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShardError {
    /// Neither `I/N` nor `auto/N`.
    #[error("{} is not a shard", quoted(_0))]
    Form(String),
    /// A part of nothing, or of too many.
    #[error("{} is of {of} shards: there are 1 to {MOST}", quoted(text))]
    Of {
        /// The text as given.
        text: String,
        /// The number of shards.
        of: u64,
    },
    /// No such part.
    #[error("{} does not exist: shards are numbered from 1 to {of}", quoted(text))]
    Index {
        /// The text as given.
        text: String,
        /// The number of shards.
        of: u64,
    },
    /// Nothing tells the index.
    #[error("nothing tells which shard of {of} this is")]
    NoIndex {
        /// The number of shards.
        of: u64,
    },
    /// The index is none.
    #[error("`{variable}` is {}, not an index", quoted(value))]
    NotAnIndex {
        /// The variable.
        variable: &'static str,
        /// Its value.
        value: String,
    },
    /// There are fewer shards than machines.
    #[error("`{variable}` is {index}, but of {of} shards the last has the index {}", of - 1)]
    Beyond {
        /// The variable.
        variable: &'static str,
        /// Its value, from 0.
        index: u64,
        /// The number of shards.
        of: u64,
    },
}

impl ShardError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Form(_) => {
                Some("write `2/4` for the second of four, or `auto/4` in an indexed job".to_owned())
            }
            Self::NoIndex { .. } => Some(format!("set one of {}", listed(&INDEX_VARIABLES))),
            Self::Beyond { index, .. } => {
                let least = index.saturating_add(1);
                Some(format!("the job has more parts than that: write `auto/{least}` or more"))
            }
            Self::Of { .. } | Self::Index { .. } | Self::NotAnIndex { .. } => None,
        }
    }
}

impl Shard {
    /// Reads `I/N`, from 1, or `auto/N`, for which `lookup` gives the value of a variable.
    pub fn parse(text: &str, lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self, ShardError> {
        let form = || ShardError::Form(text.to_owned());
        let (index, of) = text.split_once('/').ok_or_else(form)?;
        let of = number(of).ok_or_else(form)?;
        if !(1..=MOST).contains(&of) {
            return Err(ShardError::Of { text: text.to_owned(), of });
        }
        if index == "auto" {
            return Ok(Self { index: found(of, lookup)?, of });
        }
        match number(index).ok_or_else(form)?.checked_sub(1) {
            Some(index) if index < of => Ok(Self { index, of }),
            Some(_) | None => Err(ShardError::Index { text: text.to_owned(), of }),
        }
    }

    /// Whether the account is in this part.
    pub fn has(&self, account: &AccountId) -> bool {
        // Waves go by the first bytes: by others here, every shard has its part of every wave.
        let last = rank(account).last_chunk().copied().map_or(0, u64::from_be_bytes);
        last % self.of == self.index
    }

    /// Which part, from 1.
    pub fn number(&self) -> u64 {
        self.index + 1
    }

    /// Of how many.
    pub fn of(&self) -> u64 {
        self.of
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}/{}", self.number(), self.of))
    }
}

fn found(of: u64, lookup: &dyn Fn(&str) -> Option<String>) -> Result<u64, ShardError> {
    let set = INDEX_VARIABLES.into_iter().find_map(|name| Some((name, lookup(name)?)));
    let (variable, value) = set.ok_or(ShardError::NoIndex { of })?;
    match number(&value) {
        None => Err(ShardError::NotAnIndex { variable, value }),
        Some(index) if index >= of => Err(ShardError::Beyond { variable, index, of }),
        Some(index) => Ok(index),
    }
}

/// A number of digits alone: the parser would also take a sign.
fn number(text: &str) -> Option<u64> {
    if text.bytes().all(|b| b.is_ascii_digit()) { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str, set: &[(&str, &str)]) -> Result<String, String> {
        let lookup = |name: &str| {
            let found = set.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Shard::parse(text, &lookup).map(|shard| shard.to_string()).map_err(|e| e.to_string())
    }

    fn shards(of: u64) -> Vec<Shard> {
        (0..of).map(|index| Shard { index, of }).collect()
    }

    #[test]
    fn shards_are_numbered_from_one() {
        for good in ["1/1", "2/4", "4/4", "10000/10000"] {
            assert_eq!(parse(good, &[]).as_deref(), Ok(good));
        }
        for bad in ["", "/", "2", "2/", "/4", "a/4", "+2/4", "-1/4", "2/4/4", " 2/4", "AUTO/4"] {
            assert_eq!(parse(bad, &[]), Err(format!("`{bad}` is not a shard")));
        }
        let none = "does not exist: shards are numbered from 1 to 4";
        for bad in ["0/4", "5/4"] {
            assert_eq!(parse(bad, &[]), Err(format!("`{bad}` {none}")));
        }
        for (bad, of) in [("0/0", 0), ("1/10001", 10001), ("auto/0", 0)] {
            let error = format!("`{bad}` is of {of} shards: there are 1 to 10000");
            assert_eq!(parse(bad, &[]), Err(error));
        }
    }

    #[test]
    fn jobs_tell_the_index_from_zero() {
        let batch = ("AWS_BATCH_JOB_ARRAY_INDEX", "3");
        let kubernetes = ("JOB_COMPLETION_INDEX", "1");
        let ours = ("HARDEN_SHARD_INDEX", "0");
        assert_eq!(parse("auto/4", &[batch]).as_deref(), Ok("4/4"));
        assert_eq!(parse("auto/4", &[batch, kubernetes]).as_deref(), Ok("2/4"));
        assert_eq!(parse("auto/4", &[batch, kubernetes, ours]).as_deref(), Ok("1/4"));
        assert_eq!(parse("auto/4", &[]).unwrap_err(), "nothing tells which shard of 4 this is");
        assert_eq!(
            parse("auto/3", &[batch]).unwrap_err(),
            "`AWS_BATCH_JOB_ARRAY_INDEX` is 3, but of 3 shards the last has the index 2"
        );
        assert_eq!(
            parse("auto/3", &[("HARDEN_SHARD_INDEX", "one"), batch]).unwrap_err(),
            "`HARDEN_SHARD_INDEX` is `one`, not an index"
        );
        assert!(parse("auto/3", &[("HARDEN_SHARD_INDEX", "")]).is_err());
    }

    #[test]
    fn accounts_stay_in_their_shards_from_version_to_version() {
        for (id, number) in [("111122223333", 3), ("444455556666", 6), ("000000000001", 7)] {
            let id = AccountId::new(id);
            let found = shards(8).into_iter().find(|shard| shard.has(&id));
            assert_eq!(found.map(|shard| shard.number()), Some(number));
        }
    }

    #[test]
    fn shards_are_about_as_large_as_each_other() {
        for shard in shards(8) {
            let ids = (0..5_000_u64).map(|n| AccountId::new(format!("{:012}", n * 7_919)));
            let size = ids.filter(|id| shard.has(id)).count();
            assert!((525..=725).contains(&size), "{shard}: {size}");
        }
    }

    proptest! {
        #[test]
        fn every_account_is_in_one_shard(id in "[0-9]{12}", of in 1..200_u64) {
            let id = AccountId::new(id);
            prop_assert_eq!(shards(of).iter().filter(|shard| shard.has(&id)).count(), 1);
        }
    }
}
