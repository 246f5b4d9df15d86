//! Several shards of one rollout become the whole.

use std::collections::{BTreeMap, BTreeSet};

use super::{Entry, Manifest, Wave};
use crate::model::AccountId;
use crate::plan::Digest;

/// Why rollouts are not parts of one.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// There is nothing to join.
    #[error("there are no folders")]
    Nothing,
    /// They differ in what a rollout has once.
    #[error("they differ in {0}")]
    Differ(&'static str),
    /// The same account again.
    #[error("account {0} is in two of them")]
    Repeated(AccountId),
}

/// Joins the shards of one rollout.
pub fn merge(parts: &[&Manifest]) -> Result<Manifest, MergeError> {
    let Some((first, others)) = parts.split_first() else { return Err(MergeError::Nothing) };
    for other in others {
        let same = [
            (first.harden == other.harden, "the version of harden"),
            (first.benchmark == other.benchmark, "the benchmark"),
            (first.partition == other.partition, "the partition"),
            (first.organization == other.organization, "the organization"),
            (first.external_id == other.external_id, "the external id"),
            (first.pace == other.pace, "the pace"),
            (shards(first) == shards(other), "the number of shards"),
        ];
        if let Some((_, what)) = same.into_iter().find(|(same, _)| !same) {
            return Err(MergeError::Differ(what));
        }
    }
    let mut accepted = BTreeMap::new();
    for (baseline, waivers) in parts.iter().flat_map(|part| &part.accepted) {
        if accepted.insert(baseline, waivers).is_some_and(|other| other != waivers) {
            return Err(MergeError::Differ("what is accepted where the organization's trail is"));
        }
    }
    let mut accounts: BTreeMap<&AccountId, &Entry> = BTreeMap::new();
    for entry in parts.iter().flat_map(|part| &part.accounts) {
        if accounts.insert(entry.id(), entry).is_some() {
            return Err(MergeError::Repeated(entry.id().clone()));
        }
    }
    Ok(Manifest {
        digest: Digest::unset(),
        made_at: parts.iter().map(|part| part.made_at).min().unwrap_or(first.made_at),
        shard: None,
        accepted: accepted.into_iter().map(|(name, list)| (name.clone(), list.clone())).collect(),
        notes: notes(parts),
        waves: waves(parts)?,
        accounts: accounts.into_values().cloned().collect(),
        ..(*first).clone()
    }
    .sealed())
}

/// The shards that are not among the parts: whoever joins them may have forgotten one.
pub fn missing(parts: &[&Manifest]) -> Vec<String> {
    let there: BTreeSet<&str> = parts.iter().filter_map(|part| part.shard.as_deref()).collect();
    let of = parts.first().and_then(|part| shards(part)?.parse::<u64>().ok()).unwrap_or_default();
    let all = (1..=of).map(|number| format!("{number}/{of}"));
    all.filter(|shard| !there.contains(shard.as_str())).collect()
}

/// Of how many shards this is one.
fn shards(part: &Manifest) -> Option<&str> {
    part.shard.as_deref()?.split_once('/').map(|(_, of)| of)
}

/// What was said of any of them, once.
fn notes(parts: &[&Manifest]) -> Vec<String> {
    let mut notes: Vec<String> = parts.iter().flat_map(|part| &part.notes).cloned().collect();
    notes.sort();
    notes.dedup();
    notes
}

/// The waves of all, in the order that all have them in.
fn waves(parts: &[&Manifest]) -> Result<Vec<Wave>, MergeError> {
    let names =
        |part: &Manifest| part.waves.iter().map(|wave| wave.name.clone()).collect::<Vec<_>>();
    let Some(first) = parts.first() else { return Ok(Vec::new()) };
    if parts.iter().any(|part| names(part) != names(first)) {
        return Err(MergeError::Differ("their waves"));
    }
    let of = |name: String| {
        let same = parts.iter().flat_map(|part| &part.waves).filter(|wave| wave.name == name);
        let mut accounts: Vec<AccountId> = same.flat_map(|wave| &wave.accounts).cloned().collect();
        accounts.sort();
        Wave { name, accounts }
    };
    Ok(names(first).into_iter().map(of).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ControlId, Waiver};
    use crate::rollout::manifest::tests::rollout;

    const A: &str = "111111111111";
    const B: &str = "222222222222";
    const C: &str = "333333333333";

    #[test]
    fn shards_become_the_whole() {
        let first = rollout(&[("canary", &[]), ("rest", &[C, A])]);
        let second = rollout(&[("canary", &[B]), ("rest", &[])]);
        let whole = merge(&[&first, &second]).unwrap();
        let ids =
            |wave: &Wave| wave.accounts.iter().map(|id| id.as_str().to_owned()).collect::<Vec<_>>();
        assert_eq!(whole.waves.iter().map(ids).collect::<Vec<_>>(), [vec![B], vec![A, C]]);
        assert_eq!(whole.accounts.len(), 3);
        // It is one that could have been planned.
        assert_eq!(Manifest::read(&whole.to_json().unwrap()).unwrap(), whole);
        assert_eq!(merge(&[&second, &first]).unwrap(), whole);
    }

    #[test]
    fn what_is_not_of_one_rollout_is_not_joined() {
        let first = rollout(&[("rest", &[A])]);
        let error = |other: &Manifest| merge(&[&first, other]).unwrap_err().to_string();
        assert_eq!(error(&rollout(&[("rest", &[A])])), "account 111111111111 is in two of them");
        assert_eq!(error(&rollout(&[("last", &[B])])), "they differ in their waves");
        let organization = Some("o-other".to_owned());
        let other = Manifest { organization, ..rollout(&[("rest", &[B])]) };
        assert_eq!(error(&other), "they differ in the organization");
        assert_eq!(merge(&[]).unwrap_err(), MergeError::Nothing);
        let accepts = |id, reason: &str| {
            let waiver = Waiver {
                control: ControlId::new(2, 6),
                resource: "logs".to_owned(),
                region: None,
                reason: reason.to_owned(),
                owner: "soc".to_owned(),
                expires: "2099-01-01".parse().unwrap(),
            };
            let accepted = [("test".to_owned(), vec![waiver])].into();
            Manifest { accepted, ..rollout(&[("rest", &[id])]) }
        };
        let (here, there) = (accepts(A, "one"), accepts(B, "one"));
        assert_eq!(merge(&[&here, &there]).unwrap().accepted, here.accepted);
        let error = merge(&[&here, &accepts(B, "two")]).unwrap_err().to_string();
        assert_eq!(error, "they differ in what is accepted where the organization's trail is");
    }

    #[test]
    fn a_shard_that_is_left_out_is_told_of() {
        let part = |shard: &str, id| {
            let shard = Some(shard.to_owned());
            Manifest { shard, ..rollout(&[("rest", &[id])]) }
        };
        let (first, last) = (part("1/3", A), part("3/3", B));
        assert_eq!(missing(&[&last, &first]), ["2/3"]);
        assert_eq!(missing(&[&first, &part("2/3", C), &last]), [""; 0]);
        assert_eq!(missing(&[&rollout(&[("rest", &[A])])]), [""; 0]);
        let error = merge(&[&first, &part("2/2", C)]).unwrap_err().to_string();
        assert_eq!(error, "they differ in the number of shards");
    }
}
