//! EC2: VPCs and their flow logs. Reads only.

use std::collections::BTreeMap;

use aws_sdk_ec2::types as sdk;

use super::text::one_line;
use super::{Clients, ServiceError};
use crate::model::{AccountId, Action, FlowLog, FlowLogId, Region, Vpc, VpcId};

/// The most entries of a page. Pages cost far less of EC2's rate than calls without them.
const PAGE: i32 = 1000;

const VPCS: &str = "ec2:DescribeVpcs";
pub(super) const FLOW_LOGS: &str = "ec2:DescribeFlowLogs";

/// The VPCs of a region, those that other accounts share with this one too.
pub(crate) async fn vpcs(
    clients: &Clients,
    region: &Region,
) -> Result<BTreeMap<VpcId, Vpc>, ServiceError> {
    let vpcs = clients
        .ec2(region)
        .call(VPCS, |ec2| {
            let list = ec2.describe_vpcs().max_results(PAGE);
            list.into_paginator().items().send().try_collect()
        })
        .await?;
    let nameless = || ServiceError::ours(Action::new(VPCS), "a VPC without an id");
    let read = |vpc: sdk::Vpc| Ok((VpcId::new(vpc.vpc_id().ok_or_else(nameless)?), vpc));
    let vpcs: Vec<(VpcId, sdk::Vpc)> =
        vpcs.into_iter().map(read).collect::<Result<_, ServiceError>>()?;
    Ok(vpcs.into_iter().map(|(id, vpc)| (id, vpc_of(vpc, clients.account()))).collect())
}

fn vpc_of(vpc: sdk::Vpc, account: &AccountId) -> Vpc {
    let mut tags = vpc.tags.unwrap_or_default().into_iter();
    let name = tags.find(|tag| tag.key.as_deref() == Some("Name")).and_then(|tag| tag.value);
    Vpc {
        owner: vpc.owner_id.map_or_else(|| account.clone(), AccountId::new),
        name: name.filter(|name| !name.trim().is_empty()),
    }
}

/// The flow logs of a region, those of subnets and network interfaces too.
pub(crate) async fn flow_logs(
    clients: &Clients,
    region: &Region,
) -> Result<BTreeMap<FlowLogId, FlowLog>, ServiceError> {
    list(clients, region, None).await
}

/// The flow logs of one VPC.
pub(super) async fn of_vpc(
    clients: &Clients,
    region: &Region,
    vpc: &VpcId,
) -> Result<BTreeMap<FlowLogId, FlowLog>, ServiceError> {
    let only = sdk::Filter::builder().name("resource-id").values(vpc.as_str()).build();
    let mut logs = list(clients, region, Some(only)).await?;
    logs.retain(|_, log| log.resource == vpc.as_str());
    Ok(logs)
}

async fn list(
    clients: &Clients,
    region: &Region,
    only: Option<sdk::Filter>,
) -> Result<BTreeMap<FlowLogId, FlowLog>, ServiceError> {
    let logs = clients
        .ec2(region)
        .call(FLOW_LOGS, |ec2| {
            let list = ec2.describe_flow_logs().max_results(PAGE);
            let list = list.set_filter(only.map(|filter| vec![filter]));
            list.into_paginator().items().send().try_collect()
        })
        .await?;
    // Half a flow log must not pass for one that works, nor for none.
    let incomplete =
        || ServiceError::ours(Action::new(FLOW_LOGS), "a flow log without its id or its resource");
    let logs = logs.into_iter();
    logs.map(|log| flow_log_of(clients, region, log).ok_or_else(incomplete)).collect()
}

