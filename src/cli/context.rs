//! What every verb needs: the terminal, the clock, the state folder, the chosen baseline.

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;

use anstream::ColorChoice;
use etcetera::BaseStrategy as _;
use jiff::Timestamp;
use tracing_subscriber::EnvFilter;

use super::args::{Cli, Colour, Connection, Form, Narrow, Replaced, Selection};
use super::entry::End;
use super::stop::{Stop, stopped};
use crate::approval::{Mandate, Planned, Refusal, ask_many};
use crate::assess::{Rules, unused_waivers};
use crate::baseline::{Baseline, Catalogue, Source, load};
use crate::controls::{self, Control};
use crate::error::{CommandError, Kind};
use crate::files::{FileError, State, read_written};
use crate::model::{Level, Read, Snapshot, Waiver};
use crate::ui::{Line, Lines, Person, Terminal, Watch};

/// What every verb needs.
#[derive(Debug)]
pub(super) struct Context {
    pub(super) terminal: Terminal,
    pub(super) connection: Connection,
    pub(super) stop: Stop,
    state_dir: Option<PathBuf>,
    /// Where it tells what is going on, if many accounts are worked on at once.
    line: Option<Line>,
}

/// A baseline as narrowed by the flags.
#[derive(Debug)]
pub(super) struct Selected {
    pub(super) name: String,
    pub(super) rules: Rules,
}

impl Context {
    pub(super) fn new(cli: &Cli) -> Self {
        let output = &cli.output;
        let context = Self {
            terminal: Terminal {
                json: output.form == Form::Json,
                quiet: output.quiet,
                colour: match (output.color, output.no_color.as_deref()) {
                    (Colour::Always, _) => ColorChoice::Always,
                    (Colour::Auto, None | Some("")) => ColorChoice::Auto,
                    (Colour::Never, _) | (Colour::Auto, Some(_)) => ColorChoice::Never,
                },
                columns: columns(output.columns.as_deref()),
            },
            connection: cli.connection.clone(),
            stop: Stop::default(),
            state_dir: output.state_dir.clone(),
            line: None,
        };
        listen(output.verbose);
        context
    }

    /// The same for one account of many: its words are told on its line, and nowhere else.
    pub(super) fn of_many(&self, line: Line) -> Self {
        Self {
            terminal: Terminal { quiet: true, ..self.terminal },
            connection: self.connection.clone(),
            stop: self.stop.clone(),
            state_dir: self.state_dir.clone(),
            line: Some(line),
        }
    }

    /// Asks the person at the terminal once about many plans.
    pub(super) fn ask_many(
        &self,
        plans: &[Planned],
        accounts: usize,
    ) -> Result<Result<Mandate, Refusal>, End> {
        let colour = self.terminal.colours_talk();
        let mut person = Person { colour, columns: self.terminal.columns };
        let asked = self.stop.while_prompting(|| ask_many(plans, accounts, &mut person));
        asked.map_err(|error| self.unanswered(error))
    }

    /// What a prompt that was not answered ends with.
    pub(super) fn unanswered(&self, dialoguer::Error::IO(error): dialoguer::Error) -> End {
        if error.kind() == io::ErrorKind::Interrupted {
            let _ = self.terminal.show_cursor();
            return stopped().into();
        }
        End::from(error)
    }

    /// Who watches what is going on.
    pub(super) fn watch(&self) -> Watch {
        match &self.line {
            Some(line) => Watch::Line(line.clone()),
            None if self.terminal.is_watched() => Watch::Person,
            None => Watch::Nobody,
        }
    }

    /// The folder that runs are kept in.
    pub(super) fn state(&self) -> Result<State, CommandError> {
        if let Some(folder) = &self.state_dir {
            return Ok(State::new(folder.clone()));
        }
        let nowhere = || {
            CommandError::new(
                Kind::Local,
                "cannot tell where to keep runs: there is no home folder",
            )
            .hint("pass `--state-dir` or set `HARDEN_STATE_DIR`")
        };
        let base = etcetera::choose_base_strategy().map_err(|_| nowhere())?;
        base.state_dir().map(|folder| State::new(folder.join("harden"))).ok_or_else(nowhere)
    }

    /// The baseline, as narrowed by the flags and with the settings that they replace.
    pub(super) fn select_with(
        selection: &Selection,
        replaced: &Replaced,
    ) -> Result<Selected, CommandError> {
        Self::select_of(baseline(&selection.baseline)?, &selection.narrow, replaced)
    }

