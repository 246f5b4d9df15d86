//! From verdicts to an ordered list of simulated changes.

use std::collections::BTreeSet;

use super::digest::sha256;
use super::{Digest, Origin, PLAN_FORMAT, Plan, Scores};
use crate::assess::{Judged, NOT_ASSESSED, Rules, Verdict, judge, score};
use crate::change::{Change, ChangeId, Misfit, Operation, Risk};
use crate::controls::{
    Assess, Bundle, Case, Finding, Fix, NotPlanned, Proposal, Remedy, Step, Wanted, Why,
};
use crate::model::{ControlId, Snapshot};
use crate::report::Head;

/// A remedy proposed something that does not fit the snapshot it was made from: a fault of harden.
#[derive(Debug, thiserror::Error)]
#[error("a remedy does not fit the account as it was read")]
pub struct PlanError(#[from] Misfit);

/// Plans everything that the rules ask for and `max_risk` lets in.
///
/// Takes the snapshot for itself, for it is simulated on: a large account is held in memory only once.
pub fn build(
    snapshot: Snapshot,
    baseline: &str,
    rules: &Rules,
    max_risk: Risk,
) -> Result<Plan, PlanError> {
    let judged = judge(&snapshot, rules);
    let case = Case { snapshot: &snapshot, settings: &rules.settings };
    let mut not_planned: Vec<NotPlanned> = judged.iter().flat_map(left_alone).collect();
    let mut bundles = Vec::new();
    for (fix, wanted) in by_fix(&judged) {
        let Proposal { bundles: proposed, not_planned: refused } = (fix.propose)(&case, &wanted);
        not_planned.extend(refused);
        for bundle in proposed {
            match held_back(&bundle, max_risk) {
                None => bundles.push(bundle),
                Some(held) => not_planned.extend(held),
            }
        }
    }
    bundles.sort_by_key(order);
    let before = score(&judged);
    drop(judged);
    let head = Head::of(&snapshot, baseline);
    let mut simulated = snapshot;
    let mut changes = Vec::new();
    for bundle in bundles {
        changes.extend(carry_out(bundle, &mut simulated)?);
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
        changes,
        not_planned,
    }
    .sealed())
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

/// Failing controls that share a fix are put right together.
fn by_fix(judged: &[Judged]) -> Vec<(&'static Fix, Wanted<'_>)> {
    let mut fixes: Vec<(&'static Fix, Wanted<'_>)> = Vec::new();
    for one in judged.iter().filter(|one| !one.open.is_empty()) {
        let Remedy::Automatic(fix) = one.control.remedy else { continue };
        let findings = one.open.iter().collect();
        match fixes.iter_mut().find(|(other, _)| other.name == fix.name) {
            Some((_, wanted)) => {
                wanted.insert(one.control.id, findings);
            }
            None => fixes.push((fix, Wanted::from([(one.control.id, findings)]))),
        }
    }
    fixes
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
                (Assess::NotInThisVersion, _) => NOT_ASSESSED,
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
    let about_finding = |finding: &Finding, why, detail| NotPlanned {
        control: control.id,
        resource: Some(finding.resource.clone()),
        region: finding.region.clone(),
        why,
        detail,
    };
    match control.remedy {
        Remedy::Automatic(_) => {}
        Remedy::Manual(instruction) => left.extend(judged.open.iter().map(|finding| {
            about_finding(finding, Why::Manual, format!("{}. {instruction}", finding.summary))
        })),
        Remedy::NotInThisVersion => left.extend(judged.open.iter().map(|finding| {
            let detail = format!("{}; this version does not put it right", finding.summary);
            about_finding(finding, Why::Unsupported, detail)
        })),
    }
    left.extend(judged.report.findings.iter().filter_map(|finding| {
        Some(NotPlanned {
            control: control.id,
            resource: Some(finding.resource.clone()),
            region: finding.region.clone(),
            why: Why::Waived,
            detail: finding.waived.clone()?,
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

/// What adds comes first, what cuts off comes last; then by place, so that plans are stable.
fn order(bundle: &Bundle) -> (u8, Option<String>, String, String) {
    let last = bundle.steps.last().map(|step| &step.operation);
    let target = last.map(Operation::target);
    (
        last.map_or(0, Operation::rank),
        target.as_ref().and_then(|t| t.region()).map(ToString::to_string),
        bundle.title.clone(),
        target.map(|t| t.resource().to_owned()).unwrap_or_default(),
    )
}

fn carry_out(bundle: Bundle, on: &mut Snapshot) -> Result<Vec<Change>, Misfit> {
    let Bundle { controls, title, steps } = bundle;
    let controls: BTreeSet<ControlId> = controls.into_iter().collect();
    let mut changes: Vec<Change> = Vec::new();
    for Step { operation, risk, impact, cost } in steps {
        let before = operation.document(on)?;
        let undo = operation.simulate(on)?;
        let after = operation.document(on)?;
        let target = operation.target();
        changes.push(Change {
            id: change_id(&operation),
            controls: controls.clone(),
            region: target.region().cloned(),
            resource: target.resource().to_owned(),
            title: title.clone(),
            risk,
            before,
            after,
            undo,
            requires: changes.iter().map(|earlier| earlier.id.clone()).collect(),
            impact,
            cost,
            operation,
        });
    }
    Ok(changes)
}

/// From operation and target; where one target can have several operations of a kind, from what they
/// say as well.
pub(super) fn change_id(operation: &Operation) -> ChangeId {
    let target = operation.target();
    let mut parts = vec![operation.name().to_owned()];
    parts.extend(target.region().map(ToString::to_string));
    parts.push(target.resource().to_owned());
    if let Operation::AuthorizeSecurityGroupIngress { rules, .. }
    | Operation::RevokeSecurityGroupIngress { rules, .. } = operation
    {
        let said = serde_json::to_string(rules).unwrap_or_default();
        parts.push(sha256(said.as_bytes()).chars().take(8).collect());
    }
    ChangeId::new(parts.join("/"))
}
