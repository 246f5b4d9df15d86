//! The remedy of 4.3: a role for all, a log group for each region, a flow log for each VPC that has none
//! that works.

use std::collections::{BTreeMap, BTreeSet};

use super::{ID, fault, of_vpc};
use crate::change::{Cost, FlowLogConfig, Operation, Risk};
use crate::controls::obstacle::{Obstacle, not_a_policy, not_own};
use crate::controls::permits::{Answer, Call, answer};
use crate::controls::statements::{flow_log_streams, flow_log_trust};
use crate::controls::{Bundle, Case, Finding, NotPlanned, Proposal, Scope, Step, Wanted, Why};
use crate::model::{FlowTraffic, PolicyText, Region, Regional, Role, Service, VpcId};

pub(super) fn propose(case: &Case<'_>, wanted: &Wanted<'_>, scope: &Scope<'_>) -> Proposal {
    let mut work = Recording { case, scope, proposal: Proposal::default() };
    let role = work.role();
    let mut groups: BTreeMap<&Region, Result<Vec<Step>, Obstacle>> = BTreeMap::new();
    let (mut used, mut planned) = (BTreeSet::new(), Vec::new());
    for finding in wanted.get(&ID).into_iter().flatten() {
        let Some(region) = &finding.region else { continue };
        let group = groups.entry(region).or_insert_with(|| work.group(region));
        let ready = role.as_ref().map(|(arn, _)| arn).map_err(Clone::clone);
        let ready = ready.and_then(|arn| group.as_ref().map(|_| arn).map_err(Clone::clone));
        match work.flow_log(region, &VpcId::new(finding.resource.clone()), ready) {
            Ok(bundle) => {
                used.insert(region);
                planned.push(bundle);
            }
            Err(obstacle) => work.leave(finding, obstacle),
        }
    }
    if let Ok((_, steps)) = role
        && !planned.is_empty()
    {
        work.bundle(format!("role {}", case.settings.flow_logs.role), steps);
    }
    let title = format!("log group {}", case.settings.flow_logs.log_group);
    for (_, steps) in groups.into_iter().filter(|(region, _)| used.contains(region)) {
        work.bundle(title.clone(), steps.unwrap_or_default());
    }
    work.proposal.bundles.extend(planned);
    work.proposal
}

/// Not even asked for.
fn not_read(what: &str) -> Obstacle {
    Obstacle::new(Why::Unknown, format!("{what} was not read"))
}

/// A remedy in the making.
struct Recording<'a> {
    case: &'a Case<'a>,
    scope: &'a Scope<'a>,
    proposal: Proposal,
}

