//! A TOML file walked in file order, every value with the line it stands on.

use jiff::civil::Date;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::text::{nearest, printable};
use super::{Bound, Catalogue, Header, Misread, Place, Problem, Side};
use crate::model::Region;

/// What decides whether a file is right, besides the file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct World<'a> {
    pub(crate) catalogue: &'a Catalogue,
    pub(crate) today: Date,
}

/// What the walk needs to know of the file and of the world.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    pub(crate) file: String,
    pub(crate) world: World<'a>,
    /// Keys that belong at the top of the file and are easily put too low.
    of_top: &'static [&'static str],
    line_starts: Vec<usize>,
}

/// A key that a table may have, and what its value does to a `T`.
#[derive(Debug)]
pub(crate) struct Field<T> {
    pub(crate) name: &'static str,
    pub(crate) read: fn(&mut T, &Entry<'_>) -> Result<(), Misread>,
}

/// A value with its key, or one element of an array with the key of the array.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry<'a> {
    pub(crate) context: &'a Context<'a>,
    table: Header,
    name: &'static str,
    is_element: bool,
    at: usize,
    value: &'a DeValue<'a>,
}

impl<'a> Context<'a> {
    pub(crate) fn new(
        file: String,
        text: &str,
        world: World<'a>,
        of_top: &'static [&'static str],
    ) -> Self {
        let newlines = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let line_starts = std::iter::once(0).chain(newlines.map(|(at, _)| at + 1)).collect();
        Self { file, world, of_top, line_starts }
    }

    /// The line of a byte of the text, from 1.
    fn line(&self, at: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= at)
    }

    pub(crate) fn place(&self, at: usize, key: Option<String>) -> Place {
        Place { file: self.file.clone(), line: self.line(at), key }
    }

    /// Parses the text that this context is of.
    pub(crate) fn parse<'t>(&self, text: &'t str) -> Result<DeTable<'t>, Misread> {
        DeTable::parse(text).map(Spanned::into_inner).map_err(|error| {
            let at = error.span().map_or(text.len(), |span| span.start.min(text.len()));
            let start = self.line_starts.get(self.line(at).saturating_sub(1)).copied();
            let before = text.get(start.unwrap_or(0)..at).unwrap_or_default();
            let problem = Problem::Syntax {
                column: before.chars().count() + 1,
                message: printable(error.message()),
            };
            Misread::new(self.place(at, None), problem)
        })
    }

    /// Gives each entry of a table to the field of its name, in file order.
    pub(crate) fn walk<T>(
        &'a self,
        (header, table): (Header, &'a DeTable<'a>),
        fields: &'static [Field<T>],
        into: &mut T,
    ) -> Result<(), Misread> {
        let mut entries: Vec<_> = table.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        for (key, value) in entries {
            let Some(field) = fields.iter().find(|field| field.name == key.get_ref()) else {
                return Err(self.unknown_key(header, key, fields));
            };
            (field.read)(into, &self.entry((header, field.name), key, value))?;
        }
        Ok(())
    }

    /// The value of a key with its place.
    pub(crate) fn entry(
        &'a self,
        (table, name): (Header, &'static str),
        key: &Spanned<DeString<'a>>,
        value: &'a Spanned<DeValue<'a>>,
    ) -> Entry<'a> {
        Entry {
            context: self,
            table,
            name,
            is_element: false,
            at: key.span().start,
            value: value.get_ref(),
        }
    }

    fn unknown_key<T>(
        &self,
        table: Header,
        key: &Spanned<DeString<'_>>,
        fields: &[Field<T>],
    ) -> Misread {
        let known: Vec<_> = fields.iter().map(|field| field.name).collect();
        let nearest = nearest(key.get_ref(), &known);
        let is_of_top = self.of_top.iter().any(|top| top == key.get_ref());
        let key_text = key.get_ref().to_string();
        let problem = Problem::UnknownKey { key: key_text, table, nearest, known, is_of_top };
        Misread::new(self.place(key.span().start, None), problem)
    }
}

impl<'a> Entry<'a> {
    pub(crate) fn place(&self) -> Place {
        let key = match self.table {
            Header::Top => self.name.to_owned(),
            Header::Table(table) | Header::Element(table) => format!("{table}.{}", self.name),
        };
        self.context.place(self.at, Some(key))
    }

    pub(crate) fn wrong(&self, problem: impl Into<Problem>) -> Misread {
        Misread::new(self.place(), problem)
    }

    /// The value `text` is not what the key takes.
    pub(crate) fn not_a(&self, text: &str, expected: &'static str) -> Misread {
        self.wrong(Problem::Not { value: text.to_owned(), expected })
    }

    /// A key that the table must have is not in it; `needs` says which it must have.
    pub(crate) fn missing(&self, name: &str, needs: &'static str) -> Misread {
        let place = self.place();
        let key = place.key.as_ref().map(|table| format!("{table}.{name}"));
        Misread::new(Place { key, ..place }, Problem::Missing { needs })
    }

    /// The value is of another type.
    fn not(&self, expected: &'static str) -> Misread {
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

    pub(crate) fn boolean(&self) -> Result<bool, Misread> {
        self.value.as_bool().ok_or_else(|| self.not("true or false"))
    }

    pub(crate) fn string(&self) -> Result<&'a str, Misread> {
        self.string_of("a string")
    }

    /// A string, called in errors what it stands for.
    pub(crate) fn string_of(&self, expected: &'static str) -> Result<&'a str, Misread> {
        self.value.as_str().ok_or_else(|| self.not(expected))
    }

    /// A string that says something.
    pub(crate) fn words(&self) -> Result<&'a str, Misread> {
        let text = self.string()?;
        if text.trim().is_empty() { Err(self.wrong(Problem::Empty)) } else { Ok(text) }
    }

    pub(crate) fn integer(&self) -> Result<i64, Misread> {
        let integer = self.value.as_integer().ok_or_else(|| self.not("an integer"))?;
        i64::from_str_radix(integer.as_str(), integer.radix())
            .map_err(|_| self.wrong(Problem::Overflow))
    }

    /// An integer from `least` to `most`.
    pub(crate) fn integer_within(&self, least: Bound, most: Bound) -> Result<u16, Misread> {
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
    pub(crate) fn date(&self) -> Result<Date, Misread> {
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

    pub(crate) fn region(&self) -> Result<Region, Misread> {
        let text = self.words()?;
        text.parse().map_err(|_| self.not_a(text, "a region like `eu-west-1`"))
    }

    pub(crate) fn table(&self) -> Result<(Header, &'a DeTable<'a>), Misread> {
        let header = if self.is_element { Header::Element } else { Header::Table };
        let table = self.value.as_table().ok_or_else(|| self.not("a table"))?;
        Ok((header(self.name), table))
    }

    /// The elements of an array, each with its own place.
    pub(crate) fn elements(
        &self,
        expected: &'static str,
    ) -> Result<impl Iterator<Item = Self> + use<'a>, Misread> {
        let entry = *self;
        let array = self.value.as_array().ok_or_else(|| self.not(expected))?;
        Ok(array.iter().map(move |element| Self {
            is_element: true,
            at: element.span().start,
            value: element.get_ref(),
            ..entry
        }))
    }
}
