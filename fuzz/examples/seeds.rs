//! Writes what each target starts from, made of the project's own examples: `seeds FOLDER`, from the root.

use std::fs;
use std::path::{Path, PathBuf};

use harden_fuzz::assess::Rules;
use harden_fuzz::change::Risk;
use harden_fuzz::controls;
use harden_fuzz::journal::{Entry, Event, JOURNAL_FORMAT, Outcome};
use harden_fuzz::model::{Settings, Snapshot};
use harden_fuzz::plan::{Plan, build, read, to_json};
use harden_fuzz::rollout::TEMPLATE;
use harden_fuzz::run::{ChangeResult, RUN_FORMAT, RunOutcome, RunResult, Verified};

fn main() {
    let corpus = PathBuf::from(std::env::args().nth(1).expect("a folder to write to"));
    let put = |target: &str, name: &str, text: &str| {
        let folder = corpus.join(target);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(name), text).unwrap();
    };
    for (name, text) in files("plans", "toml").chain(files("tests/cli", "toml")) {
        put("baseline", &name, &text);
    }
    for (name, text) in files("tests/cli/broken", "toml") {
        put("baseline", &name, &text);
    }
    for (number, line) in
        fs::read_to_string("src/pattern/tests/benchmark.txt").unwrap().lines().enumerate()
    {
        put("pattern_parse", &number.to_string(), line);
    }
    for (name, text) in files("tests/cli", "json") {
        let Ok(snapshot) = serde_json::from_str::<Snapshot>(&text) else { continue };
        // Spaces only dilute what there is to change.
        put("snapshot", &name, &serde_json::to_string(&snapshot).unwrap());
        for section in 1..=4 {
            let plan = build(snapshot.clone(), "fuzz", &rules(section), Risk::Destructive).unwrap();
            put("plan", &format!("{section}-{name}"), &serde_json::to_string(&plan).unwrap());
        }
    }
    let example = read(&fs::read_to_string("plans/example-plan.json").unwrap()).unwrap();
    put("plan", "example", &to_json(&example).unwrap());
    put("journal", "whole", &journal(&example));
    put("rollout", "file", TEMPLATE);
    for (name, text) in files("plans", "json").filter(|(name, _)| name.contains("rollout")) {
        put("rollout", &name, &text);
    }
    put("rollout", "log", LOG);
}

/// An account that is begun, ended and taken back.
const LOG: &str = r#"{"at":"2026-11-25T12:00:00Z","event":"begun","account":"222222222221","work":"apply","run":"r1"}
{"at":"2026-11-25T12:00:01Z","event":"ended","account":"222222222221","work":"apply","end":{"outcome":"partial","changes":{"applied":1,"failed":1},"reason":"no"}}
{"at":"2026-11-25T12:00:02Z","event":"ended","account":"222222222221","work":"undo","end":{"outcome":"complete"}}
"#;

fn files(folder: &str, ending: &str) -> impl Iterator<Item = (String, String)> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let paths = paths.filter(move |path| path.extension().is_some_and(|is| is == ending));
    let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    let read = move |path: PathBuf| (name(&path), fs::read_to_string(&path).unwrap());
    paths.map(read).collect::<Vec<_>>().into_iter()
}

fn rules(section: u8) -> Rules {
    let ids = controls::all().map(|control| control.id).filter(|id| id.section() == section);
    Rules { controls: ids.collect(), settings: Settings::default(), waivers: Vec::new() }
}

/// Every outcome there is, and an intent without any; and the result of the run as its last line.
fn journal(plan: &Plan) -> String {
    let all =
        [Outcome::Applied, Outcome::Already, Outcome::Failed, Outcome::Skipped, Outcome::Stale];
    let start = Event::Start {
        format: JOURNAL_FORMAT.to_owned(),
        run: "run".to_owned(),
        account: plan.head.account.id.clone(),
        plan: plan.digest.clone(),
    };
    let mut events = vec![start];
    let (mut changes, outcomes) = (Vec::new(), all.map(Some).into_iter().chain([None]));
    for (change, outcome) in plan.changes.iter().zip(outcomes) {
        let id = change.id.clone();
        events.push(Event::Intent { change: id.clone(), undo: change.undo.clone() });
        if let Some(outcome) = outcome {
            let error = (!outcome.holds()).then(|| "it broke".to_owned());
            let (change, unsettled) = (id.clone(), outcome == Outcome::Failed);
            events.push(Event::Outcome { change, outcome, error: error.clone(), unsettled });
            changes.push(ChangeResult { id, outcome, error });
        }
    }
    events.push(Event::End);
    let at = plan.head.taken_at;
    let lines =
        events.into_iter().map(|event| serde_json::to_string(&Entry { at, event }).unwrap());
    let result = RunResult {
        format: RUN_FORMAT.to_owned(),
        run: Some("run".to_owned()),
        account: plan.head.account.clone(),
        outcome: RunOutcome::Partial,
        changes,
        not_planned: plan.not_planned.clone(),
        verified: Verified::default(),
        score: plan.score,
    };
    let lines = lines.chain([serde_json::to_string(&result).unwrap()]);
    lines.collect::<Vec<_>>().join("\n")
}
