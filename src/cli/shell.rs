//! `harden completions` and `harden man`.

use clap::CommandFactory as _;

use super::args::{Cli, Completions};
use super::context::Context;
use super::entry::Ended;
use crate::exit::Exit;

pub(super) fn completions(context: &Context, args: &Completions) -> Ended {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "harden", &mut text);
    context.terminal.print(&String::from_utf8_lossy(&text))?;
    Ok(Exit::Done)
}

pub(super) fn man(context: &Context) -> Ended {
    let mut text = Vec::new();
    clap_mangen::Man::new(Cli::command()).render(&mut text)?;
    context.terminal.print(&String::from_utf8_lossy(&text))?;
    Ok(Exit::Done)
}
