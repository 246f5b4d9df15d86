//! What tests against the emulator and the demo share: starting it, accounts in it and their mess.

pub(crate) mod account;
pub(crate) mod alarms;
pub(crate) mod careless;
pub(crate) mod emulator;
pub(crate) mod http;
pub(crate) mod logging;
pub(crate) mod people;
pub(crate) mod seed;
pub(crate) mod spoiled;
pub(crate) mod totp;
