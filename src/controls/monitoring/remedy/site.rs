//! The log group that filters are put on.

use std::cmp::Reverse;

use super::work::Work;
use crate::controls::monitoring::chain::{End, Link, Place, Sources, by_way_of, filters};
use crate::controls::monitoring::{Alarm, alarms};
use crate::controls::obstacle::Obstacle;
use crate::controls::words::list;
use crate::controls::{Case, Why};
use crate::model::ControlId;

/// What has to pass before there is a log group to watch.
const BEFORE: [ControlId; 2] = [ControlId::new(2, 1), ControlId::new(2, 4)];

/// The log groups that trails fill, the best first: that with most of the chains, so that what is right is
/// used; then by the order of the trails.
pub(super) struct Sites(Vec<Place>);

impl Sites {
    pub(super) fn of(case: &Case<'_>) -> Self {
        let mut places: Vec<Place> = Vec::new();
        for alarm in alarms() {
            for (place, _) in Sources::of(case, alarm).filled {
                if !places.contains(&place) {
                    places.push(place);
                }
            }
        }
        if places.len() > 1 {
            places.sort_by_cached_key(|place| Reverse(score(case, place)));
        }
        Self(places)
    }

    /// The best log group that is filled with what an alarm is about.
    pub(super) fn best(&self, case: &Case<'_>, alarm: &Alarm) -> Option<Place> {
        let filled = Sources::of(case, alarm).filled;
        let fills = |place: &&Place| filled.iter().any(|(other, _)| other == *place);
        self.0.iter().find(fills).cloned()
    }
}

/// How much of all chains is there: first whether there can be any, then link by link.
fn score(case: &Case<'_>, place: &Place) -> (bool, usize) {
    let reached = |alarm| {
        let ends = by_way_of(case, alarm, place, &[]).ends;
        let whole = ends.iter().any(|end| matches!(end, End::Whole { .. } | End::Waits(_)));
        let links = ends.iter().filter_map(End::reaches).max().map_or(0, Link::number);
        links + usize::from(whole)
    };
    (filters(case, place).is_ok(), alarms().iter().map(reached).sum())
}

/// Why there is no log group to put a filter on.
pub(super) fn no_trail(work: &Work<'_>, alarm: &Alarm) -> Obstacle {
    let unselected: Vec<String> = BEFORE
        .iter()
        .filter(|id| !work.scope.selected.contains(id))
        .map(ToString::to_string)
        .collect();
    if !unselected.is_empty() {
        let detail = format!(
            "no trail fills a log group with these events. That is what {} {} about: select {} too",
            list(&unselected),
            if unselected.len() == 1 { "is" } else { "are" },
            if unselected.len() == 1 { "it" } else { "them" },
        );
        return Obstacle::new(Why::NeedsSetting, detail);
    }
    let sources = Sources::of(work.case, alarm);
    let dark = !sources.missing.is_empty();
    let why = if dark { Why::Unknown } else { Why::HeldBack };
    let detail = match alarm.blind_without.filter(|_| only_blind(work.case, alarm)) {
        Some(source) => format!(
            "the trails leave out the events of {source}, and the selectors of a trail stay as they are"
        ),
        None => {
            "no trail fills a log group with these events, and none does by this plan: see what \
                 stands in the way of 2.1 and 2.4"
                .to_owned()
        }
    };
    Obstacle::new(why, detail)
}

/// Whether a trail would do, but that it leaves out what the alarm is about.
fn only_blind(case: &Case<'_>, alarm: &Alarm) -> bool {
    let seeing = Alarm { blind_without: None, ..*alarm };
    !Sources::of(case, &seeing).filled.is_empty()
}
