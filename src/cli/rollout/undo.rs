//! `harden rollout undo`.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use super::agreement::agreed;
use super::apply::{carry_out, ended, told};
use super::enter::Door;
use super::planning::reason;
use super::pool::side_by_side;
use super::scope::Scope;
use super::status::answer;
use super::{base, folder_error, manifest};
use crate::approval::{Mandate, Planned};
use crate::cli::args::rollout::Undo as Args;
use crate::cli::context::{Context, now, own_file};
use crate::cli::entry::{End as Stop, Ended};
use crate::cli::session::{Online, block_on};
use crate::cli::settle::settled;
use crate::cli::undo::taken_back;
use crate::error::{CommandError, Kind};
use crate::exit::Exit;
use crate::files::{FileError, RolloutFolder, RolloutLog};
use crate::model::AccountId;
use crate::plan::Plan;
use crate::rollout::{
    Condensed, End, Entry, Event, Gathering, LOG_FORMAT, Progress, Standing, Work,
};
use crate::run::RunOutcome;
use crate::ui;
use crate::ui::rollout::Live;

pub(super) fn run(context: &Context, args: &Args) -> Ended {
    let folder = RolloutFolder::open(&args.folder);
    let manifest = manifest(&folder)?;
    let scope = Scope::of(&manifest, &args.account, None)?;
    let lock = folder.lock().map_err(|e| folder_error(&e))?;
    let mut progress = folder.progress(&manifest).map_err(|e| folder_error(&e))?;
    // The last wave first.
    let mut todo: Vec<&Entry> = scope
        .entries(&manifest)
        .filter(|entry| progress.runs(entry.id()).next().is_some())
        .collect();
    todo.reverse();
    if todo.is_empty() {
        context.terminal.note("nothing was made in these accounts that could be taken back")?;
        answer(context, &manifest, &progress)?;
        return Ok(Exit::Done);
    }
    block_on(context, async {
        let base = base(context, &manifest).await?;
        let door = Door::of(&manifest, &base);
        let at_once = manifest.pace.accounts_at_once;
        let mut planned = plan_all(context, &door, &progress, &todo, at_once, args).await?;
        // What could not be taken back before, and cannot be now, has been said.
        let has_news = |(entry, plans): &Back<'_>| {
            let is_partly = progress.standing(entry) == Standing::PartlyUndone;
            let changes = |plans: &Vec<Plan>| plans.iter().any(|plan| !plan.changes.is_empty());
            !is_partly || plans.as_ref().map_or(true, changes)
        };
        let all = planned.len();
        planned.retain(has_news);
        let stays = all - planned.len();
        let mandate = match confirmed(context, &planned, args)? {
            Confirmed::Go(mandate) => mandate,
            Confirmed::Nothing => {
                answer(context, &manifest, &progress)?;
                return Ok(exit(&planned, &[], stays));
            }
            Confirmed::Declined => return Ok(Exit::Declined),
        };
        let log = folder.log(&lock, now).map_err(|e| folder_error(&e))?;
        let rollout = manifest.digest.clone();
        let start = Event::Start { format: LOG_FORMAT.to_owned(), rollout, work: Work::Undo };
        log.record(&start).map_err(|e| folder_error(&e))?;
        let (ends, is_broken) = take_back(context, &door, &mandate, &log, &planned, at_once).await;
        for (account, end) in &ends {
            let (account, end) = (account.clone(), end.clone());
            progress.note(Event::Ended { account, work: Work::Undo, end });
        }
        answer(context, &manifest, &progress)?;
        for (account, end) in &ends {
            if let (None, Some(reason)) = (end.outcome, &end.reason) {
                context.terminal.note(&format!("{account} is not taken back: {reason}"))?;
            }
        }
        if is_broken {
            let what = "the log of the rollout cannot be written: stopped";
            return Err(CommandError::new(Kind::Local, what).into());
        }
        Ok(if context.stop.is_asked() { Exit::Interrupted } else { exit(&planned, &ends, stays) })
    })
}

