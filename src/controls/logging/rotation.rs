//! 2.8: customer-managed KMS keys rotate every year.

use crate::change::{Cost, Operation, Risk};
use crate::controls::regions::part_of_each;
use crate::controls::{
    Assess, Bundle, Case, Check, Control, Finding, Fix, Missing, NotPlanned, Outcome, Proposal,
    Remedy, Scope, Step, Wanted, Why,
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
    turn: 40,
    reads: &[],
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
        Outcome::Judged { findings, missing, pending: Vec::new(), notes }
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

fn propose(case: &Case<'_>, wanted: &Wanted<'_>, _: &Scope<'_>) -> Proposal {
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
    proposal.sorted()
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::model::{Action, MultiRegion, Observed, Settings, Snapshot, fixture};

    fn key(change: impl FnOnce(&mut KeyDetail)) -> Key {
        let mut detail = KeyDetail {
            description: String::new(),
            state: "Enabled".to_owned(),
            spec: "SYMMETRIC_DEFAULT".to_owned(),
            usage: "ENCRYPT_DECRYPT".to_owned(),
            origin: "AWS_KMS".to_owned(),
            custom_store: false,
            multi_region: None,
            rotation: Observed::Known(Rotation::Off),
        };
        change(&mut detail);
        Key { alias: None, detail: Observed::Known(detail) }
    }

    fn account(keys: Observed<BTreeMap<KeyId, Key>>) -> Snapshot {
        let mut snapshot = fixture::unread();
        snapshot.regional.get_mut(&fixture::region()).unwrap().keys = keys;
        snapshot
    }

    fn assess(snapshot: &Snapshot) -> Outcome {
        RotationOn.assess(&Case { snapshot, settings: &Settings::default() })
    }

    fn assess_one(key: Key) -> Outcome {
        assess(&account(Observed::Known(BTreeMap::from([(KeyId::new("k"), key)]))))
    }

    #[test]
    fn only_keys_that_can_rotate_have_to() {
        let exempt: [fn(&mut KeyDetail); 9] = [
            |key| key.spec = "RSA_2048".to_owned(),
            |key| key.spec = "HMAC_256".to_owned(),
            |key| key.usage = "SIGN_VERIFY".to_owned(),
            |key| key.origin = "EXTERNAL".to_owned(),
            |key| key.origin = "AWS_CLOUDHSM".to_owned(),
            |key| key.custom_store = true,
            |key| key.multi_region = Some(MultiRegion::Replica),
            |key| key.state = "PendingDeletion".to_owned(),
            |key| key.state = "PendingImport".to_owned(),
        ];
        for exempt in exempt {
            let outcome = assess_one(key(exempt));
            assert!(matches!(outcome, Outcome::NotApplicable { .. }), "{outcome:?}");
        }
        for due in [
            |_: &mut KeyDetail| {},
            |key: &mut KeyDetail| key.multi_region = Some(MultiRegion::Primary),
        ] {
            let Outcome::Judged { findings, .. } = assess_one(key(due)) else { panic!() };
            assert_eq!(findings.len(), 1);
        }
    }

    #[test]
    fn on_is_a_pass_and_slow_is_worth_a_note() {
        let rotating =
            |period_days| key(|key| key.rotation = Observed::Known(Rotation::On { period_days }));
        assert_eq!(assess_one(rotating(365)), Outcome::PASS);
        let Outcome::Judged { findings, missing, notes, .. } = assess_one(rotating(366)) else {
            panic!()
        };
        assert!(findings.is_empty() && missing.is_empty());
        assert_eq!(notes, ["k in eu-west-1 rotates, but only every 366 days"]);
    }

    #[test]
    fn one_unreadable_key_is_unknown_by_name() {
        let denied = Key {
            alias: None,
            detail: Observed::Denied { action: Action::new("kms:DescribeKey") },
        };
        let Outcome::Judged { findings, missing, .. } = assess_one(denied) else { panic!() };
        assert!(findings.is_empty());
        assert_eq!(missing[0].resource.as_deref(), Some("k"));
        let region = account(Observed::Denied { action: Action::new("kms:ListKeys") });
        let Outcome::Judged { missing, .. } = assess(&region) else { panic!() };
        assert_eq!((missing[0].resource.clone(), missing.len()), (None, 1));
    }

    #[test]
    fn a_disabled_key_is_found_and_left_alone() {
        let disabled = key(|key| key.state = "Disabled".to_owned());
        let snapshot = account(Observed::Known(BTreeMap::from([(KeyId::new("k"), disabled)])));
        let Outcome::Judged { findings, .. } = assess(&snapshot) else { panic!() };
        let case = Case { snapshot: &snapshot, settings: &Settings::default() };
        let proposal =
            propose(&case, &Wanted::from([(ID, findings.iter().collect())]), &Scope::whole());
        assert!(proposal.bundles.is_empty());
        assert_eq!(proposal.not_planned[0].why, Why::Unsupported);
    }
}
