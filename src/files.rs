//! The disk: owner-only files written whole, the state folder, the lock. Nothing else touches it.

mod journal;
mod rollout;
mod state;

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use crate::model::AccountId;
pub use journal::JournalFile;
pub use rollout::{RolloutFolder, RolloutLock, RolloutLog};
pub use state::{Lock, State};

const PLAN: &str = "plan.json";
const JOURNAL: &str = "journal.jsonl";
const RESULT: &str = "result.json";

/// What the names of files begin with that are not whole yet.
const BEGUN: &str = ".harden-";

/// Larger files than this are none of ours.
const MOST_BYTES: u64 = 1 << 30;

/// Nor is any that a person has written larger than this.
const MOST_WRITTEN_BYTES: u64 = 1 << 24;

/// Something about a file went wrong.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// Reading failed.
    #[error("cannot read `{}`", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Writing failed.
    #[error("cannot write `{}`", path.display())]
    Write {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file of a run is not what it should be.
    #[error("`{}` is damaged: {reason}", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Others may have written it, or everybody can read it.
    #[error("others on this machine may read or write `{}`", path.display())]
    Shared {
        /// Which file.
        path: PathBuf,
    },
    /// What a link leads to may be another's tomorrow.
    #[error("`{}` is a link, and what undo goes by is not kept behind one", path.display())]
    Linked {
        /// Which folder.
        path: PathBuf,
    },
    /// There is no such run.
    #[error("there is no run `{id}` in `{}`", state.display())]
    NoRun {
        /// What was asked for.
        id: String,
        /// Where it was looked for.
        state: PathBuf,
    },
    /// The folder holds no rollout.
    #[error("there is no rollout in `{}`", path.display())]
    NoRollout {
        /// Which folder.
        path: PathBuf,
    },
    /// Somebody else is at work in the folder of a rollout.
    #[error("another harden is at work in `{}`", path.display())]
    Busy {
        /// Which folder.
        path: PathBuf,
    },
    /// Somebody else is at work on the account.
    #[error("another harden is at work on account {account} on this machine")]
    Locked {
        /// The account.
        account: AccountId,
    },
}

/// Reads a whole text file.
pub fn read_text(path: &Path) -> Result<String, FileError> {
    let error = |source| FileError::Read { path: path.to_owned(), source };
    whole(File::open(path).map_err(error)?, MOST_BYTES).map_err(error)
}

/// The files of a folder whose names end in `.json`, sorted by name.
pub fn json_files(folder: &Path) -> Result<Vec<PathBuf>, FileError> {
    let read = || -> io::Result<Vec<PathBuf>> {
        let paths: io::Result<Vec<PathBuf>> =
            std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect();
        let mut paths = paths?;
        paths.retain(|path| path.extension().is_some_and(|end| end == "json") && path.is_file());
        paths.sort();
        Ok(paths)
    };
    read().map_err(|source| FileError::Read { path: folder.to_owned(), source })
}

/// Reads a whole text file that a person writes.
pub fn read_written(path: &Path) -> io::Result<String> {
    whole(File::open(path)?, MOST_WRITTEN_BYTES)
}

/// Reads a whole text file that decides what is done and tells of the account: not one that is everybody's.
pub fn read_own(path: &Path) -> Result<String, FileError> {
    let error = |source| FileError::Read { path: path.to_owned(), source };
    let file = File::open(path).map_err(error)?;
    if file.metadata().map_err(error)?.mode() & 0o026 != 0 {
        return Err(FileError::Shared { path: path.to_owned() });
    }
    whole(file, MOST_BYTES).map_err(error)
}

fn whole(file: File, most: u64) -> io::Result<String> {
    let mut text = String::new();
    file.take(most + 1).read_to_string(&mut text)?;
    if u64::try_from(text.len()).is_ok_and(|length| length <= most) {
        return Ok(text);
    }
    let reason = format!("it is larger than {} MB", most >> 20);
    Err(io::Error::new(io::ErrorKind::FileTooLarge, reason))
}

/// Writes a whole file that only its owner can read: first beside it, then renamed over it.
pub fn write_whole(path: &Path, text: &str) -> Result<(), FileError> {
    let write = || -> io::Result<()> {
        let (target, mut file) = beside(path)?;
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(&target)?;
        File::open(folder_of(&target))?.sync_all()
    };
    write().map_err(|source| FileError::Write { path: path.to_owned(), source })
}

/// The same, for one of many files that mean nothing until something else is written that knows their digests:
/// what a machine that goes down leaves of them is noticed.
pub fn write_unsynced(path: &Path, text: &str) -> Result<(), FileError> {
    let write = || -> io::Result<()> {
        let (target, mut file) = beside(path)?;
        file.write_all(text.as_bytes())?;
        file.persist(&target)?;
        Ok(())
    };
    write().map_err(|source| FileError::Write { path: path.to_owned(), source })
}

/// Whether a file could be written there, found out by beginning to.
pub fn probe(path: &Path) -> Result<(), FileError> {
    let error = |source| FileError::Write { path: path.to_owned(), source };
    beside(path).map(drop).map_err(error)
}

/// What a path stands for once links are followed, and a new file beside it, of mode 0600.
fn beside(path: &Path) -> io::Result<(PathBuf, tempfile::NamedTempFile)> {
    let target = if path.is_symlink() { path.canonicalize()? } else { path.to_owned() };
    if target.exists() && !target.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a file"));
    }
    let folder = folder_of(&target);
    if !folder.is_dir() {
        let reason = format!("there is no folder `{}`", folder.display());
        return Err(io::Error::new(io::ErrorKind::NotFound, reason));
    }
    let file = tempfile::Builder::new().prefix(BEGUN).tempfile_in(folder)?;
    Ok((target, file))
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

fn owner_only() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}
