//! The bucket that AWS Config delivers to.

use std::collections::BTreeMap;

use super::entry::Delivering;
use super::work::{Work, about};
use crate::controls::obstacle::Obstacle;
use crate::controls::statements::config_bucket;
use crate::controls::{Step, Why};
use crate::model::{
    Bucket, BucketName, DeliveryChannel, LastStatus, PolicyText, Region, Regional, Service,
};

/// Where a region delivers to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Destination {
    pub(super) bucket: BucketName,
    pub(super) prefix: Option<String>,
}

impl Destination {
    /// Where a channel delivers to, if it has a bucket.
    pub(super) fn of(channel: &DeliveryChannel) -> Option<Self> {
        let DeliveryChannel { bucket, prefix, .. } = channel;
        bucket.clone().map(|bucket| Self { bucket, prefix: prefix.clone() })
    }
}

/// Where regions without a bucket shall deliver to: where others do, or else to the baseline's.
pub(super) fn destination(work: &Work<'_>) -> Result<Destination, Obstacle> {
    if let Some(adopted) = in_use(work) {
        return Ok(adopted);
    }
    let bucket = work.case.settings.config.bucket.fill(&work.account().id, home(work)?);
    Ok(Destination { bucket, prefix: None })
}

/// The steps after which a bucket is there and lets these regions deliver.
pub(super) fn open(
    work: &mut Work<'_>,
    destination: &Destination,
    regions: &[&Region],
) -> Result<Vec<Step>, Obstacle> {
    let Destination { bucket, prefix } = destination;
    if is_foreign(work, bucket) && is_proven(work, destination) {
        return Ok(Vec::new());
    }
    let (account, prefix) = (work.account(), prefix.as_deref());
    let place = work.place(bucket, home(work)?, "config.bucket")?;
    if let Some(policy) = work.policy(bucket, &place)? {
        let mut is_let_in = true;
        for region in regions {
            let source = account.arn("config", region.as_str(), "");
            let service = Service::Config;
            let delivering = Delivering { account, bucket, prefix, service, source: &source };
            delivering.is_not_denied(&policy)?;
            is_let_in &= delivering.is_let_in(&policy);
        }
        if is_let_in {
            return Ok(Vec::new());
        }
    }
    let statements = |policy: Option<&PolicyText>| config_bucket(account, (bucket, prefix), policy);
    work.prepare(
        bucket,
        &place,
        statements,
        about(0.1, "0.023 for each GB of configuration history"),
    )
}

/// The region in which a bucket is made: that of the session if it can be.
fn home<'a>(work: &Work<'a>) -> Result<&'a Region, Obstacle> {
    let snapshot = work.case.snapshot;
    let home = snapshot.home.as_ref().filter(|home| snapshot.regional.contains_key(*home));
    let home = home.or_else(|| snapshot.regional.keys().next());
    home.ok_or_else(|| Obstacle::new(Why::Unknown, "no region was read"))
}

/// The bucket that most regions deliver to already, or would if they recorded.
fn in_use(work: &Work<'_>) -> Option<Destination> {
    let mut count: BTreeMap<(&BucketName, &Option<String>), usize> = BTreeMap::new();
    for regional in work.case.snapshot.regional.values() {
        let (fails, works) =
            (ends(regional, LastStatus::Failure), ends(regional, LastStatus::Success));
        if !fails
            && let Some(channel) = regional.channels.ok().and_then(|all| all.values().next())
            && let Some(bucket) = &channel.bucket
            // Somebody else's is adopted only where it is known to be meant for this.
            && (works || !is_foreign(work, bucket))
        {
            *count.entry((bucket, &channel.prefix)).or_default() += 1;
        }
    }
    let ((bucket, prefix), _) =
        count.into_iter().max_by(|(a, n), (b, m)| n.cmp(m).then_with(|| b.cmp(a)))?;
    Some(Destination { bucket: bucket.clone(), prefix: prefix.clone() })
}

/// Whether another region delivers there: that works, whoever keeps it.
pub(super) fn is_proven(work: &Work<'_>, destination: &Destination) -> bool {
    let Destination { bucket, prefix } = destination;
    work.case.snapshot.regional.values().any(|regional| {
        let mut channels = regional.channels.ok().into_iter().flat_map(BTreeMap::values);
        ends(regional, LastStatus::Success)
            && channels.any(|to| to.bucket.as_ref() == Some(bucket) && to.prefix == *prefix)
    })
}

/// Whether a recorder of the region records, and its last attempt ended like this.
fn ends(regional: &Regional, last: LastStatus) -> bool {
    let recorders = regional.recorders.ok().into_iter().flatten();
    let statuses = recorders.filter_map(|(_, recorder)| recorder.status.ok());
    statuses.into_iter().any(|status| status.recording && status.last == last)
}

/// Whether a bucket is known to be of another account.
pub(super) fn is_foreign(work: &Work<'_>, bucket: &BucketName) -> bool {
    matches!(work.case.snapshot.logging.bucket(bucket), Ok(Bucket::Foreign { .. }))
}
