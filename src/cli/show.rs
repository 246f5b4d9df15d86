//! `harden show`: a saved plan or a run, without the network.

use std::path::Path;

use super::args::Show as Args;
use super::context::{Context, own_file, user_file};
use super::entry::Ended;
use crate::error::{CommandError, Kind};
use crate::exit::Exit;
use crate::files::{FileError, read_own, read_text};
use crate::plan::{self, Plan, PlanFileError};
use crate::ui;

pub(super) fn run(context: &Context, args: &Args) -> Ended {
    let path = Path::new(&args.what);
    if path.is_dir() {
        return super::rollout::show(context, path);
    }
    if path.exists() || args.what.contains(['/', '.']) {
        let plan = read_plan(path)?;
        context.terminal.answer(&plan, |columns| ui::plan(&plan, columns))?;
        return Ok(Exit::Done);
    }
    let state = context.state()?;
    let name = if args.what == "last" { state.latest() } else { None };
    let run = state.find(name.as_deref().unwrap_or(&args.what)).map_err(|e| {
        own_file(&e).hint("`harden runs` lists the runs of the account you are signed in to")
    })?;
    let changes: Vec<_> = run
        .plan
        .changes
        .iter()
        .map(|change| {
            let written = run.journal.outcome(&change.id);
            serde_json::json!({
                "id": change.id,
                "outcome": written.map(|(outcome, _)| outcome),
                "error": written.and_then(|(_, error)| error),
                "in_doubt": run.journal.is_in_doubt(&change.id),
            })
        })
        .collect();
    let answer = serde_json::json!({
        "format": "harden.record/1",
        "run": run.id,
        "plan": run.plan,
        "changes": changes,
        "result": run.result,
    });
    context.terminal.answer(&answer, |columns| {
        ui::plan(&run.plan, columns) + "\n" + &ui::run_summary(&run, columns)
    })?;
    Ok(Exit::Done)
}

/// Reads a saved plan, to look at it.
pub(super) fn read_plan(path: &Path) -> Result<Plan, CommandError> {
    parse(path, &read_text(path).map_err(|e| user_file(&e))?)
}

/// Reads a saved plan, to carry it out.
pub(super) fn read_own_plan(path: &Path) -> Result<Plan, CommandError> {
    let text = read_own(path).map_err(|e| match &e {
        FileError::Shared { .. } => {
            let path = path.display();
            user_file(&e).hint(format!(
                "look at it with `harden show {path}`, then make it yours with `chmod go= {path}`"
            ))
        }
        FileError::Read { .. }
        | FileError::Write { .. }
        | FileError::Damaged { .. }
        | FileError::NoRun { .. }
        | FileError::NoRollout { .. }
        | FileError::Busy { .. }
        | FileError::Locked { .. }
        | FileError::Linked { .. } => user_file(&e),
    })?;
    parse(path, &text)
}

fn parse(path: &Path, text: &str) -> Result<Plan, CommandError> {
    plan::read(text).map_err(|e| {
        let refused = refused(&e);
        let cause = [Some(refused.what), refused.cause].into_iter().flatten().collect::<Vec<_>>();
        CommandError {
            what: format!("cannot use the plan `{}`", path.display()),
            cause: Some(cause.join(": ")),
            ..refused
        }
    })
}

/// Why a saved plan is refused, and what to do.
pub(super) fn refused(error: &PlanFileError) -> CommandError {
    let kind = match error {
        PlanFileError::OtherAccount { .. }
        | PlanFileError::OtherPartition { .. }
        | PlanFileError::OwnCredentials { .. }
        | PlanFileError::Expired { .. }
        | PlanFileError::YetToCome { .. } => Kind::Stale,
        PlanFileError::Broken { .. }
        | PlanFileError::NotAPlan
        | PlanFileError::UnknownFormat { .. }
        | PlanFileError::Changed
        | PlanFileError::Inconsistent { .. }
        | PlanFileError::GoodForTooLong { .. } => Kind::User,
    };
    let hint = match error {
        PlanFileError::OtherAccount { .. } | PlanFileError::OtherPartition { .. } => {
            "choose the right account with `--profile`"
        }
        PlanFileError::UnknownFormat { .. } => "it was made by a newer harden: use that one",
        PlanFileError::OwnCredentials { .. } => {
            "make a new plan with `harden plan --out FILE`: it leaves them out, and says so"
        }
        PlanFileError::YetToCome { .. } => {
            "set the clock of this machine, or make a new plan with `harden plan --out FILE`"
        }
        PlanFileError::Expired { .. }
        | PlanFileError::GoodForTooLong { .. }
        | PlanFileError::Broken { .. }
        | PlanFileError::NotAPlan
        | PlanFileError::Changed
        | PlanFileError::Inconsistent { .. } => "make a new plan with `harden plan --out FILE`",
    };
    CommandError::from_error(kind, error).hint(hint)
}
