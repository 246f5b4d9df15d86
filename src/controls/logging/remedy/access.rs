//! 2.6: a second bucket for the access logs of the trails' buckets.

use std::collections::BTreeSet;

use super::work::{LOGGED, Obstacle, Place, Work, about, additive};
use crate::change::Operation;
use crate::controls::Why;
use crate::controls::statements::access_logs;
use crate::model::{BucketName, LogTarget};

/// Plans that requests to a bucket are logged in the bucket of the baseline's name.
pub(super) fn log_requests(work: &mut Work<'_>, source: &BucketName, place: &Place<'_>) {
    let region = place.region().clone();
    if let Err(obstacle) = plan(work, source, place) {
        work.leave([LOGGED], (source.as_str(), Some(&region)), &obstacle);
    }
}

fn plan(work: &mut Work<'_>, source: &BucketName, place: &Place<'_>) -> Result<(), Obstacle> {
    let region = place.region().clone();
    let account = work.account();
    let target = work.case.settings.trail.access_log_bucket.fill(&account.id, &region);
    if target == *source {
        let detail = format!(
            "{target} would log its requests into itself: name another in `trail.access_log_bucket`"
        );
        return Err(Obstacle::new(Why::Unsupported, detail));
    }
    let target_place = work.place(&target, &region)?;
    if *target_place.region() != region {
        let at = target_place.region();
        let detail = format!(
            "bucket {target} is in {at}: S3 logs requests only within a region. Name another in \
             `trail.access_log_bucket`"
        );
        return Err(Obstacle::new(Why::Unsupported, detail));
    }
    let statements = |policy: Option<&_>| access_logs(account, &target, source, policy);
    let cost = about(0.1, "0.023 for each GB of access logs");
    let mut steps = work.prepare(&target, &target_place, statements, cost)?;
    let to = Some(LogTarget { bucket: target.clone(), prefix: format!("{source}/") });
    let (at, bucket) = (region, source.clone());
    steps.push(additive(Operation::PutBucketLogging { region: at, bucket, to }, None));
    work.bundle(&BTreeSet::from([LOGGED]), format!("access log of bucket {source}"), steps);
    Ok(())
}
