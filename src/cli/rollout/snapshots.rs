//! Snapshots of many accounts in one folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::cli::context::user_file;
use crate::cli::session::saved;
use crate::error::{CommandError, Kind};
use crate::files::{json_files, read_text};
use crate::model::{Account, AccountId, SNAPSHOT_FORMAT, Snapshot};
use crate::rollout::{Target, Way};

/// A snapshot on the disk, and whose it is.
#[derive(Debug)]
pub(super) struct Saved {
    pub(super) path: PathBuf,
    pub(super) target: Target,
}

/// All snapshots of the folder, by account. Keeps none of them.
pub(super) fn list(folder: &Path, role: &str) -> Result<Vec<Saved>, CommandError> {
    let mut found: BTreeMap<AccountId, PathBuf> = BTreeMap::new();
    for path in json_files(folder).map_err(|e| user_file(&e))? {
        let id = whose(&path)?;
        if let Some(other) = found.get(&id) {
            let what =
                format!("`{}` and `{}` are both of account {id}", other.display(), path.display());
            return Err(CommandError::new(Kind::User, what).hint("leave one of them out"));
        }
        found.insert(id, path);
    }
    if found.is_empty() {
        let what = format!("there is no snapshot in `{}`", folder.display());
        return Err(CommandError::new(Kind::User, what)
            .hint("a snapshot is what `harden snapshot --out NAME.json` writes"));
    }
    let of = |(id, path)| {
        let way = Way::Role(role.to_owned());
        Saved { path, target: Target { id, name: None, units: Vec::new(), way } }
    };
    Ok(found.into_iter().map(of).collect())
}

/// Whose snapshot it is. Only that: a whole one takes many times as long.
fn whose(path: &Path) -> Result<AccountId, CommandError> {
    #[derive(serde::Deserialize)]
    struct Whose {
        format: String,
        account: Account,
    }
    let text = read_text(path).map_err(|e| user_file(&e))?;
    match serde_json::from_str::<Whose>(&text) {
        Ok(whose) if whose.format == SNAPSHOT_FORMAT => Ok(whose.account.id),
        // Whoever reads it whole says what is wrong with it.
        Ok(_) | Err(_) => saved(path).map(|snapshot| snapshot.account.id),
    }
}

/// Does something with each snapshot, on as many threads as the machine has processors, and gives what came of
/// it in the order of the list.
pub(super) fn each<R: Send>(
    list: &[Saved],
    work: impl Fn(&Saved, Snapshot) -> Result<R, CommandError> + Sync,
) -> Vec<Result<R, CommandError>> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let share = list.len().div_ceil(threads).max(1);
    let work = &work;
    std::thread::scope(|scope| {
        let running: Vec<_> = list
            .chunks(share)
            .map(|part| {
                scope.spawn(move || {
                    let one = |of: &Saved| saved(&of.path).and_then(|snapshot| work(of, snapshot));
                    part.iter().map(one).collect::<Vec<_>>()
                })
            })
            .collect();
        let joined = running.into_iter().flat_map(|thread| {
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        });
        joined.collect()
    })
}
