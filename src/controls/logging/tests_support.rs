//! For tests: accounts of two regions in which all is well, until a test changes something.

use std::collections::BTreeSet;

use crate::controls::{Case, Check, Finding, Outcome};
use crate::model::{
    Action, Bucket, BucketName, Delivery, DeliveryChannel, KeyArn, LastStatus, ManagementEvents,
    Observed, OwnBucket, Recorder, RecorderStatus, Records, Region, Regional, Settings, Snapshot,
    Trail, TrailArn, TrailStatus, fixture,
};

/// An account that is not ours.
pub(in crate::controls) const FOREIGN: &str = "444455556666";
/// The key of every trail.
pub(in crate::controls) const KEY: &str = "arn:aws:kms:us-west-2:111122223333:key/1";

/// The verdict of one check, by the default settings.
pub(in crate::controls) fn assess(check: &dyn Check, snapshot: &Snapshot) -> Outcome {
    check.assess(&Case { snapshot, settings: &Settings::default() })
}

/// What makes it fail.
#[track_caller]
pub(in crate::controls) fn findings(outcome: &Outcome) -> &[Finding] {
    let Outcome::Judged { findings, missing, .. } = outcome else { panic!("{outcome:?}") };
    assert!(missing.is_empty(), "{missing:?}");
    findings
}

pub(in crate::controls) fn denied<T>(action: &'static str) -> Observed<T> {
    Observed::Denied { action: Action::new(action) }
}

/// A trail that has everything, at home in the first region.
pub(in crate::controls) fn trail(name: &str) -> Trail {
    let recently = || Delivery { at: Some("2026-11-25T11:55:00Z".parse().unwrap()), error: None };
    Trail {
        name: name.to_owned(),
        home: fixture::region(),
        owner: fixture::account(),
        organization: false,
        multi_region: true,
        global_events: true,
        validation: true,
        bucket: BucketName::new("trail-bucket"),
        prefix: None,
        log_group: Some("arn:aws:logs:eu-west-1:111122223333:log-group:trail:*".to_owned()),
        role: Some("arn:aws:iam::111122223333:role/trail".to_owned()),
        key: Some(KeyArn::new(KEY)),
        status: Observed::Known(TrailStatus {
            logging: true,
            started: None,
            delivered: recently(),
            delivered_to_logs: recently(),
        }),
        events: Observed::Known(ManagementEvents::ALL),
    }
}

/// An account with these trails. Both regions see those that record every region.
pub(in crate::controls) fn account(trails: Vec<Trail>) -> Snapshot {
    let mut snapshot = fixture::unread();
    let second = Region::new("us-west-2");
    snapshot.regional.insert(second.clone(), Regional::UNREAD);
    snapshot.regions.ok_mut().unwrap().insert(second);
    for trail in trails {
        let Trail { name, home, owner, .. } = &trail;
        let arn = TrailArn::new(format!("arn:aws:cloudtrail:{home}:{owner}:trail/{name}"));
        snapshot.logging.trails.insert(arn, trail);
    }
    for (region, regional) in &mut snapshot.regional {
        let seen = snapshot.logging.trails.iter();
        let seen = seen.filter(|(_, trail)| trail.multi_region || trail.home == *region);
        let seen: BTreeSet<TrailArn> = seen.map(|(arn, _)| arn.clone()).collect();
        regional.trails = Observed::Known(seen);
    }
    snapshot
}

/// An account with one trail that delivers to this bucket.
pub(in crate::controls) fn with_bucket(bucket: Observed<Bucket>) -> Snapshot {
    let mut snapshot = account(vec![trail("main")]);
    snapshot.logging.buckets.insert(BucketName::new("trail-bucket"), bucket);
    snapshot
}

/// An account with one trail that delivers to a bucket that is closed, but for the change.
pub(in crate::controls) fn with_own_bucket(change: impl FnOnce(&mut OwnBucket)) -> Snapshot {
    let mut bucket = OwnBucket {
        acl: Observed::Known(Vec::new()),
        policy: Observed::Known(None),
        policy_is_public: Observed::Known(false),
        public_access: Observed::Known(None),
        ownership: Observed::Known(None),
        logging: Observed::Known(None),
        ..OwnBucket::unread(Region::new("us-west-2"))
    };
    change(&mut bucket);
    with_bucket(Observed::Known(Bucket::Ours(Box::new(bucket))))
}

/// A recorder that records everything.
pub(in crate::controls) fn recorder() -> Recorder {
    Recorder {
        role: None,
        records: Records::Everything,
        global_types: true,
        mode: None,
        status: Observed::Known(RecorderStatus {
            recording: true,
            last: LastStatus::Success,
            error: None,
        }),
    }
}

/// A channel that delivers to a bucket.
pub(in crate::controls) fn channel() -> DeliveryChannel {
    DeliveryChannel {
        bucket: Some(BucketName::new("config-bucket")),
        prefix: None,
        topic: None,
        key: None,
        frequency: None,
    }
}
