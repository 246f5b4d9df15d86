//! `harden rollout status`.

use std::collections::BTreeMap;

use serde_json::json;

use super::{folder_error, manifest};
use crate::cli::args::rollout::Status as Args;
use crate::cli::context::Context;
use crate::cli::entry::{End, Ended};
use crate::exit::Exit;
use crate::files::RolloutFolder;
use crate::rollout::{Manifest, Planned, Progress, Standing};
use crate::ui;

pub(super) fn run(context: &Context, args: &Args) -> Ended {
    let folder = RolloutFolder::open(&args.folder);
    let manifest = manifest(&folder)?;
    // Whoever is at work writes on meanwhile: whether somebody is, is asked first.
    let is_busy = folder.is_busy();
    let progress = folder.progress(&manifest).map_err(|e| folder_error(&e))?;
    let progress = if is_busy { progress.going_on() } else { progress };
    answer(context, &manifest, &progress)?;
    Ok(Exit::Done)
}

/// How the accounts stand, as a table or as JSON.
pub(super) fn answer(
    context: &Context,
    manifest: &Manifest,
    progress: &Progress,
) -> Result<(), End> {
    let mut counts: BTreeMap<Standing, usize> = BTreeMap::new();
    let wave_of = |id| manifest.waves.iter().find(|wave| wave.accounts.contains(id));
    let accounts: Vec<_> = manifest
        .accounts
        .iter()
        .map(|entry| {
            let standing = progress.standing(entry);
            *counts.entry(standing).or_default() += 1;
            let last = progress.last(entry.id());
            let why = match &entry.planned {
                Planned::Not { reason } => Some(reason),
                Planned::Plan(_) => last.and_then(|end| end.reason.as_ref()),
            };
            json!({
                "account": entry.id(),
                "name": entry.target.name,
                "baseline": entry.baseline,
                "wave": wave_of(entry.id()).map(|wave| &wave.name),
                "standing": standing,
                "planned": entry.summary().map(crate::rollout::Summary::changes),
                "changes": last.map(|end| &end.changes),
                "score": last.and_then(|end| end.score),
                "reason": why,
                "runs": progress.runs(entry.id()).collect::<Vec<_>>(),
            })
        })
        .collect();
    let answer = json!({
        "format": "harden.rollout-status/1",
        "rollout": manifest.digest,
        "organization": manifest.organization,
        "accounts": accounts,
        "counts": counts,
    });
    let page = |columns| ui::rollout::standings(manifest, progress, columns);
    Ok(context.terminal.answer(&answer, page)?)
}
