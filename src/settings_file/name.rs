//! Names, each as its service takes it.

use super::{Bound, Entry, Misread, Problem, Side};

/// What a service asks of a name.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) least: u16,
    pub(crate) most: u16,
    pub(crate) fits: fn(char) -> bool,
    /// Those characters, in words.
    pub(crate) made_of: &'static str,
    /// What is wrong with a name of this length with these characters; "`name` is not", it goes on.
    pub(crate) beyond: fn(&str) -> Option<&'static str>,
}

impl Rule {
    /// What is wrong with a name that stands in no file.
    pub(crate) fn fault(&self, name: &str) -> Option<String> {
        let length = name.chars().count();
        let bounds = usize::from(self.least)..=usize::from(self.most);
        if !bounds.contains(&length) {
            let (least, most) = (self.least, self.most);
            return Some(format!("it has {length} characters; AWS takes {least} to {most}"));
        }
        let odd = (!name.chars().all(self.fits)).then_some(self.made_of);
        odd.or_else(|| (self.beyond)(name)).map(|expected| format!("it is not {expected}"))
    }

    /// Reads a name.
    pub(crate) fn read(&self, entry: &Entry<'_>) -> Result<String, Misread> {
        let name = entry.words()?;
        let length = name.chars().count();
        let beyond = |side, bound| {
            let value = format!("a length of {length}");
            Err(entry.wrong(Problem::Beyond { value, side, bound: Bound::Aws(bound) }))
        };
        if length < usize::from(self.least) {
            return beyond(Side::Below, self.least);
        }
        if length > usize::from(self.most) {
            return beyond(Side::Above, self.most);
        }
        if !name.chars().all(self.fits) {
            return Err(entry.not_a(name, self.made_of));
        }
        match (self.beyond)(name) {
            Some(expected) => Err(entry.not_a(name, expected)),
            None => Ok(name.to_owned()),
        }
    }
}
