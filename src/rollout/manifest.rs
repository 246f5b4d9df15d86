//! What a rollout folder is about: which accounts, in which waves, by which plans.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Target, Wave};
use crate::change::Risk;
use crate::model::{AccountId, Partition, Waiver, safe_json};
use crate::plan::{Digest, Plan, Scores};

/// The format of rollouts that this version writes and applies.
pub const ROLLOUT_FORMAT: &str = "harden.rollout/1";

/// A rollout as it was planned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`ROLLOUT_FORMAT`].
    pub format: String,
    /// The version of harden.
    pub harden: String,
    /// The benchmark's edition.
    pub benchmark: String,
    /// Over everything else in the manifest.
    pub digest: Digest,
    /// When the last of its accounts was read.
    pub made_at: Timestamp,
    /// The ARN of whoever planned it; none where it was planned on snapshots.
    pub caller: Option<String>,
    /// The partition of all its accounts.
    pub partition: Option<Partition>,
    /// The organization that the accounts were listed from.
    pub organization: Option<String>,
    /// The shard that was planned, of how many: `2/4`.
    pub shard: Option<String>,
    /// How fast, and how far in spite of failures.
    pub pace: Pace,
    /// The findings that are accepted in the account that owns the organization's trail, by baseline: what members
    /// inherit is judged by them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub accepted: BTreeMap<String, Vec<Waiver>>,
    /// What the roles ask for besides the credentials.
    pub external_id: Option<String>,
    /// In what the rollout file and the accounts do not fit each other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// In their order. Of a shard: all waves, with its own accounts only.
    pub waves: Vec<Wave>,
    /// Sorted by id.
    pub accounts: Vec<Entry>,
}

/// How fast a rollout goes, and how far in spite of failures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pace {
    /// Once so many accounts of a wave have failed, no further wave begins.
    pub stop_after_failures: usize,
    /// How many accounts are worked on at once.
    pub accounts_at_once: usize,
    /// The most calls a second in one account.
    pub calls_per_second: u32,
}

/// One account of a rollout.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Which account, and the way into it.
    #[serde(flatten)]
    pub target: Target,
    /// The baseline it is held to.
    pub baseline: String,
    /// What came of planning.
    pub planned: Planned,
}

/// What came of planning an account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Planned {
    /// A plan, kept in a file of its own.
    Plan(Summary),
    /// None.
    Not {
        /// Why.
        reason: String,
    },
}

/// What the rollout has to know of a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Summary {
    /// The plan, and no other.
    pub digest: Digest,
    /// After this it is refused.
    pub expires_at: Timestamp,
    /// How many changes there are of each risk.
    pub by_risk: BTreeMap<Risk, usize>,
    /// How many keys and passwords go.
    pub credentials: usize,
    /// The most that go without being asked about their number.
    pub credential_limit: usize,
    /// How many controls could not be judged in full.
    pub unread: usize,
    /// US dollars a month, an estimate from list prices.
    pub usd_per_month: f64,
    /// The score as read and as simulated.
    pub score: Option<Scores>,
}

impl Summary {
    /// What the rollout has to know of this plan.
    pub fn of(plan: &Plan) -> Self {
        Self {
            digest: plan.digest.clone(),
            expires_at: plan.expires_at,
            by_risk: plan.by_risk(),
            credentials: plan.credential_changes(),
            credential_limit: plan.credential_limit(),
            unread: plan.unread(),
            usd_per_month: plan.usd_per_month(),
            score: plan.score,
        }
    }

    /// How many changes the plan has.
    pub fn changes(&self) -> usize {
        self.by_risk.values().sum()
    }
}

impl Entry {
    /// The account.
    pub fn id(&self) -> &AccountId {
        &self.target.id
    }

    /// Of its plan, if there is one.
    pub fn summary(&self) -> Option<&Summary> {
        match &self.planned {
            Planned::Plan(summary) => Some(summary),
            Planned::Not { .. } => None,
        }
    }
}

/// Why a rollout is refused.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// It ends in the middle, or is no JSON at all.
    #[error("it breaks off or goes wrong at line {line}")]
    Broken {
        /// Where.
        line: usize,
    },
    /// It is JSON, but no rollout.
    #[error("it is not a rollout of harden")]
    NotARollout,
    /// It was made by a newer harden.
    #[error("it has the format `{format}`, which this version does not know")]
    UnknownFormat {
        /// Its format.
        format: String,
    },
    /// Its digest does not match.
    #[error("it was changed after it was made: its digest does not match")]
    Changed,
    /// Its digest matches, and still it contradicts itself.
    #[error("it contradicts itself at account {account}")]
    Inconsistent {
        /// Where.
        account: AccountId,
    },
}

impl Manifest {
    /// With the digest that belongs to it.
    #[must_use]
    pub fn sealed(mut self) -> Self {
        self.digest = Digest::of_value(&self);
        self
    }

