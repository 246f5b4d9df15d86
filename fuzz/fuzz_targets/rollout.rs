//! A rollout file, what a rollout folder is about, and its log: read or refused in one printable line. What is read
//! can be shown, and is read back the same.

#![no_main]

use std::io;
use std::path::Path;
use std::sync::LazyLock;

use harden_fuzz::baseline::Catalogue;
use harden_fuzz::rollout::{Manifest, Progress, RolloutFile};
use harden_fuzz::{controls, text, ui};
use jiff::civil::date;
use libfuzzer_sys::fuzz_target;

static MANIFEST: LazyLock<Manifest> = LazyLock::new(|| {
    let text = include_str!("../../plans/example-rollout.json");
    Manifest::read(text).unwrap()
});

fuzz_target!(|file: &str| {
    let catalogue: Catalogue = controls::all().map(|control| (control.id, control.level)).collect();
    let read_file = |_: &Path| Ok::<_, io::Error>(file.to_owned());
    let name = Path::new("mine.toml");
    if let Err(error) = RolloutFile::read(name, &read_file, &catalogue, date(2026, 12, 1)) {
        said(&error.to_string());
        text::assert_readable(&error.hint().unwrap_or_default());
    }
    match Manifest::read(file) {
        Ok(manifest) => {
            let again = Manifest::read(&manifest.to_json().unwrap()).unwrap();
            assert_eq!(again, manifest);
            let page = ui::rollout::standings(&manifest, &Progress::default(), 80);
            text::assert_readable(&page);
        }
        Err(error) => said(&error.to_string()),
    }
    match Progress::parse(file, &MANIFEST) {
        Ok(progress) => text::assert_readable(&ui::rollout::standings(&MANIFEST, &progress, 80)),
        Err(error) => said(&error.to_string()),
    }
});

fn said(error: &str) {
    assert!(!error.contains('\n') && !error.is_empty());
    text::assert_readable(error);
}
