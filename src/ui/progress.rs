//! Progress, on stderr and only where a person watches.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::text::safe;

/// Who watches.
#[derive(Clone, Debug)]
pub enum Watch {
    /// Nobody.
    Nobody,
    /// A person at the terminal.
    Person,
    /// A person who watches many such things, each on a line of its own.
    Line(Line),
}

/// A line of a table that somebody watches.
#[derive(Clone, Debug)]
pub struct Line(ProgressBar);

impl Line {
    pub(super) fn of(bar: &ProgressBar) -> Self {
        Self(bar.clone())
    }
}

/// A line that tells what is going on, and vanishes.
#[derive(Debug)]
pub struct Bar {
    shown: ProgressBar,
    /// Of a line that stays: how many steps are done, and of how many.
    steps: Option<(AtomicUsize, usize)>,
    /// It is not ours to take away.
    stays: bool,
}

impl Bar {
    /// A spinner for work of unknown length.
    pub fn spinner(watch: &Watch, message: &str) -> Self {
        if let Watch::Line(Line(line)) = watch {
            line.set_message(safe(message));
            return Self { shown: line.clone(), steps: None, stays: true };
        }
        let bar = ProgressBar::with_draw_target(None, target(watch));
        if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(120));
        bar.set_message(safe(message));
        Self { shown: bar, steps: None, stays: false }
    }

    /// A bar for this many steps.
    pub fn steps(watch: &Watch, steps: usize) -> Self {
        if let Watch::Line(Line(line)) = watch {
            let steps = Some((AtomicUsize::new(0), steps));
            return Self { shown: line.clone(), steps, stays: true };
        }
        let length = u64::try_from(steps).unwrap_or(u64::MAX);
        let bar = ProgressBar::with_draw_target(Some(length), target(watch));
        if let Ok(style) = ProgressStyle::with_template("{bar:24} {pos}/{len}  {wide_msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(120));
        Self { shown: bar, steps: None, stays: false }
    }

    /// Tells what is going on.
    pub fn say(&self, message: &str) {
        let message = match &self.steps {
            Some((done, all)) => format!("{}/{all}  {message}", done.load(Ordering::Relaxed)),
            None => message.to_owned(),
        };
        self.shown.set_message(safe(&message));
    }

    /// Tells that AWS is given time, and how much is left of it.
    pub fn wait(&self, left: Duration) {
        let left = left.as_millis().div_ceil(1000);
        self.say(&format!("waiting until AWS sees what was just made: {left} s left"));
    }

    /// One step is done.
    pub fn step(&self) {
        match &self.steps {
            Some((done, _)) => drop(done.fetch_add(1, Ordering::Relaxed)),
            None => self.shown.inc(1),
        }
    }

    /// Everything is done.
    pub fn clear(&self) {
        if !self.stays {
            self.shown.finish_and_clear();
        }
    }
}

fn target(watch: &Watch) -> ProgressDrawTarget {
    match watch {
        Watch::Person => ProgressDrawTarget::stderr(),
        Watch::Nobody | Watch::Line(_) => ProgressDrawTarget::hidden(),
    }
}
