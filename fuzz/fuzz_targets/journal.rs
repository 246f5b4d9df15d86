//! A journal, and the result of a run behind it, are read or refused; a last line that breaks off counts as
//! not written. What is read can be shown.

#![no_main]

use std::sync::LazyLock;

use harden_fuzz::journal::Journal;
use harden_fuzz::plan::{Plan, read};
use harden_fuzz::run::{Run, RunResult};
use harden_fuzz::{mutate, text, ui};
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

static PLAN: LazyLock<Plan> =
    LazyLock::new(|| read(include_str!("../../plans/example-plan.json")).unwrap());

fuzz_mutator!(|data: &mut [u8], size: usize, longest: usize, seed: u32| {
    match mutate::lines(&data[..size], seed, longest).filter(|_| seed % 4 > 0) {
        Some(text) => {
            data[..text.len()].copy_from_slice(&text);
            text.len()
        }
        None => fuzzer_mutate(data, size, longest),
    }
});

fuzz_target!(|file: &str| {
    let result = file.lines().last().map(RunResult::parse);
    let result = match result {
        Some(Err(error)) => {
            assert!(!error.to_string().is_empty());
            None
        }
        other => other.and_then(Result::ok),
    };
    match Journal::parse(file) {
        Ok(journal) => {
            let whole = file.rfind('\n').map_or("", |end| &file[..=end]);
            assert_eq!(Journal::parse(whole).unwrap(), journal);
            let run = Run { id: "run".to_owned(), plan: PLAN.clone(), journal, result };
            assert!(run.made().count() <= run.perhaps_made().count());
            text::assert_readable(&ui::run_summary(&run, 80));
            text::assert_readable(&ui::runs(&[("run".to_owned(), Some(run))], 80));
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
