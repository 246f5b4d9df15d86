//! The streams: stdout is the answer, stderr is talk.

use std::io::{self, IsTerminal as _, Write as _};

use anstream::{AutoStream, ColorChoice};
use serde::Serialize;

use super::page::{Page, Paint};
use crate::error::CommandError;
use crate::model::safe_json;

/// How the terminal took keys at some time.
#[derive(Debug)]
pub struct Keys(Option<rustix::termios::Termios>);

impl Keys {
    /// Lets the terminal take keys as it did then.
    pub fn put_back(&self) {
        use rustix::termios::{OptionalActions, tcsetattr};
        let _ = self.0.as_ref().map(|modes| tcsetattr(io::stdin(), OptionalActions::Now, modes));
    }
}

/// Where answers and talk go, and how.
#[derive(Clone, Copy, Debug)]
pub struct Terminal {
    /// Answers are JSON.
    pub json: bool,
    /// No talk.
    pub quiet: bool,
    /// Whether to colour.
    pub colour: ColorChoice,
    /// The columns to fill.
    pub columns: usize,
}

impl Terminal {
    /// Whether a person watches the talk.
    pub fn is_watched(&self) -> bool {
        !self.quiet && io::stderr().is_terminal()
    }

    /// Whether a person can be asked.
    pub fn can_ask(&self) -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Whether prompts may be coloured.
    pub fn colours_talk(&self) -> bool {
        AutoStream::new(io::stderr(), self.colour).current_choice() != ColorChoice::Never
    }

    /// Gives the answer: as JSON if that is asked for, else as the page.
    pub fn answer(
        &self,
        value: &impl Serialize,
        page: impl FnOnce(usize) -> String,
    ) -> io::Result<()> {
        if self.json { self.document(value) } else { self.print(&page(self.columns)) }
    }

    /// Gives an answer that is JSON whatever form is asked for.
    pub fn document(&self, value: &impl Serialize) -> io::Result<()> {
        self.print(&(safe_json(&serde_json::to_string_pretty(value)?) + "\n"))
    }

    /// Gives an answer that has one form only.
    pub fn print(&self, text: &str) -> io::Result<()> {
        let mut stream = AutoStream::new(io::stdout().lock(), self.colour);
        stream.write_all(text.as_bytes())?;
        stream.flush()
    }

    /// Shows a page on the way to the answer; with `--output json` the page is talk.
    pub fn show(&self, page: impl FnOnce(usize) -> String) -> io::Result<()> {
        if self.json {
            return self.talk(&page(self.columns));
        }
        self.print(&page(self.columns))
    }

    /// Says something that is not the answer.
    pub fn note(&self, text: &str) -> io::Result<()> {
        if self.quiet { Ok(()) } else { self.tell(text) }
    }

    /// Says what a person has to know to answer. Not even `--quiet` keeps that back.
    pub fn tell(&self, text: &str) -> io::Result<()> {
        let mut page = Page::new(self.columns);
        page.wrapped(0, 2, &[(Paint::Bold, "note: "), (Paint::Plain, text)]);
        self.stderr(&page.finish())
    }

    /// Says something, with a command that can be copied.
    pub fn suggest(&self, text: &str, command: &str) -> io::Result<()> {
        let mut page = Page::new(self.columns);
        page.wrapped(0, 2, &[(Paint::Bold, "note: "), (Paint::Plain, text)]);
        page.line(4, &[(Paint::Bold, command)]);
        self.talk(&page.finish())
    }

    /// Says what went wrong. Not even `--quiet` keeps that back.
    pub fn error(&self, error: &CommandError) -> io::Result<()> {
        let mut page = Page::new(self.columns);
        page.wrapped(0, 2, &[(Paint::Bad, "error: "), (Paint::Plain, &error.what)]);
        if let Some(cause) = &error.cause {
            page.wrapped(2, 2, &[(Paint::Dim, "cause: "), (Paint::Plain, cause)]);
        }
        if let Some(hint) = &error.hint {
            page.wrapped(2, 2, &[(Paint::Dim, "hint: "), (Paint::Plain, hint)]);
        }
        if let Some(command) = &error.command {
            page.line(4, &[(Paint::Bold, command)]);
        }
        self.stderr(&page.finish())
    }

    /// Shows what a person is asked about. Not even `--quiet` keeps that back.
    pub fn present(&self, text: &str) -> io::Result<()> {
        self.stderr(text)
    }

    /// Brings back the cursor that a prompt hid and, being stopped, did not show again.
    pub fn show_cursor(&self) -> io::Result<()> {
        if io::stderr().is_terminal() { io::stderr().write_all(b"\x1b[?25h") } else { Ok(()) }
    }

    /// Remembers how the terminal takes keys: a prompt that nobody waits for any more cannot put that right.
    pub fn keys(&self) -> Keys {
        Keys(rustix::termios::tcgetattr(io::stdin()).ok())
    }

    fn talk(&self, text: &str) -> io::Result<()> {
        if self.quiet { Ok(()) } else { self.stderr(text) }
    }

    fn stderr(&self, text: &str) -> io::Result<()> {
        AutoStream::new(io::stderr().lock(), self.colour).write_all(text.as_bytes())
    }
}
