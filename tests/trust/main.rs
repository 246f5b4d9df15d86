//! Killed, throttled, denied, lied to: the real binary, with a proxy before the emulator that lets calls go
//! wrong one by one. Whole with `scripts/trust --whole`; by itself a sample in which every operation and
//! every read occurs.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods,
    reason = "a test ends at the first surprise"
)]

#[path = "../support/answers.rs"]
#[expect(dead_code, reason = "`tests/live` needs the rest of it")]
mod answers;
#[path = "../support/proxy/mod.rs"]
mod proxy;
#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "`tests/live` needs the rest of it")]
mod support;
#[path = "../support/world.rs"]
#[expect(dead_code, reason = "`tests/live` needs the rest of it")]
mod world;

mod accounts;
mod bench;
mod counts;
mod denied;
mod dropped;
mod killed;
mod lied;
mod normal;
mod scene;
mod seen;
mod stopped;
mod throttled;
