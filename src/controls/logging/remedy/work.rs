//! What the parts of the remedy share: the case, what is proposed so far, and what it makes of policies.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::change::{Cost, Operation, Risk};
use crate::controls::obstacle::{Obstacle, not_a_policy, takes};
use crate::controls::{Bundle, Case, Finding, NotPlanned, Proposal, Scope, Step, Wanted, Why};
use crate::model::{
    Account, Bucket, BucketName, ControlId, OwnBucket, PolicyText, Region, Regional,
};

pub(super) const TRAIL: ControlId = ControlId::new(2, 1);
pub(super) const SIGNED: ControlId = ControlId::new(2, 2);
pub(super) const CLOSED: ControlId = ControlId::new(2, 3);
pub(super) const DELIVERS: ControlId = ControlId::new(2, 4);
pub(super) const LOGGED: ControlId = ControlId::new(2, 6);
pub(super) const ENCRYPTED: ControlId = ControlId::new(2, 7);

/// A remedy in the making.
pub(super) struct Work<'a> {
    pub(super) case: &'a Case<'a>,
    pub(super) wanted: &'a Wanted<'a>,
    pub(super) scope: &'a Scope<'a>,
    pub(super) proposal: Proposal,
    /// The policies of buckets as they will be by what is proposed.
    policies: BTreeMap<BucketName, Option<PolicyText>>,
    /// The buckets that will be made, and where.
    made: BTreeMap<BucketName, Region>,
}

/// A bucket of the account, there or to be made.
#[derive(Clone, Debug)]
pub(super) enum Place<'a> {
    There(&'a OwnBucket),
    ToMake(Region),
}

impl Place<'_> {
    pub(super) const fn region(&self) -> &Region {
        match self {
            Self::There(bucket) => &bucket.region,
            Self::ToMake(region) => region,
        }
    }
}

impl<'a> Work<'a> {
    pub(super) fn new(case: &'a Case<'a>, wanted: &'a Wanted<'a>, scope: &'a Scope<'a>) -> Self {
        Self {
            case,
            wanted,
            scope,
            proposal: Proposal::default(),
            policies: BTreeMap::new(),
            made: BTreeMap::new(),
        }
    }

