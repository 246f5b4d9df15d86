//! Many plans on one page: equal changes once, the odd ones out by account.

use std::collections::BTreeMap;

use crate::change::Risk;
use crate::controls::{Why, section_title};
use crate::model::{AccountId, ControlId};
use crate::rollout::{Group, Left, Line, Manifest, Planned, Review, Totals, Wave};

use super::super::page::{Page, Paint};
use super::super::plan::{credentials_go, ranges, risk_paint};
use super::super::text::{count, width};

/// Where differs what is true of no more accounts than these, they are named.
const FEW: usize = 3;

/// So many reasons why something is not planned are told of one control.
const REASONS: usize = 3;

/// The page of a rollout.
pub fn review(manifest: &Manifest, review: &Review, columns: usize) -> String {
    let mut page = Page::new(columns);
    head(&mut page, manifest);
    groups(&mut page, review);
    left(&mut page, &review.not_planned);
    absent(&mut page, manifest);
    page.gap();
    tail(&mut page, manifest, review);
    page.finish()
}

fn groups(page: &mut Page, review: &Review) {
    let mut section = 0;
    let mut last = None;
    for group in &review.groups {
        let of = group.controls.first().map_or(0, |id| id.section());
        if of != section {
            section = of;
            page.gap();
            page.line(0, &[(Paint::Bold, &format!("{section} {}", section_title(section)))]);
        }
        let heading = (&group.controls, &group.title, group.risk, &group.accounts);
        if last != Some(heading) {
            page.gap();
            heading_of(page, group);
            last = Some(heading);
        }
        body(page, group);
    }
}

/// The page of what is taken back in many accounts.
pub fn undo(review: &Review, accounts: usize, columns: usize) -> String {
    let mut page = Page::new(columns);
    let accounts = count(accounts, "account", "accounts");
    page.line(0, &[(Paint::Bold, &format!("undo in {accounts}"))]);
    groups(&mut page, review);
    left(&mut page, &review.not_planned);
    page.gap();
    sums(&mut page, &review.totals, &accounts);
    page.finish()
}

fn head(page: &mut Page, manifest: &Manifest) {
    let accounts = count(manifest.accounts.len(), "account", "accounts");
    let of = manifest.organization.as_ref().map(|id| format!(" of organization {id}"));
    let shard = manifest.shard.as_ref().map(|shard| format!(", shard {shard}"));
    let title =
        format!("rollout to {accounts}{}{}", of.unwrap_or_default(), shard.unwrap_or_default());
    page.wrapped(0, 2, &[(Paint::Bold, &title)]);
    let mut baselines: BTreeMap<&str, usize> = BTreeMap::new();
    for entry in &manifest.accounts {
        *baselines.entry(&entry.baseline).or_default() += 1;
    }
    let said: Vec<String> = match baselines.len() {
        1 => baselines.keys().map(|name| format!("baseline {name}")).collect(),
        _ => baselines.iter().map(|(name, n)| format!("baseline {name} in {n}")).collect(),
    };
    let made = manifest.made_at.strftime("read %Y-%m-%d %H:%M:%S UTC").to_string();
    let facts: Vec<String> = said.into_iter().chain([made]).collect();
    page.wrapped(0, 2, &[(Paint::Dim, &facts.join(", "))]);
    let waves: Vec<String> = manifest.waves.iter().map(in_wave).collect();
    if !waves.is_empty() {
        page.wrapped(0, 2, &[(Paint::Dim, &format!("waves {}", waves.join(", ")))]);
    }
    for note in &manifest.notes {
        page.wrapped(0, 2, &[(Paint::Warn, note)]);
    }
    if let Some(caller) = &manifest.caller {
        page.wrapped(0, 2, &[(Paint::Dim, "as "), (Paint::Dim, caller)]);
    }
}

fn heading_of(page: &mut Page, group: &Group) {
    let controls = ranges(group.controls.iter().copied());
    page.wrapped(
        2,
        2,
        &[
            (Paint::Bold, &controls),
            (Paint::Plain, "  "),
            (Paint::Bold, &group.title),
            (Paint::Plain, "  "),
            (risk_paint(group.risk), &format!("[{}]", group.risk)),
            (Paint::Plain, "  "),
            (Paint::Plain, &whose(&group.accounts)),
        ],
    );
}

/// `rest (41)`, or `canary (111122223333)`.
fn in_wave(wave: &Wave) -> String {
    match wave.accounts.as_slice() {
        [one] => format!("{} ({one})", wave.name),
        many => format!("{} ({})", wave.name, many.len()),
    }
}

/// `41 accounts`, or which where there are few.
fn whose(accounts: &[AccountId]) -> String {
    let number = count(accounts.len(), "account", "accounts");
    if accounts.len() > FEW {
        return number;
    }
    let ids: Vec<&str> = accounts.iter().map(AccountId::as_str).collect();
    format!("{number}: {}", ids.join(", "))
}

fn body(page: &mut Page, group: &Group) {
    let times = if group.changes == group.accounts.len() {
        String::new()
    } else {
        format!(", {} in all", group.changes)
    };
    let resource = format!(" {}{times}", group.resource);
    page.wrapped(4, 2, &[(Paint::Plain, group.operation), (Paint::Dim, &resource)]);
    let is_odd = |accounts: &[AccountId]| accounts.len() < group.accounts.len();
    let column = group.lines.iter().map(|line| width(&line.name)).max().unwrap_or(0) + 2;
    for line in &group.lines {
        one(page, line, column, is_odd(&line.accounts));
    }
    for said in &group.impact {
        let mut text = said.text.clone();
        if is_odd(&said.accounts) {
            text = format!("{text} ({})", whose(&said.accounts));
        }
        page.labelled(4, "impact", 14, &[(Paint::Plain, &text)]);
    }
    if group.usd_per_month > 0.0 {
        let text = format!("about {:.2} USD a month in all", group.usd_per_month);
        page.labelled(4, "cost", 14, &[(Paint::Plain, &text)]);
    }
}

