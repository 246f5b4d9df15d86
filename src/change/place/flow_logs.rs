//! Flow logs: which one of a VPC is meant, the operation tells.

use super::{Document, Operation, regional, regional_mut};
use crate::change::FlowLogConfig;
use crate::model::{FlowLog, FlowLogId, Region, Snapshot, VpcId};

pub(super) fn get(
    operation: &Operation,
    on: &Snapshot,
    region: &Region,
    vpc: &VpcId,
) -> Result<Document, String> {
    let meant = meant(operation)?;
    let logs = super::part_of(&regional(on, region)?.flow_logs)?;
    let mut of_vpc = logs.values().filter(|log| log.resource == vpc.as_str());
    Ok(Document::FlowLog(of_vpc.find_map(|log| meant.found(log))))
}

pub(super) fn set(
    operation: &Operation,
    on: &mut Snapshot,
    (region, vpc): (&Region, &VpcId),
    to: Option<FlowLogConfig>,
) -> Result<(), String> {
    let meant = meant(operation)?;
    let logs = regional_mut(on, region)?.flow_logs.ok_mut();
    let logs = logs.ok_or_else(|| format!("flow logs in {region}"))?;
    match to {
        Some(to) => {
            let id = format!("planned:{vpc}:{}", to.traffic.word());
            logs.insert(FlowLogId::new(id), fresh(vpc, to));
        }
        None => logs.retain(|_, log| log.resource != vpc.as_str() || meant.found(log).is_none()),
    }
    Ok(())
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the caller has sorted the targets")]
fn meant(operation: &Operation) -> Result<&FlowLogConfig, String> {
    match operation {
        Operation::CreateFlowLogs { to, .. } | Operation::DeleteFlowLogs { to, .. } => Ok(to),
        other => Err(format!("{} is about no flow log", other.name())),
    }
}

/// A flow log as EC2 makes it: nothing is known of what it delivers yet.
fn fresh(vpc: &VpcId, to: FlowLogConfig) -> FlowLog {
    let FlowLogConfig { traffic, destination, role } = to;
    FlowLog {
        resource: vpc.to_string(),
        active: true,
        traffic: traffic.as_ec2().to_owned(),
        destination,
        role,
        failure: None,
    }
}
