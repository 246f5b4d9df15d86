//! Buckets that trails deliver to and that are gone: as long as they are not there, anyone can make them
//! and receive the logs.

use serde_json::Value;

use super::changing::Changing;
use super::new::storage;
use super::work::{CLOSED, LOGGED, Work};
use crate::controls::Why;
use crate::controls::logging::seen::{Delivered, Named};
use crate::controls::obstacle::Obstacle;
use crate::controls::statements::{TrailOf, trail_bucket};
use crate::model::{Account, Bucket, BucketName, PolicyText, Region};

/// Where buckets that are gone would be made again, for those whose trails change.
pub(super) fn place(work: &Work<'_>, buckets: &[Delivered<'_>], changing: &mut [Changing<'_>]) {
    for delivered in buckets.iter().filter(|delivered| is_gone(work, delivered)) {
        // A new trail may be about to make it.
        let region = work.made(delivered.name).cloned().or_else(|| region(delivered));
        for one in changing.iter_mut().filter(|one| one.to.bucket == *delivered.name) {
            one.bucket_region = one.bucket_region.take().or_else(|| region.clone());
        }
    }
}

/// Makes a bucket again where it fails a control by not being there, or where a trail that changes
/// delivers to it.
pub(super) fn restore(work: &mut Work<'_>, delivered: &Delivered<'_>, changing: &[Changing<'_>]) {
    let name = delivered.name;
    if !is_gone(work, delivered) {
        return;
    }
    let mut controls = work.failing([CLOSED, LOGGED], name.as_str());
    for one in changing.iter().filter(|one| one.to.bucket == *name) {
        controls.extend(&one.controls);
    }
    if controls.is_empty() {
        return;
    }
    let Some(region) = region(delivered) else {
        let detail = "only trails of other accounts deliver to it: ask them, or make a bucket of this \
                      name before somebody else does";
        return work.leave_found(&controls, name.as_str(), &Obstacle::new(Why::Shared, detail));
    };
    let account = work.account();
    let prepared = work.place(name, &region, "trail.bucket").and_then(|place| {
        let trails = &delivered.trails;
        let statements = |policy: Option<&PolicyText>| statements(account, name, trails, policy);
        work.prepare(name, &place, statements, storage())
    });
    match prepared {
        Ok(steps) => work.bundle(&controls, format!("bucket {name}"), steps),
        Err(obstacle) => work.leave_found(&controls, name.as_str(), &obstacle),
    }
}

fn is_gone(work: &Work<'_>, delivered: &Delivered<'_>) -> bool {
    matches!(work.case.snapshot.logging.bucket(delivered.name), Ok(Bucket::Absent))
}

/// Where it would be made: where the keys of its trails are, for a key works only in its own region. `None`
/// if it is not ours to make.
fn region(delivered: &Delivered<'_>) -> Option<Region> {
    let mut ours = delivered.trails.iter().filter(|one| !one.is_foreign());
    let key = ours.clone().find_map(|named| named.trail.key.as_ref()?.region());
    key.or_else(|| Some(ours.next()?.trail.home.clone()))
}

/// What lets in all of these trails: each joins those before.
fn statements(
    account: &Account,
    bucket: &BucketName,
    trails: &[Named<'_>],
    policy: Option<&PolicyText>,
) -> Vec<Value> {
    let mut policy = policy.cloned();
    let mut statements = Vec::new();
    for Named { arn, trail, .. } in trails.iter().filter(|one| !one.is_foreign()) {
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
