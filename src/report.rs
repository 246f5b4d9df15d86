//! The head that every answer begins with.

use serde::{Deserialize, Serialize};

use crate::controls::BENCHMARK;
use crate::model::{Account, Region, Snapshot};

/// Which account was read, by whom and when, and against what it is held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The version of harden.
    pub harden: String,
    /// The benchmark's edition.
    pub benchmark: String,
    /// The account.
    pub account: Account,
    /// The ARN of the caller.
    pub caller: String,
    /// When the account was read.
    pub taken_at: jiff::Timestamp,
    /// The regions that were read.
    pub regions: Vec<Region>,
    /// The name of the baseline.
    pub baseline: String,
    /// When AWS made the credential report that was read: it serves one for up to four hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential_report: Option<jiff::Timestamp>,
}

impl Head {
    /// The head of anything made from this snapshot.
    pub fn of(snapshot: &Snapshot, baseline: &str) -> Self {
        Self {
            harden: VERSION.to_owned(),
            benchmark: BENCHMARK.to_owned(),
            account: snapshot.account.clone(),
            caller: snapshot.caller.clone(),
            taken_at: snapshot.taken_at,
            regions: snapshot.regional.keys().cloned().collect(),
            baseline: baseline.to_owned(),
            credential_report: snapshot
                .iam
                .credential_report
                .ok()
                .map(|report| report.generated_at),
        }
    }
}

/// The version of harden.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
