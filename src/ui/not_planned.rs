//! What a plan leaves as it is, and why.

use std::collections::BTreeMap;

use super::page::{Page, Paint};
use super::plan::{MOST_CONTROLS, ranges};
use super::text::{count, width};
use crate::controls::{NotPlanned, Why};
use crate::model::{ControlId, Region};

pub(super) fn not_planned(page: &mut Page, entries: &[NotPlanned]) {
    if entries.is_empty() {
        return;
    }
    page.gap();
    page.line(0, &[(Paint::Bold, "Not planned")]);
    page.gap();
    let told: Vec<(&NotPlanned, String, Vec<&Region>)> =
        gathered(merged(&entries.iter().collect::<Vec<_>>()))
            .into_iter()
            .map(|(entry, controls, regions)| (entry, ranges(controls), regions))
            .collect();
    let widest = told.iter().map(|(_, controls, _)| width(controls)).max();
    let column = widest.unwrap_or(0).min(MOST_CONTROLS);
    for (entry, controls, regions) in told {
        let control = format!("{controls:<column$}  ");
        let place = match (&entry.resource, regions.as_slice()) {
            (Some(resource), [region]) => format!("{resource} in {region}: "),
            (Some(resource), [_, ..]) => {
                format!("{resource} in {}: ", count(regions.len(), "region", "regions"))
            }
            _ => String::new(),
        };
        page.wrapped(
            2,
            column + 2,
            &[
                (Paint::Bold, &control),
                (why_paint(entry.why), entry.why.word()),
                (Paint::Plain, "  "),
                (Paint::Dim, &place),
                (Paint::Plain, &entry.detail),
            ],
        );
    }
}

/// What is true of the same thing in several regions is said once.
fn gathered(entries: Vec<Merged<'_>>) -> Vec<(&NotPlanned, Vec<ControlId>, Vec<&Region>)> {
    let mut gathered: Vec<(&NotPlanned, Vec<ControlId>, Vec<&Region>)> = Vec::new();
    let mut places = BTreeMap::new();
    for (entry, controls) in entries {
        let regional = entry.region.is_some();
        let said = (regional, &entry.resource, entry.why, &entry.detail, controls.clone());
        let at = *places.entry(said).or_insert_with(|| {
            gathered.push((entry, controls, Vec::new()));
            gathered.len() - 1
        });
        if let Some((_, _, regions)) = gathered.get_mut(at) {
            regions.extend(&entry.region);
        }
    }
    gathered
}

/// An entry, and all controls that it serves.
pub(super) type Merged<'a> = (&'a NotPlanned, Vec<ControlId>);

/// What is true of several controls is said once.
pub(super) fn merged<'a>(entries: &[&'a NotPlanned]) -> Vec<Merged<'a>> {
    let mut merged: Vec<Merged<'_>> = Vec::new();
    let mut places = BTreeMap::new();
    for entry in entries.iter().copied() {
        let said = (&entry.resource, &entry.region, entry.why, &entry.detail);
        let at = *places.entry(said).or_insert_with(|| {
            merged.push((entry, Vec::new()));
            merged.len() - 1
        });
        if let Some((_, controls)) = merged.get_mut(at) {
            controls.push(entry.control);
        }
    }
    merged
}

const fn why_paint(why: Why) -> Paint {
    match why {
        Why::HeldBack | Why::NeedsSetting | Why::Unknown | Why::Moved => Paint::Warn,
        Why::Manual | Why::Waived | Why::Caller | Why::Shared | Why::Unsupported | Why::Already => {
            Paint::Dim
        }
    }
}