/// What is to be taken back in one account: a plan for each of its runs, the last run first.
type Back<'a> = (&'a Entry, Result<Vec<Plan>, String>);

/// Works out for all accounts what is to be taken back.
async fn plan_all<'a>(
    context: &Context,
    door: &Door<'_>,
    progress: &Progress,
    todo: &[&'a Entry],
    at_once: usize,
    args: &Args,
) -> Result<Vec<Back<'a>>, Stop> {
    let live = Live::new(context.terminal.is_watched(), context.terminal.quiet, todo.len());
    live.say("planning");
    let goes_on = || !context.stop.is_asked();
    let mut planned =
        side_by_side(goes_on, todo.iter().copied(), at_once, async |entry: &'a Entry| {
            let working = live.begin(entry.id(), entry.target.name.as_deref());
            let context = context.of_many(working.line());
            let plans = plan_one(&context, door, progress, entry, args).await;
            working.end(&match &plans {
                Ok(plans) => {
                    let changes = plans.iter().map(|plan| plan.changes.len()).sum();
                    ui::text::count(changes, "change to take back", "changes to take back")
                }
                Err(error) => reason(error),
            });
            (entry, plans.map_err(|error| reason(&error)))
        })
        .await;
    live.clear();
    if context.stop.is_asked() {
        return Err(crate::cli::stop::stopped().into());
    }
    planned.sort_by_key(|(entry, _)| todo.iter().position(|other| other.id() == entry.id()));
    Ok(planned)
}

async fn plan_one(
    context: &Context,
    door: &Door<'_>,
    progress: &Progress,
    entry: &Entry,
    args: &Args,
) -> Result<Vec<Plan>, CommandError> {
    let state = context.state()?;
    let online = door.enter(context, &entry.target).await?;
    let mut plans = Vec::new();
    for name in progress.runs(entry.id()) {
        let run = match state.run(entry.id(), name) {
            Ok(run) => run,
            // It was kept before the log told of it.
            Err(FileError::NoRun { .. }) => {
                let what = format!("run {name} is not kept in this state folder");
                return Err(CommandError::new(Kind::User, what)
                    .because("runs are kept on the machine that made them")
                    .hint("see `--state-dir`"));
            }
            Err(error) => return Err(own_file(&error)),
        };
        let run = settled(context, &online, &state, run).await?;
        let risk = args.max_risk.max_risk.into();
        plans.push(taken_back(context, &online, &state, &run, risk).await?);
    }
    Ok(plans)
}

enum Confirmed {
    Go(Mandate),
    Nothing,
    Declined,
}

