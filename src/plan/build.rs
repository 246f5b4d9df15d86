//! From verdicts to an ordered list of simulated changes.

use super::changes::Changes;
use super::{Digest, Leftover, Origin, PLAN_FORMAT, Plan, Scores};
use crate::assess::{Judged, Rules, Verdict, judge, judge_some, score};
use crate::change::{Misfit, Risk, Tags};
use crate::controls::{
    Assess, Bundle, Case, Control, Finding, Fix, NotPlanned, Proposal, Remedy, Scope, Wanted, Why,
};
use crate::model::{ControlId, Snapshot};
use crate::report::Head;

/// A remedy proposed something that does not fit the snapshot it was made from: a fault of harden.
#[derive(Debug, thiserror::Error)]
#[error("a remedy does not fit the account as it was read")]
pub struct PlanError(#[from] Misfit);

/// Plans everything that the rules ask for and `max_risk` lets in.
///
/// Takes the snapshot for itself, for it is simulated on: each fix plans on what those before it make of
/// the account.
pub fn build(
    snapshot: Snapshot,
    baseline: &str,
    rules: &Rules,
    max_risk: Risk,
) -> Result<Plan, PlanError> {
    resume(snapshot, baseline, rules, max_risk, Vec::new())
}

/// The same, and what earlier runs have left undone.
pub fn resume(
    snapshot: Snapshot,
    baseline: &str,
    rules: &Rules,
    max_risk: Risk,
    left: Vec<Leftover>,
) -> Result<Plan, PlanError> {
    let judged = judge(&snapshot, rules);
    let before = score(&judged);
    let mut not_planned: Vec<NotPlanned> = judged.iter().flat_map(left_alone).collect();
    let fixes = fixes(&judged);
    drop(judged);
    let head = Head::of(&snapshot, baseline);
    let tags = tags(&head);
    let (selected, waivers) = (&rules.controls, &rules.waivers);
    let scope = Scope { selected, max_risk, tags: &tags, waivers };
    let mut simulated = snapshot;
    let mut changes = Changes::default();
    for fix in fixes {
        let proposal = proposed(fix, &simulated, rules, &scope);
        not_planned.extend(proposal.not_planned);
        for bundle in proposal.bundles {
            match held_back(&bundle, max_risk) {
                None => changes.carry_out(bundle, &mut simulated)?,
                Some(entries) => not_planned.extend(entries),
            }
        }
    }
    for one in left {
        let Some(bundle) = one.due(rules, &changes.list, &simulated) else { continue };
        match held_back(&bundle, max_risk) {
            None => changes.carry_out(bundle, &mut simulated)?,
            Some(entries) => not_planned.extend(entries),
        }
    }
    tidy(&mut not_planned);
    let after = score(&judge(&simulated, rules));
    Ok(Plan {
        format: PLAN_FORMAT.to_owned(),
        expires_at: expiry(head.taken_at, rules.settings.plan.valid_hours),
        head,
        digest: Digest::unset(),
        origin: Origin::Baseline(Box::new(rules.clone())),
        score: Some(Scores { before, after }),
        changes: changes.list,
        not_planned,
    }
    .sealed())
}

/// The fixes of all that fails, each once, in their order.
fn fixes(judged: &[Judged]) -> Vec<&'static Fix> {
    let mut fixes: Vec<&'static Fix> = Vec::new();
    for one in judged.iter().filter(|one| !one.open.is_empty()) {
        let Some(fix) = one.control.remedy.fix() else { continue };
        if !fixes.iter().any(|other| other.name == fix.name) {
            fixes.push(fix);
        }
    }
    fixes.sort_by_key(|fix| fix.turn);
    fixes
}

/// What a fix proposes for the controls that still fail when it is its turn: those that share it are put
/// right together.
fn proposed(fix: &'static Fix, on: &Snapshot, rules: &Rules, scope: &Scope<'_>) -> Proposal {
    let is_of_fix =
        |control: &Control| control.remedy.fix().is_some_and(|other| other.name == fix.name);
    let judged = judge_some(on, rules, is_of_fix);
    let failing = judged.iter().filter(|one| !one.open.is_empty());
    let wanted: Wanted<'_> =
        failing.map(|one| (one.control.id, one.open.iter().collect())).collect();
    if wanted.is_empty() {
        return Proposal::default();
    }
    (fix.propose)(&Case { snapshot: on, settings: &rules.settings }, &wanted, scope)
}

