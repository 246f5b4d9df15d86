//! From the command line to the exit code.

use std::io;

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{CommandFactory as _, FromArgMatches as _};

use super::args::{Cli, Verb};
use super::context::Context;
use super::{
    apply, assess, baseline, catalogue, mfa, plan, policy, rollout, runs, shell, show, snapshot,
    undo, verify,
};
use crate::error::{CommandError, Kind};
use crate::exit::Exit;

/// Runs harden once.
pub fn run() -> Exit {
    let cli = match parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let context = Context::new(&cli);
    match dispatch(&context, &cli.verb) {
        Ok(exit) => exit,
        Err(End::BrokenPipe) => Exit::Done,
        Err(End::Error(error)) => {
            // Where stderr is gone as well there is nobody left to tell.
            let _ = context.terminal.error(&error);
            error.kind.exit()
        }
    }
}

/// A saved plan holds its baseline. One from the environment does not matter then; one that was asked for
/// would be ignored in silence.
fn parse() -> Result<Cli, clap::Error> {
    let mut command = Cli::command();
    if std::env::args_os().len() <= 1 {
        // Whoever says nothing gets the help; without this, variables would count as something said.
        command = command.mut_args(|arg| arg.env(None::<&str>));
    }
    let matches = command.try_get_matches_from_mut(std::env::args_os())?;
    if let Some(("apply", apply)) = matches.subcommand()
        && apply.contains_id("plan")
        && apply.value_source("baseline") == Some(ValueSource::CommandLine)
    {
        let text = "a saved plan holds its own baseline: '--baseline' cannot be used with '[PLAN]'";
        let apply = command.find_subcommand_mut("apply").cloned();
        return Err(apply.unwrap_or(command).error(ErrorKind::ArgumentConflict, text));
    }
    Cli::from_arg_matches(&matches)
}

/// What ends a verb early.
#[derive(Debug)]
pub(super) enum End {
    /// Whoever read the answer has enough of it.
    BrokenPipe,
    /// Something went wrong.
    Error(CommandError),
}

impl From<CommandError> for End {
    fn from(error: CommandError) -> Self {
        Self::Error(error)
    }
}

impl From<io::Error> for End {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::BrokenPipe;
        }
        let what = CommandError::new(Kind::Local, "cannot write the answer");
        Self::Error(what.because(error.to_string()))
    }
}

/// What a verb ends with.
pub(super) type Ended = Result<Exit, End>;

fn dispatch(context: &Context, verb: &Verb) -> Ended {
    match verb {
        Verb::Assess(args) => assess::run(context, args),
        Verb::Plan(args) => plan::run(context, args),
        Verb::Apply(args) => apply::run(context, args),
        Verb::Show(args) => show::run(context, args),
        Verb::Undo(args) => undo::run(context, args),
        Verb::Runs(_) => runs::run(context),
        Verb::Verify(args) => verify::run(context, args),
        Verb::Snapshot(args) => snapshot::run(context, args),
        Verb::List(args) => catalogue::list(context, args),
        Verb::Explain(args) => catalogue::explain(context, args),
        Verb::Baseline(args) => baseline::run(context, args),
        Verb::Rollout(args) => rollout::run(context, args),
        Verb::Mfa(args) => mfa::run(context, args),
        Verb::Policy(args) => policy::run(context, args),
        Verb::Completions(args) => shell::completions(context, args),
        Verb::Man => shell::man(context),
    }
}

/// Help and version are answers; everything else is wrong usage, 64 instead of clap's 2.
fn usage(error: &clap::Error) -> Exit {
    let _ = error.print();
    if error.use_stderr() { Exit::Usage } else { Exit::Done }
}
