//! IP ranges in the form that EC2 stores: host bits cleared.

use std::fmt;
use std::str::FromStr;

use ipnet::IpNet;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An IPv4 or IPv6 range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cidr(IpNet);

/// The text is not a range.
#[derive(Debug, thiserror::Error)]
#[error("not a CIDR range such as `10.0.0.0/8`")]
pub struct CidrError;

impl Cidr {
    /// Whether this is IPv6.
    pub fn is_ipv6(self) -> bool {
        matches!(self.0, IpNet::V6(_))
    }

    /// Whether this is every address of its family.
    pub fn is_world(self) -> bool {
        self.0.prefix_len() == 0
    }

    /// The length of the prefix in bits.
    pub fn prefix_len(self) -> u8 {
        self.0.prefix_len()
    }

    /// Whether the ranges, taken together, are every address of one family.
    pub fn make_up_the_world(ranges: &[Self]) -> bool {
        let all: Vec<IpNet> = ranges.iter().map(|range| range.0).collect();
        IpNet::aggregate(&all).iter().any(|net| net.prefix_len() == 0)
    }

    /// Whether every address of `other` is in this range.
    pub fn contains(self, other: Self) -> bool {
        self.0.contains(&other.0)
    }
}

impl FromStr for Cidr {
    type Err = CidrError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse::<IpNet>().map(|net| Self(net.trunc())).map_err(|_| CidrError)
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0.to_string())
    }
}

impl Serialize for Cidr {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Cidr {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|e| serde::de::Error::custom(format!("`{text}` is {e}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_bits_are_cleared() {
        let cidr: Cidr = "100.68.0.18/18".parse().unwrap();
        assert_eq!(cidr.to_string(), "100.68.0.0/18");
        assert!("100.68.0.0".parse::<Cidr>().is_err());
    }

    #[test]
    fn halves_make_a_whole() {
        let of = |texts: &[&str]| {
            let ranges: Vec<Cidr> = texts.iter().map(|t| t.parse().unwrap()).collect();
            Cidr::make_up_the_world(&ranges)
        };
        assert!(of(&["0.0.0.0/1", "128.0.0.0/2", "192.0.0.0/2"]));
        assert!(!of(&["0.0.0.0/1", "128.0.0.0/2"]) && !of(&["0.0.0.0/1", "8000::/1"]) && !of(&[]));
    }

    #[test]
    fn the_world_has_two_families() {
        let [v4, v6]: [Cidr; 2] = ["0.0.0.0/0", "::/0"].map(|t| t.parse().unwrap());
        assert!(v4.is_world() && v6.is_world() && v6.is_ipv6());
        assert!(!v4.contains(v6) && v4.contains("10.0.0.0/8".parse().unwrap()));
    }
}
