//! What ends a command early: what could not be done, why, and what to do about it.

use std::error::Error;

use crate::exit::Exit;

/// The kind of an error; it alone chooses the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Flags, names or files of the user.
    User,
    /// No, expired or refused credentials; no region; no way to the endpoint.
    Session,
    /// AWS refused or failed a call that everything else depends on.
    Service,
    /// A saved plan that no longer fits.
    Stale,
    /// Nobody agreed.
    Declined,
    /// The local machine: files, terminal.
    Local,
    /// Somebody pressed Ctrl-C.
    Interrupted,
}

impl Kind {
    /// The exit code.
    pub const fn exit(self) -> Exit {
        match self {
            Self::User => Exit::Usage,
            Self::Session | Self::Service | Self::Stale | Self::Local => Exit::Failed,
            Self::Declined => Exit::Declined,
            Self::Interrupted => Exit::Interrupted,
        }
    }
}

/// An error as the user sees it.
#[derive(Debug)]
pub struct CommandError {
    /// Its kind.
    pub kind: Kind,
    /// What could not be done, as a lower-case fragment.
    pub what: String,
    /// Why.
    pub cause: Option<String>,
    /// What to do.
    pub hint: Option<String>,
    /// The command that does it, to be copied.
    pub command: Option<String>,
}

impl CommandError {
    /// An error without a cause or a hint.
    pub fn new(kind: Kind, what: impl Into<String>) -> Self {
        Self { kind, what: what.into(), cause: None, hint: None, command: None }
    }

    /// An error that another error explains, down to its last source.
    pub fn from_error(kind: Kind, error: &dyn Error) -> Self {
        let mut causes = Vec::new();
        let mut source = error.source();
        while let Some(error) = source {
            causes.push(error.to_string());
            source = error.source();
        }
        let cause = (!causes.is_empty()).then(|| causes.join(": "));
        Self { kind, what: error.to_string(), cause, hint: None, command: None }
    }

    /// Adds the reason.
    #[must_use]
    pub fn because(mut self, cause: impl Into<String>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// Adds what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds the command that does what is to do.
    #[must_use]
    pub fn command(mut self, command: impl Into<String>) -> Self {
        self.command = Some(command.into());
        self
    }
}
