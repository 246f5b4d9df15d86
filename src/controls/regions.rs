//! Going through the regions of a snapshot without losing what could not be read.

use super::Missing;
use crate::model::{Gap, Observed, Region, Regional, Snapshot};

/// One part of every region, and notes of every region where it is missing.
pub(super) fn part_of_each<'a, T>(
    snapshot: &'a Snapshot,
    missing: &mut Vec<Missing>,
    part: impl Fn(&'a Regional) -> &'a Observed<T>,
) -> Vec<(&'a Region, &'a T)> {
    let unread = match snapshot.regions.known() {
        Ok(regions) => regions.iter().filter(|r| !snapshot.regional.contains_key(*r)).collect(),
        Err(gap) => {
            missing.push(Missing { region: None, resource: None, gap });
            Vec::new()
        }
    };
    missing.extend(unread.into_iter().map(|region| Missing {
        region: Some(region.clone()),
        resource: None,
        gap: Gap { action: None, reason: "not read".to_owned() },
    }));
    let mut known = Vec::new();
    for (region, regional) in &snapshot.regional {
        match part(regional).known() {
            Ok(value) => known.push((region, value)),
            Err(gap) => {
                missing.push(Missing { region: Some(region.clone()), resource: None, gap });
            }
        }
    }
    known
}
