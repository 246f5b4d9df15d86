//! A TOML file walked in file order, every value with the line it stands on.

use jiff::civil::Date;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::error::Place;
use super::text::{nearest, printable};
use super::{BaselineError, Bound, Catalogue, Problem, Side};

/// What the walk needs to know of the file and of the world.
#[derive(Debug)]
pub(super) struct Context<'a> {
    pub(super) file: String,
    pub(super) catalogue: &'a Catalogue,
    pub(super) today: Date,
    line_starts: Vec<usize>,
}

/// A key that a table may have, and what its value does to a `T`.
#[derive(Debug)]
pub(super) struct Field<T> {
    pub(super) name: &'static str,
    pub(super) read: fn(&mut T, &Entry<'_>) -> Result<(), BaselineError>,
}

/// A value with its key, or one element of an array with the key of the array.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<'a> {
    pub(super) context: &'a Context<'a>,
    table: &'static str,
    name: &'static str,
    at: usize,
    value: &'a DeValue<'a>,
}

impl<'a> Context<'a> {
    pub(super) fn new(file: String, text: &str, catalogue: &'a Catalogue, today: Date) -> Self {
        let newlines = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let line_starts = std::iter::once(0).chain(newlines.map(|(at, _)| at + 1)).collect();
        Self { file, catalogue, today, line_starts }
    }

    /// The line of a byte of the text, from 1.
    fn line(&self, at: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= at)
    }

    pub(super) fn place(&self, at: usize, key: Option<String>) -> Place {
        Place { file: self.file.clone(), line: self.line(at), key }
    }

    /// Parses the text that this context is of.
    pub(super) fn parse<'t>(&self, text: &'t str) -> Result<DeTable<'t>, BaselineError> {
        DeTable::parse(text).map(Spanned::into_inner).map_err(|error| {
            let at = error.span().map_or(text.len(), |span| span.start.min(text.len()));
            let start = self.line_starts.get(self.line(at).saturating_sub(1)).copied();
            let before = text.get(start.unwrap_or(0)..at).unwrap_or_default();
            let problem = Problem::Syntax {
                column: before.chars().count() + 1,
                message: printable(error.message()),
            };
            BaselineError::wrong(self.place(at, None), problem)
        })
    }

    /// Gives each entry of a table to the field of its name, in file order.
    pub(super) fn walk<T>(
        &'a self,
        (name, table): (&'static str, &'a DeTable<'a>),
        fields: &'static [Field<T>],
        into: &mut T,
    ) -> Result<(), BaselineError> {
        let mut entries: Vec<_> = table.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        for (key, value) in entries {
            let Some(field) = fields.iter().find(|field| field.name == key.get_ref()) else {
                return Err(self.unknown_key(name, key, fields));
            };
            (field.read)(into, &self.entry((name, field.name), key, value))?;
        }
        Ok(())
    }

    /// The value of a key with its place.
    pub(super) fn entry(
        &'a self,
        (table, name): (&'static str, &'static str),
        key: &Spanned<DeString<'a>>,
        value: &'a Spanned<DeValue<'a>>,
    ) -> Entry<'a> {
        Entry { context: self, table, name, at: key.span().start, value: value.get_ref() }
    }

    fn unknown_key<T>(
        &self,
        table: &'static str,
        key: &Spanned<DeString<'_>>,
        fields: &[Field<T>],
    ) -> BaselineError {
        let known: Vec<_> = fields.iter().map(|field| field.name).collect();
        let nearest = nearest(key.get_ref(), &known);
        let key_text = key.get_ref().to_string();
        let problem = Problem::UnknownKey { key: key_text, table, nearest, known };
        BaselineError::wrong(self.place(key.span().start, None), problem)
    }
}

impl<'a> Entry<'a> {
    pub(super) fn place(&self) -> Place {
        let key = match self.table {
            "" => self.name.to_owned(),
            table => format!("{table}.{}", self.name),
        };
        self.context.place(self.at, Some(key))
    }

