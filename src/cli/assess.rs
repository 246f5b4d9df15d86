//! `harden assess`.

use super::args::Assess as Args;
use super::context::{Context, reads};
use super::entry::Ended;
use super::session::{Asked, snapshot};
use crate::assess::{Verdict, assessment, judge};
use crate::exit::Exit;
use crate::ui;

pub(super) fn run(context: &Context, args: &Args) -> Ended {
    let selected = Context::select_with(&args.selection, &args.replaced)?;
    let asked = Asked {
        reads: reads(&selected.rules),
        settings: &selected.rules.settings,
        regions: &args.regions.regions,
    };
    let snapshot = snapshot(context, args.snapshot.as_deref(), asked)?;
    context.warn_of_waivers(&snapshot, &selected.rules)?;
    let judged = judge(&snapshot, &selected.rules);
    let answer = assessment(&snapshot, &selected.name, &judged);
    context.terminal.answer(&answer, |columns| ui::assessment(&answer, columns))?;
    // What could not be read may fail as well: it is no clean bill of health.
    let fails = |verdict| matches!(verdict, Verdict::Fail | Verdict::Unknown);
    let failing = answer.controls.iter().any(|control| fails(control.verdict));
    Ok(if args.detailed_exitcode && failing { Exit::Differs } else { Exit::Done })
}
