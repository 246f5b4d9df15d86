//! 2.1: one trail records all management events of every region.

use super::remedy::TRAIL;
use super::seen::{Named, Seen, TRAILS};
use crate::controls::words::{list, some};
use crate::controls::{Assess, Case, Check, Control, Finding, Inherits, Outcome, Remedy};
use crate::model::{ControlId, Gap, Level, Read, Trail};

/// 2.1
pub(super) static CONTROL: Control = Control {
    id: ControlId::new(2, 1),
    level: Level::One,
    scored: true,
    title: "CloudTrail records every region",
    why: "Intruders like regions that nobody looks at. What is not recorded cannot be investigated.",
    assess: Assess::Automatic {
        reads: &[Read::Trails, Read::TrailStatus, Read::TrailSelectors],
        context: &[],
        check: &EveryRegion,
    },
    remedy: Remedy::Automatic(&TRAIL),
};

#[derive(Debug)]
struct EveryRegion;

/// How far a trail is from recording everything.
#[derive(Debug)]
pub(in crate::controls) struct Look<'a> {
    named: Named<'a>,
    /// What it does not record, or why.
    pub(in crate::controls) shortfalls: Vec<String>,
    /// What is not known of it.
    pub(in crate::controls) gaps: Vec<Gap>,
}

impl Look<'_> {
    pub(super) fn is_good(&self) -> bool {
        self.shortfalls.is_empty() && self.gaps.is_empty()
    }
}

impl Check for EveryRegion {
    fn assess(&self, case: &Case<'_>) -> Outcome {
        let Seen { trails, mut missing, anywhere } = Seen::of(case);
        let looks: Vec<Look<'_>> = trails.into_iter().map(look).collect();
        let good: Vec<&Look<'_>> = looks.iter().filter(|look| look.is_good()).collect();
        let mut findings = Vec::new();
        // One good trail is enough, whatever is not known of the others.
        if good.is_empty() {
            let hopes = looks.iter().filter(|look| look.shortfalls.is_empty());
            let unknown: Vec<_> = hopes
                .flat_map(|look| look.gaps.iter().map(|gap| look.named.missing(gap.clone())))
                .collect();
            // Any region shows every trail that could do: the others can add none.
            if unknown.is_empty() && (anywhere || missing.is_empty()) {
                findings.push(Finding::of_account(TRAILS, summary(&looks)));
            }
            missing.extend(unknown);
        }
        let mut owners = good.iter().map(|look| look.named.central);
        let from = owners.clone().next().flatten().map(|central| central.account.clone());
        // One of our own settles it by itself.
        let from = from.filter(|_| owners.all(|owner| owner.is_some()));
        Outcome::Judged { findings, missing, pending: Vec::new(), notes: notes(&good) }
            .inherited(from)
    }

    fn inherits(&self) -> Option<Inherits> {
        Some(Inherits::Seen)
    }
}

