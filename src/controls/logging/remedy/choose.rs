//! Which trail is to record everything. The ranking is told in [`super::EXPLAINED`].

use std::cmp::Reverse;

use crate::change::Cost;
use crate::controls::Why;
use crate::controls::logging::seen::{Named, Seen};
use crate::controls::obstacle::Obstacle;
use crate::controls::words::list;
use crate::model::{Snapshot, TrailArn};

/// The best trail that can be widened; `None` where there is none and one has to be made.
///
/// A trail that may be the one, and that hides, is not passed over: a new trail beside it would record a
/// second copy of everything.
pub(super) fn choose<'a>(
    snapshot: &Snapshot,
    seen: &Seen<'a>,
) -> Result<Option<Named<'a>>, Obstacle> {
    let mut best: Option<Named<'a>> = None;
    let mut hidden: Option<Obstacle> = None;
    for named in seen.trails.iter().filter(|named| !named.is_foreign()) {
        match is_adoptable(snapshot, named) {
            Ok(true) if best.as_ref().is_none_or(|best| rank(named) < rank(best)) => {
                best = Some(*named);
            }
            Ok(_) => {}
            Err(obstacle) => hidden = hidden.or(Some(obstacle)),
        }
    }
    let unread = seen.missing.first().map(|missing| {
        let region =
            missing.region.as_ref().map_or(String::new(), |region| format!(" in {region}"));
        let detail = format!("the trails{region} could not be read: {}", missing.gap.reason);
        Obstacle::new(Why::Unknown, detail)
    });
    match (best, hidden.or(unread)) {
        (Some(best), _) => Ok(Some(best)),
        (None, Some(obstacle)) => Err(obstacle),
        (None, None) => Ok(None),
    }
}

/// Whether a trail of ours records all that it sees, and is at home where it can be changed.
fn is_adoptable(snapshot: &Snapshot, named: &Named<'_>) -> Result<bool, Obstacle> {
    let (name, home) = (named.name(), &named.trail.home);
    let events = named.trail.events.known();
    let events =
        events.map_err(|gap| Obstacle::unread(&format!("what trail {name} records"), &gap))?;
    if !(events.read && events.write) {
        return Ok(false);
    }
    let status = named.trail.status.known();
    status.map_err(|gap| Obstacle::unread(&format!("the status of trail {name}"), &gap))?;
    if !snapshot.regional.contains_key(home) {
        let detail =
            format!("the trail {name} is at home in {home}, which is not among the regions read");
        return Err(Obstacle::new(Why::Unknown, detail));
    }
    Ok(true)
}

/// Less is better.
fn rank<'a>(named: &Named<'a>) -> impl Ord + use<'a> {
    let trail = named.trail;
    let logging = trail.status.ok().is_some_and(|status| status.logging);
    let prefers = [
        // To start one beside it would record a second copy, and what somebody has stopped.
        logging,
        trail.multi_region,
        trail.log_group.is_some(),
        trail.validation,
        trail.key.is_some(),
        !trail.organization,
    ];
    (prefers.map(Reverse), trail.name.as_str(), trail.home.as_str())
}

/// What it means, and what it costs, that other trails record the same as this one.
pub(super) fn second_copies(
    chosen: Option<&TrailArn>,
    trails: &[Named<'_>],
) -> Option<(String, Cost)> {
    let others: Vec<String> = trails
        .iter()
        .filter(|other| Some(other.arn) != chosen)
        .filter(|other| other.trail.status.ok().is_some_and(|status| status.logging))
        .filter(|other| other.trail.events.ok().is_some_and(|events| events.read || events.write))
        .map(|other| other.name().to_owned())
        .collect();
    if others.is_empty() {
        return None;
    }
    let records = if others.len() == 1 { "records" } else { "record" };
    let impact = format!(
        "{} {records} management events too: only the first copy of an event is free",
        list(&others)
    );
    let note = "2.00 for each 100,000 management events that another trail records as well";
    Some((impact, Cost { usd_per_month: 2.0, note: note.to_owned() }))
}
