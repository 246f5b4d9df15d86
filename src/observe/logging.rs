//! Reads the trails of every region, then what they are doing and what they deliver to.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::{join, join_all, join3};

use super::when;
use crate::aws::{Clients, cloudtrail, kms, observed, s3};
use crate::model::{
    Bucket, BucketName, KeyArn, Logging, Observed, Read, Region, Trail, TrailArn, TrailKey,
};

/// In which region which trails are seen.
pub(super) type Seen = BTreeMap<Region, Observed<BTreeSet<TrailArn>>>;

/// Reads what is asked for.
pub(super) async fn read_logging(
    clients: &Clients,
    regions: &BTreeSet<Region>,
    reads: &BTreeSet<Read>,
) -> (Logging, Seen) {
    let (mut trails, seen) = read_trails(clients, regions).await;
    let buckets = buckets_of(&trails);
    let keys = keys_of(clients, &trails);
    let (told, buckets, keys) = join3(
        tell(clients, &mut trails, reads),
        read_buckets(clients, buckets, reads, Read::Buckets),
        read_keys(clients, keys, reads),
    )
    .await;
    let () = told;
    (Logging { trails, buckets, keys }, seen)
}

/// Each trail once, however many regions show it.
async fn read_trails(
    clients: &Clients,
    regions: &BTreeSet<Region>,
) -> (BTreeMap<TrailArn, Trail>, Seen) {
    let answers = join_all(regions.iter().map(async |region| {
        let trails = observed(cloudtrail::trails(clients, region).await);
        (region.clone(), trails)
    }));
    let mut all = BTreeMap::new();
    let mut seen = Seen::new();
    for (region, answer) in answers.await {
        let arns = answer.map(|trails| {
            let arns = trails.keys().cloned().collect();
            for (arn, trail) in trails {
                all.entry(arn).or_insert(trail);
            }
            arns
        });
        seen.insert(region, arns);
    }
    (all, seen)
}

/// Asks each trail at home. Nobody but its owner is shown the selectors of a trail.
async fn tell(clients: &Clients, trails: &mut BTreeMap<TrailArn, Trail>, reads: &BTreeSet<Read>) {
    let wanted = |read| reads.contains(&read);
    join_all(trails.iter_mut().map(async |(arn, trail)| {
        let selectors = wanted(Read::TrailSelectors) && trail.owner == *clients.account();
        let (status, events) = join(
            when(wanted(Read::TrailStatus), cloudtrail::status(clients, &trail.home, arn)),
            when(selectors, cloudtrail::events(clients, &trail.home, arn)),
        )
        .await;
        trail.status = status;
        if selectors {
            trail.events = events;
        }
    }))
    .await;
}

/// Each bucket, and the region it is looked for in first.
fn buckets_of(trails: &BTreeMap<TrailArn, Trail>) -> BTreeMap<BucketName, Region> {
    trails.values().map(|trail| (trail.bucket.clone(), trail.home.clone())).collect()
}

/// Reads buckets if this one of the reads is asked for, and their parts that are.
pub(super) async fn read_buckets(
    clients: &Clients,
    buckets: BTreeMap<BucketName, Region>,
    reads: &BTreeSet<Read>,
    read: Read,
) -> BTreeMap<BucketName, Observed<Bucket>> {
    let wanted = reads.contains(&read);
    let buckets = join_all(buckets.into_iter().map(async |(name, near)| {
        let bucket = when(wanted, s3::bucket(clients, &near, &name, reads)).await;
        (name, bucket)
    }));
    buckets.await.into_iter().collect()
}

/// The keys of the account, and where they are. Keys of other accounts are theirs to show.
fn keys_of(clients: &Clients, trails: &BTreeMap<TrailArn, Trail>) -> BTreeMap<KeyArn, Region> {
    let ours = trails.values().filter_map(|trail| Some((trail.key.as_ref()?, &trail.home)));
    let ours = ours.filter(|(key, _)| !key.is_foreign_to(clients.account()));
    ours.map(|(key, home)| (key.clone(), key.region().unwrap_or_else(|| home.clone()))).collect()
}

async fn read_keys(
    clients: &Clients,
    keys: BTreeMap<KeyArn, Region>,
    reads: &BTreeSet<Read>,
) -> BTreeMap<KeyArn, Observed<Option<TrailKey>>> {
    let wanted = reads.contains(&Read::TrailKeys);
    let keys = join_all(keys.into_iter().map(async |(arn, region)| {
        let key = when(wanted, kms::trail_key(clients, &region, &arn)).await;
        (arn, key)
    }));
    keys.await.into_iter().collect()
}
