//! Judges a snapshot: a verdict for every selected control, and the score.

mod central;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::baseline::waiver_for;
use crate::controls::{self, Assess, Case, Control, Finding, Missing, Outcome, Waiting};
use crate::model::{Central, ControlId, Region, Settings, Snapshot, Waiver};
use crate::report::Head;
pub use central::central;

/// The format of assessments that this version writes.
pub const ASSESSMENT_FORMAT: &str = "harden.assessment/1";

/// What an account is judged by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// The selected controls.
    pub controls: BTreeSet<ControlId>,
    /// The settings of the baseline.
    pub settings: Settings,
    /// The waivers of the baseline.
    pub waivers: Vec<Waiver>,
}

/// A verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// All is as it should be.
    Pass,
    /// Something is not.
    Fail,
    /// Only a person can tell.
    Manual,
    /// Something could not be read, so nobody can tell.
    Unknown,
    /// There is nothing the control asks for here.
    NotApplicable,
    /// Done, and waits for a person or a delivery.
    Pending,
    /// All that is wrong is accepted.
    Waived,
}

impl Verdict {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Manual => "manual",
            Self::Unknown => "unknown",
            Self::NotApplicable => "not applicable",
            Self::Pending => "pending",
            Self::Waived => "waived",
        }
    }
}

/// The verdicts over one account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assessment {
    /// [`ASSESSMENT_FORMAT`].
    pub format: String,
    /// Which account, when, by whom.
    #[serde(flatten)]
    pub head: Head,
    /// The count of verdicts.
    pub score: Score,
    /// One report for each selected control, in the order of the benchmark.
    pub controls: Vec<ControlReport>,
}

/// Counts of verdicts. The first four are about scored controls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Score {
    /// Scored controls that pass.
    pub passed: usize,
    /// Scored controls that fail.
    pub failed: usize,
    /// Scored controls that could not be judged.
    pub unknown: usize,
    /// Scored controls that are right but for what only time or a person brings.
    #[serde(default)]
    pub pending: usize,
    /// Scored controls that apply here: those that pass, fail, or are unknown or pending.
    pub scored: usize,
}

/// The verdict over one control.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlReport {
    /// Its number.
    pub id: ControlId,
    /// What it asks for.
    pub title: String,
    /// Its profile level, 1 or 2.
    pub level: u8,
    /// Whether it counts in the score.
    pub scored: bool,
    /// The verdict.
    pub verdict: Verdict,
    /// Why, where the verdict alone does not say it.
    pub reason: Option<String>,
    /// What a person should know, whatever the verdict.
    pub notes: Vec<String>,
    /// What makes it fail.
    pub findings: Vec<FindingReport>,
}

/// One resource that makes a control fail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingReport {
    /// The resource.
    pub resource: String,
    /// Where, unless account-wide.
    pub region: Option<Region>,
    /// What is wrong with it.
    pub summary: String,
    /// Why it is accepted, if it is.
    pub waived: Option<String>,
}

/// One control with what was found, for those who plan.
#[derive(Debug)]
pub struct Judged {
    /// The control.
    pub control: &'static Control,
    /// The verdict and all its words.
    pub report: ControlReport,
    /// Findings that nobody accepted.
    pub open: Vec<Finding>,
}

/// Judges every selected control.
pub fn judge(snapshot: &Snapshot, rules: &Rules) -> Vec<Judged> {
    judge_some(snapshot, rules, |_| true)
}

/// Judges those of the selected controls that somebody asks for.
pub fn judge_some(
    snapshot: &Snapshot,
    rules: &Rules,
    asked: impl Fn(&Control) -> bool,
) -> Vec<Judged> {
    let case = Case { snapshot, settings: &rules.settings };
    controls::all()
        .filter(|control| rules.controls.contains(&control.id) && asked(control))
        .map(|control| judge_one(control, &case, &rules.waivers))
        .collect()
}

/// Puts verdicts together to the answer of `harden assess`.
pub fn assessment(snapshot: &Snapshot, baseline: &str, judged: &[Judged]) -> Assessment {
    Assessment {
        format: ASSESSMENT_FORMAT.to_owned(),
        head: Head::of(snapshot, baseline),
        score: score(judged),
        controls: judged.iter().map(|judged| judged.report.clone()).collect(),
    }
}

