//! `harden rollout merge`: the folders of several shards become one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::agreement::plan_of;
use super::plan::answer;
use super::{folder_error, manifest};
use crate::cli::args::rollout::Merge as Args;
use crate::cli::context::{Context, now};
use crate::cli::entry::{End, Ended};
use crate::error::{CommandError, Kind};
use crate::exit::Exit;
use crate::files::{RolloutFolder, RolloutLock};
use crate::model::AccountId;
use crate::rollout::{
    Condensed, Entry, Event, Gathering, LOG_FORMAT, LogLine, Manifest, MergeError, Progress, Wave,
    Work, merge, missing,
};
use crate::ui;

pub(super) fn run(context: &Context, args: &Args) -> Ended {
    RolloutFolder::vacant(&args.out).map_err(|e| folder_error(&e))?;
    let mut parts = Vec::new();
    let folders: Vec<PathBuf> = args.folders.iter().flat_map(|path| parts_of(path)).collect();
    for path in &folders {
        let folder = RolloutFolder::open(path);
        let manifest = manifest(&folder)?;
        parts.push((folder, manifest));
    }
    let manifests: Vec<&Manifest> = parts.iter().map(|(_, manifest)| manifest).collect();
    let merged = merge(&manifests).map_err(|error| unlike(&error, &folders))?;
    let mut locks = Vec::new();
    for (folder, manifest) in &parts {
        // Nobody goes on in a part while it is copied.
        locks.push(folder.lock().map_err(|e| folder_error(&e))?);
        // A log that cannot be read is told of before anything is written.
        folder.progress(manifest).map_err(|e| folder_error(&e))?;
    }
    let missing = missing(&manifests);
    if !missing.is_empty() {
        let shards = ui::text::count(missing.len(), "shard is", "shards are");
        let text = format!("{shards} not among these folders: {}", missing.join(", "));
        context.terminal.note(&text)?;
    }
    let (out, lock) = RolloutFolder::create(&args.out).map_err(|e| folder_error(&e))?;
    let mut gathering = Gathering::default();
    for (folder, manifest) in &parts {
        for entry in manifest.accounts.iter().filter(|entry| entry.summary().is_some()) {
            let plan = plan_of(folder, entry)?;
            gathering.add(Condensed::of(&plan));
            out.put_plan(&plan).map_err(|e| folder_error(&e))?;
        }
    }
    logs(&parts, &out, &lock, &merged)?;
    out.put_manifest(&merged).map_err(|e| folder_error(&e))?;
    answer(context, &merged, &gathering.finish())?;
    // No part knows where the others change something.
    let changes = |account: &AccountId| {
        merged.entry(account).and_then(Entry::summary).is_some_and(|plan| plan.changes() > 0)
    };
    let is_idle = |wave: &Wave| !wave.accounts.iter().any(changes);
    let first = merged.waves.iter().position(|wave| !is_idle(wave)).unwrap_or_default();
    for wave in merged.waves.iter().take(first) {
        context.terminal.note(&format!(
            "nothing changes in the accounts of wave {}: name others in the rollout file, and plan again, or begin \
             with `harden rollout apply {} --account ID`",
            wave.name,
            args.out.display()
        ))?;
    }
    Ok(if missing.is_empty() { Exit::Done } else { Exit::Partial })
}

/// The folders of shards in this one, such as `2-of-4`, by their numbers; without any: this one.
fn parts_of(folder: &Path) -> Vec<PathBuf> {
    let mut parts = BTreeMap::new();
    for entry in folder.read_dir().into_iter().flatten().flatten() {
        let name = entry.file_name();
        let numbers = name.to_str().and_then(|name| name.split_once("-of-"));
        if let Some((number, of)) = numbers
            && let (Ok(number), Ok(of)) = (number.parse::<u64>(), of.parse::<u64>())
        {
            parts.insert((of, number), entry.path());
        }
    }
    if parts.is_empty() { vec![folder.to_owned()] } else { parts.into_values().collect() }
}

/// What the logs tell, joined.
fn logs(
    parts: &[(RolloutFolder, Manifest)],
    out: &RolloutFolder,
    lock: &RolloutLock,
    merged: &Manifest,
) -> Result<(), End> {
    let mut lines: Vec<LogLine> = Vec::new();
    for (folder, _) in parts {
        let text = folder.log_text().map_err(|e| folder_error(&e))?;
        lines.extend(
            Progress::lines(&text).filter(|line| !matches!(line.event, Event::Start { .. })),
        );
    }
    if lines.is_empty() {
        return Ok(());
    }
    // Each account is in one part, whose order is kept.
    let log = out.log(lock, now).map_err(|e| folder_error(&e))?;
    let rollout = merged.digest.clone();
    let start = Event::Start { format: LOG_FORMAT.to_owned(), rollout, work: Work::Apply };
    log.record(&start).map_err(|e| folder_error(&e))?;
    for line in &lines {
        log.copy(line).map_err(|e| folder_error(&e))?;
    }
    Ok(())
}

fn unlike(error: &MergeError, folders: &[PathBuf]) -> CommandError {
    let names: Vec<String> = folders.iter().map(|path| path.display().to_string()).collect();
    CommandError::new(Kind::User, format!("cannot join {}", names.join(", ")))
        .because(error.to_string())
        .hint("join the folders of shards that were planned by the same file, at the same time")
}
