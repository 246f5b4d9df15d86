//! Values that stand in more than one table of the file.

use std::collections::BTreeMap;

use super::Named;
use crate::change::Risk;
use crate::model::{AccountId, OuId, Region};
use crate::settings_file::{Entry, Misread, Place, Problem};

const ACCOUNT: &str = "an account id, which is 12 digits in quotes";
const UNIT: &str = "a unit like `ou-ab12-11111111` or a root like `r-ab12`";

/// Accounts and units with the places where they stand.
pub(super) type Members = BTreeMap<Named, Place>;

pub(super) fn accounts(to: &mut Members, entry: &Entry<'_>) -> Result<(), Misread> {
    list(to, entry, |element| {
        let text = element.string_of(ACCOUNT)?;
        let id = AccountId::new(text);
        if id.is_well_formed() { Ok(Named::Account(id)) } else { Err(element.not_a(text, ACCOUNT)) }
    })
}

pub(super) fn units(to: &mut Members, entry: &Entry<'_>) -> Result<(), Misread> {
    list(to, entry, |element| {
        let text = element.string()?;
        let id = OuId::new(text);
        if id.is_well_formed() { Ok(Named::Unit(id)) } else { Err(element.not_a(text, UNIT)) }
    })
}

fn list(
    to: &mut Members,
    entry: &Entry<'_>,
    read: impl Fn(&Entry<'_>) -> Result<Named, Misread>,
) -> Result<(), Misread> {
    let before = to.len();
    for element in entry.elements("an array")? {
        let named = read(&element)?;
        let text = named.to_string();
        if to.insert(named, element.place().without_key()).is_some() {
            return Err(element.wrong(Problem::Repeated(text)));
        }
    }
    if to.len() > before { Ok(()) } else { Err(entry.wrong(Problem::Empty)) }
}

/// Regions, at least one: no key at all stands for all of them.
pub(super) fn regions(entry: &Entry<'_>) -> Result<Vec<Region>, Misread> {
    let mut regions = Vec::new();
    for element in entry.elements("an array")? {
        let region = element.region()?;
        if regions.contains(&region) {
            return Err(element.wrong(Problem::Repeated(region.to_string())));
        }
        regions.push(region);
    }
    if regions.is_empty() { Err(entry.wrong(Problem::Empty)) } else { Ok(regions) }
}

pub(super) fn risk(entry: &Entry<'_>) -> Result<Risk, Misread> {
    let text = entry.string()?;
    let all = [Risk::Additive, Risk::Restrictive, Risk::Destructive];
    let found = all.into_iter().find(|risk| risk.word() == text);
    found.ok_or_else(|| entry.not_a(text, "`additive`, `restrictive` or `destructive`"))
}
