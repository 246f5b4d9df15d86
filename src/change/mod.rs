//! All that harden can ever do to an account, as values that can be simulated and taken back.

mod config;
mod document;
mod effect;
mod facts;
mod inbound;
mod needs;
mod operation;
mod place;
mod rows;
mod statement;
mod target;
mod types;
mod way_back;

pub use config::{AliasOf, KeyName, LogDelivery, RecorderConfig, TrailConfig};
pub use document::{Document, OwnPolicy, Row};
pub use facts::{ALL_FACTS, Facts};
pub use inbound::InboundRule;
pub use operation::{Operation, Tags};
pub use place::Misfit;
pub use target::Target;
pub use types::{Change, ChangeId, Cost, Inverse, Risk};
