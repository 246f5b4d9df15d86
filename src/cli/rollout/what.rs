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
use crate::model::{AccountId, Region, Waiver};
use crate::rollout::{BaselineRef, RolloutFile, Target, Unmatched, Way};

/// The rollout file, and the baselines that it names, loaded.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) file: RolloutFile,
    baselines: BTreeMap<String, Selected>,
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
        let said = what.baseline.as_deref();
        if let Some(argument) = said.or_else(|| what.file.is_none().then_some("level-2")) {
            let source = Source::from_argument(argument)
                .map_err(|e| CommandError::from_error(Kind::User, &e).hint(e.hint()))?;
            file.baseline = Some(BaselineRef { source, place: None });
        }
        let mut baselines = BTreeMap::new();
        for named in file.baselines() {
            let baseline = loaded(named, today)?;
            let selected = Context::select_of(baseline, &what.narrow, &what.replaced)?;
            baselines.insert(named.source.to_string(), selected);
        }
        Ok(Self { file, baselines, regions: what.regions.regions.clone(), max_risk })
    }

    /// Whether the file fits these accounts: complains of an account without a baseline, and gives what the file
    /// names in vain.
    pub(super) fn check(&self, targets: &[Target]) -> Result<Vec<String>, CommandError> {
        let mut notes = Vec::new();
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
        let what = format!("no baseline is named for {}", unheld.join(", "));
        Err(CommandError::new(Kind::User, what)
            .hint("name one with `baseline` at the top of the rollout file, or with `--baseline`"))
    }

    /// The rules of each baseline, by its name.
    pub(super) fn rules(&self) -> BTreeMap<String, Rules> {
        let named = |selected: &Selected| (selected.name.clone(), selected.rules.clone());
        self.baselines.values().map(named).collect()
    }

    /// The findings that are accepted in an account, besides those of its baseline.
    pub(super) fn waivers_of(&self, account: &AccountId) -> Vec<Waiver> {
        let way = Way::Own;
        let target = Target { id: account.clone(), name: None, units: Vec::new(), way };
        self.file.for_account(&target).map(|held| held.waivers).unwrap_or_default()
    }

    /// What an account is held to.
    pub(super) fn of(&self, target: &Target) -> Option<HeldTo> {
        let held = self.file.for_account(target)?;
        let selected = self.baselines.get(&held.baseline.source.to_string())?;
        let mut rules = selected.rules.clone();
        rules.waivers.extend(held.waivers.iter().cloned());
        let regions = if self.regions.is_empty() { held.regions } else { &self.regions };
        Some(HeldTo {
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
