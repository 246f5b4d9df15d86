//! `harden rollout apply`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use super::agreement::{agreed, look_through, plan_of, plans_of};
use super::center::{self, Center, HeldThere};
use super::enter::Door;
use super::plan::folder_of;
use super::planning::reason;
use super::pool::side_by_side;
use super::scope::Scope;
use super::status::answer;
use super::stopped::Stopped;
use super::who::shard;
use super::{base, folder_error, manifest};
use crate::approval::Mandate;
use crate::assess::Rules;
use crate::cli::args::rollout::Apply as Args;
use crate::cli::context::{Context, now, own_file};
use crate::cli::entry::{End as Stop, Ended};
use crate::cli::perform::{Performed, perform};
use crate::cli::session::{Online, block_on};
use crate::cli::settle::settle_all;
use crate::cli::show::refused;
use crate::error::{CommandError, Kind};
use crate::exit::Exit;
use crate::files::{RolloutFolder, RolloutLog};
use crate::model::AccountId;
use crate::plan::{Origin, Plan};
use crate::rollout::{
    DEFAULT_ROLE, End, Entry, Event, LOG_FORMAT, Manifest, Progress, Standing, Way, Work,
};
use crate::run::{RunOutcome, run_id};
use crate::ui;
use crate::ui::rollout::Live;

pub(super) fn run(context: &Context, args: &Args) -> Ended {
    let path = folder_of(&args.folder, shard(args.shard.as_deref())?.as_ref());
    let folder = RolloutFolder::open(&path);
    let manifest = manifest(&folder)?;
    let scope = Scope::of(&manifest, &args.account, args.until.as_deref())?;
    let lock = folder.lock().map_err(|e| folder_error(&e))?;
    let progress = folder.progress(&manifest).map_err(|e| folder_error(&e))?;
    let todo = scope.todo(&manifest, &progress);
    if todo.is_empty() {
        // A part may have none of a wave.
        let is_void = scope.planned(&manifest).next().is_none();
        let is_empty = args.until.is_some() && is_void;
        context.terminal.note(if is_empty {
            "there is no account of these waves here"
        } else {
            "nothing is left to do in these accounts"
        })?;
        answer(context, &manifest, &progress)?;
        return Ok(if is_empty { Exit::Done } else { exit(&manifest, &scope, &progress, false) });
    }
    block_on(context, async {
        let base = base(context, &manifest).await?;
        look_through(context, &folder, &manifest, &todo)?;
        told_of_earlier(context, &todo, &progress)?;
        let wanted = plans_of(&todo);
        let agreed = agreed(context, &wanted, wanted.len(), &args.consent)?;
        let Some(mandate) = agreed else { return Ok(Exit::Declined) };
        let log = folder.log(&lock, now).map_err(|e| folder_error(&e))?;
        let rollout = manifest.digest.clone();
        let start = Event::Start { format: LOG_FORMAT.to_owned(), rollout, work: Work::Apply };
        log.record(&start).map_err(|e| folder_error(&e))?;
        let door = Door::of(&manifest, &base);
        let center = center(context, &door, &folder, &manifest, &todo).await?;
        let job = Job {
            center: center.as_ref(),
            context,
            folder: &folder,
            manifest: &manifest,
            door: &door,
            mandate: &mandate,
            log: &log,
            broken: AtomicBool::new(false),
            expired: AtomicBool::new(false),
            progress: Mutex::new(progress),
        };
        let stopped = job.waves(&scope, todo.len()).await?;
        let is_broken = job.is_broken();
        let progress = job.progress.into_inner().unwrap_or_else(PoisonError::into_inner);
        answer(context, &manifest, &progress)?;
        let is_begun = todo.iter().any(|entry| progress.runs(entry.id()).next().is_some());
        let failed = scope.entries(&manifest).filter(|e| progress.standing(e).has_failed()).count();
        let stopped = stopped.or_else(|| (failed > 0).then_some(Stopped::SomeFailed(failed)));
        let next = match &stopped {
            Some(stopped) => Some(stopped.next(&path)),
            None if scope_waits(&scope, &manifest, &progress) => Some((
                "other accounts wait for their turn; to go on with them:",
                format!("harden rollout apply {}", path.display()),
            )),
            None => is_begun.then(|| {
                ("to take all of it back:", format!("harden rollout undo {}", path.display()))
            }),
        };
        if let Some(stopped) = stopped {
            context.terminal.note(&stopped.words())?;
        }
        if let Some((what, command)) = next {
            context.terminal.suggest(what, &command)?;
        }
        let exit = exit(&manifest, &scope, &progress, context.stop.is_asked());
        // What is not in the log is not known the next time.
        Ok(if is_broken { Exit::Failed } else { exit })
    })
}

