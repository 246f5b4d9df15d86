//! `harden list` and `harden explain`.

use serde::Serialize;

use super::args::{Explain, List};
use super::context::Context;
use super::entry::Ended;
use crate::controls::{self, Alarm, Assess, Control, USD_PER_ALARM, USD_PER_FILTER};
use crate::error::{CommandError, Kind};
use crate::exit::Exit;
use crate::model::{Action, ControlId};
use crate::ui;

/// A control as JSON.
#[derive(Serialize)]
struct Entry {
    id: ControlId,
    title: &'static str,
    level: u8,
    scored: bool,
    why: &'static str,
    assessed: &'static str,
    fix: &'static str,
    reads: Vec<&'static Action>,
    changes: Option<&'static str>,
    breaks: Option<&'static str>,
    undo: Option<&'static str>,
    instruction: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    alarm: Option<Listens>,
}

/// What an alarm of the benchmark listens for, as JSON.
#[derive(Serialize)]
struct Listens {
    name: String,
    metric: &'static str,
    pattern: &'static str,
    literal: Option<&'static str>,
    accepted: Vec<Edition>,
    threshold: u32,
    catches: &'static str,
    noise: &'static str,
    usd_per_month: f64,
}

/// A pattern of a later edition that will do.
#[derive(Serialize)]
struct Edition {
    #[serde(rename = "edition")]
    name: &'static str,
    pattern: &'static str,
    leaves_out: &'static str,
}

impl Listens {
    fn of(alarm: &Alarm) -> Self {
        let accepted = alarm.accepted.iter().map(|variant| Edition {
            name: variant.edition,
            pattern: variant.pattern,
            leaves_out: variant.leaves_out,
        });
        Self {
            name: alarm.name(),
            metric: alarm.metric,
            pattern: alarm.pattern,
            literal: alarm.literal,
            accepted: accepted.collect(),
            threshold: alarm.threshold,
            catches: alarm.catches,
            noise: alarm.noise,
            usd_per_month: USD_PER_FILTER + USD_PER_ALARM,
        }
    }
}

impl Entry {
    fn of(control: &Control) -> Self {
        let fix = control.remedy.fix();
        Self {
            id: control.id,
            title: control.title,
            level: control.level.number(),
            scored: control.scored,
            why: control.why,
            assessed: match control.assess {
                Assess::Automatic { .. } => "automatic",
                Assess::Manual { .. } => "manual",
            },
            fix: control.remedy.word(),
            reads: control.reads().iter().flat_map(|read| read.actions()).collect(),
            changes: fix.map(|fix| fix.changes),
            breaks: fix.map(|fix| fix.breaks),
            undo: fix.map(|fix| fix.undo),
            instruction: control.remedy.instruction(),
            alarm: Alarm::of(control.id).map(Listens::of),
        }
    }
}

pub(super) fn list(context: &Context, args: &List) -> Ended {
    let selected = Context::select(&args.selection)?;
    let listed: Vec<&Control> =
        controls::all().filter(|control| selected.rules.controls.contains(&control.id)).collect();
    let entries: Vec<Entry> = listed.iter().map(|control| Entry::of(control)).collect();
    let answer = serde_json::json!({ "format": "harden.controls/1", "controls": entries });
    context.terminal.answer(&answer, |columns| ui::list(&listed, columns))?;
    Ok(Exit::Done)
}

pub(super) fn explain(context: &Context, args: &Explain) -> Ended {
    let control = controls::get(args.control).ok_or_else(|| {
        CommandError::new(Kind::User, format!("unknown control {}", args.control))
            .hint("`harden list` shows every control")
    })?;
    context.terminal.answer(&Entry::of(control), |columns| ui::explain(control, columns))?;
    Ok(Exit::Done)
}
