//! `harden snapshot`.

use super::args::Snapshot as Args;
use super::context::{Context, baseline, user_file};
use super::entry::Ended;
use super::plan::writable;
use super::session::{Asked, block_on, connect};
use crate::error::{CommandError, Kind};
use crate::exit::Exit;
use crate::files::write_whole;
use crate::model::{Read, safe_json};

pub(super) fn run(context: &Context, args: &Args) -> Ended {
    writable(&args.out)?;
    let settings = baseline(&args.baseline)?.settings;
    let snapshot = block_on(context, async {
        let online = connect(context).await?;
        let (reads, regions) = (Read::ALL.into(), &args.regions.regions);
        let asked = Asked { reads, settings: &settings, regions };
        Ok(online.observe(context, asked).await?)
    })?;
    let text = serde_json::to_string_pretty(&snapshot)
        .map_err(|e| CommandError::from_error(Kind::Local, &e))?;
    write_whole(&args.out, &(safe_json(&text) + "\n")).map_err(|e| user_file(&e))?;
    let text = format!("saved account {}; to judge it:", snapshot.account.id);
    let command = format!("harden assess --snapshot {}", args.out.display());
    context.terminal.suggest(&text, &command)?;
    Ok(Exit::Done)
}