    pub(super) fn wrong(&self, problem: Problem) -> BaselineError {
        BaselineError::wrong(self.place(), problem)
    }

    /// The value `text` is not what the key takes.
    pub(super) fn not_a(&self, text: &str, expected: &'static str) -> BaselineError {
        self.wrong(Problem::Not { value: text.to_owned(), expected })
    }

    /// A key that the table must have is not in it; `needs` says which it must have.
    pub(super) fn missing(&self, name: &str, needs: &'static str) -> BaselineError {
        let place = self.place();
        let key = place.key.as_ref().map(|table| format!("{table}.{name}"));
        BaselineError::wrong(Place { key, ..place }, Problem::Missing { needs })
    }

    /// The value is of another type.
    fn not(&self, expected: &'static str) -> BaselineError {
        let found = match self.value {
            DeValue::String(_) => "a string",
            DeValue::Integer(_) => "an integer",
            DeValue::Float(_) => "a float",
            DeValue::Boolean(_) => "a boolean",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "an array",
            DeValue::Table(_) => "a table",
        };
        self.wrong(Problem::Type { expected, found })
    }

    pub(super) fn boolean(&self) -> Result<bool, BaselineError> {
        self.value.as_bool().ok_or_else(|| self.not("true or false"))
    }

    pub(super) fn string(&self) -> Result<&'a str, BaselineError> {
        self.string_of("a string")
    }

    /// A string, called in errors what it stands for.
    pub(super) fn string_of(&self, expected: &'static str) -> Result<&'a str, BaselineError> {
        self.value.as_str().ok_or_else(|| self.not(expected))
    }

    /// A string that says something.
    pub(super) fn words(&self) -> Result<&'a str, BaselineError> {
        let text = self.string()?;
        if text.trim().is_empty() { Err(self.wrong(Problem::Empty)) } else { Ok(text) }
    }

    pub(super) fn integer(&self) -> Result<i64, BaselineError> {
        let integer = self.value.as_integer().ok_or_else(|| self.not("an integer"))?;
        i64::from_str_radix(integer.as_str(), integer.radix())
            .map_err(|_| self.wrong(Problem::Overflow))
    }

    /// An integer from `least` to `most`.
    pub(super) fn integer_within(&self, least: Bound, most: Bound) -> Result<u16, BaselineError> {
        let value = self.integer()?;
        let (side, bound) = if value < i64::from(least.value()) {
            (Side::Below, least)
        } else if value > i64::from(most.value()) {
            (Side::Above, most)
        } else {
            return u16::try_from(value).map_err(|_| self.wrong(Problem::Overflow));
        };
        Err(self.wrong(Problem::Beyond { value: value.to_string(), side, bound }))
    }

    /// A day, as a TOML date or as a string.
    pub(super) fn date(&self) -> Result<Date, BaselineError> {
        let text = match self.value {
            DeValue::String(text) => text.to_string(),
            DeValue::Datetime(date) => date.to_string(),
            DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Array(_)
            | DeValue::Table(_) => return Err(self.not("a date")),
        };
        // The parser also takes times and other spellings; only the plain one comes back the same.
        match text.parse::<Date>() {
            Ok(date) if date.to_string() == text => Ok(date),
            Ok(_) | Err(_) => Err(self.not_a(&text, "a date like 2027-03-31")),
        }
    }

    pub(super) fn table(&self) -> Result<(&'static str, &'a DeTable<'a>), BaselineError> {
        self.value.as_table().map(|table| (self.name, table)).ok_or_else(|| self.not("a table"))
    }

    /// The elements of an array, each with its own place.
    pub(super) fn elements(
        &self,
        expected: &'static str,
    ) -> Result<impl Iterator<Item = Self> + use<'a>, BaselineError> {
        let entry = *self;
        let array = self.value.as_array().ok_or_else(|| self.not(expected))?;
        Ok(array.iter().map(move |element| Self {
            at: element.span().start,
            value: element.get_ref(),
            ..entry
        }))
    }
}
