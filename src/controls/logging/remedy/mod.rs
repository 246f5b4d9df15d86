//! The one remedy of 2.1 to 2.4, 2.6 and 2.7: all that changes on a trail changes in one call.

mod access;
mod changing;
mod choose;
mod config;
mod delivery;
mod encrypt;
mod entry;
mod history;
mod key;
mod new;
mod public;
mod restore;
mod trail;
mod work;

use std::collections::BTreeMap;

pub(super) use self::config::CONFIG;
use self::work::{LOGGED, Work};
use super::seen::{Delivered, Seen};
use crate::controls::obstacle::Obstacle;
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
    "Of the account's own trails that record all management events, the best is adopted: one that is \
     running before one that is stopped, then one of every region before one of a single region, then \
     one that delivers to CloudWatch Logs, then one that signs its log files, then one that encrypts with KMS, then one that \
     is not the organization's, then by name. Trails with selectors that leave events out keep them. \
     All that changes on a trail changes in one cloudtrail:UpdateTrail. Where there is none to adopt, a \
     bucket, its policy and a trail are made and the trail is started; where a trail hides that may be \
     one to adopt, none is made. ",
    "A log group, a role, a KMS key and a bucket for access logs are made where they are missing. \
     Policies are merged statement by statement: what others wrote stays to the byte.",
);

fn propose(case: &Case<'_>, wanted: &Wanted<'_>, scope: &Scope<'_>) -> Proposal {
    let seen = Seen::of(case);
    let mut work = Work::new(case, wanted, scope);
    let mut changing = trail::changing(&mut work, &seen);
    let mut buckets = seen.buckets();
    restore::place(&work, &buckets, &mut changing);
    delivery::deliver(&mut work, &seen.trails, &mut changing);
    encrypt::encrypt(&mut work, &mut changing);
    for delivered in &buckets {
        restore::restore(&mut work, delivered, &changing);
    }
    let new = changing.iter().find(|one| one.named.is_none()).map(|one| one.to.bucket.clone());
    for one in changing {
        one.finish(&mut work);
    }
    if let Some(new) = new.as_ref().filter(|new| buckets.iter().all(|one| one.name != *new)) {
        buckets.push(Delivered { name: new, trails: Vec::new() });
    }
    let mut unlogged = BTreeMap::new();
    for Delivered { name, trails } in buckets {
        let is_new = new.as_ref() == Some(name);
        if let Some(region) = logs_nothing(&mut work, name, is_new) {
            unlogged.insert(name.clone(), region);
        }
        if !is_new {
            public::close(&mut work, name, &trails);
        }
    }
    access::log_requests(&mut work, unlogged);
    work.proposal
}

/// The region of a bucket whose requests are to be logged, and are not.
fn logs_nothing(work: &mut Work<'_>, name: &BucketName, is_new: bool) -> Option<Region> {
    let at = name.as_str();
    let bucket = match work.case.snapshot.logging.bucket(name) {
        Ok(Bucket::Ours(bucket)) => bucket,
        Ok(Bucket::Absent) => {
            let region = work.made(name)?.clone();
            return work.scope.asks(LOGGED, at, &region).then_some(region);
        }
        Ok(Bucket::Foreign { .. }) | Err(_) => return None,
    };
    let region = &bucket.region;
    let asked = work.wants(LOGGED, at, region) || (is_new && work.scope.asks(LOGGED, at, region));
    match bucket.logging.known() {
        Ok(target) => (asked && target.is_none()).then(|| region.clone()),
        Err(gap) if asked => {
            let obstacle = Obstacle::unread(&format!("the access log of bucket {name}"), &gap);
            work.leave([LOGGED], (at, Some(region)), &obstacle);
            None
        }
        Err(_) => None,
    }
}
