//! The command line of harden.

use std::process::ExitCode;

fn main() -> ExitCode {
    harden::cli::run().into()
}
