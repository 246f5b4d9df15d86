//! 4.3: every VPC has a flow log that works.

mod record;

use std::collections::BTreeMap;

use crate::controls::regions::part_of_each;
use crate::controls::words::{list, some};
use crate::controls::{Assess, Case, Check, Control, Finding, Fix, Outcome, Remedy};
use crate::model::{ControlId, FlowLog, FlowLogId, Level, Read, Region, Vpc, VpcId};

const ID: ControlId = ControlId::new(4, 3);

/// 4.3
pub(super) static FLOW_LOGS: Control = Control {
    id: ID,
    level: Level::Two,
    scored: true,
    title: "Every VPC has a flow log",
    why: "Without one, nobody can tell afterwards who tried to reach what in the network.",
    assess: Assess::Automatic {
        reads: &[Read::Vpcs, Read::FlowLogs],
        context: &[],
        check: &Recorded,
    },
    remedy: Remedy::Automatic(&RECORD),
};

static RECORD: Fix = Fix {
    name: "flow-logs",
    turn: 25,
    reads: &[Read::FlowLogGroups, Read::FlowLogRole],
    changes: "For each VPC of the account without a flow log that works: ec2:CreateFlowLogs of the traffic \
              that the baseline names, to the log group that it names in the region, with the role that it \
              names. The log group with its retention and the role are made where they are missing; a log \
              group that is there is taken as it is, a role that flow logs may take on gets the statements \
              that it lacks. Flow logs that are there are never changed. A VPC that another account shares \
              is that account's to record.",
    breaks: "Nothing. Each GB of records is charged.",
    undo: "The flow logs that were made are deleted, then the role and the log groups that were made, with \
           the records in them.",
    propose: record::propose,
};

#[derive(Debug)]
struct Recorded;

impl Check for Recorded {
    fn assess(&self, case: &Case<'_>) -> Outcome {
        let account = &case.snapshot.account.id;
        let (mut missing, mut findings) = (Vec::new(), Vec::new());
        let (mut shared, mut halves) = (Vec::new(), Vec::new());
        let vpcs = part_of_each(case.snapshot, &mut missing, |regional| &regional.vpcs);
        let logs = part_of_each(case.snapshot, &mut missing, |regional| &regional.flow_logs);
        let logs: BTreeMap<&Region, _> = logs.into_iter().collect();
        let mut owns_any = false;
        for (region, vpcs) in vpcs {
            let (theirs, ours): (Vec<_>, Vec<_>) =
                vpcs.iter().partition(|(_, vpc)| vpc.owner != *account);
            shared.extend(theirs.iter().map(|(id, _)| format!("{id} in {region}")));
            owns_any |= !ours.is_empty();
            let Some(logs) = logs.get(region) else { continue };
            for (id, vpc) in ours {
                let of_vpc = of_vpc(logs, id);
                let good = || of_vpc.iter().filter(|(_, log)| fault(log).is_none());
                if good().next().is_none() {
                    findings.push(finding(region, id, vpc, &of_vpc));
                } else if good().all(|(_, log)| log.traffic == ACCEPT) {
                    halves.push(format!("{id} in {region}"));
                }
            }
        }
        missing.sort();
        missing.dedup();
        if !owns_any && missing.is_empty() {
            return Outcome::NotApplicable { reason: none_of_ours(&shared) };
        }
        let notes = [
            told(&shared, "belongs to another account, which is the one to record its traffic"),
            told(
                &halves,
                "has a flow log of accepted traffic alone: what was turned away is not recorded",
            ),
        ];
        let notes = notes.into_iter().flatten().collect();
        Outcome::Judged { findings, missing, pending: Vec::new(), notes }
    }
}

/// How EC2 spells the traffic that was let through.
const ACCEPT: &str = "ACCEPT";

