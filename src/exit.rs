//! Every exit code.

use std::process::ExitCode;

/// How harden ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: done, or nothing to do.
    Done,
    /// 1: failed.
    Failed,
    /// 2: changes (plan) or failing controls (assess), only with `--detailed-exitcode`.
    Differs,
    /// 3: partly applied.
    Partial,
    /// 4: declined.
    Declined,
    /// 64: wrong usage: flags, names, files.
    Usage,
    /// 130: interrupted.
    Interrupted,
}

impl Exit {
    /// The number.
    pub const fn number(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Differs => 2,
            Self::Partial => 3,
            Self::Declined => 4,
            Self::Usage => 64,
            Self::Interrupted => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.number())
    }
}
