//! Which trail encrypts with which key.

use std::collections::BTreeMap;

use super::changing::Changing;
use super::key::{Keys, plan};
use super::work::{ENCRYPTED, Work};
use crate::change::Risk;
use crate::controls::Why;
use crate::controls::obstacle::Obstacle;
use crate::model::{Bucket, BucketName, Region};

/// Gives each trail that misses one a key in the region of its bucket: one key for all there.
pub(super) fn encrypt(work: &mut Work<'_>, changing: &mut [Changing<'_>]) {
    let mut trails: BTreeMap<Region, Vec<String>> = BTreeMap::new();
    for one in changing.iter_mut().filter(|one| one.controls.contains(&ENCRYPTED)) {
        match place(work, one) {
            Ok(region) => trails.entry(region).or_default().push(one.arn(work)),
            Err(obstacle) => one.give_up(work, ENCRYPTED, &obstacle),
        }
    }
    let mut keys = Keys::default();
    for one in changing.iter_mut().filter(|one| one.controls.contains(&ENCRYPTED)) {
        let Some((region, trails)) =
            one.bucket_region.as_ref().and_then(|region| trails.get_key_value(region))
        else {
            continue;
        };
        match keys.for_region(work, region, trails) {
            Ok(named) => {
                one.to.key = Some(named.key);
                one.alias = named.alias;
                if one.named.is_some() {
                    one.risk = Risk::Restrictive;
                    one.impact.push(readers(&one.to.bucket));
                }
            }
            Err(obstacle) => one.give_up(work, ENCRYPTED, &obstacle),
        }
    }
}

/// The region that the key of a trail has to be in.
fn place(work: &Work<'_>, one: &Changing<'_>) -> Result<Region, Obstacle> {
    let (name, bucket) = (&one.name, &one.to.bucket);
    if let Some(key) = &one.to.key {
        let detail = format!(
            "the trail {name} encrypts with {key}, which cannot be used: mend that key, or give the \
             trail another"
        );
        return Err(Obstacle::new(Why::Manual, detail));
    }
    if matches!(work.case.snapshot.logging.bucket(bucket), Ok(Bucket::Foreign { .. })) {
        let detail = format!(
            "the bucket {bucket} belongs to another account, whose readers can use no key of this one: \
             give the trail {name} a key of that account"
        );
        return Err(Obstacle::new(Why::Shared, detail));
    }
    let region = one.bucket_region.clone().ok_or_else(|| {
        Obstacle::new(Why::Unknown, format!("where bucket {bucket} is could not be read"))
    })?;
    if one.named.is_some() && work.scope.max_risk < Risk::Restrictive {
        // What stands in its way outweighs the risk, which somebody may raise in vain.
        plan(work, &region, &[one.arn(work)])?;
        let readers = readers(bucket);
        let detail =
            format!("trail {name}: restrictive, `--max-risk restrictive` lets it in; {readers}");
        return Err(Obstacle::new(Why::HeldBack, detail));
    }
    Ok(region)
}

fn readers(bucket: &BucketName) -> String {
    format!(
        "whoever reads the log files in {bucket} needs kms:Decrypt on the key from then on; older files \
         stay as they are"
    )
}
