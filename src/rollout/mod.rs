//! One baseline, many accounts: who is in a rollout, what each account is held to, in which waves, and how far
//! it has come. Pure: no call, no clock, no file.

mod accounts;
mod file;
mod rank;
mod shard;
mod target;
mod wave;

pub use accounts::{AccountList, AccountListError, Origin, is_ids};
pub use file::{
    BaselineRef, DEFAULT_ROLE, Held, RolloutFile, RolloutFileError, RolloutProblem, TEMPLATE,
    Unmatched,
};
pub use shard::{INDEX_VARIABLES, Shard, ShardError};
pub use target::{OuId, Target, Way};
pub use wave::{REST, Wave};
