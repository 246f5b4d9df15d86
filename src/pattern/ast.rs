//! What a pattern is, once read.
//!
//! Parentheses, quotes and blanks are gone: two patterns that differ only in these are equal.

use super::glob::Glob;

/// A JSON filter pattern: a condition on events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    pub(super) expr: Expr,
}

impl Pattern {
    /// The most characters that CloudWatch Logs takes.
    pub const LONGEST: usize = 1_024;

    /// What both patterns match. Its text may be too long to be a pattern of CloudWatch Logs.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self { expr: Expr::all(vec![self.expr.clone(), other.expr.clone()]) }
    }
}

/// A condition. The parts of [`Self::All`] are no `All`, those of [`Self::Any`] no `Any`, and both have at
/// least two, so that a condition has one form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Expr {
    Test(Test),
    All(Vec<Self>),
    Any(Vec<Self>),
}

impl Expr {
    /// All of these, at least one.
    pub(super) fn all(parts: Vec<Self>) -> Self {
        let flat = parts.into_iter().flat_map(|part| match part {
            Self::All(inner) => inner,
            other @ (Self::Test(_) | Self::Any(_)) => vec![other],
        });
        Self::single_or(flat.collect(), Self::All)
    }

    /// Any of these, at least one.
    pub(super) fn any(parts: Vec<Self>) -> Self {
        let flat = parts.into_iter().flat_map(|part| match part {
            Self::Any(inner) => inner,
            other @ (Self::Test(_) | Self::All(_)) => vec![other],
        });
        Self::single_or(flat.collect(), Self::Any)
    }

    fn single_or(mut parts: Vec<Self>, many: fn(Vec<Self>) -> Self) -> Self {
        match parts.pop() {
            Some(only) if parts.is_empty() => only,
            Some(last) => {
                parts.push(last);
                many(parts)
            }
            None => many(parts),
        }
    }

    /// Every test, in the order of the text.
    pub(super) fn tests(&self) -> Vec<&Test> {
        match self {
            Self::Test(test) => vec![test],
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::tests).collect(),
        }
    }
}

/// A check of what a selector finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Test {
    pub(super) selector: Selector,
    pub(super) check: Check,
}

/// A path into an event, such as `$.requestParameters.items[0].name`: at least one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Selector {
    pub(super) steps: Vec<Step>,
}

/// One step of a selector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Name(String),
    Index(u32),
}

/// What is asked about a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Check {
    NotExists,
    Is(Constant),
    /// `=`, or `!=` if negated, and text.
    Text {
        negated: bool,
        text: Glob,
    },
    Number {
        relation: Relation,
        number: Number,
    },
    /// `=`, or `!=` if negated, and a regular expression, without its percent signs.
    Regex {
        negated: bool,
        regex: String,
    },
}

/// What `IS` asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Constant {
    Null,
    True,
    False,
}

impl Constant {
    pub(super) const ALL: [Self; 3] = [Self::Null, Self::True, Self::False];

    /// As written in a pattern.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Null => "NULL",
            Self::True => "TRUE",
            Self::False => "FALSE",
        }
    }
}

/// How a value is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relation {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Relation {
    /// As written in a pattern.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }
}

/// A number as written, and what it is worth. What is beyond all doubles is worth an infinity.
#[derive(Clone, Debug)]
pub(super) struct Number {
    pub(super) text: String,
    pub(super) value: f64,
}

/// By text: `1` and `1.0` differ as soon as they are compared with a string.
impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Number {}

impl Number {
    /// Reads a sign, digits with at most one point, and an exponent; all but the digits may be missing.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, Some(exponent)),
            None => (unsigned, None),
        };
        let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let exponent_fits = exponent.is_none_or(|exponent| {
            let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            !digits.is_empty() && is_digits(digits)
        });
        let has_digits = !(whole.is_empty() && fraction.is_empty());
        let fits = has_digits && is_digits(whole) && is_digits(fraction) && exponent_fits;
        // What passes is within the grammar of `f64`.
        let value = if fits { text.parse().ok() } else { None };
        value.map(|value| Self { text: text.to_owned(), value })
    }
}

#[cfg(test)]
mod tests {
    use super::Number;

    #[test]
    fn numbers_are_told_from_words() {
        for text in ["0", "-1", "+1", "007", "1.5", ".5", "5.", "1e-3", "1E+3", "-0.0", "1e999"] {
            assert!(Number::parse(text).is_some(), "{text}");
        }
        let words =
            ["", "-", ".", "e3", "1e", "1e+", "1.2.3", "1_0", "0x1", "inf", "NaN", "1 ", "--1"];
        for text in words {
            assert!(Number::parse(text).is_none(), "{text}");
        }
    }
}
