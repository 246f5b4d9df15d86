//! Security groups, their rules, and what they are attached to.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{AccountId, Cidr};

macro_rules! ec2_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes the id as EC2 gave it.
            pub fn new(id: impl Into<String>) -> Self {
                Self(id.into())
            }

            /// The id as EC2 spells it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    };
}

ec2_id!(
    /// The id of a security group (`sg-…`).
    GroupId
);
ec2_id!(
    /// The id of one rule of a security group (`sgr-…`).
    RuleId
);
ec2_id!(
    /// The id of a managed prefix list (`pl-…`).
    PrefixListId
);
ec2_id!(
    /// The id of a network interface (`eni-…`).
    InterfaceId
);
ec2_id!(
    /// The id of a VPC (`vpc-…`).
    VpcId
);
ec2_id!(
    /// The id of a flow log (`fl-…`).
    FlowLogId
);

/// A security group, for the words about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// `GroupName`.
    pub name: String,
    /// The VPC it belongs to.
    pub vpc: Option<String>,
}

/// The group that a VPC has from the start, and gives to what is started without naming one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DefaultGroup {
    /// The account that owns it: of a shared VPC, that of whoever shares it.
    pub owner: AccountId,
    /// The VPC it belongs to.
    pub vpc: Option<String>,
}

/// A network interface, for the words about who uses a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interface {
    /// The groups attached to it.
    pub groups: BTreeSet<GroupId>,
    /// The instance it belongs to, if any.
    pub instance: Option<String>,
    /// What the service that made it wrote.
    pub description: String,
}

/// One rule of a security group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// The account that owns the group.
    pub owner: AccountId,
    /// Outbound rather than inbound.
    pub egress: bool,
    /// What it lets through.
    pub traffic: Traffic,
    /// The other end.
    pub source: Source,
    /// What somebody wrote about it.
    pub description: Option<String>,
    /// The tags of the rule itself.
    pub tags: BTreeMap<String, String>,
}

/// Which way a rule of a security group lets traffic through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// To what the group is attached to.
    Inbound,
    /// From what the group is attached to.
    Outbound,
}

impl Rule {
    /// Which way it lets traffic through.
    pub const fn direction(&self) -> Direction {
        if self.egress { Direction::Outbound } else { Direction::Inbound }
    }
}

/// The traffic a rule lets through.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "protocol", rename_all = "kebab-case")]
pub enum Traffic {
    /// Protocol `-1`: everything, whatever ports are given.
    All,
    /// TCP ports.
    Tcp {
        /// The first port.
        from: u16,
        /// The last port.
        to: u16,
    },
    /// UDP ports.
    Udp {
        /// The first port.
        from: u16,
        /// The last port.
        to: u16,
    },
    /// ICMP or `ICMPv6`; a type and a code, never ports.
    Icmp {
        /// For IPv6.
        v6: bool,
        /// The type, -1 for every type.
        kind: i16,
        /// The code, -1 for every code.
        code: i16,
    },
    /// Any other protocol, by the number or name EC2 gives; it has no ports.
    Other {
        /// The number or name.
        number: String,
    },
}

/// The transports that have ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Transport {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
}

impl Transport {
    /// The traffic to a range of ports.
    pub const fn ports(self, from: u16, to: u16) -> Traffic {
        match self {
            Self::Tcp => Traffic::Tcp { from, to },
            Self::Udp => Traffic::Udp { from, to },
        }
    }
}

impl Traffic {
    /// Reads the three fields that EC2 uses for it.
    ///
    /// Protocol numbers are the names' equals. Ports that are absent or -1 mean all of them.
    pub fn from_ec2(protocol: &str, from: Option<i32>, to: Option<i32>) -> Self {
        let port = |value: Option<i32>, otherwise: u16| {
            value.and_then(|v| u16::try_from(v).ok()).unwrap_or(otherwise)
        };
        let small = |value: Option<i32>| value.and_then(|v| i16::try_from(v).ok()).unwrap_or(-1);
        match protocol {
            "-1" | "all" => Self::All,
            "tcp" | "6" => Self::Tcp { from: port(from, 0), to: port(to, u16::MAX) },
            "udp" | "17" => Self::Udp { from: port(from, 0), to: port(to, u16::MAX) },
            "icmp" | "1" => Self::Icmp { v6: false, kind: small(from), code: small(to) },
            "icmpv6" | "58" => Self::Icmp { v6: true, kind: small(from), code: small(to) },
            other => Self::Other { number: other.to_owned() },
        }
    }

    /// The three fields that EC2 uses for it.
    pub fn to_ec2(&self) -> (String, Option<i32>, Option<i32>) {
        match self {
            Self::All => ("-1".to_owned(), None, None),
            Self::Tcp { from, to } => ("tcp".to_owned(), Some((*from).into()), Some((*to).into())),
            Self::Udp { from, to } => ("udp".to_owned(), Some((*from).into()), Some((*to).into())),
            Self::Icmp { v6, kind, code } => {
                let name = if *v6 { "icmpv6" } else { "icmp" };
                (name.to_owned(), Some((*kind).into()), Some((*code).into()))
            }
            Self::Other { number } => (number.clone(), None, None),
        }
    }

