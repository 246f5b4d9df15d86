//! Whether an event matches, as CloudWatch Logs decides it.

use std::cmp::Ordering;

use serde_json::Value;

use super::ast::{Check, Constant, Expr, Number, Pattern, Relation, Selector, Step};

impl Pattern {
    /// Whether an event matches. What is no JSON object never does.
    pub fn matches(&self, event: &Value) -> bool {
        event.is_object() && self.expr.matches(event)
    }
}

impl Expr {
    /// Whether an event, an object, fulfils this.
    pub(super) fn matches(&self, event: &Value) -> bool {
        match self {
            Self::Test(test) => test.check.holds(test.selector.find(event)).unwrap_or(false),
            Self::All(parts) => parts.iter().all(|part| part.matches(event)),
            Self::Any(parts) => parts.iter().any(|part| part.matches(event)),
        }
    }
}

impl Selector {
    /// The value in an event that this leads to.
    pub(super) fn find<'event>(&self, event: &'event Value) -> Option<&'event Value> {
        self.steps.iter().try_fold(event, |value, step| match (step, value) {
            (Step::Name(name), Value::Object(fields)) => fields.get(name),
            (Step::Index(index), Value::Array(items)) => items.get(usize::try_from(*index).ok()?),
            _ => None,
        })
    }
}

impl Check {
    /// Whether this holds for what a selector found; none if it is up to a regular expression.
    ///
    /// This is all that a test is: the decision procedure asks nothing else about values.
    pub(super) fn holds(&self, found: Option<&Value>) -> Option<bool> {
        let Some(value) = found else { return Some(*self == Self::NotExists) };
        Some(match (self, value) {
            (Self::Is(Constant::Null), Value::Null) => true,
            (Self::Is(constant), Value::Bool(value)) => match constant {
                Constant::Null => false,
                Constant::True => *value,
                Constant::False => !*value,
            },
            (Self::Text { negated, text }, Value::String(value)) => text.matches(value) != *negated,
            (Self::Text { negated, .. }, Value::Number(_)) => *negated,
            (Self::Number { relation, number }, Value::String(value)) => match relation {
                Relation::Equal => *value == number.text,
                Relation::NotEqual => *value != number.text,
                Relation::Less
                | Relation::LessOrEqual
                | Relation::Greater
                | Relation::GreaterOrEqual => false,
            },
            (Self::Number { relation, number }, Value::Number(value)) => {
                value.as_f64().is_some_and(|value| relation.holds(value, number))
            }
            (Self::Regex { .. }, Value::String(_) | Value::Number(_)) => return None,
            _ => false,
        })
    }
}

impl Relation {
    fn holds(self, value: f64, number: &Number) -> bool {
        let Some(order) = value.partial_cmp(&number.value) else { return false };
        match self {
            Self::Equal => order == Ordering::Equal,
            Self::NotEqual => order != Ordering::Equal,
            Self::Less => order == Ordering::Less,
            Self::LessOrEqual => order != Ordering::Greater,
            Self::Greater => order == Ordering::Greater,
            Self::GreaterOrEqual => order != Ordering::Less,
        }
    }
}
