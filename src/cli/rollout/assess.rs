//! `harden rollout assess`.

use std::sync::{Mutex, PoisonError};

use super::center::Center;
use super::enter::Door;
use super::plan::center;
use super::planning::reason;
use super::pool::side_by_side;
use super::what::{Held, HeldTo};
use super::who::{Asked, Crowd, find, shard};
use crate::assess::judge;
use crate::cli::args::rollout::Assess as Args;
use crate::cli::context::{Context, reads};
use crate::cli::entry::{End, Ended};
use crate::cli::session::{self, block_on};
use crate::cli::stop::stopped;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::rollout::{Judged, Survey, Target};
use crate::ui;
use crate::ui::rollout::Live;

pub(super) fn run(context: &Context, args: &Args) -> Ended {
    let held = Held::read(&args.what, None)?;
    let shard = shard(args.who.shard.as_deref())?;
    let asked = Asked::of(&args.who)?;
    block_on(context, async {
        let crowd = find(context, &args.who, asked, &held.file).await?;
        for note in held.check(&crowd.targets)? {
            context.terminal.note(&note)?;
        }
        let is_own = |target: &&Target| shard.as_ref().is_none_or(|shard| shard.has(&target.id));
        let own: Vec<&Target> = crowd.targets.iter().filter(is_own).collect();
        let survey = judge_all(context, &held, &crowd, own).await?;
        context.terminal.answer(&survey, |columns| ui::rollout::survey(&survey, columns))?;
        let exit = exit(&survey, args.detailed_exitcode);
        Ok(if crowd.refused > 0 && exit != Exit::Failed { Exit::Partial } else { exit })
    })
}

async fn judge_all(
    context: &Context,
    held: &Held,
    crowd: &Crowd,
    own: Vec<&Target>,
) -> Result<Survey, End> {
    let door = Door {
        base: crowd.base.as_ref(),
        external_id: crowd.external_id.as_deref(),
        calls_per_second: held.file.calls_per_second.into(),
        patience: None,
        management: crowd.management(),
    };
    let center = center(context, &door, held, crowd).await?;
    let center = center.as_ref();
    let live = Live::new(context.terminal.is_watched(), context.terminal.quiet, own.len());
    live.say("reading");
    let survey = Mutex::new(Survey::default());
    let goes_on = || !context.stop.is_asked();
    side_by_side(goes_on, own, held.file.accounts_at_once.into(), async |target: &Target| {
        let working = live.begin(&target.id, target.name.as_deref());
        let inner = context.of_many(working.line());
        let judged = async { judge_one(&inner, &door, center, target, held.of(target)?).await };
        let judged = judged.await;
        if context.stop.is_asked() {
            return;
        }
        let judged = judged.unwrap_or_else(|error| Judged::not(target, reason(&error)));
        working.end(&judged.told());
        survey.lock().unwrap_or_else(PoisonError::into_inner).add(judged);
    })
    .await;
    live.clear();
    if context.stop.is_asked() {
        return Err(stopped().into());
    }
    Ok(survey.into_inner().unwrap_or_else(PoisonError::into_inner).sorted())
}

async fn judge_one(
    context: &Context,
    door: &Door<'_>,
    center: Option<&Center>,
    target: &Target,
    held: HeldTo,
) -> Result<Judged, CommandError> {
    let online = door.enter(context, target).await?;
    let rules = &held.selected.rules;
    let online = online.inheriting(center.and_then(|center| center.of(&held.selected.name)));
    let asked =
        session::Asked { reads: reads(rules), settings: &rules.settings, regions: &held.regions };
    let snapshot = online.observe(context, asked).await?;
    Ok(Judged::of(target, &held.selected.name, &judge(&snapshot, rules)))
}

fn exit(survey: &Survey, detailed: bool) -> Exit {
    let absent = survey.accounts.iter().filter(|account| account.reason.is_some()).count();
    if absent > 0 {
        return if absent == survey.accounts.len() { Exit::Failed } else { Exit::Partial };
    }
    if detailed && survey.is_failing() { Exit::Differs } else { Exit::Done }
}
