//! What is told while many accounts are worked on: a table on a terminal, a line for each event in a log.

use std::io::{self, Write as _};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::super::progress::Line;
use super::super::text::safe;
use crate::model::AccountId;

/// The lines of the accounts that are worked on now, and below them how many are done.
#[derive(Debug)]
pub struct Live {
    many: MultiProgress,
    total: ProgressBar,
    /// Nobody watches, and somebody may read the log.
    logs: bool,
    /// Lines of the log are written one at a time.
    log: Mutex<()>,
}

/// The line of one account.
#[derive(Debug)]
pub struct Working<'a> {
    live: &'a Live,
    bar: ProgressBar,
    name: String,
}

impl Live {
    /// For so many accounts.
    pub fn new(watched: bool, quiet: bool, accounts: usize) -> Self {
        let target =
            if watched { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let many = MultiProgress::with_draw_target(target);
        let length = u64::try_from(accounts).unwrap_or(u64::MAX);
        let total = many.add(ProgressBar::new(length));
        if let Ok(style) = ProgressStyle::with_template("{bar:24} {pos}/{len} accounts  {wide_msg}")
        {
            total.set_style(style);
        }
        total.enable_steady_tick(Duration::from_millis(200));
        Self { many, total, logs: !watched && !quiet, log: Mutex::new(()) }
    }

    /// Tells of the whole, such as which wave has begun.
    pub fn say(&self, text: &str) {
        self.total.set_message(safe(text));
        self.log(text);
    }

    /// Begins with an account.
    pub fn begin(&self, account: &AccountId, name: Option<&str>) -> Working<'_> {
        let bar = self.many.insert_before(&self.total, ProgressBar::new_spinner());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix}  {wide_msg}") {
            bar.set_style(style);
        }
        let name = match name {
            Some(name) => format!("{account} {name}"),
            None => account.to_string(),
        };
        bar.set_prefix(safe(&name));
        bar.enable_steady_tick(Duration::from_millis(200));
        Working { live: self, bar, name }
    }

    /// Ends: what was drawn vanishes.
    pub fn clear(&self) {
        self.total.finish_and_clear();
        let _ = self.many.clear();
    }

    fn log(&self, text: &str) {
        if self.logs {
            let _turn = self.log.lock().unwrap_or_else(PoisonError::into_inner);
            let _ = writeln!(io::stderr(), "{}", safe(text));
        }
    }
}

impl Working<'_> {
    /// Its line.
    pub fn line(&self) -> Line {
        Line::of(&self.bar)
    }

    /// The account is done with.
    pub fn end(self, how: &str) {
        self.live.log(&format!("{}: {how}", self.name));
        self.live.total.inc(1);
    }
}

impl Drop for Working<'_> {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
        self.live.many.remove(&self.bar);
    }
}
