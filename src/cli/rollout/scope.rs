//! Which accounts of a rollout one command is about.

use std::collections::BTreeSet;

use crate::error::{CommandError, Kind};
use crate::model::AccountId;
use crate::rollout::{Entry, Manifest, Progress, Standing, Wave};

/// Some or all accounts of a rollout.
#[derive(Debug)]
pub(super) struct Scope<'a> {
    /// Those that are named; empty: all.
    accounts: BTreeSet<&'a AccountId>,
    /// The last wave.
    until: Option<&'a str>,
}

impl<'a> Scope<'a> {
    /// What the flags say, if the rollout has it.
    pub(super) fn of(
        manifest: &Manifest,
        accounts: &'a [AccountId],
        until: Option<&'a str>,
    ) -> Result<Self, CommandError> {
        if let Some(account) = accounts.iter().find(|account| manifest.entry(account).is_none()) {
            let what = format!("there is no account {account} in this rollout");
            let hint = "`harden rollout status DIR` lists its accounts";
            return Err(CommandError::new(Kind::User, what).hint(hint));
        }
        if let Some(name) = until.filter(|name| !manifest.waves.iter().any(|w| w.name == *name)) {
            let names: Vec<&str> = manifest.waves.iter().map(|wave| wave.name.as_str()).collect();
            let what = format!("there is no wave `{name}` in this rollout");
            let hint = format!("its waves are {}", names.join(", "));
            return Err(CommandError::new(Kind::User, what).hint(hint));
        }
        Ok(Self { accounts: accounts.iter().collect(), until })
    }

    /// Its waves, in their order.
    pub(super) fn waves<'m>(&self, manifest: &'m Manifest) -> impl Iterator<Item = &'m Wave> {
        let last = manifest.waves.iter().position(|wave| Some(wave.name.as_str()) == self.until);
        manifest.waves.iter().take(last.map_or(usize::MAX, |last| last + 1))
    }

    /// Its accounts that have a plan, wave by wave.
    pub(super) fn planned<'m>(&self, manifest: &'m Manifest) -> impl Iterator<Item = &'m Entry> {
        let accounts = self.waves(manifest).flat_map(|wave| &wave.accounts);
        let planned = accounts.filter_map(|account| manifest.entry(account));
        planned.filter(|entry| self.has(entry.id()))
    }

    /// Its accounts, those without a plan last.
    pub(super) fn entries<'m>(&self, manifest: &'m Manifest) -> impl Iterator<Item = &'m Entry> {
        let absent = manifest.accounts.iter().filter(|entry| entry.summary().is_none());
        self.planned(manifest).chain(absent.filter(|entry| self.has(entry.id())))
    }

    /// The accounts of a wave in which there is work to do.
    pub(super) fn todo_of<'m>(
        &self,
        wave: &'m Wave,
        manifest: &'m Manifest,
        progress: &Progress,
    ) -> Vec<&'m Entry> {
        let entries = wave.accounts.iter().filter_map(|account| manifest.entry(account));
        entries.filter(|entry| self.has(entry.id()) && self.is_open(entry, progress)).collect()
    }

    /// All accounts in which there is work to do.
    pub(super) fn todo<'m>(&self, manifest: &'m Manifest, progress: &Progress) -> Vec<&'m Entry> {
        self.waves(manifest).flat_map(|wave| self.todo_of(wave, manifest, progress)).collect()
    }

    fn has(&self, account: &AccountId) -> bool {
        self.accounts.is_empty() || self.accounts.contains(account)
    }

    /// What was taken back stays so, unless the account is named.
    fn is_open(&self, entry: &Entry, progress: &Progress) -> bool {
        let standing = progress.standing(entry);
        let taken_back = matches!(standing, Standing::Undone | Standing::PartlyUndone);
        standing.is_open() || (taken_back && self.accounts.contains(entry.id()))
    }
}
