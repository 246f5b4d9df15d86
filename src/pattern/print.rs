//! Writes a pattern in its one canonical form, as AWS writes its examples.
//!
//! `{ ($.eventName = "CreateTrail") || ($.eventName = "UpdateTrail") }`: text in quotes, numbers as they were
//! written, each part of `&&` and `||` in parentheses. Reading it gives the same pattern again.

use std::fmt;

use super::ast::{Check, Expr, Pattern, Relation, Selector, Step, Test};

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{ {} }}", self.expr)
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (parts, sign) = match self {
            Self::Test(test) => return test.fmt(f),
            Self::All(parts) => (parts, " && "),
            Self::Any(parts) => (parts, " || "),
        };
        for (n, part) in parts.iter().enumerate() {
            let before = if n == 0 { "" } else { sign };
            write!(f, "{before}({part})")?;
        }
        Ok(())
    }
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let equal = |negated: bool| {
            if negated { Relation::NotEqual.as_str() } else { Relation::Equal.as_str() }
        };
        write!(f, "{} ", self.selector)?;
        match &self.check {
            Check::NotExists => f.write_str("NOT EXISTS"),
            Check::Is(constant) => write!(f, "IS {}", constant.as_str()),
            Check::Text { negated, text } => {
                write!(f, "{} \"{}\"", equal(*negated), text.as_str())
            }
            Check::Number { relation, number } => {
                write!(f, "{} {}", relation.as_str(), number.text)
            }
            Check::Regex { negated, regex } => write!(f, "{} %{regex}%", equal(*negated)),
        }
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("$")?;
        self.steps.iter().try_for_each(|step| step.fmt(f))
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => write!(f, ".{name}"),
            Self::Index(index) => write!(f, "[{index}]"),
        }
    }
}
