//! Verdicts of many accounts: how each stands, and which controls fail in how many.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::Target;
use crate::assess::{self, Score, Verdict, score};
use crate::model::{AccountId, ControlId};

/// The format of surveys that this version writes.
pub const SURVEY_FORMAT: &str = "harden.survey/1";

/// Verdicts of many accounts. Keeps of each no more than its verdicts.
#[derive(Debug, Serialize)]
pub struct Survey {
    format: &'static str,
    /// By id.
    pub accounts: Vec<Judged>,
    /// How often each control has each verdict.
    pub controls: BTreeMap<ControlId, Counts>,
}

/// How often a control has each verdict, and where it fails.
#[derive(Debug, Default, Serialize)]
pub struct Counts {
    /// What it asks for.
    pub title: String,
    /// How many accounts have each verdict.
    pub verdicts: BTreeMap<Verdict, usize>,
    /// Where it fails.
    pub failing: Vec<AccountId>,
}

/// Verdicts of one account.
#[derive(Debug, Serialize)]
pub struct Judged {
    /// The account.
    pub account: AccountId,
    /// Its name in the organization.
    pub name: Option<String>,
    /// What it was held to; none where it could not be read.
    pub baseline: Option<String>,
    /// The count of verdicts.
    pub score: Option<Score>,
    /// The verdict of each control.
    pub verdicts: BTreeMap<ControlId, Verdict>,
    /// Why, where the verdict alone does not say it, such as from whom it is inherited.
    pub reasons: BTreeMap<ControlId, String>,
    /// Why there is none.
    pub reason: Option<String>,
    #[serde(skip)]
    titles: Vec<(ControlId, &'static str)>,
}

impl Judged {
    /// The verdicts of an account that was read.
    pub fn of(target: &Target, baseline: &str, judged: &[assess::Judged]) -> Self {
        let verdict = |one: &assess::Judged| (one.control.id, one.report.verdict);
        Self {
            account: target.id.clone(),
            name: target.name.clone(),
            baseline: Some(baseline.to_owned()),
            score: Some(score(judged)),
            verdicts: judged.iter().map(verdict).collect(),
            reasons: judged
                .iter()
                .filter_map(|one| Some((one.control.id, one.report.reason.clone()?)))
                .collect(),
            reason: None,
            titles: judged.iter().map(|one| (one.control.id, one.control.title)).collect(),
        }
    }

    /// Why there are no verdicts.
    pub fn not(target: &Target, reason: String) -> Self {
        Self {
            account: target.id.clone(),
            name: target.name.clone(),
            baseline: None,
            score: None,
            verdicts: BTreeMap::new(),
            reasons: BTreeMap::new(),
            reason: Some(reason),
            titles: Vec::new(),
        }
    }

    /// In a few words.
    pub fn told(&self) -> String {
        match (&self.score, &self.reason) {
            (Some(score), _) => format!("{} of {} pass", score.passed, score.scored),
            (None, Some(reason)) => format!("not read: {reason}"),
            (None, None) => "not read".to_owned(),
        }
    }
}

impl Default for Survey {
    fn default() -> Self {
        Self { format: SURVEY_FORMAT, accounts: Vec::new(), controls: BTreeMap::new() }
    }
}

impl Survey {
    /// Adds an account.
    pub fn add(&mut self, mut judged: Judged) {
        for (control, title) in std::mem::take(&mut judged.titles) {
            let counts = self.controls.entry(control).or_default();
            title.clone_into(&mut counts.title);
            let Some(verdict) = judged.verdicts.get(&control) else { continue };
            *counts.verdicts.entry(*verdict).or_default() += 1;
            if *verdict == Verdict::Fail {
                counts.failing.push(judged.account.clone());
            }
        }
        self.accounts.push(judged);
    }

    /// The same, in one order whatever the order in which accounts were read.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.accounts.sort_by(|a, b| a.account.cmp(&b.account));
        self.controls.values_mut().for_each(|counts| counts.failing.sort());
        self
    }

    /// Which controls pass because another account passes them, and in how many accounts: by what is said of it.
    pub fn inherited(&self) -> BTreeMap<&str, (BTreeSet<ControlId>, BTreeSet<&AccountId>)> {
        let mut inherited: BTreeMap<&str, (BTreeSet<_>, BTreeSet<_>)> = BTreeMap::new();
        for judged in &self.accounts {
            for (control, reason) in &judged.reasons {
                let is_pass = judged.verdicts.get(control) == Some(&Verdict::Pass);
                if is_pass && reason.starts_with("inherited from ") {
                    let (controls, accounts) = inherited.entry(reason).or_default();
                    controls.insert(*control);
                    accounts.insert(&judged.account);
                }
            }
        }
        inherited
    }

    /// Whether a control fails somewhere, or could not be judged.
    pub fn is_failing(&self) -> bool {
        let bad = [Verdict::Fail, Verdict::Unknown];
        self.controls.values().any(|counts| bad.iter().any(|bad| counts.verdicts.contains_key(bad)))
    }
}
