//! EC2: the two writes on flow logs, and the look at one before and after them.

use aws_sdk_ec2::types::{
    FlowLogsResourceType, LogDestinationType, ResourceType, Tag, TagSpecification, TrafficType,
    UnsuccessfulItem,
};

use super::execute::misplaced;
use super::{Clients, Handle, Reread, ServiceError, flow_logs};
use crate::approval::Approval;
use crate::change::{Document, FlowLogConfig, Operation, Tags};
use crate::model::{Action, FlowTraffic, Region, VpcId};

const CREATE: &str = "ec2:CreateFlowLogs";
const DELETE: &str = "ec2:DeleteFlowLogs";

/// Seconds in which EC2 gathers what it writes as one record: the longer of the two it knows, which makes
/// fewer records.
const AGGREGATION: i32 = 600;

/// Reads again the flow log that an operation is about: the one of its VPC that records and delivers to the
/// same. EC2 takes no second one.
pub(super) async fn reread(
    operation: &Operation,
    clients: &Clients,
) -> Result<Reread, ServiceError> {
    let (Operation::CreateFlowLogs { region, vpc, to, .. }
    | Operation::DeleteFlowLogs { region, vpc, to }) = operation
    else {
        return Err(misplaced(operation));
    };
    let logs = flow_logs::of_vpc(clients, region, vpc).await?;
    let found = logs.iter().find_map(|(id, log)| Some((id, to.found(log)?)));
    Ok(match found {
        Some((id, is)) => {
            Reread { document: Document::FlowLog(Some(is)), handle: Handle::Id(id.to_string()) }
        }
        None => Reread::of(Document::FlowLog(None)),
    })
}

/// Carries out an operation on a flow log.
#[expect(clippy::wildcard_enum_match_arm, reason = "all others are not about flow logs")]
pub(super) async fn execute(
    operation: &Operation,
    now: &Reread,
    clients: &Clients,
    approval: &Approval,
) -> Result<(), ServiceError> {
    match operation {
        Operation::CreateFlowLogs { region, vpc, to, tags } => {
            create(clients, (region, vpc), to, tags, approval).await
        }
        Operation::DeleteFlowLogs { region, .. } => {
            let Handle::Id(id) = &now.handle else {
                let message = "the VPC has no such flow log";
                return Err(ServiceError::ours(operation.action(), message));
            };
            delete(clients, region, id, approval).await
        }
        _ => Err(misplaced(operation)),
    }
}

/// Makes a flow log.
///
/// By its token EC2 knows the call again: where the answer to a first one was lost and the flow log does not
/// show yet, a second call makes no second flow log.
async fn create(
    clients: &Clients,
    (region, vpc): (&Region, &VpcId),
    to: &FlowLogConfig,
    tags: &Tags,
    _: &Approval,
) -> Result<(), ServiceError> {
    let traffic = match to.traffic {
        FlowTraffic::Reject => TrafficType::Reject,
        FlowTraffic::All => TrafficType::All,
    };
    let call = (region.as_str(), vpc.as_str(), to.traffic.word(), to.destination.as_str());
    let token = clients.token(call);
    let ec2 = clients.ec2(region);
    let answer = ec2
        .call(CREATE, |ec2| {
            ec2.create_flow_logs()
                .client_token(token)
                .resource_ids(vpc.as_str())
                .resource_type(FlowLogsResourceType::Vpc)
                .traffic_type(traffic)
                .log_destination_type(LogDestinationType::CloudWatchLogs)
                .log_destination(&to.destination)
                .set_deliver_logs_permission_arn(to.role.clone())
                .max_aggregation_interval(AGGREGATION)
                .set_tag_specifications(specification(tags).map(|one| vec![one]))
                .send()
        })
        .await?;
    refused(CREATE, answer.unsuccessful())?;
    if answer.flow_log_ids().is_empty() {
        return Err(ServiceError::doubtful(Action::new(CREATE), "EC2 did not name the flow log"));
    }
    Ok(())
}

fn specification(tags: &Tags) -> Option<TagSpecification> {
    let tags: Vec<Tag> =
        tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect();
    let of = ResourceType::VpcFlowLog;
    (!tags.is_empty())
        .then(|| TagSpecification::builder().resource_type(of).set_tags(Some(tags)).build())
}

