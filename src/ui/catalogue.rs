//! The controls, as a table and one by one.

use comfy_table::{ContentArrangement, Table, presets};

use super::page::{Page, Paint};
use super::plan::ranges;
use crate::assess::{NOT_ASSESSED, NOT_PUT_RIGHT};
use crate::controls::{Assess, Control, Remedy, section_title};
use crate::model::{Action, Read};

/// Number, title, level, scored, how it is fixed.
pub fn list(controls: &[&Control], columns: usize) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(columns).unwrap_or(80));
    table.set_header(["ID", "TITLE", "LEVEL", "SCORED", "FIX"]);
    for control in controls {
        table.add_row([
            control.id.to_string(),
            control.title.to_owned(),
            control.level.number().to_string(),
            if control.scored { "yes" } else { "no" }.to_owned(),
            control.remedy.word().to_owned(),
        ]);
    }
    let mut text = String::new();
    for line in table.lines() {
        // The preset leaves one blank before each line.
        text.push_str(line.strip_prefix(' ').unwrap_or(&line).trim_end());
        text.push('\n');
    }
    text + &footnote(controls)
}

/// What the dashes mean, and which controls are not even judged.
fn footnote(controls: &[&Control]) -> String {
    if !controls.iter().any(|control| matches!(control.remedy, Remedy::NotInThisVersion)) {
        return String::new();
    }
    let mut text = format!("\n-  {NOT_PUT_RIGHT}\n");
    let later = controls.iter().filter(|one| matches!(one.assess, Assess::NotInThisVersion));
    let later = ranges(later.map(|control| control.id));
    if !later.is_empty() {
        text.extend(["   ", NOT_ASSESSED, ": ", &later, "\n"]);
    }
    text
}

/// Everything about one control.
pub fn explain(control: &Control, columns: usize) -> String {
    const COLUMN: usize = 11;
    let mut page = Page::new(columns);
    page.wrapped(0, 2, &[(Paint::Bold, &format!("{} {}", control.id, control.title))]);
    let scored = if control.scored { "scored" } else { "not scored" };
    let section = section_title(control.id.section());
    let level = control.level.number();
    page.wrapped(0, 2, &[(Paint::Dim, &format!("{section}, level {level}, {scored}"))]);
    page.gap();
    let mut row = |label: &str, text: &str| {
        page.labelled(0, label, COLUMN, &[(Paint::Plain, text)]);
    };
    row("Why", control.why);
    match control.assess {
        Assess::Automatic { reads, context, .. } => {
            row("Reads", &actions(reads));
            if !context.is_empty() {
                row("", &format!("{} (for the words about it; may be denied)", actions(context)));
            }
        }
        Assess::Manual { reason } => row("Assessed", &format!("by a person: {reason}")),
        Assess::NotInThisVersion => row("Assessed", "not by this version"),
    }
    match control.remedy {
        Remedy::Automatic(fix) => {
            row("Changes", fix.changes);
            row("Can break", fix.breaks);
            row("Undo", fix.undo);
        }
        Remedy::Manual(instruction) => row("To do", instruction),
        Remedy::NotInThisVersion if matches!(control.assess, Assess::NotInThisVersion) => {}
        Remedy::NotInThisVersion => row("Changes", NOT_PUT_RIGHT),
    }
    page.finish()
}

fn actions(reads: &[Read]) -> String {
    let actions: Vec<&str> =
        reads.iter().flat_map(|read| read.actions()).map(Action::as_str).collect();
    actions.join(", ")
}
