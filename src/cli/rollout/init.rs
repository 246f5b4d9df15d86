//! `harden rollout init`.

use crate::cli::args::rollout::Init as Args;
use crate::cli::context::{Context, user_file};
use crate::cli::entry::Ended;
use crate::error::{CommandError, Kind};
use crate::exit::Exit;
use crate::files::write_whole;
use crate::rollout::TEMPLATE;

pub(super) fn run(context: &Context, args: &Args) -> Ended {
    if args.file.exists() {
        let what = format!("`{}` is there already", args.file.display());
        return Err(CommandError::new(Kind::User, what).hint("name another file").into());
    }
    write_whole(&args.file, TEMPLATE).map_err(|e| user_file(&e))?;
    let command =
        format!("harden rollout plan --file {} --organization --out DIR", args.file.display());
    context
        .terminal
        .suggest(&format!("`{}` is written; edit it, then:", args.file.display()), &command)?;
    Ok(Exit::Done)
}
