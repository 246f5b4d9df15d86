//! Why an event does not match, field by field.

use std::collections::BTreeMap;

use serde_json::Value;

use super::ast::{Check, Pattern, Relation, Test};
use super::words::{path, told};

impl Pattern {
    /// The fields that keep an event from matching, as paths without `$.`, each with what it is in words,
    /// such as `eventName = ListPolicies`. Each is seen by itself: it has one of the values that it must not
    /// have, or none of those that it may have.
    ///
    /// This is for words. What depends on several fields together is not found, and conditions that are
    /// joined in an unusual way are taken for usual ones: `=` with `||`, `!=` with `&&`.
    pub fn faults(&self, event: &Value) -> BTreeMap<String, String> {
        let mut fields: BTreeMap<String, Vec<&Test>> = BTreeMap::new();
        for test in self.expr.tests() {
            fields.entry(path(&test.selector.steps)).or_default().push(test);
        }
        let words = |tests: &[&Test]| {
            let selector = &tests.first()?.selector;
            Some(told(&selector.steps, selector.find(event)))
        };
        let faults = fields.into_iter().filter(|(_, tests)| is_fault(tests, event));
        faults.filter_map(|(field, tests)| words(&tests).map(|words| (field, words))).collect()
    }
}

fn is_fault(tests: &[&Test], event: &Value) -> bool {
    let fails = |test: &&Test| test.check.holds(test.selector.find(event)) == Some(false);
    let (excluding, allowing): (Vec<&Test>, Vec<&Test>) =
        tests.iter().partition(|test| test.check.is_excluding());
    excluding.iter().any(fails) || (!allowing.is_empty() && allowing.iter().all(fails))
}

impl Check {
    /// Whether this says what must not be.
    const fn is_excluding(&self) -> bool {
        match self {
            Self::NotExists
            | Self::Text { negated: true, .. }
            | Self::Number { relation: Relation::NotEqual, .. }
            | Self::Regex { negated: true, .. } => true,
            Self::Is(_) | Self::Text { .. } | Self::Number { .. } | Self::Regex { .. } => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Pattern;

    fn faults(pattern: &str) -> String {
        let event = json!({ "name": "Get", "code": 4, "who": { "type": "Root" } });
        let pattern = Pattern::parse(pattern).unwrap();
        let faults = pattern.faults(&event);
        assert!(faults.iter().all(|(field, words)| words.contains(field.as_str())), "{faults:?}");
        faults.into_values().collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn a_field_is_at_fault_for_a_value_it_must_not_have_or_none_that_it_may() {
        for (pattern, expected) in [
            ("{ $.name = Get }", ""),
            ("{ $.name = Put || $.name = G* }", ""),
            ("{ $.name = Put || $.name = Delete }", "name = Get"),
            ("{ $.name = G* && $.name != Get && $.name != x }", "name = Get"),
            ("{ $.name = Get && $.who.type != Root && $.code = 4 }", "who.type = Root"),
            ("{ $.who.by = x && $.code > 4 && $.code != 5 }", "code = 4, no who.by"),
            (
                "{ $.code != 4 || $.who NOT EXISTS || $.no NOT EXISTS }",
                "code = 4, who is an object",
            ),
            ("{ $.name = %x% || $.name = Put }", ""),
            ("{ $.list[0] IS TRUE && $[0] NOT EXISTS }", "no list[0]"),
        ] {
            assert_eq!(faults(pattern), expected, "{pattern}");
        }
    }
}
