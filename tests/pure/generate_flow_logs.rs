//! Arbitrary VPCs and flow logs.

use std::collections::{BTreeMap, BTreeSet};

use harden::model::{
    AccountId, FlowLog, FlowLogId, FlowLogSettings, FlowTraffic, Observed, Region, Regional,
    Settings, Vpc, VpcId,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use crate::generate::ACCOUNT;

/// A destination that only its region tells: the log group of the baseline's name.
const OURS: &str = "ours";

pub(crate) fn vpcs() -> impl Strategy<Value = BTreeMap<VpcId, Vpc>> {
    let owner = prop_oneof![5 => Just(ACCOUNT), 1 => Just("444455556666")];
    let vpc = (owner, option::of("[a-z]{1,4}"))
        .prop_map(|(owner, name)| Vpc { owner: AccountId::new(owner), name });
    vec(vpc, 0..4).prop_map(|vpcs| {
        let numbered = vpcs.into_iter().zip(0..);
        numbered.map(|(vpc, number)| (VpcId::new(format!("vpc-{number}")), vpc)).collect()
    })
}

/// As EC2 keeps them: no two of a thing that record and deliver to the same.
pub(crate) fn flow_logs() -> impl Strategy<Value = BTreeMap<FlowLogId, FlowLog>> {
    vec(flow_log(), 0..5).prop_map(|logs| {
        let mut seen = BTreeSet::new();
        let alike =
            |log: &FlowLog| (log.resource.clone(), log.traffic.clone(), log.destination.clone());
        let logs = logs.into_iter().filter(|log| seen.insert(alike(log))).zip(0..);
        logs.map(|(log, number)| (FlowLogId::new(format!("fl-{number}")), log)).collect()
    })
}

fn flow_log() -> impl Strategy<Value = FlowLog> {
    let resource = prop_oneof![
        5 => (0_u8..4).prop_map(|number| format!("vpc-{number}")),
        1 => Just("subnet-0".to_owned()),
        1 => Just("eni-0".to_owned()),
    ];
    let traffic = prop_oneof![3 => Just("REJECT"), 2 => Just("ALL"), 1 => Just("ACCEPT")];
    let destination = prop_oneof![
        2 => Just(OURS),
        1 => Just("arn:aws:s3:::flow"),
        1 => Just("arn:aws:logs:eu-west-1:444455556666:log-group:theirs"),
    ];
    let failure = option::weighted(0.3, Just("Access error".to_owned()));
    let works = (prop::bool::weighted(0.7), failure);
    (resource, traffic, destination, works).prop_map(
        |(resource, traffic, destination, (active, failure))| FlowLog {
            resource,
            active,
            traffic: traffic.to_owned(),
            destination: destination.to_owned(),
            role: Some(format!("arn:aws:iam::{ACCOUNT}:role/theirs")),
            failure,
        },
    )
}

/// Tells where those deliver to that deliver to the log group of the baseline's name.
pub(crate) fn settle(region: &Region, regional: &mut Regional) {
    let group = Settings::default().flow_logs.log_group;
    for log in regional.flow_logs.ok_mut().into_iter().flat_map(|logs| logs.values_mut()) {
        if log.destination == OURS {
            log.destination = format!("arn:aws:logs:{region}:{ACCOUNT}:log-group:{group}");
        }
    }
}

/// What the baseline asks for.
pub(crate) fn settings() -> impl Strategy<Value = FlowLogSettings> {
    let traffic = prop_oneof![Just(FlowTraffic::Reject), Just(FlowTraffic::All)];
    traffic.prop_map(|traffic| FlowLogSettings { traffic, ..FlowLogSettings::default() })
}

/// What is known of both, for regions.
pub(crate) type Parts = (Observed<BTreeMap<VpcId, Vpc>>, Observed<BTreeMap<FlowLogId, FlowLog>>);

pub(crate) fn parts() -> impl Strategy<Value = Parts> {
    (vpcs(), flow_logs()).prop_map(|(vpcs, logs)| (Observed::Known(vpcs), Observed::Known(logs)))
}