    /// As it is kept.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        Ok(safe_json(&serde_json::to_string_pretty(self)?) + "\n")
    }

    /// Reads what is kept, and checks all that can be checked by itself.
    pub fn read(text: &str) -> Result<Self, ManifestError> {
        let value: Value =
            serde_json::from_str(text).map_err(|e| ManifestError::Broken { line: e.line() })?;
        let format = value.get("format").and_then(Value::as_str);
        match format {
            Some(ROLLOUT_FORMAT) => {}
            Some(format) if format.starts_with("harden.rollout/") => {
                let format = format.chars().take(40).collect();
                return Err(ManifestError::UnknownFormat { format });
            }
            _ => return Err(ManifestError::NotARollout),
        }
        let claimed = value.get("digest").and_then(Value::as_str).map(str::to_owned);
        if claimed.as_deref() != Some(Digest::of_json(value).as_str()) {
            return Err(ManifestError::Changed);
        }
        let manifest: Self = serde_json::from_str(text).map_err(|_| ManifestError::NotARollout)?;
        manifest.check()?;
        Ok(manifest)
    }

    /// Every account once, in order, with an id that may be the name of a file; and each that has a plan in one
    /// wave.
    fn check(&self) -> Result<(), ManifestError> {
        let wrong = |account: &AccountId| ManifestError::Inconsistent { account: account.clone() };
        let mut last: Option<&AccountId> = None;
        for id in self.accounts.iter().map(Entry::id) {
            if !id.is_well_formed() || last.is_some_and(|last| last >= id) {
                return Err(wrong(id));
            }
            last = Some(id);
        }
        let planned = self.accounts.iter().filter(|entry| entry.summary().is_some());
        let mut waiting: BTreeSet<&AccountId> = planned.map(Entry::id).collect();
        for account in self.waves.iter().flat_map(|wave| &wave.accounts) {
            if !waiting.remove(account) {
                return Err(wrong(account));
            }
        }
        waiting.first().map_or(Ok(()), |account| Err(wrong(account)))
    }

    /// An account of it.
    pub fn entry(&self, account: &AccountId) -> Option<&Entry> {
        let at = self.accounts.binary_search_by(|entry| entry.id().cmp(account)).ok()?;
        self.accounts.get(at)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::plan::tests_support::plan_of_two;
    use crate::rollout::Way;

    /// A rollout of these waves, with a plan for each account.
    pub(crate) fn rollout(waves: &[(&str, &[&str])]) -> Manifest {
        let entry = |id: &&str| {
            let mut plan = plan_of_two();
            plan.head.account.id = AccountId::new(*id);
            let way = Way::Role("R".to_owned());
            let target = Target { id: AccountId::new(*id), name: None, units: Vec::new(), way };
            let planned = Planned::Plan(Summary::of(&plan.sealed()));
            Entry { target, baseline: "test".to_owned(), planned }
        };
        let mut accounts: Vec<Entry> =
            waves.iter().flat_map(|(_, ids)| ids.iter().map(entry)).collect();
        accounts.sort_by(|a, b| a.id().cmp(b.id()));
        let wave = |(name, ids): &(&str, &[&str])| Wave {
            name: (*name).to_owned(),
            accounts: ids.iter().map(|id| AccountId::new(*id)).collect(),
        };
        Manifest {
            format: ROLLOUT_FORMAT.to_owned(),
            harden: "0.0.0".to_owned(),
            benchmark: "cis-aws-1.0.0".to_owned(),
            digest: Digest::unset(),
            made_at: "2026-11-25T12:00:00Z".parse().unwrap(),
            caller: None,
            partition: None,
            organization: Some("o-a1b2c3d4e5".to_owned()),
            shard: None,
            pace: Pace { stop_after_failures: 1, accounts_at_once: 5, calls_per_second: 20 },
            accepted: BTreeMap::new(),
            external_id: None,
            notes: Vec::new(),
            waves: waves.iter().map(wave).collect(),
            accounts,
        }
        .sealed()
    }

    const A: &str = "111111111111";
    const B: &str = "222222222222";

    fn refused(change: impl FnOnce(&mut Manifest)) -> String {
        let mut manifest = rollout(&[("canary", &[A]), ("rest", &[B])]);
        change(&mut manifest);
        Manifest::read(&manifest.sealed().to_json().unwrap()).unwrap_err().to_string()
    }

    #[test]
    fn what_is_kept_is_read_back() {
        let manifest = rollout(&[("canary", &[B]), ("rest", &[A])]);
        let text = manifest.to_json().unwrap();
        assert_eq!(Manifest::read(&text).unwrap(), manifest);
        assert_eq!(manifest.entry(&AccountId::new(B)).unwrap().id().as_str(), B);
        assert!(manifest.entry(&AccountId::new("333333333333")).is_none());
    }

    #[test]
    fn what_was_changed_is_refused() {
        let text = rollout(&[("rest", &[A])]).to_json().unwrap();
        let changed = text.replace("\"stop_after_failures\": 1", "\"stop_after_failures\": 9");
        let error = |text: &str| Manifest::read(text).unwrap_err().to_string();
        assert_eq!(error(&changed), "it was changed after it was made: its digest does not match");
        assert_eq!(error(text.get(..40).unwrap()), "it breaks off or goes wrong at line 3");
        assert_eq!(error("{}"), "it is not a rollout of harden");
        let newer = text.replace("harden.rollout/1", "harden.rollout/2");
        assert!(error(&newer).contains("`harden.rollout/2`"), "{}", error(&newer));
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        let at = |id: &str| format!("it contradicts itself at account {id}");
        assert_eq!(refused(|m| m.waves.truncate(1)), at(B));
        assert_eq!(refused(|m| m.waves[1].accounts.push(AccountId::new(A))), at(A));
        assert_eq!(
            refused(|m| m.waves[0].accounts[0] = AccountId::new("333333333333")),
            at("333333333333")
        );
        assert_eq!(refused(|m| m.accounts.reverse()), at(A));
        assert_eq!(
            refused(|m| m.accounts[1].target.id = AccountId::new("../../etc")),
            at("../../etc")
        );
        // Whoever has no plan has no turn.
        assert_eq!(
            refused(|m| m.accounts[1].planned = Planned::Not { reason: "no".to_owned() }),
            at(B)
        );
    }
}
