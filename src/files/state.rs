//! The state folder: the runs of each account, and the lock.

use std::fs::{self, DirBuilder, File, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::{FileError, JOURNAL, JournalFile, PLAN, RESULT, owner_only, read_text, write_whole};
use crate::apply::Ledger as _;
use crate::journal::{Event, Journal, Outcome};
use crate::model::AccountId;
use crate::plan::{self, Plan};
use crate::run::{Run, RunResult};

/// The folder that runs are kept in: `<state>/<account>/<run>/`.
#[derive(Clone, Debug)]
pub struct State {
    root: PathBuf,
}

impl State {
    /// Uses this folder; it need not exist yet.
    pub fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// Keeps every other harden on this machine away from the account while the lock lives.
    pub fn lock(&self, account: &AccountId) -> Result<Lock, FileError> {
        let folder = self.root.join(account.as_str());
        let path = folder.join("lock");
        let error = |source| FileError::Write { path: path.clone(), source };
        make_folder(&folder).map_err(error)?;
        let file = owner_only().write(true).create(true).truncate(false).open(&path);
        let file = file.map_err(error)?;
        let ours = file.metadata().map_err(error)?;
        for folder in [&self.root, &folder] {
            if folder.is_symlink() {
                return Err(FileError::Linked { path: folder.clone() });
            }
            trusted(folder, &ours).map_err(error)?;
        }
        match file.try_lock() {
            Ok(()) => Ok(Lock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(FileError::Locked { account: account.clone() }),
            Err(TryLockError::Error(source)) => Err(error(source)),
        }
    }

    /// Begins a run: its plan is on the disk and its journal is open when this returns.
    pub fn begin(
        &self,
        _lock: &Lock,
        id: &str,
        plan: &Plan,
        clock: fn() -> Timestamp,
    ) -> Result<JournalFile, FileError> {
        let account = &plan.head.account.id;
        let folder = self.root.join(account.as_str()).join(id);
        let path = folder.join(JOURNAL);
        let error = |source| FileError::Write { path: path.clone(), source };
        make_folder(&folder).map_err(error)?;
        let text = plan::to_json(plan).map_err(|e| error(e.into()))?;
        let journal = JournalFile::create(&folder, clock).map_err(error)?;
        let start = Event::Start {
            format: crate::journal::JOURNAL_FORMAT.to_owned(),
            run: id.to_owned(),
            account: account.clone(),
            plan: plan.digest.clone(),
        };
        journal.record(start).map_err(error)?;
        // Last, for it makes the folder a run: what fails before leaves none.
        write_whole(&folder.join(PLAN), &text)?;
        Ok(journal)
    }

    /// Takes a run back out that has begun, and in which nothing was done.
    pub fn withdraw(&self, _lock: &Lock, account: &AccountId, id: &str) -> Result<(), FileError> {
        let path = self.root.join(account.as_str()).join(id).join(PLAN);
        fs::remove_file(&path).map_err(|source| FileError::Write { path, source })
    }

    /// The names of an account's runs, the oldest first.
    pub fn runs(&self, account: &AccountId) -> Result<Vec<String>, FileError> {
        let folder = self.root.join(account.as_str());
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            other => other,
        };
        let read = || -> io::Result<Vec<String>> {
            let mut names = Vec::new();
            for entry in entries? {
                let entry = entry?;
                let name = entry.file_name().to_string_lossy().into_owned();
                if is_run_name(&name) && entry.path().join(PLAN).is_file() {
                    names.push(name);
                }
            }
            names.sort();
            Ok(names)
        };
        read().map_err(|source| FileError::Read { path: folder.clone(), source })
    }

    /// The names of runs that were killed before their end.
    pub fn unfinished(&self, account: &AccountId) -> Result<Vec<String>, FileError> {
        let mut runs = self.runs(account)?;
        let folder = self.root.join(account.as_str());
        runs.retain(|run| !folder.join(run).join(RESULT).exists());
        Ok(runs)
    }

    /// A run of an account.
    pub fn run(&self, account: &AccountId, id: &str) -> Result<Run, FileError> {
        let folder = self.folder(account, id)?;
        let plan_path = folder.join(PLAN);
        let plan = plan::read(&read_text(&plan_path)?).map_err(|e| damaged(&plan_path, &e))?;
        let journal_path = folder.join(JOURNAL);
        let text = read_text(&journal_path)?;
        let journal = Journal::parse(&text).map_err(|e| damaged(&journal_path, &e))?;
        // The first entry is on the disk before the plan is. Without it what follows is lost as well, and
        // `undo` would take it for nothing.
        if journal.began().is_none() {
            return Err(damaged(&journal_path, &"the beginning is missing"));
        }
        let result = self.result(account, id)?;
        let told = result.iter().flat_map(|result: &RunResult| &result.changes);
        let mut applied = told.filter(|change| change.outcome == Outcome::Applied);
        if applied.any(|change| !journal.was_made(&change.id)) {
            return Err(damaged(&journal_path, &"it lacks what the result tells"));
        }
        Ok(Run { id: id.to_owned(), plan, journal, result })
    }

    /// How a run ended; one that was killed has no result.
    pub fn result(&self, account: &AccountId, id: &str) -> Result<Option<RunResult>, FileError> {
        let path = self.folder(account, id)?.join(RESULT);
        if !path.exists() {
            return Ok(None);
        }
        let text = read_text(&path)?;
        RunResult::parse(&text).map(Some).map_err(|e| damaged(&path, &e))
    }

    /// The name of the last run of whatever account.
    pub fn latest(&self) -> Option<String> {
        let accounts = fs::read_dir(&self.root).into_iter().flatten().flatten();
        let accounts = accounts.map(|entry| AccountId::new(entry.file_name().to_string_lossy()));
        let runs = accounts
            .filter(AccountId::is_well_formed)
            .flat_map(|account| self.runs(&account).unwrap_or_default());
        // The names begin with the time.
        runs.max()
    }

    /// A run of whatever account, by its name.
    pub fn find(&self, id: &str) -> Result<Run, FileError> {
        let accounts = fs::read_dir(&self.root).into_iter().flatten().flatten();
        for entry in accounts {
            let account = AccountId::new(entry.file_name().to_string_lossy());
            if account.is_well_formed() && self.folder(&account, id).is_ok() {
                return self.run(&account, id);
            }
        }
        Err(self.no_run(id))
    }

    /// Goes on writing to the journal of a run.
    pub fn reopen(
        &self,
        _lock: &Lock,
        account: &AccountId,
        id: &str,
        clock: fn() -> Timestamp,
    ) -> Result<JournalFile, FileError> {
        let folder = self.folder(account, id)?;
        let path = folder.join(JOURNAL);
        JournalFile::reopen(&folder, clock).map_err(|source| FileError::Write { path, source })
    }

    /// The folder of a run that exists. The name comes from the command line: it must be one name.
    fn folder(&self, account: &AccountId, id: &str) -> Result<PathBuf, FileError> {
        let folder = self.root.join(account.as_str()).join(id);
        if is_run_name(id) && folder.join(PLAN).is_file() {
            Ok(folder)
        } else {
            Err(self.no_run(id))
        }
    }

    fn no_run(&self, id: &str) -> FileError {
        FileError::NoRun { id: id.to_owned(), state: self.root.clone() }
    }
}

/// Held as long as an account is written to.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// A name of a run, and of nothing else: it comes from the command line or from the disk.
fn is_run_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// Refuses a folder that somebody else owns or may write to: what is in it decides what undo does.
fn trusted(folder: &Path, ours: &fs::Metadata) -> io::Result<()> {
    let theirs = fs::metadata(folder)?;
    if theirs.uid() == ours.uid() && theirs.mode() & 0o022 == 0 {
        return Ok(());
    }
    let reason = format!("others may write to `{}`", folder.display());
    Err(io::Error::new(io::ErrorKind::PermissionDenied, reason))
}

fn make_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

fn damaged(path: &Path, reason: &impl std::fmt::Display) -> FileError {
    FileError::Damaged { path: path.to_owned(), reason: reason.to_string() }
}
