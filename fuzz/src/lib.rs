//! The module under test, built by itself.

#[path = "../../src/pattern/mod.rs"]
pub mod pattern;