/// The flow logs of a VPC itself. Those of its subnets and network interfaces do not cover it.
fn of_vpc<'a>(
    logs: &'a BTreeMap<FlowLogId, FlowLog>,
    vpc: &VpcId,
) -> Vec<(&'a FlowLogId, &'a FlowLog)> {
    logs.iter().filter(|(_, log)| log.resource == vpc.as_str()).collect()
}

/// Why a flow log records nothing; `None`: as far as AWS knows, it does.
fn fault(log: &FlowLog) -> Option<String> {
    match &log.failure {
        Some(why) => Some(format!("delivers nothing: {why}")),
        None => (!log.active).then(|| "is not active".to_owned()),
    }
}

fn finding(region: &Region, id: &VpcId, vpc: &Vpc, logs: &[(&FlowLogId, &FlowLog)]) -> Finding {
    let faults: Vec<String> = logs
        .iter()
        .filter_map(|(id, log)| Some(format!("its flow log {id} {}", fault(log)?)))
        .collect();
    let told = if faults.is_empty() { "has no flow log".to_owned() } else { list(&faults) };
    let summary = match &vpc.name {
        Some(name) if faults.is_empty() => format!("{name} {told}"),
        Some(name) => format!("{name}: {told}"),
        None => told,
    };
    Finding { region: Some(region.clone()), resource: id.as_str().to_owned(), summary }
}

fn none_of_ours(shared: &[String]) -> String {
    let reason = "the account has no VPC of its own in the regions that were read";
    if shared.is_empty() {
        return reason.to_owned();
    }
    format!("{reason}; other accounts share {}", some(shared, 3))
}

