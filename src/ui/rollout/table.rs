//! How the accounts of a rollout stand, one line for each.

use std::collections::BTreeMap;

use comfy_table::{ContentArrangement, Table, presets};

use super::super::page::{Page, Paint};
use super::super::text::{count, safe};
use crate::assess::Score;
use crate::rollout::{Entry, Manifest, Planned, Progress, Standing};

/// One line for each account, then the counts.
pub fn standings(manifest: &Manifest, progress: &Progress, columns: usize) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(columns).unwrap_or(80));
    table.set_header(["WAVE", "ACCOUNT", "NAME", "STANDING", "CHANGES", "SCORE"]);
    let mut counts: BTreeMap<Standing, usize> = BTreeMap::new();
    let mut reasons = Page::new(columns);
    for (wave, entry) in in_order(manifest) {
        let standing = progress.standing(entry);
        *counts.entry(standing).or_default() += 1;
        table.add_row(row(wave, entry, standing, progress));
        if let Some(reason) = reason(entry, standing, progress) {
            reasons.wrapped(
                0,
                2,
                &[(Paint::Bold, entry.id().as_str()), (Paint::Plain, ": "), (Paint::Plain, reason)],
            );
        }
    }
    let mut out = lines(&table);
    let reasons = reasons.finish();
    if !reasons.is_empty() {
        out.push('\n');
        out.push_str(&reasons);
    }
    let counts: Vec<String> = counts
        .into_iter()
        .map(|(standing, number)| format!("{number} {}", standing.words()))
        .collect();
    let mut foot = Page::new(columns);
    let all = count(manifest.accounts.len(), "account", "accounts");
    let text = if counts.is_empty() {
        format!("{all}.")
    } else {
        format!("{all}: {}.", counts.join(", "))
    };
    foot.wrapped(0, 2, &[(Paint::Bold, &text)]);
    let unread = manifest.accounts.iter().filter_map(Entry::summary).filter(|plan| plan.unread > 0);
    let unread = unread.count();
    if unread > 0 {
        let accounts = count(unread, "account", "accounts");
        let text =
            format!("The picture is incomplete in {accounts}: something could not be read there.");
        foot.wrapped(0, 2, &[(Paint::Warn, &text)]);
    }
    out + "\n" + &foot.finish()
}

/// Every account with its wave; those without a plan are in none, and come last.
fn in_order(manifest: &Manifest) -> impl Iterator<Item = (&str, &Entry)> {
    let waves = manifest.waves.iter().flat_map(|wave| {
        let entries = wave.accounts.iter().filter_map(|account| manifest.entry(account));
        entries.map(|entry| (wave.name.as_str(), entry))
    });
    let absent = manifest.accounts.iter().filter(|entry| entry.summary().is_none());
    waves.chain(absent.map(|entry| ("-", entry)))
}

fn row(wave: &str, entry: &Entry, standing: Standing, progress: &Progress) -> [String; 6] {
    let last = progress.last(entry.id());
    let planned = entry.summary().map_or(0, crate::rollout::Summary::changes);
    let changes = match (standing, last) {
        (Standing::NotPlanned, _) => String::new(),
        (Standing::Waiting, _) | (_, None) => planned.to_string(),
        (_, Some(end)) if end.changes.is_empty() => format!("0 of {planned}"),
        (_, Some(end)) => format!("{} of {}", end.held(), end.changes.values().sum::<usize>()),
    };
    let score = match last.and_then(|end| end.score) {
        Some(scores) if scores.before.scored == scores.after.scored => {
            format!("{} to {}", scores.before.passed, of(&scores.after))
        }
        Some(scores) => format!("{} to {}", of(&scores.before), of(&scores.after)),
        None => entry
            .summary()
            .and_then(|summary| summary.score)
            .map_or_else(String::new, |scores| of(&scores.before)),
    };
    [
        safe(wave),
        entry.id().to_string(),
        safe(entry.target.name.as_deref().unwrap_or_default()),
        match (standing, last) {
            (Standing::Done, None) => "nothing to do".to_owned(),
            _ => standing.words().to_owned(),
        },
        changes,
        score,
    ]
}

fn of(score: &Score) -> String {
    format!("{} of {}", score.passed, score.scored)
}

/// Why an account does not stand as it should.
fn reason<'a>(entry: &'a Entry, standing: Standing, progress: &'a Progress) -> Option<&'a str> {
    if let Planned::Not { reason } = &entry.planned {
        return Some(reason);
    }
    let wants = standing.has_failed() || standing == Standing::PartlyUndone;
    progress.last(entry.id()).filter(|_| wants)?.reason.as_deref()
}

/// The lines of a table, without blanks at their ends.
pub(super) fn lines(table: &Table) -> String {
    let trimmed =
        |line: String| line.strip_prefix(' ').unwrap_or(&line).trim_end().to_owned() + "\n";
    table.lines().map(trimmed).collect()
}
