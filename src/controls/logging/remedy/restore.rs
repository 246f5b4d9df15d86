//! Buckets that trails deliver to and that are gone: as long as they are not there, anyone can make them
//! and receive the logs.

use serde_json::Value;

use super::changing::Changing;
use super::new::storage;
use super::work::{CLOSED, LOGGED, Obstacle, Work};
use crate::controls::Why;
use crate::controls::logging::seen::{Delivered, Named};
use crate::controls::statements::{TrailOf, trail_bucket};
use crate::model::{Account, Bucket, BucketName, PolicyText};

/// Makes a bucket again where it fails a control by not being there, or where a trail that changes
/// delivers to it.
pub(super) fn restore(
    work: &mut Work<'_>,
    delivered: &Delivered<'_>,
    changing: &mut [Changing<'_>],
) {
    let name = delivered.name;
    if !matches!(work.case.snapshot.logging.bucket(name), Ok(Bucket::Absent)) {
        return;
    }
    let mut controls = work.failing([CLOSED, LOGGED], name.as_str());
    let of_this = |one: &&mut Changing<'_>| one.to.bucket == *name;
    for one in changing.iter_mut().filter(of_this) {
        controls.extend(&one.controls);
    }
    let ours: Vec<&Named<'_>> = delivered.trails.iter().filter(|one| !one.is_foreign()).collect();
    let Some(first) = ours.first().filter(|_| !controls.is_empty()) else {
        let detail = "only trails of other accounts deliver to it: ask them, or make a bucket of this \
                      name before somebody else does";
        return work.leave_found(&controls, name.as_str(), &Obstacle::new(Why::Shared, detail));
    };
    // A key works only in its own region.
    let key = ours.iter().find_map(|named| named.trail.key.as_ref()?.region());
    let region = key.unwrap_or_else(|| first.trail.home.clone());
    let account = work.account();
    let prepared = work.place(name, &region, "trail.bucket").and_then(|place| {
        let region = place.region().clone();
        let statements = |policy: Option<&PolicyText>| statements(account, name, &ours, policy);
        Ok((work.prepare(name, &place, statements, storage())?, region))
    });
    match prepared {
        Ok((steps, region)) => {
            for one in changing.iter_mut().filter(|one| one.to.bucket == *name) {
                one.bucket_region = Some(region.clone());
            }
            work.bundle(&controls, format!("bucket {name}"), steps);
        }
        Err(obstacle) => work.leave_found(&controls, name.as_str(), &obstacle),
    }
}

/// What lets in all of these trails: each joins those before.
fn statements(
    account: &Account,
    bucket: &BucketName,
    trails: &[&Named<'_>],
    policy: Option<&PolicyText>,
) -> Vec<Value> {
    let mut policy = policy.cloned();
    let mut statements = Vec::new();
    for Named { arn, trail, .. } in trails {
        let of = TrailOf { arn: arn.as_str(), organization: trail.organization };
        let bucket = (bucket, trail.prefix.as_deref());
        statements = trail_bucket(account, bucket, of, policy.as_ref());
        policy = match policy {
            Some(policy) => policy.with(&statements),
            None => Some(PolicyText::of(&statements)),
        };
    }
    statements
}