/// One line about all of some VPCs.
fn told(vpcs: &[String], what: &str) -> Option<String> {
    let each = if vpcs.len() == 1 { "" } else { "each of " };
    (!vpcs.is_empty()).then(|| format!("{each}{} {what}", some(vpcs, 3)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controls::logging::tests_support::{FOREIGN, assess, denied, findings};
    use crate::model::fixture::{self, unread};
    use crate::model::{AccountId, Observed, Regional, Snapshot};

    fn vpc() -> Vpc {
        Vpc { owner: fixture::account(), name: None }
    }

    fn log(resource: &str) -> FlowLog {
        FlowLog {
            resource: resource.to_owned(),
            active: true,
            traffic: "REJECT".to_owned(),
            destination: "arn:aws:s3:::flow".to_owned(),
            role: None,
            failure: None,
        }
    }

    /// One region with these VPCs and flow logs, each with a number.
    fn with(vpcs: Vec<Vpc>, logs: Vec<FlowLog>) -> Snapshot {
        let mut snapshot = unread();
        let vpcs = vpcs.into_iter().zip(1..).map(|(one, n)| (VpcId::new(format!("vpc-{n}")), one));
        let logs =
            logs.into_iter().zip(1..).map(|(one, n)| (FlowLogId::new(format!("fl-{n}")), one));
        let regional = snapshot.regional.get_mut(&fixture::region()).unwrap();
        regional.vpcs = Observed::Known(vpcs.collect());
        regional.flow_logs = Observed::Known(logs.collect());
        snapshot
    }

    fn summary(vpc: Vpc, logs: Vec<FlowLog>) -> String {
        let outcome = assess(&Recorded, &with(vec![vpc], logs));
        let [finding] = findings(&outcome) else { panic!("{outcome:?}") };
        assert_eq!(finding.resource, "vpc-1");
        finding.summary.clone()
    }

    fn notes(outcome: Outcome) -> Vec<String> {
        let Outcome::Judged { findings, missing, notes, .. } = outcome else { panic!() };
        assert!(findings.is_empty() && missing.is_empty());
        notes
    }

    #[test]
    fn one_that_works_is_enough_wherever_it_delivers_to() {
        for traffic in ["REJECT", "ALL"] {
            let good = FlowLog { traffic: traffic.to_owned(), ..log("vpc-1") };
            assert_eq!(assess(&Recorded, &with(vec![vpc()], vec![good])), Outcome::PASS);
        }
        let bad = FlowLog { active: false, ..log("vpc-1") };
        let both = with(vec![vpc()], vec![bad, log("vpc-1")]);
        assert_eq!(assess(&Recorded, &both), Outcome::PASS);
    }

    #[test]
    fn what_records_nothing_or_something_else_is_not() {
        assert_eq!(summary(vpc(), vec![]), "has no flow log");
        let named = || Vpc { name: Some("prod".to_owned()), ..vpc() };
        assert_eq!(summary(named(), vec![]), "prod has no flow log");
        let of_others = vec![log("subnet-1"), log("eni-1"), log("vpc-2")];
        assert_eq!(summary(vpc(), of_others), "has no flow log");
        let failed = FlowLog { failure: Some("Access error".to_owned()), ..log("vpc-1") };
        let told = "its flow log fl-1 delivers nothing: Access error";
        assert_eq!(summary(vpc(), vec![failed.clone()]), told);
        let still = FlowLog { active: false, ..log("vpc-1") };
        let both = format!("prod: {told} and its flow log fl-2 is not active");
        assert_eq!(summary(named(), vec![failed, still]), both);
    }

    #[test]
    fn each_vpc_is_judged_by_itself() {
        let outcome = assess(&Recorded, &with(vec![vpc(), vpc()], vec![log("vpc-2")]));
        let found: Vec<&str> = findings(&outcome).iter().map(|f| f.resource.as_str()).collect();
        assert_eq!(found, ["vpc-1"]);
    }

    #[test]
    fn accepted_traffic_alone_is_told_of() {
        let half = || FlowLog { traffic: ACCEPT.to_owned(), ..log("vpc-1") };
        let told = "vpc-1 in eu-west-1 has a flow log of accepted traffic alone: what was turned away is \
                    not recorded";
        assert_eq!(notes(assess(&Recorded, &with(vec![vpc()], vec![half()]))), [told]);
        let whole = with(vec![vpc()], vec![half(), log("vpc-1")]);
        assert_eq!(assess(&Recorded, &whole), Outcome::PASS);
    }

    #[test]
    fn shared_vpcs_are_not_ours_to_record() {
        let theirs = || Vpc { owner: AccountId::new(FOREIGN), ..vpc() };
        let outcome = assess(&Recorded, &with(vec![vpc(), theirs()], vec![log("vpc-1")]));
        let told =
            "vpc-2 in eu-west-1 belongs to another account, which is the one to record its traffic";
        assert_eq!(notes(outcome), [told]);
        let reason = |vpcs| {
            let outcome = assess(&Recorded, &with(vpcs, vec![]));
            let Outcome::NotApplicable { reason } = outcome else { panic!("{outcome:?}") };
            reason
        };
        let none = "the account has no VPC of its own in the regions that were read";
        assert_eq!(reason(vec![]), none);
        let shared = format!("{none}; other accounts share vpc-1 in eu-west-1");
        assert_eq!(reason(vec![theirs()]), shared);
    }

    #[test]
    fn what_cannot_be_read_is_unknown() {
        let parts: [fn(&mut Regional); 3] = [
            |regional| regional.vpcs = denied("ec2:DescribeVpcs"),
            |regional| regional.flow_logs = denied("ec2:DescribeFlowLogs"),
            |regional| *regional = Regional::UNREAD,
        ];
        for vpcs in [vec![], vec![vpc()]] {
            for part in parts {
                let mut snapshot = with(vpcs.clone(), vec![]);
                part(snapshot.regional.get_mut(&fixture::region()).unwrap());
                let Outcome::Judged { findings, missing, .. } = assess(&Recorded, &snapshot) else {
                    panic!()
                };
                assert!(findings.is_empty(), "{findings:?}");
                assert_eq!(missing[0].region, Some(fixture::region()));
            }
        }
    }
}
