//! What the owner of an organization's trail says of it, for what lives in the owner's account alone: 2.3,
//! 2.4, 2.6, 2.7 and the alarms.
//!
//! Asks the owner only where the account itself sees that such a trail records everything, and only for
//! what it cannot judge itself.

use std::collections::BTreeMap;

use super::coverage::look;
use super::seen::Named;
use crate::controls::obstacle::Obstacle;
use crate::controls::{Finding, Missing, Outcome, Waiting, Why};
use crate::model::{AccountId, Central, CentralVerdict, ControlId, Gap, Snapshot, TrailArn};

/// What the owner of a trail says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::controls) enum Answer {
    Passes(AccountId),
    Waits(Waiting),
    Dark(Missing),
    Fails(Finding),
}

impl Named<'_> {
    /// What its owner says of it for a control, if the owner was asked.
    pub(in crate::controls) fn answer(&self, control: ControlId) -> Option<Answer> {
        let central = self.central?;
        let account = &central.account;
        Some(match central.trails.get(self.arn)?.get(&control)? {
            CentralVerdict::Pass => Answer::Passes(account.clone()),
            CentralVerdict::Pending { on } => {
                let on = on.strip_prefix("waits ").unwrap_or(on);
                let on = format!("waits in {account}: {on}");
                Answer::Waits(Waiting { region: None, resource: None, on })
            }
            CentralVerdict::Unknown { reason } => {
                let gap = Gap { action: None, reason: format!("unknown in {account}: {reason}") };
                Answer::Dark(Missing { region: None, resource: None, gap })
            }
            CentralVerdict::Fail { reason } | CentralVerdict::Waived { reason, .. } => {
                Answer::Fails(Finding {
                    region: Some(self.trail.home.clone()),
                    resource: self.arn.to_string(),
                    summary: central.not_satisfied(reason),
                })
            }
        })
    }

    /// Why nothing is planned here for what its owner has to mend.
    pub(in crate::controls) fn is_for_its_owner(&self) -> Obstacle {
        let owner = &self.trail.owner;
        let detail = format!(
            "the trail and what it fills belong to account {owner}: run harden in {owner}, and this account \
             inherits it"
        );
        Obstacle::new(Why::Shared, detail)
    }
}

/// Lets the owner of the organization's trails answer for them, if the account sees one of them record
/// everything.
pub(super) fn ask<'a>(snapshot: &'a Snapshot, trails: &mut BTreeMap<&'a TrailArn, Named<'a>>) {
    let Some(central) = &snapshot.central else { return };
    if trails.values().any(|named| is_theirs(central, named) && look(*named).is_good()) {
        for named in trails.values_mut().filter(|named| is_theirs(central, named)) {
            named.central = Some(central);
        }
    }
}

fn is_theirs(central: &Central, named: &Named<'_>) -> bool {
    named.is_foreign()
        && named.trail.organization
        && named.trail.owner == central.account
        && central.trails.contains_key(named.arn)
}

/// What a check comes to that is about each trail.
#[derive(Debug)]
pub(super) struct Tally {
    pub(super) control: ControlId,
    pub(super) findings: Vec<Finding>,
    pub(super) missing: Vec<Missing>,
    pub(super) pending: Vec<Waiting>,
    pub(super) notes: Vec<String>,
    /// Whose verdict a pass rests on.
    pub(super) from: Option<AccountId>,
}

impl Tally {
    pub(super) fn new(control: ControlId, missing: Vec<Missing>) -> Self {
        Self {
            control,
            findings: Vec::new(),
            missing,
            pending: Vec::new(),
            notes: Vec::new(),
            from: None,
        }
    }

    /// Takes what the owner of a trail says of it; `false` if that is not known.
    pub(super) fn takes_answer(&mut self, named: &Named<'_>) -> bool {
        match named.answer(self.control) {
            None => return false,
            Some(Answer::Passes(from)) => self.from = Some(from),
            Some(Answer::Waits(waiting)) => self.pending.push(waiting),
            Some(Answer::Dark(missing)) => self.missing.push(missing),
            Some(Answer::Fails(finding)) => self.findings.push(finding),
        }
        true
    }

    pub(super) fn outcome(self) -> Outcome {
        let Self { findings, missing, pending, notes, from, .. } = self;
        Outcome::Judged { findings, missing, pending, notes }.inherited(from)
    }
}

#[cfg(test)]
mod tests {
    use super::super::seen::Seen;
    use super::super::tests_support::{FOREIGN, account, trail};
    use super::*;
    use crate::controls::Case;
    use crate::model::{Settings, Trail};

    const CONTROL: ControlId = ControlId::new(2, 4);

    /// What the owner of trail `org` says of it in an account that sees it, and `other` of the same owner.
    fn answers(org: Trail, verdict: CentralVerdict) -> [Option<Answer>; 2] {
        let owner = AccountId::new(FOREIGN);
        let other = Trail { multi_region: false, organization: true, ..trail("other") };
        let theirs = [org, other].map(|trail| Trail { owner: owner.clone(), ..trail });
        let mut snapshot = account(theirs.to_vec());
        let verdicts = BTreeMap::from([(CONTROL, verdict)]);
        let trails = snapshot.logging.trails.keys().map(|arn| (arn.clone(), verdicts.clone()));
        snapshot.central = Some(Central { account: owner, trails: trails.collect() });
        let settings = Settings::default();
        let seen = Seen::of(&Case { snapshot: &snapshot, settings: &settings });
        let of = |name: &str| {
            let named = seen.trails.iter().find(|named| named.trail.name == name).unwrap();
            assert_eq!(named.answer(ControlId::new(2, 5)), None);
            named.answer(CONTROL)
        };
        [of("org"), of("other")]
    }

    fn org() -> Trail {
        Trail { organization: true, ..trail("org") }
    }

    #[test]
    fn an_owner_answers_for_all_its_trails_if_one_records_everything() {
        let passes = Some(Answer::Passes(AccountId::new(FOREIGN)));
        assert_eq!(answers(org(), CentralVerdict::Pass), [passes.clone(), passes]);
        for org in [
            Trail { global_events: false, ..org() },
            Trail { organization: false, ..org() },
            Trail { status: crate::model::Observed::Unread, ..org() },
        ] {
            assert_eq!(answers(org, CentralVerdict::Pass), [None, None]);
        }
    }

    #[test]
    fn an_answer_says_where_it_is_from() {
        let reason = || "bad".to_owned();
        let answer = |verdict| answers(org(), verdict)[0].clone().unwrap();
        let Answer::Waits(waiting) = answer(CentralVerdict::Pending { on: "waits for it".into() })
        else {
            panic!()
        };
        assert_eq!(waiting.on, "waits in 444455556666: for it");
        let Answer::Dark(missing) = answer(CentralVerdict::Unknown { reason: reason() }) else {
            panic!()
        };
        assert_eq!(missing.gap.reason, "unknown in 444455556666: bad");
        for verdict in [
            CentralVerdict::Fail { reason: reason() },
            CentralVerdict::Waived { reason: reason(), accepted: String::new() },
        ] {
            let Answer::Fails(finding) = answer(verdict) else { panic!() };
            assert_eq!(finding.summary, "not satisfied in 444455556666: bad");
            assert!(finding.resource.ends_with(":444455556666:trail/org"));
        }
    }
}
