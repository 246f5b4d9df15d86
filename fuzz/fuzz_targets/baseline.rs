//! A baseline is read, and shown as a file that says the same; or refused in one printable line.

#![no_main]

use std::io;
use std::path::Path;

use harden_fuzz::baseline::{Catalogue, Source, load, to_toml};
use harden_fuzz::{controls, text};
use jiff::civil::date;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|file: &str| {
    let catalogue: Catalogue = controls::all().map(|control| (control.id, control.level)).collect();
    let load = |text: &str| {
        let read = |path: &Path| match path.to_str() {
            Some("mine.toml") => Ok(text.to_owned()),
            _ => Err(io::ErrorKind::NotFound.into()),
        };
        load(&Source::File("mine.toml".into()), &read, &catalogue, date(2026, 12, 1))
    };
    match load(file) {
        Ok(baseline) => {
            let shown = to_toml(&baseline);
            text::assert_readable(&shown);
            assert_eq!(load(&shown).unwrap(), baseline);
        }
        Err(error) => {
            let (said, hint) = (error.to_string(), error.hint().unwrap_or_default());
            assert!(!said.contains('\n') && !said.is_empty());
            text::assert_readable(&said);
            text::assert_readable(&hint);
        }
    }
});
