//! The log group that trails of a region deliver to, and the role that lets them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::changing::Changing;
use super::work::{DELIVERS, Work, about, additive, merged};
use crate::change::{Cost, LogDelivery, Operation};
use crate::controls::logging::log_group::delivers;
use crate::controls::logging::seen::Named;
use crate::controls::obstacle::{Obstacle, not_own};
use crate::controls::statements::{TrailOf, lets_in, trail_log_streams, trail_trust};
use crate::controls::{Step, Why};
use crate::model::{PolicyText, Region, Service};

/// What is set up so far: a log group for each region, one role for all.
#[derive(Default)]
struct Delivery {
    planned: BTreeMap<(Region, bool), LogDelivery>,
    /// The same of trails that are started.
    starting: BTreeMap<(Region, bool), LogDelivery>,
    groups: BTreeSet<Region>,
    role: Option<Writer>,
}

/// The role as it will be.
struct Writer {
    arn: String,
    policy: Option<PolicyText>,
}

/// Gives each trail that misses one a log group.
pub(super) fn deliver(work: &mut Work<'_>, all: &[Named<'_>], changing: &mut [Changing<'_>]) {
    let mut delivery = Delivery { starting: starting(changing), ..Delivery::default() };
    for one in changing.iter_mut().filter(|one| one.controls.contains(&DELIVERS)) {
        let result = match (&one.named, &one.to.logs) {
            // Having started is enough where nothing else was wrong.
            (Some(named), Some(_)) if one.starts() && !has_error(named) => continue,
            (Some(named), Some(_)) => Err(broken(named)),
            _ => delivery.for_trail(work, all, one),
        };
        match result {
            Ok(logs) => one.to.logs = Some(logs),
            Err(obstacle) => one.give_up(work, DELIVERS, &obstacle),
        }
    }
}

