//! `[[baseline_for]]`: accounts and units with a baseline of their own.

use std::collections::BTreeSet;

use super::list::{Members, accounts, regions, risk, units};
use super::read::{Draft, baseline};
use super::{BaselineRef, Named, RolloutProblem};
use crate::baseline::Source;
use crate::change::Risk;
use crate::model::Region;
use crate::settings_file::{Entry, Field, Misread};

const NEEDS: &str = "a `[[baseline_for]]` has `baseline`, and `accounts`, `units` or both";

/// What some accounts are held to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct BaselineFor {
    pub(super) of: BTreeSet<Named>,
    pub(super) baseline: BaselineRef,
    /// None: those of the whole rollout.
    pub(super) regions: Vec<Region>,
    pub(super) max_risk: Option<Risk>,
}

/// A `[[baseline_for]]` while it is read.
#[derive(Debug)]
struct Partial {
    /// The file that it is in.
    source: Source,
    of: Members,
    baseline: Option<BaselineRef>,
    regions: Vec<Region>,
    max_risk: Option<Risk>,
}

const BASELINE_FOR: &[Field<Partial>] = &[
    Field { name: "accounts", read: |to, entry| accounts(&mut to.of, entry) },
    Field { name: "units", read: |to, entry| units(&mut to.of, entry) },
    Field {
        name: "baseline",
        read: |to, entry| baseline(&to.source, entry).map(|found| to.baseline = Some(found)),
    },
    Field { name: "regions", read: |to, entry| regions(entry).map(|found| to.regions = found) },
    Field { name: "max_risk", read: |to, entry| risk(entry).map(|risk| to.max_risk = Some(risk)) },
];

/// Reads every `[[baseline_for]]` of the file.
pub(super) fn read_all(draft: &mut Draft, entry: &Entry<'_>) -> Result<(), Misread> {
    for element in entry.elements("tables that begin with `[[baseline_for]]`")? {
        let source = draft.source.clone();
        let mut partial =
            Partial { source, of: Members::new(), baseline: None, regions: vec![], max_risk: None };
        element.context.walk(element.table()?, BASELINE_FOR, &mut partial)?;
        if partial.of.is_empty() {
            return Err(element.wrong(RolloutProblem::NoAccounts { needs: NEEDS }));
        }
        let baseline = partial.baseline.ok_or_else(|| element.missing("baseline", NEEDS))?;
        for (named, place) in &partial.of {
            if let Some(first) = draft.with_baseline.insert(named.clone(), place.clone()) {
                let problem = RolloutProblem::TwoBaselines { name: named.to_string(), first };
                return Err(Misread::new(place.clone(), problem));
            }
        }
        draft.name(&partial.of);
        let own = BaselineFor {
            of: partial.of.into_keys().collect(),
            baseline: draft.known(baseline),
            regions: partial.regions,
            max_risk: partial.max_risk,
        };
        draft.file.own.push(own);
    }
    Ok(())
}