/// Shows what is to be taken back, and asks once.
fn confirmed(context: &Context, planned: &[Back<'_>], args: &Args) -> Result<Confirmed, Stop> {
    let mut gathering = Gathering::default();
    let mut wanted = Vec::new();
    for plan in planned.iter().filter_map(|(_, plans)| plans.as_ref().ok()).flatten() {
        gathering.add(Condensed::of(plan));
        if !plan.changes.is_empty() {
            let (credentials, limit) = (plan.credential_changes(), plan.credential_limit());
            wanted.push(Planned { plan: plan.digest.clone(), credentials, limit });
        }
    }
    let accounts = planned
        .iter()
        .filter(|(_, plans)| {
            plans.as_ref().is_ok_and(|plans| plans.iter().any(|p| !p.changes.is_empty()))
        })
        .count();
    let review = gathering.finish();
    let page = |columns| ui::rollout::undo(&review, accounts, columns);
    context.terminal.show(page).map_err(|error| {
        CommandError::new(Kind::Local, "cannot show the plans: nothing was changed")
            .because(error.to_string())
    })?;
    for (entry, plans) in planned {
        if let Err(reason) = plans {
            context.terminal.note(&format!("{} is not taken back: {reason}", entry.id()))?;
        }
    }
    if wanted.is_empty() {
        return Ok(Confirmed::Nothing);
    }
    let agreed = agreed(context, &wanted, accounts, &args.consent)?;
    Ok(agreed.map_or(Confirmed::Declined, Confirmed::Go))
}

async fn take_back(
    context: &Context,
    door: &Door<'_>,
    mandate: &Mandate,
    log: &RolloutLog,
    planned: &[Back<'_>],
    at_once: usize,
) -> (Vec<(AccountId, End)>, bool) {
    let good = planned.iter().filter_map(|(entry, plans)| Some((*entry, plans.as_ref().ok()?)));
    let good: Vec<(&Entry, &Vec<Plan>)> = good.collect();
    let live = Live::new(context.terminal.is_watched(), context.terminal.quiet, good.len());
    live.say("taking back");
    let ends = Mutex::new(Vec::new());
    let broken = AtomicBool::new(false);
    let goes_on = || !context.stop.is_asked() && !broken.load(Ordering::SeqCst);
    side_by_side(goes_on, good, at_once, async |(entry, plans): (&Entry, &Vec<Plan>)| {
        let working = live.begin(entry.id(), entry.target.name.as_deref());
        let inner = context.of_many(working.line());
        let account = entry.id().clone();
        let end = match take_one_back(&inner, door, mandate, log, entry, plans).await {
            Ok(end) => end,
            Err(error) => End::refused(reason(&error)),
        };
        working.end(&told(&end));
        let event = Event::Ended { account: account.clone(), work: Work::Undo, end: end.clone() };
        if log.record(&event).is_err() {
            broken.store(true, Ordering::SeqCst);
        }
        ends.lock().unwrap_or_else(PoisonError::into_inner).push((account, end));
    })
    .await;
    live.clear();
    let ends = ends.into_inner().unwrap_or_else(PoisonError::into_inner);
    (ends, broken.into_inner())
}

async fn take_one_back(
    context: &Context,
    door: &Door<'_>,
    mandate: &Mandate,
    log: &RolloutLog,
    entry: &Entry,
    plans: &[Plan],
) -> Result<End, CommandError> {
    let incomplete = plans.iter().any(Plan::is_incomplete_undo);
    let changing: Vec<&Plan> = plans.iter().filter(|plan| !plan.changes.is_empty()).collect();
    let mut end = End::nothing_to_do();
    if !changing.is_empty() {
        let online: Online = door.enter(context, &entry.target).await?;
        for plan in changing {
            let so_far = end.clone();
            let begun = |run: &str| {
                let (account, run) = (entry.id().clone(), run.to_owned());
                log.record(&Event::Begun { account, work: Work::Undo, run })
                    .map_err(|e| folder_error(&e))
            };
            end = match carry_out(context, &online, plan, mandate, &begun).await {
                Ok(performed) => so_far.and(ended(performed)),
                // What was taken back before stays so.
                Err(error) if so_far.held() > 0 => so_far.and(End::broken_off(reason(&error))),
                Err(error) => return Err(error),
            };
            if end.outcome == Some(RunOutcome::Interrupted) {
                break;
            }
        }
    }
    if incomplete && matches!(end.outcome, Some(RunOutcome::Complete | RunOutcome::NothingToDo)) {
        end.outcome = Some(RunOutcome::Partial);
    }
    let stays = plans
        .iter()
        .flat_map(|plan| &plan.not_planned)
        .find(|entry| entry.why != crate::controls::Why::Already);
    end.reason = end.reason.or_else(|| stays.map(|entry| entry.detail.clone()));
    Ok(end)
}

fn exit(planned: &[Back<'_>], ends: &[(AccountId, End)], stays: usize) -> Exit {
    let complete =
        |end: &End| matches!(end.outcome, Some(RunOutcome::Complete | RunOutcome::NothingToDo));
    let wrong = stays
        + planned.iter().filter(|(_, plans)| plans.is_err()).count()
        + ends.iter().filter(|(_, end)| !complete(end)).count();
    if wrong == 0 {
        Exit::Done
    } else if ends.iter().any(|(_, end)| complete(end) || end.held() > 0) {
        Exit::Partial
    } else {
        Exit::Failed
    }
}
