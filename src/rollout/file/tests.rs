//! What a rollout file may say, what it means, and every way in which it can be wrong.

mod errors;
mod meaning;
mod template;

use std::path::Path;

use jiff::civil::date;

use super::{RolloutFile, RolloutFileError};
use crate::baseline::tests::catalogue;

/// Reads the text as the file `conf/rollout.toml`.
fn read(text: &str) -> Result<RolloutFile, RolloutFileError> {
    let read_file = |path: &Path| {
        assert_eq!(path, Path::new("conf/rollout.toml"), "no other file is read");
        Ok(text.to_owned())
    };
    RolloutFile::read(Path::new("conf/rollout.toml"), &read_file, &catalogue(), date(2026, 12, 1))
}
