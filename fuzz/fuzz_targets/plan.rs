//! A plan file is read or refused; sealed anew by whoever changed it too. What is read can be shown, saved
//! and read again as the same, and taken back.

#![no_main]

use harden_fuzz::change::Risk;
use harden_fuzz::model::Own;
use harden_fuzz::plan::{Bounds, Digest, MadeBy, Plan, Undoable, read, reverse, to_json};
use harden_fuzz::{mutate, text, ui};
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use serde_json::Value;

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
    meet(file);
    let Ok(mut value) = serde_json::from_str::<Value>(file) else { return };
    if value.is_object() {
        let digest = Digest::of_json(value.clone());
        value["digest"] = digest.as_str().into();
        meet(&value.to_string());
        if let Ok(plan) = serde_json::from_value::<Plan>(value) {
            text::assert_readable(&ui::plan(&plan, 80));
            take_back(&plan);
        }
    }
});

fn meet(file: &str) {
    match read(file) {
        Ok(plan) => {
            let again = read(&to_json(&plan).unwrap());
            assert_eq!(again.unwrap(), plan);
            let _ = plan.fits(&plan.head.account, plan.head.taken_at);
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

fn take_back(plan: &Plan) {
    let now = |change: &harden_fuzz::change::Change| Ok(change.after.clone());
    let made_by = MadeBy::Baseline;
    let made = plan.changes.iter().map(|change| Undoable { change, now: now(change), made_by });
    let own = Own::of(&plan.head.account, &[&plan.head.caller]);
    let bounds = Bounds { max_risk: Risk::Destructive, own: &own };
    let back = reverse("run", plan.head.clone(), 24, bounds, &made.collect::<Vec<_>>());
    text::assert_readable(&ui::plan(&back, 40));
    let _ = read(&to_json(&back).unwrap());
}
