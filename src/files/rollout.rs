//! The folder of a rollout: what it is about, a plan for each account, and the log of how far it has come.

use std::fs::{self, DirBuilder, File, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use super::journal::drop_broken_line;
use super::{BEGUN, FileError, owner_only, read_own, write_unsynced, write_whole};
use crate::model::{AccountId, safe_json};
use crate::plan::{self, Plan};
use crate::rollout::{Event, LogLine, Manifest, Progress};

const ROLLOUT: &str = "rollout.json";
const PLANS: &str = "plans";
const LOG: &str = "log.jsonl";
const LOCK: &str = "lock";

/// Longer than anybody takes to see whether a folder is in use.
const LOOK: Duration = Duration::from_millis(50);

/// The folder of a rollout.
#[derive(Clone, Debug)]
pub struct RolloutFolder {
    root: PathBuf,
}

impl RolloutFolder {
    /// Whether a new one can be made there: the folder must be empty, or not there yet. Plans without what they
    /// belong to are what an interrupted planning leaves.
    pub fn vacant(root: &Path) -> Result<(), FileError> {
        let error = |source| FileError::Write { path: root.to_owned(), source };
        let entries = match fs::read_dir(root) {
            Err(source) if source.kind() == io::ErrorKind::NotFound => return Ok(()),
            other => other.map_err(error)?,
        };
        let taken = || error(io::Error::new(io::ErrorKind::AlreadyExists, "it is not empty"));
        for entry in entries {
            let entry = entry.map_err(error)?;
            let name = entry.file_name();
            // Nothing is taken for ours that may be somebody's.
            let is_left = name == LOCK
                || (name == PLANS && plans_in(&entry.path()).map_err(error)?.is_some());
            if !is_left {
                return Err(taken());
            }
        }
        Ok(())
    }

    /// Makes a new one, and keeps others from doing so.
    pub fn create(root: &Path) -> Result<(Self, RolloutLock), FileError> {
        Self::vacant(root)?;
        let error = |source| FileError::Write { path: root.to_owned(), source };
        DirBuilder::new().recursive(true).mode(0o700).create(root).map_err(error)?;
        let folder = Self { root: root.to_owned() };
        let lock = folder.lock()?;
        // Whoever had the lock before may have made one.
        Self::vacant(root)?;
        let plans = root.join(PLANS);
        for left in plans_in(&plans).map_err(error)?.unwrap_or_default() {
            fs::remove_file(left).map_err(error)?;
        }
        DirBuilder::new().recursive(true).mode(0o700).create(&plans).map_err(error)?;
        Ok((folder, lock))
    }

    /// One that is there.
    pub fn open(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.root
    }

    /// Whether another harden on this machine is at work in it.
    pub fn is_busy(&self) -> bool {
        let file = owner_only().read(true).open(self.root.join(LOCK));
        // Whoever only looks does not keep others from looking.
        file.is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }

    /// Keeps every other harden on this machine from working in it while the lock lives.
    pub fn lock(&self) -> Result<RolloutLock, FileError> {
        let path = self.root.join(LOCK);
        let error = |source| FileError::Write { path: path.clone(), source };
        let file = owner_only().write(true).create(true).truncate(false).open(&path);
        let file = file.map_err(error)?;
        // Whoever looks has it for a moment.
        for pause in [Duration::ZERO, LOOK, LOOK] {
            std::thread::sleep(pause);
            match file.try_lock() {
                Ok(()) => return Ok(RolloutLock { _file: file }),
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(source)) => return Err(error(source)),
            }
        }
        Err(FileError::Busy { path: self.root.clone() })
    }

    /// Keeps the plan of an account.
    pub fn put_plan(&self, plan: &Plan) -> Result<(), FileError> {
        let path = self.plan_path(&plan.head.account.id);
        let error = |source: serde_json::Error| FileError::Write {
            path: path.clone(),
            source: source.into(),
        };
        write_unsynced(&path, &plan::to_json(plan).map_err(error)?)
    }

    /// Keeps what the rollout is about. Last, for it makes the folder a rollout.
    pub fn put_manifest(&self, manifest: &Manifest) -> Result<(), FileError> {
        let path = self.root.join(ROLLOUT);
        let error = |source: serde_json::Error| FileError::Write {
            path: path.clone(),
            source: source.into(),
        };
        write_whole(&path, &manifest.to_json().map_err(error)?)
    }

    /// What the rollout is about.
    pub fn manifest(&self) -> Result<Manifest, FileError> {
        let path = self.root.join(ROLLOUT);
        if path.try_exists().is_ok_and(|is_there| !is_there) {
            return Err(FileError::NoRollout { path: self.root.clone() });
        }
        let text = read_own(&path)?;
        Manifest::read(&text).map_err(|e| FileError::Damaged { path, reason: e.to_string() })
    }

    /// The plan of an account.
    pub fn plan(&self, account: &AccountId) -> Result<Plan, FileError> {
        let path = self.plan_path(account);
        let text = read_own(&path)?;
        plan::read(&text).map_err(|e| FileError::Damaged { path, reason: e.to_string() })
    }

    /// How far it has come.
    pub fn progress(&self, manifest: &Manifest) -> Result<Progress, FileError> {
        let path = self.root.join(LOG);
        if !path.exists() {
            return Ok(Progress::default());
        }
        let text = read_own(&path)?;
        Progress::parse(&text, manifest)
            .map_err(|e| FileError::Damaged { path, reason: e.to_string() })
    }

    /// The log as text, to be joined with others.
    pub fn log_text(&self) -> Result<String, FileError> {
        let path = self.root.join(LOG);
        if path.exists() { read_own(&path) } else { Ok(String::new()) }
    }

    /// Opens the log to go on with it.
    pub fn log(
        &self,
        _lock: &RolloutLock,
        clock: fn() -> Timestamp,
    ) -> Result<RolloutLog, FileError> {
        let path = self.root.join(LOG);
        let open = || -> io::Result<File> {
            let mut file = owner_only().read(true).append(true).create(true).open(&path)?;
            drop_broken_line(&mut file)?;
            Ok(file)
        };
        let file = open().map_err(|source| FileError::Write { path: path.clone(), source })?;
        Ok(RolloutLog { file: Mutex::new(Some(file)), path, clock })
    }

    fn plan_path(&self, account: &AccountId) -> PathBuf {
        self.root.join(PLANS).join(format!("{account}.json"))
    }
}

