//! The journal of a run, open for writing.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use jiff::Timestamp;

use super::{FileError, JOURNAL, RESULT, owner_only, write_whole};
use crate::apply::Ledger;
use crate::journal::{Entry, Event};
use crate::model::safe_json;
use crate::run::RunResult;

/// The open journal of a run.
#[derive(Debug)]
pub struct JournalFile {
    /// Gone once an entry could not be written whole: nothing may be written behind half a line.
    file: Mutex<Option<File>>,
    folder: PathBuf,
    clock: fn() -> Timestamp,
}

impl JournalFile {
    /// Begins a journal where there is none.
    pub(super) fn create(folder: &Path, clock: fn() -> Timestamp) -> io::Result<Self> {
        let file = owner_only().append(true).create_new(true).open(folder.join(JOURNAL))?;
        Ok(Self::of(file, folder, clock))
    }

    /// Goes on with the journal of a run that was killed, or that never began one.
    pub(super) fn reopen(folder: &Path, clock: fn() -> Timestamp) -> io::Result<Self> {
        let mut options = owner_only();
        let mut file = options.read(true).append(true).create(true).open(folder.join(JOURNAL))?;
        drop_broken_line(&mut file)?;
        Ok(Self::of(file, folder, clock))
    }

    fn of(file: File, folder: &Path, clock: fn() -> Timestamp) -> Self {
        Self { file: Mutex::new(Some(file)), folder: folder.to_owned(), clock }
    }

    /// Writes how the run ended.
    pub fn finish(&self, result: &RunResult) -> Result<(), FileError> {
        let path = self.folder.join(RESULT);
        let error = |source| FileError::Write { path: path.clone(), source };
        self.record(Event::End).map_err(error)?;
        let text = serde_json::to_string_pretty(result).map_err(|e| error(e.into()))?;
        write_whole(&path, &(safe_json(&text) + "\n"))
    }
}

impl Ledger for JournalFile {
    fn record(&self, event: Event) -> io::Result<()> {
        let entry = Entry { at: (self.clock)(), event };
        let line = safe_json(&serde_json::to_string(&entry)?) + "\n";
        let mut slot = self.file.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let Some(mut file) = slot.take() else {
            return Err(io::Error::other("an earlier entry could not be written"));
        };
        file.write_all(line.as_bytes())?;
        file.sync_data()?;
        *slot = Some(file);
        Ok(())
    }
}

/// Takes off a last line that a killed run did not finish, so that the next one starts afresh.
pub(super) fn drop_broken_line(file: &mut File) -> io::Result<()> {
    let mut text = Vec::new();
    file.read_to_end(&mut text)?;
    let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    if whole < text.len() {
        file.set_len(u64::try_from(whole).unwrap_or(0))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Half a line may be on the disk: whatever followed it would make the journal unreadable.
    #[test]
    fn nothing_is_written_behind_an_entry_that_failed() {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let clock = || Timestamp::UNIX_EPOCH;
        let journal = JournalFile::of(full, Path::new("/dev"), clock);
        let first = journal.record(Event::End).unwrap_err();
        assert_eq!(first.kind(), io::ErrorKind::StorageFull);
        let second = journal.record(Event::End).unwrap_err();
        assert_eq!(second.to_string(), "an earlier entry could not be written");
    }
}
