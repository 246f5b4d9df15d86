//! What the parts of the fix share.

use crate::change::{Cost, Operation, Risk};
use crate::controls::monitoring::Alarm;
use crate::controls::monitoring::chain::{End, Place};
use crate::controls::obstacle::Obstacle;
use crate::controls::{Bundle, Case, NotPlanned, Proposal, Scope, Step, Wanted, Why};
use crate::model::{ControlId, Region, Regional};

/// A fix in the making.
pub(super) struct Work<'a> {
    pub(super) case: &'a Case<'a>,
    pub(super) wanted: &'a Wanted<'a>,
    pub(super) scope: &'a Scope<'a>,
    pub(super) proposal: Proposal,
}

impl<'a> Work<'a> {
    pub(super) fn new(case: &'a Case<'a>, wanted: &'a Wanted<'a>, scope: &'a Scope<'a>) -> Self {
        Self { case, wanted, scope, proposal: Proposal::default() }
    }

    pub(super) fn regional(&self, region: &Region) -> Result<&'a Regional, Obstacle> {
        self.case.snapshot.regional.get(region).ok_or_else(|| {
            let detail = format!("region {region} is not among those that were read");
            Obstacle::new(Why::Unknown, detail)
        })
    }

    /// Leaves what is found of a control as it is.
    pub(super) fn leave(&mut self, alarm: &Alarm, obstacle: &Obstacle) {
        let findings = self.wanted.get(&alarm.id()).into_iter().flatten();
        self.proposal.not_planned.extend(findings.map(|finding| NotPlanned {
            control: alarm.id(),
            resource: Some(finding.resource.clone()),
            region: finding.region.clone(),
            why: obstacle.why,
            detail: obstacle.detail.clone(),
        }));
    }

    pub(super) fn leave_all(&mut self, alarms: &[(&Alarm, Place)], obstacle: &Obstacle) {
        for (alarm, _) in alarms {
            self.leave(alarm, obstacle);
        }
    }

    /// Says that nobody is subscribed and that the baseline names nobody.
    pub(super) fn untold(&mut self, controls: Vec<ControlId>, region: &Region, topic: &str) {
        let detail = "nobody is told of these alarms: name somebody with `--notify email:ADDRESS`, or in \
                      `monitoring.notify` of a baseline";
        self.proposal.not_planned.extend(controls.into_iter().map(|control| NotPlanned {
            control,
            resource: Some(topic.to_owned()),
            region: Some(region.clone()),
            why: Why::NeedsSetting,
            detail: detail.to_owned(),
        }));
    }

    pub(super) fn bundle(&mut self, bundle: Bundle) {
        if !bundle.steps.is_empty() {
            self.proposal.bundles.push(bundle);
        }
    }
}

/// A step that nothing running notices.
pub(super) fn additive(operation: Operation, impact: Vec<String>, cost: Option<Cost>) -> Step {
    Step { operation, risk: Risk::Additive, impact, cost }
}

/// What stands where a log group should.
pub(super) fn instead(what: &str, end: &End) -> Obstacle {
    match end {
        End::Broken(broken) => Obstacle::new(Why::Unsupported, broken.finding.summary.clone()),
        End::Dark(missing) => match missing.first() {
            Some(missing) => Obstacle::unread(what, &missing.gap),
            None => Obstacle::new(Why::Unknown, format!("{what} could not be read")),
        },
        End::Theirs(finding) => Obstacle::new(Why::Shared, finding.summary.clone()),
        End::Whole { .. } | End::Inherited(_) | End::Waits(_) => Obstacle::new(Why::Unknown, what),
    }
}
