//! The table is whole and its texts are fit to print.

use std::collections::BTreeSet;

use super::{Assess, Control, Inherits, Remedy, all, get, section_title};
use crate::model::ControlId;

/// How many controls the benchmark has.
const COUNT: usize = 43;

/// How many controls each section of the benchmark has.
const SECTION_SIZES: [(u8, u8); 4] = [(1, 15), (2, 8), (3, 16), (4, 4)];

const TITLE_LIMIT: usize = 60;
const WHY_LIMIT: usize = 200;

fn texts(control: &Control) -> Vec<&'static str> {
    let mut texts = vec![control.title, control.why];
    if let Assess::Manual { reason } = control.assess {
        texts.push(reason);
    }
    match control.remedy {
        Remedy::Partly(fix, instruction) => {
            texts.extend([fix.changes, fix.breaks, fix.undo, instruction]);
        }
        Remedy::Automatic(fix) => texts.extend([fix.changes, fix.breaks, fix.undo]),
        Remedy::Manual(instruction) => texts.push(instruction),
    }
    texts
}

#[test]
fn the_table_holds_every_control() {
    assert_eq!(all().count(), COUNT);
}

#[test]
fn numbers_ascend_without_repeats() {
    let ids: Vec<ControlId> = all().map(|control| control.id).collect();
    for pair in ids.windows(2) {
        assert!(pair[0] < pair[1], "{} comes before {}", pair[0], pair[1]);
    }
}

#[test]
fn numbers_are_those_of_the_benchmark() {
    let benchmark: BTreeSet<ControlId> = SECTION_SIZES
        .into_iter()
        .flat_map(|(section, size)| (1..=size).map(move |number| ControlId::new(section, number)))
        .collect();
    assert_eq!(benchmark.len(), 43);
    for control in all() {
        assert!(benchmark.contains(&control.id), "{}", control.id);
        assert_eq!(get(control.id).map(|found| found.title), Some(control.title));
    }
    assert!(get(ControlId::new(5, 1)).is_none());
}

#[test]
fn sections_have_titles() {
    for (section, _) in SECTION_SIZES {
        assert!(!section_title(section).is_empty(), "{section}");
    }
}

#[test]
fn two_controls_are_not_scored() {
    let unscored: Vec<String> =
        all().filter(|control| !control.scored).map(|control| control.id.to_string()).collect();
    assert_eq!(unscored, ["1.14", "3.16"]);
}

#[test]
fn an_organization_trail_satisfies_what_rests_on_trails() {
    let by =
        |how| all().filter(move |one| one.inherits() == Some(how)).map(|one| one.id.to_string());
    assert_eq!(by(Inherits::Seen).collect::<Vec<_>>(), ["2.1", "2.2"]);
    let alarms = (1..=14).map(|number| format!("3.{number}"));
    let judged = ["2.3", "2.4", "2.6", "2.7"].map(str::to_owned).into_iter().chain(alarms);
    assert!(by(Inherits::Judged).eq(judged));
    for how in [Inherits::Seen, Inherits::Judged] {
        assert_eq!(how.words().matches('.').count(), 1);
    }
}

#[test]
fn texts_are_one_clean_line() {
    for control in all() {
        for text in texts(control) {
            assert!(!text.is_empty(), "{}", control.id);
            assert_eq!(text.trim(), text, "{}", control.id);
            assert!(!text.contains("  "), "{}: {text}", control.id);
            assert!(!text.contains(char::is_control), "{}: {text:?}", control.id);
        }
    }
}

#[test]
fn titles_are_short_and_unique() {
    let mut seen = BTreeSet::new();
    for control in all() {
        assert!(control.title.chars().count() <= TITLE_LIMIT, "{}", control.id);
        assert!(!control.title.ends_with('.'), "{}", control.id);
        assert!(seen.insert(control.title), "{}: {}", control.id, control.title);
    }
}

#[test]
fn reasons_are_short_sentences() {
    for control in all() {
        assert!(control.why.chars().count() <= WHY_LIMIT, "{}", control.id);
        assert!(control.why.ends_with('.'), "{}", control.id);
    }
}
