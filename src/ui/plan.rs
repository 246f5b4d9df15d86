//! A plan as a dry-run diff.

use std::collections::BTreeMap;

use similar::{DiffTag, TextDiff};

use super::not_planned::{merged, not_planned};
use super::page::{Page, Paint};
use super::text::{count, width};
use crate::assess::Score;
use crate::change::{Change, Inverse, Operation, Risk};
use crate::controls::{NotPlanned, Why, section_title};
use crate::model::{ControlId, Region};
use crate::plan::{Origin, Plan};
use crate::report::Head;

/// Where the values of a change's notes begin.
const NOTES: usize = 14;

/// The widest column of control numbers; what is longer stands out of it.
pub(super) const MOST_CONTROLS: usize = 14;

/// The whole plan.
pub fn plan(plan: &Plan, columns: usize) -> String {
    let mut page = Page::new(columns);
    let verb = match &plan.origin {
        Origin::Baseline(_) => "plan".to_owned(),
        Origin::UndoOf(run) => format!("undo of {run}"),
    };
    head(&mut page, &verb, &plan.head);
    // Grouped as the benchmark is, whatever order the changes are made in.
    for (section, changes) in by_section(plan) {
        page.gap();
        page.line(0, &[(Paint::Bold, &format!("{section} {}", section_title(section)))]);
        let mut last = None;
        for group in alike(&changes) {
            let Some(first) = group.first() else { continue };
            // The steps of one thing stand under one heading.
            let heading = (&first.controls, &first.title, first.risk);
            if last != Some(heading) {
                page.gap();
                head_of(&mut page, first);
            }
            last = Some(heading);
            one(&mut page, first, &group);
        }
    }
    not_planned(&mut page, &plan.not_planned);
    page.gap();
    tail(&mut page, plan);
    page.finish()
}

fn by_section(plan: &Plan) -> BTreeMap<u8, Vec<&Change>> {
    let mut sections: BTreeMap<u8, Vec<&Change>> = BTreeMap::new();
    for change in &plan.changes {
        let section = change.controls.first().map_or(0, |id| id.section());
        sections.entry(section).or_default().push(change);
    }
    sections
}

/// What every answer begins with.
pub(super) fn head(page: &mut Page, verb: &str, head: &Head) {
    let account = match &head.account.alias {
        Some(alias) => format!("{} ({alias})", head.account.id),
        None => head.account.id.to_string(),
    };
    page.wrapped(
        0,
        2,
        &[(Paint::Bold, verb), (Paint::Bold, " of account "), (Paint::Bold, &account)],
    );
    let mut facts = Vec::new();
    if !head.baseline.is_empty() {
        facts.push(format!("baseline {}", head.baseline));
    }
    if !head.regions.is_empty() {
        facts.push(count(head.regions.len(), "region", "regions"));
    }
    facts.push(format!("read {}", head.taken_at.strftime("%Y-%m-%d %H:%M:%S UTC")));
    page.wrapped(0, 2, &[(Paint::Dim, &facts.join(", "))]);
    if let Some(made) = head.credential_report {
        let made = made.strftime("credential report of %Y-%m-%d %H:%M:%S UTC").to_string();
        page.wrapped(0, 2, &[(Paint::Dim, &made)]);
    }
    page.wrapped(0, 2, &[(Paint::Dim, "as "), (Paint::Dim, &head.caller)]);
}

/// How many keys and passwords a plan takes away.
pub fn credentials_go(going: usize) -> String {
    let verb = if going == 1 { "goes" } else { "go" };
    format!("{} {verb}", count(going, "credential", "credentials"))
}

/// Changes that are the same but for their region are shown once.
fn alike<'a>(changes: &[&'a Change]) -> Vec<Vec<&'a Change>> {
    let mut groups: Vec<Vec<&Change>> = Vec::new();
    let mut places = BTreeMap::new();
    for change in changes {
        let said = said(change);
        let at = *places.entry(said).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        if let Some(group) = groups.get_mut(at) {
            group.push(change);
        }
    }
    groups
}

