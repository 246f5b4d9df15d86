//! Rollouts: the page of many plans, the table of many accounts, and the lines told meanwhile.

mod live;
mod review;
mod survey;
mod table;

pub use live::{Live, Working};
pub use review::{review, undo};
pub use survey::survey;
pub use table::standings;