    /// The same, of a baseline that is loaded already.
    pub(super) fn select_of(
        baseline: Baseline,
        narrow: &Narrow,
        replaced: &Replaced,
    ) -> Result<Selected, CommandError> {
        let mut selected = narrowed(baseline, narrow)?;
        if !replaced.notify.is_empty() {
            let mut seen = BTreeSet::new();
            let notify = replaced.notify.iter().filter(|subscriber| seen.insert(*subscriber));
            selected.rules.settings.monitoring.notify = notify.cloned().collect();
        }
        Ok(selected)
    }

    /// Tells of waivers that nobody needs any more.
    pub(super) fn warn_of_waivers(&self, snapshot: &Snapshot, rules: &Rules) -> io::Result<()> {
        for waiver in unused_waivers(snapshot, rules) {
            let Waiver { control, resource, reason, owner, .. } = waiver;
            let place = waiver.region.as_ref().map(|region| format!(" in {region}"));
            let place = place.unwrap_or_default();
            self.terminal.note(&format!(
                "the waiver of {control} for {resource}{place} accepts nothing that is found ({reason}, {owner})"
            ))?;
        }
        Ok(())
    }

    /// The baseline, as narrowed by the flags.
    pub(super) fn select(selection: &Selection) -> Result<Selected, CommandError> {
        narrowed(baseline(&selection.baseline)?, &selection.narrow)
    }
}

fn narrowed(baseline: Baseline, narrow: &Narrow) -> Result<Selected, CommandError> {
    let level = narrow.level.map(|level| if level == 1 { Level::One } else { Level::Two });
    let controls = baseline
        .select(&catalogue(), &narrow.control, &narrow.skip, level)
        .map_err(|e| with_hint(CommandError::from_error(Kind::User, &e), e.hint()))?;
    let Baseline { name, settings, waivers, .. } = baseline;
    Ok(Selected { name, rules: Rules { controls, settings, waivers } })
}

/// The time.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
pub(super) fn now() -> Timestamp {
    let now = Timestamp::now();
    // Milliseconds are all that anybody wants to read.
    Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
}

/// A variable of the environment, if it is set and text.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment by name")]
pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Numbers and levels of all controls.
pub(super) fn catalogue() -> Catalogue {
    controls::all().map(|control| (control.id, control.level)).collect()
}

/// Loads a baseline by name or path.
pub(super) fn baseline(argument: &str) -> Result<Baseline, CommandError> {
    let source = Source::from_argument(argument)
        .map_err(|e| CommandError::from_error(Kind::User, &e).hint(e.hint()))?;
    let today = jiff::tz::Offset::UTC.to_datetime(now()).date();
    load(&source, &read_written, &catalogue(), today)
        .map_err(|e| with_hint(CommandError::from_error(Kind::User, &e), e.hint()))
}

/// The reads that these controls need, those for the words included.
pub(super) fn reads(rules: &Rules) -> BTreeSet<Read> {
    controls::all()
        .filter(|control| rules.controls.contains(&control.id))
        .flat_map(|control| control.reads().iter().chain(control.context()))
        .copied()
        .collect()
}

/// The reads that a plan for these controls needs: a remedy has to know what it builds on.
pub(super) fn plan_reads(rules: &Rules) -> BTreeSet<Read> {
    let selected = controls::all().filter(|control| rules.controls.contains(&control.id));
    reads(rules).into_iter().chain(selected.flat_map(Control::remedy_reads).copied()).collect()
}

/// An error about a file that the user named.
pub(super) fn user_file(error: &FileError) -> CommandError {
    CommandError::from_error(Kind::User, error)
}

/// An error about a file of our own.
pub(super) fn own_file(error: &FileError) -> CommandError {
    let kind = if matches!(error, FileError::NoRun { .. }) { Kind::User } else { Kind::Local };
    CommandError::from_error(kind, error)
}

pub(super) fn with_hint(error: CommandError, hint: Option<String>) -> CommandError {
    match hint {
        Some(hint) => error.hint(hint),
        None => error,
    }
}

/// The columns to fill: as the user says, else those of the terminal, within what reads well.
fn columns(said: Option<&str>) -> usize {
    let terminal = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    let columns = said.and_then(|text| text.parse().ok()).or_else(terminal).unwrap_or(80);
    columns.clamp(40, 100)
}

/// Talk of the parts below, on stderr. The SDK is held back from its lower levels: they print requests
/// with their signatures.
fn listen(verbose: u8) {
    let filter = match verbose {
        0 => return,
        1 => "harden=info",
        2 => "harden=debug,aws_config=info,aws_smithy_runtime=info,aws_runtime=info",
        _ => "harden=debug,info",
    };
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(filter))
        .with_writer(|| Lines(io::stderr()))
        // Then every escape sequence is a stranger's.
        .with_ansi(false)
        .with_target(false)
        .without_time()
        .init();
}
