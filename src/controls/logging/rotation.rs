//! 2.8: customer-managed KMS keys rotate every year.

use crate::change::{Cost, Operation, Risk};
use crate::controls::regions::part_of_each;
use crate::controls::{
    Assess, Bundle, Case, Check, Control, Finding, Fix, Missing, NotPlanned, Outcome, Proposal,
    Remedy, Step, Wanted, Why,
};
use crate::model::{ControlId, Gap, Key, KeyDetail, KeyId, Level, Read, Region, Rotation};

const ID: ControlId = ControlId::new(2, 8);

/// 2.8
pub(in crate::controls) static CONTROL: Control = Control {
    id: ID,
    level: Level::Two,
    scored: true,
    title: "Customer-managed KMS keys rotate every year",
    why: "Rotation bounds how much data one generation of key material protects.",
    assess: Assess::Automatic {
        reads: &[Read::Keys],
        context: &[Read::Aliases],
        check: &RotationOn,
    },
    remedy: Remedy::Automatic(&ROTATE),
};

static ROTATE: Fix = Fix {
    name: "key-rotation",
    changes: "kms:EnableKeyRotation for each enabled symmetric key whose material KMS made. Keys that \
              cannot rotate (asymmetric, HMAC, imported, custom key store) and replicas of \
              multi-region keys are left out.",
    breaks: "Nothing: old data stays readable, and the key keeps its id, ARN and aliases.",
    undo: "kms:DisableKeyRotation for the same keys.",
    propose,
};

#[derive(Debug)]
struct RotationOn;

impl Check for RotationOn {
    fn assess(&self, case: &Case<'_>) -> Outcome {
        let mut missing = Vec::new();
        let mut findings = Vec::new();
        let mut notes = Vec::new();
        let mut in_scope = 0_usize;
        for (region, keys) in part_of_each(case.snapshot, &mut missing, |regional| &regional.keys) {
            for (id, key) in keys {
                match rotation(key) {
                    Ok(None) => continue,
                    Ok(Some((detail, Rotation::Off))) => {
                        findings.push(finding(region, id, key, detail));
                    }
                    Ok(Some((_, Rotation::On { period_days }))) => {
                        notes.extend(slow(region, id, key, period_days));
                    }
                    Err(gap) => missing.push(Missing {
                        region: Some(region.clone()),
                        resource: Some(id.as_str().to_owned()),
                        gap,
                    }),
                }
                in_scope += 1;
            }
        }
        if in_scope == 0 && missing.is_empty() {
            let reason = "there is no customer-managed key that KMS could rotate".to_owned();
            return Outcome::NotApplicable { reason };
        }
        Outcome::Judged { findings, missing, notes }
    }
}

/// The rotation of a key that the control is about; `None` for all other keys.
fn rotation(key: &Key) -> Result<Option<(&KeyDetail, Rotation)>, Gap> {
    let detail = key.detail.known()?;
    let settled = matches!(detail.state.as_str(), "Enabled" | "Disabled");
    if !detail.can_rotate() || !settled {
        return Ok(None);
    }
    Ok(Some((detail, *detail.rotation.known()?)))
}

fn finding(region: &Region, id: &KeyId, key: &Key, detail: &KeyDetail) -> Finding {
    let state = if detail.state == "Disabled" { " (the key is disabled)" } else { "" };
    Finding {
        region: Some(region.clone()),
        resource: id.as_str().to_owned(),
        summary: match &key.alias {
            Some(alias) => format!("{alias} does not rotate{state}"),
            None => format!("does not rotate{state}"),
        },
    }
}

/// The benchmark says every year; KMS allows up to seven.
fn slow(region: &Region, id: &KeyId, key: &Key, period_days: u16) -> Option<String> {
    let name = key.alias.as_deref().unwrap_or(id.as_str());
    (period_days > Rotation::DEFAULT_PERIOD_DAYS)
        .then(|| format!("{name} in {region} rotates, but only every {period_days} days"))
}

fn propose(case: &Case<'_>, wanted: &Wanted<'_>) -> Proposal {
    let mut proposal = Proposal::default();
    for finding in wanted.values().flatten() {
        let id = KeyId::new(finding.resource.clone());
        let Some((region, key, detail)) = look_up(case, finding, &id) else { continue };
        if detail.state == "Disabled" {
            proposal.not_planned.push(NotPlanned {
                control: ID,
                resource: Some(finding.resource.clone()),
                region: finding.region.clone(),
                why: Why::Unsupported,
                detail: format!(
                    "{}: KMS does not change a disabled key; enable it, or schedule its deletion",
                    title(key)
                ),
            });
            continue;
        }
        let operation = Operation::EnableKeyRotation {
            region: region.clone(),
            key: id.clone(),
            period_days: Rotation::DEFAULT_PERIOD_DAYS,
        };
        let cost = Some(Cost {
            usd_per_month: 2.0,
            note: "1.00 more after each of the first two yearly rotations, then no more".to_owned(),
        });
        proposal.bundles.push(Bundle {
            controls: vec![ID],
            title: title(key),
            steps: vec![Step { operation, risk: Risk::Additive, impact: Vec::new(), cost }],
        });
    }
    proposal
}

fn title(key: &Key) -> String {
    key.alias.clone().unwrap_or_else(|| "KMS key".to_owned())
}

fn look_up<'a>(
    case: &Case<'a>,
    finding: &'a Finding,
    id: &KeyId,
) -> Option<(&'a Region, &'a Key, &'a KeyDetail)> {
    let region = finding.region.as_ref()?;
    let key = case.snapshot.regional.get(region)?.keys.ok()?.get(id)?;
    Some((region, key, key.detail.ok()?))
}
