//! The emulator as a child process that ends with whoever started it.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A running emulator. It watches its standard input, and ends when that does.
pub(crate) struct Emulator {
    /// Where it listens, such as `http://127.0.0.1:40123`.
    pub(crate) url: String,
    _child: Child,
}

impl Emulator {
    /// Starts it on a free port, in the virtual environment that `scripts/test` and the demo use.
    pub(crate) fn start() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let venv = venv(root);
        let ready =
            Command::new(root.join("tests/emulator/setup")).arg(&venv).status().unwrap().success();
        assert!(ready, "the emulator could not be set up");
        let mut child = Command::new(root.join("tests/emulator/run"))
            .arg(&venv)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("listening on ").expect("the emulator did not start");
        Self { url: url.to_owned(), _child: child }
    }
}

fn venv(root: &Path) -> PathBuf {
    std::env::var_os("HARDEN_EMULATOR_VENV")
        .map_or_else(|| root.join("target/emulator"), PathBuf::from)
}