/// Waivers that accept nothing that was found, though all that they could be about was read: what they
/// accepted is put right by now, or they name it wrongly.
pub fn unused_waivers<'a>(snapshot: &Snapshot, rules: &'a Rules) -> Vec<&'a Waiver> {
    let waived = |control: &Control| rules.waivers.iter().any(|one| one.control == control.id);
    let judged = judge_some(snapshot, rules, waived);
    let is_read = |waiver: &Waiver| match &waiver.region {
        Some(region) => snapshot.regional.keys().any(|read| read.as_str() == region),
        None => !snapshot.narrowed,
    };
    let accepts_nothing = |waiver: &&Waiver| {
        let control = judged.iter().find(|one| one.control.id == waiver.control);
        control.is_some_and(|one| {
            let found = &one.report.findings;
            is_whole(&one.report)
                && !found.iter().any(|finding| {
                    let region = finding.region.as_ref().map(Region::as_str);
                    waiver.covers(waiver.control, &finding.resource, region)
                })
        })
    };
    rules.waivers.iter().filter(|waiver| is_read(waiver)).filter(accepts_nothing).collect()
}

/// Whether nothing was left out because it could not be read, or because only a person can tell.
const fn is_whole(report: &ControlReport) -> bool {
    match report.verdict {
        // Where there is nothing yet to find, the waiver may be for what is made next.
        Verdict::Unknown | Verdict::Manual | Verdict::NotApplicable => false,
        // Beside findings the reason tells of what could not be read.
        Verdict::Fail => report.reason.is_none(),
        Verdict::Pass | Verdict::Pending | Verdict::Waived => true,
    }
}

/// Counts verdicts.
pub fn score(judged: &[Judged]) -> Score {
    let mut score = Score::default();
    for Judged { control, report, .. } in judged {
        if !control.scored {
            continue;
        }
        match report.verdict {
            Verdict::Pass => score.passed += 1,
            Verdict::Fail => score.failed += 1,
            Verdict::Unknown => score.unknown += 1,
            Verdict::Pending => score.pending += 1,
            Verdict::Manual | Verdict::NotApplicable | Verdict::Waived => continue,
        }
        score.scored += 1;
    }
    score
}

fn judge_one(control: &'static Control, case: &Case<'_>, waivers: &[Waiver]) -> Judged {
    let outcome = match control.assess {
        Assess::Automatic { check, .. } => check.assess(case),
        Assess::Manual { reason } => Outcome::manual(reason),
    };
    let (verdict, reason, notes, findings) = match outcome {
        Outcome::NotApplicable { reason } => {
            (Verdict::NotApplicable, Some(reason), Vec::new(), Vec::new())
        }
        Outcome::Inherited { from, notes } => {
            (Verdict::Pass, Some(format!("inherited from {from}")), notes, Vec::new())
        }
        Outcome::Manual { reason, notes } => (Verdict::Manual, Some(reason), notes, Vec::new()),
        Outcome::Judged { findings, missing, pending, notes } => {
            let findings = waive(control.id, findings, waivers, case.snapshot.central.as_ref());
            let verdict = verdict_of(&findings, &missing, &pending);
            let reasons: Vec<Reason<'_>> = if verdict == Verdict::Pending {
                pending.iter().map(of_waiting).collect()
            } else {
                missing.iter().map(of_missing).collect()
            };
            let reason = reason_of(&reasons);
            (verdict, reason, notes, findings)
        }
    };
    let open = findings.iter().filter(|(_, waived)| waived.is_none()).map(|(f, _)| f.clone());
    Judged {
        control,
        open: open.collect(),
        report: ControlReport {
            id: control.id,
            title: control.title.to_owned(),
            level: control.level.number(),
            scored: control.scored,
            verdict,
            reason,
            notes,
            findings: findings.into_iter().map(finding_report).collect(),
        },
    }
}

fn waive(
    control: ControlId,
    findings: Vec<Finding>,
    waivers: &[Waiver],
    central: Option<&Central>,
) -> Vec<(Finding, Option<String>)> {
    let here = |finding: &Finding| {
        let region = finding.region.as_ref().map(Region::as_str);
        let waiver = waiver_for(waivers, control, &finding.resource, region)?;
        Some(format!("{} ({}, until {})", waiver.reason, waiver.owner, waiver.expires))
    };
    // What is accepted of the organization's trail where it is owned is accepted in its members.
    let there = |finding: &Finding| {
        let central = central?;
        let accepted = central.accepts(control, &finding.resource, &finding.summary)?;
        Some(format!("in {}: {accepted}", central.account))
    };
    let accepted = |finding: &Finding| here(finding).or_else(|| there(finding));
    findings
        .into_iter()
        .map(|finding| {
            let waived = accepted(&finding);
            (finding, waived)
        })
        .collect()
}

