//! Every key at the top of a rollout file.

use std::path::Path;

use jiff::civil::Date;

use super::list::{Members, regions, risk};
use super::{BaselineRef, RolloutFile, RolloutFileError, held, waiver, wave};
use crate::baseline::{BaselineProblem, ReadFile, Source};
use crate::settings_file::{
    Bound, Catalogue, Context, Entry, Field, Header, Misread, Rule, World, printable,
};

/// These are about the rollout as a whole.
const OF_TOP: &[&str] = &[
    "baseline",
    "max_risk",
    "role",
    "external_id",
    "stop_after_failures",
    "accounts_at_once",
    "calls_per_second",
];

/// A role that is there already, with its path if it has one.
pub(super) const ENTRANCE: Rule = Rule {
    least: 1,
    most: 576,
    fits: |c| c.is_ascii_alphanumeric() || "_+=,.@-/".contains(c),
    made_of: "the name of a role: it has letters, digits, `_`, `+`, `=`, `,`, `.`, `@` and `-`, and `/` where it has a \
              path",
    beyond: |role| {
        let mut parts = role.split('/');
        let is_long = role.rsplit('/').next().is_none_or(|name| name.len() > 64);
        (is_long || parts.any(str::is_empty))
            .then_some("a path and a name of a role, such as `service/harden`")
    },
};

/// What a trust policy may ask for.
pub(super) const EXTERNAL_ID: Rule = Rule {
    least: 2,
    most: 1224,
    fits: |c| c.is_ascii_alphanumeric() || "_+=,.@:/-".contains(c),
    made_of: "an external id: it has letters, digits, `_`, `+`, `=`, `,`, `.`, `@`, `:`, `/` and `-`",
    beyond: |_| None,
};

/// The file while it is read.
#[derive(Debug)]
pub(super) struct Draft {
    /// The file itself: paths in it are relative to it.
    pub(super) source: Source,
    pub(super) file: RolloutFile,
    pub(super) waves: wave::Seen,
    pub(super) with_baseline: Members,
    pub(super) waived_at: waiver::Seen,
}

const FILE: &[Field<Draft>] = &[
    Field {
        name: "baseline",
        read: |to, entry| {
            let found = baseline(&to.source, entry)?;
            to.file.baseline = Some(to.known(found));
            Ok(())
        },
    },
    Field {
        name: "regions",
        read: |to, entry| regions(entry).map(|found| to.file.regions = found),
    },
    Field {
        name: "max_risk",
        read: |to, entry| risk(entry).map(|risk| to.file.max_risk = Some(risk)),
    },
    Field {
        name: "role",
        read: |to, entry| ENTRANCE.read(entry).map(|name| to.file.role = Some(name)),
    },
    Field {
        name: "external_id",
        read: |to, entry| EXTERNAL_ID.read(entry).map(|id| to.file.external_id = Some(id)),
    },
    Field {
        name: "stop_after_failures",
        read: |to, entry| up_to(entry, 10_000).map(|number| to.file.stop_after_failures = number),
    },
    Field {
        name: "accounts_at_once",
        read: |to, entry| up_to(entry, 50).map(|number| to.file.accounts_at_once = number),
    },
    Field {
        name: "calls_per_second",
        read: |to, entry| up_to(entry, 500).map(|number| to.file.calls_per_second = number),
    },
    Field { name: "baseline_for", read: held::read_all },
    Field { name: "waiver", read: waiver::read_all },
    Field { name: "wave", read: wave::read_all },
];

impl RolloutFile {
    /// Reads a rollout file; `today` decides which waivers have expired.
    pub fn read(
        path: &Path,
        read_file: &ReadFile<'_>,
        catalogue: &Catalogue,
        today: Date,
    ) -> Result<Self, RolloutFileError> {
        let name = || printable(&path.to_string_lossy());
        let text = read_file(path)
            .map_err(|source| RolloutFileError::Unreadable { file: name(), source })?;
        let context = Context::new(name(), &text, World { catalogue, today }, OF_TOP);
        let table = context.parse(&text)?;
        let mut draft = Draft::new(path);
        context.walk((Header::Top, &table), FILE, &mut draft)?;
        Ok(draft.file)
    }
}

impl Draft {
    fn new(path: &Path) -> Self {
        Self {
            source: Source::File(path.to_owned()),
            file: RolloutFile::default(),
            waves: wave::Seen::default(),
            with_baseline: Members::new(),
            waived_at: waiver::Seen::new(),
        }
    }

    /// Gives another spelling of a file that is named already the same name.
    pub(super) fn known(&self, baseline: BaselineRef) -> BaselineRef {
        let known = self.file.baselines();
        let same = known.iter().find(|known| known.source.is_same(&baseline.source));
        let source = same.map(|known| known.source.clone());
        BaselineRef { source: source.unwrap_or(baseline.source), ..baseline }
    }

    /// Remembers whom the file names, and where first.
    pub(super) fn name(&mut self, members: &Members) {
        for (named, place) in members {
            self.file.named.entry(named.clone()).or_insert_with(|| place.clone());
        }
    }
}

/// Reads the name of a baseline; `file` is the rollout file.
pub(super) fn baseline(file: &Source, entry: &Entry<'_>) -> Result<BaselineRef, Misread> {
    let source = file.parent(entry.words()?);
    let source = source.map_err(|e| entry.wrong(BaselineProblem::UnknownBaseline(e)))?;
    Ok(BaselineRef { source, place: Some(entry.place()) })
}

fn up_to(entry: &Entry<'_>, most: u16) -> Result<u16, Misread> {
    entry.integer_within(Bound::Harden(1), Bound::Harden(most))
}
