//! What the account that owns an organization's trails passes on to its members.

use std::collections::{BTreeMap, BTreeSet};

use super::{ControlReport, Judged, Rules, Verdict, judge};
use crate::controls::{self, Inherits};
use crate::model::{Central, CentralVerdict, ControlId, Observed, Snapshot, TrailArn};

/// The most findings that are told of one trail.
const MOST_FINDINGS: usize = 3;

/// Judges each trail that the account owns of its organization, by itself and with what it fills, for its
/// members.
///
/// Whether a control is among the selected does not matter: members may be held to another selection. What was
/// not read for want of being selected is unknown.
pub fn central(owner: &Snapshot, rules: &Rules) -> Central {
    let judged_there = |control: &&controls::Control| control.inherits() == Some(Inherits::Judged);
    let controls: BTreeSet<ControlId> =
        controls::all().filter(judged_there).map(|control| control.id).collect();
    let rules = Rules { controls, ..rules.clone() };
    let seen: BTreeSet<&TrailArn> =
        owner.regional.values().filter_map(|regional| regional.trails.ok()).flatten().collect();
    let trails = owner.logging.trails.iter().filter(|(arn, trail)| {
        trail.organization && trail.owner == owner.account.id && seen.contains(arn)
    });
    let mut alone = owner.clone();
    alone.central = None;
    let verdicts = trails.map(|(arn, trail)| {
        alone.logging.trails = BTreeMap::from([(arn.clone(), trail.clone())]);
        // Which others there may be, where nobody could look, is nothing to this one.
        alone.regions = Observed::Known(alone.regional.keys().cloned().collect());
        for regional in alone.regional.values_mut() {
            regional.trails = Observed::Known(BTreeSet::from([arn.clone()]));
        }
        (arn.clone(), judge(&alone, &rules).iter().map(verdict).collect())
    });
    Central { account: owner.account.id.clone(), trails: verdicts.collect() }
}

fn verdict(judged: &Judged) -> (ControlId, CentralVerdict) {
    let report = &judged.report;
    let reason = || report.reason.clone().unwrap_or_default();
    let verdict = match report.verdict {
        Verdict::Pass => CentralVerdict::Pass,
        Verdict::Pending => CentralVerdict::Pending { on: reason() },
        Verdict::Fail => CentralVerdict::Fail { reason: found(report) },
        Verdict::Waived => {
            CentralVerdict::Waived { reason: found(report), accepted: accepted(report) }
        }
        // There is a trail to judge, and a way to judge it: neither of the last two comes of that.
        Verdict::Unknown | Verdict::NotApplicable | Verdict::Manual => {
            CentralVerdict::Unknown { reason: reason() }
        }
    };
    (judged.control.id, verdict)
}

/// What is wrong there; where something is not accepted, only that.
fn found(report: &ControlReport) -> String {
    let every = report.verdict == Verdict::Waived;
    let findings = report.findings.iter().filter(|one| every || one.waived.is_none());
    let mut told: Vec<String> = findings
        .map(|one| match &one.region {
            Some(region) => format!("{} in {region}: {}", one.resource, one.summary),
            None => format!("{}: {}", one.resource, one.summary),
        })
        .collect();
    if let Some(more) = told.len().checked_sub(MOST_FINDINGS).filter(|more| *more > 0) {
        told.truncate(MOST_FINDINGS);
        told.push(format!("and {more} more"));
    }
    told.join("; ")
}

fn accepted(report: &ControlReport) -> String {
    let waived: BTreeSet<&str> =
        report.findings.iter().filter_map(|one| one.waived.as_deref()).collect();
    waived.into_iter().collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assess::FindingReport;
    use crate::model::Region;

    fn report(verdict: Verdict, waived: &[Option<&str>]) -> ControlReport {
        let finding = |(number, waived): (usize, Option<&str>)| FindingReport {
            resource: format!("f{number}"),
            region: (number == 0).then(|| Region::new("eu-west-1")),
            summary: "is bad".to_owned(),
            waived: waived.map(ToOwned::to_owned),
        };
        ControlReport {
            id: ControlId::new(2, 3),
            title: String::new(),
            level: 1,
            scored: true,
            verdict,
            reason: None,
            notes: Vec::new(),
            findings: waived.iter().copied().enumerate().map(finding).collect(),
        }
    }

    #[test]
    fn what_is_wrong_is_told_in_few_words() {
        let two = report(Verdict::Fail, &[None, Some("fine"), None]);
        assert_eq!(found(&two), "f0 in eu-west-1: is bad; f2: is bad");
        let many = report(Verdict::Fail, &[None; 5]);
        assert!(found(&many).ends_with("f2: is bad; and 2 more"));
        let accepted_all = report(Verdict::Waived, &[Some("b"), Some("a"), Some("b")]);
        assert_eq!(found(&accepted_all).matches("is bad").count(), 3);
        assert_eq!(accepted(&accepted_all), "a; b");
    }
}
