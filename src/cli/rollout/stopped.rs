//! Why a rollout has not come to its end, and what to do about it.

use std::path::{Path, PathBuf};

use crate::ui;

/// Why a rollout has not come to its end.
#[derive(Debug)]
pub(super) enum Stopped {
    Asked,
    Broken(PathBuf),
    Failed {
        accounts: usize,
        wave: String,
    },
    /// It has; but so many accounts have failed.
    SomeFailed(usize),
    Expired,
}

impl Stopped {
    /// What is said of it.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Asked => "stopped; what was begun has come to its end".to_owned(),
            Self::Broken(folder) => {
                format!("the log in `{}` cannot be written: stopped", folder.display())
            }
            Self::Failed { accounts, wave } => {
                let failed = ui::text::count(*accounts, "account", "accounts");
                format!("{failed} of wave {wave} failed: no further wave is begun")
            }
            Self::SomeFailed(accounts) => {
                format!("{} failed", ui::text::count(*accounts, "account", "accounts"))
            }
            Self::Expired => "plans have expired meanwhile: no further wave is begun".to_owned(),
        }
    }

    /// What to do next, and by which command.
    pub(super) fn next(&self, folder: &Path) -> (&'static str, String) {
        match self {
            Self::Asked | Self::Broken(_) => {
                ("to go on from here:", format!("harden rollout apply {}", folder.display()))
            }
            Self::Failed { .. } | Self::SomeFailed(_) => (
                "what failed is tried again, and the rest gone on with, by the same command:",
                format!("harden rollout apply {}", folder.display()),
            ),
            Self::Expired => (
                "plan the accounts that wait again, in another folder; \
                 `plan.valid_hours` of a baseline says how long a plan is good for:",
                "harden rollout plan --out DIR".to_owned(),
            ),
        }
    }
}
