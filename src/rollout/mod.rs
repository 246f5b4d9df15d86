//! One baseline, many accounts: who is in a rollout, what each account is held to, in which waves, and how far
//! it has come. Pure: no call, no clock, no file.

mod target;

pub use target::{OuId, Target, Way};
