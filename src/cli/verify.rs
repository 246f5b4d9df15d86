//! `harden verify`: does the account still stand as a run left it? Settles a run that was killed.

use super::args::Verify as Args;
use super::context::Context;
use super::entry::Ended;
use super::session::{block_on, connect};
use super::settle::settled;
use super::undo::find;
use crate::change::{Change, Document};
use crate::exit::Exit;
use crate::plan::Moved;
use crate::run::{Run, verify};
use crate::ui;

pub(super) fn run(context: &Context, args: &Args) -> Ended {
    let state = context.state()?;
    block_on(context, async {
        let online = connect(context).await?;
        let run = find(&state, &online.session.account.id, &args.run)?;
        let run = settled(context, &online, &state, run).await?;
        let stands = online.reread_all(context, run.perhaps_made().collect()).await?;
        let verified = verify(stands.into_iter().filter(|stand| counts(&run, stand)).collect());
        context.terminal.answer(&verified, |columns| ui::verified(&run, &verified, columns))?;
        let holds = verified.moved.is_empty() && verified.unknown.is_empty();
        Ok(if holds { Exit::Done } else { Exit::Failed })
    })
}

/// A call whose answer was lost, and that shows no effect, left nothing that could stand.
fn counts(run: &Run, (change, now): &(&Change, Result<Document, String>)) -> bool {
    let without_effect = |now: &Document| Moved::judge(change, now) == Moved::TakenBack;
    run.journal.was_made(&change.id) || !now.as_ref().is_ok_and(without_effect)
}
