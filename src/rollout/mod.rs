//! One baseline, many accounts: who is in a rollout, what each account is held to, in which waves, and how far
//! it has come. Pure: no call, no clock, no file.

mod general;
mod manifest;
mod progress;
mod review;
mod target;
mod traces;

pub use manifest::{Entry, Manifest, ManifestError, Pace, Planned, ROLLOUT_FORMAT, Summary, Wave};
pub use progress::{End, Event, LOG_FORMAT, LogError, LogLine, Progress, Standing, Work};
pub use review::{Gathering, Group, Left, Line, Review, Said, Totals};
pub use target::{OuId, Target, Way};
pub use traces::{TRACE_READS, trace};
