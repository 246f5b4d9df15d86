//! `harden runs`.

use serde_json::json;

use super::context::{Context, own_file};
use super::entry::Ended;
use super::session::{block_on, connect};
use crate::exit::Exit;
use crate::run::Run;
use crate::ui;

pub(super) fn run(context: &Context) -> Ended {
    let state = context.state()?;
    let account = block_on(context, async { Ok(connect(context).await?.session.account.id) })?;
    let names = state.runs(&account).map_err(|e| own_file(&e))?;
    let runs: Vec<(String, Option<Run>)> = names
        .into_iter()
        .map(|name| {
            let run = state.run(&account, &name).ok();
            (name, run)
        })
        .collect();
    let entries: Vec<_> = runs
        .iter()
        .map(|(name, run)| {
            json!({
                "run": name,
                "began": run.as_ref().and_then(|run| run.journal.began()),
                "origin": run.as_ref().map(|run| &run.plan.origin),
                "changes": run.as_ref().map(|run| run.plan.changes.len()),
                "made": run.as_ref().map(|run| run.made().count()),
                "outcome": run.as_ref().and_then(|run| run.result.as_ref()).map(|r| r.outcome),
            })
        })
        .collect();
    let answer = json!({ "format": "harden.runs/1", "account": account, "runs": entries });
    context.terminal.answer(&answer, |columns| ui::runs(&runs, columns))?;
    Ok(Exit::Done)
}