    /// The first and last port it lets through of one transport.
    pub fn ports(&self, transport: Transport) -> Option<(u16, u16)> {
        match (self, transport) {
            (Self::All, _) => Some((0, u16::MAX)),
            (Self::Tcp { from, to }, Transport::Tcp) | (Self::Udp { from, to }, Transport::Udp) => {
                Some((*from, *to))
            }
            _ => None,
        }
    }

    /// Whether it reaches one port of one transport.
    pub fn reaches(&self, transport: Transport, port: u16) -> bool {
        self.ports(transport).is_some_and(|(from, to)| from <= port && port <= to)
    }

    /// Whether it lets through all that `other` does.
    pub fn covers(&self, other: &Self) -> bool {
        let ports_cover = |transport| match (self.ports(transport), other.ports(transport)) {
            (Some((a, b)), Some((c, d))) => a <= c && d <= b,
            _ => false,
        };
        match (self, other) {
            (Self::All, _) => true,
            (Self::Tcp { .. }, Self::Tcp { .. }) => ports_cover(Transport::Tcp),
            (Self::Udp { .. }, Self::Udp { .. }) => ports_cover(Transport::Udp),
            (
                Self::Icmp { v6, kind, code },
                Self::Icmp { v6: other_v6, kind: other_kind, code: other_code },
            ) => {
                v6 == other_v6
                    && (*kind == -1 || kind == other_kind)
                    && (*code == -1 || code == other_code)
            }
            _ => self == other,
        }
    }
}

impl fmt::Display for Traffic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ports = |name: &str, from: u16, to: u16| match (from, to) {
            (0, u16::MAX) => format!("all {name} ports"),
            _ if from == to => format!("{name} {from}"),
            _ => format!("{name} {from}-{to}"),
        };
        let text = match self {
            Self::All => "all traffic".to_owned(),
            Self::Tcp { from, to } => ports("tcp", *from, *to),
            Self::Udp { from, to } => ports("udp", *from, *to),
            Self::Icmp { v6, kind, code } => {
                let name = if *v6 { "icmpv6" } else { "icmp" };
                match (kind, code) {
                    (-1, _) => name.to_owned(),
                    (kind, -1) => format!("{name} type {kind}"),
                    (kind, code) => format!("{name} type {kind} code {code}"),
                }
            }
            Self::Other { number } => format!("protocol {number}"),
        };
        f.pad(&text)
    }
}

/// The other end of a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// An IP range.
    Cidr(Cidr),
    /// A managed prefix list.
    PrefixList(PrefixListId),
    /// Another security group, or the same.
    Group(GroupId),
    /// Something this version does not know, as EC2 gave it.
    Other(String),
}

impl Source {
    /// Whether it is every IPv4 address, or every IPv6 address where those count.
    pub fn is_world(&self, ipv6: bool) -> bool {
        matches!(self, Self::Cidr(cidr) if cidr.is_world() && (ipv6 || !cidr.is_ipv6()))
    }

    /// Whether every end in `other` is also in this one.
    pub fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Cidr(a), Self::Cidr(b)) => a.contains(*b),
            _ => self == other,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cidr(cidr) => f.pad(&cidr.to_string()),
            Self::PrefixList(id) => f.pad(id.as_str()),
            Self::Group(id) => f.pad(id.as_str()),
            Self::Other(text) => f.pad(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_names_and_icmp_has_no_ports() {
        let ssh = |protocol, from, to| {
            Traffic::from_ec2(protocol, Some(from), Some(to)).reaches(Transport::Tcp, 22)
        };
        assert!(ssh("tcp", 22, 22) && ssh("6", 0, 1024) && ssh("-1", -1, -1) && ssh("-1", 80, 80));
        assert!(!ssh("udp", 22, 22) && !ssh("17", 22, 22) && !ssh("47", 22, 22));
        assert!(!ssh("icmp", 8, 22) && !ssh("1", 22, 22) && !ssh("icmpv6", 22, 22));
        assert!(!ssh("tcp", 23, 65535) && !ssh("tcp", 0, 21));
    }

    #[test]
    fn absent_ports_are_all_ports() {
        assert!(Traffic::from_ec2("tcp", None, None).reaches(Transport::Tcp, 22));
        assert!(Traffic::from_ec2("tcp", Some(-1), Some(-1)).reaches(Transport::Tcp, 22));
    }

    #[test]
    fn what_ec2_gave_is_what_ec2_gets() {
        for (protocol, from, to) in
            [("tcp", Some(1), Some(2)), ("icmp", Some(8), Some(-1)), ("47", None, None)]
        {
            let traffic = Traffic::from_ec2(protocol, from, to);
            assert_eq!(traffic.to_ec2(), (protocol.to_owned(), from, to));
        }
    }

    #[test]
    fn covering_is_by_protocol_and_range() {
        let tcp = |from, to| Traffic::Tcp { from, to };
        assert!(tcp(0, 100).covers(&tcp(5, 100)) && !tcp(0, 100).covers(&tcp(5, 101)));
        assert!(Traffic::All.covers(&tcp(1, 2)) && !tcp(0, u16::MAX).covers(&Traffic::All));
        let icmp = |kind, code| Traffic::Icmp { v6: false, kind, code };
        assert!(icmp(-1, -1).covers(&icmp(8, 0)) && !icmp(8, 0).covers(&icmp(8, -1)));
    }
}
