//! Saved plans: applied as they are, or refused.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::changes::change_id;
use super::weaken::{is_of, weakens};
use super::{Digest, Origin, PLAN_FORMAT, Plan};
use crate::change::{ChangeId, Operation};
use crate::model::{Account, AccountId, Partition, PlanSettings, safe_json};

/// Why a saved plan is refused.
#[derive(Debug, thiserror::Error)]
pub enum PlanFileError {
    /// It ends in the middle, or is no JSON at all.
    #[error("the file is not a whole plan: it breaks off or is damaged at line {line}")]
    Broken {
        /// Where.
        line: usize,
    },
    /// It is JSON, but no plan.
    #[error("the file is not a plan of harden")]
    NotAPlan,
    /// It was made by a newer harden.
    #[error("the plan has the format `{format}`, which this version does not know")]
    UnknownFormat {
        /// Its format.
        format: String,
    },
    /// Its digest does not match.
    #[error("the plan was changed after it was made: its digest does not match")]
    Changed,
    /// Its digest matches, and still it contradicts itself.
    #[error("the plan contradicts itself at change `{change}`")]
    Inconsistent {
        /// Where.
        change: ChangeId,
    },
    /// It is about another account.
    #[error("the plan is for account {plan}, and these credentials are of account {session}")]
    OtherAccount {
        /// Whose it is.
        plan: AccountId,
        /// Who asks.
        session: AccountId,
    },
    /// It is about another partition.
    #[error("the plan is for partition `{plan}`, and these credentials are of `{session}`")]
    OtherPartition {
        /// Whose it is.
        plan: Partition,
        /// Who asks.
        session: Partition,
    },
    /// It was made by somebody else, and is about whoever is about to carry it out.
    #[error("the plan changes credentials of whoever runs harden now, at change `{change}`")]
    OwnCredentials {
        /// Where.
        change: ChangeId,
    },
    /// It is too old.
    #[error("the plan expired at {at}")]
    Expired {
        /// When.
        at: Timestamp,
    },
    /// It is from later than now.
    #[error("the plan was made at {at}, which is yet to come")]
    YetToCome {
        /// When.
        at: Timestamp,
    },
    /// No baseline makes such a plan.
    #[error("the plan is good for longer than {most} h after it was made")]
    GoodForTooLong {
        /// How long a plan may be good.
        most: u16,
    },
}

/// How far the clocks of two machines, or of this one and of AWS, may be apart.
pub(super) const CLOCKS: SignedDuration = SignedDuration::from_mins(15);

/// The plan as it is saved. Somebody may look at the file: nothing in it is hidden.
pub fn to_json(plan: &Plan) -> Result<String, serde_json::Error> {
    Ok(safe_json(&serde_json::to_string_pretty(plan)?) + "\n")
}

/// Reads a saved plan and checks everything that can be checked without the account.
pub fn read(text: &str) -> Result<Plan, PlanFileError> {
    if !text.is_empty() && !text.trim_start().starts_with('{') {
        return Err(PlanFileError::NotAPlan);
    }
    let value: Value =
        serde_json::from_str(text).map_err(|e| PlanFileError::Broken { line: e.line() })?;
    let format = value.get("format").and_then(Value::as_str).ok_or(PlanFileError::NotAPlan)?;
    if format != PLAN_FORMAT {
        let known = format.starts_with("harden.plan/");
        let format = format.chars().take(40).collect();
        return Err(if known {
            PlanFileError::UnknownFormat { format }
        } else {
            PlanFileError::NotAPlan
        });
    }
    let claimed = value.get("digest").and_then(Value::as_str).map(str::to_owned);
    if claimed.as_deref() != Some(Digest::of_json(value).as_str()) {
        return Err(PlanFileError::Changed);
    }
    let plan: Plan = serde_json::from_str(text).map_err(|_| PlanFileError::NotAPlan)?;
    check(&plan)?;
    // What an older harden left out is in it now: saved again, it has to be whole again.
    Ok(plan.sealed())
}

