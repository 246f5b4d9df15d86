//! 2.6: requests to the buckets of the trails are logged.

use super::elsewhere::Tally;
use super::remedy::TRAIL;
use super::seen::{Seen, Unjudged};
use crate::controls::{Assess, Case, Check, Control, Inherits, Outcome, Remedy};
use crate::model::{ControlId, Level, Read};

/// 2.6
pub(super) static CONTROL: Control = Control {
    id: ControlId::new(2, 6),
    level: Level::One,
    scored: true,
    title: "Requests to the bucket of the trails are logged",
    why: "Only this shows who read, overwrote or deleted the logs themselves.",
    assess: Assess::Automatic {
        reads: &[Read::Trails, Read::Buckets, Read::BucketLogging],
        context: &[],
        check: &Logged,
    },
    remedy: Remedy::Automatic(&TRAIL),
};

#[derive(Debug)]
struct Logged;

impl Check for Logged {
    fn assess(&self, case: &Case<'_>) -> Outcome {
        let seen = Seen::of(case);
        if let Some(outcome) = seen.none_at_all() {
            return outcome;
        }
        let buckets = seen.buckets();
        let mut tally = Tally::new(CONTROL.id, seen.missing);
        for one in buckets {
            if one.is_answered(case, &mut tally) {
                continue;
            }
            let bucket = match one.look_up(case) {
                Ok(bucket) => bucket,
                Err(Unjudged::Finding(finding)) => {
                    tally.findings.push(finding);
                    continue;
                }
                Err(Unjudged::Missing(gap)) => {
                    tally.missing.push(gap);
                    continue;
                }
            };
            match bucket.logging.known() {
                Ok(None) => {
                    let silent = one.finding(Some(&bucket.region), "its requests are not logged");
                    tally.findings.push(silent);
                }
                Ok(Some(target)) if target.bucket == *one.name => tally.notes.push(format!(
                    "{} logs its requests into itself: each log file makes another one",
                    one.name
                )),
                Ok(Some(_)) => {}
                Err(gap) => tally.missing.push(one.missing(Some(&bucket.region), gap)),
            }
        }
        tally.outcome()
    }

    fn inherits(&self) -> Option<Inherits> {
        Some(Inherits::Judged)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests_support::{
        account, assess, denied, findings, trail, with_bucket, with_own_bucket,
    };
    use super::*;
    use crate::model::{Bucket, BucketName, LogTarget, Observed, Region, Trail};

    fn logging_to(bucket: &str) -> Observed<Option<LogTarget>> {
        let bucket = BucketName::new(bucket);
        Observed::Known(Some(LogTarget { bucket, prefix: String::new() }))
    }

    #[test]
    fn requests_have_to_be_logged_somewhere() {
        assert_eq!(
            assess(&Logged, &with_own_bucket(|bucket| bucket.logging = logging_to("access"))),
            Outcome::PASS
        );
        let silent = with_own_bucket(|bucket| bucket.logging = Observed::Known(None));
        let outcome = assess(&Logged, &silent);
        assert_eq!(findings(&outcome)[0].resource, "trail-bucket");
        assert_eq!(findings(&outcome)[0].region, Some(Region::new("us-west-2")));
    }

    #[test]
    fn a_bucket_that_logs_into_itself_is_a_note() {
        let circular = with_own_bucket(|bucket| bucket.logging = logging_to("trail-bucket"));
        let Outcome::Judged { findings, notes, .. } = assess(&Logged, &circular) else { panic!() };
        assert!(findings.is_empty());
        assert!(notes[0].contains("into itself"));
    }

    #[test]
    fn two_trails_with_one_bucket_are_one_finding() {
        let silent = with_own_bucket(|bucket| bucket.logging = Observed::Known(None));
        let mut two = account(vec![trail("main"), trail("other")]);
        two.logging.buckets = silent.logging.buckets;
        assert_eq!(findings(&assess(&Logged, &two)).len(), 1);
    }

    #[test]
    fn gone_is_bad_foreign_and_denied_are_unknown() {
        let outcome = assess(&Logged, &with_bucket(Observed::Known(Bucket::Absent)));
        assert!(findings(&outcome)[0].summary.starts_with("does not exist"));
        let foreign = Bucket::Foreign { region: Region::new("us-west-2") };
        for hidden in [
            with_bucket(Observed::Known(foreign)),
            with_bucket(denied("s3:ListBucket")),
            with_own_bucket(|bucket| bucket.logging = denied("s3:GetBucketLogging")),
        ] {
            let Outcome::Judged { findings, missing, .. } = assess(&Logged, &hidden) else {
                panic!()
            };
            assert_eq!((findings.len(), missing.len()), (0, 1));
            assert_eq!(missing[0].resource.as_deref(), Some("trail-bucket"));
        }
        let owner = crate::model::AccountId::new("444455556666");
        let mut theirs = account(vec![Trail { owner, ..trail("org") }]);
        let region = Region::new("eu-west-1");
        let foreign = Observed::Known(Bucket::Foreign { region });
        theirs.logging.buckets.insert(BucketName::new("trail-bucket"), foreign);
        let Outcome::Judged { missing, .. } = assess(&Logged, &theirs) else { panic!() };
        assert!(missing[0].gap.reason.ends_with("for the trail of account 444455556666"));
    }
}