/// How far a trail is from recording everything.
pub(in crate::controls) fn look(named: Named<'_>) -> Look<'_> {
    let Trail { multi_region, global_events, status, events, .. } = named.trail;
    let (mut shortfalls, mut gaps) = (Vec::new(), Vec::new());
    let mut short = |is: bool, words: &str| {
        if is {
            shortfalls.push(words.to_owned());
        }
    };
    short(!multi_region, "records one region only");
    short(!global_events, "leaves out services without a region, such as IAM");
    match status.known() {
        Ok(status) => short(!status.logging, "is stopped"),
        Err(gap) => gaps.push(gap),
    }
    match events.known() {
        Ok(events) => {
            short(!events.read && !events.write, "records no management events");
            short(events.read && !events.write, "records only what reads, and no changes");
            short(!events.read && events.write, "records only changes, and not what reads");
        }
        Err(gap) => gaps.push(gap),
    }
    Look { named, shortfalls, gaps }
}

fn summary(looks: &[Look<'_>]) -> String {
    if looks.is_empty() {
        return "there is no trail".to_owned();
    }
    let trails: Vec<String> = looks
        .iter()
        .map(|look| {
            let Named { trail, .. } = look.named;
            format!("{} in {} {}", look.named.name(), trail.home, list(&look.shortfalls))
        })
        .collect();
    format!("no trail records everything: {}", some(&trails, 3))
}

fn notes(good: &[&Look<'_>]) -> Vec<String> {
    let mut notes = Vec::new();
    for Look { named, .. } in good {
        if let Some(events) = named.trail.events.ok().filter(|events| !events.excluded.is_empty()) {
            let excluded: Vec<String> = events.excluded.iter().cloned().collect();
            notes.push(format!("{} leaves out the events of {}", named.name(), list(&excluded)));
        }
        let status = named.trail.status.ok();
        if let Some(error) = status.and_then(|status| status.delivered.error.as_deref()) {
            notes.push(format!("the last delivery of {} failed: {error}", named.name()));
        }
    }
    if good.len() > 1 {
        let names: Vec<String> = good.iter().map(|one| one.named.name().to_owned()).collect();
        notes.push(format!(
            "{} record the same management events: only the first copy is free, each further one \
             costs about 2.00 USD for 100,000 events",
            some(&names, 3)
        ));
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::super::tests_support::{FOREIGN, account, assess, denied, findings, trail};
    use super::*;
    use crate::model::{AccountId, ManagementEvents, Observed};

    fn verdict(trails: Vec<Trail>) -> Outcome {
        assess(&EveryRegion, &account(trails))
    }

    fn summary_of(trails: Vec<Trail>) -> String {
        findings(&verdict(trails))[0].summary.clone()
    }

    #[test]
    fn one_good_trail_is_enough() {
        assert_eq!(verdict(vec![trail("main")]), Outcome::PASS);
        let bad = Trail { multi_region: false, ..trail("old") };
        assert_eq!(verdict(vec![trail("main"), bad]), Outcome::PASS);
    }

    #[test]
    fn no_trail_is_a_finding() {
        assert_eq!(summary_of(vec![]), "there is no trail");
    }

    #[test]
    fn each_shortfall_is_named() {
        let events = |read, write| {
            let excluded = std::collections::BTreeSet::new();
            Observed::Known(ManagementEvents { read, write, excluded })
        };
        let mut stopped = trail("main");
        stopped.status.ok_mut().unwrap().logging = false;
        stopped.multi_region = false;
        let table = [
            (stopped, "records one region only and is stopped"),
            (
                Trail { global_events: false, ..trail("main") },
                "leaves out services without a region, such as IAM",
            ),
            (
                Trail { events: events(false, false), ..trail("main") },
                "records no management events",
            ),
            (
                Trail { events: events(false, true), ..trail("main") },
                "records only changes, and not what reads",
            ),
        ];
        for (bad, shortfall) in table {
            let expected = format!("no trail records everything: main in eu-west-1 {shortfall}");
            assert_eq!(summary_of(vec![bad]), expected);
        }
    }

    #[test]
    fn what_is_left_out_or_doubled_is_a_note() {
        let mut main = trail("main");
        main.events.ok_mut().unwrap().excluded.insert("kms".to_owned());
        main.status.ok_mut().unwrap().delivered.error = Some("NoSuchBucket".to_owned());
        let Outcome::Judged { findings, notes, .. } = verdict(vec![main, trail("other")]) else {
            panic!()
        };
        assert!(findings.is_empty());
        assert_eq!(notes[0], "main leaves out the events of kms");
        assert_eq!(notes[1], "the last delivery of main failed: NoSuchBucket");
        assert!(notes[2].starts_with("main and other record the same management events"));
    }

    #[test]
    fn a_trail_of_the_organization_counts_unless_its_selectors_hide() {
        let owner = AccountId::new(FOREIGN);
        let organization = Trail { owner, organization: true, ..trail("org") };
        assert_eq!(verdict(vec![organization.clone()]), Outcome::PASS);
        let hidden = Trail { events: denied("cloudtrail:GetEventSelectors"), ..organization };
        let Outcome::Judged { findings, missing, .. } = verdict(vec![hidden.clone()]) else {
            panic!()
        };
        assert!(findings.is_empty());
        assert!(missing[0].resource.as_deref().unwrap().contains(FOREIGN));
        // One of our own settles it.
        assert_eq!(verdict(vec![hidden, trail("main")]), Outcome::PASS);
    }

    #[test]
    fn what_is_not_known_is_neither_pass_nor_fail() {
        let dark = Trail { status: denied("cloudtrail:GetTrailStatus"), ..trail("main") };
        let Outcome::Judged { findings, missing, .. } = verdict(vec![dark.clone()]) else {
            panic!()
        };
        assert_eq!((findings.len(), missing.len()), (0, 1));
        // Whether it is stopped or not: it records one region only.
        let Outcome::Judged { findings, .. } = verdict(vec![Trail { multi_region: false, ..dark }])
        else {
            panic!()
        };
        assert_eq!(findings.len(), 1);
        let mut nowhere = account(vec![]);
        for regional in nowhere.regional.values_mut() {
            regional.trails = denied("cloudtrail:DescribeTrails");
        }
        let Outcome::Judged { findings, missing, .. } = assess(&EveryRegion, &nowhere) else {
            panic!()
        };
        assert_eq!((findings.len(), missing.len()), (0, 2));
    }
}