fn flow_log_of(
    clients: &Clients,
    region: &Region,
    log: sdk::FlowLog,
) -> Option<(FlowLogId, FlowLog)> {
    let id = FlowLogId::new(log.flow_log_id?);
    // Those that were made with the name of a log group may tell that alone.
    let group = |name: String| clients.arn("logs", region, &format!("log-group:{name}"));
    let destination = log.log_destination.or_else(|| log.log_group_name.map(group));
    let destination = destination.unwrap_or_default();
    let failed = log.deliver_logs_status.as_deref() == Some("FAILED");
    let said = log.deliver_logs_error_message.filter(|said| !said.trim().is_empty());
    let said = said.map_or_else(|| "no reason given".to_owned(), |said| one_line(&said));
    let flow_log = FlowLog {
        resource: log.resource_id?,
        active: log.flow_log_status.as_deref() == Some("ACTIVE"),
        traffic: log.traffic_type.map(|traffic| traffic.as_str().to_owned()).unwrap_or_default(),
        destination: destination.strip_suffix(":*").unwrap_or(&destination).to_owned(),
        role: log.deliver_logs_permission_arn,
        failure: failed.then_some(said),
    };
    Some((id, flow_log))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::ErrorKind;
    use crate::aws::fake::{Fake, ec2_error, fake};

    fn home() -> Region {
        Region::new("eu-west-1")
    }

    fn answer(name: &str, set: &str, items: &str, next: &str) -> (u16, String) {
        let body = format!("<{set}>{items}</{set}>{next}");
        (200, format!("<{name}Response>{body}</{name}Response>"))
    }

    fn flow_log(id: &str, more: &str) -> String {
        format!("<item><flowLogId>{id}</flowLogId><resourceId>vpc-1</resourceId>{more}</item>")
    }

    fn one(more: &'static str) -> Fake {
        fake(move |_| answer("DescribeFlowLogs", "flowLogSet", &flow_log("fl-1", more), ""))
    }

    async fn read_one(more: &'static str) -> FlowLog {
        let logs = flow_logs(&one(more).clients, &home()).await.unwrap();
        logs[&FlowLogId::new("fl-1")].clone()
    }

    #[tokio::test]
    async fn vpcs_are_read_to_the_last_page() {
        let fake = fake(|request| {
            if request.contains("NextToken=more") {
                let vpc = "<item><vpcId>vpc-2</vpcId></item>";
                return answer("DescribeVpcs", "vpcSet", vpc, "");
            }
            let tags = "<tagSet><item><key>Name</key><value>prod</value></item></tagSet>";
            let vpc =
                format!("<item><vpcId>vpc-1</vpcId><ownerId>444455556666</ownerId>{tags}</item>");
            answer("DescribeVpcs", "vpcSet", &vpc, "<nextToken>more</nextToken>")
        });
        let vpcs = vpcs(&fake.clients, &home()).await.unwrap();
        let of = |id: &str| &vpcs[&VpcId::new(id)];
        assert_eq!(of("vpc-1").owner, AccountId::new("444455556666"));
        assert_eq!(of("vpc-1").name.as_deref(), Some("prod"));
        assert_eq!((&of("vpc-2").owner, &of("vpc-2").name), (fake.clients.account(), &None));
        assert_eq!(fake.requests("MaxResults=1000").len(), 2);
    }

    #[tokio::test]
    async fn what_breaks_off_in_the_middle_is_an_error() {
        let fake = fake(|request| {
            if request.contains("NextToken=more") {
                return ec2_error(403, "UnauthorizedOperation", "You are not authorized.");
            }
            let log = flow_log("fl-1", "");
            answer("DescribeFlowLogs", "flowLogSet", &log, "<nextToken>more</nextToken>")
        });
        let error = flow_logs(&fake.clients, &home()).await.unwrap_err();
        assert_eq!((error.kind, error.action.as_str()), (ErrorKind::Denied, FLOW_LOGS));
    }

    #[tokio::test]
    async fn half_a_thing_is_an_error() {
        let nameless = fake(|_| answer("DescribeVpcs", "vpcSet", "<item></item>", ""));
        assert!(vpcs(&nameless.clients, &home()).await.is_err());
        let nameless = fake(|_| answer("DescribeFlowLogs", "flowLogSet", "<item></item>", ""));
        let error = flow_logs(&nameless.clients, &home()).await.unwrap_err();
        assert_eq!(error.to_string(), "a flow log without its id or its resource");
    }

    #[tokio::test]
    async fn delivery_fails_only_where_aws_says_so() {
        let fine = "<flowLogStatus>ACTIVE</flowLogStatus><trafficType>REJECT</trafficType>";
        let log = read_one(fine).await;
        assert_eq!((log.active, log.traffic.as_str(), log.failure), (true, "REJECT", None));
        let works = read_one("<deliverLogsStatus>SUCCESS</deliverLogsStatus>").await;
        assert_eq!((works.active, works.traffic.as_str(), works.failure), (false, "", None));
        let failed = read_one(
            "<deliverLogsStatus>FAILED</deliverLogsStatus>\
             <deliverLogsErrorMessage>Access\n error</deliverLogsErrorMessage>",
        )
        .await;
        assert_eq!(failed.failure.as_deref(), Some("Access error"));
        let silent = read_one("<deliverLogsStatus>FAILED</deliverLogsStatus>").await;
        assert_eq!(silent.failure.as_deref(), Some("no reason given"));
    }

    #[tokio::test]
    async fn a_log_group_has_one_name_however_it_is_told() {
        let group = "arn:aws:logs:eu-west-1:111122223333:log-group:flow";
        let by_name = read_one("<logGroupName>flow</logGroupName>").await;
        assert_eq!(by_name.destination, group);
        let starred = read_one(
            "<logDestination>arn:aws:logs:eu-west-1:111122223333:log-group:flow:*</logDestination>",
        )
        .await;
        assert_eq!(starred.destination, group);
        let bucket = read_one("<logDestination>arn:aws:s3:::flow</logDestination>").await;
        assert_eq!(bucket.destination, "arn:aws:s3:::flow");
    }

    #[tokio::test]
    async fn those_of_a_vpc_are_asked_for_by_its_id() {
        let fake = fake(|_| {
            let other = flow_log("fl-2", "").replace("vpc-1", "vpc-2");
            answer("DescribeFlowLogs", "flowLogSet", &(flow_log("fl-1", "") + &other), "")
        });
        let logs = of_vpc(&fake.clients, &home(), &VpcId::new("vpc-1")).await.unwrap();
        assert_eq!(logs.len(), 1);
        assert_eq!(fake.requests("Filter.1.Name=resource-id&Filter.1.Value.1=vpc-1").len(), 1);
    }
}