/// The files of a folder of plans; none if there is anything else in it.
fn plans_in(folder: &Path) -> io::Result<Option<Vec<PathBuf>>> {
    if !folder.exists() {
        return Ok(Some(Vec::new()));
    }
    let mut plans = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        // One that was being written when harden was killed has another beginning.
        let account = name.strip_suffix(".json").map(AccountId::new);
        let is_plan = account.is_some_and(|account| account.is_well_formed());
        if !(is_plan || name.starts_with(BEGUN)) || !path.is_file() {
            return Ok(None);
        }
        plans.push(path);
    }
    Ok(Some(plans))
}

/// Held as long as somebody works in the folder.
#[derive(Debug)]
pub struct RolloutLock {
    _file: File,
}

/// The open log of a rollout.
#[derive(Debug)]
pub struct RolloutLog {
    /// Gone once a line could not be written whole: nothing may be written behind half a line.
    file: Mutex<Option<File>>,
    path: PathBuf,
    clock: fn() -> Timestamp,
}

impl RolloutLog {
    /// Writes down what happened. Once it returns, the line is on the disk.
    pub fn record(&self, event: &Event) -> Result<(), FileError> {
        self.copy(&LogLine { at: (self.clock)(), event: event.clone() })
    }

    /// Writes down what another log has told.
    pub fn copy(&self, line: &LogLine) -> Result<(), FileError> {
        let write = || -> io::Result<()> {
            let text = safe_json(&serde_json::to_string(line)?) + "\n";
            let mut slot = self.file.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(mut file) = slot.take() else {
                return Err(io::Error::other("an earlier line could not be written"));
            };
            file.write_all(text.as_bytes())?;
            file.sync_data()?;
            *slot = Some(file);
            Ok(())
        };
        write().map_err(|source| FileError::Write { path: self.path.clone(), source })
    }
}
