//! A snapshot file is read or refused. What is read is judged, planned for, shown, and saved and read again as
//! the same; and its plan is one that can be read.

#![no_main]

use std::sync::LazyLock;

use harden_fuzz::assess::{Rules, assessment, judge};
use harden_fuzz::change::Risk;
use harden_fuzz::model::{Settings, Snapshot};
use harden_fuzz::plan::{build, read, to_json};
use harden_fuzz::{controls, mutate, text, ui};
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

static RULES: LazyLock<Rules> = LazyLock::new(|| Rules {
    controls: controls::all().map(|control| control.id).collect(),
    settings: Settings::default(),
    waivers: Vec::new(),
});

fuzz_mutator!(|data: &mut [u8], size: usize, longest: usize, seed: u32| {
    match mutate::json(&data[..size], seed, longest).filter(|_| seed % 4 > 0) {
        Some(text) => {
            data[..text.len()].copy_from_slice(&text);
            text.len()
        }
        None => fuzzer_mutate(data, size, longest),
    }
});

fuzz_target!(|file: &str| {
    let Ok(snapshot) = serde_json::from_str::<Snapshot>(file) else { return };
    let saved = serde_json::to_string(&snapshot).unwrap();
    assert_eq!(serde_json::from_str::<Snapshot>(&saved).unwrap(), snapshot);
    let judged = judge(&snapshot, &RULES);
    text::assert_readable(&ui::assessment(&assessment(&snapshot, "fuzz", &judged), 80));
    if let Ok(plan) = build(snapshot, "fuzz", &RULES, Risk::Destructive) {
        text::assert_readable(&ui::plan(&plan, 80));
        assert_eq!(read(&to_json(&plan).unwrap()).unwrap(), plan);
    }
});
