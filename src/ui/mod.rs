//! Words and pictures for people. Consumes values and decides nothing.
//!
//! Everything that came from an account or a file passes [`text::safe`] on its way out.

mod assessment;
mod catalogue;
mod enrol;
mod log;
mod mfa;
mod not_planned;
mod page;
mod plan;
mod progress;
mod prompt;
mod qr;
pub mod rollout;
mod runs;
mod terminal;
pub mod text;

pub use assessment::assessment;
pub use catalogue::{explain, list};
pub use enrol::{Next, secret};
pub use log::Lines;
pub use mfa::devices;
pub use page::{Page, Paint, sentence};
pub use plan::{credentials_go, plan};
pub use progress::{Bar, Line, Watch};
pub use prompt::Person;
pub use qr::Picture;
pub use runs::{result, run_summary, runs, verified};
pub use terminal::{Keys, Terminal};
