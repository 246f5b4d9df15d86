//! Why a text is no JSON pattern.

use std::fmt;

/// The text is no JSON pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PatternError {
    /// A pattern of another kind, which CloudWatch Logs takes but which says nothing about fields.
    OtherFamily(Family),
    /// Longer than CloudWatch Logs takes.
    TooLong {
        /// How long it is.
        characters: usize,
    },
    /// Begins as a JSON pattern and breaks the grammar.
    Syntax {
        /// Where, in characters from 1.
        column: usize,
        /// How.
        problem: Problem,
    },
}

/// The kinds of filter patterns that are not about JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Empty: every event.
    Everything,
    /// Words that the text of an event must hold or must not.
    Terms,
    /// `[a, b, …]`: fields between blanks.
    SpaceDelimited,
    /// `%…%`: a regular expression on the whole text.
    Regex,
}

/// What is wrong at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// This does not belong here.
    Unexpected(String),
    /// The pattern ends too early.
    End {
        /// What should follow.
        wanted: &'static str,
    },
    /// A test does not begin with a selector.
    NotASelector(String),
    /// A selector has a step that is none.
    Step {
        /// The selector.
        selector: String,
    },
    /// A blank in text without quotes.
    Blank {
        /// The text, as far as it is known.
        text: String,
    },
    /// This stands where an operator should, and is one of another language.
    Operator {
        /// What stands there.
        found: String,
        /// What to write.
        instead: &'static str,
    },
    /// `<` and its like before something that is no number.
    NotANumber {
        /// The operator.
        operator: &'static str,
        /// What follows it.
        found: String,
    },
    /// Quotes that do not end.
    OpenQuotes,
    /// A regular expression that does not end.
    OpenRegex,
    /// A regular expression with nothing in it.
    EmptyRegex,
    /// A character that no regular expression of CloudWatch Logs may hold.
    RegexCharacter(char),
    /// More than two regular expressions.
    ThirdRegex,
    /// More parentheses in each other than are read here.
    TooDeep {
        /// How many are.
        most: usize,
    },
}

impl PatternError {
    /// Where in the text, in characters from 1, if it is about a place.
    pub const fn column(&self) -> Option<usize> {
        match self {
            Self::Syntax { column, .. } => Some(*column),
            Self::OtherFamily(_) | Self::TooLong { .. } => None,
        }
    }
}

impl std::error::Error for PatternError {}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherFamily(family) => write!(f, "not a pattern for JSON: {family}"),
            Self::TooLong { characters } => {
                let most = super::Pattern::LONGEST;
                write!(f, "{characters} characters: a pattern has at most {most}")
            }
            Self::Syntax { column, problem: problem @ Problem::Unexpected(_) } => {
                write!(f, "{problem} at column {column}")
            }
            Self::Syntax { column, problem } => write!(f, "{problem}, column {column}"),
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Everything => "it is empty and matches every event",
            Self::Terms => "it does not begin with `{` and looks for words",
            Self::SpaceDelimited => "it begins with `[` and is about fields between blanks",
            Self::Regex => "it is a regular expression on the whole text",
        })
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unexpected(found) => write!(f, "unexpected `{found}`"),
            Self::End { wanted } => write!(f, "the pattern ends where {wanted} should follow"),
            Self::NotASelector(found) => {
                write!(f, "`{found}` is not a selector: it begins with `$.` or `$[`")
            }
            Self::Step { selector } => write!(
                f,
                "`{selector}` is not a selector: a step is `.` and letters, digits, `_` or `-`, \
                 or a number in `[ ]`"
            ),
            Self::Blank { text } => {
                write!(f, "an unquoted value ends at a blank: write `\"{text}\"`")
            }
            Self::Operator { found, instead } => {
                write!(f, "`{found}` is not an operator: write {instead}")
            }
            Self::NotANumber { operator, found } => {
                write!(f, "`{operator}` compares numbers, and {found} is none")
            }
            Self::OpenQuotes => f.write_str("the quotes do not end"),
            Self::OpenRegex => f.write_str("the regular expression does not end: `%` is missing"),
            Self::EmptyRegex => f.write_str("the regular expression is empty"),
            Self::RegexCharacter(found) => {
                write!(f, "`{found}` is not allowed in a regular expression")
            }
            Self::ThirdRegex => f.write_str("a pattern has at most two regular expressions"),
            Self::TooDeep { most } => write!(f, "parentheses stand more than {most} deep"),
        }
    }
}