impl Recording<'_> {
    fn regional(&self, region: &Region) -> Result<&Regional, Obstacle> {
        let regional = self.case.snapshot.regional.get(region);
        regional.ok_or_else(|| not_read(&format!("region {region}")))
    }

    fn bundle(&mut self, title: String, steps: Vec<Step>) {
        if !steps.is_empty() {
            self.proposal.bundles.push(Bundle { controls: vec![ID], title, steps });
        }
    }

    fn leave(&mut self, finding: &Finding, obstacle: Obstacle) {
        self.proposal.not_planned.push(NotPlanned {
            control: ID,
            resource: Some(finding.resource.clone()),
            region: finding.region.clone(),
            why: obstacle.why,
            detail: obstacle.detail,
        });
    }

    /// The ARN of the role, and the steps after which it lets flow logs write to the log groups.
    fn role(&self) -> Result<(String, Vec<Step>), Obstacle> {
        let account = &self.case.snapshot.account;
        let settings = &self.case.settings.flow_logs;
        let name = &settings.role;
        let what = format!("role {name}");
        let role = self.case.snapshot.iam.roles.get(name).ok_or_else(|| not_read(&what))?;
        let role = role.known().map_err(|gap| Obstacle::unread(&what, &gap))?.as_ref();
        let mut steps = Vec::new();
        let (arn, before) = if let Some(role) = role {
            self.trusts(role)?;
            (role.arn.clone(), role.inline.get(name))
        } else {
            let trust = PolicyText::of(&[flow_log_trust(account)]);
            let (role, tags) = (name.clone(), self.scope.tags.clone());
            steps.push(additive(Operation::CreateRole { role, trust, tags }, None));
            (account.arn("iam", "", &format!("role/{name}")), None)
        };
        let wanted = flow_log_streams(account, &settings.log_group, before);
        let policy = match before {
            None => Some(PolicyText::of(&wanted)),
            Some(policy) if policy.has(&wanted) => None,
            Some(policy) => Some(policy.with(&wanted).ok_or_else(|| not_a_policy(&what))?),
        };
        if policy.is_some() {
            not_own(self.case, name, "flow_logs.role")?;
        }
        steps.extend(policy.map(|policy| {
            let (role, name) = (name.clone(), name.clone());
            additive(Operation::PutRolePolicy { role, name, policy }, None)
        }));
        Ok((arn, steps))
    }

    /// Whether flow logs of every region may take on a role that is there.
    fn trusts(&self, role: &Role) -> Result<(), Obstacle> {
        let Case { snapshot, settings } = self.case;
        let call = Call {
            service: Service::VpcFlowLogs,
            action: "sts:AssumeRole",
            resource: None,
            account: &snapshot.account.id,
            source: &snapshot.account.arn("ec2", "*", "vpc-flow-log/*"),
        };
        if answer(&role.trust, &call) == Answer::Yes {
            return Ok(());
        }
        let detail = format!(
            "role {} is there and does not trust flow logs of every region: name another in \
             `flow_logs.role`",
            settings.flow_logs.role
        );
        Err(Obstacle::new(Why::Shared, detail))
    }

    /// The steps after which the log group of a region is there.
    fn group(&self, region: &Region) -> Result<Vec<Step>, Obstacle> {
        let settings = &self.case.settings.flow_logs;
        let name = &settings.log_group;
        let what = format!("log group {name} in {region}");
        let known = self.regional(region)?.log_groups.get(name);
        let group = known.ok_or_else(|| not_read(&what))?;
        match group.known().map_err(|gap| Obstacle::unread(&what, &gap))? {
            Some(group) if !["STANDARD", "INFREQUENT_ACCESS"].contains(&group.class.as_str()) => {
                let detail = format!(
                    "{what} is of class {}, which keeps nothing to look at: name another in \
                     `flow_logs.log_group`",
                    group.class
                );
                Err(Obstacle::new(Why::Unsupported, detail))
            }
            Some(_) => Ok(Vec::new()),
            None => {
                let (at, group, tags) = (region.clone(), name.clone(), self.scope.tags.clone());
                let create = Operation::CreateLogGroup { region: at, group, tags };
                let (region, group, days) = (region.clone(), name.clone(), settings.retention_days);
                let keep = Operation::PutRetentionPolicy { region, group, days, made_since: None };
                Ok(vec![additive(create, None), additive(keep, None)])
            }
        }
    }

    /// The flow log of a VPC, once the role and the log group are there.
    fn flow_log(
        &self,
        region: &Region,
        vpc: &VpcId,
        role: Result<&String, Obstacle>,
    ) -> Result<Bundle, Obstacle> {
        let settings = &self.case.settings.flow_logs;
        let regional = self.regional(region)?;
        let account = &self.case.snapshot.account;
        let group = format!("log-group:{}", settings.log_group);
        let destination = account.arn("logs", region.as_str(), &group);
        let logs = regional.flow_logs.known();
        let logs =
            logs.map_err(|gap| Obstacle::unread(&format!("the flow logs in {region}"), &gap))?;
        for (id, log) in of_vpc(logs, vpc) {
            if log.destination == destination {
                let fault = fault(log).unwrap_or_else(|| "records".to_owned());
                let detail = format!(
                    "its flow log {id} {fault}. It delivers to log group {} already, and AWS takes no \
                     second one that does: delete it, or put right what keeps it from delivering",
                    settings.log_group
                );
                return Err(Obstacle::new(Why::Manual, detail));
            }
        }
        let (region, vpc_id) = (region.clone(), vpc.clone());
        let to =
            FlowLogConfig { traffic: settings.traffic, destination, role: Some(role?.clone()) };
        let tags = self.scope.tags.clone();
        let operation = Operation::CreateFlowLogs { region, vpc: vpc_id, to, tags };
        let name = regional.vpcs.ok().and_then(|vpcs| vpcs.get(vpc)?.name.as_ref());
        Ok(Bundle {
            controls: vec![ID],
            title: name.map_or_else(|| "flow log".to_owned(), |name| format!("flow log of {name}")),
            steps: vec![additive(operation, Some(cost(settings.traffic)))],
        })
    }
}

/// What records of one VPC cost.
fn cost(traffic: FlowTraffic) -> Cost {
    let (usd_per_month, note) = match traffic {
        FlowTraffic::Reject => (
            0.5,
            "0.50 for each GB of records, 0.03 for each GB kept; next to nothing in an empty VPC",
        ),
        FlowTraffic::All => (
            5.0,
            "0.50 for each GB of records, 0.03 for each GB kept; next to nothing in an empty VPC, 10 GB a \
             day in a busy one",
        ),
    };
    Cost { usd_per_month, note: note.to_owned() }
}

/// A step that nothing running notices.
fn additive(operation: Operation, cost: Option<Cost>) -> Step {
    Step { operation, risk: Risk::Additive, impact: Vec::new(), cost }
}
