//! Which of the planned accounts has its turn when.

use std::collections::BTreeSet;

use super::{Entry, REST, RolloutFile, Summary, Target, Wave};
use crate::model::AccountId;

/// The waves of a rollout that was planned.
#[derive(Debug, PartialEq, Eq)]
pub struct Turns {
    /// Every account that has a plan, once.
    pub waves: Vec<Wave>,
    /// The waves that the file asks for and that have no account.
    pub empty: Vec<String>,
}

/// Who has their turn when, of the accounts that have a plan. A wave in which nothing is changed shows nothing, so
/// shares are taken of the accounts with changes; the others come last.
pub fn turns(file: &RolloutFile, all: &[Target], entries: &[Entry], is_shard: bool) -> Turns {
    let changes = |entry: &Entry| entry.summary().map(Summary::changes);
    let some = entries.iter().filter(|entry| changes(entry).is_some_and(|number| number > 0));
    let some: BTreeSet<&AccountId> = some.map(Entry::id).collect();
    let idle = entries.iter().filter(|entry| changes(entry) == Some(0)).map(Entry::id);
    let idle: BTreeSet<&AccountId> = idle.collect();
    let whole = file.waves(all);
    let waves = if is_shard {
        // Those of the whole, as far as its own accounts go: a shard knows nothing of the others.
        let mut waves = whole.clone();
        for wave in &mut waves {
            wave.accounts.retain(|id| some.contains(id) || idle.contains(id));
        }
        waves
    } else {
        let all: Vec<Target> =
            all.iter().filter(|target| some.contains(&target.id)).cloned().collect();
        with_idle(file.waves(&all), idle)
    };
    let has = |name: &str| waves.iter().any(|wave| wave.name == name && !wave.accounts.is_empty());
    let empty = whole.into_iter().map(|wave| wave.name).filter(|name| !has(name)).collect();
    Turns { waves, empty }
}

fn with_idle(mut waves: Vec<Wave>, idle: BTreeSet<&AccountId>) -> Vec<Wave> {
    if idle.is_empty() {
        return waves;
    }
    if waves.last().is_none_or(|last| last.name != REST) {
        waves.push(Wave { name: REST.to_owned(), accounts: Vec::new() });
    }
    if let Some(rest) = waves.last_mut() {
        rest.accounts.extend(idle.into_iter().cloned());
        rest.accounts.sort();
    }
    waves
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::rollout::Planned;
    use crate::rollout::manifest::tests::rollout;

    const A: &str = "111111111111";
    const B: &str = "222222222222";
    const C: &str = "333333333333";

    /// Accounts of which only these have anything to change.
    fn entries(ids: &[&str], with_changes: &[&str]) -> (Vec<Target>, Vec<Entry>) {
        let mut entries = rollout(&[("rest", ids)]).accounts;
        for entry in &mut entries {
            let has_some = with_changes.contains(&entry.id().as_str());
            if let Planned::Plan(summary) = &mut entry.planned
                && !has_some
            {
                summary.by_risk = BTreeMap::new();
            }
        }
        (entries.iter().map(|entry| entry.target.clone()).collect(), entries)
    }

    fn told(turns: &Turns) -> Vec<(&str, Vec<&str>)> {
        turns
            .waves
            .iter()
            .map(|wave| (wave.name.as_str(), wave.accounts.iter().map(AccountId::as_str).collect()))
            .collect()
    }

    #[test]
    fn the_canary_is_an_account_with_changes() {
        for one in [A, B, C] {
            let (all, entries) = entries(&[A, B, C], &[one]);
            let turns = turns(&RolloutFile::default(), &all, &entries, false);
            assert_eq!(told(&turns)[0].0, "canary");
            assert!(told(&turns)[0].1.contains(&one), "{turns:?}");
            let placed: usize = turns.waves.iter().map(|wave| wave.accounts.len()).sum();
            assert_eq!(placed, 3);
        }
    }

    #[test]
    fn where_nothing_changes_there_is_one_wave() {
        let (all, entries) = entries(&[A, B], &[]);
        let turns = turns(&RolloutFile::default(), &all, &entries, false);
        assert_eq!(told(&turns), [("rest", vec![A, B])]);
        assert_eq!(turns.empty, ["canary"]);
    }

    #[test]
    fn a_shard_has_the_waves_of_the_whole() {
        let (all, mut entries) = entries(&[A, B, C], &[A, B, C]);
        let whole = turns(&RolloutFile::default(), &all, &entries, false);
        let canary = whole.waves[0].accounts[0].clone();
        entries.retain(|entry| *entry.id() != canary);
        let part = turns(&RolloutFile::default(), &all, &entries, true);
        assert_eq!(part.waves[0].accounts, []);
        assert_eq!((part.waves[1].accounts.len(), part.empty), (2, vec!["canary".to_owned()]));
    }
}