    pub(super) fn account(&self) -> &'a Account {
        &self.case.snapshot.account
    }

    pub(super) fn regional(&self, region: &Region) -> Result<&'a Regional, Obstacle> {
        self.case.snapshot.regional.get(region).ok_or_else(|| {
            Obstacle::new(
                Why::Unknown,
                format!("region {region} is not among those that were read"),
            )
        })
    }

    /// Whether a control fails for this resource.
    pub(super) fn wants(&self, control: ControlId, resource: &str, region: &Region) -> bool {
        self.about(control, resource)
            .any(|finding| finding.region.as_ref().is_none_or(|at| at == region))
    }

    /// The controls among these that fail for this resource, wherever it is.
    pub(super) fn failing<const N: usize>(
        &self,
        controls: [ControlId; N],
        resource: &str,
    ) -> BTreeSet<ControlId> {
        let fails = |control: &ControlId| self.about(*control, resource).next().is_some();
        controls.into_iter().filter(fails).collect()
    }

    fn about(&self, control: ControlId, resource: &str) -> impl Iterator<Item = &'a Finding> {
        let findings = self.wanted.get(&control).into_iter().flatten().copied();
        findings.filter(move |finding| finding.resource == resource)
    }

    /// Leaves what is found of a resource, in the region where it is found.
    pub(super) fn leave_found(
        &mut self,
        controls: &BTreeSet<ControlId>,
        resource: &str,
        obstacle: &Obstacle,
    ) {
        for control in controls {
            let findings: Vec<&Finding> = self.about(*control, resource).collect();
            for finding in findings {
                self.leave([*control], (resource, finding.region.as_ref()), obstacle);
            }
        }
    }

    pub(super) fn leave(
        &mut self,
        controls: impl IntoIterator<Item = ControlId>,
        (resource, region): (&str, Option<&Region>),
        obstacle: &Obstacle,
    ) {
        for control in controls {
            self.proposal.not_planned.push(NotPlanned {
                control,
                resource: Some(resource.to_owned()),
                region: region.cloned(),
                why: obstacle.why,
                detail: obstacle.detail.clone(),
            });
        }
    }

    pub(super) fn bundle(
        &mut self,
        controls: &BTreeSet<ControlId>,
        title: String,
        steps: Vec<Step>,
    ) {
        if !steps.is_empty() {
            let controls = controls.iter().copied().collect();
            self.proposal.bundles.push(Bundle { controls, title, steps });
        }
    }

    /// Where a bucket will be made, if it will.
    pub(super) fn made(&self, name: &BucketName) -> Option<&Region> {
        self.made.get(name)
    }

    /// A bucket that a setting names, if it is ours to set up.
    pub(super) fn place(
        &self,
        name: &BucketName,
        near: &Region,
        setting: &str,
    ) -> Result<Place<'a>, Obstacle> {
        if let Some(region) = self.made.get(name) {
            return Ok(Place::ToMake(region.clone()));
        }
        match self.case.snapshot.logging.bucket(name) {
            Ok(Bucket::Ours(bucket)) => Ok(Place::There(bucket)),
            Ok(Bucket::Absent) => Ok(Place::ToMake(near.clone())),
            Ok(Bucket::Foreign { .. }) => {
                let detail = format!(
                    "bucket {name} belongs to another account: name another in `{setting}`"
                );
                Err(Obstacle::new(Why::Shared, detail))
            }
            Err(gap) => Err(Obstacle::unread(&format!("bucket {name}"), &gap)),
        }
    }

    /// The steps after which a bucket is there and its policy has these statements.
    pub(super) fn prepare(
        &mut self,
        name: &BucketName,
        place: &Place<'_>,
        statements: impl FnOnce(Option<&PolicyText>) -> Vec<Value>,
        cost: Option<Cost>,
    ) -> Result<Vec<Step>, Obstacle> {
        let before = self.policy(name, place)?;
        let wanted = statements(before.as_ref());
        let whose = format!("bucket {name}");
        let after = merged(before.as_ref(), &wanted, &whose)?;
        let mut steps = Vec::new();
        let region = place.region().clone();
        if let Place::ToMake(_) = place
            && self.made.insert(name.clone(), region.clone()).is_none()
        {
            let (bucket, tags) = (name.clone(), self.scope.tags.clone());
            let operation = Operation::CreateBucket { region: region.clone(), bucket, tags };
            steps.push(additive(operation, cost));
        }
        if let Some(after) = after {
            steps.push(self.put_policy(name, &region, Some(after), Risk::Additive, Vec::new()));
        }
        Ok(steps)
    }

    /// What would come of it, without planning it.
    pub(super) fn try_out<T>(&mut self, plan: impl FnOnce(&mut Self) -> T) -> T {
        let policies = self.policies.clone();
        let result = plan(self);
        self.policies = policies;
        result
    }

    /// The step that gives a bucket this policy, or none.
    pub(super) fn put_policy(
        &mut self,
        name: &BucketName,
        region: &Region,
        policy: Option<PolicyText>,
        risk: Risk,
        impact: Vec<String>,
    ) -> Step {
        self.policies.insert(name.clone(), policy.clone());
        let (region, bucket) = (region.clone(), name.clone());
        let operation = match policy {
            Some(policy) => Operation::PutBucketPolicy { region, bucket, policy },
            None => Operation::DeleteBucketPolicy { region, bucket },
        };
        Step { operation, risk, impact, cost: None }
    }

    /// The policy of a bucket as it will be by what is proposed so far.
    pub(super) fn policy(
        &self,
        name: &BucketName,
        place: &Place<'_>,
    ) -> Result<Option<PolicyText>, Obstacle> {
        match (self.policies.get(name), place) {
            (Some(planned), _) => Ok(planned.clone()),
            (None, Place::ToMake(_)) => Ok(None),
            (None, Place::There(bucket)) => bucket
                .policy
                .known()
                .cloned()
                .map_err(|gap| Obstacle::unread(&format!("the policy of bucket {name}"), &gap)),
        }
    }
}

/// A policy with these statements; `None` if it has them.
pub(super) fn merged(
    policy: Option<&PolicyText>,
    wanted: &[Value],
    whose: &str,
) -> Result<Option<PolicyText>, Obstacle> {
    match policy {
        None => Ok(Some(PolicyText::of(wanted))),
        Some(policy) if policy.has(wanted) => Ok(None),
        Some(policy) => {
            let merged = policy.with(wanted).ok_or_else(|| not_a_policy(whose))?;
            takes(&merged, whose)?;
            Ok(Some(merged))
        }
    }
}

/// A step that nothing running notices.
pub(super) fn additive(operation: Operation, cost: Option<Cost>) -> Step {
    Step { operation, risk: Risk::Additive, impact: Vec::new(), cost }
}

/// An estimate.
#[expect(clippy::unnecessary_wraps, reason = "a step has a cost or none")]
pub(super) fn about(usd_per_month: f64, note: &str) -> Option<Cost> {
    Some(Cost { usd_per_month, note: note.to_owned() })
}

/// Several estimates as one.
pub(super) fn sum(costs: &[Cost]) -> Option<Cost> {
    let notes: Vec<&str> = costs.iter().map(|cost| cost.note.as_str()).collect();
    let usd_per_month = costs.iter().map(|cost| cost.usd_per_month).sum();
    (!costs.is_empty()).then(|| Cost { usd_per_month, note: notes.join("; ") })
}