/// What everything newly made is marked with. AWS takes few characters in tags.
fn tags(head: &Head) -> Tags {
    let allowed = |c: char| c.is_ascii_alphanumeric() || " +-=._:/@".contains(c);
    let tagged = |text: &str| -> String {
        text.chars().map(|c| if allowed(c) { c } else { '_' }).take(256).collect()
    };
    [("harden:baseline", &head.baseline), ("harden:version", &head.harden)]
        .into_iter()
        .map(|(key, value)| (key.to_owned(), tagged(value)))
        .collect()
}

/// The time after which a plan is refused.
pub(super) fn expiry(from: jiff::Timestamp, hours: u16) -> jiff::Timestamp {
    let validity = jiff::SignedDuration::from_hours(hours.into());
    from.checked_add(validity).unwrap_or(jiff::Timestamp::MAX)
}

/// As a person reads: by control, by kind of reason, by place, by name; and nothing twice.
pub(super) fn tidy(not_planned: &mut Vec<NotPlanned>) {
    not_planned.sort_by(|a, b| {
        let key = |e: &NotPlanned| (e.control, e.why, e.region.clone(), e.detail.clone());
        key(a).cmp(&key(b)).then_with(|| a.resource.cmp(&b.resource))
    });
    not_planned.dedup();
}

/// What no fix is asked about: manual, unreadable and accepted things.
fn left_alone(judged: &Judged) -> Vec<NotPlanned> {
    let control = judged.control;
    let about_control = |why, detail: &str| NotPlanned {
        control: control.id,
        resource: None,
        region: None,
        why,
        detail: detail.to_owned(),
    };
    let mut left = Vec::new();
    let reason = judged.report.reason.as_deref();
    match (judged.report.verdict, reason) {
        (Verdict::Manual, _) => {
            let detail = match (&control.assess, &control.remedy) {
                (Assess::Manual { .. }, Remedy::Manual(instruction)) => instruction,
                _ => reason.unwrap_or_default(),
            };
            left.push(about_control(Why::Manual, detail));
        }
        (Verdict::Fail | Verdict::Unknown | Verdict::Waived, Some(reason)) => {
            left.push(about_control(Why::Unknown, reason));
        }
        _ => {}
    }
    // What passes may still want a person: two trails that record the same, for one.
    if let (Remedy::Automatic(_), Verdict::Pass | Verdict::Pending) =
        (&control.remedy, judged.report.verdict)
    {
        left.extend(judged.report.notes.iter().map(|note| about_control(Why::Manual, note)));
    }
    let about_finding = |finding: &Finding, why, detail| NotPlanned {
        control: control.id,
        resource: Some(finding.resource.clone()),
        region: finding.region.clone(),
        why,
        detail,
    };
    match control.remedy {
        Remedy::Automatic(_) | Remedy::Partly(..) => {}
        Remedy::Manual(instruction) => left.extend(judged.open.iter().map(|finding| {
            about_finding(finding, Why::Manual, format!("{}. {instruction}", finding.summary))
        })),
    }
    left.extend(judged.report.findings.iter().filter_map(|finding| {
        Some(NotPlanned {
            control: control.id,
            resource: Some(finding.resource.clone()),
            region: finding.region.clone(),
            why: Why::Waived,
            detail: match (&finding.region, finding.waived.clone()?) {
                (Some(_), waived) => waived,
                (None, waived) => format!("{}: {waived}", finding.resource),
            },
        })
    }));
    left
}

/// A bundle is as risky as its riskiest step, and comes whole or not at all.
fn held_back(bundle: &Bundle, max_risk: Risk) -> Option<Vec<NotPlanned>> {
    let riskiest = bundle.steps.iter().max_by_key(|step| step.risk)?;
    let risk = riskiest.risk;
    if risk <= max_risk {
        return None;
    }
    let mut detail = format!("{}: {risk}, `--max-risk {risk}` lets it in", bundle.title);
    for line in &riskiest.impact {
        detail.push_str("; ");
        detail.push_str(line);
    }
    let target = riskiest.operation.target();
    let held = |control: &ControlId| NotPlanned {
        control: *control,
        resource: Some(target.resource().to_owned()),
        region: target.region().cloned(),
        why: Why::HeldBack,
        detail: detail.clone(),
    };
    Some(bundle.controls.iter().map(held).collect())
}
