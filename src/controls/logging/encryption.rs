//! 2.7: each trail encrypts its log files with a KMS key that can be used.

use super::elsewhere::Tally;
use super::remedy::TRAIL;
use super::seen::{Named, Seen};
use crate::controls::{Assess, Case, Check, Control, Inherits, Outcome, Remedy};
use crate::model::{ControlId, Gap, KeyArn, Level, Read};

/// 2.7
pub(super) static CONTROL: Control = Control {
    id: ControlId::new(2, 7),
    level: Level::Two,
    scored: true,
    title: "Trails encrypt their logs with a KMS key",
    why: "Reading the logs then takes rights on the key: getting at the bucket is not enough.",
    assess: Assess::Automatic {
        reads: &[Read::Trails, Read::TrailKeys],
        context: &[],
        check: &Encrypted,
    },
    remedy: Remedy::Automatic(&TRAIL),
};

#[derive(Debug)]
struct Encrypted;

impl Check for Encrypted {
    fn assess(&self, case: &Case<'_>) -> Outcome {
        let seen = Seen::of(case);
        if let Some(outcome) = seen.none_at_all() {
            return outcome;
        }
        let mut tally = Tally::new(CONTROL.id, seen.missing);
        for named in &seen.trails {
            let foreign = |key: &KeyArn| key.is_foreign_to(&case.snapshot.account.id);
            let key = named.trail.key.as_ref();
            if key.is_none_or(foreign) && tally.takes_answer(named) {
                continue;
            }
            let Some(key) = key else {
                tally.findings.push(named.finding("does not encrypt its log files with a KMS key"));
                continue;
            };
            if foreign(key) {
                tally.notes.extend(hidden(named, key));
                continue;
            }
            match fault(case, key) {
                Ok(fault) => tally.findings.extend(fault.map(|summary| named.finding(&summary))),
                Err(gap) => tally.missing.push(named.missing(gap)),
            }
        }
        tally.outcome()
    }

    fn inherits(&self) -> Option<Inherits> {
        Some(Inherits::Judged)
    }
}

/// A key of another account is one: whether it can be used is for that account to know.
fn hidden(named: &Named<'_>, key: &KeyArn) -> Option<String> {
    let owner = key.owner()?;
    Some(format!(
        "the key of {} belongs to account {owner}, which alone sees its state",
        named.name()
    ))
}

/// What is wrong with a key of the account.
fn fault(case: &Case<'_>, key: &KeyArn) -> Result<Option<String>, Gap> {
    let Some(detail) = case.snapshot.logging.key(key)? else {
        return Ok(Some(format!("its KMS key {key} does not exist")));
    };
    if !detail.customer_managed {
        return Ok(Some(format!("its KMS key {key} is managed by AWS")));
    }
    let unusable = detail.state != "Enabled";
    Ok(unusable.then(|| format!("its KMS key {key} is {}: nothing can be delivered", detail.state)))
}

#[cfg(test)]
mod tests {
    use super::super::tests_support::{KEY, account, assess, denied, findings, trail};
    use super::*;
    use crate::model::{Observed, Trail, TrailKey};

    fn with_key(key: Observed<Option<TrailKey>>) -> Outcome {
        let mut snapshot = account(vec![trail("main")]);
        snapshot.logging.keys.insert(KeyArn::new(KEY), key);
        assess(&Encrypted, &snapshot)
    }

    fn key(customer_managed: bool, state: &str) -> Observed<Option<TrailKey>> {
        Observed::Known(Some(TrailKey {
            customer_managed,
            state: state.to_owned(),
            policy: Observed::Unread,
        }))
    }

    #[test]
    fn the_key_has_to_be_there_ours_and_usable() {
        assert_eq!(with_key(key(true, "Enabled")), Outcome::PASS);
        for (bad, words) in [
            (key(true, "Disabled"), "is Disabled: nothing can be delivered"),
            (key(true, "PendingDeletion"), "is PendingDeletion"),
            (key(false, "Enabled"), "is managed by AWS"),
            (Observed::Known(None), "does not exist"),
        ] {
            let outcome = with_key(bad);
            assert!(findings(&outcome)[0].summary.contains(words), "{outcome:?}");
        }
    }

    #[test]
    fn no_key_and_no_trail_are_findings() {
        let bare = account(vec![Trail { key: None, ..trail("main") }]);
        assert_eq!(findings(&assess(&Encrypted, &bare))[0].resource, "main");
        assert_eq!(findings(&assess(&Encrypted, &account(vec![])))[0].resource, "trails");
    }

    #[test]
    fn a_key_of_another_account_is_a_key() {
        let key = KeyArn::new("arn:aws:kms:eu-west-1:444455556666:key/1");
        let snapshot = account(vec![Trail { key: Some(key), ..trail("main") }]);
        let Outcome::Judged { findings, missing, notes, .. } = assess(&Encrypted, &snapshot) else {
            panic!()
        };
        assert!(findings.is_empty() && missing.is_empty());
        assert!(notes[0].contains("belongs to account 444455556666"));
    }

    #[test]
    fn a_key_that_hides_is_unknown() {
        let Outcome::Judged { findings, missing, .. } = with_key(denied("kms:DescribeKey")) else {
            panic!()
        };
        assert_eq!((findings.len(), missing.len()), (0, 1));
    }
}