/// The page shows all of a plan, what an earlier run has done of it as well.
fn told_of_earlier(context: &Context, todo: &[&Entry], progress: &Progress) -> Result<(), Stop> {
    let begun = todo.iter().filter(|entry| progress.runs(entry.id()).next().is_some()).count();
    if begun > 0 {
        let accounts = ui::text::count(begun, "account was", "accounts were");
        context.terminal.tell(&format!(
            "{accounts} begun before: what was changed then is among these changes, and is found and left"
        ))?;
    }
    Ok(())
}

/// Whether accounts wait that this command was not about.
fn scope_waits(scope: &Scope<'_>, manifest: &Manifest, progress: &Progress) -> bool {
    let asked: BTreeSet<&AccountId> = scope.entries(manifest).map(Entry::id).collect();
    let mut others = manifest.accounts.iter().filter(|entry| !asked.contains(entry.id()));
    others.any(|entry| progress.standing(entry) == Standing::Waiting)
}

/// What the accounts may inherit, if they are of an organization.
async fn center(
    context: &Context,
    door: &Door<'_>,
    folder: &RolloutFolder,
    manifest: &Manifest,
    todo: &[&Entry],
) -> Result<Option<Center>, CommandError> {
    if manifest.organization.is_none() {
        return Ok(None);
    }
    let mut baselines = BTreeMap::new();
    for entry in todo.iter().filter(|entry| entry.summary().is_some()) {
        if !baselines.contains_key(&entry.baseline)
            && let Origin::Baseline(rules) = plan_of(folder, entry)?.origin
        {
            // The waivers among them are those of one account.
            let waivers = manifest.accepted.get(&entry.baseline).cloned().unwrap_or_default();
            let rules = Rules { waivers, ..*rules };
            baselines.insert(entry.baseline.clone(), rules);
        }
    }
    let role = todo.iter().find_map(|entry| match &entry.target.way {
        Way::Role(role) => Some(role.as_str()),
        Way::Own | Way::Profile(_) => None,
    });
    let there = HeldThere { baselines, waivers: &|_| Vec::new() };
    center::find(context, door, role.unwrap_or(DEFAULT_ROLE), there).await
}

/// Plans being carried out.
struct Job<'a> {
    context: &'a Context,
    folder: &'a RolloutFolder,
    manifest: &'a Manifest,
    door: &'a Door<'a>,
    center: Option<&'a Center>,
    mandate: &'a Mandate,
    log: &'a RolloutLog,
    /// The log cannot be written: no further account is begun.
    broken: AtomicBool,
    /// Plans have expired since they were agreed to: no further wave is begun.
    expired: AtomicBool,
    progress: Mutex<Progress>,
}

impl Job<'_> {
    /// Carries out wave after wave. Gives why it stopped before the end, if it did.
    async fn waves(&self, scope: &Scope<'_>, accounts: usize) -> Result<Option<Stopped>, Stop> {
        let terminal = self.context.terminal;
        let live = Live::new(terminal.is_watched(), terminal.quiet, accounts);
        let mut why = None;
        for wave in scope.waves(self.manifest) {
            let todo = scope.todo_of(wave, self.manifest, &self.progress());
            if todo.is_empty() {
                continue;
            }
            let number = ui::text::count(todo.len(), "account", "accounts");
            live.say(&format!("wave {}: {number}", wave.name));
            let pace = self.manifest.pace;
            let goes_on = || !self.context.stop.is_asked() && !self.is_broken();
            side_by_side(goes_on, todo, pace.accounts_at_once, async |entry: &Entry| {
                let working = live.begin(entry.id(), entry.target.name.as_deref());
                let said = self.account(&working, entry).await;
                working.end(&said);
            })
            .await;
            if !goes_on() {
                why = Some(if self.is_broken() {
                    Stopped::Broken(self.folder.path().to_owned())
                } else {
                    Stopped::Asked
                });
                break;
            }
            if self.expired.load(Ordering::SeqCst) {
                why = Some(Stopped::Expired);
                break;
            }
            let failed = self.progress().failed_of(wave, self.manifest);
            let is_last = scope.waves(self.manifest).last().is_some_and(|last| last == wave);
            if failed >= pace.stop_after_failures && !is_last {
                why = Some(Stopped::Failed { accounts: failed, wave: wave.name.clone() });
                break;
            }
        }
        live.clear();
        Ok(why)
    }

    /// Carries out the plan of one account, and says how it went.
    async fn account(&self, working: &ui::rollout::Working<'_>, entry: &Entry) -> String {
        // A rollout may take longer than its plans are good for. The account is as it was, and waits for another.
        let has_expired = || entry.summary().is_some_and(|plan| now() > plan.expires_at);
        let expired = || {
            self.expired.store(true, Ordering::SeqCst);
            "not begun: its plan has expired".to_owned()
        };
        if has_expired() {
            return expired();
        }
        let context = self.context.of_many(working.line());
        let end = match self.carry_out(&context, entry).await {
            Ok(end) => end,
            // In the time that it took to enter the account.
            Err(error) if error.kind == Kind::Stale && has_expired() => return expired(),
            // Nothing was begun, and it will be the next time.
            Err(error) if error.kind == Kind::Interrupted => return "not begun".to_owned(),
            Err(error) => End::refused(reason(&error)),
        };
        let said = told(&end);
        self.note(Event::Ended { account: entry.id().clone(), work: Work::Apply, end });
        said
    }

    async fn carry_out(&self, context: &Context, entry: &Entry) -> Result<End, CommandError> {
        let plan = plan_of(self.folder, entry)?;
        let online = self.door.enter(context, &entry.target).await?;
        // For the score afterwards.
        let online = online.inheriting(self.center.and_then(|center| center.of(&entry.baseline)));
        let session = &online.session;
        plan.fits(&session.account, now()).map_err(|e| refused(&e))?;
        plan.spares(&session.own, |key| session.own_keys.has(key)).map_err(|e| refused(&e))?;
        let begun = |run: &str| self.begun(entry.id(), run);
        Ok(ended(carry_out(context, &online, &plan, self.mandate, &begun).await?))
    }

    fn begun(&self, account: &AccountId, run: &str) -> Result<(), CommandError> {
        let (account, run) = (account.clone(), run.to_owned());
        if self.note(Event::Begun { account, work: Work::Apply, run }) {
            return Ok(());
        }
        Err(CommandError::new(
            Kind::Local,
            "the log of the rollout cannot be written: nothing was begun",
        ))
    }

    /// Writes down what happened; `false`: it could not be.
    fn note(&self, event: Event) -> bool {
        let is_written = self.log.record(&event).is_ok();
        if !is_written {
            self.broken.store(true, Ordering::SeqCst);
        }
        self.progress.lock().unwrap_or_else(PoisonError::into_inner).note(event);
        is_written
    }

    fn progress(&self) -> std::sync::MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_broken(&self) -> bool {
        self.broken.load(Ordering::SeqCst)
    }
}

