//! The log group that trails of a region deliver to, and the role that lets them.

use std::collections::{BTreeMap, BTreeSet};

use super::work::{Obstacle, Work, about, additive};
use crate::change::{LogDelivery, Operation};
use crate::controls::logging::seen::Named;
use crate::controls::statements::{lets_in, trail_log_streams, trail_trust};
use crate::controls::{Step, Why};
use crate::model::{ControlId, PolicyText, Region, Service};

/// What is set up so far: a log group for each region, one role for all.
#[derive(Default)]
pub(super) struct Delivery {
    planned: BTreeMap<Region, LogDelivery>,
    /// The role as it will be: its policy, if it has one.
    role: Option<Option<PolicyText>>,
}

impl Delivery {
    /// Where trails of a region shall deliver to: to where another one does, or else to a group of the
    /// baseline's name.
    pub(super) fn for_region(
        &mut self,
        work: &mut Work<'_>,
        trails: &[Named<'_>],
        region: &Region,
        controls: &BTreeSet<ControlId>,
    ) -> Result<LogDelivery, Obstacle> {
        if let Some(planned) = self.planned.get(region) {
            return Ok(planned.clone());
        }
        if let Some(adopted) = trails.iter().find_map(|named| adoptable(named, region)) {
            return Ok(adopted);
        }
        let name = work.case.settings.trail.log_group.clone();
        let mut steps = group(work, region, &name)?;
        steps.extend(self.role(work, region, &name)?);
        let account = work.account();
        let group = account.arn("logs", region.as_str(), &format!("log-group:{name}:*"));
        let role = &work.case.settings.trail.role;
        let role = account.arn("iam", "", &format!("role/{role}"));
        work.bundle(controls, format!("log group {name}"), steps);
        let planned = LogDelivery { group, role: Some(role) };
        self.planned.insert(region.clone(), planned.clone());
        Ok(planned)
    }

    /// The steps after which the role lets CloudTrail write to the group.
    fn role(
        &mut self,
        work: &Work<'_>,
        region: &Region,
        group: &str,
    ) -> Result<Vec<Step>, Obstacle> {
        let name = &work.case.settings.trail.role;
        let mut steps = Vec::new();
        let before = match &self.role {
            Some(policy) => policy.clone(),
            None => match existing(work, name)? {
                Some(policy) => policy,
                None => {
                    let trust = PolicyText::of(&[trail_trust()]);
                    let (role, tags) = (name.clone(), work.scope.tags.clone());
                    steps.push(additive(Operation::CreateRole { role, trust, tags }, None));
                    None
                }
            },
        };
        let wanted = trail_log_streams(work.account(), region, group, before.as_ref());
        if before.as_ref().is_some_and(|policy| policy.has(&wanted)) {
            return Ok(steps);
        }
        let policy = match &before {
            None => PolicyText::of(&wanted),
            Some(policy) => policy.with(&wanted).ok_or_else(|| {
                let detail = format!("the policy of role {name} cannot be read as one");
                Obstacle::new(Why::Unsupported, detail)
            })?,
        };
        self.role = Some(Some(policy.clone()));
        let role = name.clone();
        let operation = Operation::PutRolePolicy { role, name: name.clone(), policy };
        steps.push(additive(operation, None));
        Ok(steps)
    }
}

/// To where a trail of the region delivers already, without an error.
fn adoptable(named: &Named<'_>, region: &Region) -> Option<LogDelivery> {
    let trail = named.trail;
    let status = trail.status.ok()?;
    let works = status.logging && status.delivered_to_logs.error.is_none();
    if named.is_foreign() || trail.home != *region || !works {
        return None;
    }
    let group = trail.log_group.clone()?;
    Some(LogDelivery { group, role: Some(trail.role.clone()?) })
}

/// The steps after which the log group is there.
fn group(work: &Work<'_>, region: &Region, name: &str) -> Result<Vec<Step>, Obstacle> {
    let what = format!("log group {name} in {region}");
    let groups = &work.regional(region)?.log_groups;
    let unread = || Obstacle::new(Why::Unknown, format!("{what} was not read"));
    match groups.get(name).ok_or_else(unread)?.known() {
        Err(gap) => Err(Obstacle::unknown(&what, &gap)),
        Ok(Some(group)) if group.class != "STANDARD" => Err(Obstacle::new(
            Why::Unsupported,
            format!("{what} is of class {}: metric filters need `STANDARD`", group.class),
        )),
        Ok(Some(_)) => Ok(Vec::new()),
        Ok(None) => {
            let (at, group, tags) = (region.clone(), name.to_owned(), work.scope.tags.clone());
            let cost = about(
                0.5,
                "0.50 for each GB of events and 0.03 for each GB kept: about 1 GB a month in a quiet \
                 account, 100 in a busy one",
            );
            let create = Operation::CreateLogGroup { region: at, group, tags };
            let (at, group) = (region.clone(), name.to_owned());
            let days = work.case.settings.trail.retention_days;
            let keep = Operation::PutRetentionPolicy { region: at, group, days };
            Ok(vec![additive(create, cost), additive(keep, None)])
        }
    }
}

/// The role's policy, if it has one, if there is such a role.
#[expect(clippy::option_option, reason = "no role is not a role without a policy")]
fn existing(work: &Work<'_>, name: &str) -> Result<Option<Option<PolicyText>>, Obstacle> {
    let what = format!("role {name}");
    let unread = || Obstacle::new(Why::Unknown, format!("{what} was not read"));
    let role = work.case.snapshot.iam.roles.get(name).ok_or_else(unread)?;
    match role.known() {
        Err(gap) => Err(Obstacle::unknown(&what, &gap)),
        Ok(None) => Ok(None),
        Ok(Some(role)) if !lets_in(&role.trust, Service::CloudTrail, "sts:AssumeRole") => {
            Err(Obstacle::new(
                Why::Shared,
                format!(
                    "{what} is there and does not trust CloudTrail: name another in `trail.role`"
                ),
            ))
        }
        Ok(Some(role)) => Ok(Some(role.inline.get(name).cloned())),
    }
}
