//! 2.6: second buckets for the access logs of the trails' buckets.

use std::collections::{BTreeMap, BTreeSet};

use super::work::{LOGGED, Work, about, additive};
use crate::change::Operation;
use crate::controls::Why;
use crate::controls::obstacle::Obstacle;
use crate::controls::statements::access_logs;
use crate::model::{BucketName, LogTarget, PolicyText, Region};

/// Plans that requests to these buckets are logged in the bucket of the baseline's name: one in each
/// region, for S3 logs requests only within a region.
pub(super) fn log_requests(work: &mut Work<'_>, sources: BTreeMap<BucketName, Region>) {
    let mut targets: BTreeMap<(BucketName, Region), Vec<BucketName>> = BTreeMap::new();
    for (source, region) in sources {
        let name = &work.case.settings.trail.access_log_bucket;
        let target = name.fill(&work.account().id, &region);
        targets.entry((target, region)).or_default().push(source);
    }
    for ((target, region), mut sources) in targets {
        if sources.contains(&target) {
            let detail = format!(
                "{target} would log its requests into itself: name another in \
                 `trail.access_log_bucket`"
            );
            leave(
                work,
                std::slice::from_ref(&target),
                &region,
                &Obstacle::new(Why::Unsupported, detail),
            );
            sources.retain(|source| *source != target);
        }
        if sources.is_empty() {
            continue;
        }
        if let Err(obstacle) = plan(work, &target, &region, &sources) {
            leave(work, &sources, &region, &obstacle);
        }
    }
}

fn leave(work: &mut Work<'_>, sources: &[BucketName], region: &Region, obstacle: &Obstacle) {
    for source in sources {
        work.leave([LOGGED], (source.as_str(), Some(region)), obstacle);
    }
}

fn plan(
    work: &mut Work<'_>,
    target: &BucketName,
    region: &Region,
    sources: &[BucketName],
) -> Result<(), Obstacle> {
    let account = work.account();
    let place = work.place(target, region, "trail.access_log_bucket")?;
    if place.region() != region {
        let at = place.region();
        let detail = format!(
            "bucket {target} is in {at}: S3 logs requests only within a region. Name another in \
             `trail.access_log_bucket`"
        );
        return Err(Obstacle::new(Why::Unsupported, detail));
    }
    let statements = |policy: Option<&PolicyText>| access_logs(account, target, sources, policy);
    let cost = about(0.1, "0.023 for each GB of access logs");
    let steps = work.prepare(target, &place, statements, cost)?;
    let controls = BTreeSet::from([LOGGED]);
    work.bundle(&controls, format!("bucket {target}"), steps);
    for source in sources {
        let to = Some(LogTarget { bucket: target.clone(), prefix: format!("{source}/") });
        let (region, bucket) = (region.clone(), source.clone());
        let step = additive(Operation::PutBucketLogging { region, bucket, to }, None);
        work.bundle(&controls, format!("access log of bucket {source}"), vec![step]);
    }
    Ok(())
}
