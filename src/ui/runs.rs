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
    let came = result.changes.iter().filter_map(|entry| {
        let (outcome, error) = (Some(entry.outcome), entry.error.as_deref());
        Some(Came { change: changes.get(&entry.id)?, outcome, error })
    });
    lines(&mut page, &came.collect::<Vec<_>>());
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
    if result.outcome == RunOutcome::Interrupted {
        let command = match &plan.origin {
            Origin::Baseline(_) => "harden apply".to_owned(),
            Origin::UndoOf(run) => format!("harden undo {run}"),
        };
        let text = format!("To go on from there, run `{command}` again as before.");
        page.wrapped(0, 2, &[(Paint::Plain, &text)]);
    }
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
    let words = counts.into_iter().map(|(outcome, number)| match (outcome, number) {
        (Outcome::Already, 1) => "1 was so already".to_owned(),
        (Outcome::Already, _) => format!("{number} were so already"),
        (_, _) => format!("{number} {}", outcome.word()),
    });
    words.collect::<Vec<_>>().join(", ")
}

/// What became of a change.
struct Came<'a> {
    change: &'a Change,
    /// `None`: nobody knows.
    outcome: Option<Outcome>,
    error: Option<&'a str>,
}

/// So many changes that were skipped for one reason are named; more are counted.
const NAMED: usize = 3;

