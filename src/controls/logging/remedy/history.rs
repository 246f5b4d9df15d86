//! The bucket that AWS Config delivers to.

use std::collections::BTreeMap;

use super::work::{Obstacle, Work, about};
use crate::controls::permits::{Answer, Call, answer};
use crate::controls::statements::config_bucket;
use crate::controls::{Step, Why};
use crate::model::{Bucket, BucketName, LastStatus, PolicyText, Region, Regional, Service};

/// Where a region delivers to.
#[derive(Clone, Debug)]
pub(super) struct Destination {
    pub(super) bucket: BucketName,
    pub(super) prefix: Option<String>,
}

/// Where regions without a bucket shall deliver to, and the steps that make it fit.
pub(super) fn destination(
    work: &mut Work<'_>,
    regions: &[&Region],
) -> Result<(Destination, Vec<Step>), Obstacle> {
    let snapshot = work.case.snapshot;
    let account = work.account();
    let home = snapshot.home.as_ref().filter(|home| snapshot.regional.contains_key(*home));
    let home = home.or_else(|| snapshot.regional.keys().next());
    let home = home.ok_or_else(|| Obstacle::new(Why::Unknown, "no region was read"))?;
    let adopted = in_use(work);
    let is_adopted = adopted.is_some();
    let destination = adopted.unwrap_or_else(|| Destination {
        bucket: work.case.settings.config.bucket.fill(&account.id, home),
        prefix: None,
    });
    let Destination { bucket, prefix } = &destination;
    // What other regions deliver to works, whoever keeps it.
    if regions.is_empty() || (is_adopted && is_foreign(work, bucket)) {
        return Ok((destination, Vec::new()));
    }
    let place = work.place(bucket, home, "config.bucket")?;
    let policy = work.policy(bucket, &place)?;
    let lets_in = policy.is_some_and(|policy| {
        let arn = format!("arn:{}:s3:::{bucket}", account.partition);
        let path = prefix.as_ref().map_or(String::new(), |prefix| format!("{prefix}/"));
        let object = format!("{arn}/{path}AWSLogs/{}/Config/x", account.id);
        regions.iter().all(|region| {
            let source = account.arn("config", region.as_str(), "");
            [("s3:GetBucketAcl", &arn), ("s3:PutObject", &object)].iter().all(
                |(action, resource)| {
                    let (service, resource) = (Service::Config, Some(resource.as_str()));
                    let call =
                        Call { service, action, resource, account: &account.id, source: &source };
                    answer(&policy, &call) == Answer::Yes
                },
            )
        })
    });
    if lets_in {
        return Ok((destination, Vec::new()));
    }
    let statements = |_: Option<&PolicyText>| config_bucket(account, bucket, prefix.as_deref());
    let cost = about(0.1, "0.023 for each GB of configuration history");
    let steps = work.prepare(bucket, &place, statements, cost)?;
    Ok((destination, steps))
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
