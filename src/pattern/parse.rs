//! Reads a pattern: recursive descent over the tokens.
//!
//! ```text
//! pattern  = "{" any "}"
//! any      = all { "||" all }
//! all      = unit { "&&" unit }
//! unit     = "(" any ")" | selector check
//! check    = "NOT" "EXISTS" | "IS" ( "NULL" | "TRUE" | "FALSE" ) | relation value
//! ```

use std::str::FromStr;

use super::ast::{Check, Constant, Expr, Number, Pattern, Relation, Selector, Test};
use super::error::{Family, PatternError, Problem};
use super::glob::Glob;
use super::lex::{Kind, Token, tokens};

/// The most parentheses in each other. Each costs stack, and no pattern written for use has ten.
const DEEPEST: usize = 64;

/// The most regular expressions in a pattern.
const REGEXES: usize = 2;

impl Pattern {
    /// Reads a JSON pattern.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let characters = text.chars().count();
        if characters > Self::LONGEST {
            return Err(PatternError::TooLong { characters });
        }
        match other_family(text) {
            Some(family) => Err(PatternError::OtherFamily(family)),
            None => Parser::new(tokens(text)?, characters + 1).pattern(),
        }
    }
}

impl FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

/// The family of a text that is not even meant as a JSON pattern.
fn other_family(text: &str) -> Option<Family> {
    match text.trim_start().chars().next() {
        Some('{') => None,
        Some('[') => Some(Family::SpaceDelimited),
        Some('%') => Some(Family::Regex),
        Some(_) => Some(Family::Terms),
        None => Some(Family::Everything),
    }
}

struct Parser {
    /// What is left, the next one last.
    rest: Vec<Token>,
    /// The column after the text.
    end: usize,
    depth: usize,
    regexes: usize,
}

impl Parser {
    fn new(mut tokens: Vec<Token>, end: usize) -> Self {
        tokens.reverse();
        Self { rest: tokens, end, depth: 0, regexes: 0 }
    }

    fn pattern(mut self) -> Result<Pattern, PatternError> {
        self.expect(&Kind::OpenBrace, "`{`")?;
        let expr = self.any()?;
        self.expect(&Kind::CloseBrace, "`}`")?;
        match self.rest.pop() {
            Some(token) => Err(unexpected(&token)),
            None => Ok(Pattern { expr }),
        }
    }

    fn any(&mut self) -> Result<Expr, PatternError> {
        let mut parts = vec![self.all()?];
        while self.take(&Kind::Or) {
            parts.push(self.all()?);
        }
        Ok(Expr::any(parts))
    }

    fn all(&mut self) -> Result<Expr, PatternError> {
        let mut parts = vec![self.unit()?];
        while self.take(&Kind::And) {
            parts.push(self.unit()?);
        }
        Ok(Expr::all(parts))
    }

    fn unit(&mut self) -> Result<Expr, PatternError> {
        let token = self.next("a selector")?;
        match &token.kind {
            Kind::OpenParenthesis if self.depth == DEEPEST => {
                Err(fail(token.column, Problem::TooDeep { most: DEEPEST }))
            }
            Kind::OpenParenthesis => {
                self.depth += 1;
                let inner = self.any()?;
                self.expect(&Kind::CloseParenthesis, "`)`")?;
                self.depth -= 1;
                Ok(inner)
            }
            Kind::Word(word) => {
                let selector =
                    Selector::parse(word).map_err(|problem| fail(token.column, problem))?;
                Ok(Expr::Test(Test { selector, check: self.check()? }))
            }
            Kind::Quoted(_) | Kind::Regex(_) => {
                Err(fail(token.column, Problem::NotASelector(token.kind.text())))
            }
            Kind::OpenBrace
            | Kind::CloseBrace
            | Kind::CloseParenthesis
            | Kind::And
            | Kind::Or
            | Kind::Relation(_) => Err(unexpected(&token)),
        }
    }