/// Where trails deliver to once they are started, and nothing else is known to be wrong with them.
fn starting(changing: &[Changing<'_>]) -> BTreeMap<(Region, bool), LogDelivery> {
    let starting = changing.iter().filter(|one| one.starts());
    let logs = starting.filter_map(|one| {
        let (named, logs) = (one.named.as_ref()?, one.to.logs.clone()?);
        let delivers = logs.role.is_some() && !has_error(named);
        delivers.then(|| ((one.home.clone(), one.is_of_organization()), logs))
    });
    logs.collect()
}

fn has_error(named: &Named<'_>) -> bool {
    named.trail.status.ok().is_some_and(|status| status.delivered_to_logs.error.is_some())
}

/// A trail that has a log group and does not deliver there: what is wrong is not told by any API.
fn broken(named: &Named<'_>) -> Obstacle {
    let trail = named.trail;
    let group = trail.log_group.as_deref().unwrap_or_default();
    let detail = format!(
        "the trail {} delivers nothing to {group}: look whether the group is there and what its role \
         may do",
        trail.name
    );
    Obstacle::new(Why::Manual, detail)
}

impl Delivery {
    /// Where a trail shall deliver to: to where another one of its region does, or else to a group of
    /// the baseline's name.
    fn for_trail(
        &mut self,
        work: &mut Work<'_>,
        trails: &[Named<'_>],
        one: &mut Changing<'_>,
    ) -> Result<LogDelivery, Obstacle> {
        let (region, organization) = (one.home.clone(), one.is_of_organization());
        if let Some(planned) = self.planned.get(&(region.clone(), organization)) {
            one.costs.extend(ingestion());
            return Ok(planned.clone());
        }
        let now = work.case.snapshot.taken_at;
        let adopted = trails.iter().find_map(|named| adoptable(named, &region, organization, now));
        let starting = || self.starting.get(&(region.clone(), organization)).cloned();
        if let Some(adopted) = adopted.or_else(starting) {
            one.costs.extend(ingestion());
            return Ok(adopted);
        }
        let name = work.case.settings.trail.log_group.clone();
        let mut steps = Vec::new();
        if !self.groups.contains(&region) {
            steps = group(work, &region, &name)?;
            if steps.is_empty() {
                one.costs.extend(ingestion());
            }
        }
        let arn = one.arn(work);
        let trail = TrailOf { arn: &arn, organization };
        let role = self.role(work, &mut steps, (&region, &name), trail)?;
        self.groups.insert(region.clone());
        work.bundle(&BTreeSet::from([DELIVERS]), format!("log group {name}"), steps);
        let group = format!("log-group:{name}:*");
        let group = work.account().arn("logs", region.as_str(), &group);
        let planned = LogDelivery { group, role: Some(role) };
        self.planned.insert((region, organization), planned.clone());
        Ok(planned)
    }

    /// The ARN of the role, and the steps after which it lets CloudTrail write to the group.
    fn role(
        &mut self,
        work: &Work<'_>,
        steps: &mut Vec<Step>,
        (region, group): (&Region, &str),
        trail: TrailOf<'_>,
    ) -> Result<String, Obstacle> {
        let name = &work.case.settings.trail.role;
        let known = match self.role.take() {
            None => existing(work, name, trail.arn)?,
            planned => planned,
        };
        let writer = known.unwrap_or_else(|| {
            let trust = PolicyText::of(&[trail_trust()]);
            let (role, tags) = (name.clone(), work.scope.tags.clone());
            steps.push(additive(Operation::CreateRole { role, trust, tags }, None));
            let arn = work.account().arn("iam", "", &format!("role/{name}"));
            Writer { arn, policy: None }
        });
        let before = writer.policy.as_ref();
        let wanted = trail_log_streams(work.account(), (region, group), trail.organization, before);
        let after = merged(before, &wanted, &format!("role {name}"))?;
        if let Some(policy) = after.clone() {
            not_own(work.case, name, "trail.role")?;
            let role = name.clone();
            let operation = Operation::PutRolePolicy { role, name: name.clone(), policy };
            steps.push(additive(operation, None));
        }
        let arn = writer.arn.clone();
        self.role = Some(Writer { policy: after.or(writer.policy), ..writer });
        Ok(arn)
    }
}

/// To where a trail of the region delivers already, without an error. One of an organization writes under
/// other names than one of the account alone.
fn adoptable(
    named: &Named<'_>,
    region: &Region,
    organization: bool,
    now: Timestamp,
) -> Option<LogDelivery> {
    let trail = named.trail;
    let fits = trail.home == *region && trail.organization == organization && delivers(trail, now);
    if named.is_foreign() || !fits {
        return None;
    }
    let group = trail.log_group.clone()?;
    Some(LogDelivery { group, role: Some(trail.role.clone()?) })
}

fn ingestion() -> Option<Cost> {
    about(
        0.5,
        "0.50 for each GB of events and 0.03 for each GB kept: about 1 GB a month in a quiet account, \
         100 in a busy one",
    )
}

/// The steps after which the log group is there.
fn group(work: &Work<'_>, region: &Region, name: &str) -> Result<Vec<Step>, Obstacle> {
    let what = format!("log group {name} in {region}");
    let groups = &work.regional(region)?.log_groups;
    let unread = || Obstacle::new(Why::Unknown, format!("{what} was not read"));
    match groups.get(name).ok_or_else(unread)?.known() {
        Err(gap) => Err(Obstacle::unread(&what, &gap)),
        Ok(Some(group)) if group.class != "STANDARD" => Err(Obstacle::new(
            Why::Unsupported,
            format!(
                "{what} is of class {}, and metric filters need `STANDARD`: name another in \
                 `trail.log_group`",
                group.class
            ),
        )),
        Ok(Some(_)) => Ok(Vec::new()),
        Ok(None) => {
            let (at, group, tags) = (region.clone(), name.to_owned(), work.scope.tags.clone());
            let create = Operation::CreateLogGroup { region: at, group, tags };
            let (at, group) = (region.clone(), name.to_owned());
            let days = work.case.settings.trail.retention_days;
            let keep = Operation::PutRetentionPolicy { region: at, group, days, made_since: None };
            Ok(vec![additive(create, ingestion()), additive(keep, None)])
        }
    }
}

/// The role of this name, if there is one.
fn existing(work: &Work<'_>, name: &str, trail: &str) -> Result<Option<Writer>, Obstacle> {
    let what = format!("role {name}");
    let unread = || Obstacle::new(Why::Unknown, format!("{what} was not read"));
    let role = work.case.snapshot.iam.roles.get(name).ok_or_else(unread)?;
    let role = role.known().map_err(|gap| Obstacle::unread(&what, &gap))?;
    let Some(role) = role else { return Ok(None) };
    if !lets_in(&role.trust, Service::CloudTrail, "sts:AssumeRole", trail) {
        let detail =
            format!("{what} is there and does not trust CloudTrail: name another in `trail.role`");
        return Err(Obstacle::new(Why::Shared, detail));
    }
    Ok(Some(Writer { arn: role.arn.clone(), policy: role.inline.get(name).cloned() }))
}
