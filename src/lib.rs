//! Brings an AWS account to the CIS AWS Foundations Benchmark v1.0.0 and keeps it there.
//!
//! Data flows one way: `observe` reads an account into a [`model::Snapshot`]; `assess` judges it and
//! `plan` decides what to change, both pure; a person approves; `apply` writes, with a journal; `undo`
//! and `verify` work from that journal. Only `aws` talks to AWS, only `ui` to the terminal, only
//! `files` to the disk, and only `cli` knows the environment and the clock.

pub mod apply;
pub mod approval;
pub mod assess;
pub mod aws;
pub mod baseline;
pub mod change;
pub mod cli;
pub mod controls;
pub mod error;
pub mod exit;
pub mod files;
pub mod journal;
pub mod mfa;
pub mod model;
pub mod observe;
pub mod pattern;
pub mod plan;
pub mod report;
pub mod rollout;
pub mod run;
pub mod settings_file;
pub mod ui;
