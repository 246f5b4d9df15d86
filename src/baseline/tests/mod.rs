//! Baselines as a whole: every error with its file, line and key; extending; round trips.

mod errors;
mod extend;
mod flow_logs;
mod logging;
mod monitoring;
mod robust;
mod shown;
mod waivers;

use std::io;
use std::path::Path;

use jiff::civil::{Date, date};

use super::{Baseline, BaselineError, Catalogue, Source, load};
use crate::model::{ControlId, Level};

const TODAY: Date = date(2026, 12, 1);

/// The 43 controls of the benchmark with their levels.
pub(crate) fn catalogue() -> Catalogue {
    let second =
        [(1, 9), (1, 13), (2, 2), (2, 7), (2, 8), (3, 6), (3, 7), (3, 9), (3, 10), (3, 11)];
    let second = second.into_iter().chain([(4, 3), (4, 4)]);
    let sizes = [(1, 15), (2, 8), (3, 16), (4, 4)];
    let all = sizes.into_iter().flat_map(|(section, size)| (1..=size).map(move |n| (section, n)));
    let mut levels: Catalogue = all.map(|(s, n)| (ControlId::new(s, n), Level::One)).collect();
    levels.extend(second.map(|(s, n)| (ControlId::new(s, n), Level::Two)));
    levels
}

/// A baseline that ships with harden.
pub(super) fn builtin(name: &str) -> Baseline {
    let source = Source::from_argument(name).unwrap();
    load(&source, &|path| panic!("reads {}", path.display()), &catalogue(), TODAY).unwrap()
}

/// Loads the first of these files; the others are there to be extended.
fn load_files(files: &[(&str, &str)]) -> Result<Baseline, BaselineError> {
    let read = |path: &Path| {
        let found = files.iter().find(|(name, _)| Path::new(name) == path);
        found.map(|(_, text)| (*text).to_owned()).ok_or_else(|| io::ErrorKind::NotFound.into())
    };
    load(&Source::File(files[0].0.into()), &read, &catalogue(), TODAY)
}

fn load_text(text: &str) -> Result<Baseline, BaselineError> {
    load_files(&[("mine.toml", text)])
}

fn ids(baseline: &Baseline) -> String {
    baseline.controls.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}