/// All that is shown of a change but its region. What is in no region is shown by itself.
fn said(change: &Change) -> String {
    let Some(_) = change.region else { return change.id.to_string() };
    let undo = match &change.undo {
        Inverse::Run(_) => "",
        Inverse::Impossible { impossible } => impossible,
    };
    let cost = change.cost.as_ref().map(|cost| (cost.usd_per_month.to_string(), &cost.note));
    let rows = (change.before.rows(), change.after.rows());
    let head = (&change.controls, change.operation.name(), &change.title, &change.resource);
    format!("{head:?}{rows:?}{:?}{undo}{cost:?}{}", change.impact, change.risk)
}

fn head_of(page: &mut Page, change: &Change) {
    let controls = ranges(change.controls.iter().copied());
    page.wrapped(
        2,
        2,
        &[
            (Paint::Bold, &controls),
            (Paint::Plain, "  "),
            (Paint::Bold, &change.title),
            (Paint::Plain, "  "),
            (risk_paint(change.risk), &format!("[{}]", change.risk)),
        ],
    );
}

fn one(page: &mut Page, change: &Change, group: &[&Change]) {
    let regions: Vec<&str> =
        group.iter().filter_map(|one| one.region.as_ref()).map(Region::as_str).collect();
    let place = match regions.as_slice() {
        [] => String::new(),
        [region] => format!(" in {region}"),
        many => {
            let number = count(many.len(), "region", "regions");
            format!(" in {number}: {}", many.join(", "))
        }
    };
    let resource = format!(" {}{place}", change.resource);
    page.wrapped(4, 2, &[(Paint::Plain, change.operation.name()), (Paint::Dim, &resource)]);
    diff(page, change);
    for line in &change.impact {
        page.labelled(4, "impact", NOTES, &[(Paint::Plain, line)]);
    }
    if let Some(cost) = &change.cost {
        let each = if regions.len() > 1 { " in each region" } else { "" };
        let text = format!("about {:.2} USD a month{each}: {}", cost.usd_per_month, cost.note);
        page.labelled(4, "cost", NOTES, &[(Paint::Plain, &text)]);
    }
    if let Inverse::Impossible { impossible } = &change.undo {
        page.labelled(
            4,
            "undo",
            NOTES,
            &[(Paint::Warn, "impossible: "), (Paint::Plain, impossible)],
        );
    }
}

/// Before and after, line by line.
fn diff(page: &mut Page, change: &Change) {
    let names = change.before.rows().into_iter().chain(change.after.rows());
    let column = names.map(|row| width(&row.name)).max().unwrap_or(0) + 2;
    let lines = |document: &crate::change::Document| -> Vec<String> {
        document.rows().iter().map(|row| format!("{:column$}{}", row.name, row.value)).collect()
    };
    let (before, after) = (lines(&change.before), lines(&change.after));
    let (old, new): (Vec<&str>, Vec<&str>) =
        (before.iter().map(String::as_str).collect(), after.iter().map(String::as_str).collect());
    let mut line = |sign: &str, paint: Paint, text: &str| {
        page.wrapped(4, 2 + column, &[(paint, sign), (paint, text)]);
    };
    for op in TextDiff::from_slices(&old, &new).ops() {
        let gone = old.get(op.old_range()).unwrap_or_default();
        let come = new.get(op.new_range()).unwrap_or_default();
        if op.tag() == DiffTag::Equal {
            for text in gone {
                line("  ", Paint::Dim, text);
            }
            continue;
        }
        // Each old value directly above its new one.
        for at in 0..gone.len().max(come.len()) {
            if let Some(text) = gone.get(at) {
                line("- ", Paint::Bad, text);
            }
            if let Some(text) = come.get(at) {
                line("+ ", Paint::Good, text);
            }
        }
    }
}

pub(super) const fn risk_paint(risk: Risk) -> Paint {
    match risk {
        Risk::Additive => Paint::Good,
        Risk::Restrictive => Paint::Warn,
        Risk::Destructive => Paint::Bad,
    }
}

