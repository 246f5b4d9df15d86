//! For tests: an account with nothing in it.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Account, AccountId, Cidr, GroupId, Iam, Logging, Observed, Own, Partition, Region, Regional,
    Rule, RuleId, SNAPSHOT_FORMAT, SecurityContact, Snapshot, Source, Traffic,
};

/// An account of one region, of which nothing was read.
pub(crate) fn unread() -> Snapshot {
    let region = region();
    Snapshot {
        format: SNAPSHOT_FORMAT.to_owned(),
        harden: "0.0.0".to_owned(),
        account: Account {
            id: account(),
            alias: None,
            partition: Partition::of_arn("arn:aws:iam::1:root").unwrap(),
        },
        home: Some(region.clone()),
        narrowed: false,
        caller: "arn:aws:iam::111122223333:user/engineer".to_owned(),
        behind: Own::default(),
        taken_at: "2026-11-25T12:00:00Z".parse().unwrap(),
        regions: Observed::Known(BTreeSet::from([region.clone()])),
        iam: Iam::UNREAD,
        contact: Observed::Unread,
        logging: Logging::default(),
        central: None,
        regional: BTreeMap::from([(region, Regional::UNREAD)]),
    }
}

pub(crate) fn account() -> AccountId {
    AccountId::new("111122223333")
}

pub(crate) fn region() -> Region {
    Region::new("eu-west-1")
}

/// Somebody for AWS to write to.
pub(crate) fn contact() -> SecurityContact {
    SecurityContact {
        name: "Security team".to_owned(),
        title: "Incident response".to_owned(),
        email: "security@acme.dev".to_owned(),
        phone: "+49 30 1234567".to_owned(),
    }
}

/// An account with one group, `sg-1`, of these inbound rules.
pub(crate) fn with_rules(rules: Vec<(Traffic, Source)>) -> Snapshot {
    let mut snapshot = unread();
    let rule = |(number, (traffic, source)): (usize, (Traffic, Source))| {
        let rule = Rule {
            owner: account(),
            egress: false,
            traffic,
            source,
            description: None,
            tags: BTreeMap::new(),
        };
        (RuleId::new(format!("sgr-{number}")), rule)
    };
    let rules = rules.into_iter().enumerate().map(rule).collect();
    if let Some(regional) = snapshot.regional.get_mut(&region()) {
        regional.rules = Observed::Known(BTreeMap::from([(GroupId::new("sg-1"), rules)]));
        regional.prefix_lists = Observed::Known(BTreeMap::new());
    }
    snapshot
}

pub(crate) fn cidr(text: &str) -> Source {
    Source::Cidr(text.parse::<Cidr>().unwrap())
}

pub(crate) fn tcp(from: u16, to: u16) -> Traffic {
    Traffic::Tcp { from, to }
}
