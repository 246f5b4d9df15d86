//! What each account of a rollout is held to.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::assess::Rules;
use crate::baseline::{Baseline, Source, load};
use crate::change::Risk;
use crate::cli::args::rollout::What;
use crate::cli::context::{Context, Selected, catalogue, now, with_hint};
use crate::error::{CommandError, Kind};
use crate::files::read_written;
use crate::model::{Region, Waiver};
use crate::rollout::{BaselineRef, RolloutFile, Target, Unmatched};

/// So many accounts with which something is wrong are named.
pub(super) const NAMED: usize = 10;

/// The rollout file, and the baselines that it names, loaded.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) file: RolloutFile,
    baselines: Vec<(Source, Selected)>,
    /// What the flags put in the place of what the file says.
    notes: Vec<String>,
    regions: Vec<Region>,
    max_risk: Option<Risk>,
}

/// What one account is held to.
#[derive(Debug)]
pub(super) struct HeldTo {
    pub(super) selected: Selected,
    pub(super) regions: Vec<Region>,
    pub(super) max_risk: Risk,
    /// The waivers of the rollout file for this account, which are among the rules.
    pub(super) own_waivers: Vec<Waiver>,
}

impl Held {
    /// Reads the rollout file and all baselines, before any call.
    pub(super) fn read(what: &What, max_risk: Option<Risk>) -> Result<Self, CommandError> {
        let today = jiff::tz::Offset::UTC.to_datetime(now()).date();
        let mut file = match &what.file {
            None => RolloutFile::default(),
            Some(path) => RolloutFile::read(path, &read_written, &catalogue(), today)
                .map_err(|e| with_hint(CommandError::from_error(Kind::User, &e), e.hint()))?,
        };
        let mut notes = Vec::new();
        let said = what.baseline.as_deref();
        if let Some(argument) = said.or_else(|| what.file.is_none().then_some("level-2")) {
            let source = Source::from_argument(argument)
                .map_err(|e| CommandError::from_error(Kind::User, &e).hint(e.hint()))?;
            let is_other = |named: &BaselineRef| {
                (!named.source.is_same(&source)).then(|| named.place.clone())?
            };
            if let Some(place) = file.baseline.as_ref().and_then(is_other) {
                notes.push(format!(
                    "{place}: `{source}` takes the place of this baseline, by `--baseline` or HARDEN_BASELINE"
                ));
            }
            file.baseline = Some(BaselineRef { source, place: None });
        }
        let mut baselines = Vec::new();
        for named in file.baselines() {
            let baseline = loaded(named, today)?;
            let selected = Context::select_of(baseline, &what.narrow, &what.replaced)?;
            baselines.push((named.source.clone(), selected));
        }
        Ok(Self { file, baselines, notes, regions: what.regions.regions.clone(), max_risk })
    }

    /// Whether the file fits these accounts: complains of an account without a baseline, and gives what the file
    /// names in vain.
    pub(super) fn check(&self, targets: &[Target]) -> Result<Vec<String>, CommandError> {
        let mut notes = self.notes.clone();
        let mut unheld = Vec::new();
        for unmatched in self.file.check_against(targets) {
            match unmatched {
                Unmatched::Account { id, place } => {
                    notes.push(format!("{place}: account {id} is not in this rollout"));
                }
                Unmatched::Unit { id, place } => {
                    notes.push(format!("{place}: no account of this rollout is in unit {id}"));
                }
                Unmatched::NoBaseline { id } => unheld.push(id.to_string()),
            }
        }
        if unheld.is_empty() {
            return Ok(notes);
        }
        let more = unheld.len().saturating_sub(NAMED);
        unheld.truncate(NAMED);
        let and = if more > 0 { format!(" and {more} more") } else { String::new() };
        let what = format!("no baseline is named for {}{and}", unheld.join(", "));
        Err(CommandError::new(Kind::User, what)
            .hint("name one with `baseline` at the top of the rollout file, or with `--baseline`"))
    }

    /// The rules of each baseline, by its name.
    pub(super) fn rules(&self) -> BTreeMap<String, Rules> {
        let named = |selected: &Selected| (selected.name.clone(), selected.rules.clone());
        self.baselines.iter().map(|(_, selected)| named(selected)).collect()
    }

    /// What an account is held to. All that `check` has let through are held to something.
    pub(super) fn of(&self, target: &Target) -> Result<HeldTo, CommandError> {
        let unheld = || {
            let what = format!("no baseline is known for account {}", target.id);
            CommandError::new(Kind::Local, what)
        };
        let held = self.file.for_account(target).ok_or_else(unheld)?;
        // The same file may be spelled in several ways.
        let mut baselines = self.baselines.iter();
        let is_it = |(source, _): &&(Source, Selected)| source.is_same(&held.baseline.source);
        let (_, selected) = baselines.find(is_it).ok_or_else(unheld)?;
        let mut rules = selected.rules.clone();
        rules.waivers.extend(held.waivers.iter().cloned());
        let regions = if self.regions.is_empty() { held.regions } else { &self.regions };
        Ok(HeldTo {
            selected: Selected { name: selected.name.clone(), rules },
            regions: regions.to_vec(),
            max_risk: self.max_risk.or(held.max_risk).unwrap_or(Risk::Restrictive),
            own_waivers: held.waivers,
        })
    }
}

fn loaded(named: &BaselineRef, today: Date) -> Result<Baseline, CommandError> {
    load(&named.source, &read_written, &catalogue(), today).map_err(|e| {
        let error = with_hint(CommandError::from_error(Kind::User, &e), e.hint());
        match &named.place {
            None => error,
            Some(place) => {
                let cause =
                    [Some(error.what), error.cause].into_iter().flatten().collect::<Vec<_>>();
                CommandError {
                    what: format!("{place}: the baseline cannot be used"),
                    cause: Some(cause.join(": ")),
                    ..error
                }
            }
        }
    })
}
