//! `[[waiver]]`: findings that somebody accepted in some accounts.

use std::collections::BTreeMap;

use super::list::{Members, accounts};
use super::read::Draft;
use super::{Named, RolloutProblem};
use crate::baseline::WaiverDraft;
use crate::model::{AccountId, ControlId};
use crate::settings_file::{Entry, Field, Misread, Place};

const NEEDS: &str =
    "a waiver of a rollout has `accounts`; those of a baseline hold for all accounts";

/// Where each finding of each account is waived.
pub(super) type Seen = BTreeMap<(AccountId, ControlId, String, Option<String>), Place>;

/// A `[[waiver]]` while it is read.
#[derive(Debug, Default)]
struct Partial {
    of: Members,
    waiver: WaiverDraft,
}

const WAIVER: &[Field<Partial>] = &[
    Field { name: "accounts", read: |to, entry| accounts(&mut to.of, entry) },
    Field { name: "control", read: |to, entry| to.waiver.control(entry) },
    Field { name: "resource", read: |to, entry| to.waiver.resource(entry) },
    Field { name: "region", read: |to, entry| to.waiver.region(entry) },
    Field { name: "reason", read: |to, entry| to.waiver.reason(entry) },
    Field { name: "owner", read: |to, entry| to.waiver.owner(entry) },
    Field { name: "expires", read: |to, entry| to.waiver.expires(entry) },
];

/// Reads every `[[waiver]]` of the file.
pub(super) fn read_all(draft: &mut Draft, entry: &Entry<'_>) -> Result<(), Misread> {
    for element in entry.elements("tables that begin with `[[waiver]]`")? {
        let mut partial = Partial::default();
        element.context.walk(element.table()?, WAIVER, &mut partial)?;
        if partial.of.is_empty() {
            return Err(element.missing("accounts", NEEDS));
        }
        let waiver = partial.waiver.finish(&element)?;
        draft.name(&partial.of);
        for named in partial.of.into_keys() {
            let Named::Account(account) = named else { continue };
            let (resource, region) = (waiver.resource.clone(), waiver.region.clone());
            let finding = (account.clone(), waiver.control, resource, region);
            let place = element.place().without_key();
            if let Some(first) = draft.waived_at.insert(finding, place) {
                return Err(element.wrong(RolloutProblem::RepeatedWaiver { first }));
            }
            draft.file.waivers.push((account, waiver.clone()));
        }
    }
    Ok(())
}
