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
    let bucket = match in_use(work) {
        Some(adopted) => adopted.clone(),
        None => work.case.settings.config.bucket.fill(&work.account().id, home(work)?),
    };
    let prefix = usual_prefix(work, &bucket);
    Ok(Destination { bucket, prefix })
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
fn in_use<'a>(work: &Work<'a>) -> Option<&'a BucketName> {
    most(adoptable(work).filter_map(|channel| channel.bucket.as_ref()))
}

/// The prefix that most regions have for a bucket, those that are to deliver there among them: however many of them
/// do by now, the answer is the same.
fn usual_prefix(work: &Work<'_>, bucket: &BucketName) -> Option<String> {
    let theirs = adoptable(work).filter(|channel| channel.bucket.as_ref() == Some(bucket));
    let bare = channels(work).map(|(_, channel)| channel);
    let bare = bare.filter(|channel| channel.bucket.is_none() && channel.prefix.is_some());
    // Under another prefix, somebody else's bucket may let nobody in.
    let bare = bare.filter(|_| !is_foreign(work, bucket));
    most(theirs.chain(bare).map(|channel| &channel.prefix))?.clone()
}

/// The channels with a bucket that others can deliver to as well.
fn adoptable<'a>(work: &Work<'a>) -> impl Iterator<Item = &'a DeliveryChannel> {
    channels(work).filter_map(|(regional, channel)| {
        // Somebody else's is adopted only where it is known to be meant for this.
        let is_ours = !is_foreign(work, channel.bucket.as_ref()?);
        (is_ours || ends(regional, LastStatus::Success)).then_some(channel)
    })
}

/// The channel of each region that has one, but for those that cannot deliver.
fn channels<'a>(work: &Work<'a>) -> impl Iterator<Item = (&'a Regional, &'a DeliveryChannel)> {
    let regions = work.case.snapshot.regional.values();
    let working = regions.filter(|regional| !ends(regional, LastStatus::Failure));
    working.filter_map(|regional| Some((regional, regional.channels.ok()?.values().next()?)))
}

/// What comes most often; of several the first by name.
fn most<T: Ord>(all: impl Iterator<Item = T>) -> Option<T> {
    let mut count: BTreeMap<T, usize> = BTreeMap::new();
    all.for_each(|one| *count.entry(one).or_default() += 1);
    let most = count.into_iter().max_by(|(a, n), (b, m)| n.cmp(m).then_with(|| b.cmp(a)));
    most.map(|(one, _)| one)
}

/// Whether another region delivers there: that works, whoever keeps it.
pub(super) fn is_proven(work: &Work<'_>, destination: &Destination) -> bool {
    channels(work).any(|(regional, channel)| {
        ends(regional, LastStatus::Success)
            && Destination::of(channel).as_ref() == Some(destination)
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
