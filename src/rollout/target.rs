//! Which accounts a rollout is about, and the way into each.

use serde::{Deserialize, Serialize};

use crate::model::{AccountId, OuId};

/// An account of a rollout.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// The account.
    pub id: AccountId,
    /// Its name in the organization.
    #[serde(default)]
    pub name: Option<String>,
    /// The units that it is in, the nearest first and the root last; empty outside an organization.
    #[serde(default)]
    pub units: Vec<OuId>,
    /// The way into it.
    pub way: Way,
}

/// The way into an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// With the credentials that harden was called with: it is their own account.
    Own,
    /// By a role of this name in it.
    Role(String),
    /// With a profile of this name.
    Profile(String),
}
