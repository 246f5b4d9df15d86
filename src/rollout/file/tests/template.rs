//! What `harden rollout init` writes.

use super::read;
use crate::model::AccountId;
use crate::rollout::{DEFAULT_ROLE, RolloutFile, TEMPLATE, Target, Way};

/// The template with every key set: what follows a `#` directly is a key or a table.
fn all_set() -> String {
    let set = |line: &str| match line.strip_prefix('#') {
        Some(rest) if !rest.is_empty() && !rest.starts_with(' ') => rest.to_owned(),
        _ => line.to_owned(),
    };
    TEMPLATE.lines().map(set).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_template_says_what_holds_without_a_file() {
    let file = read(TEMPLATE).unwrap();
    assert_eq!(file.baseline.as_ref().unwrap().source.name(), crate::baseline::DEFAULT);
    assert_eq!(RolloutFile { baseline: None, ..file }, RolloutFile::default());
}

#[test]
fn every_example_of_the_template_is_valid() {
    let file = read(&all_set()).unwrap();
    let default = RolloutFile::default();
    assert_eq!(file.role.as_deref(), Some(DEFAULT_ROLE));
    assert_eq!(file.stop_after_failures, default.stop_after_failures);
    assert_eq!(file.accounts_at_once, default.accounts_at_once);
    assert_eq!(file.calls_per_second, default.calls_per_second);
    assert!(file.external_id.is_some() && file.max_risk.is_some() && !file.regions.is_empty());
    let id = AccountId::new("111122223333");
    let target = Target { id, name: None, units: Vec::new(), way: Way::Own };
    let held = file.for_account(&target).unwrap();
    assert_eq!(held.baseline.source.name(), "level-1");
    assert_eq!(held.waivers.len(), 1);
}

#[test]
fn the_template_has_every_key() {
    let all = all_set();
    let keys: Vec<&str> = all
        .lines()
        .filter_map(|line| line.split_once(" = ").map(|(key, _)| key))
        .chain(["baseline_for", "wave", "waiver"])
        .collect();
    let known = |text: &str| {
        // The hint of an unknown key lists what is known.
        let hint = read(text).unwrap_err().hint().unwrap();
        let names = hint.split('`').skip(1).step_by(2).map(str::to_owned);
        names.collect::<Vec<_>>()
    };
    for text in ["zzz = 1", "[[baseline_for]]\nzzz = 1", "[[waiver]]\nzzz = 1", "[[wave]]\nzzz = 1"]
    {
        let known = known(text);
        assert!(known.len() > 3, "{known:?}");
        for key in known {
            assert!(keys.contains(&key.as_str()), "{key} is not in the template");
        }
    }
}
