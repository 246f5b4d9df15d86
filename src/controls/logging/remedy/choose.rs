//! Which trail is to record everything. The ranking is told in [`super::EXPLAINED`].

use std::cmp::Reverse;

use crate::controls::logging::seen::Named;
use crate::controls::words::list;
use crate::model::Snapshot;

/// The best trail that can be widened, if there is one.
pub(super) fn best<'a>(snapshot: &Snapshot, trails: &[Named<'a>]) -> Option<Named<'a>> {
    trails
        .iter()
        .filter(|named| is_adoptable(snapshot, named))
        .min_by_key(|named| rank(named))
        .copied()
}

/// Whether the trail is ours, records all that it sees, and is at home where it can be changed.
fn is_adoptable(snapshot: &Snapshot, named: &Named<'_>) -> bool {
    let all = named.trail.events.ok().is_some_and(|events| events.read && events.write);
    !named.is_foreign()
        && all
        && named.trail.status.ok().is_some()
        && snapshot.regional.contains_key(&named.trail.home)
}

/// Less is better.
fn rank<'a>(named: &Named<'a>) -> impl Ord + use<'a> {
    let trail = named.trail;
    let logging = trail.status.ok().is_some_and(|status| status.logging);
    let prefers = [
        trail.multi_region,
        logging,
        trail.log_group.is_some(),
        trail.validation,
        trail.key.is_some(),
        !trail.organization,
    ];
    (prefers.map(Reverse), trail.name.as_str(), trail.home.as_str())
}

/// What it costs that other trails record the same as this one.
pub(super) fn second_copies(chosen: &Named<'_>, trails: &[Named<'_>]) -> Option<String> {
    let others: Vec<String> = trails
        .iter()
        .filter(|other| other.arn != chosen.arn)
        .filter(|other| other.trail.status.ok().is_some_and(|status| status.logging))
        .filter(|other| other.trail.events.ok().is_some_and(|events| events.read || events.write))
        .map(|other| other.name().to_owned())
        .collect();
    let records = if others.len() == 1 { "records" } else { "record" };
    (!others.is_empty()).then(|| {
        format!(
            "{} {records} management events too: each further copy costs about 2.00 USD for 100,000 \
             events",
            list(&others)
        )
    })
}