async fn delete(
    clients: &Clients,
    region: &Region,
    id: &str,
    _: &Approval,
) -> Result<(), ServiceError> {
    let ec2 = clients.ec2(region);
    let answer = ec2.call(DELETE, |ec2| ec2.delete_flow_logs().flow_log_ids(id).send()).await?;
    refused(DELETE, answer.unsuccessful())
}

/// EC2 answers with success and says there what it did not do.
fn refused(action: &'static str, unsuccessful: &[UnsuccessfulItem]) -> Result<(), ServiceError> {
    let Some(item) = unsuccessful.first() else { return Ok(()) };
    let said = item.error();
    let code = said.and_then(|said| said.code()).filter(|code| !code.is_empty());
    let message = said.and_then(|said| said.message());
    Err(ServiceError::refused(Action::new(action), code.unwrap_or("Unsuccessful"), message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::fake::{Fake, ec2_error, fake};
    use crate::aws::{Delay, ErrorKind};

    const GROUP: &str = "arn:aws:logs:eu-west-1:111122223333:log-group:harden/flow-logs";
    const ROLE: &str = "arn:aws:iam::111122223333:role/harden-flow-logs";

    fn config() -> FlowLogConfig {
        let (traffic, destination) = (FlowTraffic::Reject, GROUP.to_owned());
        FlowLogConfig { traffic, destination, role: Some(ROLE.to_owned()) }
    }

    fn make() -> Operation {
        let (region, vpc) = (Region::new("eu-west-1"), VpcId::new("vpc-1"));
        let tags = [("harden:baseline".to_owned(), "level-2".to_owned())].into();
        Operation::CreateFlowLogs { region, vpc, to: config(), tags }
    }

    fn take_away() -> Operation {
        let (region, vpc) = (Region::new("eu-west-1"), VpcId::new("vpc-1"));
        Operation::DeleteFlowLogs { region, vpc, to: config() }
    }

    fn answer(name: &str, body: &str) -> (u16, String) {
        (200, format!("<{name}Response>{body}</{name}Response>"))
    }

    fn unsuccessful(code: &str, message: &str) -> String {
        let error = format!("<error><code>{code}</code><message>{message}</message></error>");
        format!("<unsuccessful><item>{error}<resourceId>vpc-1</resourceId></item></unsuccessful>")
    }

    async fn run(fake: &Fake, operation: &Operation, id: Option<&str>) -> Result<(), ServiceError> {
        let now = Reread {
            document: Document::FlowLog(None),
            handle: id.map_or(Handle::None, |id| Handle::Id(id.to_owned())),
        };
        execute(operation, &now, fake.clients.once(), &Approval::for_test()).await
    }

    async fn fails(answer: impl Fn(&str) -> (u16, String) + Send + Sync + 'static) -> ServiceError {
        run(&fake(answer), &make(), None).await.unwrap_err()
    }

    #[tokio::test]
    async fn a_flow_log_is_made_with_all_that_it_needs() {
        let ids = "<flowLogIdSet><item>fl-1</item></flowLogIdSet>";
        let fake = fake(move |_| answer("CreateFlowLogs", ids));
        run(&fake, &make(), None).await.unwrap();
        let [request] = &fake.requests("Action=CreateFlowLogs")[..] else { panic!() };
        for part in [
            "ResourceId.1=vpc-1",
            "ResourceType=VPC",
            "TrafficType=REJECT",
            "LogDestinationType=cloud-watch-logs",
            "MaxAggregationInterval=600",
            "DeliverLogsPermissionArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fharden-flow-logs",
            "log-group%3Aharden%2Fflow-logs&",
            "TagSpecification.1.ResourceType=vpc-flow-log",
            "TagSpecification.1.Tag.1.Key=harden%3Abaseline",
        ] {
            assert!(request.contains(part), "{part}: {request}");
        }
        assert!(!request.contains("LogGroupName"));
    }

    #[tokio::test]
    async fn a_call_that_is_repeated_is_known_by_its_token() {
        let ids = "<flowLogIdSet><item>fl-1</item></flowLogIdSet>";
        let fake = fake(move |_| answer("CreateFlowLogs", ids));
        let mut other = make();
        let Operation::CreateFlowLogs { vpc, .. } = &mut other else { panic!() };
        *vpc = VpcId::new("vpc-2");
        for operation in [make(), make(), other] {
            run(&fake, &operation, None).await.unwrap();
        }
        let token = |request: &String| {
            let (_, rest) = request.split_once("ClientToken=").unwrap();
            rest.split('&').next().unwrap().to_owned()
        };
        let requests = fake.requests("Action=CreateFlowLogs");
        let [first, again, other] = &requests[..] else { panic!() };
        assert_eq!(token(first), token(again));
        assert_ne!(token(first), token(other));
        assert!(token(first).len() <= 64);
        // Another session may have to make anew what was deleted meanwhile.
        let later = crate::aws::fake::fake(move |_| answer("CreateFlowLogs", ids));
        run(&later, &make(), None).await.unwrap();
        assert_ne!(token(&later.requests("Action=CreateFlowLogs")[0]), token(first));
    }

    #[tokio::test]
    async fn success_that_made_nothing_is_a_failure_in_the_words_of_aws() {
        let said = unsuccessful("400", "LogDestination: x does not exist.");
        let error = fails(move |_| answer("CreateFlowLogs", &said)).await;
        assert_eq!(error.to_string(), "400: LogDestination: x does not exist.");
        assert_eq!((error.kind, error.ambiguous), (ErrorKind::Other, false));
        let there = unsuccessful("FlowLogAlreadyExists", "There is one.");
        let error = fails(move |_| answer("CreateFlowLogs", &there)).await;
        assert_eq!((error.kind, error.delay()), (ErrorKind::Other, None));
        // What is neither made nor refused may be there all the same.
        assert!(fails(|_| answer("CreateFlowLogs", "")).await.ambiguous);
    }

    #[tokio::test]
    async fn a_role_that_is_not_known_yet_is_waited_for() {
        let role = format!("Unable to assume given IAM role: {ROLE}");
        let said = role.clone();
        let error = fails(move |_| ec2_error(400, "InvalidParameter", &said)).await;
        assert_eq!(error.delay(), Some(Delay::Unseen));
        let said = unsuccessful("InvalidParameter", &role);
        let error = fails(move |_| answer("CreateFlowLogs", &said)).await;
        assert_eq!(error.delay(), Some(Delay::Unseen));
        let error = fails(|_| ec2_error(400, "InvalidParameter", "no such interval")).await;
        assert_eq!(error.delay(), None);
    }

    #[tokio::test]
    async fn a_flow_log_is_deleted_by_its_id() {
        let fake = fake(|_| answer("DeleteFlowLogs", ""));
        run(&fake, &take_away(), Some("fl-1")).await.unwrap();
        assert_eq!(fake.requests("FlowLogId.1=fl-1").len(), 1);
        assert!(run(&fake, &take_away(), None).await.is_err());
        assert_eq!(fake.requests("").len(), 1);
        let refusing = crate::aws::fake::fake(|_| {
            let gone = unsuccessful("InvalidFlowLogId.NotFound", "It does not exist.");
            answer("DeleteFlowLogs", &gone)
        });
        let error = run(&refusing, &take_away(), Some("fl-1")).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::NotFound);
    }

    #[tokio::test]
    async fn the_one_that_is_meant_is_found_again() {
        let log = |id: &str, traffic: &str, group: &str| {
            format!(
                "<item><flowLogId>{id}</flowLogId><resourceId>vpc-1</resourceId><trafficType>\
                 {traffic}</trafficType><logDestination>{group}</logDestination>\
                 <deliverLogsPermissionArn>{ROLE}</deliverLogsPermissionArn></item>"
            )
        };
        let others = log("fl-1", "ALL", GROUP) + &log("fl-2", "REJECT", "arn:aws:s3:::b");
        let with = format!("{others}{}", log("fl-3", "REJECT", &format!("{GROUP}:*")));
        let set =
            |items: &str| answer("DescribeFlowLogs", &format!("<flowLogSet>{items}</flowLogSet>"));
        let (there, gone) = (set(&with), set(&others));
        let there = fake(move |_| there.clone());
        let read = reread(&take_away(), &there.clients).await.unwrap();
        assert_eq!(read.document, Document::FlowLog(Some(config())));
        assert_eq!(read.handle, Handle::Id("fl-3".to_owned()));
        let gone = fake(move |_| gone.clone());
        let read = reread(&make(), &gone.clients).await.unwrap();
        assert_eq!(read, Reread::of(Document::FlowLog(None)));
    }
}