    /// What follows a selector.
    fn check(&mut self) -> Result<Check, PatternError> {
        let token = self.next("an operator")?;
        match &token.kind {
            Kind::Relation(relation) => self.comparison(*relation),
            Kind::Word(word) if word == "NOT" => {
                self.keyword(&["EXISTS"])?;
                Ok(Check::NotExists)
            }
            Kind::Word(word) if word == "IS" => {
                let found = self.keyword(&Constant::ALL.map(Constant::as_str))?;
                let constant = Constant::ALL.into_iter().find(|c| c.as_str() == found.kind.text());
                constant.map(Check::Is).ok_or_else(|| unexpected(&found))
            }
            Kind::Word(_) | Kind::Quoted(_) | Kind::Regex(_) => {
                let found = token.kind.text();
                let instead =
                    "`=`, `!=`, `<`, `<=`, `>`, `>=`, `NOT EXISTS` or `IS NULL`, in capitals";
                Err(fail(token.column, Problem::Operator { found, instead }))
            }
            Kind::OpenBrace
            | Kind::CloseBrace
            | Kind::OpenParenthesis
            | Kind::CloseParenthesis
            | Kind::And
            | Kind::Or => Err(unexpected(&token)),
        }
    }

    fn comparison(&mut self, relation: Relation) -> Result<Check, PatternError> {
        let token = self.next("a value")?;
        let negated = match relation {
            Relation::Equal => Some(false),
            Relation::NotEqual => Some(true),
            Relation::Less
            | Relation::LessOrEqual
            | Relation::Greater
            | Relation::GreaterOrEqual => None,
        };
        let check = match (&token.kind, negated) {
            (Kind::Word(word), _) if Number::parse(word).is_some() => {
                Number::parse(word).map(|number| Check::Number { relation, number })
            }
            (Kind::Word(text) | Kind::Quoted(text), Some(negated)) => {
                Some(Check::Text { negated, text: Glob::new(text) })
            }
            (Kind::Regex(regex), Some(negated)) => {
                self.regexes += 1;
                Some(Check::Regex { negated, regex: regex.clone() })
            }
            (Kind::Word(_) | Kind::Quoted(_) | Kind::Regex(_), None) => {
                let found = format!("`{}`", token.kind.text());
                let operator = relation.as_str();
                return Err(fail(token.column, Problem::NotANumber { operator, found }));
            }
            _ => None,
        };
        if self.regexes > REGEXES {
            return Err(fail(token.column, Problem::ThirdRegex));
        }
        self.no_word_after(&token)?;
        check.ok_or_else(|| unexpected(&token))
    }

    /// Fails if a value without quotes is followed by another word: the quotes were forgotten.
    fn no_word_after(&self, value: &Token) -> Result<(), PatternError> {
        let Some(Token { column, kind: Kind::Word(next) }) = self.rest.last() else {
            return Ok(());
        };
        let instead = match next.to_ascii_uppercase().as_str() {
            "AND" => "`&&`",
            "OR" => "`||`",
            _ => "",
        };
        if !instead.is_empty() {
            return Err(fail(*column, Problem::Operator { found: next.clone(), instead }));
        }
        let Kind::Word(first) = &value.kind else { return Ok(()) };
        Err(fail(value.column, Problem::Blank { text: format!("{first} {next}") }))
    }

    /// The next token, which is one of these words.
    fn keyword(&mut self, words: &[&'static str]) -> Result<Token, PatternError> {
        let token = self.next(words.first().copied().unwrap_or_default())?;
        let fits = matches!(&token.kind, Kind::Word(word) if words.contains(&word.as_str()));
        if fits { Ok(token) } else { Err(unexpected(&token)) }
    }

    fn next(&mut self, wanted: &'static str) -> Result<Token, PatternError> {
        self.rest.pop().ok_or(fail(self.end, Problem::End { wanted }))
    }

    fn take(&mut self, kind: &Kind) -> bool {
        self.rest.pop_if(|token| token.kind == *kind).is_some()
    }

    fn expect(&mut self, kind: &Kind, wanted: &'static str) -> Result<(), PatternError> {
        let token = self.next(wanted)?;
        if token.kind == *kind { Ok(()) } else { Err(unexpected(&token)) }
    }
}

fn fail(column: usize, problem: Problem) -> PatternError {
    PatternError::Syntax { column, problem }
}

fn unexpected(token: &Token) -> PatternError {
    fail(token.column, Problem::Unexpected(token.kind.text()))
}