/// What it means that so many controls could not be judged.
pub(super) fn incomplete(page: &mut Page, unread: usize) {
    if unread == 0 {
        return;
    }
    let number = count(unread, "control", "controls");
    let text = format!("The picture is incomplete: {number} could not be read in full.");
    page.wrapped(0, 2, &[(Paint::Warn, &text)]);
    let text = "`harden policy --read` prints the permissions that reading takes.";
    page.wrapped(2, 0, &[(Paint::Dim, text)]);
}

/// Whether ports are closed and no trusted range takes the world's place. Where nobody is to be let in,
/// none would.
fn shuts_out(plan: &Plan) -> bool {
    let Origin::Baseline(rules) = &plan.origin else { return false };
    let revokes = |change: &Change| {
        matches!(change.operation, Operation::RevokeSecurityGroupIngress { .. })
            && change.controls.iter().any(|control| *control != ControlId::new(4, 4))
    };
    rules.settings.network.trusted_cidrs.is_empty() && plan.changes.iter().any(revokes)
}

fn tail(page: &mut Page, plan: &Plan) {
    let counts: Vec<String> =
        plan.by_risk().iter().map(|(risk, number)| format!("{number} {risk}")).collect();
    let held: Vec<&NotPlanned> =
        plan.not_planned.iter().filter(|entry| entry.why == Why::HeldBack).collect();
    let held = merged(&held).len();
    let changes = count(plan.changes.len(), "change", "changes");
    let summary = match (plan.changes.is_empty(), held) {
        (true, 0) => "Nothing to change.".to_owned(),
        (true, held) => format!("Nothing to change ({held} held back)."),
        (false, 0) => format!("{changes}: {}.", counts.join(", ")),
        (false, held) => format!("{changes}: {}; {held} held back.", counts.join(", ")),
    };
    page.wrapped(0, 2, &[(Paint::Bold, &summary)]);
    incomplete(page, plan.unread());
    if shuts_out(plan) {
        let text = "Nobody is let in instead: name ranges of your own in `network.trusted_cidrs`.";
        page.wrapped(0, 2, &[(Paint::Warn, text)]);
    }
    let (going, limit) = (plan.credential_changes(), plan.credential_limit());
    if going > limit {
        let text = format!(
            "{}, more than `credentials.max_changes` ({limit}): apply asks for their number, or takes it as \
             `--max-credential-changes {going}` with `--yes`.",
            credentials_go(going)
        );
        page.wrapped(0, 2, &[(Paint::Warn, &text)]);
    }
    let cost = plan.usd_per_month();
    if cost > 0.0 {
        let text = format!("Cost: about {cost:.2} USD a month, an estimate from list prices.");
        page.wrapped(0, 2, &[(Paint::Plain, &text)]);
    }
    if let Some(scores) = &plan.score {
        let now = score(&scores.before);
        let text = if plan.changes.is_empty() {
            format!("Score: {now}{}.", pending(&scores.before))
        } else {
            let after = &scores.after;
            format!(
                "Score: {now} now, {} of {} after{}.",
                after.passed,
                after.scored,
                pending(after)
            )
        };
        page.wrapped(0, 2, &[(Paint::Plain, &text)]);
    }
}

/// `7 of 12 scored controls pass`
pub(super) fn score(score: &Score) -> String {
    let controls = count(score.scored, "scored control passes", "scored controls pass");
    format!("{} of {controls}", score.passed)
}

/// `, 2 pending`, if any.
pub(super) fn pending(score: &Score) -> String {
    match score.pending {
        0 => String::new(),
        number => format!(", {number} pending"),
    }
}

/// `1.5-1.11, 2.8`: neighbours of one section are drawn together.
pub(super) fn ranges(ids: impl IntoIterator<Item = ControlId>) -> String {
    let mut runs: Vec<(ControlId, ControlId)> = Vec::new();
    for id in ids {
        match runs.last_mut() {
            Some((_, last))
                if last.section() == id.section()
                    && id.number().checked_sub(1) == Some(last.number()) =>
            {
                *last = id;
            }
            _ => runs.push((id, id)),
        }
    }
    let words: Vec<String> = runs
        .into_iter()
        .map(|(first, last)| match last.number() - first.number() {
            0 => first.to_string(),
            1 => format!("{first}, {last}"),
            _ => format!("{first}-{last}"),
        })
        .collect();
    words.join(", ")
}