/// A failure that is certain outweighs what could not be read; that outweighs what is yet to come, and
/// that in turn a waiver.
fn verdict_of(
    findings: &[(Finding, Option<String>)],
    missing: &[Missing],
    pending: &[Waiting],
) -> Verdict {
    if findings.iter().any(|(_, waived)| waived.is_none()) {
        Verdict::Fail
    } else if !missing.is_empty() {
        Verdict::Unknown
    } else if !pending.is_empty() {
        Verdict::Pending
    } else if findings.is_empty() {
        Verdict::Pass
    } else {
        Verdict::Waived
    }
}

/// A reason, and the place it holds for.
type Reason<'a> = (&'a str, Option<&'a str>, Option<&'a Region>);

fn of_missing(missing: &Missing) -> Reason<'_> {
    (&missing.gap.reason, missing.resource.as_deref(), missing.region.as_ref())
}

fn of_waiting(waiting: &Waiting) -> Reason<'_> {
    (&waiting.on, waiting.resource.as_deref(), waiting.region.as_ref())
}

/// Each reason once, with the places it holds for.
fn reason_of(all: &[Reason<'_>]) -> Option<String> {
    let reasons: BTreeSet<&str> = all.iter().map(|(reason, ..)| *reason).collect();
    let lines: Vec<String> = reasons
        .into_iter()
        .map(|reason| {
            let places: BTreeSet<String> = all
                .iter()
                .filter(|(other, ..)| *other == reason)
                .filter_map(|(_, resource, region)| match (resource, region) {
                    (Some(resource), Some(region)) => Some(format!("{resource} in {region}")),
                    (Some(resource), None) => Some((*resource).to_owned()),
                    (None, Some(region)) => Some(region.to_string()),
                    (None, None) => None,
                })
                .collect();
            if places.is_empty() {
                return reason.to_owned();
            }
            let shown: Vec<&str> = places.iter().take(5).map(String::as_str).collect();
            let more = match places.len().saturating_sub(shown.len()) {
                0 => String::new(),
                n => format!(" and {n} more"),
            };
            format!("{reason}: {}{more}", shown.join(", "))
        })
        .collect();
    (!lines.is_empty()).then(|| lines.join("; "))
}

fn finding_report((finding, waived): (Finding, Option<String>)) -> FindingReport {
    FindingReport {
        resource: finding.resource,
        region: finding.region,
        summary: finding.summary,
        waived,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Gap;

    #[test]
    fn fail_outweighs_unknown_outweighs_pending_outweighs_waived() {
        let finding = |waived: bool| {
            (Finding::of_account("trails", "bad"), waived.then(|| "accepted".to_owned()))
        };
        let gap = Gap { action: None, reason: "not read".to_owned() };
        let missing = [Missing { region: None, resource: None, gap }];
        let on = "waits for the first delivery".to_owned();
        let pending = [Waiting { region: None, resource: Some("main".to_owned()), on }];
        let table = [
            (vec![finding(false)], &missing[..], &pending[..], Verdict::Fail),
            (vec![finding(true)], &missing[..], &pending[..], Verdict::Unknown),
            (vec![finding(true)], &[], &pending[..], Verdict::Pending),
            (vec![finding(true)], &[], &[], Verdict::Waived),
            (vec![], &[], &pending[..], Verdict::Pending),
            (vec![], &[], &[], Verdict::Pass),
        ];
        for (findings, missing, pending, expected) in table {
            assert_eq!(verdict_of(&findings, missing, pending), expected);
        }
    }

    #[test]
    fn what_was_not_read_in_full_may_need_its_waiver() {
        let report = |verdict, reason: Option<&str>| ControlReport {
            id: ControlId::new(4, 1),
            title: String::new(),
            level: 1,
            scored: true,
            verdict,
            reason: reason.map(str::to_owned),
            notes: Vec::new(),
            findings: Vec::new(),
        };
        for (verdict, reason, whole) in [
            (Verdict::Pass, None, true),
            (Verdict::NotApplicable, Some("none"), false),
            (Verdict::Pending, Some("waits"), true),
            (Verdict::Waived, None, true),
            (Verdict::Fail, None, true),
            (Verdict::Fail, Some("denied"), false),
            (Verdict::Unknown, Some("denied"), false),
            (Verdict::Manual, Some("a person"), false),
        ] {
            assert_eq!(is_whole(&report(verdict, reason)), whole, "{verdict:?} {reason:?}");
        }
    }

    #[test]
    fn a_reason_is_said_once_with_its_places() {
        let region = Region::new("eu-west-1");
        let reasons = [
            ("denied", Some("b"), Some(&region)),
            ("denied", Some("a"), None),
            ("broken", None, None),
        ];
        assert_eq!(reason_of(&reasons).as_deref(), Some("broken; denied: a, b in eu-west-1"));
        assert_eq!(reason_of(&[]), None);
    }
}
