//! Which trails change.

use super::changing::Changing;
use super::choose::choose;
use super::new;
use super::work::{CLOSED, DELIVERS, ENCRYPTED, LOGGED, SIGNED, TRAIL, Work};
use crate::controls::Why;
use crate::controls::logging::seen::{Named, Seen, TRAILS};
use crate::controls::obstacle::Obstacle;
use crate::model::ControlId;

/// The trails that change: the one that is to record everything, and those that miss something.
pub(super) fn changing<'a>(work: &mut Work<'_>, seen: &Seen<'a>) -> Vec<Changing<'a>> {
    let mut changing = Vec::new();
    let mut main = None;
    if work.wanted.contains_key(&TRAIL) {
        let chosen = choose(work.case.snapshot, seen);
        let made = match chosen {
            Ok(Some(best)) => {
                main = Some(best.arn);
                Ok(None)
            }
            Ok(None) => new::plan(work, seen).map(Some),
            Err(obstacle) => Err(obstacle),
        };
        match made {
            Ok(new) => changing.extend(new),
            // What the other controls miss is the same trail.
            Err(obstacle) => wait(work, &obstacle),
        }
    } else {
        let detail = "there is no trail, and 2.1, which makes one, is not selected or is waived";
        wait(work, &Obstacle::new(Why::NeedsSetting, detail));
    }
    for named in &seen.trails {
        if named.is_foreign() {
            leave_foreign(work, named);
        } else {
            let is_main = main == Some(named.arn);
            changing.extend(Changing::of(work, *named, is_main, &seen.trails));
        }
    }
    changing
}

/// Leaves everything that misses a trail at all.
fn wait(work: &mut Work<'_>, obstacle: &Obstacle) {
    let waiting: Vec<ControlId> = work
        .wanted
        .iter()
        .filter(|(_, findings)| findings.iter().any(|one| one.resource == TRAILS))
        .map(|(control, _)| *control)
        .collect();
    work.leave(waiting, (TRAILS, None), obstacle);
}

/// Trails of other accounts are theirs to change.
fn leave_foreign(work: &mut Work<'_>, named: &Named<'_>) {
    if named.central.is_some() {
        let controls = [SIGNED, CLOSED, DELIVERS, LOGGED, ENCRYPTED];
        let controls = work.failing(controls, named.name());
        return work.leave_found(&controls, named.name(), &named.is_for_its_owner());
    }
    let owner = &named.trail.owner;
    let detail = format!("the trail belongs to account {owner}, which alone can change it");
    let controls = work.failing([SIGNED, DELIVERS, ENCRYPTED], named.name());
    work.leave_found(&controls, named.name(), &Obstacle::new(Why::Shared, detail));
}
