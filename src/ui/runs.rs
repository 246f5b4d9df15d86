//! Runs: how one ended, which there were, whether they still stand.

use std::collections::{BTreeMap, BTreeSet};

use comfy_table::{Table, presets};

use super::page::{Page, Paint};
use super::plan::{pending, score};
use super::text::{count, safe};
use crate::change::{Change, ChangeId, Inverse, Target};
use crate::controls::Why;
use crate::journal::Outcome;
use crate::plan::{Origin, Plan};
use crate::run::{Run, RunOutcome, RunResult, Verified};

/// How a run ended, told to whoever started it.
pub fn result(result: &RunResult, plan: &Plan, columns: usize) -> String {
    let mut page = Page::new(columns);
    let changes = by_id(plan);
    for entry in &result.changes {
        let Some(change) = changes.get(&entry.id) else { continue };
        line(&mut page, change, entry.outcome, entry.error.as_deref());
    }
    page.gap();
    let counts = format!("{}{}", counts(result), staying(plan));
    let text = match result.outcome {
        RunOutcome::NothingToDo => "Nothing to change.".to_owned(),
        RunOutcome::Declined => "Declined: nothing was changed.".to_owned(),
        RunOutcome::Complete => format!("Done: {counts}."),
        RunOutcome::Partial if result.changes.iter().any(|change| change.outcome.holds()) => {
            format!("Partly done: {counts}.")
        }
        RunOutcome::Partial => format!("Not done: {counts}."),
        RunOutcome::Interrupted => format!("Stopped: {counts}."),
    };
    page.wrapped(0, 2, &[(Paint::Bold, &text)]);
    let verified = &result.verified;
    let checked = verified.holds.len() + verified.moved.len() + verified.unknown.len();
    if checked > 0 {
        let changes = count(checked, "change", "changes");
        let text = format!("Read again: {} of {changes} as planned.", verified.holds.len());
        page.wrapped(0, 2, &[(Paint::Plain, &text)]);
        troubles(&mut page, verified, &changes_of(plan));
    }
    if let Some(scores) = &result.score {
        let text = if scores.before == scores.after {
            format!("Score: {}{}.", score(&scores.after), pending(&scores.after))
        } else {
            let (before, after) = (scores.before.passed, &scores.after);
            format!("Score: {before} before, {} now{}.", score(after), pending(after))
        };
        page.wrapped(0, 2, &[(Paint::Plain, &text)]);
    }
    let again = can_be_taken_back(result, plan) && !deletes(plan);
    if let Some(run) = result.run.as_deref().filter(|_| again) {
        page.wrapped(0, 2, &[(Paint::Plain, "To take this back:")]);
        page.line(4, &[(Paint::Bold, &format!("harden undo {run}"))]);
    }
    page.finish()
}

/// Whether something is deleted that held other things: these do not come back with it.
fn deletes(plan: &Plan) -> bool {
    plan.changes.iter().any(|change| {
        let holds = matches!(
            change.operation.target(),
            Target::Bucket(..) | Target::LogGroup(..) | Target::Topic(..) | Target::Trail(..)
        );
        holds && change.after.is_absent()
    })
}

fn can_be_taken_back(result: &RunResult, plan: &Plan) -> bool {
    let changes = by_id(plan);
    result.changes.iter().filter(|made| made.outcome == Outcome::Applied).any(|made| {
        changes.get(&made.id).is_some_and(|change| matches!(change.undo, Inverse::Run(_)))
    })
}

/// What an undo leaves as it is, if anything.
fn staying(plan: &Plan) -> String {
    if matches!(plan.origin, Origin::Baseline(_)) {
        return String::new();
    }
    // One entry for each control of a change.
    let stays: BTreeSet<_> = plan
        .not_planned
        .iter()
        .filter(|entry| entry.why != Why::Already)
        .map(|entry| (&entry.region, &entry.resource, &entry.detail))
        .collect();
    match stays.len() {
        0 => String::new(),
        1 => "; 1 stays, for the reason above".to_owned(),
        number => format!("; {number} stay, for the reasons above"),
    }
}

fn counts(result: &RunResult) -> String {
    let mut counts: BTreeMap<Outcome, usize> = BTreeMap::new();
    for change in &result.changes {
        *counts.entry(change.outcome).or_default() += 1;
    }
    let words: Vec<String> =
        counts.into_iter().map(|(outcome, n)| format!("{n} {}", outcome.word())).collect();
    words.join(", ")
}

fn line(page: &mut Page, change: &Change, outcome: Outcome, error: Option<&str>) {
    let word = format!("{:<9}", outcome.word());
    page.wrapped(
        0,
        9,
        &[
            (outcome_paint(outcome), &word),
            (Paint::Bold, &title(change)),
            (Paint::Plain, "  "),
            (Paint::Dim, &what(change)),
        ],
    );
    if let Some(error) = error {
        page.wrapped(9, 2, &[(Paint::Plain, error)]);
    }
}

