//! A baseline while its files are read, the extended ones first.

use std::collections::{BTreeMap, BTreeSet};

use super::{Baseline, BaselineProblem};
use crate::model::{ControlId, Level, Settings, Waiver};
use crate::settings_file::{Catalogue, Misread, Place};

/// What the files said so far.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) level: Option<Level>,
    pub(super) only: Option<BTreeSet<ControlId>>,
    pub(super) skip: BTreeSet<ControlId>,
    /// The last `[controls]`: where to look when no control is left.
    pub(super) selected_at: Option<Place>,
    pub(super) settings: Settings,
    pub(super) waivers: Vec<Waiver>,
    /// Where each finding is waived.
    pub(super) waived_at: BTreeMap<(ControlId, String, Option<String>), Place>,
}

impl Draft {
    /// Settles which controls of the benchmark are left.
    pub(super) fn finish(
        self,
        name: String,
        catalogue: &Catalogue,
        top: Place,
    ) -> Result<Baseline, Misread> {
        let controls: BTreeSet<ControlId> = catalogue
            .iter()
            .filter(|(id, of)| self.selects(**id, **of))
            .map(|(id, _)| *id)
            .collect();
        if controls.is_empty() {
            let place = self.selected_at.unwrap_or(top);
            return Err(Misread::new(place, BaselineProblem::NothingSelected));
        }
        Ok(Baseline { name, controls, settings: self.settings, waivers: self.waivers })
    }

    fn selects(&self, id: ControlId, of: Level) -> bool {
        self.level.is_none_or(|level| of <= level)
            && self.only.as_ref().is_none_or(|only| only.contains(&id))
            && !self.skip.contains(&id)
    }
}
