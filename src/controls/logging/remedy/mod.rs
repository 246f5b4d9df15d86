//! The one remedy of 2.1 to 2.4, 2.6 and 2.7: all that changes on a trail changes in one call.

mod access;
mod choose;
mod config;
mod delivery;
mod key;
mod public;
mod trail;
mod work;

pub(super) use self::config::CONFIG;
use self::trail::Trails;
use self::work::{CLOSED, LOGGED, Place, Work};
use super::seen::Seen;
use crate::controls::{Case, Fix, Proposal, Scope, Wanted};
use crate::model::{Bucket, BucketName, Read, Region};

/// The remedy of the trails and of what they deliver to.
pub(super) static TRAIL: Fix = Fix {
    name: "trail",
    turn: 10,
    reads: &[
        Read::Trails,
        Read::TrailStatus,
        Read::TrailSelectors,
        Read::TrailKeys,
        Read::Keys,
        Read::KeyPolicies,
        Read::Buckets,
        Read::BucketPolicy,
        Read::BucketPolicyStatus,
        Read::BucketAcl,
        Read::BucketPublicAccess,
        Read::BucketOwnership,
        Read::BucketLogging,
        Read::BaselineBuckets,
        Read::BaselineKeys,
        Read::LogGroups,
        Read::Roles,
    ],
    changes: EXPLAINED,
    breaks: "Whoever reads the log files needs kms:Decrypt on the key once a trail encrypts with one. \
             Whoever read a public bucket without being named in its policy is shut out.",
    undo: "Every setting goes back to what it was. What was made is deleted, but for buckets that hold \
           something, and for KMS keys: harden never schedules the deletion of a key.",
    propose,
};

const EXPLAINED: &str = concat!(
    "Of the account's own trails that record all management events, the best is adopted: one of every \
     region before one of a single region, then one that is running, then one that delivers to \
     CloudWatch Logs, then one that signs its log files, then one that encrypts with KMS, then one that \
     is not the organization's, then by name. Trails with selectors that leave events out stay as they \
     are. All that changes on a trail changes in one cloudtrail:UpdateTrail. Where there is none to \
     adopt, a bucket, its policy and a trail are made and the trail is started. ",
    "A log group, a role, a KMS key and a bucket for access logs are made where they are missing. \
     Policies are merged statement by statement: what others wrote stays to the byte.",
);

fn propose(case: &Case<'_>, wanted: &Wanted<'_>, scope: &Scope<'_>) -> Proposal {
    let seen = Seen::of(case);
    let mut work = Work::new(case, wanted, scope);
    let trails = Trails::of(&work, &seen.trails);
    let new = trails.new_trail(&mut work);
    trails.restore_buckets(&mut work);
    trails.update(&mut work, new.as_ref());
    for delivered in seen.buckets() {
        on_bucket(&mut work, delivered.name);
    }
    if let Some(new) = &new
        && scope.selected.contains(&LOGGED)
        && wanted.contains_key(&LOGGED)
    {
        let place = Place::ToMake(new.bucket_region.clone());
        if work.place(&new.bucket, &new.bucket_region).is_ok_and(|place| needs_log(&place)) {
            access::log_requests(&mut work, &new.bucket, &place);
        }
    }
    work.proposal
}

/// Whether requests to a bucket are logged nowhere yet.
fn needs_log(place: &Place<'_>) -> bool {
    match place {
        Place::There(bucket) => matches!(bucket.logging.ok(), Some(None)),
        Place::ToMake(_) => true,
    }
}

/// What 2.3 and 2.6 ask of a bucket that trails deliver to.
fn on_bucket(work: &mut Work<'_>, name: &BucketName) {
    let region = match work.case.snapshot.logging.bucket(name) {
        Ok(Bucket::Ours(bucket)) => bucket.region.clone(),
        _ => match work.place(name, &Region::new("")) {
            // It will be made again: closed, and without an access log.
            Ok(place @ Place::ToMake(_)) if !place.region().as_str().is_empty() => {
                place.region().clone()
            }
            _ => return,
        },
    };
    let Ok(place) = work.place(name, &region) else { return };
    if work.wants(LOGGED, name.as_str(), &region) || is_made(work, name, &place) {
        access::log_requests(work, name, &place);
    }
    if let Place::There(bucket) = &place
        && work.wants(CLOSED, name.as_str(), &region)
    {
        public::close(work, name, bucket);
    }
}

/// Whether the bucket is made again, and 2.6 asks for its access log.
fn is_made(work: &Work<'_>, name: &BucketName, place: &Place<'_>) -> bool {
    let asked = work.wanted.get(&LOGGED).into_iter().flatten();
    matches!(place, Place::ToMake(_)) && asked.into_iter().any(|one| one.resource == name.as_str())
}
