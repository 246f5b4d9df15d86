//! What reads files and judges them, built without AWS, the disk and the commands: those are most of the
//! build, and the targets need none of them.

#![allow(dead_code, reason = "what only the commands use is there all the same")]

pub mod mutate;
pub mod text;

#[path = "../../src/approval.rs"]
pub mod approval;
#[path = "../../src/assess/mod.rs"]
pub mod assess;
#[path = "../../src/baseline/mod.rs"]
pub mod baseline;
#[path = "../../src/change/mod.rs"]
pub mod change;
#[path = "../../src/controls/mod.rs"]
pub mod controls;
#[path = "../../src/error.rs"]
pub mod error;
#[path = "../../src/exit.rs"]
pub mod exit;
#[path = "../../src/journal.rs"]
pub mod journal;
#[path = "../../src/mfa/mod.rs"]
pub mod mfa;
#[path = "../../src/model/mod.rs"]
pub mod model;
#[path = "../../src/pattern/mod.rs"]
pub mod pattern;
#[path = "../../src/plan/mod.rs"]
pub mod plan;
#[path = "../../src/report.rs"]
pub mod report;
#[path = "../../src/rollout/mod.rs"]
pub mod rollout;
#[path = "../../src/run.rs"]
pub mod run;
#[path = "../../src/settings_file/mod.rs"]
pub mod settings_file;
#[path = "../../src/ui/mod.rs"]
pub mod ui;
