//! Organizational units of AWS Organizations.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An organizational unit, such as `ou-ab12-11111111`, or the root above them all, such as `r-ab12`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OuId(String);

impl OuId {
    /// Takes the id as AWS gave it.
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the text has the form that AWS Organizations gives ids: `r-…` or `ou-…-…`.
    pub fn is_well_formed(&self) -> bool {
        let plain = |text: &str, least: usize, most: usize| {
            let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
            (least..=most).contains(&text.len()) && text.bytes().all(fits)
        };
        if let Some(root) = self.0.strip_prefix("r-") {
            return plain(root, 4, 32);
        }
        let unit = self.0.strip_prefix("ou-").and_then(|unit| unit.split_once('-'));
        unit.is_some_and(|(root, unit)| plain(root, 4, 32) && plain(unit, 8, 32))
    }
}

impl fmt::Display for OuId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_units_have_their_form() {
        let is_one = |text: &str| OuId::new(text).is_well_formed();
        for good in ["r-ab12", "ou-ab12-11111111", "ou-ab12-a1b2c3d4e5f6"] {
            assert!(is_one(good), "{good}");
        }
        for bad in ["", "r-", "r-AB12", "ou-ab12", "ou-ab12-1", "ou-ab12-1111111\u{202e}", "x-ab12"]
        {
            assert!(!is_one(bad), "{bad}");
        }
    }
}
