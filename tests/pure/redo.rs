//! An undo taken back: what it took back is made again, and tells what that means.

use harden::change::Risk;
use harden::model::{Key, KeyDetail, KeyId, Observed, Rotation, Snapshot};
use harden::plan::Plan;

use crate::account::{HOME, OTHER, at, new, only, plan, redone, simulated, undone};

/// A key that can rotate and does not.
fn key() -> Key {
    let detail = KeyDetail {
        state: "Enabled".to_owned(),
        spec: "SYMMETRIC_DEFAULT".to_owned(),
        usage: "ENCRYPT_DECRYPT".to_owned(),
        origin: "AWS_KMS".to_owned(),
        custom_store: false,
        multi_region: None,
        description: String::new(),
        rotation: Observed::Known(Rotation::Off),
    };
    Key { alias: None, detail: Observed::Known(detail) }
}

/// A plan, the plan that takes it back, and the account after that.
fn there_and_back() -> (Plan, Plan, Snapshot) {
    let mut before = new();
    for region in [HOME, OTHER] {
        at(&mut before, region).keys.ok_mut().unwrap().insert(KeyId::new("k"), key());
    }
    let controls = ["1.5", "1.6", "1.7", "1.8", "1.9", "1.10", "1.11", "2.8"];
    let first = plan(&before, &only(&controls));
    let (back, undone) = undone(&before, &first);
    (first, back, undone)
}

#[test]
fn what_is_made_again_tells_what_the_first_plan_told() {
    let (first, back, undone) = there_and_back();
    let (again, _) = redone(&undone, &back, &first.changes);
    assert!(again.changes.len() == 3, "{}", again.changes.len());
    for change in &again.changes {
        let same = first.changes.iter().find(|other| {
            other.operation.target() == change.operation.target() && other.after == change.after
        });
        let same = same.unwrap_or_else(|| panic!("{}", change.id));
        assert_eq!(change.impact, same.impact, "{}", change.id);
        assert_eq!(change.cost, same.cost, "{}", change.id);
        assert!(change.risk >= same.risk, "{}", change.id);
    }
}

#[test]
fn without_the_first_plan_it_is_told_with_care() {
    let (_, back, undone) = there_and_back();
    let (again, after) = redone(&undone, &back, &[]);
    assert_eq!(after, simulated(&undone, &again));
    for change in &again.changes {
        assert_eq!(change.impact, ["what an undo took back is made again"], "{}", change.id);
        assert!(change.risk >= Risk::Restrictive, "{}", change.id);
    }
}
