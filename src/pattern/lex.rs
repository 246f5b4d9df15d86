//! Splits a pattern into tokens, each with its column.

use super::ast::Relation;
use super::error::{PatternError, Problem};

/// A token and where it begins, in characters from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) column: usize,
    pub(super) kind: Kind,
}

/// What a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    OpenBrace,
    CloseBrace,
    OpenParenthesis,
    CloseParenthesis,
    And,
    Or,
    Relation(Relation),
    /// Selectors, keywords and values without quotes.
    Word(String),
    Quoted(String),
    Regex(String),
}

impl Kind {
    /// As written.
    pub(super) fn text(&self) -> String {
        match self {
            Self::OpenBrace => "{".to_owned(),
            Self::CloseBrace => "}".to_owned(),
            Self::OpenParenthesis => "(".to_owned(),
            Self::CloseParenthesis => ")".to_owned(),
            Self::And => "&&".to_owned(),
            Self::Or => "||".to_owned(),
            Self::Relation(relation) => relation.as_str().to_owned(),
            Self::Word(word) => word.clone(),
            Self::Quoted(text) => format!("\"{text}\""),
            Self::Regex(regex) => format!("%{regex}%"),
        }
    }
}

/// The tokens of a text.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, PatternError> {
    let mut lexer = Lexer { chars: text.chars().collect(), at: 0 };
    let mut tokens = Vec::new();
    while let Some(token) = lexer.next()? {
        tokens.push(token);
    }
    Ok(tokens)
}

struct Lexer {
    chars: Vec<char>,
    at: usize,
}

impl Lexer {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    /// Steps over the next character if it is this one.
    fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    /// Steps over the characters that are wanted.
    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> String {
        let taken: String =
            self.chars.iter().skip(self.at).copied().take_while(|c| wanted(*c)).collect();
        self.at += taken.chars().count();
        taken
    }

    fn next(&mut self) -> Result<Option<Token>, PatternError> {
        self.take_while(char::is_whitespace);
        let column = self.at + 1;
        let Some(first) = self.peek() else { return Ok(None) };
        let fail = |problem| PatternError::Syntax { column, problem };
        let kind = match first {
            '"' => self.quoted().map_err(fail)?,
            '%' => self.regex()?,
            _ if is_bare(first) => Kind::Word(self.take_while(is_bare)),
            _ => {
                self.at += 1;
                self.sign(first).map_err(fail)?
            }
        };
        Ok(Some(Token { column, kind }))
    }

    /// A sign, of which the first character is taken.
    fn sign(&mut self, first: char) -> Result<Kind, Problem> {
        let or_equal = |lexer: &mut Self, alone, with| {
            Kind::Relation(if lexer.take('=') { with } else { alone })
        };
        let operator =
            |found: &str, instead| Problem::Operator { found: found.to_owned(), instead };
        Ok(match first {
            '{' => Kind::OpenBrace,
            '}' => Kind::CloseBrace,
            '(' => Kind::OpenParenthesis,
            ')' => Kind::CloseParenthesis,
            '&' if self.take('&') => Kind::And,
            '|' if self.take('|') => Kind::Or,
            '&' => return Err(operator("&", "`&&`")),
            '|' => return Err(operator("|", "`||`")),
            '=' if self.take('=') => return Err(operator("==", "`=`")),
            '=' => Kind::Relation(Relation::Equal),
            '!' if self.take('=') => Kind::Relation(Relation::NotEqual),
            '<' => or_equal(self, Relation::Less, Relation::LessOrEqual),
            '>' => or_equal(self, Relation::Greater, Relation::GreaterOrEqual),
            _ => return Err(Problem::Unexpected(first.to_string())),
        })
    }

    /// Text in quotes. Nothing is an escape, so it ends at the next quote.
    fn quoted(&mut self) -> Result<Kind, Problem> {
        self.take('"');
        let text = self.take_while(|c| c != '"');
        if self.take('"') { Ok(Kind::Quoted(text)) } else { Err(Problem::OpenQuotes) }
    }

    fn regex(&mut self) -> Result<Kind, PatternError> {
        let column = self.at + 1;
        let fail = |column, problem| Err(PatternError::Syntax { column, problem });
        self.take('%');
        let regex = self.take_while(|c| c != '%');
        if !self.take('%') {
            return fail(column, Problem::OpenRegex);
        }
        if let Some((skipped, found)) = regex.chars().enumerate().find(|(_, c)| !is_regex(*c)) {
            return fail(column + 1 + skipped, Problem::RegexCharacter(found));
        }
        if regex.is_empty() { fail(column, Problem::EmptyRegex) } else { Ok(Kind::Regex(regex)) }
    }
}

/// Whether a character may stand in a value without quotes.
fn is_bare(c: char) -> bool {
    !c.is_whitespace() && !"(){}\"=!<>&|".contains(c)
}

fn is_regex(c: char) -> bool {
    c.is_ascii_alphanumeric() || r"_#=@/;,-:^$?[]{}|\*+.".contains(c)
}
