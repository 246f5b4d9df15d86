//! Progress, on stderr and only where a person watches.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::text::safe;

/// A line that tells what is going on, and vanishes.
#[derive(Debug)]
pub struct Bar(ProgressBar);

impl Bar {
    /// A spinner for work of unknown length.
    pub fn spinner(watched: bool, message: &str) -> Self {
        let bar = ProgressBar::with_draw_target(None, target(watched));
        if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(120));
        bar.set_message(safe(message));
        Self(bar)
    }

    /// A bar for this many steps.
    pub fn steps(watched: bool, steps: usize) -> Self {
        let length = u64::try_from(steps).unwrap_or(u64::MAX);
        let bar = ProgressBar::with_draw_target(Some(length), target(watched));
        if let Ok(style) = ProgressStyle::with_template("{bar:24} {pos}/{len}  {wide_msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(120));
        Self(bar)
    }

    /// Tells what is going on.
    pub fn say(&self, message: &str) {
        self.0.set_message(safe(message));
    }

    /// Tells that AWS is given time, and how much is left of it.
    pub fn wait(&self, left: Duration) {
        let left = left.as_millis().div_ceil(1000);
        self.say(&format!("waiting until AWS sees what was just made: {left} s left"));
    }

    /// One step is done.
    pub fn step(&self) {
        self.0.inc(1);
    }

    /// Everything is done.
    pub fn clear(&self) {
        self.0.finish_and_clear();
    }
}

fn target(watched: bool) -> ProgressDrawTarget {
    if watched { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() }
}
