//! All that harden can ever do to an account, as values that can be simulated and taken back.

mod config;
mod credentials;
mod document;
mod effect;
mod facts;
mod group_rule;
mod needs;
mod operation;
mod place;
mod retention;
mod rows;
mod statement;
mod target;
mod types;
mod way_back;

pub use config::{AliasOf, FlowLogConfig, KeyName, LogDelivery, RecorderConfig, TrailConfig};
pub use document::{Document, KeyState, OwnPolicy, PasswordState, Row};
pub use facts::{ALL_FACTS, Facts, PASS_ROLE};
pub use group_rule::GroupRule;
pub use operation::{Operation, Tags};
pub use place::Misfit;
pub use retention::is_younger;
pub use target::Target;
pub use types::{Change, ChangeId, Cost, Inverse, Risk};
