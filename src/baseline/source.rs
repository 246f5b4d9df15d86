//! Where a baseline comes from.

use std::ffi::OsStr;
use std::fmt;
use std::path::{Component, Path, PathBuf, is_separator};

use super::builtin::{BUILTIN, Builtin, builtin_names};
use crate::settings_file::{listed, printable, quoted};

/// A baseline by its name, or a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// One that ships with harden.
    Builtin(&'static Builtin),
    /// A file of the user's.
    File(PathBuf),
}

/// The text is neither the name of a built-in baseline nor a path.
#[derive(Debug, thiserror::Error)]
#[error(
    "no baseline is named {}; the built-in ones are {}",
    quoted(name),
    listed(&builtin_names().collect::<Vec<_>>())
)]
pub struct UnknownBaseline {
    name: String,
}

impl UnknownBaseline {
    /// What to do about it.
    pub fn hint(&self) -> String {
        "a file is named by a path that has a `/` or ends in `.toml`".to_owned()
    }
}

impl Source {
    /// Reads what the user gave: a built-in name, or a path, which has a separator or ends in
    /// `.toml`.
    pub fn from_argument(text: &str) -> Result<Self, UnknownBaseline> {
        if let Some(builtin) = BUILTIN.iter().find(|builtin| builtin.name == text) {
            return Ok(Self::Builtin(builtin));
        }
        let is_toml = |ending: &OsStr| ending.eq_ignore_ascii_case("toml");
        if text.contains(is_separator) || Path::new(text).extension().is_some_and(is_toml) {
            Ok(Self::File(text.into()))
        } else {
            Err(UnknownBaseline { name: text.to_owned() })
        }
    }

    /// Reads what this baseline says it extends: paths are relative to its file.
    pub(crate) fn parent(&self, text: &str) -> Result<Self, UnknownBaseline> {
        Ok(match (Self::from_argument(text)?, self) {
            (Self::File(path), Self::File(child)) => {
                Self::File(child.parent().unwrap_or(Path::new("")).join(path))
            }
            (parent, _) => parent,
        })
    }

    /// The name of the baseline: the built-in name, or the path as it was given.
    pub fn name(&self) -> String {
        match self {
            Self::Builtin(builtin) => builtin.name.to_owned(),
            Self::File(path) => path.to_string_lossy().into_owned(),
        }
    }

    /// Whether both are the same baseline, as far as their names tell.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Builtin(a), Self::Builtin(b)) => a.name == b.name,
            (Self::File(a), Self::File(b)) => plain(a) == plain(b),
            (Self::Builtin(_), Self::File(_)) | (Self::File(_), Self::Builtin(_)) => false,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&printable(&self.name()))
    }
}

/// The path without `.` and, where a name goes before it, `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        let follows_name = matches!(plain.components().next_back(), Some(Component::Normal(_)));
        match part {
            Component::CurDir => {}
            Component::ParentDir if follows_name => {
                plain.pop();
            }
            Component::ParentDir
            | Component::Prefix(_)
            | Component::RootDir
            | Component::Normal(_) => plain.push(part),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_paths_are_told_apart() {
        let file = |text: &str| Source::File(text.into());
        assert!(matches!(Source::from_argument("modern").unwrap(), Source::Builtin(_)));
        for path in ["mine.toml", "./mine", "plans/x", "/etc/mine", "MINE.TOML"] {
            assert_eq!(Source::from_argument(path).unwrap(), file(path));
        }
        for unknown in ["", "level-3", "Modern", "mine", "toml"] {
            let error = Source::from_argument(unknown).unwrap_err().to_string();
            assert_eq!(
                error,
                format!(
                    "no baseline is named `{unknown}`; the built-in ones are `level-1`, `level-2`, \
                     `literal`, `modern`"
                )
            );
        }
    }

    #[test]
    fn parents_are_relative_to_the_file() {
        let child = Source::File("conf/mine.toml".into());
        let parent = |text| child.parent(text).unwrap().name();
        assert_eq!(parent("base.toml"), "conf/base.toml");
        assert_eq!(parent("../base.toml"), "conf/../base.toml");
        assert_eq!(parent("/etc/base.toml"), "/etc/base.toml");
        assert_eq!(parent("level-1"), "level-1");
        assert!(child.parent("base").is_err());
    }

    #[test]
    fn spellings_of_a_path_are_the_same_file() {
        let same = |a: &str, b: &str| Source::File(a.into()).is_same(&Source::File(b.into()));
        assert!(same("a.toml", "./x/../a.toml"));
        assert!(same("../a.toml", "./../a.toml"));
        assert!(!same("../a.toml", "a.toml"));
        assert!(!same("../../a.toml", "a.toml"));
    }
}
