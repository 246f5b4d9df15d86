//! There and back: what a plan changes, that nothing is left to change, and that an undo takes it back.

use serde_json::{Value, json};

use crate::answers::{changes, same};
use crate::world::World;

/// An account on which a plan has been carried out.
pub(crate) struct Trip<'w> {
    world: &'w World,
    before: Value,
    /// The plan.
    pub(crate) plan: Value,
    /// What an assessment of the same controls says now.
    pub(crate) assessed: Value,
}

impl<'w> Trip<'w> {
    /// Plans for some controls, asserts what is changed, in order, and applies it. The account is called
    /// `ACCOUNT` in what is expected.
    #[track_caller]
    pub(crate) fn there(world: &'w World, controls: &str, expected: &[&str]) -> Self {
        Self::with(world, &["--control", controls], expected)
    }

    /// The same with other flags.
    #[track_caller]
    pub(crate) fn with(world: &'w World, flags: &[&str], expected: &[&str]) -> Self {
        let before = world.reading();
        let ask = |verb: &[&str]| world.ask(&[verb, flags].concat());
        let plan = ask(&["plan"]);
        let planned: Vec<String> = changes(&plan)
            .into_iter()
            .map(|change| change.replace(&world.account.id, "ACCOUNT"))
            .collect();
        assert_eq!(planned, expected, "{plan:#}");
        world.account.forget_calls();
        let result = ask(&["apply", "--yes"]);
        if expected.is_empty() {
            assert_eq!(result["outcome"], "nothing_to_do", "{result:#}");
        } else {
            assert_eq!(result["outcome"], "complete", "{result:#}");
        }
        assert_eq!(world.writes().len(), expected.len(), "{:?}", world.writes());
        let again = ask(&["plan"]);
        assert_eq!(again["changes"], json!([]), "{again:#}");
        assert_eq!(left(&again), left(&plan));
        let assess: Vec<&str> =
            flags.iter().copied().filter(|flag| !flag.contains("risk")).collect();
        let assessed = world.ask(&[&["assess"], assess.as_slice()].concat());
        Self { world, before, plan, assessed }
    }

    /// Takes the run back, and asserts that the account is as it was.
    #[track_caller]
    pub(crate) fn back(self) {
        let undone = self.world.json(["undo", "last", "--yes"]);
        assert_eq!(undone["outcome"], "complete", "{undone:#}");
        same(&self.world.reading(), &self.before);
    }
}

/// What was not planned, but for the notes of what passes: more passes than before.
fn left(plan: &Value) -> Vec<&Value> {
    let entries = plan["not_planned"].as_array().unwrap().iter();
    entries.filter(|entry| entry["why"] != "manual" || entry["resource"].is_string()).collect()
}
