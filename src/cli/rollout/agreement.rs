//! The plans of a rollout: the right ones, shown, and agreed to.

use crate::approval::{self, Mandate, many_by_flag};
use crate::cli::args::Consent;
use crate::cli::context::{Context, now};
use crate::cli::entry::End as Stop;
use crate::error::{CommandError, Kind};
use crate::files::RolloutFolder;
use crate::plan::Plan;
use crate::rollout::{Condensed, Entry, Gathering, Manifest, Summary};
use crate::ui;

use super::folder_error;
use super::what::NAMED;

/// Reads the plans that are to be carried out, and shows them: one that was changed is found before anything is
/// done by the others.
pub(super) fn look_through(
    context: &Context,
    folder: &RolloutFolder,
    manifest: &Manifest,
    todo: &[&Entry],
) -> Result<(), Stop> {
    let mut gathering = Gathering::default();
    let mut expired = Vec::new();
    for entry in todo {
        let plan = plan_of(folder, entry)?;
        if now() > plan.expires_at {
            expired.push(entry.id().as_str());
        }
        gathering.add(Condensed::of(&plan));
    }
    if !expired.is_empty() {
        let number = ui::text::count(expired.len(), "plan has", "plans have");
        let more = expired.len().saturating_sub(NAMED);
        expired.truncate(NAMED);
        let and = if more > 0 { format!(" and {more} more") } else { String::new() };
        let error =
            CommandError::new(Kind::Stale, format!("{number} expired: nothing was changed"))
                .because(format!("those of {}{and}", expired.join(", ")))
                .hint("plan the rollout again with `harden rollout plan`");
        return Err(error.into());
    }
    let review = gathering.finish();
    let page = |columns| ui::rollout::review(manifest, &review, columns);
    context.terminal.show(page).map_err(|error| {
        CommandError::new(Kind::Local, "cannot show the plans: nothing was changed")
            .because(error.to_string())
            .into()
    })
}

/// The plan of an account, and no other.
pub(super) fn plan_of(folder: &RolloutFolder, entry: &Entry) -> Result<Plan, CommandError> {
    let plan = folder.plan(entry.id()).map_err(|e| folder_error(&e))?;
    // All that somebody agrees by, such as the number of keys that go, is that of the plan.
    let is_it = entry.summary() == Some(&Summary::of(&plan)) && plan.head.account.id == *entry.id();
    if is_it {
        return Ok(plan);
    }
    let what = format!("the plan of account {} is not the one that was reviewed", entry.id());
    Err(CommandError::new(Kind::User, what)
        .hint("plan the rollout again with `harden rollout plan`"))
}

/// What somebody has to know of these plans to agree to them.
pub(super) fn plans_of(todo: &[&Entry]) -> Vec<approval::Planned> {
    let summaries = todo.iter().filter_map(|entry| entry.summary());
    let planned = summaries.map(|summary| approval::Planned {
        plan: summary.digest.clone(),
        credentials: summary.credentials,
        limit: summary.credential_limit,
    });
    planned.collect()
}

/// Asks once for all; `None`: somebody declined, and was told.
pub(super) fn agreed(
    context: &Context,
    plans: &[approval::Planned],
    accounts: usize,
    consent: &Consent,
) -> Result<Option<Mandate>, Stop> {
    use crate::approval::Refusal::{NothingChosen, TooManyCredentials, WrongName, WrongNumber};
    let answer = if consent.yes {
        many_by_flag(plans, consent.max_credential_changes)
    } else if context.terminal.can_ask() {
        context.ask_many(plans, accounts)?
    } else {
        let what = "nobody can be asked: this is not a terminal";
        let error = CommandError::new(Kind::Declined, what).hint("pass `--yes` to go on unasked");
        context.terminal.error(&error)?;
        return Ok(None);
    };
    let refusal = match answer {
        Ok(mandate) => return Ok(Some(mandate)),
        Err(refusal) => refusal,
    };
    match refusal {
        NothingChosen => {}
        WrongName => {
            context.terminal.note("that is not the number of accounts: nothing was changed")?;
        }
        WrongNumber => {
            context.terminal.note(
                "that is not the number of the keys and passwords that go: nothing was changed",
            )?;
        }
        TooManyCredentials => {
            let most = plans.iter().map(|plan| plan.credentials).max().unwrap_or_default();
            let what =
                "more keys and passwords go in some account than allowed: nothing was changed";
            let hint =
                format!("pass `--max-credential-changes {most}` with `--yes`, or go by parts");
            context.terminal.error(&CommandError::new(Kind::Declined, what).hint(hint))?;
        }
    }
    Ok(None)
}
