//! The controls, as a table and one by one.

use comfy_table::{ContentArrangement, Table, presets};

use super::page::{Page, Paint};
use super::text::width;
use crate::controls::{
    Alarm, Assess, Control, USD_PER_ALARM, USD_PER_FILTER, Variant, section_title,
};
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
    text
}

/// Where what stands behind labels begins.
const COLUMN: usize = 11;

/// Everything about one control.
pub fn explain(control: &Control, columns: usize) -> String {
    let mut page = Page::new(columns);
    page.wrapped(0, 2, &[(Paint::Bold, &format!("{} {}", control.id, control.title))]);
    let scored = if control.scored { "scored" } else { "not scored" };
    let section = section_title(control.id.section());
    let level = control.level.number();
    page.wrapped(0, 2, &[(Paint::Dim, &format!("{section}, level {level}, {scored}"))]);
    page.gap();
    row(&mut page, "Why", control.why);
    if let Some(alarm) = Alarm::of(control.id) {
        self::alarm(&mut page, alarm, columns);
    }
    let mut row = |label: &str, text: &str| row(&mut page, label, text);
    match control.assess {
        Assess::Automatic { reads, context, .. } => {
            row("Reads", &actions(reads));
            let words = actions(context);
            if !words.is_empty() {
                row("", &format!("{words} (for the words about it; may be denied)"));
            }
            let above = from_above(context);
            if !above.is_empty() {
                let taken = "(of whoever rolls out to members of an organization, where something \
                             tells of it; may be denied)";
                row("", &format!("{above} {taken}"));
            }
            let known = |read: &Read| reads.contains(read) || context.contains(read);
            let more: Vec<Read> =
                control.remedy_reads().iter().copied().filter(|read| !known(read)).collect();
            if !more.is_empty() {
                row("", &format!("{} (for a plan only)", actions(&more)));
            }
        }
        Assess::Manual { reason } => row("Assessed", &format!("by a person: {reason}")),
    }
    if let Some(inherits) = control.inherits() {
        row("Inherited", inherits.words());
    }
    if let Some(fix) = control.remedy.fix() {
        row("Changes", fix.changes);
        row("Can break", fix.breaks);
        row("Undo", fix.undo);
    }
    if let Some(instruction) = control.remedy.instruction() {
        let label = if control.remedy.fix().is_some() { "Otherwise" } else { "To do" };
        row(label, instruction);
    }
    page.finish()
}

fn row(page: &mut Page, label: &str, text: &str) {
    page.labelled(0, label, COLUMN, &[(Paint::Plain, text)]);
}

/// What an alarm listens for, and what it means to have it.
fn alarm(page: &mut Page, alarm: &Alarm, columns: usize) {
    pattern(page, "Pattern", alarm.pattern, columns);
    row(page, "Catches", alarm.catches);
    row(page, "Noise", alarm.noise);
    let events = if alarm.threshold == 1 {
        "one event".to_owned()
    } else {
        format!("{} events within five minutes", alarm.threshold)
    };
    row(page, "Goes off", &format!("at {events}"));
    let (filter, bell) = (USD_PER_FILTER, USD_PER_ALARM);
    row(
        page,
        "Cost",
        &format!(
            "about {:.2} USD a month: {filter:.2} for the metric, {bell:.2} for the alarm; the first 10 \
             of each are free",
            filter + bell
        ),
    );
    for variant in alarm.accepted {
        let Variant { edition, leaves_out, .. } = variant;
        row(page, "Accepted", &format!("that of {edition}, without {leaves_out}:"));
        pattern(page, "", variant.pattern, columns);
    }
    if let Some(literal) = alarm.literal {
        row(
            page,
            "By letter",
            "that of v1.0.0, if `monitoring.patterns` is `literal`, and then only it:",
        );
        pattern(page, "", literal, columns);
    }
}

/// A filter pattern, broken where `||` or `&&` stands, so that each test stays in one piece.
fn pattern(page: &mut Page, label: &str, text: &str, columns: usize) {
    let mut lines = vec![String::new()];
    for piece in text.replace(" || ", "\n|| ").replace(" && ", "\n&& ").split('\n') {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(piece),
            Some(line) if COLUMN + width(line) + 1 + width(piece) <= columns => {
                line.push(' ');
                line.push_str(piece);
            }
            _ => lines.push(piece.to_owned()),
        }
    }
    let mut label = label;
    for line in lines {
        row(page, label, &line);
        label = "";
    }
}

fn actions(reads: &[Read]) -> String {
    joined(reads.iter().flat_map(|read| read.actions()))
}

/// What is taken of whoever enters the account from the one that manages the organization.
fn from_above(reads: &[Read]) -> String {
    joined(reads.iter().flat_map(|read| read.actions_from_above()))
}

fn joined(actions: impl Iterator<Item = &'static Action>) -> String {
    actions.map(Action::as_str).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controls;

    fn explained(id: &str, columns: usize) -> String {
        let control = controls::get(id.parse().unwrap()).unwrap();
        anstream::adapter::strip_str(&explain(control, columns)).to_string()
    }

    #[test]
    fn a_pattern_is_broken_between_its_tests() {
        for columns in [60, 80, 120] {
            let text = explained("3.4", columns);
            let lines: Vec<&str> = text.lines().collect();
            assert!(lines.iter().all(|line| width(line) <= columns), "{text}");
            let first = lines.iter().position(|line| line.starts_with("Pattern")).unwrap();
            let last = lines.iter().position(|line| line.starts_with("Catches")).unwrap();
            let pattern = lines[first..last].join(" ").replacen("Pattern", "", 1);
            let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            assert_eq!(words(&pattern), words(Alarm::of("3.4".parse().unwrap()).unwrap().pattern));
            assert!(lines[first + 1..last].iter().all(|line| line.starts_with("           || (")));
        }
    }

    #[test]
    fn that_an_organization_trail_will_do_is_said_where_it_does() {
        for id in ["2.1", "2.4", "3.4"] {
            let text = explained(id, 80);
            assert_eq!(text.matches("\nInherited  In a member of an organization").count(), 1);
        }
        assert!(!explained("2.5", 80).contains("Inherited"));
    }

    #[test]
    fn later_editions_and_the_letter_are_shown_where_there_are_any() {
        let (first, second) = (explained("3.1", 80), explained("3.2", 80));
        assert!(
            first.contains("that of v5.0.0, without refusals of") && !first.contains("By letter")
        );
        assert!(
            second.contains("that of v2.0.0, without federated") && second.contains("By letter")
        );
        assert!(explained("3.6", 80).contains("at 10 events within five minutes"));
        let contact = explained("3.15", 80);
        assert!(!contact.contains("Pattern") && !contact.contains("Cost"));
    }
}
