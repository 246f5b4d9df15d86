//! Everything that needs no process and no network: the laws, the architecture, the file formats, and
//! the carrying out of plans against a fake account.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::wildcard_enum_match_arm,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test ends at the first surprise"
)]

mod account;
mod apply;
mod architecture;
mod corpus;
mod default_groups;
mod docs;
mod fake;
mod flow_logs;
mod forged;
mod formats;
mod generate;
mod generate_credentials;
mod generate_flow_logs;
mod generate_logging;
mod generate_people;
mod inherited;
mod laws;
mod laws_inherited;
mod laws_logging;
mod laws_people;
mod laws_resume;
mod logging;
mod operations;
mod redo;
mod resume;
mod spoil;
mod strict;
