//! `[[wave]]`: which accounts get their turn when.

use std::collections::BTreeMap;

use super::list::{Members, accounts, units};
use super::read::Draft;
use super::{Named, RolloutProblem};
use crate::rollout::wave::{REST, Share, WaveRule};
use crate::settings_file::{Bound, Entry, Field, Misread, Place};

const NEEDS: &str = "a wave has `name`, and `accounts`, `units` or `percent`, or several of these";
const NAME: &str = "the name of a wave: it has 1 to 32 lower-case letters, digits and `-`";
const TAKEN: &str = "free: the accounts of no other wave come last under this name";

/// Where each wave is, and who is in one.
#[derive(Debug, Default)]
pub(super) struct Seen {
    names: BTreeMap<String, Place>,
    members: Members,
}

/// A `[[wave]]` while it is read.
#[derive(Debug, Default)]
struct Partial {
    name: Option<String>,
    of: Members,
    share: Option<Share>,
}

const WAVE: &[Field<Partial>] = &[
    Field { name: "name", read: |to, entry| name(entry).map(|name| to.name = Some(name)) },
    Field { name: "accounts", read: |to, entry| accounts(&mut to.of, entry) },
    Field { name: "units", read: |to, entry| units(&mut to.of, entry) },
    Field { name: "percent", read: |to, entry| percent(entry).map(|share| to.share = Some(share)) },
];

/// Reads every `[[wave]]` of the file, in place of those that hold without one.
pub(super) fn read_all(draft: &mut Draft, entry: &Entry<'_>) -> Result<(), Misread> {
    draft.file.waves.clear();
    for element in entry.elements("tables that begin with `[[wave]]`")? {
        let mut partial = Partial::default();
        element.context.walk(element.table()?, WAVE, &mut partial)?;
        let name = partial.name.take().ok_or_else(|| element.missing("name", NEEDS))?;
        if partial.of.is_empty() && partial.share.is_none() {
            return Err(element.wrong(RolloutProblem::NoAccounts { needs: NEEDS }));
        }
        let place = element.place().without_key();
        if let Some(first) = draft.waves.names.insert(name.clone(), place) {
            return Err(element.wrong(RolloutProblem::RepeatedWave { name, first }));
        }
        for (named, place) in &partial.of {
            if let Some(first) = draft.waves.members.insert(named.clone(), place.clone()) {
                let problem = RolloutProblem::TwoWaves { name: named.to_string(), first };
                return Err(Misread::new(place.clone(), problem));
            }
        }
        draft.name(&partial.of);
        draft.file.waves.push(partial.rule(name));
    }
    Ok(())
}

impl Partial {
    fn rule(self, name: String) -> WaveRule {
        let mut rule = WaveRule { name, share: self.share, ..WaveRule::default() };
        for named in self.of.into_keys() {
            match named {
                Named::Account(id) => drop(rule.accounts.insert(id)),
                Named::Unit(id) => drop(rule.units.insert(id)),
            }
        }
        rule
    }
}

fn name(entry: &Entry<'_>) -> Result<String, Misread> {
    let text = entry.words()?;
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if text.len() > 32 || !text.bytes().all(fits) {
        return Err(entry.not_a(text, NAME));
    }
    if text == REST { Err(entry.not_a(text, TAKEN)) } else { Ok(text.to_owned()) }
}

fn percent(entry: &Entry<'_>) -> Result<Share, Misread> {
    entry.integer_within(Bound::Harden(1), Bound::Harden(100)).map(Share::Percent)
}
