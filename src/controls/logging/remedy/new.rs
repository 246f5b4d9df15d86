//! A new trail, where none can be adopted.

use std::collections::BTreeSet;

use super::changing::{Changing, delivering};
use super::choose::second_copies;
use super::public::{before_use, title};
use super::work::{CLOSED, DELIVERS, ENCRYPTED, Place, SIGNED, TRAIL, Work, about};
use crate::change::{Risk, TrailConfig};
use crate::controls::Why;
use crate::controls::logging::seen::{Named, Seen};
use crate::controls::obstacle::Obstacle;
use crate::controls::statements::{TrailOf, trail_bucket};
use crate::model::{PolicyText, Region};

/// CloudTrail's own limit, in each region.
const MOST_TRAILS: usize = 5;

/// Plans the bucket of a new trail, and begins the trail itself.
pub(super) fn plan<'a>(work: &mut Work<'_>, seen: &Seen<'a>) -> Result<Changing<'a>, Obstacle> {
    let all = &seen.trails;
    if work.case.snapshot.narrowed {
        let detail = "only some regions were read: a trail of another one may do, and a second copy of all \
                      events is charged. Plan without `--regions`";
        return Err(Obstacle::new(Why::Unknown, detail));
    }
    let home = home(work)?;
    let name = work.case.settings.trail.name.clone();
    let here: Vec<&Named<'_>> =
        all.iter().filter(|one| one.trail.multi_region || one.trail.home == home).collect();
    if let Some(other) = here.iter().find(|one| one.trail.name == name) {
        return Err(taken(other, &home));
    }
    if here.len() >= MOST_TRAILS {
        let seen = here.len();
        let detail = format!(
            "{seen} trails are seen in {home}, where CloudTrail allows {MOST_TRAILS}, and none of them \
             can be adopted"
        );
        return Err(Obstacle::new(Why::Unsupported, detail));
    }
    let account = work.account();
    let bucket = work.case.settings.trail.bucket.fill(&account.id, &home);
    let place = work.place(&bucket, &home, "trail.bucket")?;
    let arn = account.arn("cloudtrail", home.as_str(), &format!("trail/{name}"));
    let trail = TrailOf { arn: &arn, organization: false };
    let statements =
        |policy: Option<&PolicyText>| trail_bucket(account, (&bucket, None), trail, policy);
    let mut closing = Vec::new();
    if let Place::There(own) = &place {
        if let Some(Some(policy)) = own.policy.ok() {
            delivering(account, &bucket, None, &arn).is_not_denied(policy)?;
        }
        let buckets = seen.buckets();
        let known = buckets.iter().find(|one| *one.name == bucket);
        let trails = known.map(|one| one.trails.as_slice()).unwrap_or_default();
        closing = before_use(work, &bucket, own, trails)?;
    }
    let steps = work.prepare(&bucket, &place, statements, storage())?;
    work.bundle(&BTreeSet::from([CLOSED]), title(&bucket), closing);
    work.bundle(&BTreeSet::from([TRAIL]), format!("bucket {bucket}"), steps);
    // It has what every selected control asks for from the beginning.
    let asks = |control| work.scope.asks(control, &name, &home);
    let (impact, costs) = second_copies(None, all).unzip();
    Ok(Changing {
        named: None,
        bucket_region: Some(place.region().clone()),
        to: TrailConfig {
            bucket,
            prefix: None,
            multi_region: true,
            global_events: true,
            validation: asks(SIGNED),
            logs: None,
            key: None,
        },
        alias: None,
        controls: [SIGNED, DELIVERS, ENCRYPTED]
            .into_iter()
            .filter(|control| asks(*control))
            .chain([TRAIL])
            .collect(),
        impact: impact.into_iter().collect(),
        costs: costs.into_iter().collect(),
        // Nobody reads it yet.
        risk: Risk::Additive,
        name,
        home,
    })
}

/// What a bucket for log files costs.
pub(super) fn storage() -> Option<crate::change::Cost> {
    about(0.1, "0.023 for each GB of log files; the first copy of management events is free")
}

fn taken(other: &Named<'_>, home: &Region) -> Obstacle {
    let (name, at) = (&other.trail.name, &other.trail.home);
    let why = if other.is_foreign() {
        format!("belongs to account {}", other.trail.owner)
    } else if at == home {
        "leaves out events by its selectors, and harden changes no selectors".to_owned()
    } else {
        format!("is at home in {at}, and leaves out events by its selectors")
    };
    let detail =
        format!("the trail {name} that is seen in {home} {why}: name another in `trail.name`");
    Obstacle::new(Why::Manual, detail)
}

/// The region that a new trail is at home in.
fn home(work: &Work<'_>) -> Result<Region, Obstacle> {
    let snapshot = work.case.snapshot;
    let home = snapshot.home.as_ref().filter(|home| snapshot.regional.contains_key(*home));
    home.or_else(|| snapshot.regional.keys().next())
        .cloned()
        .ok_or_else(|| Obstacle::new(Why::Unknown, "no region was read"))
}
