//! `harden plan`.

use super::args::{MaxRisk, Plan as Args};
use super::context::{Context, Selected, plan_reads, user_file};
use super::entry::Ended;
use super::leftovers::left_undone;
use super::session::{Asked, snapshot};
use crate::controls::Why;
use crate::error::{CommandError, Kind};
use crate::exit::Exit;
use crate::files::{probe, write_whole};
use crate::model::Snapshot;
use crate::plan::{self, Leftover, Plan};
use crate::ui;

pub(super) fn run(context: &Context, args: &Args) -> Ended {
    let selected = Context::select_with(&args.selection, &args.replaced)?;
    if let Some(path) = &args.out {
        writable(path)?;
    }
    let asked = Asked {
        reads: plan_reads(&selected.rules),
        settings: &selected.rules.settings,
        regions: &args.regions.regions,
    };
    let snapshot = snapshot(context, args.snapshot.as_deref(), asked)?;
    context.warn_of_waivers(&snapshot, &selected.rules)?;
    let left = match &args.snapshot {
        // A plan from a file is made from that file alone.
        Some(_) => Vec::new(),
        None => left_undone(context, &snapshot.account.id, &selected.rules),
    };
    let plan = build(snapshot, &selected, &args.max_risk, left)?;
    context.terminal.answer(&plan, |columns| ui::plan(&plan, columns))?;
    if let Some(path) = &args.out {
        let text = plan::to_json(&plan).map_err(|e| internal(&e))?;
        write_whole(path, &text).map_err(|e| user_file(&e))?;
        let command = format!("harden apply {}", path.display());
        let until = plan.expires_at.strftime("%Y-%m-%d %H:%M UTC");
        context
            .terminal
            .suggest(&format!("saved; to apply exactly this until {until}:"), &command)?;
    }
    // What could not be read may differ as well.
    let unread = plan.not_planned.iter().any(|entry| entry.why == Why::Unknown);
    let differs = args.detailed_exitcode && (unread || !plan.changes.is_empty());
    Ok(if differs { Exit::Differs } else { Exit::Done })
}

/// Plans afresh.
pub(super) fn build(
    snapshot: Snapshot,
    selected: &Selected,
    max_risk: &MaxRisk,
    left: Vec<Leftover>,
) -> Result<Plan, CommandError> {
    plan::resume(snapshot, &selected.name, &selected.rules, max_risk.max_risk.into(), left)
        .map_err(|e| internal(&e))
}

fn internal(error: &dyn std::error::Error) -> CommandError {
    CommandError::from_error(Kind::Local, error).hint("this is a fault of harden; report it")
}

/// Tells of a bad path before the account is read, not after.
pub(super) fn writable(path: &std::path::Path) -> Result<(), CommandError> {
    probe(path).map_err(|e| user_file(&e).hint("choose a file in a folder that you may write to"))
}