fn one(page: &mut Page, line: &Line, column: usize, is_odd: bool) {
    let place = if is_odd { format!("  ({})", whose(&line.accounts)) } else { String::new() };
    let name = format!("{:column$}", line.name);
    let (sign, paint, text) = match (&line.before, &line.after) {
        (Some(before), Some(after)) => ("~ ", Paint::Warn, format!("{before} -> {after}")),
        (Some(before), None) => ("- ", Paint::Bad, before.clone()),
        (None, after) => ("+ ", Paint::Good, after.clone().unwrap_or_default()),
    };
    page.wrapped(
        4,
        2 + column,
        &[(paint, sign), (paint, &name), (paint, &text), (Paint::Plain, &place)],
    );
}

/// A reason, and where it holds.
type Reason<'a> = (&'a str, &'a [AccountId]);

/// What is not planned: by control and kind of reason, a few reasons of each.
fn left(page: &mut Page, entries: &[Left]) {
    if entries.is_empty() {
        return;
    }
    page.gap();
    page.line(0, &[(Paint::Bold, "Not planned")]);
    page.gap();
    // The same reason may stand for several controls.
    let mut alike: BTreeMap<(Why, &str, &[AccountId]), Vec<ControlId>> = BTreeMap::new();
    for entry in entries {
        let key = (entry.why, entry.detail.as_str(), entry.accounts.as_slice());
        alike.entry(key).or_default().push(entry.control);
    }
    let mut by_control: BTreeMap<(Vec<ControlId>, Why), Vec<Reason<'_>>> = BTreeMap::new();
    for ((why, detail, accounts), controls) in alike {
        by_control.entry((controls, why)).or_default().push((detail, accounts));
    }
    for ((controls, why), mut reasons) in by_control {
        reasons.sort_by_key(|(_, accounts)| std::cmp::Reverse(accounts.len()));
        let more = reasons.len().saturating_sub(REASONS);
        for (detail, accounts) in reasons.iter().take(REASONS) {
            let control = format!("{}  ", ranges(controls.iter().copied()));
            page.wrapped(
                2,
                4,
                &[
                    (Paint::Bold, &control),
                    (Paint::Warn, why.word()),
                    (Paint::Plain, "  "),
                    (Paint::Dim, &format!("{}: ", whose(accounts))),
                    (Paint::Plain, detail),
                ],
            );
        }
        if more > 0 {
            let text =
                format!("and {} of other accounts", count(more, "such reason", "such reasons"));
            page.wrapped(4, 2, &[(Paint::Dim, &text)]);
        }
    }
}

/// The accounts that have no plan.
fn absent(page: &mut Page, manifest: &Manifest) {
    let mut reasons: BTreeMap<&str, Vec<AccountId>> = BTreeMap::new();
    for entry in &manifest.accounts {
        if let Planned::Not { reason } = &entry.planned {
            reasons.entry(reason).or_default().push(entry.id().clone());
        }
    }
    if reasons.is_empty() {
        return;
    }
    page.gap();
    page.line(0, &[(Paint::Bold, "Without a plan")]);
    page.gap();
    for (reason, accounts) in reasons {
        let ids: Vec<&str> = accounts.iter().map(AccountId::as_str).collect();
        page.wrapped(
            2,
            2,
            &[(Paint::Bold, &ids.join(", ")), (Paint::Plain, ": "), (Paint::Bad, reason)],
        );
    }
}

fn tail(page: &mut Page, manifest: &Manifest, review: &Review) {
    let all = count(manifest.accounts.len(), "account", "accounts");
    sums(page, &review.totals, &format!("{} of {all}", review.totals.accounts_with_changes));
    let totals = &review.totals;
    let absent = manifest.accounts.iter().filter(|entry| entry.summary().is_none()).count();
    if absent > 0 {
        let text = format!(
            "{} without a plan, for the reasons above. `--role` and `--external-id` say how accounts are entered.",
            count(absent, "account is", "accounts are")
        );
        page.wrapped(0, 2, &[(Paint::Warn, &text)]);
    }
    if totals.incomplete > 0 {
        let text = format!(
            "The picture is incomplete in {}: something could not be read there.",
            count(totals.incomplete, "account", "accounts")
        );
        page.wrapped(0, 2, &[(Paint::Warn, &text)]);
    }
}

/// How many changes there are, in which accounts, and what they cost.
fn sums(page: &mut Page, totals: &Totals, accounts: &str) {
    let changes: usize = totals.by_risk.values().sum();
    let by_risk: Vec<String> = totals
        .by_risk
        .iter()
        .map(|(risk, number)| format!("{number} {}", Risk::word(*risk)))
        .collect();
    let summary = if changes == 0 {
        "Nothing to change.".to_owned()
    } else {
        format!("{} in {accounts}: {}.", count(changes, "change", "changes"), by_risk.join(", "))
    };
    page.wrapped(0, 2, &[(Paint::Bold, &summary)]);
    if totals.credentials > 0 {
        let text = format!("Keys and passwords: {}.", credentials_go(totals.credentials));
        page.wrapped(0, 2, &[(Paint::Warn, &text)]);
    }
    if totals.usd_per_month > 0.0 {
        let text = format!(
            "Cost: about {:.2} USD a month, an estimate from list prices.",
            totals.usd_per_month
        );
        page.wrapped(0, 2, &[(Paint::Plain, &text)]);
    }
}