/// Carries out a plan that somebody agreed to among others. `begun` is told the name of the run before anything
/// is done, and once the run is kept: whatever the log of a rollout tells of can be found again.
pub(super) async fn carry_out(
    context: &Context,
    online: &Online,
    plan: &Plan,
    mandate: &Mandate,
    begun: &dyn Fn(&str) -> Result<(), CommandError>,
) -> Result<Performed, CommandError> {
    let state = context.state()?;
    let lock = state.lock(&plan.head.account.id).map_err(|e| own_file(&e))?;
    settle_all(context, online, &state, &lock).await?;
    let approval = mandate
        .approval(plan)
        .ok_or_else(|| CommandError::new(Kind::Declined, "nobody has agreed to this plan"))?;
    if context.stop.is_asked() {
        return Err(crate::cli::stop::stopped());
    }
    let run = run_id(now(), plan);
    let journal = state.begin(&lock, &run, plan, now).map_err(|e| own_file(&e))?;
    if let Err(error) = begun(&run) {
        drop(journal);
        // What nobody has written down was never begun.
        let _ = state.withdraw(&lock, &plan.head.account.id, &run);
        return Err(error);
    }
    Ok(perform(context, online, plan, &approval, &journal, run, &lock).await)
}

/// How a run ended. What went wrong on this machine comes first: the way back may be incomplete.
pub(super) fn ended(performed: Performed) -> End {
    let end = End::of(&performed.result);
    let journal = performed.journal_error.map(|e| format!("the journal cannot be written: {e}"));
    let wrong = journal.or_else(|| performed.finished.err().map(|e| reason(&own_file(&e))));
    match wrong {
        None => end,
        Some(wrong) => End { outcome: Some(RunOutcome::Partial), reason: Some(wrong), ..end },
    }
}

/// How an account ended, in a few words.
pub(super) fn told(end: &End) -> String {
    let Some(outcome) = end.outcome else {
        return format!("failed: {}", end.reason.as_deref().unwrap_or("nobody knows why"));
    };
    let counts: Vec<String> = end
        .changes
        .iter()
        .map(|(outcome, number)| format!("{number} {}", outcome.word()))
        .collect();
    if counts.is_empty() {
        return outcome.words().to_owned();
    }
    format!("{}: {}", outcome.words(), counts.join(", "))
}

fn exit(manifest: &Manifest, scope: &Scope<'_>, progress: &Progress, is_stopped: bool) -> Exit {
    if is_stopped {
        return Exit::Interrupted;
    }
    let standings: Vec<Standing> =
        scope.entries(manifest).map(|entry| progress.standing(entry)).collect();
    let holds = |standing: &Standing| matches!(standing, Standing::Done | Standing::Undone);
    let some = |standing: &Standing| {
        holds(standing) || matches!(standing, Standing::Partial | Standing::PartlyUndone)
    };
    if standings.iter().all(holds) {
        Exit::Done
    } else if standings.iter().any(some) {
        Exit::Partial
    } else {
        Exit::Failed
    }
}
