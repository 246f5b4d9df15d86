//! All that harden can ever do to an account, as values that can be simulated and taken back.

mod document;
mod effect;
mod operation;
mod rules;
mod simulate;
mod types;

pub use document::{Document, Row};
pub use operation::{InboundRule, Operation, Target};
pub use simulate::Misfit;
pub use types::{Change, ChangeId, Cost, Inverse, Risk};
