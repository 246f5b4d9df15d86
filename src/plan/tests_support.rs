//! A small plan for tests of those who take one.

use std::collections::{BTreeMap, BTreeSet};

use super::{Plan, build};
use crate::assess::Rules;
use crate::change::Risk;
use crate::model::{
    Account, AccountId, GroupId, Iam, Observed, Partition, Region, Regional, Rule, RuleId,
    SNAPSHOT_FORMAT, Settings, Snapshot, Source, Traffic,
};

/// An account of one group with one rule that is open too wide.
pub(crate) fn open_account() -> Snapshot {
    let region = Region::new("eu-west-1");
    let rule = Rule {
        owner: AccountId::new("111122223333"),
        egress: false,
        traffic: Traffic::Tcp { from: 0, to: 1024 },
        source: Source::Cidr("0.0.0.0/0".parse().unwrap()),
        description: None,
        tags: BTreeMap::new(),
    };
    let rules = BTreeMap::from([(RuleId::new("sgr-1"), rule)]);
    let regional = Regional {
        rules: Observed::Known(BTreeMap::from([(GroupId::new("sg-1"), rules)])),
        prefix_lists: Observed::Known(BTreeMap::new()),
        ..Regional::UNREAD
    };
    Snapshot {
        format: SNAPSHOT_FORMAT.to_owned(),
        harden: "0.0.0".to_owned(),
        account: Account {
            id: AccountId::new("111122223333"),
            alias: None,
            partition: Partition::of_arn("arn:aws:iam::1:root").unwrap(),
        },
        caller: "arn:aws:iam::111122223333:user/engineer".to_owned(),
        taken_at: "2026-11-25T12:00:00Z".parse().unwrap(),
        regions: Observed::Known(BTreeSet::from([region.clone()])),
        iam: Iam::UNREAD,
        regional: BTreeMap::from([(region, regional)]),
    }
}

/// Lets in what stays, then revokes: the second change requires the first.
pub(crate) fn plan_of_two() -> Plan {
    let rules = Rules {
        controls: BTreeSet::from(["4.1".parse().unwrap()]),
        settings: Settings::default(),
        waivers: Vec::new(),
    };
    build(&open_account(), "test", &rules, Risk::Restrictive).unwrap()
}
