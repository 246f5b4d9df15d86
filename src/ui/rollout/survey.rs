//! Verdicts of many accounts as a page.

use comfy_table::{Table, presets};

use super::super::page::{Page, Paint};
use super::super::plan::ranges;
use super::super::text::{count, safe};
use super::table::lines;
use crate::assess::{Score, Verdict};
use crate::model::AccountId;
use crate::rollout::{Judged, Survey};

/// So many accounts of a failing control are named.
const FEW: usize = 3;

/// Which controls fail in how many accounts, then one line for each account.
pub fn survey(survey: &Survey, columns: usize) -> String {
    let mut page = Page::new(columns);
    let read = survey.accounts.iter().filter(|account| account.score.is_some()).count();
    let all = count(survey.accounts.len(), "account", "accounts");
    page.line(0, &[(Paint::Bold, &format!("assessment of {all}"))]);
    page.gap();
    for (control, counts) in &survey.controls {
        let number = |verdict| counts.verdicts.get(&verdict).copied().unwrap_or_default();
        let (failing, unknown) = (number(Verdict::Fail), number(Verdict::Unknown));
        let pending = number(Verdict::Pending);
        if failing + unknown + pending == 0 {
            continue;
        }
        let id = format!("{:<5}", control.to_string());
        let mut said = Vec::new();
        if failing > 0 {
            said.push(format!("fails in {failing}"));
        }
        if unknown > 0 {
            said.push(format!("unknown in {unknown}"));
        }
        if pending > 0 {
            said.push(format!("pending in {pending}"));
        }
        let paint = if failing > 0 { Paint::Bad } else { Paint::Warn };
        let said = format!("{:<28}", said.join(", "));
        let mut pieces =
            vec![(Paint::Bold, id), (paint, said), (Paint::Plain, counts.title.clone())];
        if (1..=FEW).contains(&failing) && failing < read {
            let ids: Vec<&str> = counts.failing.iter().map(AccountId::as_str).collect();
            pieces.push((Paint::Dim, format!(" ({})", ids.join(", "))));
        }
        let pieces: Vec<(Paint, &str)> =
            pieces.iter().map(|(paint, text)| (*paint, text.as_str())).collect();
        page.wrapped(2, 33, &pieces);
    }
    for (reason, (controls, accounts)) in survey.inherited() {
        let number = count(accounts.len(), "account", "accounts");
        let controls = ranges(controls);
        page.gap();
        page.wrapped(
            2,
            2,
            &[
                (Paint::Bold, &controls),
                (Paint::Plain, "  "),
                (Paint::Good, reason),
                (Paint::Plain, &format!(" in {number}")),
            ],
        );
    }
    page.gap();
    page.finish() + &accounts(survey, columns) + "\n" + &foot(survey, read, columns)
}

fn accounts(survey: &Survey, columns: usize) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_width(u16::try_from(columns).unwrap_or(80));
    table.set_header(["ACCOUNT", "NAME", "PASS", "FAIL", "UNKNOWN", "PENDING", "BASELINE"]);
    for account in &survey.accounts {
        let number = |of: fn(&Score) -> usize| {
            account.score.as_ref().map_or_else(String::new, |score| of(score).to_string())
        };
        table.add_row([
            account.account.to_string(),
            safe(account.name.as_deref().unwrap_or_default()),
            number(|score| score.passed),
            number(|score| score.failed),
            number(|score| score.unknown),
            number(|score| score.pending),
            safe(account.baseline.as_deref().unwrap_or("not read")),
        ]);
    }
    lines(&table)
}

fn foot(survey: &Survey, read: usize, columns: usize) -> String {
    let mut page = Page::new(columns);
    for Judged { account, reason, .. } in &survey.accounts {
        if let Some(reason) = reason {
            let id = account.as_str();
            page.wrapped(0, 2, &[(Paint::Bold, id), (Paint::Plain, ": "), (Paint::Bad, reason)]);
        }
    }
    page.gap();
    let scores = survey.accounts.iter().filter_map(|account| account.score.as_ref());
    let whole = scores.filter(|score| score.passed == score.scored).count();
    let text = format!(
        "{} of {} read; in {whole} of them all scored controls pass.",
        read,
        count(survey.accounts.len(), "account", "accounts")
    );
    page.wrapped(0, 2, &[(Paint::Bold, &text)]);
    page.finish()
}
