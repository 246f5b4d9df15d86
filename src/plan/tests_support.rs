//! A small plan for tests of those who take one.

use std::collections::BTreeSet;

use super::{Plan, build};
use crate::assess::Rules;
use crate::change::Risk;
use crate::model::Settings;
use crate::model::fixture::{cidr, tcp, with_rules};

/// Lets in what stays, then revokes: the second change requires the first.
pub(crate) fn plan_of_two() -> Plan {
    let rules = Rules {
        controls: BTreeSet::from(["4.1".parse().unwrap()]),
        settings: Settings::default(),
        waivers: Vec::new(),
    };
    let open = with_rules(vec![(tcp(0, 1024), cidr("0.0.0.0/0"))]);
    build(open.clone(), "test", &rules, Risk::Restrictive).unwrap()
}
