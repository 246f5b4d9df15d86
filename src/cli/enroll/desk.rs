//! A person at a terminal, asked while AWS waits: Ctrl-C and the end of the terminal are answers too.

use std::time::Duration;

use tokio::time::sleep;

use super::super::context::Context;
use super::super::session::Online;
use super::super::stop::stopped;
use crate::error::{CommandError, Kind};
use crate::ui::{Keys, Person};

/// Where a person and AWS are within reach.
pub(super) struct Desk<'a> {
    pub(super) context: &'a Context,
    pub(super) online: &'a Online,
    /// How the terminal took keys before the first question.
    pub(super) keys: &'a Keys,
    /// The terminal cannot draw.
    pub(super) dumb: bool,
}

impl Desk<'_> {
    /// Asks the person something. Being asked to end meanwhile is an answer too.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(Person) -> Result<T, dialoguer::Error> + Send + 'static,
    ) -> Result<T, CommandError> {
        if self.context.stop.is_asked() {
            return Err(stopped());
        }
        let terminal = &self.context.terminal;
        let person = Person { colour: terminal.colours_talk(), columns: terminal.columns };
        let asked = tokio::task::spawn_blocking(move || question(person));
        let answer = tokio::select! {
            answer = asked => answer,
            () = self.context.stop.asked() => {
                // The prompt still waits for a key, and ends with us.
                self.keys.put_back();
                let _ = terminal.show_cursor();
                return Err(stopped());
            }
        };
        match answer {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(dialoguer::Error::IO(error))) => {
                let _ = terminal.show_cursor();
                if error.kind() == std::io::ErrorKind::Interrupted {
                    return Err(stopped());
                }
                Err(CommandError::new(Kind::Local, "cannot ask").because(error.to_string()))
            }
            Err(error) => Err(CommandError::from_error(Kind::Local, &error)),
        }
    }

    pub(super) fn tell(&self, text: &str) -> Result<(), CommandError> {
        self.context.terminal.tell(text).map_err(|error| unheard(&error))
    }

    pub(super) fn present(&self, text: &str) -> Result<(), CommandError> {
        self.context.terminal.present(text).map_err(|error| unheard(&error))
    }

    /// Waits, unless somebody asks for the end.
    pub(super) async fn pause(&self, pause: Duration) -> Result<(), CommandError> {
        self.context.stop.unless_asked(sleep(pause)).await
    }
}

fn unheard(error: &std::io::Error) -> CommandError {
    CommandError::new(Kind::Local, "cannot write to the terminal").because(error.to_string())
}