/// What a change is about, in a few words.
pub(super) fn title(change: &Change) -> String {
    match &change.region {
        Some(region) => format!("{} ({} in {region})", change.title, change.resource),
        None => change.title.clone(),
    }
}

/// What the call does, in AWS's own words.
pub(super) fn what(change: &Change) -> String {
    change.operation.action().as_str().to_owned()
}

const fn outcome_paint(outcome: Outcome) -> Paint {
    match outcome {
        Outcome::Applied | Outcome::Already => Paint::Good,
        Outcome::Failed => Paint::Bad,
        Outcome::Skipped | Outcome::Stale => Paint::Warn,
    }
}

fn by_id(plan: &Plan) -> BTreeMap<&ChangeId, &Change> {
    plan.changes.iter().map(|change| (&change.id, change)).collect()
}

fn changes_of(plan: &Plan) -> Vec<&Change> {
    plan.changes.iter().collect()
}

fn troubles(page: &mut Page, verified: &Verified, changes: &[&Change]) {
    let find = |id: &ChangeId| changes.iter().find(|change| change.id == *id);
    for (ids, word) in [(&verified.moved, "moved    "), (&verified.unknown, "unknown  ")] {
        for change in ids.iter().filter_map(find) {
            page.wrapped(
                0,
                9,
                &[
                    (Paint::Warn, word),
                    (Paint::Bold, &title(change)),
                    (Paint::Plain, "  "),
                    (Paint::Dim, &what(change)),
                ],
            );
        }
    }
}

/// Whether a run still stands.
pub fn verified(run: &Run, verified: &Verified, columns: usize) -> String {
    let mut page = Page::new(columns);
    let changes: Vec<&Change> = run.perhaps_made().collect();
    troubles(&mut page, verified, &changes);
    page.gap();
    let changes = verified.holds.len() + verified.moved.len() + verified.unknown.len();
    let number = count(changes, "change", "changes");
    let text = match (changes, verified.holds.len()) {
        (0, _) => format!("Run {} changed nothing.", run.id),
        (all, holds) => format!(
            "Run {}: {holds} of {number} {} as the run left {}.",
            run.id,
            if holds == 1 || all == 1 { "stands" } else { "stand" },
            if all == 1 { "it" } else { "them" }
        ),
    };
    page.wrapped(0, 2, &[(Paint::Bold, &text)]);
    page.finish()
}

/// One line for each run, the newest last.
pub fn runs(runs: &[(String, Option<Run>)], columns: usize) -> String {
    if runs.is_empty() {
        return "No runs of this account yet.\n".to_owned();
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_width(u16::try_from(columns).unwrap_or(80));
    table.set_header(["RUN", "BEGAN", "WHAT", "CHANGES", "OUTCOME"]);
    for (id, run) in runs {
        table.add_row(match run {
            Some(run) => run_row(id, run),
            None => [safe(id), String::new(), String::new(), String::new(), "damaged".to_owned()],
        });
    }
    let lines = table
        .lines()
        .map(|line| line.strip_prefix(' ').unwrap_or(&line).trim_end().to_owned() + "\n");
    lines.collect()
}

fn run_row(id: &str, run: &Run) -> [String; 5] {
    let began = run.journal.began().map(|at| at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string());
    let what = match &run.plan.origin {
        Origin::Baseline(_) => "apply".to_owned(),
        Origin::UndoOf(run) => format!("undo of …{}", run.rsplit('-').next().unwrap_or(run)),
    };
    let outcome = run.result.as_ref().map_or("killed", |result| result.outcome.words());
    let made = run.made().count();
    let changes = format!("{made} of {}", run.plan.changes.len());
    [safe(id), began.unwrap_or_default(), what, changes, outcome.to_owned()]
}

/// A run, for `harden show`, after its plan.
pub fn run_summary(run: &Run, columns: usize) -> String {
    if let Some(finished) = &run.result {
        return result(finished, &run.plan, columns);
    }
    let mut page = Page::new(columns);
    for change in &run.plan.changes {
        match run.journal.outcome(&change.id) {
            Some((outcome, error)) => line(&mut page, change, outcome, error),
            None if run.journal.is_in_doubt(&change.id) => {
                page.wrapped(0, 9, &[(Paint::Warn, "unknown  "), (Paint::Bold, &title(change))]);
            }
            None => line(&mut page, change, Outcome::Skipped, None),
        }
    }
    page.gap();
    page.wrapped(0, 2, &[(Paint::Bold, "The run was killed before its end. To settle it:")]);
    page.line(4, &[(Paint::Bold, &format!("harden verify {}", run.id))]);
    page.finish()
}
