//! A trail while its settings change: all of them in one call.

use std::collections::BTreeSet;

use super::choose::second_copies;
use super::entry::Delivering;
use super::work::{DELIVERS, ENCRYPTED, Place, SIGNED, TRAIL, Work, sum};
use crate::change::{AliasOf, Cost, Operation, Risk, TrailConfig};
use crate::controls::logging::seen::{Named, TRAILS};
use crate::controls::obstacle::Obstacle;
use crate::controls::statements::{TrailOf, trail_bucket};
use crate::controls::{Step, Why};
use crate::model::{Account, Bucket, BucketName, ControlId, PolicyText, Region, Service};

/// A trail's settings while they change.
pub(super) struct Changing<'a> {
    /// `None`: it is new.
    pub(super) named: Option<Named<'a>>,
    pub(super) name: String,
    pub(super) home: Region,
    pub(super) bucket_region: Option<Region>,
    pub(super) to: TrailConfig,
    pub(super) alias: Option<AliasOf>,
    pub(super) controls: BTreeSet<ControlId>,
    pub(super) impact: Vec<String>,
    pub(super) costs: Vec<Cost>,
    pub(super) risk: Risk,
}

impl<'a> Changing<'a> {
    /// What changes on a trail that is there, if anything.
    pub(super) fn of(
        work: &mut Work<'_>,
        named: Named<'a>,
        is_main: bool,
        all: &[Named<'a>],
    ) -> Option<Self> {
        let trail = named.trail;
        let (name, home) = (trail.name.clone(), trail.home.clone());
        let mut controls: BTreeSet<ControlId> = [SIGNED, DELIVERS, ENCRYPTED]
            .into_iter()
            .filter(|control| work.wants(*control, &name, &home))
            .collect();
        if is_main {
            controls.insert(TRAIL);
        }
        let stopped = trail.status.ok().is_some_and(|status| !status.logging) && !is_main;
        if stopped && controls.remove(&DELIVERS) {
            let detail = format!("the trail {name} is stopped: start it, or delete it");
            work.leave([DELIVERS], (&name, Some(&home)), &Obstacle::new(Why::Manual, detail));
        }
        if controls.is_empty() {
            return None;
        }
        if let Err(obstacle) = is_not_denied(work, named) {
            leave(work, &controls, (&name, &home), &obstacle);
            return None;
        }
        if !work.case.snapshot.regional.contains_key(&home) {
            let detail = format!(
                "the trail {name} is at home in {home}, which is not among the regions read"
            );
            work.leave(controls, (&name, Some(&home)), &Obstacle::new(Why::Unknown, detail));
            return None;
        }
        let mut to = TrailConfig::of(trail);
        to.multi_region |= is_main;
        to.global_events |= is_main;
        to.validation |= controls.contains(&SIGNED);
        let shared = trail.organization && to != TrailConfig::of(trail);
        if shared && work.scope.max_risk < Risk::Restrictive {
            hold(work, &controls, (&name, &home));
            return None;
        }
        let bucket_region = match work.case.snapshot.logging.bucket(&trail.bucket) {
            Ok(Bucket::Ours(bucket)) => Some(bucket.region.clone()),
            Ok(Bucket::Absent | Bucket::Foreign { .. }) | Err(_) => None,
        };
        let mut one = Self {
            named: Some(named),
            name,
            home,
            bucket_region,
            to,
            alias: None,
            controls,
            impact: shared.then(|| SHARED.to_owned()).into_iter().collect(),
            costs: Vec::new(),
            risk: if shared { Risk::Restrictive } else { Risk::Additive },
        };
        if one.is_copy()
            && let Some((impact, cost)) = second_copies(Some(named.arn), all)
        {
            one.impact.push(impact);
            one.costs.push(cost);
        }
        Some(one)
    }

    pub(super) fn arn(&self, work: &Work<'_>) -> String {
        let trail = format!("trail/{}", self.name);
        work.account().arn("cloudtrail", self.home.as_str(), &trail)
    }

    pub(super) fn is_of_organization(&self) -> bool {
        self.named.is_some_and(|named| named.trail.organization)
    }

    /// Leaves out what a control asks for.
    pub(super) fn give_up(&mut self, work: &mut Work<'_>, control: ControlId, why: &Obstacle) {
        self.controls.remove(&control);
        work.leave([control], (&self.name, Some(&self.home)), why);
    }

    /// Whether it does not record, and is to.
    pub(super) fn starts(&self) -> bool {
        let status = self.named.and_then(|named| named.trail.status.ok());
        self.controls.contains(&TRAIL) && status.is_none_or(|status| !status.logging)
    }

    /// Whether it records from now on what it did not record before.
    fn is_copy(&self) -> bool {
        let widens =
            self.named.is_some_and(|named| named.trail.multi_region != self.to.multi_region);
        widens || self.starts()
    }

    /// Plans the calls.
    pub(super) fn finish(self, work: &mut Work<'_>) {
        let starts = self.starts();
        let changes = self.named.is_none_or(|named| self.to != TrailConfig::of(named.trail));
        let mut steps = if changes || starts { self.let_in(work) } else { Vec::new() };
        let Self { named, name, home, to, alias, controls, impact, costs, risk, .. } = self;
        let (region, tags) = (home.clone(), work.scope.tags.clone());
        let operation = match named {
            None => Operation::CreateTrail { region, name: name.clone(), to, alias, tags },
            Some(_) => Operation::UpdateTrail { region, name: name.clone(), to, alias },
        };
        let (mut told, mut cost) = (impact, sum(&costs));
        if changes {
            let impact = std::mem::take(&mut told);
            steps.push(Step { operation, risk, impact, cost: cost.take() });
        }
        if starts {
            let operation = Operation::StartLogging { region: home, name: name.clone() };
            steps.push(Step { operation, risk: Risk::Additive, impact: told, cost });
        }
        work.bundle(&controls, format!("trail {name}"), steps);
    }

    /// The step after which the trail can deliver to its bucket, where that is ours and does not let it:
    /// CloudTrail takes no change of such a trail.
    fn let_in(&self, work: &mut Work<'_>) -> Vec<Step> {
        let snapshot = work.case.snapshot;
        let (account, arn) = (work.account(), self.arn(work));
        let Ok(Bucket::Ours(own)) = snapshot.logging.bucket(&self.to.bucket) else {
            return Vec::new();
        };
        let Some(policy) = own.policy.ok() else { return Vec::new() };
        let delivering = delivering(account, &self.to.bucket, self.to.prefix.as_deref(), &arn);
        let is_let_in = policy.as_ref().is_some_and(|policy| delivering.is_let_in(policy));
        if self.named.is_none() || is_let_in {
            return Vec::new();
        }
        let trail = TrailOf { arn: &arn, organization: self.is_of_organization() };
        let bucket = (&self.to.bucket, self.to.prefix.as_deref());
        let statements = |policy: Option<&PolicyText>| trail_bucket(account, bucket, trail, policy);
        // What is no policy was never taken by S3, and is not to be merged with.
        work.prepare(bucket.0, &Place::There(own), statements, None).unwrap_or_default()
    }
}

const SHARED: &str = "it is the organization's: what changes, changes for every account in it";

/// Holds back all that changes on a trail: nothing is made for what is not to change.
fn hold(work: &mut Work<'_>, controls: &BTreeSet<ControlId>, (name, home): (&str, &Region)) {
    let detail =
        format!("trail {name}: restrictive, `--max-risk restrictive` lets it in; {SHARED}");
    leave(work, controls, (name, home), &Obstacle::new(Why::HeldBack, detail));
}

fn leave(
    work: &mut Work<'_>,
    controls: &BTreeSet<ControlId>,
    (name, home): (&str, &Region),
    obstacle: &Obstacle,
) {
    for control in controls {
        // What 2.1 misses is a trail at all.
        let at = if *control == TRAIL { (TRAILS, None) } else { (name, Some(home)) };
        work.leave([*control], at, obstacle);
    }
}

/// CloudTrail takes no change of a trail that its bucket does not let in.
fn is_not_denied(work: &Work<'_>, named: Named<'_>) -> Result<(), Obstacle> {
    let trail = named.trail;
    let Ok(Bucket::Ours(own)) = work.case.snapshot.logging.bucket(&trail.bucket) else {
        return Ok(());
    };
    let Some(Some(policy)) = own.policy.ok() else { return Ok(()) };
    let prefix = trail.prefix.as_deref();
    delivering(work.account(), &trail.bucket, prefix, named.arn.as_str()).is_not_denied(policy)
}

/// What a trail does with its bucket.
pub(super) fn delivering<'a>(
    account: &'a Account,
    bucket: &'a BucketName,
    prefix: Option<&'a str>,
    trail: &'a str,
) -> Delivering<'a> {
    Delivering { account, bucket, prefix, service: Service::CloudTrail, source: trail }
}