fn lines(page: &mut Page, all: &[Came<'_>]) {
    let mut skipped: BTreeMap<Option<&str>, usize> = BTreeMap::new();
    let is_skipped = |came: &&Came<'_>| came.outcome == Some(Outcome::Skipped);
    for came in all.iter().filter(is_skipped) {
        *skipped.entry(came.error).or_default() += 1;
    }
    skipped.retain(|_, number| *number > NAMED);
    for came in all {
        if !(is_skipped(&came) && skipped.contains_key(&came.error)) {
            line(page, came);
        }
    }
    for (why, number) in skipped {
        let (word, number) = (Outcome::Skipped.word(), count(number, "change", "changes"));
        page.wrapped(0, 9, &[(Paint::Warn, &format!("{word:<9}")), (Paint::Bold, &number)]);
        if let Some(why) = why {
            page.wrapped(9, 2, &[(Paint::Plain, why)]);
        }
    }
}

fn line(page: &mut Page, Came { change, outcome, error }: &Came<'_>) {
    let (paint, word) = match outcome {
        Some(outcome) => (outcome_paint(*outcome), outcome.word()),
        None => (Paint::Warn, "unknown"),
    };
    page.wrapped(
        0,
        9,
        &[
            (paint, &format!("{word:<9}")),
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
    table.set_header(["RUN", "BEGAN (UTC)", "WHAT", "CHANGES", "OUTCOME"]);
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
    let began = run.journal.began().map(|at| at.strftime("%d %b %H:%M").to_string());
    let what = match &run.plan.origin {
        Origin::Baseline(_) => "apply".to_owned(),
        Origin::UndoOf(run) => format!("undo …{}", run.rsplit('-').next().unwrap_or(run)),
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
    let came = run.plan.changes.iter().map(|change| {
        if let Some((outcome, error)) = run.journal.outcome(&change.id) {
            return Came { change, outcome: Some(outcome), error };
        }
        let is_known = !run.journal.is_in_doubt(&change.id);
        Came { change, outcome: is_known.then_some(Outcome::Skipped), error: None }
    });
    lines(&mut page, &came.collect::<Vec<_>>());
    page.gap();
    page.wrapped(0, 2, &[(Paint::Bold, "The run was killed before its end. To settle it:")]);
    page.line(4, &[(Paint::Bold, &format!("harden verify {}", run.id))]);
    page.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::Journal;
    use crate::plan::tests_support::plan_of_two;
    use crate::run::{ChangeResult, RUN_FORMAT};
    use crate::ui::text::width;

    /// A plan of so many changes, and how they ended.
    fn stopped(outcomes: &[(Outcome, Option<&str>)], outcome: RunOutcome) -> (RunResult, Plan) {
        let mut plan = plan_of_two();
        let (first, mut changes) = (plan.changes.remove(0), Vec::new());
        plan.changes = (0..outcomes.len())
            .map(|n| Change { id: ChangeId::new(format!("c{n}")), ..first.clone() })
            .collect();
        for (change, (outcome, error)) in plan.changes.iter().zip(outcomes) {
            let (id, error) = (change.id.clone(), error.map(str::to_owned));
            changes.push(ChangeResult { id, outcome: *outcome, error });
        }
        let result = RunResult {
            format: RUN_FORMAT.to_owned(),
            run: Some("20261125-120000-000-abcdef".to_owned()),
            account: plan.head.account.clone(),
            outcome,
            changes,
            not_planned: Vec::new(),
            verified: Verified::default(),
            score: None,
        };
        (result, plan)
    }

    fn page(result: &RunResult, plan: &Plan) -> String {
        anstream::adapter::strip_str(&super::result(result, plan, 80)).to_string()
    }

    #[test]
    fn what_was_skipped_in_numbers_is_counted() {
        let skipped = |why| (Outcome::Skipped, Some(why));
        let mut outcomes = vec![(Outcome::Applied, None), (Outcome::Already, None)];
        outcomes.extend([skipped("something it requires did not come about"); 3]);
        outcomes.extend([skipped("the run was stopped"); 200]);
        let (result, mut plan) = stopped(&outcomes, RunOutcome::Interrupted);
        let text = page(&result, &plan);
        assert_eq!(text.lines().filter(|line| line.starts_with("skipped")).count(), 4, "{text}");
        let counted = "skipped  200 changes\n         the run was stopped\n\n\
                       Stopped: 1 applied, 1 was so already, 203 skipped.\n\
                       To go on from there, run `harden apply` again as before.\n";
        assert!(text.contains(counted), "{text}");
        plan.origin = Origin::UndoOf("20261125-110000-000-fedcba".to_owned());
        let text = page(&result, &plan);
        let again = "run `harden undo 20261125-110000-000-fedcba` again as before.";
        assert!(text.replace("\n  ", " ").contains(again), "{text}");
    }

    #[test]
    fn what_was_so_already_is_said_in_a_sentence() {
        let (result, plan) = stopped(&[(Outcome::Already, None); 196], RunOutcome::Complete);
        let text = page(&result, &plan);
        assert!(text.contains("\nDone: 196 were so already.\n"), "{text}");
        assert!(!text.contains("To go on"), "{text}");
    }

    #[test]
    fn a_list_of_runs_fits_the_terminal() {
        let outcomes = vec![(Outcome::Applied, None); 1234];
        let (result, mut plan) = stopped(&outcomes, RunOutcome::Interrupted);
        plan.origin = Origin::UndoOf("20261125-110000-000-fedcba".to_owned());
        let id = "20261125-120000-000-abcdef".to_owned();
        let start = r#"{"at":"2026-11-25T12:00:00Z","event":"start","format":"harden.journal/1","run":"r",
            "account":"111122223333","plan":""}"#;
        let lines = plan.changes.iter().map(|change| {
            let id = &change.id;
            format!(
                r#"{{"at":"2026-11-25T12:00:00Z","event":"outcome","change":"{id}","outcome":"applied"}}"#
            )
        });
        let text = lines.fold(start.replace('\n', ""), |text, line| text + "\n" + &line) + "\n";
        let journal = Journal::parse(&text).unwrap();
        let run = Run { id: id.clone(), plan, journal, result: Some(result) };
        let page = runs(&[(id, Some(run))], 80);
        let row = "20261125-120000-000-abcdef  25 Nov 12:00  undo …fedcba  1234 of 1234  stopped\n";
        assert!(page.ends_with(row), "{page}");
        assert!(page.lines().all(|line| width(line) <= 80), "{page}");
    }
}
