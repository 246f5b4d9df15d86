//! One baseline, many accounts: who is in a rollout, what each account is held to, in which waves, and how far
//! it has come. Pure: no call, no clock, no file.

mod accounts;
mod file;
mod general;
mod log;
mod manifest;
mod merge;
mod progress;
mod rank;
mod review;
mod shard;
mod survey;
mod target;
mod traces;
mod turns;
mod wave;

pub use accounts::{AccountList, AccountListError, Origin, is_ids};
pub use file::{
    BaselineRef, DEFAULT_ROLE, Held, RolloutFile, RolloutFileError, RolloutProblem, TEMPLATE,
    Unmatched, external_id_fault, role_fault,
};
pub use log::{End, Event, LOG_FORMAT, LogLine, Work};
pub use manifest::{Entry, Manifest, ManifestError, Pace, Planned, ROLLOUT_FORMAT, Summary};
pub use merge::{MergeError, merge, missing};
pub use progress::{LogError, Progress, Standing};
pub use review::{Condensed, Gathering, Group, Left, Line, Review, Said, Totals};
pub use shard::{INDEX_VARIABLES, Shard, ShardError};
pub use survey::{Counts, Judged, SURVEY_FORMAT, Survey};
pub use target::{Target, Way};
pub use traces::{TRACE_READS, trace};
pub use turns::{Turns, turns};
pub use wave::{REST, Wave};