/// What a change shows must be what its operation does, and it must stand after all that it requires.
fn check(plan: &Plan) -> Result<(), PlanFileError> {
    let mut seen: BTreeSet<&ChangeId> = BTreeSet::new();
    for (place, change) in plan.changes.iter().enumerate() {
        let earlier = plan.changes.get(..place).unwrap_or_default();
        let target = change.operation.target();
        let effect = change.operation.effect_on(&change.before);
        let fits = change.id == change_id(&change.operation)
            && is_here(target.resource(), &plan.head.account)
            && change.resource == target.resource()
            && change.region.as_ref() == target.region()
            && effect.is_some_and(|(after, undo)| after == change.after && undo == change.undo)
            && match &plan.origin {
                Origin::UndoOf(_) => true,
                Origin::Baseline(_) => {
                    !weakens(change, earlier, &plan.head.account, plan.head.taken_at)
                        && looks_back(plan, &change.operation)
                }
            }
            && change.requires.iter().all(|id| seen.contains(id));
        if !fits || !seen.insert(&change.id) {
            return Err(PlanFileError::Inconsistent { change: change.id.clone() });
        }
    }
    Ok(())
}

/// What goes by its name is of the account that the plan is applied in; an ARN may name another.
fn is_here(resource: &str, account: &Account) -> bool {
    !resource.starts_with("arn:") || is_of(account, resource)
}

/// A use after the plan was made is one that it did not know of. Reading an account takes a while.
fn looks_back(plan: &Plan, operation: &Operation) -> bool {
    let read = plan.head.taken_at.checked_add(SignedDuration::from_hours(1));
    operation.unused_since().is_none_or(|since| read.is_ok_and(|read| since <= read))
}

impl Plan {
    /// Whether the plan may be applied with the credentials of this account at this time.
    pub fn fits(&self, account: &Account, now: Timestamp) -> Result<(), PlanFileError> {
        let planned = &self.head.account;
        if planned.id != account.id {
            return Err(PlanFileError::OtherAccount {
                plan: planned.id.clone(),
                session: account.id.clone(),
            });
        }
        if planned.partition != account.partition {
            return Err(PlanFileError::OtherPartition {
                plan: planned.partition.clone(),
                session: account.partition.clone(),
            });
        }
        let (at, most) = (self.head.taken_at, PlanSettings::MOST_VALID_HOURS);
        if at.duration_since(now) > CLOCKS {
            return Err(PlanFileError::YetToCome { at });
        }
        if self.expires_at.duration_since(at) > SignedDuration::from_hours(most.into()) {
            return Err(PlanFileError::GoodForTooLong { most });
        }
        if now > self.expires_at {
            return Err(PlanFileError::Expired { at: self.expires_at });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::tests_support::plan_of_two;

    #[test]
    fn a_plan_is_from_before_now_and_good_for_as_long_as_a_baseline_may_say() {
        let plan = plan_of_two();
        let at = plan.head.taken_at;
        let hours = SignedDuration::from_hours;
        let minutes = SignedDuration::from_mins;
        let most = hours(PlanSettings::MOST_VALID_HOURS.into());
        let fits = |valid: SignedDuration, age: SignedDuration| {
            let plan = Plan { expires_at: at + valid, ..plan.clone() };
            plan.fits(&plan.head.account, at + age).map_err(|error| error.to_string())
        };
        assert_eq!(fits(hours(24), hours(0)), Ok(()));
        assert_eq!(fits(most, most), Ok(()));
        assert_eq!(
            fits(hours(24), hours(25)),
            Err(format!("the plan expired at {}", at + hours(24)))
        );
        let too_long = Err("the plan is good for longer than 720 h after it was made".to_owned());
        assert_eq!(fits(most + minutes(1), hours(1)), too_long);
        // The clocks of two machines.
        assert_eq!(fits(hours(24), minutes(-15)), Ok(()));
        let yet = Err(format!("the plan was made at {at}, which is yet to come"));
        assert_eq!(fits(hours(24), minutes(-16)), yet);
        assert_eq!(fits(hours(-24), hours(-48)), yet);
    }
}
