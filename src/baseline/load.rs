//! Reading a baseline and the files it extends.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use toml::de::DeTable;

use super::draft::Draft;
use super::{BaselineError, BaselineProblem, Source, schema};
use crate::model::{ControlId, Settings, Waiver};
use crate::settings_file::{Catalogue, Context, Entry, Header, Place, World, printable};

/// More files than this do not extend each other: links may hide a circle from us.
const DEEPEST: usize = 16;

/// These are about the file as a whole.
const OF_TOP: &[&str] = &["extends", "description"];

/// Reads a file as text.
pub type ReadFile<'a> = dyn Fn(&Path) -> io::Result<String> + 'a;

/// What an account is held to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Baseline {
    /// Its name, or the path of its file.
    pub name: String,
    /// The controls it selects.
    pub controls: BTreeSet<ControlId>,
    /// What it asks for.
    pub settings: Settings,
    /// The findings it accepts.
    pub waivers: Vec<Waiver>,
}

/// Reads a baseline; `today` decides which waivers have expired.
pub fn load(
    source: &Source,
    read_file: &ReadFile<'_>,
    catalogue: &Catalogue,
    today: Date,
) -> Result<Baseline, BaselineError> {
    let mut draft = Draft::default();
    let world = World { catalogue, today };
    Loader { read_file, world }.add(source, &mut Vec::new(), &mut draft)?;
    let top = Place { file: source.to_string(), line: 1, key: Some("controls".to_owned()) };
    Ok(draft.finish(source.name(), catalogue, top)?)
}

struct Loader<'a> {
    read_file: &'a ReadFile<'a>,
    world: World<'a>,
}

/// A baseline that is being read, and where it says what it extends.
struct Step {
    source: Source,
    extends: Place,
}

impl Loader<'_> {
    /// Adds what `source` says to the draft, after what it extends.
    fn add(
        &self,
        source: &Source,
        trail: &mut Vec<Step>,
        draft: &mut Draft,
    ) -> Result<(), BaselineError> {
        let text = self.text(source, trail.last())?;
        let context = Context::new(source.to_string(), &text, self.world, OF_TOP);
        let table = context.parse(&text)?;
        if let Some(entry) = extends(&context, &table) {
            let parent = source.parent(entry.string()?);
            let parent = parent.map_err(|e| entry.wrong(BaselineProblem::UnknownBaseline(e)))?;
            trail.push(Step { source: source.clone(), extends: entry.place() });
            check(trail, &parent).map_err(|problem| entry.wrong(problem))?;
            self.add(&parent, trail, draft)?;
        }
        Ok(schema::read(&context, &table, draft)?)
    }

    fn text(
        &self,
        source: &Source,
        child: Option<&Step>,
    ) -> Result<Cow<'static, str>, BaselineError> {
        let path = match source {
            Source::Builtin(builtin) => return Ok(Cow::Borrowed(builtin.text)),
            Source::File(path) => path,
        };
        (self.read_file)(path).map(Cow::Owned).map_err(|error| {
            let file = printable(&path.to_string_lossy());
            match child {
                None => BaselineError::Unreadable { file, source: error },
                Some(child) => {
                    let place = child.extends.clone();
                    BaselineError::ParentUnreadable { place, file, source: error }
                }
            }
        })
    }
}

fn extends<'a>(context: &'a Context<'a>, table: &'a DeTable<'a>) -> Option<Entry<'a>> {
    let (key, value) = table.get_key_value("extends")?;
    Some(context.entry((Header::Top, "extends"), key, value))
}

/// Refuses a parent that is being read already.
fn check(trail: &[Step], parent: &Source) -> Result<(), BaselineProblem> {
    if let Some(start) = trail.iter().position(|step| step.source.is_same(parent)) {
        let mut names: Vec<_> =
            trail.iter().skip(start).map(|step| step.source.to_string()).collect();
        names.extend(names.first().cloned());
        return Err(BaselineProblem::Circle(names.join(", ")));
    }
    if trail.len() >= DEEPEST { Err(BaselineProblem::TooDeep(DEEPEST)) } else { Ok(()) }
}
