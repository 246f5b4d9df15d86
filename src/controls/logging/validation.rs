//! 2.2: each trail signs a digest of its log files.

use super::remedy::TRAIL;
use super::seen::Seen;
use crate::controls::{Assess, Case, Check, Control, Inherits, Outcome, Remedy};
use crate::model::{ControlId, Level, Read};

/// 2.2
pub(super) static CONTROL: Control = Control {
    id: ControlId::new(2, 2),
    level: Level::Two,
    scored: true,
    title: "Trails sign a digest of their log files",
    why: "The digests show whether a log file was altered or removed after it was delivered.",
    assess: Assess::Automatic { reads: &[Read::Trails], context: &[], check: &Validated },
    remedy: Remedy::Automatic(&TRAIL),
};

#[derive(Debug)]
struct Validated;

impl Check for Validated {
    fn assess(&self, case: &Case<'_>) -> Outcome {
        let seen = Seen::of(case);
        if let Some(outcome) = seen.none_at_all() {
            return outcome;
        }
        let bare = seen.trails.iter().filter(|named| !named.trail.validation);
        let findings = bare.map(|named| named.finding("does not sign its log files")).collect();
        let from = seen.only_from();
        let (missing, pending, notes) = (seen.missing, Vec::new(), Vec::new());
        Outcome::Judged { findings, missing, pending, notes }.inherited(from)
    }

    fn inherits(&self) -> Option<Inherits> {
        Some(Inherits::Seen)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests_support::{FOREIGN, account, assess, denied, findings, trail};
    use super::*;
    use crate::model::{AccountId, Region, Trail};

    #[test]
    fn each_trail_has_to_sign() {
        assert_eq!(assess(&Validated, &account(vec![trail("main")])), Outcome::PASS);
        let bare = Trail { validation: false, ..trail("bare") };
        let theirs = Trail { owner: AccountId::new(FOREIGN), ..bare.clone() };
        let outcome = assess(&Validated, &account(vec![trail("main"), bare, theirs]));
        let found = findings(&outcome);
        let of = |text: &str| found.iter().find(|one| one.resource.contains(text)).unwrap();
        let ours = found.iter().find(|one| one.resource == "bare").unwrap();
        assert_eq!(ours.summary, "does not sign its log files");
        assert_eq!(ours.region, Some(Region::new("eu-west-1")));
        assert!(of(FOREIGN).summary.ends_with("(only account 444455556666 can change it)"));
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn without_a_trail_nothing_is_signed() {
        assert_eq!(findings(&assess(&Validated, &account(vec![])))[0].summary, "there is no trail");
    }

    #[test]
    fn a_region_that_cannot_be_read_may_have_one_more() {
        let mut snapshot = account(vec![trail("main")]);
        let region = Region::new("us-west-2");
        snapshot.regional.get_mut(&region).unwrap().trails = denied("cloudtrail:DescribeTrails");
        let Outcome::Judged { findings, missing, .. } = assess(&Validated, &snapshot) else {
            panic!()
        };
        assert!(findings.is_empty());
        assert_eq!(missing[0].region, Some(region));
        let mut none = account(vec![]);
        none.regional.values_mut().next().unwrap().trails = denied("cloudtrail:DescribeTrails");
        let Outcome::Judged { findings, missing, .. } = assess(&Validated, &none) else { panic!() };
        assert_eq!((findings.len(), missing.len()), (0, 1));
    }
}
